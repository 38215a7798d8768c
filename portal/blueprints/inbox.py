"""The inbox: a person's tasks, those that they can take now, and nothing else. The largest delay stands first."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template

from portal.access import current_actor, signed_in
from portal.parts import Portal
from portal.process.document import Json, moment
from portal.process.errors import NotYourTurn
from portal.process.explain import delay_reason
from portal.process.goals import california_date
from portal.process.policy import readable, turn
from portal.process.progress import progress
from portal.process.step import Actor, Step
from portal.rendering import PAGE_SIZE, offset_asked, the_portal
from portal.store.errors import Damaged, NotFound
from portal.store.port import Scope

blueprint = Blueprint("inbox", __name__)


@dataclass(frozen=True, slots=True)
class TaskShown:
    """One row of the inbox. `days_used` counts working days against the goal; None where the step has none."""

    document: Json
    step: Step
    open_since: date
    goal_days: int | None
    days_used: int | None
    delay_reason: str


@blueprint.get("/inbox")
@signed_in
def inbox() -> str:
    """The tasks that this person can take now."""
    portal, actor = the_portal(), current_actor()
    page = portal.store.tasks(
        scopes_of(portal, actor), portal.today.isoformat(), offset=offset_asked(), limit=PAGE_SIZE
    )
    rows = [shown for row in page.rows if (shown := _shown(portal, row.document_id, row.task["step"], actor))]
    may_begin = actor.holds(portal.process.starting_step.role)
    return render_template("inbox.html", tasks=rows, page=page, limit=PAGE_SIZE, may_begin=may_begin)


def scopes_of(portal: Portal, actor: Actor) -> list[Scope]:
    """What part of all documents the person's roles cover, for the store."""
    return [
        Scope(grant.role, grant.scope.get("lcsa"), grant.scope.get("organization"))
        for grant in actor.grants
        if portal.role(grant.role).sees_documents
    ]


def _shown(portal: Portal, document_id: str, step_key: str, actor: Actor) -> TaskShown | None:
    """The row; None when the task is gone meanwhile, or is one that this person may not take after all."""
    try:
        document = portal.store.get(document_id)
    except (NotFound, Damaged):
        return None
    process = portal.process_of(document)
    step = process.step(step_key)
    task = next((task for task in document["open_tasks"] if task["step"] == step_key), None)
    try:
        turn(process, step, actor, document)
    except NotYourTurn:
        return None
    if task is None:
        return None
    goal = progress(step, document, portal.calendar)
    return TaskShown(
        document=document,
        step=step,
        open_since=california_date(moment(task["since"])),
        goal_days=goal.goal.working_days if goal and goal.start else None,
        days_used=goal.used(portal.today, portal.calendar) if goal and goal.start else None,
        delay_reason=delay_reason(process, step, readable(process, document, actor)),
    )
