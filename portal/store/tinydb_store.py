"""The default store: a data folder on this machine's disk, which several processes may share.

- `documents/TPA-2026-0007.json`: a TinyDB file for each document.
- `records/people/ana%40example%2Eorg.json`: a small file for each record.
- `files/ab/ab34...`: files by their SHA-256.
- `access-log/2026-11.jsonl`: the log, a file for each month.
- `changes`, `.lock*`: how processes tell each other what they wrote, and wait for each other.
"""

import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from portal.store.access_log import AccessLog
from portal.store.content_files import ContentFiles
from portal.store.documents import Documents
from portal.store.durable_file import TEMPORARY, make_folder, unavailable_when_failing
from portal.store.errors import Damaged, NotFound
from portal.store.port import (
    EVERY_TASK,
    Json,
    Listed,
    LogSearch,
    Page,
    Scope,
    Search,
    TaskDate,
    TaskRow,
    TaskSearch,
    Writing,
)
from portal.store.records import Records


class TinyDBStore:
    """`portal.store.port.Store` in the folder `data`, which is made when it is not there.

    Raises `Unavailable` when the folder cannot be read or made.
    """

    def __init__(self, data: Path) -> None:
        self._data = data.resolve()
        with unavailable_when_failing(f"{data} cannot be made"):
            make_folder(self._data)
        self._log = AccessLog(self._data)
        self._documents = Documents(self._data, self._log)
        self._records = Records(self._data)
        self._files = ContentFiles(self._data)

    def writing(self) -> AbstractContextManager[Writing]:
        """A block within which what was read stays true until it is written. RuntimeError when nested."""
        return self._documents.writing()

    def load(self, documents: Sequence[Json]) -> None:
        """Keeps many new documents, synced together at the end. Raises `ClaimTaken`, `Conflict`, `Unavailable`."""
        self._documents.load(documents)

    def get(self, document_id: str) -> Json:
        """The document as last written. Raises `NotFound`, `Damaged`."""
        return self._documents.get(document_id)

    def held(self, key: str, besides: str | None = None) -> int:
        """The sum of `holdings[key]` over all documents besides this one, at this moment."""
        with self._documents.up_to_date() as index:
            return index.held(key, besides)

    def holder(self, claim: str, value: str) -> str | None:
        """The id of the document that holds the claim at this moment, or None."""
        with self._documents.up_to_date() as index:
            return index.holder(claim, value)

    def search(self, search: Search, offset: int = 0, limit: int = 50) -> Page[Json]:
        """Documents that match, the last changed first, of one second the highest id; damaged ones are left out."""
        with self._documents.up_to_date() as index:
            page = index.search(search, offset, limit)
        return Page(list(self._readable(page.rows)), page.offset, page.total)

    def listed(self, search: Search, offset: int = 0, limit: int = 50) -> Page[Listed]:
        """What `search` finds, as the index knows it. A file that was damaged since is listed still."""
        with self._documents.up_to_date() as index:
            return index.listed(search, offset, limit)

    def every(self, search: Search) -> Iterator[Json]:
        """All that match now, one after the other. Their ids alone are held in memory."""
        with self._documents.up_to_date() as index:
            ids = index.search(search, 0, len(index)).rows
        return self._readable(ids)

    def count_by_lcsa(self, search: Search) -> Mapping[str, int]:
        """How many documents match, by LCSA."""
        with self._documents.up_to_date() as index:
            return index.count_by_lcsa(search)

    def _readable(self, ids: Sequence[str]) -> Iterator[Json]:
        for document_id in ids:
            try:
                yield self._documents.get_one_of_many(document_id)
            except (NotFound, Damaged):
                continue

    def tasks(
        self,
        scopes: Sequence[Scope],
        on: str,
        waiting: bool = True,
        offset: int = 0,
        limit: int = 25,
        search: TaskSearch = EVERY_TASK,
    ) -> Page[TaskRow]:
        """Open tasks for any of these scopes that can be taken on this date, the earliest goal first."""
        with self._documents.up_to_date() as index:
            return index.tasks(scopes, on, waiting, offset, limit, search)

    def tasks_to_come(self, scopes: Sequence[Scope], after: str, limit: int = 5) -> Sequence[TaskRow]:
        """Open tasks for any of these scopes that open on a date after this one, the first to open first."""
        with self._documents.up_to_date() as index:
            return index.tasks_to_come(scopes, after, limit)

    def tasks_by_date(self, by: TaskDate, after: str, until: str) -> Iterator[TaskRow]:
        """Open tasks that somebody waits for with a date in this span, the earliest first; a day at a time."""
        with self._documents.up_to_date() as index:
            dates = index.task_dates(by, after, until)
        for date in dates:
            with self._documents.up_to_date() as index:
                rows = index.tasks_on(by, date)
            yield from rows

    def count_by_status(self, search: Search) -> Mapping[str, int]:
        """How many documents match, by status."""
        with self._documents.up_to_date() as index:
            return index.count_by_status(search)

    def sums(self, keys: Sequence[str]) -> Mapping[str, int]:
        """The sum of each of these holdings over all documents."""
        with self._documents.up_to_date() as index:
            return {key: index.held(key, None) for key in keys}

    def with_notices_owed(self, limit: int = 100) -> Sequence[str]:
        """Ids of documents that owe a notice, those first that have not changed for the longest."""
        with self._documents.up_to_date() as index:
            return index.with_notices_owed(limit)

    def with_task_due(self, step: str, on: str, limit: int = 100) -> Sequence[str]:
        """Ids of documents with an open task of this step that opens on this date or before, the earliest first."""
        with self._documents.up_to_date() as index:
            return index.with_task_due(step, on, limit)

    def document_ids(self) -> Iterator[str]:
        """Every id, in order, the damaged ones too."""
        return iter(self._documents.ids())

    def get_record(self, kind: str, key: str) -> Json | None:
        """The record with its `revision`, or None. Raises `Damaged`."""
        return self._records.get(kind, key)

    def get_records(self, places: Sequence[tuple[str, str]]) -> Sequence[Json | None]:
        """Several records, by kind and key, in this order. Raises `Damaged`."""
        return [self._records.get(kind, key) for kind, key in places]

    def put_record(self, kind: str, key: str, value: Json, expected_revision: int | None = None) -> Json:
        """Keeps the record and returns it as kept. Raises `Conflict`. May be called inside `writing()`."""
        return self._records.put(kind, key, value, expected_revision)

    def delete_record(self, kind: str, key: str) -> None:
        """The record is no more."""
        self._records.delete(kind, key)

    def records(self, kind: str) -> Iterator[tuple[str, Json]]:
        """All records of a kind that can be read, by key in order."""
        return self._records.all(kind)

    def put_file(self, content: bytes) -> str:
        """Keeps the file and returns its SHA-256."""
        return self._files.put(content)

    def get_file(self, sha256: str) -> bytes:
        """What was kept. Raises `NotFound`, `Damaged`."""
        return self._files.get(sha256)

    def append_log(self, line: Json) -> Json:
        """Adds a line and returns it as kept. May be called inside `writing()`."""
        return self._log.append(line)

    def log(self, offset: int = 0, limit: int = 100, words: tuple[str, ...] = ()) -> Page[Json]:
        """Lines in whose values all words occur, in any case, the newest first."""
        return self._log.page(offset, limit, words)

    def log_found(self, search: LogSearch, before: int | None = None, limit: int = 100) -> Sequence[Json]:
        """Lines that match, the newest first, of those numbered below `before`."""
        return self._log.found(search, before, limit)

    def log_lines(self, after: int = 0) -> Iterator[Json]:
        """Every line numbered above `after`, the oldest first. Raises `Damaged`."""
        return self._log.lines(after)

    def log_torn(self) -> bool:
        """Whether a line stands half written at the log's end."""
        return self._log.torn()

    def revisions(self) -> Iterator[tuple[str, int]]:
        """The id and the revision of every document that can be read, in order. Reads them all."""
        return self._documents.revisions()

    def record_kinds(self) -> Iterator[str]:
        """Every kind of which there is a record, in order."""
        return iter(self._records.kinds())

    def file_ids(self) -> Iterator[str]:
        """The SHA-256 of every file, in order."""
        return self._files.ids()

    def ids_given(self) -> Iterator[str]:
        """The last id that was given, for each prefix and year."""
        return iter(self._documents.ids_given())

    def restore_document(self, document: Json) -> None:
        """Keeps the document at the revision that it carries. Raises `ClaimTaken`."""
        self._documents.restore(document)

    def restore_record(self, kind: str, key: str, value: Json) -> None:
        """Keeps the record at the revision that it carries."""
        self._records.restore(kind, key, value)

    def restore_log_lines(self, lines: Iterable[Json]) -> None:
        """Adds these lines as they are."""
        self._log.restore(lines)

    def restore_id_given(self, document_id: str) -> None:
        """Neither this id nor a lower number is given from now on."""
        self._documents.restore_id_given(document_id)

    def damaged(self) -> Sequence[tuple[str, str]]:
        """What cannot be read: (key, why). Reads every document and record, so it is nothing for every request."""
        return [*self._documents.damaged(), *self._records.damaged()]

    def check(self) -> None:
        """Returns when the folder can be read and written; else raises `Unavailable`."""
        with self._documents.up_to_date():
            pass
        trial = self._documents.folder / f"{TEMPORARY}{secrets.token_hex(8)}-check"
        with unavailable_when_failing(f"{self._data} cannot be written"):
            try:
                trial.write_bytes(b"ok")
            finally:
                if trial.exists():
                    os.unlink(trial)

    def close(self) -> None:
        """Lets go of files."""
        self._documents.close()
