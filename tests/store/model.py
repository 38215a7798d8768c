"""What every store promises, as a model in memory: the plainest thing that keeps and finds as `portal.store.port` says."""

from collections import Counter
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from portal.store.errors import ClaimTaken, Conflict, NotFound, StoreError
from portal.store.port import Json, Scope, Search, TaskDate, TaskSearch

LAST = "~"
"""Sorts after every date: a task without a goal."""


@dataclass
class Model:
    """Everything that the store should keep."""

    documents: dict[str, Json] = field(default_factory=dict)
    records: dict[tuple[str, str], Json] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    log: list[Json] = field(default_factory=list)
    given: dict[tuple[str, int], int] = field(default_factory=dict)

    # Writing.

    def refusals(self, document: Json, expected: int | None) -> list[type[StoreError]]:
        """Why the document may not be kept now; `expected` is the revision to be replaced, None for a new one."""
        kept = self.documents.get(document["id"])
        if expected is not None and kept is None:
            return [NotFound]
        if expected is not None and kept is not None and kept["revision"] != expected:
            return [Conflict]
        why: list[type[StoreError]] = [Conflict] if expected is None and kept is not None else []
        return [*why, *([ClaimTaken] if self.claim_taken(document) else [])]

    def claim_taken(self, document: Json) -> bool:
        """Whether another document holds one of its claims."""
        return any(self.holder(*claim) not in (None, document["id"]) for claim in document["claims"].items())

    def keep(self, document: Json, revision: int) -> Json:
        """It is kept at this revision; as it is kept."""
        self.documents[document["id"]] = deepcopy({**document, "revision": revision})
        self.know(document["id"])
        return self.documents[document["id"]]

    def know(self, document_id: str) -> None:
        """Numbers go on after this one."""
        parts = document_id.rsplit("-", 2)
        if len(parts) == 3 and parts[1].isdecimal() and len(parts[1]) == 4 and len(parts[2]) >= 4:
            key = parts[0], int(parts[1])
            self.given[key] = max(self.given.get(key, 0), int(parts[2]))

    def new_id(self, prefix: str, year: int) -> str:
        """The next id."""
        document_id = f"{prefix}-{year:04d}-{self.given.get((prefix, year), 0) + 1:04d}"
        self.know(document_id)
        return document_id

    def put_record(self, kind: str, key: str, value: Json) -> Json:
        """The record as kept."""
        found = self.records.get((kind, key), {"revision": 0})["revision"]
        self.records[kind, key] = {**value, "revision": found + 1}
        return self.records[kind, key]

    # What is there.

    def held(self, key: str, besides: str | None) -> int:
        """The sum over all documents but one."""
        return sum(one["holdings"].get(key, 0) for one in self.documents.values() if one["id"] != besides)

    def holder(self, claim: str, value: str) -> str | None:
        """Who holds the claim."""
        return next((one["id"] for one in self.documents.values() if one["claims"].get(claim) == value), None)

    def ids_given(self) -> list[str]:
        """The last id of each prefix and year."""
        return sorted(f"{prefix}-{year:04d}-{number:04d}" for (prefix, year), number in self.given.items())

    def kinds(self) -> list[str]:
        """Every kind of which there is a record."""
        return sorted({kind for kind, _ in self.records})

    def records_of(self, kind: str) -> list[tuple[str, Json]]:
        """The kind's records, by key."""
        return sorted((key, record) for (of, key), record in self.records.items() if of == kind)

    # Finding.

    def found(self, search: Search) -> list[Json]:
        """Every document that matches, the last changed first."""
        matching = [one for one in self.documents.values() if _matches(one, search)]
        return sorted(matching, key=lambda one: (changed(one), one["id"]), reverse=True)

    def count_by_status(self, search: Search) -> dict[str, int]:
        """How many match."""
        return dict(Counter(one["status"] for one in self.found(search)))

    def tasks(self, scopes: Sequence[Scope], on: str, waiting: bool, search: TaskSearch) -> list[tuple[str, Json]]:
        """(id, task) of every task that can be taken and matches, in the order of inboxes."""
        rows = [
            (task["goal_on"] or LAST, task["since"] or LAST, one["id"], number, task)
            for one in self.documents.values()
            for number, task in enumerate(one["open_tasks"])
            if any(scope.role == task["role"] and _within(one, scope) for scope in scopes)
            and (task["opens_on"] or "") <= on
            and (task["waiting"] or not waiting)
            and search.step in ("", task["step"])
            and _matches(one, Search(words=search.words))
        ]
        return [(row[2], row[4]) for row in sorted(rows, key=lambda row: row[:4])]

    def to_come(self, scopes: Sequence[Scope], after: str) -> list[tuple[str, str]]:
        """(opens_on, id) of every task that somebody waits for and that opens after this date, the first first."""
        return sorted(
            (task["opens_on"], one["id"])
            for one in self.documents.values()
            for task in one["open_tasks"]
            if any(scope.role == task["role"] and _within(one, scope) for scope in scopes)
            and task["waiting"]
            and (task["opens_on"] or "") > after
        )

    def owing(self) -> list[str]:
        """Who owes a notice, the longest owed first."""
        rows = [one for one in self.documents.values() if any(not notice["sent_at"] for notice in one["notices"])]
        return [one["id"] for one in sorted(rows, key=lambda one: (changed(one), one["id"]))]

    def due(self, step: str, on: str) -> list[str]:
        """Who has a task of this step that opens on this date or before, the earliest first."""
        rows: dict[str, str] = {}
        for one in self.documents.values():
            dates = [task["opens_on"] for task in one["open_tasks"] if task["step"] == step and task["opens_on"]]
            if dates and min(dates) <= on:
                rows[one["id"]] = min(dates)
        return sorted(rows, key=lambda document_id: (rows[document_id], document_id))

    def waiting_by_date(self, by: TaskDate, after: str, until: str) -> list[tuple[str, str]]:
        """The date and document of every task that somebody waits for with a date in this span, in order."""
        found = []
        for one in self.documents.values():
            for task in (task for task in one["open_tasks"] if task["waiting"]):
                began = max(task["opens_on"] or "", (task["since"] or LAST)[:10])
                found.append((began if by is TaskDate.BEGAN else task["goal_on"] or "", one["id"]))
        return sorted(pair for pair in found if after < pair[0] <= until)

    def lines_with(self, words: tuple[str, ...]) -> list[Json]:
        """Lines of the log in which all words occur, the newest first."""
        return [line for line in reversed(self.log) if all(word.casefold() in _text_of(line) for word in words)]


def changed(document: Json) -> str:
    """When it last changed."""
    return str(document["history"][-1]["at"]) if document["history"] else ""


def _within(document: Json, scope: Scope) -> bool:
    return scope.lcsa in (None, document["lcsa"]) and scope.organization in (None, document["organization"])


def _matches(document: Json, search: Search) -> bool:
    texts = [document[name].casefold() for name in ("id", "lcsa", "organization")]
    conditions: list[Callable[[], Any]] = [
        lambda: search.process in (None, document["process"]),
        lambda: search.lcsa in (None, document["lcsa"]),
        lambda: not search.statuses or document["status"] in search.statuses,
        lambda: search.scopes is None or any(_within(document, scope) for scope in search.scopes),
        lambda: all(any(word.casefold() in text for text in texts) for word in search.words),
    ]
    return all(condition() for condition in conditions)


def _text_of(line: Json) -> str:
    return "\n".join(str(value) for key, value in line.items() if key not in ("hash", "previous")).casefold()
