"""Documents as a store knows them, made up for its tests."""

from typing import Any

from portal.store.port import Json, Store

EARLY, LATE = "2026-11-02T08:00:00Z", "2026-11-20T08:00:00Z"


def a_document(number: int = 1, *, changed: str = EARLY, **keys: Any) -> Json:
    """TPA-2026-0001 of Kern IV-A, or another number, with these keys."""
    return {
        "id": f"TPA-2026-{number:04d}",
        "process": "third-party-access",
        "lcsa": "Kern",
        "organization": "Kern IV-A",
        "status": "identified",
        "open_tasks": [],
        "history": [{"seq": 1, "at": changed}],
        "claims": {},
        "holdings": {},
        "notices": [],
        **keys,
    }


def a_task(role: str, step: str = "legal-opinion", **keys: Any) -> Json:
    """An open task that somebody waits for, without a goal, that can be taken at once."""
    return {"step": step, "role": role, "waiting": True, "opens_on": None, "goal_on": None, "since": EARLY, **keys}


def add(store: Store, document: Json) -> Json:
    """Adds a document in a block of its own."""
    with store.writing() as writing:
        return writing.add(document)


def change(store: Store, document_id: str, **keys: Any) -> Json:
    """Replaces a document by itself with these keys, in a block of its own."""
    with store.writing() as writing:
        document = writing.get(document_id)
        return writing.replace({**document, **keys}, document["revision"])
