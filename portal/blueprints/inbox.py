"""The inbox: a person's tasks, those that they can take now, and nothing else. The largest delay stands first."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from flask import Blueprint, url_for
from flask_login import current_user

from portal import duties
from portal.access import current_actor, may_open
from portal.parts import Portal
from portal.process.errors import NotYourTurn
from portal.process.goals import california_date
from portal.process.open_tasks import days_used, delay_told, may_take, waits_since
from portal.process.policy import readable, turn
from portal.process.progress import delay_reason, progress
from portal.process.step import Actor, Step
from portal.rendering import PAGE_SIZE, offset_within_reach, page_or_block, the_portal
from portal.store.errors import Damaged, NotFound
from portal.store.port import Scope, TaskRow
from portal.words import goal_in_words, goal_tone

blueprint = Blueprint("inbox", __name__)


class TaskShown(NamedTuple):
    """One row of the inbox, in words: the task of a step, or something that a role has to do besides.

    The template takes it apart by place (`task_rows`): what is added here is added there.
    """

    url: str
    title: str
    organization: str
    asks: str
    document_id: str = ""
    since: date | None = None
    goal: str = ""
    tone: str = ""
    delay_reason: str = ""
    draft: str = ""


@blueprint.get("/inbox")
def inbox() -> str:
    """The tasks that this person can take now."""
    portal, actor = the_portal(), current_actor()
    today = portal.today
    page = portal.store.tasks(
        scopes_of(portal, actor), today.isoformat(), offset=offset_within_reach(), limit=PAGE_SIZE
    )
    rows = [shown for row in page.rows if (shown := _shown(portal, row, actor, today))]
    may_begin = actor.holds(portal.process.starting_step.role)
    besides = list(_duties(portal, actor))
    return page_or_block(
        "inbox.html", "tasks", tasks=rows, page=page, limit=PAGE_SIZE, may_begin=may_begin, duties=besides
    )


def _duties(portal: Portal, actor: Actor) -> Iterator[TaskShown]:
    """The rules, when the year is nearly over [O8.2]; and what else waits besides the tasks of applications."""
    confirm_by = portal.people.signing_in.confirm_by(current_user)
    if confirm_by:
        asks = f"Your confirmation ends on {california_date(confirm_by):%B %-d, %Y}. From then on nothing else opens."
        yield TaskShown(url_for("rules.rules"), "Confirm the rules and penalties", "The portal", asks)
    for duty in duties.waiting(portal, lambda endpoint: may_open(actor, endpoint)):
        yield TaskShown(duty.path, duty.title, duty.where, duty.asks)


def scopes_of(portal: Portal, actor: Actor) -> list[Scope]:
    """What part of all documents the person's roles cover, for the store."""
    return [
        Scope(grant.role, grant.scope.get("lcsa"), grant.scope.get("organization"))
        for grant in actor.grants
        if portal.sees_documents(grant.role)
    ]


def _shown(portal: Portal, row: TaskRow, actor: Actor, today: date) -> TaskShown | None:
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
    return _row(row, step, task["goal_from"], days_used(task, today, portal.calendar), reason)


def _from_document(portal: Portal, row: TaskRow, actor: Actor) -> TaskShown | None:
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
    return _row(row, step, goal.start if goal else None, used, reason)


def _row(row: TaskRow, step: Step, goal_from: object, used: int, reason: str = "") -> TaskShown:
    goal = step.goal if goal_from else None
    return TaskShown(
        url=step_url(row.document_id, step),
        title=step.title,
        organization=f"{row.organization}, {row.lcsa}",
        asks=step.asks,
        document_id=row.document_id,
        since=waits_since(row.task),
        goal=goal_in_words(goal.working_days, used, goal.at_least) if goal else "",
        tone=goal_tone(goal.working_days, used) if goal else "",
        delay_reason=reason if goal else "",
    )


def step_url(document_id: str, step: Step) -> str:
    """The address of a step's form. An id and a step's key stand in an address as they are."""
    return f"/applications/{document_id}/steps/{step.key}"
