"""Inboxes: the open tasks of each role, LCSA, organization and step, every list in the order in which it is shown.

In memory only, so that a page of an inbox needs no sorting, and its length no counting. Reads and writes no files. Not
safe for threads.
"""

from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Sequence
from heapq import merge
from itertools import islice
from operator import itemgetter

from portal.store.document_row import Row, TaskEntry
from portal.store.ordered import Ordered
from portal.store.port import COUNTED, Page, Scope

TaskKey = tuple[str, str | None, str | None]
"""Role, LCSA or None for any, organization or None for any; never an organization of any LCSA."""

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
        self._lcsas: dict[str, None] = {}  # all that ever had a task

    def __len__(self) -> int:
        """How many lists there are; none that is empty is kept."""
        return len(self._open) + len(self._dated)

    def fill(self, rows: Iterable[Row]) -> None:
        """As `put`, for many at once."""
        opened: list[tuple[Row, TaskEntry]] = []
        dated: list[tuple[Row, tuple[str, TaskEntry]]] = []
        for row in rows:
            if row.tasks:
                self._lcsas[row.bucket.lcsa] = None
            for task in row.tasks:
                if task.opens_on > self._opened_until:
                    dated.append((row, (task.opens_on, task)))
                else:
                    opened.append((row, task))
        self._open.fill_groups(((_kind(row, task), task) for row, task in opened), _lists_of_kind)
        self._open.fill((_list_of_organization(row, task), task) for row, task in opened)
        self._dated.fill_groups(((_kind(row, entry[1]), entry) for row, entry in dated), _lists_of_kind)
        self._dated.fill((_list_of_organization(row, entry[1]), entry) for row, entry in dated)

    def put(self, row: Row) -> None:
        """The document has this row; it had none."""
        if row.tasks:
            self._lcsas[row.bucket.lcsa] = None
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
        for key in self._keys(scopes):
            dated = self._dated.get((key, "", True), [])
            parts.append(islice(dated, bisect_right(dated, after, key=itemgetter(0)), None))
            if after < self._opened_until:  # asked about a day that is over
                opened = self._open.get((key, "", True), [])
                parts.append(iter(sorted((task.opens_on, task) for task in opened if task.opens_on > after)))
        return [task for _, task in islice(merge(*parts), limit)]

    def _lists(self, scopes: Sequence[Scope], on: str, waiting: bool, step: str) -> list[Sequence[TaskEntry]]:
        """Lists that together hold what matches, each task in one of them."""
        self._open_until(on)
        return [entries for key in self._keys(scopes) for entries in self._ready(key, on, waiting, step) if entries]

    def _keys(self, scopes: Sequence[Scope]) -> list[TaskKey]:
        """What the scopes come to, none of them within another: then no task is in two."""
        keys: set[TaskKey] = set()
        for role, lcsa, organization in {(scope.role, scope.lcsa, scope.organization) for scope in scopes}:
            of_any = lcsa is None and organization is not None
            keys |= {(role, each, organization) for each in (self._lcsas if of_any else (lcsa,))}
        return [key for key in keys if not any(wider in keys for wider in _wider_than(key))]

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


def _kind(row: Row, task: TaskEntry) -> tuple[str, str, str, bool]:
    return task.role, row.bucket.lcsa, task.step, task.waiting


def _lists_of_kind(kind: tuple[str, str, str, bool]) -> tuple[ListKey, ...]:
    """The lists in which all tasks of a role, LCSA and step are that somebody waits for, or nobody."""
    role, lcsa, step, waiting = kind
    anybody, of_lcsa = (role, None, None), (role, lcsa, None)
    return (anybody, "", waiting), (of_lcsa, "", waiting), (anybody, step, waiting), (of_lcsa, step, waiting)


def _list_of_organization(row: Row, task: TaskEntry) -> ListKey:
    return (task.role, row.bucket.lcsa, row.bucket.organization), "", task.waiting


def _lists_of(row: Row, task: TaskEntry) -> tuple[ListKey, ...]:
    return *_lists_of_kind(_kind(row, task)), _list_of_organization(row, task)


def _wider_than(key: TaskKey) -> Iterator[TaskKey]:
    role, lcsa, organization = key
    if organization is not None:
        yield role, lcsa, None
    if lcsa is not None:
        yield role, None, None
