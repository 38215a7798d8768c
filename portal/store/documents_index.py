"""What is known of every document without opening it: its open tasks, status, claims, holdings and notices owed.

In memory only, and only what queries ask for, so that it stays small; every list is kept in the order in which it is
shown, so that a page of it needs no sorting. Reads and writes no files. Not safe for threads: its owner has a lock.
"""

from collections import Counter
from collections.abc import Sequence

import orjson

from portal.store.document_row import Row, TaskEntry
from portal.store.documents_found import DocumentsFound
from portal.store.ordered import Ordered
from portal.store.port import EVERY_TASK, Listed, Page, Scope, Search, TaskDate, TaskRow, TaskSearch
from portal.store.tasks_found import TasksFound


class DocumentsIndex:
    """Every document's row, and the lists that queries are answered from."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._claims: dict[tuple[str, str], str] = {}
        self._held: Counter[str] = Counter()
        self._found = DocumentsFound()
        self._tasks = TasksFound()
        self._due: Ordered[str, tuple[str, str, int]] = Ordered()  # step -> (opens_on, id, number)
        self._by_date: Ordered[tuple[TaskDate, str], TaskEntry] = Ordered()
        self._owed: Ordered[None, tuple[str, str]] = Ordered()  # (owed since, id)

    def __len__(self) -> int:
        """How many documents have a row."""
        return len(self._rows)

    def fill(self, rows: Sequence[Row]) -> None:
        """As `put`, for many at once, each of another document: lists are put in order once, at the end."""
        for row in rows:
            self.drop(row.document_id)
            self._keep(row)
        tasks = [task for row in rows for task in row.tasks]
        self._found.fill(rows)
        self._tasks.fill(rows)
        self._owed.fill((None, (row.owed_since, row.document_id)) for row in rows if row.owed_since is not None)
        self._due.fill((task.step, _due(task)) for task in tasks if task.opens_on)
        self._by_date.fill((date, task) for task in tasks for date in task.dates())

    def put(self, row: Row) -> None:
        """This is now the document's row."""
        if self._rows.get(row.document_id) == row:
            return
        self.drop(row.document_id)
        self._keep(row)
        self._found.put(row)
        self._tasks.put(row)
        if row.owed_since is not None:
            self._owed.put(None, (row.owed_since, row.document_id))
        for task in row.tasks:
            if task.opens_on:
                self._due.put(task.step, _due(task))
            for date in task.dates():
                self._by_date.put(date, task)

    def _keep(self, row: Row) -> None:
        self._rows[row.document_id] = row
        for claim in row.claims:
            self._claims[claim] = row.document_id
        for key, number in row.holdings.items():
            self._held[key] += number

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
        self._tasks.drop(row)
        for task in row.tasks:
            if task.opens_on:
                self._due.drop(task.step, _due(task))
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

    def tasks(
        self, scopes: Sequence[Scope], on: str, waiting: bool, offset: int, limit: int, search: TaskSearch = EVERY_TASK
    ) -> Page[TaskRow]:
        """As `Store.tasks`."""
        if search.words:
            page = self._tasks_with_words(scopes, on, waiting, offset, limit, search)
        else:
            page = self._tasks.page(scopes, on, waiting, search.step, offset, limit)
        return Page([self._task_row(task) for task in page.rows], offset, page.total, page.more)

    def _tasks_with_words(
        self, scopes: Sequence[Scope], on: str, waiting: bool, offset: int, limit: int, search: TaskSearch
    ) -> Page[TaskEntry]:
        """Few documents have these words: their tasks are put in order. Or many: then they are met soon."""
        documents = self._found.with_words(Search(scopes=tuple(scopes), words=search.words))
        if documents.few is None:
            return self._tasks.page_among(documents, scopes, on, waiting, search.step, offset, limit)
        found = sorted(
            task
            for row in documents.few
            for task in row.tasks
            if task.opens_on <= on
            and (task.waiting or not waiting)
            and search.step in ("", task.step)
            and any(_is_for(scope, row, task) for scope in scopes)
        )
        return Page(found[offset : offset + limit], offset, len(found))

    def tasks_to_come(self, scopes: Sequence[Scope], after: str, limit: int) -> list[TaskRow]:
        """As `Store.tasks_to_come`."""
        return [self._task_row(task) for task in self._tasks.to_come(scopes, after, limit)]

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


def _due(task: TaskEntry) -> tuple[str, str, int]:
    return task.opens_on, task.document_id, task.number


def _is_for(scope: Scope, row: Row, task: TaskEntry) -> bool:
    return (
        scope.role == task.role
        and scope.lcsa in (None, row.bucket.lcsa)
        and scope.organization in (None, row.bucket.organization)
    )
