"""How many documents and tasks there are, kept as they change, so that a long list knows its length uncounted.

A transaction gathers its changes and writes them last, in one order for everybody: each row is held for the moment of
the commit only, and two transactions never wait for each other both.
"""

from collections import Counter
from collections.abc import Iterable

from portal.store.document_row import Bucket, TaskEntry
from portal.store.postgres.connections import Statement

SHARDS = 16
"""How many rows share a group's number. `pg_backend_pid()` chooses one: a connection has its own, as good as always."""


class CountChanges:
    """By how much a transaction changes the numbers."""

    def __init__(self) -> None:
        self._documents: Counter[tuple[str, str, str]] = Counter()
        self._tasks: Counter[tuple[str, str, bool]] = Counter()
        self._anew = False

    def count_anew(self) -> None:
        """What is kept beside a document may have been altered by hand: what it was counted as, nobody knows."""
        self._anew = True

    def document(self, bucket: Bucket, by: int) -> None:
        """One more document of this process, LCSA and status, or one less."""
        self._documents[bucket.process, bucket.lcsa, bucket.status] += by

    def tasks(self, lcsa: str, tasks: Iterable[TaskEntry]) -> None:
        """So many more tasks of this LCSA."""
        for task in tasks:
            self.task(task.role, lcsa, task.waiting, task.opens_on, 1)

    def task(self, role: str, lcsa: str, waiting: bool, opens_on: str, by: int) -> None:
        """One more task, or one less. Those that open on a date are counted when they are asked for."""
        if not opens_on:
            self._tasks[role, lcsa, waiting] += by

    def statements(self) -> list[Statement]:
        """What writes the changes; nothing when there are none."""
        statements: list[Statement] = []
        documents = sorted((*key, by) for key, by in self._documents.items() if by)
        if documents:
            statements.append((_DOCUMENTS, [SHARDS, *(list(column) for column in zip(*documents, strict=True))]))
        tasks = sorted((*key, by) for key, by in self._tasks.items() if by)
        if tasks:
            statements.append((_TASKS, [SHARDS, *(list(column) for column in zip(*tasks, strict=True))]))
        if self._anew:
            statements += [(words, []) for words in _COUNTED_ANEW]
        return statements


_COUNTED_ANEW = (
    "LOCK TABLE portal.document_counts IN EXCLUSIVE MODE",
    "DELETE FROM portal.document_counts",
    "INSERT INTO portal.document_counts (process, lcsa, status, shard, number)"
    " SELECT process, lcsa, status, 0, count(*) FROM portal.documents GROUP BY process, lcsa, status",
)
_DOCUMENTS = (
    "INSERT INTO portal.document_counts AS kept (process, lcsa, status, shard, number)"
    " SELECT process, lcsa, status, pg_backend_pid() %% %s, by"
    " FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[]) AS changed (process, lcsa, status, by)"
    " ON CONFLICT (process, lcsa, status, shard) DO UPDATE SET number = kept.number + excluded.number"
)
_TASKS = (
    "INSERT INTO portal.task_counts AS kept (role, lcsa, waiting, shard, number)"
    " SELECT role, lcsa, waiting, pg_backend_pid() %% %s, by"
    " FROM unnest(%s::text[], %s::text[], %s::boolean[], %s::bigint[]) AS changed (role, lcsa, waiting, by)"
    " ON CONFLICT (role, lcsa, waiting, shard) DO UPDATE SET number = kept.number + excluded.number"
)
