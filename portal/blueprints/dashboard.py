"""The dashboard: how the process is going, in figures, each with a table and a way to the list behind it."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from flask import Blueprint, abort, render_template, request, url_for

from portal import dashboard as worked_out
from portal import forecast
from portal.access import current_actor, may_open
from portal.county_map import SIZE, areas, name_of
from portal.dashboard import Accounts, Figures, Overdue, Took, Waiting, month_of
from portal.inbox_in_words import whoevers_task, with_marks
from portal.parts import Portal
from portal.process.goals import add_months
from portal.process.no_case_data import find_ssn
from portal.process.step import Step
from portal.rendering import PAGE_SIZE, offset_within_reach, page_or_block, the_portal
from portal.store.port import Search
from portal.words import count

blueprint = Blueprint("dashboard", __name__)

OLDEST = 8
"""So many tasks that are over their goal are named one by one."""

SHADES = (
    "None granted",
    "Up to half of what is reserved",
    "More than half of it",
    "All of it",
    "More than is reserved",
)
"""What it means how dark an LCSA is drawn, from the lightest on."""

ARRIVED = ("renewing", "active")
"""Statuses of applications that have come where they lead."""


class OverdueShown(NamedTuple):
    """A task over its goal or past its day: by how much in words, what it is, whose, and on which application."""

    over: str
    title: str
    roles: list[str]
    organization: str
    document_id: str


class EventShown(NamedTuple):
    """What came about month by month, and what that means."""

    key: str
    title: str
    means: str
    numbers: list[int]


@blueprint.get("/dashboard")
def dashboard() -> str:
    """How the process is going: stages, what is over its goal, how long steps take, accounts, MOUs, the year."""
    portal, actor = the_portal(), current_actor()
    figures, kept = worked_out.figures(portal), forecast.kept(portal)
    by_status = portal.store.count_by_status(Search(process=portal.process.key))
    ended = portal.process.ended
    return render_template(
        "dashboard.html",
        figures=figures,
        by_status=[(key, title, by_status.get(key, 0)) for key, title in portal.process.statuses],
        under_way=sum(n for status, n in by_status.items() if status not in ended and status not in ARRIVED),
        overdue=[_overdue(portal, one) for one in worked_out.longest_overdue(portal, OLDEST)],
        open_now=_open_now(portal, figures),
        steps=_steps(portal, figures) if figures else [],
        areas=areas(lambda lcsa: _area(lcsa, figures.accounts[lcsa])) if figures else [],
        map_size=SIZE,
        shades=SHADES,
        months=_months(kept, portal.today),
        forecast_as_of=kept.as_of,
        without=kept.without,
        events=_events(figures) if figures else [],
        flow_months=[_month(month) for month in figures.months] if figures else [],
        name_of=name_of,
        tracking=url_for("tracking.tracking") if may_open(actor, "tracking.tracking") else "",
        renewals=url_for("renewals.renewals") if may_open(actor, "renewals.renewals") else "",
    )


def _overdue(portal: Portal, one: Overdue) -> OverdueShown:
    step = portal.process_called(one.row.process).step(one.row.task["step"])
    roles = [portal.role_title(role) for role in one.roles]
    over = f"{count(one.over, 'working day')} over" if one.has_goal else f"{count(one.over, 'day')} late"
    return OverdueShown(over, step.title, roles, f"{one.row.organization}, {one.row.lcsa}", one.row.document_id)


class OpenShown(NamedTuple):
    """The open tasks of a role: its title, how many there are now (`more`: more than that), how many were over the goal
    in the figures, and the address of their list.
    """

    title: str
    number: int
    more: bool
    over: int
    url: str


def _open_now(portal: Portal, figures: Figures | None) -> list[OpenShown]:
    waiting = figures.waiting if figures else {}
    none = Waiting(0, 0, 0)
    return [
        OpenShown(
            portal.role_title(one.role),
            one.number,
            one.more,
            waiting.get(one.role, none).over,
            url_for("dashboard.tasks", role_key=one.role),
        )
        for one in worked_out.open_now(portal)
    ]


@blueprint.get("/dashboard/tasks/<role_key>")
def tasks(role_key: str) -> str:
    """The open tasks of one role in the whole state, by words; each leads to its application."""
    portal, actor = the_portal(), current_actor()
    role = next((role for role in portal.process.roles if role.key == role_key), None)
    if role is None:
        abort(404)
    words = request.args.get("q", "").strip()[:100]
    words = "" if find_ssn(words) else words
    page = worked_out.tasks_of(portal, role.key, tuple(words.split()), offset=offset_within_reach(), limit=PAGE_SIZE)
    shown = [whoevers_task(portal, row, portal.today) for row in page.rows]
    return page_or_block(
        "dashboard_tasks.html",
        "results",
        role=role,
        page=page,
        tasks=with_marks(portal, actor, shown),
        limit=PAGE_SIZE,
        q=words,
    )


def _steps(portal: Portal, figures: Figures) -> list[tuple[Step, Took]]:
    """Each step that has a goal, in the order of the process, with how long it took."""
    none = Took(0, 0, 0)
    return [(step, figures.steps.get(step.key, none)) for step in portal.process.steps if step.goal is not None]


def _area(lcsa: str, accounts: Accounts) -> tuple[str, str, int, str]:
    """An LCSA on the map: `Kern: 12 of 20 accounts granted`, the number, how dark, and its applications."""
    granted, reserved = accounts.granted, accounts.reserved
    if reserved:
        says = f"{name_of(lcsa)}: {granted:,} of {count(reserved, 'account')} granted"
    else:
        says = f"{name_of(lcsa)}: {count(granted, 'account')} granted, none reserved"
    return says, f"{granted:,}" if granted else "", shade_of(granted, reserved), _applications_of(lcsa)


def shade_of(granted: int, reserved: int) -> int:
    """The place in `SHADES`."""
    if not granted:
        return 0
    if granted > reserved:
        return 4
    return 3 if granted == reserved else 2 if granted * 2 > reserved else 1


def _applications_of(lcsa: str) -> str:
    return url_for("applications.applications", lcsa=lcsa)


def _months(kept: forecast.Kept, today: date) -> list[tuple[str, int, int, int]]:
    """The next twelve months: how many MOUs end, with a gap foretold, with one in the worse case alone."""
    found = []
    for on in range(12):
        month = month_of(add_months(today.replace(day=1), on))
        ends, gaps, gaps_late = kept.by_month.get(month, (0, 0, 0))
        found.append((_month(month), ends, gaps, gaps_late))
    return found


def _events(figures: Figures) -> list[EventShown]:
    told: Mapping[str, tuple[str, str]] = {
        "begun": ("Begun", "A Director identified the organization, or a renewal was started."),
        "decided": ("Decided", "The Process Owner accepted or rejected the application."),
        "active": (
            "Became active",
            "The Coordinator confirmed that the users can sign in to the Child Support Enforcement system (CSE).",
        ),
        "ended": ("Ended", "The MOU came to its end, or DCSS terminated it at once."),
    }
    return [
        EventShown(key, title, means, [figures.flow[key][month] for month in figures.months])
        for key, (title, means) in told.items()
    ]


def _month(month: str) -> str:
    """`November 2026`."""
    return f"{date.fromisoformat(f'{month}-01'):%B %Y}"
