"""The rules and the penalties, which everybody confirms once a year before anything else opens; and who did [O8.2]."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import BooleanField
from wtforms.validators import InputRequired

from portal import sheets
from portal.audit.from_request import acting, log_request
from portal.blueprints import account_forms as fields
from portal.blueprints.matrix import as_file
from portal.blueprints.sign_in import own_page
from portal.people import Person
from portal.people.rules import RULES, NotConfirmed, to_confirm, until
from portal.process.document import at_utc
from portal.rendering import role_titles, the_portal

blueprint = Blueprint("rules", __name__)

Answer = str | Response | tuple[str, int]


class RulesForm(fields.PageForm):
    """A box for each part of the rules, named after it, and the name under all of it."""

    first = tuple(key for key, _ in RULES.parts)

    name = fields.text("Your name", hint="Type it as your account has it.", autocomplete="off")


for _key, _words in RULES.parts:
    setattr(RulesForm, _key, BooleanField(_words, [InputRequired(to_confirm(_words))]))


@dataclass(frozen=True, slots=True)
class Confirmed:
    """One row for an auditor: who, in which roles, and what they confirmed last, or that they never did."""

    person: Person
    roles: list[str]
    at: datetime | None
    version: str
    sha256: str
    good_until: datetime | None
    overdue: bool


@blueprint.get("/rules")
def rules() -> Answer:
    """The rules, each with its box."""
    return _page(RulesForm())


@blueprint.post("/rules")
def confirm() -> Answer:
    """Keeps the confirmation, with the wording's checksum, and leads on."""
    form = RulesForm()
    if not form.validate():
        return _page(form, 422)
    ticked = {key for key, _ in RULES.parts if form[key].data}
    try:
        with acting("confirm the rules and penalties", RULES.sha256, why=f"version {RULES.version}"):
            the_portal().people.signing_in.confirm_rules(current_user.email, ticked, fields.said(form.name))
    except NotConfirmed as refused:
        for name, words in refused.fields.items():
            form[name].errors = [words]
        return _page(form, 422)
    flash("You confirmed the rules and penalties.", "success")
    return redirect(own_page(request.args.get("next")) or url_for("inbox.inbox"), 303)


@blueprint.get("/confirmations")
def confirmations() -> Answer:
    """Who confirmed which wording when, and who is overdue."""
    rows = _rows()
    overdue = sum(row.overdue for row in rows)
    return render_template("people/confirmations.html", rows=rows, overdue=overdue, wording=RULES)


@blueprint.get("/confirmations.csv")
def confirmations_csv() -> Answer:
    """Every confirmation that was ever given, for an auditor."""
    columns = ("email", "name", "confirmed_at", "version", "sha256", "name_typed", "good_until", "open")
    rows = [
        {
            "email": person.email,
            "name": person.name,
            "confirmed_at": at_utc(one.at),
            "version": one.version,
            "sha256": one.sha256,
            "name_typed": one.name,
            "good_until": at_utc(one.good_until),
            "open": "yes" if person.active else "no",
        }
        for person in the_portal().people.everyone()
        for one in person.confirmations
    ]
    log_request("export the confirmations", "confirmations.csv")
    return as_file(sheets.csv_bytes(columns, rows), sheets.CSV_TYPE, "confirmations.csv")


@blueprint.get("/confirmations/<sha256>.txt")
def wording(sha256: str) -> Answer:
    """A wording as it was confirmed, by its checksum."""
    text = the_portal().people.signing_in.wording_confirmed(sha256)
    if text is None:
        abort(404)
    log_request("download a confirmed wording", sha256)
    return as_file(text.encode(), "text/plain; charset=utf-8", f"{sha256}.txt")


def _rows() -> list[Confirmed]:
    """Everybody whose account is open, those who are overdue first."""
    portal, rows = the_portal(), []
    for person in portal.people.everyone():
        if person.active:
            last = person.confirmations[-1] if person.confirmations else None
            rows.append(
                Confirmed(
                    person,
                    role_titles(portal, person.actor),
                    last.at if last else None,
                    last.version if last else "",
                    last.sha256 if last else "",
                    until(person.confirmations),
                    portal.people.signing_in.must_confirm(person),
                )
            )
    return sorted(rows, key=lambda row: (not row.overdue, row.person.name.casefold()))


def _page(form: RulesForm, status: int = 200) -> Answer:
    signing_in = the_portal().people.signing_in
    return render_template(
        "people/rules.html",
        form=form,
        wording=RULES,
        must=signing_in.must_confirm(current_user),
        good_until=until(current_user.confirmations),
    ), status
