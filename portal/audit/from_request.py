"""Lines of the access log about the request at hand. The one file of this room that knows the web."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from flask import current_app, g, has_request_context, request
from flask_login import current_user

from portal.audit.access_log import AccessLog, Act, Origin, Outcome
from portal.logs import request_id


def log_request(
    did: str,
    record: str = "",
    outcome: str = Outcome.DONE,
    why: str = "",
    who: str | None = None,
    roles: Sequence[str] | None = None,
) -> None:
    """Writes who did or tried what, in which roles, from where. Raises `Unavailable`: then it must not happen.

    `who` is whoever is signed in, unless given; `roles` those in which the page was opened, or all that they hold. What
    somebody typed never goes into `did`, `record` or `why`.
    """
    _log().write(act_of_request(did, record, why, who, roles), outcome)
    if outcome in (Outcome.REFUSED, Outcome.FAILED):
        note_refusal()


@contextmanager
def acting(did: str, record: str = "", why: str = "", who: str | None = None) -> Iterator[None]:
    """A block that is entered once the log says that it is begun; the log says afterwards how it ended."""
    act = act_of_request(did, record, why, who)
    try:
        with _log().carrying_out(act):
            yield
    except Exception:
        note_refusal()  # with its own reason, whatever the page answers
        raise


def act_of_request(
    did: str, record: str = "", why: str = "", who: str | None = None, roles: Sequence[str] | None = None
) -> Act:
    """What is done in the request at hand, or by the command at hand."""
    if not has_request_context():
        return Act(who or "", did, record, "", Origin("command line"), why)
    if who is None:
        who = current_user.email if current_user.is_authenticated else ""
    return Act(who, did, record, ", ".join(_roles(who) if roles is None else roles), origin_of_request(), why)


def origin_of_request() -> Origin:
    """Where the request at hand comes from."""
    return Origin(request.remote_addr or "", request_id())


def note_refusal() -> None:
    """The log has the line about this request's refusal: one is enough."""
    if has_request_context():
        g.refusal_logged = True


def refusal_is_logged() -> bool:
    """Whether the log has a line about this request's refusal."""
    return bool(g.get("refusal_logged"))


def _roles(who: str) -> Sequence[str]:
    """In which roles somebody acts: those that open the page to them, else all that they hold."""
    if not current_user.is_authenticated or current_user.email != who:
        found = current_app.extensions["portal"].people.get(who) if who else None
        return sorted({grant.role for grant in found.grants}) if found else ()
    held = {grant.role for grant in current_user.grants}
    opened: Sequence[str] = g.get("opened_by", ())
    return [role for role in opened if role in held] or sorted(held)


def _log() -> AccessLog:
    log: AccessLog = current_app.extensions["portal"].log
    return log
