"""What a store holds, seen as a whole: whether it is empty, what of it cannot be read, and whether a copy ended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from portal.store.errors import Damaged
from portal.store.port import Json, Store

MARK, MARK_KEY = "unfinished", "copy"
"""Kind and key of the record that stands in a store while it is being filled, and in no backup."""

FOLDERS = ("letter-templates", "outbox")
"""What else stands in the data folder: the letters' templates that staff edited, and mail while no server is set."""

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much there is of everything."""

    documents: int = 0
    records: int = 0
    log_lines: int = 0
    files: int = 0
    others: int = 0

    def __str__(self) -> str:
        others = f", {self.others} files beside the store" if self.others else ""
        return (
            f"{self.documents} documents, {self.records} records, {self.files} files, "
            f"{self.log_lines} lines of the access log{others}"
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was copied, and what is wrong: (what, why) for everything that could not be read, or differs."""

    holdings: Holdings
    wrong: tuple[tuple[str, str], ...] = field(default=())


class NotEmpty(Exception):
    """There is something already where everything was to be put."""

    def __init__(self, what: str) -> None:
        super().__init__(f"there is something already: {what}")
        self.what = what


def require_empty(store: Store, mark: Json) -> None:
    """Returns when the store holds nothing, or what an interrupted copy with this mark left. Raises `NotEmpty`."""
    if (left := store.get_record(MARK, MARK_KEY)) is not None:
        if {**left, "revision": 0} != {**mark, "revision": 0}:
            raise NotEmpty(f"what an interrupted {left.get('what', 'copy')} left")
        return
    found = {
        "documents": next(iter(store.document_ids()), None),
        "records": next(record_kinds(store), None),
        "files": next(iter(store.file_ids()), None),
        "an access log": store.log(0, 1).total or None,
    }
    if there := [what for what, first in found.items() if first is not None]:
        raise NotEmpty(", ".join(there))


def unfinished(store: Store) -> str | None:
    """What is filling this store, or was when it was interrupted: "restore" or "move". None: nothing."""
    mark = store.get_record(MARK, MARK_KEY)
    return None if mark is None else str(mark.get("what", "copy"))


def record_kinds(store: Store) -> Iterator[str]:
    """Every kind of record that is to be copied."""
    return (kind for kind in store.record_kinds() if kind != MARK)


def log_lines(store: Store, after: int, wrong: dict[str, str]) -> Iterator[Json]:
    """The lines of the access log after this number that can be kept again; the others are named in `wrong`."""
    last = 0
    try:
        for line in store.log_lines():
            if line["seq"] <= last:
                wrong[f"access log, line {line['seq']}"] = f"stands after line {last}"
                continue
            last = line["seq"]
            if last > after:
                yield line
    except Damaged as damaged:
        wrong[f"access log, {damaged.key}"] = damaged.why
        yield from _newer(store, max(last, after))


def _newer(store: Store, last: int) -> Sequence[Json]:
    """The lines after this number, around those that cannot be read. In memory: damage is rare, and its end near."""
    found: dict[int, Json] = {}
    offset = 0
    while rows := store.log(offset, _CHUNK).rows:
        found |= {line["seq"]: line for line in rows if line["seq"] > last}
        if rows[-1]["seq"] <= last:
            break
        offset += _CHUNK
    return [found[seq] for seq in sorted(found)]


def beside_the_store(data: Path) -> Iterator[tuple[str, Path]]:
    """Name and path of every file that the portal keeps in the data folder beside the store."""
    for folder in FOLDERS:
        if (data / folder).is_dir():
            for path in sorted((data / folder).iterdir()):
                if path.is_file() and not path.name.startswith("."):
                    yield f"{folder}/{path.name}", path
