"""What Flask asks of the policy: who may open which page. Deny by default.

The policy's table names every endpoint, with the roles that open it; one that it does not name is refused to everybody,
and a test finds it. To add a page, add its row. What may be seen of a single document, and whose turn a step is, the
core's policy says; no view asks for a role by itself.
"""

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.audit import Outcome
from portal.audit.from_request import log_request
from portal.parts import Portal
from portal.process import policy
from portal.process.policy_table import ANYBODY, Row
from portal.process.step import Actor


def current_actor() -> Actor:
    """Who is signed in. Only for views that are not open to everybody."""
    actor: Actor = current_user.actor
    return actor


def may_open(actor: Actor, endpoint: str) -> bool:
    """Whether the policy lets this person open the page with this endpoint."""
    return policy.may_open(rows_of(endpoint), actor)


def page_title(endpoint: str) -> str:
    """What the policy calls the page."""
    return rows_of(endpoint)[0].title


def rows_of(endpoint: str) -> tuple[Row, ...]:
    """The rows that open an endpoint; none when no table names it."""
    portal: Portal = current_app.extensions["portal"]
    return policy.rows_opening(portal.processes, endpoint)


def guard(app: Flask) -> None:
    """Lets each request through or refuses it, before any view runs."""

    @app.before_request
    def require_access() -> Response | None:
        if request.endpoint is None:
            return None  # no such address: Flask answers 404 or 405
        rows = rows_of(request.endpoint)
        if any(ANYBODY in row.roles for row in rows):
            return None
        if not rows:
            abort(403)
        if not current_user.is_authenticated:
            if request.method != "GET" or "HX-Request" in request.headers:
                abort(401)  # not the sign-in page in the place of a fragment
            log_request(f"open {request.endpoint}", outcome=Outcome.REFUSED, why="not signed in")
            return redirect(url_for("sign_in.sign_in", next=request.full_path.rstrip("?")))
        # The roles in which they act here, for the access log.
        g.opened_by = [role for row in rows for role in row.roles]
        if not policy.may_open(rows, current_actor()):
            g.refused_because = _whose(rows)
            abort(403)
        return None


def _whose(rows: tuple[Row, ...]) -> str:
    """`“Tracking sheet” is for the Process Manager and the Process Owner.`"""
    portal: Portal = current_app.extensions["portal"]
    titles = dict.fromkeys(portal.role_title(role) for row in rows for role in row.roles)
    return f"“{rows[0].title}” is for the {' and the '.join(titles)}."
