"""What waits besides the tasks of applications, each for the roles that may open its page: the yearly review of the
process, gaps in access that are foretold, surveys that stopped half-way, and the weeks of the access log [1.2, 9, 10,
O8.2].
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

from portal import forecast, publishing, surveys
from portal.audit import Outcome
from portal.notices.duty import Duty
from portal.parts import Portal
from portal.process.document import moment
from portal.process.goals import california_date, california_day
from portal.process.policy import rows_opening
from portal.store.errors import Damaged
from portal.words import count

Roles = tuple[str, ...]

OF_THE_PORTAL = "The portal"
"""Where a duty stands that is of no page's own subject."""


def waiting(portal: Portal, may_open: Callable[[str], bool] = lambda endpoint: True) -> Iterator[Duty]:
    """Every duty that waits today on a page that may be opened (by its endpoint)."""
    for endpoint, found in _FOUND.items():
        if may_open(endpoint):
            rows = rows_opening(portal.processes, endpoint)
            yield from found(portal, tuple(dict.fromkeys(role for row in rows for role in row.roles)))


def _surveys(portal: Portal, roles: Roles) -> Iterator[Duty]:
    for one in surveys.all_rounds(portal):
        if not one.is_sent:
            asks = f"{one.position} of {one.total} were asked before it stopped. Go on."
            title, path = f"Send the survey “{one.name}”", f"/surveys/rounds/{one.key}"
            yield Duty(f"survey/{one.key}", path, roles, title, OF_THE_PORTAL, asks, california_day(one.at))


def _review(portal: Portal, roles: Roles) -> Iterator[Duty]:
    due = publishing.review_due(portal)
    if due and due <= portal.today:
        asks = f"It has been due since {due:%B %-d, %Y}. Say what was reviewed, and what comes of it."
        yield Duty(f"review/{due}", "/publishing/review", roles, "Review the process", OF_THE_PORTAL, asks, due)


def _gaps(portal: Portal, roles: Roles) -> Iterator[Duty]:
    """One when an organization is without access, or the forecast of renewals leaves it so."""
    kept = forecast.kept(portal)
    if (worst := kept.worst) and kept.as_of:
        days = count(worst.gap, "day")
        if since := worst.without_since:
            asks = f"{worst.organization} is without access since {since:%B %-d, %Y}: its renewal is not in force yet."
            title = f"Look at gaps in access that have begun or are foretold ({kept.gaps})"
        else:
            asks = (
                f"{worst.organization} will probably have none for {days}: its MOU ends on {worst.ends_on:%B %-d, %Y}."
            )
            title = f"Look at gaps in access that are foretold ({kept.gaps})"
        key = f"gaps/{worst.document_id}"
        yield Duty(key, "/renewals", roles, title, "Renewals", asks, kept.as_of, kept.gaps)


def _of_the_log(portal: Portal, roles: Roles) -> Iterator[Duty]:
    """Each week of the access log that ended and is not signed off, and unusual use that nobody has looked at; or that
    the log is damaged.
    """
    try:
        unusual, weeks = portal.auditing.unusual.waiting(), portal.auditing.reviews.missing()
    except Damaged as damaged:
        asks = f"It is damaged ({damaged.key}). Have “flask verify” run on it, and keep what it says."
        title = "Look into the access log"
        yield Duty("log-damaged", "/access-log", roles, title, OF_THE_PORTAL, asks, portal.today)
        return
    if unusual:
        asks = f"{unusual[0].who}: {unusual[0].in_words}. Say what it was."
        title, path = f"Look at unusual use ({len(unusual)})", "/access-log/unusual-use"
        since = california_date(moment(f"{unusual[-1].hour}:00:00Z"))
        yield Duty("unusual-use", path, roles, title, OF_THE_PORTAL, asks, since, len(unusual))
    for week in weeks:
        held = f"{count(week.lines, 'line')}, {week.outcomes[Outcome.REFUSED]:,} refused"
        asks = f"{held}. Look through it, and sign it off."
        title = f"Review the access log of {week.begins_on:%B %-d} to {week.ends_on:%B %-d, %Y}"
        path, since = f"/access-log/weeks/{week.since}", week.ends_on + timedelta(days=1)
        yield Duty(f"log-week/{week.since}", path, roles, title, OF_THE_PORTAL, asks, since)


_FOUND: dict[str, Callable[[Portal, Roles], Iterator[Duty]]] = {
    "surveys.go_on": _surveys,
    "publishing.record_review": _review,
    "renewals.renewals": _gaps,
    "access_log.weeks": _of_the_log,
}
"""The duties, by the endpoint that whoever has them may open."""
