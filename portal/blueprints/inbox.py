"""The inbox: a person's tasks, those that they can take now, and nothing else. The largest delay stands first."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from flask import Blueprint, url_for
from flask_login import current_user

from portal import forecast, publishing, surveys
from portal.access import current_actor, may_open
from portal.audit import Outcome
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
from portal.words import count, goal_in_words, goal_tone

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
    duties = list(_duties(portal, actor))
    return page_or_block(
        "inbox.html", "tasks", tasks=rows, page=page, limit=PAGE_SIZE, may_begin=may_begin, duties=duties
    )


def _duties(portal: Portal, actor: Actor) -> Iterator[TaskShown]:
    """The rules, when the year is nearly over; for the ISO what waits in the access log [O8.2]."""
    confirm_by = portal.people.signing_in.confirm_by(current_user)
    if confirm_by:
        asks = f"Your confirmation ends on {california_date(confirm_by):%B %-d, %Y}. From then on nothing else opens."
        yield TaskShown(url_for("rules.rules"), "Confirm the rules and penalties", "The portal", asks)
    if may_open(actor, "surveys.go_on"):
        for one in (one for one in surveys.all_rounds(portal) if not one.is_sent):
            asks = f"{one.position} of {one.total} were asked before it stopped. Go on."
            yield TaskShown(url_for("surveys.survey", key=one.key), f"Send the survey “{one.name}”", "The portal", asks)
    if may_open(actor, "publishing.record_review"):
        due = publishing.review_due(portal)
        if due and due <= portal.today:
            asks = f"It has been due since {due:%B %-d, %Y}. Say what was reviewed, and what comes of it."
            yield TaskShown(url_for("publishing.review"), "Review the process", "The portal", asks)
    if may_open(actor, "renewals.renewals"):
        yield from _gaps(forecast.kept(portal))
    if may_open(actor, "access_log.weeks"):
        try:
            yield from _of_the_log(portal)
        except Damaged as damaged:
            asks = f"It is damaged ({damaged.key}). Have “flask verify” run on it, and keep what it says."
            yield TaskShown(url_for("access_log.access_log"), "Look into the access log", "The portal", asks)


def _gaps(kept: forecast.Kept) -> Iterator[TaskShown]:
    """One line when the forecast of renewals leaves an organization without access [10]."""
    if worst := kept.worst:
        days = count(worst.gap, "day")
        asks = f"{worst.organization} will probably have none for {days}: its MOU ends on {worst.ends_on:%B %-d, %Y}."
        title = f"Look at gaps in access that are foretold ({kept.gaps})"
        yield TaskShown(url_for("renewals.renewals"), title, "Renewals", asks)


def _of_the_log(portal: Portal) -> Iterator[TaskShown]:
    """Each week of the access log that ended and is not signed off, and unusual use that nobody has looked at."""
    waiting, weeks = portal.auditing.unusual.waiting(), portal.auditing.reviews.missing()
    if waiting:
        asks = f"{waiting[0].who}: {waiting[0].in_words}. Say what it was."
        yield TaskShown(url_for("access_log.unusual_use"), f"Look at unusual use ({len(waiting)})", "The portal", asks)
    for week in weeks:
        held = f"{count(week.lines, 'line')}, {week.outcomes[Outcome.REFUSED]:,} refused"
        asks = f"{held}. Look through it, and sign it off."
        title = f"Review the access log of {week.begins_on:%B %-d} to {week.ends_on:%B %-d, %Y}"
        yield TaskShown(url_for("access_log.week", since=week.since), title, "The portal", asks)


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
