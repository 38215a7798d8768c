"""The access log, for the ISO: who did or tried what; searched, exported, signed off [O8.2]."""

import re
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import IntegerField
from wtforms.validators import InputRequired

from portal.access import page
from portal.audit import Filters, NoSuchLine, Outcome
from portal.audit.from_request import log_request, origin_of_request
from portal.blueprints import account_forms as fields
from portal.rendering import offset_asked, the_portal
from portal.sheets import CSV_TYPE, csv_pieces

blueprint = Blueprint("access_log", __name__)

LINES = 50
"""Lines on one page."""

COLUMNS = ("seq", "at", "who", "role", "did", "record", "outcome", "why", "where", "request_id", "hash")

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Answer = str | AnyResponse | tuple[str, int]


class ReviewForm(FlaskForm):
    """Up to which line the ISO has looked, and what they found."""

    up_to = IntegerField("Up to line", [InputRequired("Enter the number of a line.")])
    note = fields.text("What you found", longest=400, required=False)


@blueprint.get("/access-log")
@page("access-log")
def access_log() -> Answer:
    """The lines, the newest first."""
    newest = the_portal().log.newest()
    return _page(ReviewForm(formdata=None, up_to=newest["seq"] if newest else None))


@blueprint.get("/access-log.csv")
@page("access-log")
def export() -> Answer:
    """The lines that the filters leave, as a file."""
    log_request("export the access log")
    # Not while it is sent: the store must be known to answer before the answer begins.
    lines = list(the_portal().log.matching(_filters()))
    heads = {"Content-Disposition": 'attachment; filename="access-log.csv"'}
    return Response(csv_pieces(COLUMNS, lines), content_type=CSV_TYPE, headers=heads)


@blueprint.post("/access-log/review")
@page("access-log")
def review() -> Answer:
    """Records that the ISO has looked at the log up to a line."""
    form, log = ReviewForm(), the_portal().log
    if not form.validate():
        return _page(form, 422)
    up_to = form.up_to.data or 0
    try:
        log.review(current_user.email, up_to, fields.said(form.note), "iso", origin_of_request())
    except NoSuchLine as refused:
        form.up_to.errors = [str(refused)]
        return _page(form, 422)
    flash(f"Recorded: you reviewed the log up to line {up_to}.", "success")
    return redirect(url_for("access_log.access_log"), 303)


def _page(form: FlaskForm, status: int = 200) -> Answer:
    log, filters, offset = the_portal().log, _filters(), offset_asked()
    rows, more = log.page(filters, offset, LINES)
    reviews = log.reviews()
    return render_template(
        "people/access_log.html",
        rows=rows,
        offset=offset,
        limit=LINES,
        more=more,
        q=" ".join(filters.words),
        filters=filters,
        outcomes=Outcome.ALL,
        form=form,
        reviewed=reviews[-1] if reviews else None,
        export_url=url_for("access_log.export", **_asked()),
    ), status


def _asked() -> dict[str, Any]:
    return {key: value for key, value in request.args.items() if key != "from" and not key.startswith("_")}


def _filters() -> Filters:
    asked = {key: (fields.one_line(value) or "")[:200] for key, value in request.args.items()}
    dates = {key: asked.get(key, "") for key in ("since", "until")}
    return Filters(
        words=tuple(asked.get("q", "").split()),
        who=asked.get("who", "").lower(),
        record=asked.get("record", ""),
        outcome=asked.get("outcome", "") if asked.get("outcome") in Outcome.ALL else "",
        **{key: value if _DATE.fullmatch(value) else "" for key, value in dates.items()},
    )
