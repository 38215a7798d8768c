"""Renewals: every MOU that nears its end, when its successor will probably be signed, and the days without access that
this leaves; the worst first [10].
"""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, render_template

from portal import forecast, organizations, sheets
from portal.audit.from_request import log_request
from portal.blueprints.matrix import as_it_is_made
from portal.rendering import offset_within_reach, the_portal

blueprint = Blueprint("renewals", __name__)

COLUMNS = (
    "document_id", "lcsa", "organization", "term_end", "board_days", "successor", "stage", "signed_on", "days_without",
    "signed_late", "days_without_late", "without_since",
)  # fmt: skip


@blueprint.get("/renewals")
def renewals() -> str:
    """The forecast as it was kept last, a page at a time, and what it rests on."""
    portal = the_portal()
    page = forecast.page(portal, offset_within_reach(forecast.ROWS))
    return render_template(
        "renewals.html",
        page=page,
        open_findings=organizations.open_findings_of(portal, {(one.lcsa, one.organization) for one in page.rows}),
        limit=forecast.ROWS,
        kept=forecast.kept(portal),
        stages=(forecast.BEGIN, *forecast.STAGES),
        enough=forecast.ENOUGH,
        months=forecast.MONTHS,
    )


@blueprint.get("/renewals.csv")
def renewals_csv() -> Response:
    """The whole forecast as .csv."""
    log_request("export the forecast of renewals", "renewals.csv")
    pieces = sheets.csv_pieces(COLUMNS, _rows(forecast.every_row(the_portal())))
    return Response(as_it_is_made(pieces), content_type=sheets.CSV_TYPE)


def _rows(found: Iterator[forecast.Forecast]) -> Iterator[dict[str, Any]]:
    for one in found:
        yield {
            "document_id": one.document_id,
            "lcsa": one.lcsa,
            "organization": one.organization,
            "term_end": one.ends_on,
            "board_days": one.board_days,
            "successor": one.successor,
            "stage": one.stage,
            "signed_on": one.signed_on,
            "days_without": one.gap,
            "signed_late": one.signed_late,
            "days_without_late": one.gap_late,
            "without_since": one.without_since,
        }
