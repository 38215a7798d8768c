"""The public pages: what this is and how to get access, the process and the policy drawn from their tables, and
health.
"""

from flask import Blueprint, Response, abort, current_app, jsonify, render_template

from portal import policy_in_words, sheets
from portal.blueprints.matrix import as_file
from portal.health import BeingFilled, Health
from portal.logs import request_id
from portal.process.schema import schema_of
from portal.process.third_party_access.reference import DCSS_GOALS
from portal.rendering import the_portal
from portal.role_guide import guide_of
from portal.store.errors import Unavailable

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
def start() -> str:
    """What third party access is, and how to get it."""
    return render_template("public/start.html")


@blueprint.get("/process")
def process() -> str:
    """The process, drawn from its table of steps: who does what, in which order, within which goal."""
    return render_template("public/process.html", process=the_portal().process, goals=DCSS_GOALS)


@blueprint.get("/process/<role_key>")
def how_to(role_key: str) -> str:
    """A role's part in the process, to be read in two minutes and printed."""
    process = the_portal().process
    role = next((role for role in process.roles if role.key == role_key), None)
    if role is None:
        abort(404)
    return render_template("public/how_to.html", process=process, guide=guide_of(process, role))


@blueprint.get("/policy")
def policy() -> str:
    """Who may see and do what, for which purpose: the table that the portal obeys [O8.2]."""
    portal, process = the_portal(), the_portal().process
    return render_template(
        "public/policy.html",
        process=process,
        roles=policy_in_words.by_role(process),
        parts=list(policy_in_words.parts(portal, process)),
    )


@blueprint.get("/policy.json")
def policy_json() -> Response:
    """The same table as .json."""
    rows = policy_in_words.as_sheet(the_portal().process)
    return Response(sheets.json_bytes(policy_in_words.COLUMNS, rows), content_type=sheets.JSON_TYPE)


@blueprint.get("/policy.csv")
def policy_csv() -> Response:
    """The same table as .csv."""
    rows = policy_in_words.as_sheet(the_portal().process)
    return as_file(sheets.csv_bytes(policy_in_words.COLUMNS, rows), sheets.CSV_TYPE, "policy.csv")


@blueprint.get("/schemas/<key>.json")
def schema(key: str) -> Response:
    """The JSON Schema of a process's documents."""
    found = next((process for process in the_portal().processes if process.key == key), None)
    if found is None:
        abort(404)
    return jsonify(schema_of(found))


@blueprint.get("/health")
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
