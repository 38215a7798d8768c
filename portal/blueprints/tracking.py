"""The tracking sheet [5.1]: every application, each step's date, who has it now, working days used against goal."""

from datetime import date
from typing import NamedTuple

from flask import Blueprint, Response, abort, request

from portal import organizations, sheets, tables
from portal.access import current_actor
from portal.audit.from_request import log_request
from portal.blueprints.matrix import as_it_is_made, as_open_file
from portal.parts import Portal
from portal.process import explain, policy
from portal.process.no_case_data import find_ssn
from portal.process.third_party_access.reference import LCSAS
from portal.rendering import PAGE_SIZE, offset_within_reach, page_or_block, the_portal
from portal.store.port import Search

blueprint = Blueprint("tracking", __name__)


def _search(portal: Portal) -> Search:
    words = request.args.get("q", "").strip()[:100]
    status = request.args.get("status", "")
    return Search(
        process=portal.process.key,
        statuses=(status,) if status else (),
        lcsa=request.args.get("lcsa") or None,
        words=() if find_ssn(words) else tuple(words.split()),
    )


@blueprint.get("/tracking")
def tracking() -> str:
    """The sheet, a page at a time, the last changed first."""
    portal = the_portal()
    process, search = portal.process, _search(portal)
    log_request("read the tracking sheet")
    found = portal.store.search(search, offset_within_reach(), PAGE_SIZE)
    columns = [step for step in process.steps if step.waits_ever]
    actor, today = current_actor(), portal.today
    listed = {(one["lcsa"], one["organization"]) for one in found.rows}
    open_findings = organizations.open_findings_of(portal, listed)
    rows = []
    for document in found.rows:
        shown = policy.readable(process, document, actor)
        cells = [
            _cell(explain.step_shown(process, step, document, shown, portal.calendar), portal, today)
            for step in columns
        ]
        concerns = [
            *process.concerns(shown, today),
            *tables.findings_elsewhere(shown, open_findings[shown["lcsa"], shown["organization"]]),
        ]
        rows.append((shown, tables.has_it(process, shown, today), concerns, cells))
    return page_or_block(
        "tracking.html",
        "results",
        process=process,
        columns=columns,
        rows=rows,
        page=found,
        limit=PAGE_SIZE,
        search=search,
        q=" ".join(search.words),
        lcsas=[(name, name) for name in LCSAS],
    )


class Cell(NamedTuple):
    """How a step stands on an application, in words: when it was taken or that it is open, working days used of its
    goal, whether they are more than it has, and the reason given for its delay. What does not apply is empty.
    """

    stands: str
    used: str
    is_over: bool
    delay_reason: str


def _cell(step: explain.StepShown, portal: Portal, today: date) -> Cell:
    stands = "open" if step.open_since else ""
    if step.taken_on:
        stands = f"{step.taken_on:%m/%d/%Y}{f' ({step.taken} times)' if step.taken > 1 else ''}"
    days, used, over = step.days_used(today, portal.calendar), "", 0
    if days is not None and step.progress is not None:
        over = step.progress.over(today, portal.calendar)
        still = ", stands still" if step.progress.stands_still_since else ""
        used = f"{days} of {step.progress.goal.working_days}{f', {over} over' if over else ''}{still}"
    return Cell(stands, used, over > 0, step.delay_reason)


@blueprint.get("/tracking.<kind>")
def tracking_file(kind: str) -> Response:
    """The whole sheet as .xlsx, .csv or .json, with the same filters."""
    portal = the_portal()
    if kind not in ("xlsx", "csv", "json"):
        abort(404)
    columns, headings = tables.tracking_columns(portal.process)
    actor = current_actor()
    rows = (
        tables.tracking_row(portal, portal.process, document, actor) for document in portal.store.every(_search(portal))
    )
    log_request("export the tracking sheet", f"tracking.{kind}")
    if kind == "xlsx":
        file = sheets.xlsx_file("Tracking sheet", columns, rows, headings)
        return as_open_file(file, sheets.XLSX_TYPE, "tracking.xlsx")
    if kind == "csv":
        return Response(as_it_is_made(sheets.csv_pieces(columns, rows)), content_type=sheets.CSV_TYPE)
    if kind == "json":
        return Response(as_it_is_made(sheets.json_pieces(columns, rows)), content_type=sheets.JSON_TYPE)
    abort(404)
