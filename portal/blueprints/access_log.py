"""The access log, for the ISO: who did or tried what; searched, exported, signed off by weeks; unusual use [O8.2]."""

import re
from collections.abc import Sequence
from datetime import date
from itertools import chain, islice
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, IntegerField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from portal.audit import Filters, Outcome
from portal.audit.from_request import act_of_request, log_request
from portal.audit.reviews import NotToBeReviewed
from portal.audit.unusual import LONGEST_NOTE
from portal.audit.weeks import Week
from portal.blueprints import account_forms as fields
from portal.process.document import Json
from portal.rendering import the_portal
from portal.sheets import CSV_TYPE, csv_pieces
from portal.store.errors import Conflict

blueprint = Blueprint("access_log", __name__)

LINES = 50
"""Lines on one page."""

COLUMNS = ("seq", "at", "who", "role", "did", "record", "outcome", "why", "where", "request_id", "previous", "hash")

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Answer = str | AnyResponse | tuple[str, int]


class SignOffForm(FlaskForm):
    """Up to which line the ISO has looked (the last when the page was drawn), and what they found."""

    up_to = IntegerField("Up to line", [InputRequired("Open the week again.")], widget=HiddenInput())
    note = fields.text("What you found", longest=LONGEST_NOTE, required=False)


class LookedForm(FlaskForm):
    """Which unusual use the ISO has looked at, and what it was."""

    key = HiddenField(validators=[InputRequired()])
    note = fields.text("What it was", longest=LONGEST_NOTE)


@blueprint.get("/access-log")
def access_log() -> Answer:
    """The lines, the newest first; none while a date that is asked for is none."""
    filters, before = _filters(), _before()
    if wrong := _wrong_dates():
        return _lines_page(filters, wrong=wrong), 422
    rows, more = the_portal().log.page(filters, before, LINES)
    older = {**_asked(), "before": rows[-1]["seq"]} if more else None
    return _lines_page(
        filters,
        rows,
        older=url_for("access_log.access_log", **older) if older else "",
        newest=url_for("access_log.access_log", **_asked()) if before is not None else "",
    )


@blueprint.get("/access-log.csv")
def export() -> Answer:
    """The lines that the filters leave, as a file, as they come from the store. The page says which date is none."""
    if _wrong_dates():
        return redirect(url_for("access_log.access_log", **_asked()), 303)
    log_request("export the access log")
    lines = the_portal().log.matching(_filters())
    # The first before the answer begins: then the store is known to answer.
    pieces = csv_pieces(COLUMNS, chain(list(islice(lines, 1)), lines))
    heads = {"Content-Disposition": 'attachment; filename="access-log.csv"'}
    return Response(pieces, content_type=CSV_TYPE, headers=heads)


@blueprint.get("/access-log/weeks")
def weeks() -> Answer:
    """Every week with what it holds and who signed it off; and the signed checkpoints."""
    auditing = the_portal().auditing
    reviews = auditing.reviews.all()
    found = [
        (week, auditing.weeks.ended(week), [one for one in reviews if one.since == week.since])
        for week in reversed(_weeks().values())
    ]
    checkpoints = auditing.checkpoints
    return render_template(
        "access_log/weeks.html",
        weeks=found,
        checkpoints=checkpoints.all()[-1:],
        public_key=checkpoints.signer.public_key,
    )


@blueprint.get("/access-log/weeks/<since>")
def week(since: str) -> Answer:
    """What one week holds, and the form to sign it off."""
    found = _week(since)
    return _week_page(found, SignOffForm(formdata=None, up_to=found.last))


@blueprint.post("/access-log/weeks/<since>")
def sign_off(since: str) -> Answer:
    """Records that the ISO has looked at the week; and signs a checkpoint, to be sent elsewhere."""
    found, form, auditing = _week(since), SignOffForm(), the_portal().auditing
    if not form.validate():
        return _week_page(found, form, 422)
    act = act_of_request("review the access log", f"week of {since}")
    try:
        auditing.reviews.sign_off(since, form.up_to.data or 0, act, fields.said(form.note))
    except (NotToBeReviewed, Conflict):
        form.up_to.errors = ["Lines came to this week after you opened the page. Look at it again, then sign it off."]
        form.up_to.data = found.last
        return _week_page(found, form, 409)
    auditing.checkpoints.make()
    flash(f"Recorded: you reviewed the week of {found.begins_on:%B %-d, %Y}.", "success")
    return redirect(url_for("access_log.weeks"), 303)


@blueprint.get("/access-log/unusual-use")
def unusual_use() -> Answer:
    """Much refused, or many applications read, by one person within an hour."""
    return _unusual_page(LookedForm(formdata=None))


@blueprint.post("/access-log/unusual-use")
def look_at_unusual_use() -> Answer:
    """Records that the ISO has looked at one, and what it was."""
    form, unusual = LookedForm(), the_portal().auditing.unusual
    if not form.validate():
        return _unusual_page(form, 422)
    waiting = {one.key: one for one in unusual.waiting()}
    found = waiting.get(form.key.data or "")
    if found is None:
        form.note.errors = ["Somebody has looked at this already."]
        return _unusual_page(form, 409)
    unusual.look_at(found.key, act_of_request("look at unusual use", found.who, why=found.hour), fields.said(form.note))
    flash("Recorded.", "success")
    return redirect(url_for("access_log.unusual_use"), 303)


@blueprint.get("/access-log/checkpoints.jsonl")
def checkpoints() -> Answer:
    """Every signed checkpoint, a line of JSON each, to be kept elsewhere."""
    log_request("export the checkpoints of the access log")
    lines = "".join(f"{one.as_line}\n" for one in the_portal().auditing.checkpoints.all())
    heads = {"Content-Disposition": 'attachment; filename="checkpoints.jsonl"'}
    return Response(lines, content_type="application/jsonl", headers=heads)


def _lines_page(filters: Filters, rows: Sequence[Json] = (), **shown: Any) -> str:
    return render_template(
        "access_log/lines.html",
        rows=rows,
        filters=filters,
        q=" ".join(filters.words),
        export_url=url_for("access_log.export", **_asked()),
        **shown,
    )


def _weeks() -> dict[str, Week]:
    return the_portal().auditing.weeks.all()


def _week(since: str) -> Week:
    found = _weeks().get(since)
    if found is None:
        abort(404)
    return found


def _week_page(found: Week, form: FlaskForm, status: int = 200) -> Answer:
    auditing = the_portal().auditing
    period: dict[str, Any] = {"since": found.since, "until": found.ends_on.isoformat()}
    return render_template(
        "access_log/week.html",
        week=found,
        ended=auditing.weeks.ended(found),
        reviews=auditing.reviews.of(found.since),
        people=[
            (who or "Nobody signed in, and the portal itself", number) for who, number in found.people.most_common(20)
        ],
        unusual=[one for one in auditing.unusual.all() if _is_within(one.hour, found)],
        lines_url={
            outcome: url_for("access_log.access_log", outcome=outcome, **period) for outcome in ("", *Outcome.ALL)
        },
        form=form,
    ), status


def _is_within(hour: str, week: Week) -> bool:
    return week.begins_on <= date.fromisoformat(hour[:10]) <= week.ends_on


def _unusual_page(form: FlaskForm, status: int = 200) -> Answer:
    unusual = the_portal().auditing.unusual
    return render_template(
        "access_log/unusual_use.html",
        waiting=[
            (one, form if form["key"].data == one.key else LookedForm(formdata=None)) for one in unusual.waiting()
        ],
        seen=[one for one in unusual.all() if one.by][:LINES],
        form=form,
    ), status


def _before() -> int | None:
    asked = request.args.get("before", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 16 else None


def _asked() -> dict[str, Any]:
    return {key: value for key, value in request.args.items() if key != "before" and not key.startswith("_")}


def _filters() -> Filters:
    asked = {key: (fields.one_line(value) or "")[:200] for key, value in request.args.items()}
    return Filters(
        words=tuple(asked.get("q", "").split()),
        who=asked.get("who", "").lower(),
        role=asked.get("role", ""),
        did=asked.get("did", ""),
        record=asked.get("record", ""),
        outcome=asked.get("outcome", "") if asked.get("outcome") in Outcome.ALL else "",
        since=_date(asked.get("since", "")),
        until=_date(asked.get("until", "")),
    )


def _wrong_dates() -> dict[str, str]:
    """By field, what is wrong with a date that is asked for."""
    said = {name: fields.one_line(request.args.get(name, "")) or "" for name in ("since", "until")}
    return {
        name: f"“{asked[:40]}” is not a date that is looked for here. Enter it like 2026-11-23."
        for name, asked in said.items()
        if asked and not _date(asked)
    }


def _date(said: str) -> str:
    """The date, or nothing when it is none between 1970 and 9998."""
    try:
        return said if _DATE.fullmatch(said) and 1970 <= date.fromisoformat(said).year < 9999 else ""
    except ValueError:
        return ""
