"""Whether a store is whole: `flask verify` content, nothing that was acknowledged missing, nothing half taken, and what
it finds things by in step with its documents.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from threading import Condition
from typing import Any

from portal import verify
from portal.parts import Portal
from portal.process.document import Json
from portal.process.take_step import advance
from portal.store.port import Scope, Search, Store

ALWAYS = "9999-12-31"
"""A date on which every task can be taken."""


@dataclass
class Ledger:
    """What people were told: a note of theirs stands on each step that they tried.

    Of each note: taken (303 seen), refused (another answer seen), or cut off (no answer seen: it may be either).
    """

    taken: dict[str, tuple[str, str]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    cut_off: set[str] = field(default_factory=set)
    _lock: Condition = field(default_factory=Condition)

    @property
    def tries(self) -> int:
        """How many steps were sent."""
        return len(self.taken) + len(self.refused) + len(self.cut_off)

    def tried(self, note: str) -> None:
        """It is about to be sent; until there is an answer it may or may not be taken."""
        with self._lock:
            self.cut_off.add(note)
            self._lock.notify_all()

    def wait_for_tries(self, more: int, timeout: float) -> bool:
        """Waits until so many more steps are on their way; whether they are."""
        with self._lock:
            enough = self.tries + more
            return self._lock.wait_for(lambda: self.tries >= enough, timeout)

    def wait_for_taken(self, more: int, timeout: float) -> bool:
        """Waits until people were told of so many more steps that they are taken; whether they were."""
        with self._lock:
            enough = len(self.taken) + more
            return self._lock.wait_for(lambda: len(self.taken) >= enough, timeout)

    def was_taken(self, note: str, document_id: str, step: str) -> None:
        """The person was told that the step is taken."""
        with self._lock:
            self.cut_off.discard(note)
            self.taken[note] = (document_id, step)

    def was_refused(self, note: str) -> None:
        """The person was told that nothing was recorded."""
        with self._lock:
            self.cut_off.discard(note)
            self.refused.add(note)

    def so_far(self) -> "Ledger":
        """What was told until now."""
        with self._lock:
            return Ledger(dict(self.taken), set(self.refused), set(self.cut_off))


def notes_in(store: Store) -> dict[str, list[tuple[str, str]]]:
    """Where each note stands: (document, step), of every document."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for document_id in store.document_ids():
        for entry in store.get(document_id)["history"]:
            if entry["note"]:
                found[entry["note"]].append((document_id, entry["step"]))
    return found


def lost_in(store: Store, told: Ledger) -> dict[str, tuple[str, str]]:
    """Every step that was told to be taken and is not there, by its note. Raises AssertionError when one is there twice,
    or is there though it was refused.
    """
    found = notes_in(store)
    twice = {note: places for note, places in found.items() if len(places) > 1}
    assert not twice, f"taken twice: {twice}"
    untrue = told.refused & found.keys()
    assert not untrue, f"refused and there: {untrue}"
    return {note: where for note, where in told.taken.items() if found.get(note) != [where]}


def verify_is_content(portal: Portal) -> verify.Report:
    """`flask verify` finds nothing; its report."""
    report = verify.run(portal)
    assert report.findings == (), report.findings
    return report


def nothing_is_half_taken(portal: Portal) -> None:
    """Every document is what its history makes of it, and everything that finds documents agrees with them.

    For a store in which nobody writes just now.
    """
    documents = [portal.store.get(document_id) for document_id in portal.store.document_ids()]
    for document in documents:
        _follows_from_its_history(portal, document)
    _is_found_as_it_is(portal.store, documents)


def _follows_from_its_history(portal: Portal, document: Json) -> None:
    process = portal.process_of(document)
    again: Json = {"id": document["id"]}
    for entry in document["history"]:
        bare = {key: value for key, value in entry.items() if key not in ("seq", "previous", "hash")}
        again = advance(process, again, bare, portal.calendar)
    for key in again.keys() - {"notices"}:
        assert document[key] == again[key], f"{document['id']}: {key}"


def _is_found_as_it_is(store: Store, documents: list[Json]) -> None:
    by_id = {document["id"]: document for document in documents}
    found = store.search(Search(), limit=len(documents) + 1)
    assert found.total == len(documents)
    assert {document["id"]: document for document in found.rows} == by_id
    assert store.count_by_status(Search()) == Counter(document["status"] for document in documents)
    expected: Counter[tuple[str, str, str]] = Counter()
    for document in documents:
        expected.update((document["id"], task["step"], task["role"]) for task in document["open_tasks"])
    roles = sorted({role for _, _, role in expected})
    rows = store.tasks([Scope(role) for role in roles], ALWAYS, waiting=False, limit=10_000)
    assert Counter((row.document_id, row.task["step"], row.task["role"]) for row in rows.rows) == expected
    assert rows.total == len(rows.rows)
    owing = {document["id"] for document in documents if any(not one["sent_at"] for one in document["notices"])}
    assert set(store.with_notices_owed(limit=10_000)) == owing
    held: Counter[str] = Counter()
    claims: dict[tuple[str, str], str] = {}
    for document in documents:
        held.update(document["holdings"])
        for claim, value in document["claims"].items():
            assert claims.setdefault((claim, value), document["id"]) == document["id"], f"{claim} {value} is held twice"
    with store.writing() as writing:
        assert {key: writing.held(key) for key in held} == dict(held)
        assert {key: writing.holder(*key) for key in claims} == claims


def everything_in(store: Store, kinds: tuple[str, ...]) -> dict[str, Any]:
    """All that the store keeps: documents, records of these kinds, files that documents name, log lines."""
    return {
        "documents": {document_id: store.get(document_id) for document_id in store.document_ids()},
        "records": {kind: dict(store.records(kind)) for kind in kinds},
        "log": list(store.log_lines()),
    }
