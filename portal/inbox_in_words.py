"""Tasks as an inbox shows them: what is asked, of whom, since when, from whom it came, how it stands against its goal.

A row is made of what the index knows of its task, and opens no document unless the task's entry is older than that.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from portal.organizations import open_findings_of
from portal.parts import Portal
from portal.process.document import Json
from portal.process.errors import NotYourTurn
from portal.process.open_tasks import days_used, delay_told, may_take, waits_since
from portal.process.policy import readable, turn
from portal.process.progress import delay_reason, progress
from portal.process.step import BY_ITSELF, Actor, Process, Step
from portal.process.way import opens_in_words
from portal.store.errors import Damaged, NotFound
from portal.store.port import Scope, TaskRow
from portal.words import count, date_in_words, goal_tone

BAR = 240
"""How wide the bar of a goal is drawn."""


class GoalShown(NamedTuple):
    """A goal in words, how pressing it is, and its bar: so much of it is used, and a mark where the goal was passed."""

    words: str
    tone: str
    used: int
    passed_at: int


@lru_cache(maxsize=4096)
def goal_shown(goal: int, used: int, at_least: int | None = None) -> GoalShown:
    """`9 of 15 working days`, `9 of 30 to 45 working days` or `6 working days over the goal of 15` [4]."""
    if used > goal:
        return GoalShown(f"{count(used - goal, 'working day')} over the goal of {goal}", "bad", BAR, BAR * goal // used)
    days = f"{at_least} to {count(goal, 'working day')}" if at_least else count(goal, "working day")
    return GoalShown(f"{used} of {days}", goal_tone(goal, used), BAR * used // max(goal, 1), 0)


class DueShown(NamedTuple):
    """The day by which a task is asked for, in words, and how pressing it is."""

    words: str
    tone: str


SOON = 7
"""So many days before its day a task is close to it."""


@lru_cache(maxsize=4096)
def due_shown(due_on: date, since: date, today: date) -> DueShown:
    """`By December 3, 2026`, `By today`, `By November 20, 2026: 6 days late`; of what was late as it came `At once`, or
    `At once: 6 days late`.
    """
    at_once, left = due_on <= since, (due_on - today).days
    words = "At once" if at_once else "By today" if left == 0 else f"By {date_in_words(due_on)}"
    if left < 0:
        return DueShown(f"{words}: {count(-left, 'day')} late", "bad")
    return DueShown(words, "bad" if at_once else "waiting" if left <= SOON else "plain")


class TaskInWords(NamedTuple):
    """One task of an inbox. The template takes it apart by place (`inbox_rows`): what is added here is added there."""

    url: str
    place: str
    title: str
    asks: str
    organization: str
    lcsa: str
    document_id: str
    since: date
    came_from: str
    goal: GoalShown | None
    delay_reason: str
    due: DueShown | None
    mark: str
    """What stands out on the organization: `2 audit findings not cleared`."""

    @property
    def tone(self) -> str:
        """How pressing it is; empty without a goal or a day."""
        shown = self.goal or self.due
        return shown.tone if shown else ""


class Group(NamedTuple):
    """Tasks that are about as pressing as each other, under a heading."""

    key: str
    title: str
    tasks: list[TaskInWords]


class _Pressing(NamedTuple):
    """A group's key, and its heading by what its tasks have: a goal, or a day by which they are asked for."""

    key: str
    with_goals: str
    with_days: str


_GROUPS = {
    "bad": _Pressing("over", "Over the goal", "Past the day"),
    "waiting": _Pressing("close", "Close to the goal", "Close to the day"),
    "plain": _Pressing("within", "Within the goal", "Before the day"),
    "": _Pressing("without", "Without a goal or a day", ""),
}
"""By the tone of their goals and days, in the order in which they are to be taken."""


def grouped(tasks: Iterable[TaskInWords]) -> list[Group]:
    """The tasks by how pressing they are; groups without any are left out."""
    by_tone: dict[str, list[TaskInWords]] = {tone: [] for tone in _GROUPS}
    for task in tasks:
        by_tone[task.tone].append(task)
    return [Group(_GROUPS[tone].key, _heading(_GROUPS[tone], tasks), tasks) for tone, tasks in by_tone.items() if tasks]


def _heading(group: _Pressing, tasks: Iterable[TaskInWords]) -> str:
    """`Over the goal`, `Past the day`, or `Over the goal, or past the day` where it has both."""
    days = {task.due is not None for task in tasks}
    if days == {True}:
        return group.with_days
    return f"{group.with_goals}, or {group.with_days.lower()}" if True in days else group.with_goals


def scopes_of(portal: Portal, actor: Actor, lcsa: str = "") -> list[Scope]:
    """What part of all documents the person's roles cover, for the store; of one LCSA alone when it is named."""
    return [
        Scope(grant.role, grant.scope.get("lcsa") or lcsa or None, grant.scope.get("organization"))
        for grant in actor.grants
        if portal.sees_documents(grant.role) and lcsa in ("", grant.scope.get("lcsa") or lcsa)
    ]


def task_in_words(portal: Portal, row: TaskRow, actor: Actor, today: date) -> TaskInWords | None:
    """The row; None when the task is one that this person may not take after all. A document is opened only where its
    entry does not say it all: it is older than that, or the document tells who may read the reason for delay.
    """
    process, task = portal.process_called(row.process), row.task
    about = {"lcsa": row.lcsa, "organization": row.organization}
    if "not_for" not in task:
        return _from_document(portal, row, actor)
    if not may_take(process, task, actor, about):
        return None
    reason = delay_told(process, task, actor, about)
    if reason is None:
        return _from_document(portal, row, actor)
    step = process.step(task["step"])
    return _row(process, row, step, task["goal_from"], days_used(task, today, portal.calendar), reason, today)


def whoevers_task(portal: Portal, row: TaskRow, today: date) -> TaskInWords:
    """The row for one who may not take the task: it leads to the application. The reason for a delay, which not all may
    read, stands there.
    """
    process, task = portal.process_called(row.process), row.task
    goal_from = task.get("goal_from")  # of an entry that is older the next daily run works it out
    used = days_used(task, today, portal.calendar) if goal_from else 0
    shown = _row(process, row, process.step(task["step"]), goal_from, used, "", today)
    return shown._replace(url=f"/applications/{row.document_id}")


def _from_document(portal: Portal, row: TaskRow, actor: Actor) -> TaskInWords | None:
    try:
        document = portal.store.get(row.document_id)
    except (NotFound, Damaged):
        return None
    process = portal.process_called(row.process)
    step = process.step(row.task["step"])
    try:
        turn(process, step, actor, document)
    except NotYourTurn:
        return None
    goal = progress(step, document, portal.calendar)
    used = goal.used(portal.today, portal.calendar) if goal else 0
    reason = delay_reason(process, step, readable(process, document, actor))
    return _row(process, row, step, goal.start if goal else None, used, reason, portal.today)


def _row(
    process: Process, row: TaskRow, step: Step, goal_from: object, used: int, reason: str, today: date
) -> TaskInWords:
    goal = step.goal if goal_from else None
    return TaskInWords(
        url=step_url(row.document_id, step),
        place=f"{row.document_id}-{step.key}",
        title=step.title,
        asks=step.asks,
        organization=row.organization,
        lcsa=row.lcsa,
        document_id=row.document_id,
        since=waits_since(row.task),
        came_from=_came_from(process, row.task),
        goal=goal_shown(goal.working_days, used, goal.at_least) if goal else None,
        delay_reason=reason if goal else "",
        due=_due(row.task, today),
        mark="",
    )


def _due(task: Json, today: date) -> DueShown | None:
    due_on = task.get("due_on")
    return due_shown(date.fromisoformat(due_on), waits_since(task), today) if due_on else None


def with_marks(portal: Portal, actor: Actor, tasks: Sequence[TaskInWords]) -> list[TaskInWords]:
    """The tasks, those marked whose organization has audit findings that are not cleared, where the person may read
    findings.
    """
    policy = portal.process.policy
    if not any("findings" in policy.always_shown(grant.role, "record-finding") for grant in actor.grants):
        return list(tasks)
    found = open_findings_of(portal, {(task.lcsa, task.organization) for task in tasks})
    marks = {one: f"{count(number, 'audit finding')} not cleared" for one, number in found.items() if number}
    return (
        [task._replace(mark=marks.get((task.lcsa, task.organization), "")) for task in tasks] if marks else list(tasks)
    )


def _came_from(process: Process, task: Json) -> str:
    """Who took the step that opened the task: `Dana Reyes, Process Owner`; nothing of one that its date opened."""
    by = task.get("opened_by")
    if by is None or task["opens_on"]:
        return ""
    if by["name"] == BY_ITSELF.name:
        return "the portal, on the date"
    return f"{by['name']}, {process.role(by['role']).title}"


def step_url(document_id: str, step: Step) -> str:
    """The address of a step's form. An id and a step's key stand in an address as they are."""
    return f"/applications/{document_id}/steps/{step.key}"


def next_task(portal: Portal, actor: Actor) -> TaskInWords | None:
    """The first task of the person's inbox; None when nothing waits for them."""
    today = portal.today
    page = portal.store.tasks(scopes_of(portal, actor), today.isoformat(), limit=5)
    return next((shown for row in page.rows if (shown := task_in_words(portal, row, actor, today))), None)


def steps_in_inbox(portal: Portal, actor: Actor) -> list[Step]:
    """The steps that can ever stand in this person's inbox, each once, in the order of the tables."""
    roles = {grant.role for grant in actor.grants}
    return [step for process in portal.processes for step, takers in process.waited_for if not takers.isdisjoint(roles)]


class ToCome(NamedTuple):
    """A task that opens on a date: what, of whom."""

    opens_on: date
    title: str
    organization: str
    lcsa: str
    document_id: str


def to_come(portal: Portal, actor: Actor, today: date) -> list[ToCome]:
    """The tasks with a date that will open first for this person."""
    rows = portal.store.tasks_to_come(scopes_of(portal, actor), today.isoformat())
    found = []
    for row in rows:
        process, task = portal.process_called(row.process), row.task
        if "not_for" in task and may_take(process, task, actor, {"lcsa": row.lcsa, "organization": row.organization}):
            opens_on, title = date.fromisoformat(task["opens_on"]), process.step(task["step"]).title
            found.append(ToCome(opens_on, title, row.organization, row.lcsa, row.document_id))
    return found


def what_opens(portal: Portal, steps: Sequence[Step]) -> list[tuple[str, str]]:
    """Steps on the way, each with what opens it: `Give the legal opinion`, `the application is routed`."""
    process = portal.process
    return [
        (step.title, words)
        for step in steps
        if step.key in process.way.rests_on and (words := opens_in_words(process, step))
    ]
