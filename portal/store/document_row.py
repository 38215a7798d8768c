"""What the index keeps of a document: its row, a few words and its open tasks, some hundred bytes for each.

Reads and writes no files.
"""

import sys
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import orjson

from portal.store.port import Json, TaskDate

_LAST = "~"  # sorts after every date


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

    def dates(self) -> Iterator[tuple[TaskDate, str]]:
        """The dates by which it is found while somebody waits for it."""
        if self.waiting:
            yield TaskDate.BEGAN, max(self.opens_on, sys.intern(self.since[:10]))
            if self.goal_on != _LAST:
                yield TaskDate.GOAL, self.goal_on


class Bucket(NamedTuple):
    """The words by which documents are searched and counted."""

    process: str
    lcsa: str
    organization: str
    status: str


class Row(NamedTuple):
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
            bucket=Bucket(*[_text(document.get(key)) for key in Bucket._fields]),
            changed=changed,
            tasks=tuple([_entry(document_id, number, task) for number, task in enumerate(tasks)]),
            claims=tuple([(_text(claim), _text(value)) for claim, value in (document.get("claims") or {}).items()]),
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
        goal_on=_text(task.get("goal_on")) or _text(task.get("due_on")) or _LAST,
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
