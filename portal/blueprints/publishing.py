"""Publishing the process: the Process Owner writes the CSS letter to all Directors, sends it, and records the yearly
review [6.1, 1.2].
"""

import io

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types that are published
    HiddenField,
    SelectChoice,
    SelectField,
)
from wtforms.validators import InputRequired

from portal import publishing
from portal.audit.from_request import act_of_request, log_request
from portal.blueprints import account_forms as fields
from portal.blueprints.applications import DOCX
from portal.blueprints.matrix import as_file, as_open_file
from portal.process.document import Json
from portal.process.third_party_access.reference import LCSAS
from portal.rendering import PAGE_SIZE, offset_within_reach, the_portal
from portal.store.errors import Conflict
from portal.store.port import Page
from portal.typed import NotUnderstood, iso_date

blueprint = Blueprint("publishing", __name__)

Answer = str | AnyResponse | tuple[str, int]


class LetterForm(FlaskForm):
    """The letter's number, which box is ticked, its subject and its text."""

    number = fields.text("CSS letter number", longest=6, hint="The year and a number within it, for example: 26-01.")
    reason = SelectField(
        "Reason for this transmittal",
        [InputRequired("Choose the reason for this transmittal.")],
        choices=[
            SelectChoice("", "Choose one"),
            *(SelectChoice(key, words) for key, words in publishing.REASONS.items()),
        ],
    )
    subject = fields.text("Subject", longest=150)
    body = fields.paragraphs(
        "Text of the letter", longest=10_000, rows=14, hint="The link to the process and the signature follow it."
    )

    def letter(self) -> publishing.CssLetter:
        """The letter as entered."""
        said = fields.said
        return publishing.CssLetter(said(self.number), self.reason.data or "", said(self.subject), said(self.body))


class ReviewForm(FlaskForm):
    """What was reviewed, whether something changes, and what comes next. `version` is how many reviews there were."""

    reviewed_on = fields.text("Reviewed on", longest=10, type="date")
    what = fields.paragraphs(
        "What was reviewed", hint="For example: goals against the time that steps took, the guide, the letters."
    )
    changes = SelectField(
        "Does something change?",
        [InputRequired("Say whether something changes.")],
        choices=[SelectChoice("", "Choose one"), SelectChoice("no", "No"), SelectChoice("yes", "Yes")],
    )
    next_step = fields.paragraphs("Next step", longest=1000, rows=3)
    version = HiddenField()

    def reviewed_on_date(self) -> str:
        """The day as entered; empty, with a message at the field, when it cannot be that of the review."""
        try:
            day = iso_date(fields.said(self.reviewed_on))
        except NotUnderstood as error:
            self.reviewed_on.errors = [f"{error}."]
            return ""
        last = next(iter(publishing.reviews(the_portal())), None)
        if day > the_portal().today.isoformat():
            self.reviewed_on.errors = ["This day is still to come."]
        elif last and day < last["reviewed_on"]:
            self.reviewed_on.errors = ["There is a later review on record already."]
        elif day < "1998-01-01":
            self.reviewed_on.errors = ["This year cannot be right."]
        else:
            return day
        return ""


@blueprint.get("/publishing")
def letters() -> Answer:
    """The letters that were sent, the newest first, and when the process is to be reviewed."""
    portal, offset = the_portal(), offset_within_reach()
    found = publishing.letters(portal)
    return render_template(
        "publishing/letters.html",
        page=Page(found[offset : offset + PAGE_SIZE], offset, len(found)),
        limit=PAGE_SIZE,
        reasons=publishing.REASONS,
        due=publishing.review_due(portal),
        today=portal.today,
    )


@blueprint.get("/publishing/new")
def new() -> Answer:
    """The letter to be written, filled in with what it usually says."""
    number, body = publishing.next_number(the_portal()), publishing.BODY
    return _form(LetterForm(formdata=None, number=number, subject=publishing.SUBJECT, body=body))


@blueprint.post("/publishing/new")
def send() -> Answer:
    """Draws the letter to be looked at (`preview`), shows whom it goes to, and with `confirm` sends it."""
    portal, form = the_portal(), LetterForm()
    if not _holds(form):
        return _form(form, 422)
    written, owner = form.letter(), portal.people.require(current_user.email)
    if publishing.letter(portal, written.number):
        return _taken(form)
    if request.form.get("preview") == "yes":
        content = publishing.draw(portal, written, owner)
        return as_open_file(io.BytesIO(content), DOCX, f"css-letter-{written.number}-preview.docx")
    if request.form.get("change") == "yes":
        return _form(form)
    if request.form.get("confirm") != "yes":
        publishing.draw(portal, written, owner)  # what cannot be filled is told now
        return render_template(
            "publishing/check.html",
            form=form,
            told=publishing.directors(portal),
            not_reached=publishing.lcsas_without_director(portal),
            lcsas=len(LCSAS),
            reasons=publishing.REASONS,
        )
    try:
        publishing.send(portal, written, owner, act_of_request("send a CSS letter", written.number))
    except publishing.NobodyToTell as nobody:
        form.number.errors = [str(nobody)]
        return _form(form, 422)
    except Conflict:
        return _taken(form)
    flash(f"CSS letter {written.number} is sent.", "success")
    return redirect(url_for("publishing.letter", number=written.number), 303)


@blueprint.get("/publishing/letters/<number>")
def letter(number: str) -> Answer:
    """A letter as it was sent, and who got it."""
    portal, found = the_portal(), _found(number)
    recipients, offset = publishing.recipients(portal, found), offset_within_reach()
    page = Page(recipients[offset : offset + PAGE_SIZE], offset, len(recipients))
    return render_template(
        "publishing/letter.html", letter=found, page=page, limit=PAGE_SIZE, reasons=publishing.REASONS
    )


@blueprint.get("/publishing/letters/<number>.docx")
def letter_as_sent(number: str) -> Response:
    """The file as it was sent."""
    found = _found(number)
    content = the_portal().store.get_file(found["sha256"])
    log_request("read a CSS letter", number)
    return as_file(content, DOCX, f"css-letter-{number}.docx")


@blueprint.get("/publishing/review")
def review() -> Answer:
    """Asks what the yearly review found; below it the reviews before."""
    portal = the_portal()
    version = str(len(publishing.reviews(portal)))
    return _review_form(ReviewForm(formdata=None, reviewed_on=portal.today.isoformat(), version=version))


@blueprint.post("/publishing/review")
def record_review() -> Answer:
    """Keeps the review."""
    portal, form = the_portal(), ReviewForm()
    holds, day = form.validate(), form.reviewed_on_date()
    if not holds or not day:
        return _review_form(form, 422)
    said = fields.said
    answers = {
        "reviewed_on": day,
        "what": said(form.what),
        "changes": form.changes.data == "yes",
        "next_step": said(form.next_step),
    }
    version = form.version.data or ""
    drawn_from = int(version) if version.isascii() and version.isdecimal() and len(version) < 9 else -1
    owner = portal.people.require(current_user.email)
    try:
        publishing.record_review(portal, answers, owner, act_of_request("record a review of the process"), drawn_from)
    except Conflict:
        form.version.data = str(len(publishing.reviews(portal)))
        form.what.errors = [
            "A review was recorded since you opened this page. Look at it below, then send yours if it is another."
        ]
        return _review_form(form, 409)
    flash("The review is recorded.", "success")
    return redirect(url_for("publishing.review"), 303)


def _holds(form: LetterForm) -> bool:
    holds = form.validate()
    if form.number.data and not publishing.is_number(form.number.data):
        form.number.errors, holds = ["Enter a number like 26-01."], False
    return bool(holds)


def _taken(form: LetterForm) -> Answer:
    form.number.errors = [f"CSS letter {form.number.data} was sent already. Give this one another number."]
    return _form(form, 409)


def _found(number: str) -> Json:
    found = publishing.letter(the_portal(), number)
    if found is None:
        abort(404)
    return found


def _form(form: LetterForm, status: int = 200) -> Answer:
    return render_template("publishing/new.html", form=form), status


def _review_form(form: ReviewForm, status: int = 200) -> Answer:
    portal, offset = the_portal(), offset_within_reach()
    found = publishing.reviews(portal)
    page = Page(found[offset : offset + PAGE_SIZE], offset, len(found))
    return render_template(
        "publishing/review.html",
        form=form,
        page=page,
        limit=PAGE_SIZE,
        due=publishing.review_due(portal),
        today=portal.today,
    ), status
