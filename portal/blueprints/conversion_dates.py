"""The dates on which LCSAs converted to CSE, which the Process Manager keeps: no invitation goes out before two months
after [3].
"""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from portal import typed
from portal.access import current_actor
from portal.audit.from_request import acting
from portal.process.document import at_utc
from portal.process.third_party_access.invitation import earliest_invitation
from portal.process.third_party_access.reference import LCSAS
from portal.rendering import the_portal

blueprint = Blueprint("conversion_dates", __name__)

CONVERSION_DATES = "conversion-dates"


@blueprint.get("/conversion-dates")
def conversion_dates(problems: dict[str, str] | None = None, said: dict[str, str] | None = None) -> str:
    """Each LCSA with its date, and the first day on which it may be invited."""
    portal = the_portal()
    kept = dict(portal.store.records(CONVERSION_DATES))
    rows = []
    for lcsa in LCSAS:
        converted_on = kept.get(lcsa, {}).get("converted_on", "")
        earliest = earliest_invitation(converted_on) if converted_on else None
        rows.append((lcsa, converted_on, earliest, kept.get(lcsa, {}).get("by_name", "")))
    return render_template(
        "conversion_dates.html", form=FlaskForm(), rows=rows, problems=problems or {}, said=said or {}
    )


@blueprint.post("/conversion-dates")
def keep_conversion_date() -> Response | tuple[str, int]:
    """Keeps one LCSA's date."""
    portal, actor = the_portal(), current_actor()
    lcsa, said = request.form.get("lcsa", ""), request.form.get("converted_on", "")
    try:
        if lcsa not in LCSAS:
            raise typed.NotUnderstood("Choose one of the LCSAs")
        converted_on = typed.iso_date(said)
        if not 1998 <= date.fromisoformat(converted_on).year <= portal.today.year + 5:
            raise typed.NotUnderstood("This year cannot be right")
    except typed.NotUnderstood as error:
        return conversion_dates({lcsa: f"{lcsa}: {error}"}, {lcsa: said}), 422
    kept = {"converted_on": converted_on, "by": actor.email, "by_name": actor.name, "at": at_utc(portal.clock())}
    with acting("set a conversion date", lcsa, why=converted_on):
        portal.store.put_record(CONVERSION_DATES, lcsa, kept)
    flash(f"Kept: {lcsa} converted to CSE on {converted_on}.", "success")
    return redirect(url_for("conversion_dates.conversion_dates", _anchor="main-content"), 303)
