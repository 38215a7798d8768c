"""The inbox: a person's tasks, those that they can take now, and nothing else. The largest delay stands first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, url_for
from flask_login import current_user

from portal.access import current_actor, may_open, signed_in
from portal.parts import Portal
from portal.process.document import moment
from portal.process.errors import NotYourTurn
from portal.process.goals import california_date
from portal.process.open_tasks import days_used, may_take
from portal.process.policy import readable, turn
from portal.process.progress import delay_reason, progress
from portal.process.step import Actor, Goal, Step
from portal.rendering import PAGE_SIZE, offset_within_reach, page_or_block, the_portal
from portal.store.errors import Damaged, NotFound
from portal.store.port import Scope, TaskRow

blueprint = Blueprint("inbox", __name__)

REVIEW_EVERY = timedelta(days=7)
"""How often the access log is to be reviewed."""


@dataclass(frozen=True, slots=True)
class TaskShown:
    """One row of the inbox. `days_used` counts working days against the goal, where the step has one."""

    document_id: str
    organization: str
    lcsa: str
    step: Step
    open_since: date
    goal: Goal | None
    days_used: int
    delay_reason: str


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that a role has to do besides the steps of applications: what, where, and why now."""

    title: str
    address: str
    asks: str


@blueprint.get("/inbox")
@signed_in
def inbox() -> str:
    """The tasks that this person can take now."""
    portal, actor = the_portal(), current_actor()
    page = portal.store.tasks(
        scopes_of(portal, actor), portal.today.isoformat(), offset=offset_within_reach(), limit=PAGE_SIZE
    )
    rows = [shown for row in page.rows if (shown := _shown(portal, row, actor))]
    may_begin = actor.holds(portal.process.starting_step.role)
    duties = list(_duties(portal, actor))
    return page_or_block(
        "inbox.html", "tasks", tasks=rows, page=page, limit=PAGE_SIZE, may_begin=may_begin, duties=duties
    )


def _duties(portal: Portal, actor: Actor) -> Iterator[Duty]:
    """The rules, when the year is nearly over; the review of the access log, when the last one is a week old [O8.2]."""
    confirm_by = portal.people.signing_in.confirm_by(current_user)
    if confirm_by:
        asks = f"Your confirmation ends on {california_date(confirm_by):%B %-d, %Y}. From then on nothing else opens."
        yield Duty("Confirm the rules and penalties", url_for("rules.rules"), asks)
    if may_open(actor, "access_log.access_log"):
        reviews = portal.log.reviews()
        last = max((review.at for review in reviews), default=None)
        if last is None or portal.clock() - moment(last) >= REVIEW_EVERY:
            said = (
                f"The last review was on {california_date(moment(last)):%B %-d, %Y}."
                if last
                else "It was never reviewed."
            )
            asks = f"Look through who did or tried what, and sign it off. {said}"
            yield Duty("Review the access log", url_for("access_log.access_log"), asks)


def scopes_of(portal: Portal, actor: Actor) -> list[Scope]:
    """What part of all documents the person's roles cover, for the store."""
    return [
        Scope(grant.role, grant.scope.get("lcsa"), grant.scope.get("organization"))
        for grant in actor.grants
        if portal.sees_documents(grant.role)
    ]


def _shown(portal: Portal, row: TaskRow, actor: Actor) -> TaskShown | None:
    """The row; None when the task is one that this person may not take after all. A document is opened only where its
    entry does not say it all: a reason for delay is to be shown, or it was written before entries did.
    """
    process, task = portal.process_called(row.process), row.task
    if "not_for" not in task or task["delayed"]:
        return _from_document(portal, row, actor)
    if not may_take(process, task, actor, {"lcsa": row.lcsa, "organization": row.organization}):
        return None
    step = process.step(task["step"])
    return _row(row, step, task["goal_from"], days_used(task, portal.today, portal.calendar))


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
    return TaskShown(
        document_id=row.document_id,
        organization=row.organization,
        lcsa=row.lcsa,
        step=step,
        open_since=california_date(moment(row.task["since"])),
        goal=step.goal if goal_from else None,
        days_used=used,
        delay_reason=reason,
    )
