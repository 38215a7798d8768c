"""The documents of a data folder: a file for each, an index of all, and one writer at a time.

Other processes may share the folder. Each query first asks `changes` what they wrote, so that what it answers is true.
"""

import gc
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from portal.store import document_file
from portal.store.access_log import AccessLog
from portal.store.changes import BEGIN, END, GIVEN, Changes
from portal.store.document_form import as_json, is_document_id
from portal.store.document_row import Row, row_of
from portal.store.documents_index import DocumentsIndex
from portal.store.durable_file import TEMPORARY, make_folder, remove_leftovers, unavailable_when_failing
from portal.store.errors import ClaimTaken, Conflict, Damaged, NotFound, Unavailable
from portal.store.folder_lock import FolderLock
from portal.store.port import Json
from portal.store.records import revision_in

_MANY = 1000
"""From so many documents on, what is there once the index is filled is never again searched for garbage."""

_NUMBERED = re.compile(r"(.+)-(\d{4})-(\d{4,})")


@contextmanager
def _no_search_for_garbage() -> Iterator[None]:
    # Millions of small objects are made at the start, none of them garbage: looking for it doubles the time.
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Documents:
    """The documents under `data/documents`, their index and their lock."""

    def __init__(self, data: Path, log: AccessLog) -> None:
        self.folder = data / "documents"
        self.log = log
        self._writers = FolderLock(data / ".lock")
        self._changes = Changes(data / "changes")
        self._lock = threading.RLock()
        self._index = DocumentsIndex()
        self._damaged: dict[str, str] = {}
        self._unsettled: set[str] = set()  # their files may have been replaced without our knowing
        self._given: dict[tuple[str, str], int] = {}  # (prefix, year) -> the highest number
        with unavailable_when_failing(f"{self.folder} cannot be read"):
            make_folder(self.folder)
            remove_leftovers(self.folder)
            self._build()

    def _build(self) -> None:
        # What is added to `changes` from here on is read again by the first query: nothing falls between.
        self._note(self._changes.unread())
        rows = []
        with _no_search_for_garbage():
            for document_id in self._ids_of_files():
                self._know(document_id)
                try:
                    rows.append(self._row(document_id))
                except Damaged as damaged:
                    self._damaged[document_id] = damaged.why
            self._index.fill(rows)
            if len(rows) >= _MANY:
                # The search would walk through all of the index soon, and again and again later. What is garbage by now
                # stays: little in a server, much in tests, which open one small store after the other.
                gc.freeze()

    def _ids_of_files(self) -> list[str]:
        suffix = document_file.SUFFIX
        names = os.listdir(self.folder)
        return sorted(n.removesuffix(suffix) for n in names if n.endswith(suffix) and not n.startswith(TEMPORARY))

    def _row(self, document_id: str) -> Row:
        try:
            return row_of(document_file.read_document_quickly(self.folder, document_id))
        except ValueError as error:
            raise Damaged("document", document_id, str(error)) from error

    def _know(self, document_id: str) -> None:
        if numbered := _NUMBERED.fullmatch(document_id):
            prefix, year, number = numbered.groups()
            self._given[prefix, year] = max(self._given.get((prefix, year), 0), int(number))

    def _note(self, changes: list[tuple[str, str]]) -> set[str]:
        """Takes in what others wrote; returns the ids of documents to be read again."""
        ended = set()
        for document_id in {document_id for _, document_id in changes}:
            self._know(document_id)
        for word, document_id in changes:
            if word == BEGIN:
                self._unsettled.add(document_id)
            elif word == END:
                self._unsettled.discard(document_id)
                ended.add(document_id)
        return ended | self._unsettled

    def _read_again(self, document_id: str) -> None:
        try:
            row = self._row(document_id)
        except (NotFound, Damaged) as error:
            self._index.drop(document_id)
            self._damaged.pop(document_id, None)
            if isinstance(error, Damaged):
                self._damaged[document_id] = error.why
        else:
            self._damaged.pop(document_id, None)
            self._index.put(row)

    def _catch_up(self) -> None:
        with unavailable_when_failing("the changes cannot be read"):
            again = self._note(self._changes.unread())
        unsettled = set(self._unsettled)
        self._unsettled |= again  # should reading fail here, the next query tries again
        for document_id in again:
            self._read_again(document_id)
        self._unsettled = unsettled

    @contextmanager
    def up_to_date(self) -> Iterator[DocumentsIndex]:
        """The index, with everything in it that anybody wrote before. Raises `Unavailable`."""
        with self._lock:
            self._catch_up()
            yield self._index

    def get(self, document_id: str) -> Json:
        """As `Store.get`."""
        return document_file.read_document(self.folder, document_id)

    def get_one_of_many(self, document_id: str) -> Json:
        """As `get`, in half the time, past TinyDB: for pages and files that show many documents."""
        return document_file.read_document_quickly(self.folder, document_id)

    def ids(self) -> list[str]:
        """As `Store.document_ids`."""
        with self.up_to_date() as index:
            return sorted([*index.ids(), *self._damaged])

    def revisions(self) -> Iterator[tuple[str, int]]:
        """As `Store.revisions`."""
        for document_id in self.ids():
            with suppress(NotFound, Damaged):
                yield document_id, document_file.read_document_quickly(self.folder, document_id)["revision"]

    def ids_given(self) -> list[str]:
        """As `Store.ids_given`."""
        with self.up_to_date():
            return self._last_given()

    def _last_given(self) -> list[str]:
        return sorted(f"{prefix}-{year}-{number:04d}" for (prefix, year), number in self._given.items())

    def damaged(self) -> list[tuple[str, str]]:
        """(id, why) of every document that cannot be read; reads them all, for damage does not announce itself."""
        with self.up_to_date() as index:
            known = {*index.ids(), *self._damaged}
        with unavailable_when_failing(f"{self.folder} cannot be read"):
            known.update(self._ids_of_files())
        for document_id in known:
            with self._lock:
                self._read_again(document_id)
        with self._lock:
            return sorted(self._damaged.items())

    @contextmanager
    def writing(self) -> Iterator["DocumentsWriting"]:
        """As `Store.writing`."""
        with self._writers.held():
            with self._lock:
                self._catch_up()
                self._settle()
            block = DocumentsWriting(self)
            try:
                yield block
            finally:
                block.over = True

    def _settle(self) -> None:
        """Ends what killed writers began: nobody else writes now, so what the files hold is what there is."""
        # What cannot be settled now (the disk is full) stays unsettled, and is read again at each query: no reason
        # to keep out one who may only want to read what cannot change.
        with suppress(OSError):
            for document_id in sorted(self._unsettled):
                self._changes.add(END, document_id)
                self._unsettled.discard(document_id)
            if self._changes.is_long:
                self._changes.begin_anew(self._last_given())

    def give_id(self, prefix: str, year: int) -> str:
        """As `Writing.new_id`, for the holder of the lock."""
        with self._lock, unavailable_when_failing("the changes cannot be written"):
            number = self._given.get((prefix, f"{year:04d}"), 0) + 1
            document_id = f"{prefix}-{year:04d}-{number:04d}"
            self._changes.add(GIVEN, document_id)
            self._know(document_id)
            return document_id

    def keep(
        self, document: Json, revision: int, write: Callable[[Path, Json], None] = document_file.write_document
    ) -> Json:
        """Writes the document at this revision, for the holder of the lock. Raises `ClaimTaken`, `Unavailable`."""
        kept = as_json({**document, "revision": revision})
        document_id, row = kept["id"], row_of(kept)
        with self._lock, unavailable_when_failing(f"{document_id} cannot be written"):
            for claim, value in row.claims:
                holder = self._index.holder(claim, value)
                if holder not in (None, document_id):
                    raise ClaimTaken(claim, str(holder))
            self._changes.add(BEGIN, document_id)
        try:
            write(self.folder, kept)
        except BaseException as error:
            with self._lock:
                self._unsettled.add(document_id)
            if isinstance(error, OSError):
                raise Unavailable(f"{document_id} cannot be written: {error.strerror or error}") from error
            raise
        with self._lock:
            self._know(document_id)
            self._index.put(row)
            try:
                self._changes.add(END, document_id)
            except OSError:
                # The document is kept. Everybody reads it again at each query until a later writer ends this.
                self._unsettled.add(document_id)
        return kept

    def restore(self, document: Json) -> None:
        """As `Store.restore_document`."""
        if not is_document_id(document["id"]):
            raise ValueError(f"{document['id']!r} cannot be a document's id")
        with self.writing():
            self.keep(document, revision_in(document, document["id"]), document_file.restore_document)
            with self._lock:
                self._damaged.pop(document["id"], None)

    def restore_id_given(self, document_id: str) -> None:
        """As `Store.restore_id_given`."""
        if not _NUMBERED.fullmatch(document_id):
            raise ValueError(f"{document_id!r} has no year and number")
        with self.writing(), self._lock, unavailable_when_failing("the changes cannot be written"):
            self._changes.add(GIVEN, document_id)
            self._know(document_id)

    def load(self, documents: Sequence[Json]) -> None:
        """As `Store.load`."""
        with self._writers.held(), self._lock:
            self._catch_up()
            self._settle()
            rows: list[Row] = []
            claims: dict[tuple[str, str], str] = {}  # of these documents, which the index does not know yet
            try:
                with unavailable_when_failing("the documents cannot be written"):
                    for document in documents:
                        row = self._put_down(document, claims)
                        rows.append(row)
                        claims |= dict.fromkeys(row.claims, row.document_id)
                    os.sync()
            finally:
                self._index.fill(rows)

    def _put_down(self, document: Json, claims: Mapping[tuple[str, str], str]) -> Row:
        """Writes a new document's file without syncing it. Raises OSError, `ClaimTaken`, `Conflict`."""
        kept = as_json({**document, "revision": 1})
        document_id, row = kept["id"], row_of(kept)
        if not is_document_id(document_id):
            raise ValueError(f"{document_id!r} cannot be a document's id")
        for claim, value in row.claims:
            holder = claims.get((claim, value)) or self._index.holder(claim, value)
            if holder not in (None, document_id):
                raise ClaimTaken(claim, str(holder))
        self._changes.add(BEGIN, document_id)
        try:
            document_file.put_document_down(self.folder, kept)
        except FileExistsError:
            self._changes.add(END, document_id)
            raise Conflict(document_id, 0, -1) from None
        except BaseException:
            self._unsettled.add(document_id)
            raise
        self._changes.add(END, document_id)
        self._know(document_id)
        return row

    def close(self) -> None:
        """Lets go of `changes`."""
        with self._lock:
            self._changes.close()


class DocumentsWriting:
    """What can be done inside `writing()`; `portal.store.port.Writing`."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self.over = False

    def get(self, document_id: str) -> Json:
        """The document; nobody else can replace it until the block ends."""
        self._inside()
        return self._documents.get(document_id)

    def new_id(self, prefix: str, year: int) -> str:
        """The next id of this year, never given twice."""
        self._inside()
        return self._documents.give_id(prefix, year)

    def held(self, key: str, besides: str | None = None) -> int:
        """The sum of `holdings[key]` over all documents besides this one."""
        self._inside()
        with self._documents.up_to_date() as index:
            return index.held(key, besides)

    def holder(self, claim: str, value: str) -> str | None:
        """The id of the document that holds the claim, or None."""
        self._inside()
        with self._documents.up_to_date() as index:
            return index.holder(claim, value)

    def add(self, document: Json) -> Json:
        """Keeps a new document. Raises `ClaimTaken`, `Conflict`, `Unavailable`; ValueError for an id that is none."""
        self._inside()
        document_id = document["id"]
        if not is_document_id(document_id):
            raise ValueError(f"{document_id!r} cannot be a document's id")
        try:
            found = self._documents.get(document_id)["revision"]
        except NotFound:
            return self._documents.keep(document, 1)
        except Damaged:
            found = -1
        raise Conflict(document_id, 0, found)

    def replace(self, document: Json, expected_revision: int) -> Json:
        """Keeps the document's next revision. Raises `Conflict`, `ClaimTaken`, `NotFound`, `Damaged`, `Unavailable`."""
        self._inside()
        found = self._documents.get(document["id"])["revision"]
        if found != expected_revision:
            raise Conflict(document["id"], expected_revision, found)
        return self._documents.keep(document, found + 1)

    def append_log(self, line: Json) -> None:
        """Adds a line to the access log at once: what is kept after it is not kept if it cannot be added."""
        self._inside()
        self._documents.log.append(line)

    def _inside(self) -> None:
        if self.over:
            raise RuntimeError("the block of writing is over")
