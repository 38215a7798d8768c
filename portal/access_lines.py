"""Lines for the access log, from a request: who, from where, did or tried what, on which record, with what outcome [O8.2]."""

from flask import g, request
from flask_login import current_user

from portal.audit.access_log import Outcome
from portal.logs import request_id
from portal.rendering import the_portal


def log_done(did: str, record: str) -> None:
    """Somebody saw or did something: `saw`, `took legal-opinion`."""
    _write(did, record, Outcome.DONE, "")


def log_refusal(status: int, record: str, why: str) -> None:
    """Somebody was refused: with which answer, and why. Once for a request."""
    if not g.get("refusal_logged"):
        g.refusal_logged = True
        _write(f"{request.method} {request.endpoint or 'no such page'}", record, Outcome.REFUSED, f"{status}: {why}")


def _write(did: str, record: str, outcome: str, why: str) -> None:
    signed_in = current_user and current_user.is_authenticated
    the_portal().log.write(
        who=current_user.actor.email if signed_in else "",
        did=did,
        record=record,
        outcome=outcome,
        where=request.remote_addr or "",
        request_id=request_id(),
        why=why,
    )
