"""For whoever forgot their password: asks for the address, and says the same whatever it is [O8.2]."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from portal.audit.from_request import acting
from portal.blueprints import account_forms as fields
from portal.people.errors import TooManyTries
from portal.people.forgotten import MINUTES
from portal.people.person import address
from portal.rendering import the_portal

blueprint = Blueprint("forgotten", __name__)

Answer = str | Response | tuple[str, int]


class ForgottenForm(FlaskForm):
    """The address."""

    email = fields.email(hint="The one with which you sign in.", autocomplete="username")


@blueprint.get("/sign-in/forgotten")
def forgotten() -> Answer:
    """The form; after it was sent, what happens next."""
    return render_template(
        "people/forgotten.html",
        form=ForgottenForm(email=request.args.get("email", "")),
        sent="sent" in request.args,
        minutes=MINUTES,
    )


@blueprint.post("/sign-in/forgotten")
def ask() -> Answer:
    """Notes the request; it is answered by mail, if there is such an account."""
    form = ForgottenForm()
    if not form.validate():
        return render_template("people/forgotten.html", form=form), 422
    email, people = address(fields.said(form.email)), the_portal().people
    known = email if people.get(email) else ""  # what names no account may be a password, typed into this field
    try:
        with acting("ask for a new password", known, who=""):
            people.forgotten.ask(email)
    except TooManyTries as refused:
        form.email.errors = [f"{refused} Look into your mail, also among what is taken for spam, or wait an hour."]
        return render_template("people/forgotten.html", form=form), 429
    the_portal().wake()
    return redirect(url_for("forgotten.forgotten", sent="yes"), 303)
