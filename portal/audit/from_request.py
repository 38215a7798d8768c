"""A line of the access log about the request at hand. The one file of this room that knows the web."""

from flask import current_app, has_request_context, request
from flask_login import current_user

from portal.audit.access_log import AccessLog, Outcome
from portal.logs import request_id


def log_request(did: str, record: str = "", outcome: str = Outcome.DONE, why: str = "", who: str | None = None) -> None:
    """Writes who did or tried what, from where. `who` is whoever is signed in, unless given."""
    log: AccessLog = current_app.extensions["portal"].log
    if not has_request_context():
        log.write(who or "", did, record, outcome, "command line", "", why)
        return
    if who is None:
        who = current_user.email if current_user.is_authenticated else ""
    log.write(who, did, record, outcome, request.remote_addr or "", request_id(), why)
