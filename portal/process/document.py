"""The document: one JSON object for each application, and its history, which is only ever added to.

Everything in a document besides its header follows from its history: sections, status and open tasks are worked out
anew after each entry. Each entry carries the SHA-256 of the entry before it, so that an alteration shows.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from portal.process.errors import HistoryAltered

Json = dict[str, Any]
Answers = dict[str, Any]

SCHEMA = 1
"""The number of the documents' form; a document of a lower number is upgraded when it is read."""

FIRST_PREVIOUS = "0" * 64
"""What stands as `previous` in the first entry."""


def canonical(value: object) -> bytes:
    """The one way in which a value is written as JSON for hashing: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def entry_hash(entry: Mapping[str, Any]) -> str:
    """The SHA-256 of an entry, over everything in it but its own `hash`."""
    return hashlib.sha256(canonical({key: value for key, value in entry.items() if key != "hash"})).hexdigest()


def at_utc(moment: datetime) -> str:
    """A moment as documents keep it: UTC, ISO 8601, to the second, ending in Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(at: str) -> datetime:
    """The moment that `at_utc` wrote."""
    return datetime.fromisoformat(at)


def section_name(step_key: str) -> str:
    """The key of a step's section: `legal-opinion` is kept under `legal_opinion`."""
    return step_key.replace("-", "_")


def section(document: Mapping[str, Any], step_key: str) -> Json:
    """What a step recorded last, or an empty dictionary."""
    found: Json = document.get(section_name(step_key), {})
    return found


def entries(document: Mapping[str, Any], step_key: str) -> list[Json]:
    """Every entry of a step, the oldest first."""
    return [entry for entry in document["history"] if entry["step"] == step_key]


def last_entry(document: Mapping[str, Any], step_key: str) -> Json | None:
    """The newest entry of a step, or None."""
    return next((entry for entry in reversed(document["history"]) if entry["step"] == step_key), None)


def is_read_in(entry: Mapping[str, Any]) -> bool:
    """Whether the entry tells of a step that was taken before the portal was there, and was read in from a sheet."""
    return "read_in" in entry


def was_read_in(document: Mapping[str, Any]) -> bool:
    """Whether the document began with what was read in from a sheet: an agreement older than the portal."""
    return bool(document.get("history")) and is_read_in(document["history"][0])


def chained(history: list[Json], entry: Json) -> list[Json]:
    """The history with this entry added: numbered, linked to the one before, and hashed."""
    previous = history[-1]["hash"] if history else FIRST_PREVIOUS
    linked = {**entry, "seq": len(history) + 1, "previous": previous}
    return [*history, {**linked, "hash": entry_hash(linked)}]


def verify_chain(document: Mapping[str, Any]) -> None:
    """Returns when every entry is as it was written and in its place. Raises `HistoryAltered`, naming the entry."""
    previous = FIRST_PREVIOUS
    for place, entry in enumerate(document["history"], start=1):
        if entry.get("seq") != place:
            raise HistoryAltered(document["id"], place, f"is numbered {entry.get('seq')}")
        if entry.get("previous") != previous:
            raise HistoryAltered(document["id"], place, "does not follow the entry before it")
        if entry.get("hash") != entry_hash(entry):
            raise HistoryAltered(document["id"], place, "is not what was written")
        previous = entry["hash"]
