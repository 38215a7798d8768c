"""What is known of every document without opening it: its open tasks, status, claims, holdings and notices owed.

In memory only, and only what queries ask for, so that it stays small; every list is kept in the order in which it is
shown, so that a page of it needs no sorting. Reads and writes no files. Not safe for threads: its owner has a lock.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice
from operator import itemgetter

import orjson

from portal.store.document_row import Row, TaskEntry
from portal.store.documents_found import DocumentsFound
from portal.store.ordered import Ordered
from portal.store.port import Listed, Page, Scope, Search, TaskDate, TaskRow

TaskKey = tuple[str, str | None, str | None]
"""Role, lcsa or None for any, organization or None for any."""


class DocumentsIndex:
    """Every document's row, and the lists that queries are answered from."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._claims: dict[tuple[str, str], str] = {}
        self._held: Counter[str] = Counter()
        self._found = DocumentsFound()
        # Tasks that can be taken, and those that open on a later date: whether waited for is part of the key.
        self._tasks: Ordered[tuple[TaskKey, bool], TaskEntry] = Ordered()
        self._dated: Ordered[tuple[TaskKey, bool], tuple[str, TaskEntry]] = Ordered()  # (opens_on, task)
        self._opened_until = ""  # a date: tasks that open on it or before are in `_tasks`
        self._due: Ordered[str, tuple[str, str, int]] = Ordered()  # step -> (opens_on, id, number)
        self._by_date: Ordered[tuple[TaskDate, str], TaskEntry] = Ordered()
        self._owed: Ordered[None, tuple[str, str]] = Ordered()  # (owed since, id)

    def __len__(self) -> int:
        """How many documents have a row."""
        return len(self._rows)

    def fill(self, rows: Sequence[Row]) -> None:
        """Puts many rows at once, and brings the lists into order afterwards. None of them is in the index yet."""
        self._set_filling(True)
        for row in rows:
            self.put(row)
        self._set_filling(False)

    def _set_filling(self, filling: bool) -> None:
        self._found.set_filling(filling)
        self._tasks.set_filling(filling)
        self._dated.set_filling(filling)
        self._due.set_filling(filling)
        self._by_date.set_filling(filling)
        self._owed.set_filling(filling)

    def put(self, row: Row) -> None:
        """This is now the document's row."""
        if self._rows.get(row.document_id) == row:
            return
        self.drop(row.document_id)
        self._rows[row.document_id] = row
        self._found.put(row)
        for claim in row.claims:
            self._claims[claim] = row.document_id
        for key, number in row.holdings.items():
            self._held[key] += number
        if row.owed_since is not None:
            self._owed.put(None, (row.owed_since, row.document_id))
        for task in row.tasks:
            for scope in _scopes_of(row, task):
                if task.opens_on > self._opened_until:
                    self._dated.put((scope, task.waiting), (task.opens_on, task))
                else:
                    self._tasks.put((scope, task.waiting), task)
            if task.opens_on:
                self._due.put(task.step, (task.opens_on, row.document_id, task.number))
            for date in task.dates():
                self._by_date.put(date, task)

    def drop(self, document_id: str) -> None:
        """The index knows nothing of the document any more."""
        row = self._rows.pop(document_id, None)
        if row is None:
            return
        self._found.drop(row)
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
                if task.opens_on > self._opened_until:
                    self._dated.drop((scope, task.waiting), (task.opens_on, task))
                else:
                    self._tasks.drop((scope, task.waiting), task)
            if task.opens_on:
                self._due.drop(task.step, (task.opens_on, document_id, task.number))
            for date in task.dates():
                self._by_date.drop(date, task)

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
        return self._found.search(search, offset, limit)

    def listed(self, search: Search, offset: int, limit: int) -> Page[Listed]:
        """As `Store.listed`."""
        page = self._found.search(search, offset, limit)
        return Page([_listed(self._rows[document_id]) for document_id in page.rows], offset, page.total)

    def count_by_lcsa(self, search: Search) -> dict[str, int]:
        """As `Store.count_by_lcsa`."""
        return self._found.count_by_lcsa(search)

    def count_by_status(self, search: Search) -> dict[str, int]:
        """As `Store.count_by_status`."""
        return self._found.count_by_status(search)

    def tasks(self, scopes: Sequence[Scope], on: str, waiting: bool, offset: int, limit: int) -> Page[TaskRow]:
        """As `Store.tasks`."""
        self._open_until(on)
        by_role: dict[str, set[TaskKey]] = defaultdict(set)
        for scope in scopes:
            by_role[scope.role].add((scope.role, scope.lcsa, scope.organization))
        ready: list[list[TaskEntry]] = []
        for keys in by_role.values():
            apart = [key for key in keys if not any(key != other and _is_within(key, other) for other in keys)]
            of_role = [entries for key in apart for entries in self._ready(key, on, waiting)]
            ready += of_role if _are_apart(apart) else [_united(of_role)]
        page = ready[0][offset : offset + limit] if len(ready) == 1 else islice(merge(*ready), offset, offset + limit)
        return Page([self._task_row(task) for task in page], offset, sum(map(len, ready)))

    def _open_until(self, on: str) -> None:
        """Tasks that open on this date or before are among those that can be taken, so that no inbox looks for them."""
        if on <= self._opened_until:
            return
        self._opened_until = on
        for key, dated in list(self._dated.items()):
            for entry in dated[: bisect_right(dated, on, key=itemgetter(0))]:
                self._dated.drop(key, entry)
                self._tasks.put(key, entry[1])

    def _ready(self, key: TaskKey, on: str, waiting: bool) -> Iterator[list[TaskEntry]]:
        """Lists of the tasks in one scope that can be taken on this date, each in the order of inboxes."""
        for waited_for in (True,) if waiting else (True, False):
            tasks = self._tasks.get((key, waited_for), [])
            # Asked about a day that is over: some of these were not open yet.
            yield tasks if on >= self._opened_until else [task for task in tasks if task.opens_on <= on]

    def _task_row(self, task: TaskEntry) -> TaskRow:
        bucket = self._rows[task.document_id].bucket
        return TaskRow(task.document_id, *bucket, task=orjson.loads(task.as_json))

    def task_dates(self, by: TaskDate, after: str, until: str) -> list[str]:
        """The dates in this span that some task has, in order."""
        return sorted(date for which, date in self._by_date if which is by and after < date <= until)

    def tasks_on(self, by: TaskDate, date: str) -> list[TaskRow]:
        """The tasks that have this date."""
        return [self._task_row(task) for task in self._by_date.get((by, date), ())]

    def with_notices_owed(self, limit: int) -> list[str]:
        """As `Store.with_notices_owed`."""
        return [document_id for _, document_id in self._owed.get(None, ())[:limit]]

    def with_task_due(self, step: str, on: str, limit: int) -> list[str]:
        """As `Store.with_task_due`."""
        entries = self._due.get(step, [])
        found: dict[str, None] = {}
        for opens_on, document_id, _ in entries:
            if opens_on > on or len(found) == limit:
                break
            found[document_id] = None
        return list(found)


def _listed(row: Row) -> Listed:
    return Listed(row.document_id, *row.bucket, row.changed, tuple((task.role, task.opens_on) for task in row.tasks))


def _scopes_of(row: Row, task: TaskEntry) -> tuple[TaskKey, ...]:
    role, lcsa, organization = task.role, row.bucket.lcsa, row.bucket.organization
    return (role, None, None), (role, lcsa, None), (role, None, organization), (role, lcsa, organization)


def _is_within(key: TaskKey, other: TaskKey) -> bool:
    return other[1] in (None, key[1]) and other[2] in (None, key[2])


def _are_apart(keys: Sequence[TaskKey]) -> bool:
    """Whether no task can be in two of these scopes of one role, none of which is within another."""
    return len({key[1] is None for key in keys}) == 1


def _united(lists: Sequence[list[TaskEntry]]) -> list[TaskEntry]:
    """One list of a role's lists for several scopes; a task that is in two of them is in it once."""
    return sorted({id(task): task for entries in lists for task in entries}.values())
