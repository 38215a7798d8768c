"""How the process is going, in figures: how long steps take against their goals, what is over its goal, accounts
granted against those that the guide reserves, and what came and went in each month of the year.

What needs a look at every application is worked out by `flask daily`, in the same pass as the forecast, and kept in one
record; a page reads that, whatever the number of applications. Days are working days.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from math import ceil
from typing import Any

from portal.guide import rows_in_force
from portal.parts import Portal
from portal.process.conditions import Taken
from portal.process.document import Json, is_read_in, last_entry
from portal.process.goals import add_months, california_day
from portal.process.open_tasks import days_used, has_come
from portal.process.progress import progress
from portal.process.step import Step
from portal.process.third_party_access.ends import EXPIRED
from portal.process.third_party_access.policy_rows import DECISION_KNOWN
from portal.process.third_party_access.reference import LCSAS
from portal.process.third_party_access.term import TERMINATED_AT_ONCE
from portal.records import put_if_other
from portal.store.port import Page, Scope, TaskDate, TaskRow, TaskSearch

RECORDS, FIGURES = "dashboard", "figures"
"""The kind and the key of the record that holds the figures."""

MONTHS = 12
"""Months that the flow shows, this one the last; how long steps take is counted over as many."""

EVENTS: Mapping[str, tuple[Taken, ...]] = {
    "begun": (Taken("identify-requestor"),),
    "decided": (Taken("decide"),),
    "active": (Taken("confirm-access"),),
    "ended": (EXPIRED, TERMINATED_AT_ONCE),
}
"""What the flow counts, each by what brings it about: the first such entry of each application."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Open tasks of a role: all that can be taken, those of them that have a goal, and those that are over it."""

    open: int
    with_goal: int
    over: int


@dataclass(frozen=True, slots=True)
class Took:
    """How long a step took: so many cases, of which half took no more than `half` days, nine of ten no more than
    `nine_of_ten`.
    """

    cases: int
    half: int
    nine_of_ten: int


@dataclass(frozen=True, slots=True)
class Accounts:
    """Accounts of one LCSA's organizations: granted, and reserved by the guide [1.6]."""

    granted: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What was worked out last, and as of which day. `flow`: how many in each month (`2026-11`), the earliest first, by
    `EVENTS`.
    """

    as_of: date
    waiting: Mapping[str, Waiting]
    steps: Mapping[str, Took]
    accounts: Mapping[str, Accounts]
    flow: Mapping[str, Mapping[str, int]]

    @property
    def months(self) -> list[str]:
        """The months of the flow."""
        return months_until(self.as_of)

    @property
    def granted(self) -> int:
        """Accounts granted in the whole state."""
        return sum(one.granted for one in self.accounts.values())

    @property
    def reserved(self) -> int:
        """Accounts that the guide reserves in the whole state."""
        return sum(one.reserved for one in self.accounts.values())

    @property
    def over(self) -> int:
        """Open tasks that are over their goal; one that two roles may take counts for both."""
        return sum(one.over for one in self.waiting.values())


def month_of(day: date) -> str:
    """`2026-11`."""
    return f"{day:%Y-%m}"


def months_until(today: date) -> list[str]:
    """The months that the flow shows."""
    first = today.replace(day=1)
    return [month_of(add_months(first, -back)) for back in range(MONTHS - 1, -1, -1)]


class Gathering:
    """What one pass over all documents brings together."""

    def __init__(self, portal: Portal) -> None:
        self._portal, self._today = portal, portal.today
        self._since = add_months(self._today, -MONTHS)
        self._months = months_until(self._today)
        self._open: Counter[str] = Counter()
        self._with_goal: Counter[str] = Counter()
        self._over: Counter[str] = Counter()
        self._days: dict[str, Counter[int]] = defaultdict(Counter)
        self._granted: Counter[str] = Counter()
        self._flow: dict[str, Counter[str]] = {event: Counter() for event in EVENTS}

    def look_at(self, document: Json) -> None:
        """Takes this document into account."""
        for task in document["open_tasks"]:
            if has_come(task, self._today):
                self._look_at_task(task)
        for step in self._portal.process_of(document).steps:
            if step.goal is not None:
                self._look_at_step(step, document)
        if DECISION_KNOWN.since(document) is not None:
            held = (number for key, number in document["holdings"].items() if key.startswith("uaag/"))
            self._granted[document["lcsa"]] += sum(held)
        for event, by in EVENTS.items():
            first = next((entry for entry in document["history"] if any(one.matches(entry) for one in by)), None)
            if first is not None and not is_read_in(first):
                self._flow[event][month_of(california_day(first["at"]))] += 1

    def _look_at_task(self, task: Json) -> None:
        role = task["role"]
        self._open[role] += 1
        if task["goal_from"] is not None:
            self._with_goal[role] += 1
            self._over[role] += days_used(task, self._today, self._portal.calendar) > task["goal_days"]

    def _look_at_step(self, step: Step, document: Json) -> None:
        """The days of a step that was taken in the last months; what was read in took its own elsewhere."""
        taken = last_entry(document, step.key)
        if taken is None or is_read_in(taken) or california_day(taken["at"]) < self._since:
            return
        against = progress(step, document, self._portal.calendar)
        if against and against.start and against.taken_on:
            self._days[step.key][against.used(self._today, self._portal.calendar)] += 1

    def keep(self) -> list[str]:
        """Keeps what it comes to, if it is another than before. Nothing in it can contradict itself: there are no
        problems to tell.
        """
        roles = (role.key for role in self._portal.process.roles)
        reserved: Counter[str] = Counter()
        for one in rows_in_force(self._portal):
            reserved[one.row.lcsa] += one.reserved
        kept = {
            "as_of": self._today.isoformat(),
            "waiting": {
                role: [self._open[role], self._with_goal[role], self._over[role]] for role in roles if self._open[role]
            },
            "steps": {key: _took(days) for key, days in sorted(self._days.items())},
            "accounts": {lcsa: [self._granted[lcsa], reserved[lcsa]] for lcsa in LCSAS},
            "flow": {event: {month: counted[month] for month in self._months} for event, counted in self._flow.items()},
        }
        put_if_other(self._portal.store, RECORDS, FIGURES, kept)
        return []


def _took(days: Counter[int]) -> list[int]:
    """Cases, median and 90th percentile (the nearest rank) of days, each with how often it occurs."""
    cases = days.total()
    return [cases, _nth(days, ceil(cases * 0.5)), _nth(days, ceil(cases * 0.9))]


def _nth(days: Counter[int], number: int) -> int:
    """The days of the case at this place when all are put in order."""
    seen = 0
    for value, times in sorted(days.items()):
        seen += times
        if seen >= number:
            return value
    raise ValueError(f"there are {seen} cases, and not {number}")


def figures(portal: Portal) -> Figures | None:
    """What was worked out last; None before the first `flask daily`."""
    kept: Mapping[str, Any] | None = portal.store.get_record(RECORDS, FIGURES)
    if kept is None:
        return None
    return Figures(
        as_of=date.fromisoformat(kept["as_of"]),
        waiting={role: Waiting(*numbers) for role, numbers in kept["waiting"].items()},
        steps={step: Took(*numbers) for step, numbers in kept["steps"].items()},
        accounts={lcsa: Accounts(*numbers) for lcsa, numbers in kept["accounts"].items()},
        flow=kept["flow"],
    )


@dataclass(frozen=True, slots=True)
class OpenNow:
    """How many tasks a role has now, as its inboxes count them; with `more`, more than that."""

    role: str
    number: int
    more: bool


def open_now(portal: Portal) -> list[OpenNow]:
    """The open tasks of each role that has any, the most first: one question to the store for each, which opens no
    document for it.
    """
    found = []
    for role in portal.process.roles:
        page = tasks_of(portal, role.key, limit=1)
        if page.total:
            found.append(OpenNow(role.key, page.total, page.more))
    return sorted(found, key=lambda one: -one.number)


def tasks_of(portal: Portal, role: str, words: tuple[str, ...] = (), *, offset: int = 0, limit: int) -> Page[TaskRow]:
    """The open tasks of a role in the whole state, as its inboxes have them: the earliest goal or day first."""
    search = TaskSearch(words=words)
    return portal.store.tasks([Scope(role)], portal.today.isoformat(), offset=offset, limit=limit, search=search)


@dataclass(frozen=True, slots=True)
class Overdue:
    """An open task that is over its goal by so many working days, or past the day by which it was asked for by so many
    days; and the roles that may take it.
    """

    row: TaskRow
    roles: tuple[str, ...]
    over: int
    has_goal: bool


def longest_overdue(portal: Portal, number: int) -> list[Overdue]:
    """The open tasks whose goal or day lies back the furthest, as they are now; each once, whoever may take it. The
    store finds them by that date, however many there are.
    """
    today, found = portal.today, dict[tuple[str, str], list[TaskRow]]()
    # A task has a row for each role that may take it.
    rows = portal.store.tasks_by_date(TaskDate.GOAL, "", today.isoformat())
    for row in islice(rows, number * 4):
        if "goal_from" not in row.task:
            continue  # it is older than that: the next daily run works it out anew
        if has_come(row.task, today) and _over(portal, row.task) > 0:
            found.setdefault((row.document_id, row.task["step"]), []).append(row)
    return [
        Overdue(
            same[0],
            tuple(row.task["role"] for row in same),
            _over(portal, same[0].task),
            same[0].task["goal_on"] is not None,
        )
        for same in list(found.values())[:number]
    ]


def _over(portal: Portal, task: Json) -> int:
    """Working days over its goal, or days past the day by which it was asked for; 0 or less within it."""
    if task["goal_on"]:
        return days_used(task, portal.today, portal.calendar) - int(task["goal_days"])
    return (portal.today - date.fromisoformat(task["due_on"])).days
