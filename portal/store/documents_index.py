"""What is known of every document without opening it: its open tasks, status, claims, holdings and notices owed.

In memory only, and only what queries ask for, so that it stays small; every list is kept in the order in which it is
shown, so that a page of it needs no sorting. Reads and writes no files. Not safe for threads: its owner has a lock.
"""

import sys
from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import orjson

from portal.store.port import Json, Page, Scope, Search, TaskRow

_LAST = "~"  # sorts after every date

K = TypeVar("K")
E = TypeVar("E", bound=tuple[Any, ...])
TaskKey = tuple[str, str | None, str | None]
"""Role, lcsa or None for any, organization or None for any."""


class TaskEntry(NamedTuple):
    """One open task, in the order of inboxes: the first four decide."""

    goal_on: str
    since: str
    document_id: str
    number: int
    role: str
    step: str
    opens_on: str
    waiting: bool
    as_json: bytes


class Bucket(NamedTuple):
    """The words by which documents are searched and counted."""

    process: str
    lcsa: str
    organization: str
    status: str


@dataclass(frozen=True, slots=True)
class Row:
    """What the index keeps of one document."""

    document_id: str
    bucket: Bucket
    changed: str
    tasks: tuple[TaskEntry, ...]
    claims: tuple[tuple[str, str], ...]
    holdings: Mapping[str, int]
    owed_since: str | None


def row_of(document: Json) -> Row:
    """The document's row. Raises ValueError when it is not such a document as `port.py` describes."""
    try:
        changed = _text(document["history"][-1]["at"]) if document.get("history") else ""
        document_id = _text(document["id"])
        tasks = document.get("open_tasks") or ()
        owes = any(not notice["sent_at"] for notice in document.get("notices") or ())
        return Row(
            document_id=document_id,
            bucket=Bucket(*(_text(document.get(key)) for key in Bucket._fields)),
            changed=changed,
            tasks=tuple(_entry(document_id, number, task) for number, task in enumerate(tasks)),
            claims=tuple((_text(claim), _text(value)) for claim, value in (document.get("claims") or {}).items()),
            holdings={_text(key): int(value) for key, value in (document.get("holdings") or {}).items()},
            owed_since=changed if owes else None,
        )
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"it lacks something that every document has: {error!r}") from error


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a text")
    # The same few words and dates stand in thousands of rows: kept once.
    return sys.intern(value)


def _entry(document_id: str, number: int, task: Json) -> TaskEntry:
    return TaskEntry(
        goal_on=_text(task.get("goal_on")) or _LAST,
        since=_text(task.get("since")) or _LAST,
        document_id=document_id,
        number=number,
        role=_text(task["role"]),
        step=_text(task["step"]),
        opens_on=_text(task.get("opens_on")),
        waiting=bool(task.get("waiting")),
        # A copy: what orjson returns holds on to a buffer of a kilobyte and more.
        as_json=bytes(memoryview(orjson.dumps(task))),
    )


class _Ordered(defaultdict[K, list[E]]):
    """Lists by key, each in order. While `filling`, entries are only appended, to be sorted once."""

    def __init__(self) -> None:
        super().__init__(list)
        self.filling = False

    def put(self, key: K, entry: E) -> None:
        if self.filling:
            self[key].append(entry)
        else:
            insort(self[key], entry)

    def drop(self, key: K, entry: E) -> None:
        entries = self[key]
        del entries[bisect_left(entries, entry)]
        if not entries:
            del self[key]

    def set_filling(self, filling: bool) -> None:
        self.filling = filling
        if not filling:
            for entries in self.values():
                entries.sort()


class DocumentsIndex:
    """Every document's row, and the lists that queries are answered from."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._claims: dict[tuple[str, str], str] = {}
        self._held: Counter[str] = Counter()
        self._found: _Ordered[Bucket, tuple[str, str]] = _Ordered()  # (changed, id)
        self._tasks: _Ordered[TaskKey, TaskEntry] = _Ordered()
        self._due: _Ordered[str, tuple[str, str, int]] = _Ordered()  # step -> (opens_on, id, number)
        self._owed: _Ordered[None, tuple[str, str]] = _Ordered()  # (owed since, id)

    def fill(self, rows: Sequence[Row]) -> None:
        """Puts many rows at once into an empty index."""
        self._set_filling(True)
        for row in rows:
            self.put(row)
        self._set_filling(False)

    def _set_filling(self, filling: bool) -> None:
        self._found.set_filling(filling)
        self._tasks.set_filling(filling)
        self._due.set_filling(filling)
        self._owed.set_filling(filling)

    def put(self, row: Row) -> None:
        """This is now the document's row."""
        if self._rows.get(row.document_id) == row:
            return
        self.drop(row.document_id)
        self._rows[row.document_id] = row
        self._found.put(row.bucket, (row.changed, row.document_id))
        for claim in row.claims:
            self._claims[claim] = row.document_id
        for key, number in row.holdings.items():
            self._held[key] += number
        if row.owed_since is not None:
            self._owed.put(None, (row.owed_since, row.document_id))
        for task in row.tasks:
            for scope in _scopes_of(row, task):
                self._tasks.put(scope, task)
            if task.opens_on:
                self._due.put(task.step, (task.opens_on, row.document_id, task.number))

    def drop(self, document_id: str) -> None:
        """The index knows nothing of the document any more."""
        row = self._rows.pop(document_id, None)
        if row is None:
            return
        self._found.drop(row.bucket, (row.changed, document_id))
        for claim in row.claims:
            if self._claims.get(claim) == document_id:
                del self._claims[claim]
        for key, number in row.holdings.items():
            self._held[key] -= number
            if not self._held[key]:
                del self._held[key]
        if row.owed_since is not None:
            self._owed.drop(None, (row.owed_since, document_id))
        for task in row.tasks:
            for scope in _scopes_of(row, task):
                self._tasks.drop(scope, task)
            if task.opens_on:
                self._due.drop(task.step, (task.opens_on, document_id, task.number))

    def ids(self) -> list[str]:
        """The id of every document that has a row."""
        return list(self._rows)

    def holder(self, claim: str, value: str) -> str | None:
        """As `Writing.holder`."""
        return self._claims.get((claim, value))

    def held(self, key: str, besides: str | None) -> int:
        """As `Writing.held`."""
        row = self._rows.get(besides) if besides else None
        return self._held[key] - (row.holdings.get(key, 0) if row else 0)

    def search(self, search: Search, offset: int, limit: int) -> Page[str]:
        """As `Store.search`, ids only."""
        lists = [entries for _, entries in self._matching(search)]
        newest_first = merge(*(reversed(entries) for entries in lists), reverse=True)
        ids = [document_id for _, document_id in islice(newest_first, offset, offset + limit)]
        return Page(ids, offset, sum(map(len, lists)))

    def count_by_status(self, search: Search) -> dict[str, int]:
        """As `Store.count_by_status`."""
        counts: Counter[str] = Counter()
        for bucket, entries in self._matching(search):
            counts[bucket.status] += len(entries)
        return dict(counts)

    def _matching(self, search: Search) -> Iterator[tuple[Bucket, list[tuple[str, str]]]]:
        words = [word.casefold() for word in search.words]
        ids = {word: {key for key in self._rows if word in key.casefold()} for word in words}
        for bucket, entries in self._found.items():
            if not _matches(search, bucket):
                continue
            for word in words:
                if word not in bucket.lcsa.casefold() and word not in bucket.organization.casefold():
                    entries = [entry for entry in entries if entry[1] in ids[word]] if ids[word] else []
            if entries:
                yield bucket, entries

    def tasks(self, scopes: Sequence[Scope], on: str, waiting: bool, offset: int, limit: int) -> Page[TaskRow]:
        """As `Store.tasks`."""
        by_role: dict[str, dict[TaskKey, list[TaskEntry]]] = defaultdict(dict)
        for scope in scopes:
            key: TaskKey = (scope.role, scope.lcsa, scope.organization)
            by_role[scope.role][key] = self._tasks.get(key, [])
        ready = [
            [task for task in _united(list(lists.values())) if task.opens_on <= on and (task.waiting or not waiting)]
            for lists in by_role.values()
        ]
        page = islice(merge(*ready), offset, offset + limit)
        return Page([self._task_row(task) for task in page], offset, sum(map(len, ready)))

    def _task_row(self, task: TaskEntry) -> TaskRow:
        bucket = self._rows[task.document_id].bucket
        return TaskRow(task.document_id, bucket.lcsa, bucket.organization, bucket.status, orjson.loads(task.as_json))

    def with_notices_owed(self, limit: int) -> list[str]:
        """As `Store.with_notices_owed`."""
        return [document_id for _, document_id in self._owed.get(None, ())[:limit]]

    def with_task_due(self, step: str, on: str, limit: int) -> list[str]:
        """As `Store.with_task_due`."""
        entries = self._due.get(step, [])
        until = bisect_right(entries, (on, "\U0010ffff"))
        return list(islice(dict.fromkeys(document_id for _, document_id, _ in entries[:until]), limit))


def _scopes_of(row: Row, task: TaskEntry) -> tuple[TaskKey, ...]:
    role, lcsa, organization = task.role, row.bucket.lcsa, row.bucket.organization
    return (role, None, None), (role, lcsa, None), (role, None, organization), (role, lcsa, organization)


def _matches(search: Search, bucket: Bucket) -> bool:
    return (
        search.process in (None, bucket.process)
        and search.lcsa in (None, bucket.lcsa)
        and (not search.statuses or bucket.status in search.statuses)
        and (
            search.scopes is None
            or any(
                scope.lcsa in (None, bucket.lcsa) and scope.organization in (None, bucket.organization)
                for scope in search.scopes
            )
        )
    )


def _united(lists: Sequence[list[TaskEntry]]) -> list[TaskEntry]:
    """One list of a role's lists for several scopes; a task that is in two of them is in it once."""
    if len(lists) == 1:
        return lists[0]
    return sorted({id(task): task for entries in lists for task in entries}.values())
