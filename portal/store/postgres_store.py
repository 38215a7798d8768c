"""The store for several machines: everything in one PostgreSQL database, in a schema `portal` of its own.

What a block of writing does is one transaction: documents, records and files that are kept in it are kept when it ends
without an error, all of them or none. Two things are kept at once, whatever becomes of the block: lines of the access
log, which tell what was tried, and the numbers of ids, which are never given again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager

from portal.store.errors import Unavailable
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
from portal.store.postgres import documents, finding, inboxes
from portal.store.postgres.connections import Connections
from portal.store.postgres.content_files import ContentFiles
from portal.store.postgres.log import Log
from portal.store.postgres.records import Records
from portal.store.postgres.schema import make_ready


class PostgresStore:
    """`portal.store.port.Store` in the database at this URL.

    Raises `Unavailable` when it cannot be used, saying why.
    """

    def __init__(self, url: str) -> None:
        self._connections = Connections(url)
        try:
            make_ready(self._connections)
        except BaseException:
            self._connections.close()
            raise
        self._records = Records(self._connections)
        self._files = ContentFiles(self._connections)
        self._log = Log(self._connections)

    def writing(self) -> AbstractContextManager[Writing]:
        """A transaction, in which what was read stays true until it is written. RuntimeError when nested.

        Two blocks that wait for what the other holds: one of them gets `Unavailable`, and nothing of it is kept. A
        connection lost while a block ends also gives `Unavailable`; whether it was kept the document then tells.
        """
        return documents.writing(self._connections)

    def load(self, documents: Sequence[Json]) -> None:
        """Keeps many new documents in one transaction: all of them or none. Raises `ClaimTaken`, `Conflict`."""
        with self.writing() as writing:
            for document in documents:
                writing.add(document)

    def get(self, document_id: str) -> Json:
        """The document as last written. Raises `NotFound`, `Damaged`."""
        with self._connections.session() as session:
            return documents.get(session, document_id)

    def held(self, key: str, besides: str | None = None) -> int:
        """The sum of `holdings[key]` over all documents besides this one, at this moment."""
        with self._connections.session() as session:
            return documents.held(session, key, besides)

    def holder(self, claim: str, value: str) -> str | None:
        """The id of the document that holds the claim at this moment, or None."""
        with self._connections.session() as session:
            return documents.holder(session, claim, value)

    def search(self, search: Search, offset: int = 0, limit: int = 50) -> Page[Json]:
        """Documents that match, the last changed first, of one second the highest id; damaged ones are left out."""
        with self._connections.session() as session:
            return finding.search(session, search, offset, limit)

    def listed(self, search: Search, offset: int = 0, limit: int = 50) -> Page[Listed]:
        """What `search` finds, of its columns and its tasks' alone; damaged ones are left out."""
        with self._connections.session() as session:
            return finding.listed(session, search, offset, limit)

    def every(self, search: Search) -> Iterator[Json]:
        """All that match now, some at a time. Their ids alone are held in memory, and no connection in between."""
        return finding.every(self._connections, search)

    def count_by_lcsa(self, search: Search) -> Mapping[str, int]:
        """How many documents match, by LCSA."""
        with self._connections.session() as session:
            return finding.count_by_lcsa(session, search)

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
        with self._connections.session() as session:
            return inboxes.tasks(session, scopes, on, waiting, offset, limit, search)

    def tasks_to_come(self, scopes: Sequence[Scope], after: str, limit: int = 5) -> Sequence[TaskRow]:
        """Open tasks for any of these scopes that open on a date after this one, the first to open first."""
        with self._connections.session() as session:
            return inboxes.tasks_to_come(session, scopes, after, limit)

    def tasks_by_date(self, by: TaskDate, after: str, until: str) -> Iterator[TaskRow]:
        """Open tasks that somebody waits for with a date in this span, the earliest first; some at a time."""
        return inboxes.tasks_by_date(self._connections, by, after, until)

    def count_by_status(self, search: Search) -> Mapping[str, int]:
        """How many documents match, by status."""
        with self._connections.session() as session:
            return finding.count_by_status(session, search)

    def sums(self, keys: Sequence[str]) -> Mapping[str, int]:
        """The sum of each of these holdings over all documents, in one question."""
        with self._connections.session() as session:
            return documents.sums(session, keys)

    def with_notices_owed(self, limit: int = 100) -> Sequence[str]:
        """Ids of documents that owe a notice, those first that have not changed for the longest."""
        with self._connections.session() as session:
            return finding.with_notices_owed(session, limit)

    def with_task_due(self, step: str, on: str, limit: int = 100) -> Sequence[str]:
        """Ids of documents with an open task of this step that opens on this date or before, the earliest first."""
        with self._connections.session() as session:
            return finding.with_task_due(session, step, on, limit)

    def document_ids(self) -> Iterator[str]:
        """Every id, in order, the damaged ones too."""
        return documents.all_ids(self._connections)

    def get_record(self, kind: str, key: str) -> Json | None:
        """The record with its `revision`, or None. Within `writing()` nobody else can write it until the end."""
        return self._records.get(kind, key)

    def get_records(self, places: Sequence[tuple[str, str]]) -> Sequence[Json | None]:
        """Several records, by kind and key, in this order, in one question."""
        return self._records.several(places)

    def put_record(self, kind: str, key: str, value: Json, expected_revision: int | None = None) -> Json:
        """Keeps the record and returns it as kept; within `writing()` together with the block. Raises `Conflict`."""
        return self._records.put(kind, key, value, expected_revision)

    def delete_record(self, kind: str, key: str) -> None:
        """The record is no more; within `writing()` when the block ends."""
        self._records.delete(kind, key)

    def records(self, kind: str) -> Iterator[tuple[str, Json]]:
        """All records of a kind, by key in order."""
        return self._records.all(kind)

    def put_file(self, content: bytes) -> str:
        """Keeps the file and returns its SHA-256; within `writing()` together with the block."""
        return self._files.put(content)

    def get_file(self, sha256: str) -> bytes:
        """What was kept. Raises `NotFound`, `Damaged`."""
        return self._files.get(sha256)

    def append_log(self, line: Json) -> Json:
        """Adds a line and returns it as kept: at once, within `writing()` too."""
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
        """Never: a transaction is kept whole or not at all."""
        return False

    def revisions(self) -> Iterator[tuple[str, int]]:
        """The id and the revision of every document that can be read, in order."""
        return documents.revisions(self._connections)

    def record_kinds(self) -> Iterator[str]:
        """Every kind of which there is a record, in order."""
        return iter(self._records.kinds())

    def file_ids(self) -> Iterator[str]:
        """The SHA-256 of every file, in order."""
        return self._files.ids()

    def ids_given(self) -> Iterator[str]:
        """The last id that was given, for each prefix and year."""
        with self._connections.session() as session:
            return iter(documents.ids_given(session))

    def restore_document(self, document: Json) -> None:
        """Keeps the document at the revision that it carries. Raises `ClaimTaken`."""
        with documents.writing(self._connections) as writing:
            writing.restore(document)

    def restore_record(self, kind: str, key: str, value: Json) -> None:
        """Keeps the record at the revision that it carries."""
        self._records.restore(kind, key, value)

    def restore_log_lines(self, lines: Iterable[Json]) -> None:
        """Adds these lines as they are."""
        self._log.restore(lines)

    def restore_id_given(self, document_id: str) -> None:
        """Neither this id nor a lower number is given from now on."""
        documents.restore_id_given(self._connections, document_id)

    def damaged(self) -> Sequence[tuple[str, str]]:
        """(id, why) of every document that was changed by hand so that it is not what it is found as."""
        with self._connections.session() as session:
            return documents.damaged(session)

    def check(self) -> None:
        """Returns when the database answers and can be written; else raises `Unavailable`."""
        with self._connections.session() as session:
            if not session.rows("UPDATE portal.trial SET written_at = clock_timestamp() RETURNING written_at"):
                raise Unavailable("PostgreSQL: the table portal.trial is empty")

    def close(self) -> None:
        """Closes the connections."""
        self._connections.close()
