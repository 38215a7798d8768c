"""Surveys: the Process Owner sends a round, sees how far it has come, and reads the answers side by side [9]."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types that are published
    SelectChoice,
    SelectMultipleField,
)

from portal import organizations, sheets, surveys
from portal.access import current_actor
from portal.audit.from_request import act_of_request, log_request, origin_of_request
from portal.blueprints import account_forms as fields
from portal.blueprints.matrix import as_file, as_it_is_made
from portal.process.third_party_access.reference import LCSAS
from portal.process.third_party_access.surveys import ENOUGH, QUESTION, key_of
from portal.rendering import PAGE_SIZE, offset_asked, offset_within_reach, the_portal
from portal.store.errors import Conflict
from portal.store.port import Page
from portal.typed import NotUnderstood, iso_date

blueprint = Blueprint("surveys", __name__)

Answer = str | Response | tuple[str, int]

COLUMNS = (
    "lcsa", "organization", "document_id", "state", "replaced_by", "enough", "accounts_needed", "reason", "answered_on",
    "granted", "in_use", "reserved", "left",
)  # fmt: skip

LONGEST_WAIT = 366
"""So many days ahead an answer can be asked for at most."""


class SurveyForm(FlaskForm):
    """What is asked under which name, until when, and of which LCSAs' organizations."""

    name = fields.text("Name of the survey", longest=80, hint="By which it is found again, for example: Spring 2027.")
    question = fields.paragraphs("Question", longest=1000)
    answer_by = fields.text("Answer by", longest=10, type="date")
    lcsas = SelectMultipleField("LCSAs", choices=[SelectChoice(name, name) for name in LCSAS])

    def answer_by_date(self) -> str:
        """The day as entered, from today on; empty, with a message at the field, when it is none."""
        today = the_portal().today
        try:
            day = iso_date(fields.said(self.answer_by))
        except NotUnderstood as error:
            self.answer_by.errors = [f"{error}."]
            return ""
        ahead = (date.fromisoformat(day) - today).days
        if not 0 <= ahead <= LONGEST_WAIT:
            self.answer_by.errors = ["Enter a day from today on, within a year."]
            return ""
        return day


@blueprint.get("/surveys")
def every() -> str:
    """Every round, the newest first, with how many were asked and have answered."""
    portal, offset = the_portal(), offset_within_reach()
    found = surveys.all_rounds(portal)
    rows = [(one, surveys.progress(portal, one.key)) for one in found[offset : offset + PAGE_SIZE]]
    return render_template("surveys/surveys.html", page=Page(rows, offset, len(found)), limit=PAGE_SIZE)


@blueprint.get("/surveys/new")
def new() -> Answer:
    """Asks what the round is to ask, and whom."""
    return _form(SurveyForm(formdata=None, question=QUESTION))


@blueprint.post("/surveys/new")
def begin() -> Answer:
    """Shows how many would be asked; with `confirm`, sends the round to the first of them."""
    portal, form = the_portal(), SurveyForm()
    holds, day = form.validate(), form.answer_by_date()
    if form.name.data and not key_of(fields.said(form.name)):
        form.name.errors, holds = ["Give it a name with letters or digits."], False
    if not holds or not day:
        return _form(form, 422)
    name, question, lcsas = fields.said(form.name), fields.said(form.question), form.lcsas.data or []
    counts = surveys.counted(portal, lcsas)
    if surveys.get(portal, key_of(name)):
        form.name.errors = [f"There is a survey of this name already: “{name}”. Give this one another."]
        return _form(form, 409)
    if not counts:
        form.lcsas.errors = ["No organization of these LCSAs has access: nobody would be asked."]
        return _form(form, 422)
    if request.form.get("change") == "yes":
        return _form(form)
    if request.form.get("confirm") != "yes":
        return render_template("surveys/check.html", form=form, counts=counts, day=day)
    act = act_of_request("begin a survey", key_of(name))
    try:
        begun = surveys.begin(portal, name, question, day, lcsas, current_actor(), act)
    except Conflict:
        form.name.errors = [f"There is a survey of this name already: “{name}”. Give this one another."]
        return _form(form, 409)
    return _send(begun.key)


@blueprint.get("/surveys/rounds/<key>")
def survey(key: str) -> Answer:
    """One round: how far it has come, and the answers beside what each organization has and the guide has for it."""
    portal, found = the_portal(), _round(key)
    page = surveys.page(portal, found, current_actor(), min(offset_asked(), found.total), PAGE_SIZE)
    return render_template(
        "surveys/survey.html",
        survey=found,
        progress=surveys.progress(portal, key),
        choices=ENOUGH,
        page=page,
        open_findings=organizations.open_findings_of(portal, {(one.lcsa, one.organization) for one in page.rows}),
        limit=PAGE_SIZE,
        form=fields.Button(),
    )


@blueprint.post("/surveys/rounds/<key>")
def go_on(key: str) -> Answer:
    """Sends the round to the next of those who have not had their turn."""
    return _send(_round(key).key)


@blueprint.get("/surveys/rounds/<key>.csv")
def answers(key: str) -> Response:
    """Every answer of the round, as .csv."""
    found = _round(key)
    log_request("export the answers of a survey", key)
    rows: Iterator[sheets.Row] = (asdict(row) for row in surveys.every_row(the_portal(), found, current_actor()))
    return as_file(as_it_is_made(sheets.csv_pieces(COLUMNS, rows)), sheets.CSV_TYPE, f"survey-{key}.csv")


def _send(key: str) -> Response:
    portal = the_portal()
    found = surveys.send(portal, key, current_actor(), origin=origin_of_request())
    portal.wake()
    if found.is_sent:
        flash(f"The survey “{found.name}” is sent.", "success")
    return redirect(url_for("surveys.survey", key=key), 303)


def _round(key: str) -> surveys.Round:
    found = surveys.get(the_portal(), key) if key == key_of(key) else None
    if found is None:
        abort(404)
    return found


def _form(form: SurveyForm, status: int = 200) -> Answer:
    return render_template("surveys/new.html", form=form, lcsas=LCSAS), status
