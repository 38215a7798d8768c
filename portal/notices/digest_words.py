"""The digest in words: what one person is told, and the text of the mail."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from portal.notices.duty import Duty
from portal.notices.queueing import SIGNED
from portal.parts import Portal
from portal.process.document import Json
from portal.process.goals import california_day
from portal.process.open_tasks import waits_since
from portal.process.step import Process

MOST = 50
"""So many things are listed in one mail; the inbox has the rest."""


@dataclass(frozen=True, slots=True, order=True)
class Waiting:
    """A task that waits: the one since the earliest day comes first."""

    since: date
    path: str
    title: str
    asks: str
    where: str
    whose: str
    goal_on: date | None = None
    due_on: date | None = None
    subject: str = ""
    """What a mail about this one alone is headed."""

    @classmethod
    def of(cls, process: Process, document_id: str, about: Json, task: Json) -> "Waiting":
        """The open task of a document; `about` has its `lcsa` and `organization`."""
        step, role = process.step(task["step"]), process.role(task["role"])
        place = next((about[name] for name in ("organization", "lcsa") if name in role.scope), "")
        return cls(
            since=waits_since(task),
            path=f"/applications/{document_id}/steps/{step.key}",
            title=step.title,
            asks=step.asks,
            subject=f"{about['organization']}: {step.title} ({document_id})",
            where=_where(about, document_id),
            whose=f"{role.title} for {place}" if place else role.title,
            goal_on=date.fromisoformat(task["goal_on"]) if task["goal_on"] else None,
            due_on=date.fromisoformat(task["due_on"]) if task.get("due_on") else None,
        )

    @classmethod
    def of_duty(cls, duty: Duty, whose: str) -> "Waiting":
        """What a role has to do besides."""
        return cls(duty.since, duty.path, duty.title, duty.asks, duty.where, whose, subject=duty.title)


@dataclass(frozen=True, slots=True, order=True)
class Done:
    """What the portal did by itself on an application, at a moment, and what it says of that."""

    at: str
    document_id: str
    organization: str
    where: str
    what: str
    said: tuple[str, ...]

    @classmethod
    def of(cls, document: Json, seq: int, what: str, said: Sequence[str]) -> "Done":
        """What the entry of this number did; `what` says it, to follow a name."""
        return cls(
            at=document["history"][seq - 1]["at"],
            document_id=document["id"],
            organization=document["organization"],
            where=_where(document, document["id"]),
            what=what,
            said=tuple(said),
        )


def _where(about: Json, document_id: str) -> str:
    return f"{about['organization']}, {about['lcsa']} ({document_id})"


T = TypeVar("T", Waiting, Done)


class Listed(Generic[T]):
    """Things to list, of which the first `MOST` are kept, and how many there are."""

    def __init__(self) -> None:
        self.number = 0
        self._kept: list[T] = []

    def add(self, one: T) -> None:
        """It is to be listed too."""
        self.number += 1
        self._kept.append(one)
        if len(self._kept) > 10 * MOST:
            self._kept = self.first(MOST)

    def first(self, so_many: int) -> list[T]:
        """The first of them, in order."""
        return sorted(self._kept)[:so_many]


@dataclass(slots=True)
class Digest:
    """What one person is told: tasks whose day has come, tasks that still wait, tasks of others that are late, what the
    portal did by itself.

    `tells` are the names of the notices among it.
    """

    name: str = ""
    new: Listed[Waiting] = field(default_factory=Listed)
    waiting: Listed[Waiting] = field(default_factory=Listed)
    late: Listed[Waiting] = field(default_factory=Listed)
    done: Listed[Done] = field(default_factory=Listed)
    tells: list[str] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    def add_task(self, task: Waiting, is_new: bool) -> None:
        """The person may take the task; through two roles too it is one."""
        if task.path not in self._known:
            self._known.add(task.path)
            (self.new if is_new else self.waiting).add(task)

    def add_late(self, task: Waiting) -> None:
        """Others take the task, and it is late; whoever takes it too is told of it as theirs."""
        if task.path not in self._known:
            self._known.add(task.path)
            self.late.add(task)


def words_of(portal: Portal, address: str, digest: Digest, today: date) -> tuple[str, str]:
    """Subject and text of the mail."""
    tasks = digest.new.number + digest.waiting.number
    new = digest.new.first(MOST)
    waiting = digest.waiting.first(MOST - len(new))
    late = digest.late.first(MOST - len(new) - len(waiting))
    done = digest.done.first(MOST - len(new) - len(waiting) - len(late))
    inbox = f"{portal.settings.base_url}/inbox"
    lines = [f"{digest.name},", ""]
    if tasks:
        found = "You find it" if tasks == 1 else "You find all of them"
        lines += [f"{_tasks(tasks)} for you in DCSS Third Party Access, the portal for access to the Child Support"]
        lines[-1] += f" Enforcement system (CSE). {found} in your inbox, once you have signed in:"
        lines += [inbox, ""]
    lines += _section("New", (_task_lines(portal, one, "") for one in new))
    lines += _section("Still waiting", (_task_lines(portal, one, _for_so_long(one, today)) for one in waiting))
    lines += _section("Late, and to be done by others", (_late_lines(portal, one, today) for one in late))
    lines += _section("Done by the portal, on its date", (_done_lines(portal, one) for one in done))
    more = tasks + digest.late.number + digest.done.number - len(new) - len(waiting) - len(late) - len(done)
    if more:
        lines += [f"And {more:,} more in your inbox: {inbox}", ""]
    lines += [*_why([*new, *waiting], bool(late), bool(done)), ""]
    if portal.people.get(address) is None:
        lines += [f"You need an account to see more. Ask for one: {portal.office['email'].lower()}", ""]
    subject = _subject(new, waiting, late, done)
    if tasks > 1 or (not tasks and digest.late.number + digest.done.number > 1):
        subject = f"Third Party Access: {_in_all(tasks, digest.late.number, done)}"
    return subject, "\n".join([*lines, SIGNED])


def _subject(new: Sequence[Waiting], waiting: Sequence[Waiting], late: Sequence[Waiting], done: Sequence[Done]) -> str:
    """Of the one thing that there is, as a mail about a single step has it."""
    if new or waiting:
        return f"{'' if new else 'Still waiting, '}{[*new, *waiting][0].subject}"
    if late:
        return f"Late, {late[0].subject}"
    return f"{done[0].organization}: the portal {done[0].what} ({done[0].document_id})"


def _in_all(tasks: int, late: int, done: Sequence[Done]) -> str:
    if tasks:
        return f"{_tasks(tasks)} for you"
    if late:
        return "1 task of others is late" if late == 1 else f"{late:,} tasks of others are late"
    return _news(done)


def _tasks(number: int) -> str:
    return "1 task waits" if number == 1 else f"{number:,} tasks wait"


def _news(done: Sequence[Done]) -> str:
    where = {one.document_id: one.where for one in done}
    return f"news of {next(iter(where.values()))}" if len(where) == 1 else f"news of {len(where)} applications"


def _section(heading: str, of_each: Iterable[list[str]]) -> list[str]:
    lines = [line for each in of_each for line in (*each, "")]
    return [heading.upper(), "", *lines] if lines else []


def _task_lines(portal: Portal, task: Waiting, how_long: str) -> list[str]:
    return [
        task.title,
        task.where,
        task.asks,
        f"Since {_day(task.since)}{how_long}",
        *([f"Goal: {_day(task.goal_on)}"] if task.goal_on else []),
        *([f"To be done by: {_day(task.due_on)}"] if task.due_on else []),
        f"{portal.settings.base_url}{task.path}",
    ]


def _late_lines(portal: Portal, task: Waiting, today: date) -> list[str]:
    assert task.due_on is not None
    return [
        task.title,
        task.where,
        f"To be done by {_day(task.due_on)}, {_days((today - task.due_on).days)} ago, by: {task.whose}",
        f"{portal.settings.base_url}{task.path.partition('/steps/')[0]}",
    ]


def _for_so_long(task: Waiting, today: date) -> str:
    """`, for 14 days`, and whether the goal or the day by which it is to be done is passed."""
    passed = ", beyond its goal" if task.goal_on and task.goal_on < today else ""
    late = ", past its day" if task.due_on and task.due_on < today else ""
    return f", for {_days((today - task.since).days)}{passed}{late}"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number:,} days"


def _done_lines(portal: Portal, done: Done) -> list[str]:
    on = f"On {_day(california_day(done.at))}"
    return [done.where, *done.said, on, f"{portal.settings.base_url}/applications/{done.document_id}"]


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def _why(tasks: Sequence[Waiting], late: bool, done: bool) -> list[str]:
    """Why the person gets this mail."""
    whose = list(dict.fromkeys(task.whose for task in tasks))
    lines = []
    if whose:
        role = "role is" if len(whose) == 1 else "roles are"
        yours = "this task is" if len(tasks) == 1 else "these tasks are"
        lines += [
            f"Why you get this mail: your {role} {_and(whose)}, and {yours} yours to do. If a colleague has the same "
            "role, it is enough that one of you does it.",
            "The portal writes to you when the day of a task has come, and reminds you now and then until it is done; "
            "what comes on the same day is in one mail.",
        ]
    if late:
        lines += [
            "You are told what is late with others because your role is to know of it: see whether it is done now."
        ]
    if done:
        lines += ["You are told what the portal did because your role, or your name, is part of that application."]
    return lines


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
