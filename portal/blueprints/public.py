"""The public pages: what this is and how to get access, the process and the policy drawn from their tables, and
health.
"""

from flask import Blueprint, Response, abort, current_app, jsonify, render_template

from portal.access import PAGES, public
from portal.health import BeingFilled, Health
from portal.logs import request_id
from portal.process.schema import schema_of
from portal.process.third_party_access.reference import DCSS_GOALS
from portal.rendering import the_portal
from portal.store.errors import Unavailable

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
@public
def start() -> str:
    """What third party access is, and how to get it."""
    return render_template("public/start.html")


@blueprint.get("/process")
@public
def process() -> str:
    """The process, drawn from its table of steps: who does what, in which order, within which goal."""
    return render_template("public/process.html", process=the_portal().process, goals=DCSS_GOALS)


@blueprint.get("/policy")
@public
def policy() -> str:
    """Who may see and do what, for which purpose, drawn from the tables that the portal obeys [O8.2]."""
    process = the_portal().process
    takes = {
        role.key: [
            step for step in process.steps if step.role == role.key or any(also.role == role.key for also in step.also)
        ]
        for role in process.roles
    }
    withheld = [
        (step, field.full_label, readers)
        for step in process.steps
        for field in step.fields
        if (readers := field.readers if field.readers is not None else step.readers) is not None
    ]
    return render_template("public/policy.html", process=process, takes=takes, withheld=withheld, pages=PAGES)


@blueprint.get("/schemas/<key>.json")
@public
def schema(key: str) -> Response:
    """The JSON Schema of a process's documents."""
    found = next((process for process in the_portal().processes if process.key == key), None)
    if found is None:
        abort(404)
    return jsonify(schema_of(found))


@blueprint.get("/health")
@public
def health() -> tuple[Response, int]:
    """200 when the store answers; 503 when it does not. Damaged documents are named, and everything else goes on.

    Paths and addresses are in the log alone, under the same request's number.
    """
    kept: Health = current_app.extensions["portal-health"]
    try:
        return jsonify(status="ok", **kept.look()), 200
    except Unavailable as error:
        current_app.logger.error("the store is unavailable", extra={"data": {"why": str(error)}})
        why = str(error) if isinstance(error, BeingFilled) else "the store cannot be read or written"
        return jsonify(status="unavailable", why=why, request_id=request_id()), 503
