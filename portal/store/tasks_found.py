"""Inboxes: the open tasks of each role, LCSA, organization and step, every list in the order in which it is shown.

In memory only, so that a page of an inbox needs no sorting, and its length no counting. Reads and writes no files. Not
safe for threads.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from heapq import merge
from itertools import islice
from operator import itemgetter

from portal.store.document_row import Row, TaskEntry
from portal.store.ordered import Ordered
from portal.store.port import COUNTED, Page, Scope

TaskKey = tuple[str, str | None, str | None]
"""Role, lcsa or None for any, organization or None for any."""

ListKey = tuple[TaskKey, str, bool]
"""Whose tasks; of which step, empty for any; whether somebody waits for them. An organization has no list for a step:
it has few tasks, and there are many organizations.
"""


class TasksFound:
    """The lists: of tasks that can be taken, and of those that open on a later date."""

    def __init__(self) -> None:
        self._open: Ordered[ListKey, TaskEntry] = Ordered()
        self._dated: Ordered[ListKey, tuple[str, TaskEntry]] = Ordered()  # (opens_on, task)
        self._opened_until = ""  # a date: tasks that open on it or before are in `_open`

    def __len__(self) -> int:
        """How many lists there are; none that is empty is kept."""
        return len(self._open) + len(self._dated)

    def set_filling(self, filling: bool) -> None:
        """While filling, lists are not in order."""
        self._open.set_filling(filling)
        self._dated.set_filling(filling)

    def put(self, row: Row) -> None:
        """The document has this row; it had none."""
        for task in row.tasks:
            for key in _lists_of(row, task):
                if task.opens_on > self._opened_until:
                    self._dated.put(key, (task.opens_on, task))
                else:
                    self._open.put(key, task)

    def drop(self, row: Row) -> None:
        """The document has this row no more."""
        for task in row.tasks:
            for key in _lists_of(row, task):
                if task.opens_on > self._opened_until:
                    self._dated.drop(key, (task.opens_on, task))
                else:
                    self._open.drop(key, task)

    def page(
        self, scopes: Sequence[Scope], on: str, waiting: bool, step: str, offset: int, limit: int
    ) -> Page[TaskEntry]:
        """As `Store.tasks`, without words."""
        lists = self._lists(scopes, on, waiting, step)
        page = lists[0][offset : offset + limit] if len(lists) == 1 else islice(merge(*lists), offset, offset + limit)
        return Page(list(page), offset, sum(map(len, lists)))

    def page_among(
        self,
        documents: Container[str],
        scopes: Sequence[Scope],
        on: str,
        waiting: bool,
        step: str,
        offset: int,
        limit: int,
    ) -> Page[TaskEntry]:
        """As `page`, of the tasks of these documents, which are many: they are met on the way down the list."""
        bound = offset + limit + COUNTED
        way = (task for task in merge(*self._lists(scopes, on, waiting, step)) if task.document_id in documents)
        met = list(islice(way, bound + 1))
        return Page(met[offset : offset + limit], offset, min(len(met), bound), more=len(met) > bound)

    def to_come(self, scopes: Sequence[Scope], after: str, limit: int) -> list[TaskEntry]:
        """As `Store.tasks_to_come`."""
        parts: list[Iterator[tuple[str, TaskEntry]]] = []
        for key in {(scope.role, scope.lcsa, scope.organization) for scope in scopes}:
            dated = self._dated.get((key, "", True), [])
            parts.append(islice(dated, bisect_right(dated, after, key=itemgetter(0)), None))
            if after < self._opened_until:  # asked about a day that is over
                opened = self._open.get((key, "", True), [])
                parts.append(iter(sorted((task.opens_on, task) for task in opened if task.opens_on > after)))
        found: dict[tuple[str, int], TaskEntry] = {}
        for _, task in merge(*parts):
            found[task.document_id, task.number] = task
            if len(found) == limit:
                break
        return list(found.values())

    def _lists(self, scopes: Sequence[Scope], on: str, waiting: bool, step: str) -> list[Sequence[TaskEntry]]:
        """Lists that together hold what matches, each task in one of them."""
        self._open_until(on)
        by_role: dict[str, set[TaskKey]] = defaultdict(set)
        for scope in scopes:
            by_role[scope.role].add((scope.role, scope.lcsa, scope.organization))
        found: list[Sequence[TaskEntry]] = []
        for keys in by_role.values():
            apart = [key for key in keys if not any(key != other and _is_within(key, other) for other in keys)]
            of_role = [entries for key in apart for entries in self._ready(key, on, waiting, step)]
            found += of_role if _are_apart(apart) else [_united(of_role)]
        return found

    def _open_until(self, on: str) -> None:
        """Tasks that open on this date or before are among those that can be taken, so that no inbox looks for them."""
        if on <= self._opened_until:
            return
        self._opened_until = on
        for key, dated in list(self._dated.items()):
            for entry in dated[: bisect_right(dated, on, key=itemgetter(0))]:
                self._dated.drop(key, entry)
                self._open.put(key, entry[1])

    def _ready(self, key: TaskKey, on: str, waiting: bool, step: str) -> Iterator[Sequence[TaskEntry]]:
        """Lists of the tasks in one scope that can be taken on this date, each in the order of inboxes."""
        looked_through = step if key[2] is not None else ""
        for waited_for in (True,) if waiting else (True, False):
            tasks = self._open.get((key, "" if looked_through else step, waited_for), [])
            if looked_through:
                tasks = [task for task in tasks if task.step == step]
            # Asked about a day that is over: some of these were not open yet.
            yield tasks if on >= self._opened_until else [task for task in tasks if task.opens_on <= on]


def _lists_of(row: Row, task: TaskEntry) -> Iterator[ListKey]:
    role, lcsa, organization, waiting = task.role, row.bucket.lcsa, row.bucket.organization, task.waiting
    yield (role, None, None), "", waiting
    yield (role, lcsa, None), "", waiting
    yield (role, None, organization), "", waiting
    yield (role, lcsa, organization), "", waiting
    yield (role, None, None), task.step, waiting
    yield (role, lcsa, None), task.step, waiting


def _is_within(key: TaskKey, other: TaskKey) -> bool:
    return other[1] in (None, key[1]) and other[2] in (None, key[2])


def _are_apart(keys: Sequence[TaskKey]) -> bool:
    """Whether no task can be in two of these scopes of one role, none of which is within another."""
    return len({key[1] is None for key in keys}) == 1


def _united(lists: Sequence[Sequence[TaskEntry]]) -> list[TaskEntry]:
    """One list of a role's lists for several scopes; a task that is in two of them is in it once."""
    return sorted({id(task): task for entries in lists for task in entries}.values())
