"""Reading in the organizations that have access today, from the sheet that was kept before the portal [5.1]."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from htmx_flask import request as htmx_request
from werkzeug.wrappers import Response as AnyResponse

from portal import importing, sheets
from portal.access import current_actor
from portal.audit import Outcome
from portal.audit.from_request import acting, log_request, origin_of_request
from portal.blueprints.matrix import as_open_file
from portal.importing.columns import organization_columns, user_columns
from portal.papers import PaperRefused, checked_workbook
from portal.process.document import Json
from portal.process.no_case_data import find_ssn
from portal.rendering import page_or_block, the_portal

blueprint = Blueprint("importing", __name__)

SHOWN = 200
"""So many errors are listed on a page; the file that is given back has all of them."""

AT_ONCE, IN_PIECES = 10.0, 1.0
"""For how many seconds a press of the button makes agreements, and how many one of HTMX's requests does."""

Answer = str | AnyResponse | tuple[str, int]


@blueprint.get("/import")
def start() -> str:
    """What a sheet may hold, where to send one, and those that were sent."""
    return _start()


def _start(problem: str = "", cells: tuple[importing.CellProblem, ...] = ()) -> str:
    portal = the_portal()
    return render_template(
        "importing/start.html",
        columns=[one for one in organization_columns(portal.process) if one.field is not None],
        user_columns=user_columns(portal.process),
        recent=importing.recent(portal)[:10],
        problem=problem,
        cells=cells[:SHOWN],
        more=max(0, len(cells) - SHOWN),
    )


@blueprint.post("/import")
def send() -> Answer:
    """Checks a sheet. Nothing is imported yet."""
    portal, upload = the_portal(), request.files.get("sheet")
    if upload is None or not upload.filename:
        return _start("Choose the sheet: an Excel workbook (.xlsx)."), 422
    try:
        paper = checked_workbook(upload, portal.scanner)
        if find_ssn(paper.name):
            raise importing.SheetRefused("The file’s name holds what looks like a social security number. Rename it.")
        with acting("check a sheet to import", paper.sha256[:12]):
            record = importing.receive(portal, current_actor(), paper.name, paper.content)
    except PaperRefused as refusal:
        log_request("send a sheet to import", "", Outcome.REFUSED, f"{refusal.status}: {refusal.why or refusal}")
        return _start(str(refusal)), refusal.status
    except importing.SheetRefused as refusal:
        return _start(str(refusal), refusal.problems), 422
    if record["state"] == "done":
        flash("This very file was imported already: nothing was done again.", "info")
    return redirect(url_for("importing.one", sha256=record["sha256"]), 303)


@blueprint.get("/import/<sha256>")
def one(sha256: str) -> str:
    """Where the import of a sheet stands: what its check found, how far it has come, or what was made."""
    record = importing.find(the_portal(), sha256)
    log_request("look at an import", sha256[:12])
    return _one(record)


def _one(record: Json, problem: str = "") -> str:
    plan = importing.plan_of(the_portal(), record)
    problems = importing.problems_in(plan) if record["state"] == "checked" else []
    return page_or_block(
        "importing/one.html",
        "standing",
        record=record,
        made=record["done"] - len(record["missed"]),
        unread=plan["unread"],
        left=len(plan["left"]),
        problems=problems[:SHOWN],
        more=max(0, len(problems) - SHOWN),
        problem=problem,
    )


@blueprint.post("/import/<sha256>/begin")
def begin(sha256: str) -> Answer:
    """Begins the import, of all rows or of those that hold."""
    portal = the_portal()
    try:
        importing.begin(
            portal, current_actor(), sha256, request.form.get("rows") == "holding", origin=origin_of_request()
        )
    except importing.NotBegun as error:
        return _one(importing.find(portal, sha256), error.why), 409
    return redirect(url_for("importing.one", sha256=sha256), 303)


@blueprint.post("/import/<sha256>/go-on")
def go_on(sha256: str) -> Answer:
    """Makes the next agreements: those of a second for HTMX, which asks again, of ten for a press of the button."""
    portal, pieces = the_portal(), bool(htmx_request.htmx)
    try:
        for _ in importing.go_on(
            portal, current_actor(), sha256, IN_PIECES if pieces else AT_ONCE, origin=origin_of_request()
        ):
            pass
    except importing.NotBegun as error:
        return _one(importing.find(portal, sha256), error.why), 409
    if pieces:
        return _one(importing.find(portal, sha256))
    return redirect(url_for("importing.one", sha256=sha256), 303)


@blueprint.get("/import/<sha256>/left.xlsx")
def left(sha256: str) -> Response:
    """The rows that were left, each with what is wrong beside it."""
    portal = the_portal()
    record = importing.find(portal, sha256)
    plan = importing.plan_of(portal, record)
    if not plan["left"] and not plan["left_users"] and not record["missed"]:
        abort(404)
    log_request("export the rows left by an import", sha256[:12])
    return as_open_file(importing.left_file(plan, record["missed"]), sheets.XLSX_TYPE, "rows-left.xlsx")


@blueprint.get("/import/sample.xlsx")
def sample() -> Response:
    """A sheet with every column, to be filled in."""
    return as_open_file(importing.sample_file(the_portal().process), sheets.XLSX_TYPE, "organizations-with-access.xlsx")
