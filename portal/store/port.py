"""What every store promises. Both the TinyDB store and any other are held to this by the same tests.

A *document* is a dictionary that JSON can carry. The store reads these keys of it and no others:

- ``id``: its name, ``TPA-2026-0007``; never used twice.
- ``revision``: counts its writes, from 1. The store alone sets it.
- ``process``, ``lcsa``, ``organization``, ``status``: words to find it by.
- ``open_tasks``: a list of ``{"step", "role", "waiting", "opens_on", "goal_on", "due_on", "since", ...}``.
- ``history``: a list whose last entry's ``at`` is when it last changed.
- ``claims``: a dictionary of words that no other document may hold at the same time, ``{"office-id": "KERN-01"}``.
- ``holdings``: a dictionary of numbers that are added up over documents, ``{"uaag/Kern": 3}``.
- ``notices``: a list of ``{..., "sent_at": null or a time}``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of all documents: those of one role's tasks within these values. ``None`` means any."""

    role: str
    lcsa: str | None = None
    organization: str | None = None


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One open task as the index knows it: the document's id and the entry of its ``open_tasks``."""

    document_id: str
    process: str
    lcsa: str
    organization: str
    status: str
    task: Json


@dataclass(frozen=True, slots=True)
class Listed:
    """A document as the index knows it: all that a list shows of one, so that a list opens no document.

    ``changed_at`` is the time of its history's last entry, empty without one; ``tasks`` are its open tasks in their
    order, of each the role and the date on which it opens, empty for what can be taken at once.
    """

    id: str
    process: str
    lcsa: str
    organization: str
    status: str
    changed_at: str
    tasks: tuple[tuple[str, str], ...]


class TaskDate(StrEnum):
    """A date of a task by which it is found: on which it began to wait, or the one of its goal."""

    BEGAN = "began"  # the later of `opens_on` and the day, in UTC, of `since`
    GOAL = "goal_on"  # where it has none, `due_on`


COUNTED = 100
"""So many are counted at least: of documents found by words beyond the page, of tasks those whose day has come."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a longer list: ``rows`` from ``offset`` on, of ``total``; with ``more``, of more than that."""

    rows: Sequence[T]
    offset: int
    total: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for among documents; ``None`` and empty mean any.

    ``scopes`` limits what may be found to documents that match the lcsa and organization of at least one scope
    (its role does not matter here); an empty tuple finds nothing, ``None`` does not limit. ``words`` must all occur
    in id, lcsa or organization, in any case. ``by_name``: in the order of lcsa, organization and id, rather than the
    last changed first; not with scopes or words.
    """

    process: str | None = None
    scopes: tuple[Scope, ...] | None = None
    statuses: tuple[str, ...] = ()
    lcsa: str | None = None
    words: tuple[str, ...] = ()
    by_name: bool = False


@dataclass(frozen=True, slots=True)
class TaskSearch:
    """Which tasks of an inbox to look for; what is empty does not limit.

    ``step`` is the key of one; all ``words`` must occur in the document's id, lcsa or organization, in any case.
    """

    step: str = ""
    words: tuple[str, ...] = ()


EVERY_TASK = TaskSearch()


@dataclass(frozen=True, slots=True)
class LogSearch:
    """Which lines of the access log to look for; what is empty does not limit.

    All ``words`` must occur in a line's values, in any case; each of ``values`` must be the line's under that key, one
    of `LOG_KEYS`. ``since`` and ``until`` are compared with its ``at``: not before the first, before the second. Where
    ``at`` goes back by more than an hour from one line to the next, lines before that may not be found by ``since``.
    """

    words: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    since: str = ""
    until: str = ""


LOG_KEYS = ("who", "role", "did", "record", "outcome")
"""Keys of a line by whose values lines are found."""


class Writing(Protocol):
    """Inside ``Store.writing()``: what is read here cannot change until the block ends."""

    def get(self, document_id: str) -> Json:
        """As ``Store.get``, and nobody else can replace it until the block ends."""

    def new_id(self, prefix: str, year: int) -> str:
        """The next id of this year: ``TPA-2026-0007``. Four digits, more when they are needed. Never given twice."""

    def held(self, key: str, besides: str | None = None) -> int:
        """The sum of ``holdings[key]`` over all documents besides this one. No other writer can add to it meanwhile."""

    def holder(self, claim: str, value: str) -> str | None:
        """The id of the document that holds ``claims[claim] == value``, or None."""

    def add(self, document: Json) -> Json:
        """Keeps a new document at revision 1 and returns it as kept.

        Raises ``ClaimTaken``, ``Conflict`` (the id exists), ``Unavailable``.
        """

    def replace(self, document: Json, expected_revision: int) -> Json:
        """Keeps this in the place of the document with its id, one revision on, and returns it as kept.

        Raises ``Conflict`` when the kept revision is not the expected one, ``ClaimTaken``, ``NotFound``,
        ``Unavailable``. After any of these everything is as before.
        """

    def append_log(self, line: Json) -> None:
        """Adds a line to the access log before anything is kept that is written after it in this block.

        A store that keeps the whole block at once keeps the line with it, or neither; one that keeps each write sooner
        keeps the line at once, though the block ends with an error after it. Raises ``Unavailable``.
        """


class Store(Protocol):
    """Documents, records, files and the access log. Every method may raise ``Unavailable``.

    What is returned belongs to the caller: changing it changes nothing that is kept.
    """

    def writing(self) -> AbstractContextManager[Writing]:
        """A block within which what was read stays true until it is written. Keep it short. Not to be nested.

        What was written is kept once the block has ended without an error: it survives a kill and a power cut from
        then on. A store may keep each write sooner, and then keeps it though the block ends with an error after it.
        Records and files that are kept inside the block may be part of it; lines of the access log are when they are
        added through ``Writing.append_log``, and never through ``Store.append_log``.
        """

    def load(self, documents: Sequence[Json]) -> None:
        """Keeps many new documents at revision 1, all synced together at the end: to fill a store, quickly.

        Until it returns, a power cut may leave any of them there, gone or damaged. Other writers wait meanwhile.
        Raises ``ClaimTaken``, ``Conflict`` (an id exists); then those before it in the sequence may be there.
        """

    def get(self, document_id: str) -> Json:
        """The document as last written, by whichever process. Raises ``NotFound``, ``Damaged``."""

    def held(self, key: str, besides: str | None = None) -> int:
        """As ``Writing.held``, at this moment: others may add to it meanwhile. It waits for nobody."""

    def holder(self, claim: str, value: str) -> str | None:
        """As ``Writing.holder``, at this moment: others may take it or let it go meanwhile."""

    def search(self, search: Search, offset: int = 0, limit: int = 50) -> Page[Json]:
        """Documents that match, whole, the last changed first. Damaged ones are left out.

        Of what words find a store may count ``COUNTED`` beyond the page alone; then the page says that there are more.
        """

    def listed(self, search: Search, offset: int = 0, limit: int = 50) -> Page[Listed]:
        """What ``search`` finds, in the same order and counted alike, as the index knows it; no document is opened.

        One that was damaged after the store was opened may still be listed.
        """

    def every(self, search: Search) -> Iterator[Json]:
        """All that match when this is called, as ``search`` finds them, each once; a few at a time are in memory.

        What changes while they are read comes as it is by then; what is gone by then is left out.
        """

    def count_by_lcsa(self, search: Search) -> Mapping[str, int]:
        """How many documents match, by LCSA. Not for words."""

    def tasks(
        self,
        scopes: Sequence[Scope],
        on: str,
        waiting: bool = True,
        offset: int = 0,
        limit: int = 25,
        search: TaskSearch = EVERY_TASK,
    ) -> Page[TaskRow]:
        """Open tasks for any of these scopes that can be taken on this date (``opens_on`` empty or not after it).

        Of those that somebody waits for, unless ``waiting`` is False: then of all. The earliest ``goal_on`` first, or
        ``due_on`` where there is no goal (it has the largest delay), those without either after them, the longest open
        (``since``) first.
        Of those that open on a date a store may count ``COUNTED`` alone, and of what a search finds ``COUNTED`` beyond
        the page; then the page says that there are more.
        """

    def tasks_to_come(self, scopes: Sequence[Scope], after: str, limit: int = 5) -> Sequence[TaskRow]:
        """Open tasks for any of these scopes that somebody waits for and that open on a date after this one.

        The first to open first, each once.
        """

    def tasks_by_date(self, by: TaskDate, after: str, until: str) -> Iterator[TaskRow]:
        """Open tasks that somebody waits for, of which this date is after ``after`` and not after ``until``.

        The earliest first. What changes while they are read comes as it is by then; what moved to another date then may
        come twice, or not at all.
        """

    def count_by_status(self, search: Search) -> Mapping[str, int]:
        """How many documents match, by status."""

    def sums(self, keys: Sequence[str]) -> Mapping[str, int]:
        """The sum of ``holdings[key]`` over all documents, for each of these keys; 0 where none holds any.

        For pages: what others write meanwhile may change it. Who decides by it asks ``Writing.held``.
        """

    def with_notices_owed(self, limit: int = 100) -> Sequence[str]:
        """Ids of documents with a notice whose ``sent_at`` is empty, the longest owed first."""

    def with_task_due(self, step: str, on: str, limit: int = 100) -> Sequence[str]:
        """Ids of documents with an open task of this step whose ``opens_on`` is on or before this date."""

    def document_ids(self) -> Iterator[str]:
        """Every id, in order, the damaged ones too."""

    # Records: small things of the portal itself (people, drafts, invitations, conversion dates), by kind and key.

    def get_record(self, kind: str, key: str) -> Json | None:
        """The record as last written, with its ``revision``, or None. Raises ``Damaged``."""

    def get_records(self, places: Sequence[tuple[str, str]]) -> Sequence[Json | None]:
        """Several records, by kind and key, each as ``get_record`` gives it: a database is asked once."""

    def put_record(self, kind: str, key: str, value: Json, expected_revision: int | None = None) -> Json:
        """Keeps the record durably and returns it as kept, its ``revision`` one on.

        With ``expected_revision`` (0: it must not exist yet) raises ``Conflict`` when somebody else wrote first.
        """

    def delete_record(self, kind: str, key: str) -> None:
        """The record is no more; no error if it never was."""

    def records(self, kind: str) -> Iterator[tuple[str, Json]]:
        """All records of a kind, by key in order. Damaged ones are left out (``damaged`` names them)."""

    # Files: letters and signed papers, by the SHA-256 of what is in them.

    def put_file(self, content: bytes) -> str:
        """Keeps the file durably and returns its SHA-256, 64 hexadecimal digits. Keeping it twice keeps it once."""

    def get_file(self, sha256: str) -> bytes:
        """What was kept. Raises ``NotFound``; ``Damaged`` when it no longer has this checksum."""

    # The access log: lines that are only ever added.

    def append_log(self, line: Json) -> Json:
        """Adds a line and returns it as kept.

        That is with ``seq`` (from 1), ``previous`` (the hash of the line before) and ``hash``.
        """

    def log(self, offset: int = 0, limit: int = 100, words: tuple[str, ...] = ()) -> Page[Json]:
        """Lines in which all words occur, the newest first."""

    def log_found(self, search: LogSearch, before: int | None = None, limit: int = 100) -> Sequence[Json]:
        """Lines that match, the newest first, of those numbered below ``before``; damaged ones are left out."""

    def log_lines(self, after: int = 0) -> Iterator[Json]:
        """Every line numbered above ``after``, the oldest first.

        Raises ``Damaged`` at a line that cannot be read, or that stands where or beside what the store did not write.
        """

    def log_torn(self) -> bool:
        """Whether a line stands half written at the log's end: somebody is writing it, or was killed doing so.

        Nobody was told that it is kept. The next line takes its place.
        """

    # Copying everything, for backup, restore and move. What is restored is kept to the letter, revision and hash too.

    def revisions(self) -> Iterator[tuple[str, int]]:
        """The id and the revision of every document that can be read, in order of the ids."""

    def record_kinds(self) -> Iterator[str]:
        """Every kind of which there is a record, in order."""

    def file_ids(self) -> Iterator[str]:
        """The SHA-256 of every file, in order, the damaged ones too."""

    def ids_given(self) -> Iterator[str]:
        """The last id that was given, for each prefix and year, in order: ``TPA-2026-0007``."""

    def restore_document(self, document: Json) -> None:
        """Keeps the document at the revision that it carries, in the place of any with its id.

        Not inside ``writing()``. Raises ``ClaimTaken``, ``Unavailable``; ValueError when it carries no revision. After
        any of these everything is as before.
        """

    def restore_record(self, kind: str, key: str, value: Json) -> None:
        """Keeps the record at the revision that it carries, in the place of any with its key.

        Raises ValueError when it carries none.
        """

    def restore_log_lines(self, lines: Iterable[Json]) -> None:
        """Adds these lines with the ``seq``, ``previous`` and ``hash`` that they carry, the oldest first.

        Nothing is worked out anew: an altered line stays one that verification finds. Raises ValueError for a line
        whose ``seq`` is not after that of the line before it; those before it may be kept then.
        """

    def restore_id_given(self, document_id: str) -> None:
        """Neither this id nor a lower number of its prefix and year is given from now on. ValueError for no such id."""

    # Looking after it.

    def damaged(self) -> Sequence[tuple[str, str]]:
        """What cannot be read: (key, why), for documents and records. Empty when all is well."""

    def check(self) -> None:
        """Returns when the store answers and can be written; else raises ``Unavailable``."""

    def close(self) -> None:
        """Lets go of files and connections."""
