"""`flask move`: everything from one store to another, while the portal is in use.

Round after round copies what changed meanwhile; the last one runs under the lock of writers, where no document can
change, and the two are compared afterwards. A mark stands in the new store until then: an interrupted move goes on
when it is begun again.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile, zip_longest

from portal.keeping.archive import as_bytes
from portal.keeping.holdings import MARK, MARK_KEY, Holdings, Outcome, log_lines, record_kinds, require_empty
from portal.store.errors import ClaimTaken, Damaged, NotFound
from portal.store.port import Json, Store

_MARK = {"what": "move"}
_ROUNDS = 5
"""Before the writers are kept out: the last of them have little left to copy."""


def move(source: Store, target: Store, then: Callable[[], None] = lambda: None) -> Outcome:
    """Copies everything into the empty store `target`, and returns how it compares with the source.

    `then` is called when everything is copied and no writer can go on: stop the portal there, and nothing that anybody
    does is lost; what is written without the lock (records, the access log) is copied once more after it. Raises
    `NotEmpty`; `Unavailable` when a store fails; whatever `then` raises.
    """
    require_empty(target, _MARK)
    target.put_record(MARK, MARK_KEY, _MARK)
    copying = _Copying(source, target)
    for _ in range(_ROUNDS):
        if not copying.round():
            break
    with source.writing():
        copying.round(alone=True)
        then()
        copying.round(alone=True)
    wrong = dict(_differences(copying)) | copying.wrong
    target.delete_record(MARK, MARK_KEY)
    return Outcome(_holdings(target), tuple(sorted(wrong.items())))


@dataclass
class _Copying:
    """A move under way: what was copied, as it was then."""

    source: Store
    target: Store
    revisions: dict[str, int] = field(default_factory=dict)
    records: dict[tuple[str, str], bytes] = field(default_factory=dict)
    last_line: int = -1
    wrong: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Takes over what an interrupted move has copied."""
        self.revisions |= self.target.revisions()
        newest = next(iter(self.target.log(0, 1).rows), None)
        self.last_line = newest["seq"] if newest else 0
        for kind in record_kinds(self.target):
            self.records |= {(kind, key): _digest(record) for key, record in self.target.records(kind)}

    def round(self, alone: bool = False) -> int:
        """Copies what changed since the round before, and returns how much. `alone`: no document can change now."""
        self.wrong.clear()
        return self._documents(alone) + self._records() + self._log() + self._files()

    def _documents(self, alone: bool) -> int:
        changed = [one for one, revision in self.source.revisions() if self.revisions.get(one) != revision]
        refused = {document_id: claim for document_id in changed if (claim := self._copy(document_id))}
        if alone:
            # Documents that pass claims on to each other: each lets go first.
            for document_id in refused:
                self.target.restore_document({**self.source.get(document_id), "claims": {}})
            refused = {document_id: claim for document_id in refused if (claim := self._copy(document_id))}
            self.wrong |= refused
        for document_id in self.source.ids_given():
            self.target.restore_id_given(document_id)
        return len(changed) - len(refused)

    def _copy(self, document_id: str) -> str:
        """Copies the document; returns why not, while another still holds its claim there, else nothing."""
        try:
            document = self.source.get(document_id)
        except (NotFound, Damaged) as error:
            self.wrong[document_id] = str(error)
            return ""
        try:
            self.target.restore_document(document)
        except ClaimTaken as taken:
            return str(taken)
        self.revisions[document_id] = document["revision"]
        return ""

    def _records(self) -> int:
        found: dict[tuple[str, str], bytes] = {}
        copied = 0
        for kind in record_kinds(self.source):
            for key, record in self.source.records(kind):
                found[kind, key] = digest = _digest(record)
                if self.records.get((kind, key)) != digest:
                    self.target.restore_record(kind, key, record)
                    copied += 1
        gone = self.records.keys() - found.keys()
        for kind, key in gone:
            self.target.delete_record(kind, key)
        self.records = found
        return copied + len(gone)

    def _log(self) -> int:
        before = self.last_line

        def noted() -> Iterator[Json]:
            for line in log_lines(self.source, self.last_line, self.wrong):
                yield line
                self.last_line = line["seq"]

        self.target.restore_log_lines(noted())
        return self.last_line - before

    def _files(self) -> int:
        there = set(self.target.file_ids())
        copied = 0
        for sha256 in self.source.file_ids():
            if sha256 not in there:
                try:
                    self.target.put_file(self.source.get_file(sha256))
                except (NotFound, Damaged) as error:
                    self.wrong[f"file {sha256}"] = str(error)
                else:
                    copied += 1
        return copied


def _digest(record: Json) -> bytes:
    # A store may give the keys in another order.
    return hashlib.sha256(as_bytes(record, in_order=True)).digest()


def _differences(copying: _Copying) -> Iterator[tuple[str, str]]:
    """What in the new store is not as it was in the old, and which documents have changed there since."""
    source, target = copying.source, copying.target
    yield from ((what, f"could not be copied: {why}") for what, why in source.damaged())
    kept = dict(target.revisions())
    for document_id, revision in source.revisions():
        moved = kept.pop(document_id, 0)
        if copying.revisions.get(document_id) != revision:
            yield document_id, "was written in the old store after the move"
        elif moved != revision or target.get(document_id) != source.get(document_id):
            yield document_id, "is not as in the old store"
    yield from ((document_id, "is not in the old store") for document_id in kept)
    there = {(kind, key): _digest(record) for kind in record_kinds(target) for key, record in target.records(kind)}
    for kind, key in sorted(dict(there.items() ^ copying.records.items())):
        yield f"{kind}/{key}", "is not as in the old store"
    before = takewhile(lambda line: line["seq"] <= copying.last_line, log_lines(source, 0, {}))
    for line, same in zip_longest(before, target.log_lines()):
        if line != same:
            yield f"access log, line {(line or same)['seq']}", "is not as in the old store"
    for sha256 in target.file_ids():
        target.get_file(sha256)  # raises when it is not what its checksum says


def _holdings(store: Store) -> Holdings:
    return Holdings(
        documents=sum(1 for _ in store.document_ids()),
        records=sum(1 for kind in record_kinds(store) for _ in store.records(kind)),
        log_lines=store.log(0, 1).total,
        files=sum(1 for _ in store.file_ids()),
    )
