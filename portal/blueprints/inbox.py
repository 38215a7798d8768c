"""The inbox: a person's tasks, those that they can take now, and nothing else. The largest delay stands first."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from flask import Blueprint, request, url_for
from flask_login import current_user

from portal import duties
from portal.access import current_actor, may_open
from portal.inbox_in_words import grouped, scopes_of, steps_in_inbox, task_in_words, to_come, what_opens, with_marks
from portal.parts import Portal
from portal.process.goals import california_date
from portal.process.no_case_data import find_ssn
from portal.process.step import Actor
from portal.process.third_party_access.reference import LCSAS
from portal.rendering import PAGE_SIZE, offset_within_reach, page_or_block, the_portal
from portal.store.port import TaskSearch

blueprint = Blueprint("inbox", __name__)

FEW = 5
"""Of so many tasks none needs to be looked for."""


class TaskShown(NamedTuple):
    """One row in words: a step that can be taken, or something that a role has to do besides.

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


class Asked(NamedTuple):
    """What the tasks are narrowed to: words, a step's key, an LCSA. What is empty does not narrow them."""

    q: str
    step: str
    lcsa: str


@blueprint.get("/inbox")
def inbox() -> str:
    """The tasks that this person can take now; by words, step and LCSA."""
    portal, actor, asked = the_portal(), current_actor(), _asked()
    today = portal.today
    page = portal.store.tasks(
        scopes_of(portal, actor, asked.lcsa),
        today.isoformat(),
        offset=offset_within_reach(),
        limit=PAGE_SIZE,
        search=TaskSearch(asked.step, tuple(asked.q.split())),
    )
    tasks = [shown for row in page.rows if (shown := task_in_words(portal, row, actor, today))]
    groups = grouped(with_marks(portal, actor, tasks))
    narrowed = any(asked)
    steps = steps_in_inbox(portal, actor) if narrowed or page.total > FEW or not groups else []
    nothing = not groups and not narrowed
    return page_or_block(
        "inbox.html",
        "tasks",
        groups=groups,
        page=page,
        limit=PAGE_SIZE,
        asked=asked,
        narrowed=narrowed,
        steps=[(step.key, step.title) for step in steps],
        lcsas=_lcsas(actor),
        to_come=to_come(portal, actor, today) if nothing else [],
        what_opens=what_opens(portal, steps) if nothing else [],
        guides=[role for role in portal.process.roles if actor.holds(role.key)],
        may_begin=actor.holds(portal.process.starting_step.role),
        duties=list(_duties(portal, actor)),
    )


def _asked() -> Asked:
    words = request.args.get("q", "").strip()[:100]
    return Asked("" if find_ssn(words) else words, request.args.get("step", ""), request.args.get("lcsa", ""))


def _lcsas(actor: Actor) -> list[tuple[str, str]]:
    """The LCSAs of which this person can have tasks, to choose from; none when there is one alone."""
    names = {grant.scope.get("lcsa") for grant in actor.grants}
    found = LCSAS if None in names else sorted(str(name) for name in names)
    return [(name, name) for name in found] if len(found) > 1 else []


def _duties(portal: Portal, actor: Actor) -> Iterator[TaskShown]:
    """The rules, when the year is nearly over [O8.2]; and what else waits besides the tasks of applications."""
    confirm_by = portal.people.signing_in.confirm_by(current_user)
    if confirm_by:
        asks = f"Your confirmation ends on {california_date(confirm_by):%B %-d, %Y}. From then on nothing else opens."
        yield TaskShown(url_for("rules.rules"), "Confirm the rules and penalties", "The portal", asks)
    for duty in duties.waiting(portal, lambda endpoint: may_open(actor, endpoint)):
        yield TaskShown(duty.path, duty.title, duty.where, duty.asks)
