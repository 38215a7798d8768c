"""`flask restore`: what a backup holds, into an empty store, and compared with the backup afterwards.

The whole file is checked before anything is kept. A mark stands in the store until everything is there: an interrupted
restore is seen, and goes on when the same backup is restored again.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

from portal.keeping.archive import NotABackup, checked, entries, from_bytes, manifest_of
from portal.keeping.backup import holdings_of, told_by
from portal.keeping.holdings import (
    FOLDERS,
    MARK,
    MARK_KEY,
    Holdings,
    NotEmpty,
    Outcome,
    beside_the_store,
    record_kinds,
    require_empty,
)
from portal.store.durable_file import make_folder, read_if_there, write_durably
from portal.store.errors import Damaged, NotFound
from portal.store.port import Json, Store

_NAMES = {
    "documents": re.compile(r"documents/([A-Za-z0-9][A-Za-z0-9._-]*)\.json"),
    "records": re.compile(r"records/([a-z0-9][a-z0-9-]*)/\d+\.json"),
    "access-log": re.compile(r"access-log/\d+\.jsonl"),
    "files": re.compile(r"files/([0-9a-f]{64})"),
    "folders": re.compile(rf"folders/((?:{'|'.join(FOLDERS)})/[^/.\0][^/\0]*)"),
    "ids-given.json": re.compile(r"ids-given\.json"),
}


@dataclass
class _Looked:
    """What a look at the whole backup found."""

    sha256: str
    revisions: dict[str, int] = field(default_factory=dict)  # of each document, as it was last copied
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def holdings(self) -> Holdings:
        return holdings_of(self.counts, len(self.revisions))


@dataclass(frozen=True, slots=True)
class _Thing:
    """One thing of a backup: of which sort, under which key, and what it is."""

    sort: str
    key: str
    value: Any


def restore(store: Store, data: Path, path: Path, newest_schema: int) -> Outcome:
    """Keeps everything that the backup holds, and returns how that compares with the backup.

    Raises `NotABackup` (also for documents with a `schema` higher than `newest_schema`), `NotEmpty`, OSError; then
    nothing was kept. Raises `Unavailable` when the store fails; then the same restore can be begun again.
    """
    looked = _look_at(path, newest_schema)
    mark = {"what": "restore", "backup": looked.sha256}
    require_empty(store, mark)
    _require_none_beside(data, path)
    store.put_record(MARK, MARK_KEY, mark)
    last_line = _last_line(store)
    for thing in _things(path, looked):
        _keep(store, data, thing, last_line)
    wrong = dict(_differences(store, data, path, looked))
    store.delete_record(MARK, MARK_KEY)
    left_out = manifest_of(path)["left_out"]
    wrong |= {what: f"is not in the backup: {why}" for what, why in left_out.items()}
    return Outcome(looked.holdings, tuple(sorted(wrong.items())))


def restore_one(store: Store, path: Path, document_id: str, newest_schema: int) -> Json:
    """Puts one document, which is damaged or missing in the store, back as the backup has it, and returns it.

    Raises `NotABackup`, `NotEmpty` when the one in the store can be read, `NotFound` when the backup has none.
    """
    looked = _look_at(path, newest_schema)
    try:
        store.get(document_id)
    except (NotFound, Damaged):
        for thing in _things(path, looked):
            if (thing.sort, thing.key) == ("documents", document_id):
                store.restore_document(thing.value)
                return store.get(document_id)
        raise NotFound("document", f"{document_id} in {path}") from None
    raise NotEmpty(f"{document_id}, and it can be read")


def _look_at(path: Path, newest_schema: int) -> _Looked:
    """Reads the whole backup once. Raises `NotABackup`."""
    with open(path, "rb") as file:
        looked = _Looked(hashlib.file_digest(file, "sha256").hexdigest())
    for name, content in checked(path):
        sort = name.partition("/")[0]
        try:
            for thing in _things_in(name, content):
                looked.counts[sort] += len(thing.value) if sort == "access-log" else 1
                _look_at_thing(looked, thing, newest_schema)
        except (ValueError, KeyError, TypeError) as error:
            raise NotABackup(path, f"{name}: {error}") from error
    told, found = told_by(manifest_of(path)), looked.holdings
    if told != found:
        raise NotABackup(path, f"it holds {found}, and should hold {told}")
    return looked


def _look_at_thing(looked: _Looked, thing: _Thing, newest_schema: int) -> None:
    match thing.sort:
        case "documents":
            if thing.value["id"] != thing.key or type(thing.value["revision"]) is not int:
                raise ValueError("is not that document")
            if thing.value.get("schema", 0) > newest_schema:
                raise ValueError(f"was written by a newer version of the portal (schema {thing.value['schema']})")
            looked.revisions[thing.key] = thing.value["revision"]
        case "records":
            if type(thing.value["revision"]) is not int:
                raise ValueError("carries no revision")
        case "files":
            if hashlib.sha256(thing.value).hexdigest() != thing.key:
                raise ValueError("has another checksum than its name says")


def _things_in(name: str, content: bytes) -> Iterator[_Thing]:
    """What an entry holds. Raises ValueError for an entry that no backup has."""
    sort = name.partition("/")[0]
    found = _NAMES[sort].fullmatch(name) if sort in _NAMES else None
    if found is None:
        raise ValueError("is no entry of a backup")
    match sort:
        case "documents":
            yield _Thing(sort, found[1], from_bytes(content))
        case "records":
            kept = from_bytes(content)
            yield _Thing(sort, f"{found[1]}/{kept['key']}", kept["record"])
        case "access-log":
            lines = [from_bytes(line) for line in content.splitlines()]
            yield _Thing(sort, f"access log, line {lines[0]['seq']} to {lines[-1]['seq']}", lines)
        case "ids-given.json":
            for document_id in from_bytes(content):
                yield _Thing(sort, document_id, None)
        case _:
            yield _Thing(sort, found[1], content)


def _things(path: Path, looked: _Looked) -> Iterator[_Thing]:
    """Everything to be kept: of documents that were copied twice the later."""
    for name, content in entries(path):
        if "/" in name or name in _NAMES:
            for thing in _things_in(name, content):
                if thing.sort != "documents" or thing.value["revision"] == looked.revisions[thing.key]:
                    yield thing


def _last_line(store: Store) -> int:
    newest = next(iter(store.log(0, 1).rows), None)
    return newest["seq"] if newest else 0


def _keep(store: Store, data: Path, thing: _Thing, last_line: int) -> None:
    """Keeps one thing; of the access log what comes after this line."""
    match thing.sort:
        case "documents":
            store.restore_document(thing.value)
        case "records":
            kind, _, key = thing.key.partition("/")
            store.restore_record(kind, key, thing.value)
        case "access-log":
            # An interrupted restore has kept the first of them.
            store.restore_log_lines(line for line in thing.value if line["seq"] > last_line)
        case "files":
            store.put_file(thing.value)
        case "ids-given.json":
            store.restore_id_given(thing.key)
        case "folders":
            make_folder((data / thing.key).parent)
            write_durably(data / thing.key, thing.value)


def _require_none_beside(data: Path, path: Path) -> None:
    """Returns when no file beside the store would be replaced by another. Raises `NotEmpty`."""
    there = dict(beside_the_store(data))
    if not there:
        return
    for name, content in entries(path):
        beside = there.get(name.removeprefix("folders/"))
        if beside is not None and beside.read_bytes() != content:
            raise NotEmpty(str(beside))


def _differences(store: Store, data: Path, path: Path, looked: _Looked) -> Iterator[tuple[str, str]]:
    """What in the store is not as in the backup, thing by thing."""
    lines = (line for thing in _things(path, looked) if thing.sort == "access-log" for line in thing.value)
    for told, kept in zip_longest(lines, store.log_lines()):
        if told != kept:
            yield f"access log, line {(told or kept)['seq']}", "is not as in the backup"
    for thing in _things(path, looked):
        try:
            same = _is_kept(store, data, thing)
        except (NotFound, Damaged) as error:
            yield thing.key, str(error)
        else:
            if not same:
                yield thing.key, "is not as in the backup"
    yield from _too_many(store, looked.holdings)


def _is_kept(store: Store, data: Path, thing: _Thing) -> bool:
    kept: object = (
        thing.value
    )  # the access log is compared as a whole; ids given are a number below which none is given
    match thing.sort:
        case "documents":
            kept = store.get(thing.key)
        case "records":
            kind, _, key = thing.key.partition("/")
            kept = store.get_record(kind, key)
        case "files":
            kept = store.get_file(thing.key)
        case "folders":
            kept = read_if_there(data / thing.key, thing.key)
    return bool(kept == thing.value)


def _too_many(store: Store, holdings: Holdings) -> Iterator[tuple[str, str]]:
    numbers = {
        "documents": (sum(1 for _ in store.document_ids()), holdings.documents),
        "records": (sum(1 for kind in record_kinds(store) for _ in store.records(kind)), holdings.records),
        "files": (sum(1 for _ in store.file_ids()), holdings.files),
    }
    for what, (there, told) in numbers.items():
        if there != told:
            yield what, f"there are {there}, and the backup holds {told}"
