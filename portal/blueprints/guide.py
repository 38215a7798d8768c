"""The allocation guide, for everybody: as it is in force, and its history. The Process Owner changes it [1.6, 9]."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types that are published
    HiddenField,
    SelectChoice,
    SelectField,
)
from wtforms.validators import InputRequired

from portal import guide, sheets, tables
from portal.access import current_actor, may_open
from portal.audit.from_request import act_of_request
from portal.blueprints import account_forms as fields
from portal.blueprints.matrix import as_file
from portal.process.third_party_access.guide import EVERY_COUNTY, MOST, rows_of
from portal.process.third_party_access.reference import UAAG, UAAG_NOT_PRINTED
from portal.rendering import PAGE_SIZE, offset_within_reach, the_portal
from portal.store.errors import Conflict
from portal.store.port import Page
from portal.typed import NotUnderstood, whole_number

blueprint = Blueprint("guide", __name__)

Answer = str | Response | tuple[str, int]

STALE = "The guide has changed since you opened this page. Look at its numbers again, then send what you entered."


class ChangeForm(FlaskForm):
    """Which row reserves how many from now on, and why. `version` is how often the guide had changed when drawn."""

    row = SelectField("Row of the guide", [InputRequired("Choose a row of the guide.")])
    reserved = fields.text("Accounts reserved from now on", longest=12, inputmode="numeric")
    reason = fields.paragraphs(
        "Why the guide changes", hint="It is published with the guide, and told to the Directors."
    )
    version = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        portal = the_portal()
        self.row.choices = [
            SelectChoice("", "Choose one"),
            SelectChoice(EVERY_COUNTY, guide.name_of_choice(EVERY_COUNTY)),
            *(SelectChoice(one.row.key, guide.name_of(one.row)) for one in guide.rows_in_force(portal)),
            *(SelectChoice(row.key, f"{guide.name_of(row)} (a new row)") for row in guide.rows_to_add(portal)),
        ]

    def number(self) -> int | None:
        """The number as entered, from 0 to 5000; None, with a message at the field, when it is none."""
        try:
            number = whole_number(fields.said(self.reserved))
        except NotUnderstood as error:
            self.reserved.errors = [f"{error}."]
            return None
        if not 0 <= number <= MOST:
            self.reserved.errors = [f"Enter a number from 0 to {MOST:,}."]
            return None
        return number


@blueprint.get("/uaag")
def uaag() -> str:
    """The guide, row by row: the number in force, and beside it the one that is printed."""
    rows = guide.rows_in_force(the_portal())
    return render_template("public/uaag.html", rows=rows, may_change=_may_change())


@blueprint.get("/uaag.csv")
def uaag_csv() -> Response:
    """The guide as .csv."""
    return as_file(sheets.csv_bytes(tables.UAAG_COLUMNS, tables.uaag(the_portal())), sheets.CSV_TYPE, "uaag.csv")


@blueprint.get("/uaag/history")
def history() -> str:
    """Every change of the guide, the newest first."""
    found, offset = guide.changes(the_portal()), offset_within_reach()
    names = {row.key: guide.name_of(row) for row in (*UAAG, *UAAG_NOT_PRINTED)}
    page = Page(found[offset : offset + PAGE_SIZE], offset, len(found))
    return render_template(
        "public/uaag_history.html", page=page, limit=PAGE_SIZE, names=names, may_change=_may_change()
    )


@blueprint.get("/uaag/change")
def change() -> Answer:
    """Asks which row shall reserve how many, and why."""
    asked = request.args.get("row", "")
    asked = asked if rows_of(asked) else ""
    return _form(ChangeForm(formdata=None, row=asked, version=str(guide.revision(the_portal()))))


@blueprint.post("/uaag/change")
def keep_change() -> Answer:
    """Shows what the change would mean and who is told; with `confirm`, makes it."""
    portal, form = the_portal(), ChangeForm()
    holds, number = form.validate(), form.number()
    if not holds or number is None:
        return _form(form, 422)
    choice, reason = form.row.data, fields.said(form.reason)
    effects = guide.weigh(portal, choice, number)
    if all(effect.before == number for effect in effects):
        form.reserved.errors = [f"The guide reserves {number:,} there already."]
        return _form(form, 422)
    if form.version.data != str(guide.revision(portal)):
        return _stale(form)
    if request.form.get("change") == "yes":
        return _form(form)
    told = guide.directors_told(portal, choice)
    if request.form.get("confirm") != "yes":
        return render_template(
            "guide/check.html", form=form, effects=effects, told=told, name=guide.name_of_choice(choice)
        )
    act = act_of_request("change the guide", choice)
    try:
        guide.change(portal, choice, number, reason, current_actor(), act, int(form.version.data))
    except Conflict:
        return _stale(form)
    flash(f"The guide is changed: {guide.name_of_choice(choice)}, {number:,}.", "success")
    return redirect(url_for("guide.history"), 303)


def _stale(form: ChangeForm) -> Answer:
    form.version.data = str(guide.revision(the_portal()))
    form.row.errors = [STALE]
    return _form(form, 409)


def _form(form: ChangeForm, status: int = 200) -> Answer:
    choice = form.row.data or ""
    chosen = guide.weigh(the_portal(), choice, 0) if choice != EVERY_COUNTY else []
    return render_template("guide/change.html", form=form, chosen=chosen), status


def _may_change() -> bool:
    return current_user.is_authenticated and may_open(current_actor(), "guide.change")
