"""What is known of every document without opening it: its open tasks, status, claims, holdings and notices owed.

In memory only, and only what queries ask for, so that it stays small; every list is kept in the order in which it is
shown, so that a page of it needs no sorting. Reads and writes no files. Not safe for threads: its owner has a lock.
"""

from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import Any, TypeVar

import orjson

from portal.store.document_row import Bucket, Row, TaskEntry
from portal.store.port import Page, Scope, Search, TaskRow

K = TypeVar("K")
E = TypeVar("E", bound=tuple[Any, ...])
TaskKey = tuple[str, str | None, str | None]
"""Role, lcsa or None for any, organization or None for any."""


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
        # Tasks that can be taken at once, and those that open on a date: whether waited for is part of the key.
        self._tasks: _Ordered[tuple[TaskKey, bool], TaskEntry] = _Ordered()
        self._dated: _Ordered[tuple[TaskKey, bool], tuple[str, TaskEntry]] = _Ordered()  # (opens_on, task)
        self._due: _Ordered[str, tuple[str, str, int]] = _Ordered()  # step -> (opens_on, id, number)
        self._owed: _Ordered[None, tuple[str, str]] = _Ordered()  # (owed since, id)

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
                if task.opens_on:
                    self._dated.put((scope, task.waiting), (task.opens_on, task))
                else:
                    self._tasks.put((scope, task.waiting), task)
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
                if task.opens_on:
                    self._dated.drop((scope, task.waiting), (task.opens_on, task))
                else:
                    self._tasks.drop((scope, task.waiting), task)
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
        by_id = {word: self._with_in_id(word) for word in words}
        for bucket, entries in self._found.items():
            if not _matches(search, bucket):
                continue
            in_id = [word for word in words if word not in bucket.lcsa.casefold()]
            in_id = [word for word in in_id if word not in bucket.organization.casefold()]
            if in_id:
                entries = sorted(set.intersection(*(by_id[word].get(bucket, set()) for word in in_id)))
            if entries:
                yield bucket, entries

    def _with_in_id(self, word: str) -> dict[Bucket, set[tuple[str, str]]]:
        found: dict[Bucket, set[tuple[str, str]]] = defaultdict(set)
        for document_id, row in self._rows.items():
            if word in document_id.casefold():
                found[row.bucket].add((row.changed, document_id))
        return found

    def tasks(self, scopes: Sequence[Scope], on: str, waiting: bool, offset: int, limit: int) -> Page[TaskRow]:
        """As `Store.tasks`."""
        by_role: dict[str, set[TaskKey]] = defaultdict(set)
        for scope in scopes:
            by_role[scope.role].add((scope.role, scope.lcsa, scope.organization))
        ready: list[list[TaskEntry]] = []
        for keys in by_role.values():
            of_role = [entries for key in keys for entries in self._ready(key, on, waiting)]
            ready += of_role if len(keys) == 1 else [_united(of_role)]
        page = islice(merge(*ready), offset, offset + limit)
        return Page([self._task_row(task) for task in page], offset, sum(map(len, ready)))

    def _ready(self, key: TaskKey, on: str, waiting: bool) -> Iterator[list[TaskEntry]]:
        """Lists of the tasks in one scope that can be taken on this date, each in the order of inboxes."""
        for waited_for in (True,) if waiting else (True, False):
            yield self._tasks.get((key, waited_for), [])
            dated = self._dated.get((key, waited_for), [])
            yield sorted(task for _, task in dated[: bisect_right(dated, on, key=itemgetter(0))])

    def _task_row(self, task: TaskEntry) -> TaskRow:
        bucket = self._rows[task.document_id].bucket
        return TaskRow(task.document_id, bucket.lcsa, bucket.organization, bucket.status, orjson.loads(task.as_json))

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
    return sorted({id(task): task for entries in lists for task in entries}.values())
