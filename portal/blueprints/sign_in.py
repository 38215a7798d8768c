"""Signing in and out: address and password, then a code from the second factor [O8.2]."""

from typing import Any

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, session, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField, StringField
from wtforms.validators import InputRequired, Length

from portal.audit import Outcome
from portal.audit.access_log import SIGNED_IN, TRIED_TO_SIGN_IN, SignIns
from portal.audit.from_request import log_request
from portal.blueprints.account_forms import one_line, password, said
from portal.blueprints.limits import set_up_limits
from portal.people import Person, mails
from portal.people.errors import SignInRefused, TooManyTries
from portal.people.rules import NOTICE
from portal.people.session import (
    await_code,
    awaited_email,
    begin_session,
    finish_session,
    ran_out,
    set_up_sessions,
    way_after_code,
    way_to_code,
)
from portal.rendering import the_portal
from portal.words import count, moment_in_words

blueprint = Blueprint("sign_in", __name__)

Answer = str | Response | tuple[str, int]
NOTICE_SHOWN = "notice_shown"
"""Where the cookie says which notice its owner was shown, by its checksum."""

THROUGH = "through"
"""Where the cookie says through which provider its owner came."""


class SignInForm(FlaskForm):
    """Address and password; `code` beside them is taken too, where a program sends all at once."""

    email = EmailField(
        "Email address",
        [InputRequired("Enter your email address."), Length(max=254)],
        filters=[one_line],
        render_kw={"autocomplete": "username", "spellcheck": "false"},
    )
    password = password("Password", "current-password")


class CodeForm(FlaskForm):
    """The second factor's code."""

    code = StringField(
        "Code",
        [InputRequired("Enter the code that your app shows."), Length(max=40)],
        description="Six digits from your authenticator app, or one of your recovery codes.",
        render_kw={"autocomplete": "one-time-code", "inputmode": "text", "spellcheck": "false"},
    )


def set_up(app: Flask) -> None:
    """Wires sessions and limits."""
    set_up_sessions(app)
    set_up_limits(app, app.extensions["portal"].settings.demo)


@blueprint.get("/sign-in")
def sign_in() -> Answer:
    """The form; one who is signed in goes on."""
    if current_user.is_authenticated:
        return redirect(way_on(), 303)
    return _page(SignInForm(email=request.args.get("email", "")), ran_out=ran_out())


@blueprint.post("/sign-in")
def check_password() -> Answer:
    """Lets in whoever gives the right password, or asks for the code first."""
    if "code" in request.form and "password" not in request.form:
        return check_code()
    form = SignInForm()
    if not form.validate():
        return _page(form), 422
    try:
        person = the_portal().people.signing_in.check_password(said(form.email), said(form.password))
    except (SignInRefused, TooManyTries) as refused:
        return _refused("people/sign_in.html", form, "password", refused)
    if not person.has_second_factor:
        return let_in(person, way_on())
    await_code(person, way_on())
    if "code" in request.form:
        return check_code()
    return redirect(url_for("sign_in.code"), 303)


@blueprint.get("/sign-in/code")
def code() -> Answer:
    """Asks for the second factor's code."""
    if awaited_email() is None:
        return redirect(url_for("sign_in.sign_in"), 303)
    return render_template("people/sign_in_code.html", form=CodeForm())


@blueprint.post("/sign-in/code")
def check_code() -> Answer:
    """Lets in whoever gives the right code after the right password."""
    email, form = awaited_email(), CodeForm()
    if email is None:
        return redirect(url_for("sign_in.sign_in"), 303)
    if not form.validate():
        return render_template("people/sign_in_code.html", form=form), 422
    people = the_portal().people
    before = people.require(email)
    try:
        person = people.signing_in.check_code(before.email, said(form.code))
    except (SignInRefused, TooManyTries) as refused:
        return _refused("people/sign_in_code.html", form, "code", refused)
    if len(person.recovery_codes) < len(before.recovery_codes):
        log_request("used a recovery code", person.email, who=person.email)
        the_portal().mail.send(person.email, *mails.account_changed(person.name, "a recovery code was used"))
    return let_in(person, way_after_code(), through=way_to_code())


@blueprint.post("/sign-out")
def sign_out() -> Answer:
    """Ends the session, here and in any copy of its cookie: also when that cannot be logged, and the answer says so."""
    through = session.get(THROUGH)
    try:
        if current_user.is_authenticated:
            log_request("signed out")
    finally:
        finish_session()
    return redirect(url_for("provider.signed_out") if through else "/", 303)


def let_in(person: Person, where: str, through: str = "", vouched: bool = False) -> Response:
    """Signs the person in and sends them on.

    `through` names the provider that showed who they are, and `vouched` that it asked for a second factor itself.
    """
    before = the_portal().log.sign_ins(person.email)
    # First the log: a sign-in that cannot be logged does not happen.
    acknowledged = f"acknowledged notice {NOTICE.version}, SHA-256 {NOTICE.sha256}"
    log_request(SIGNED_IN, who=person.email, why=f"through {through}, {acknowledged}" if through else acknowledged)
    begin_session(the_portal().people.signing_in.signed_in(person.email, vouched), NOTICE.sha256, vouched)
    if through:
        session[THROUGH] = through
    if before.at or before.failures:
        flash(_last_time(before), "warning" if before.failures else "info")
    return redirect(where, 303)


def _last_time(before: SignIns) -> str:
    """When this person last signed in, and what was tried in their name since: they know what they did [O8.2]."""
    words = "You had not signed in before."
    if before.at:
        words = f"You last signed in on {moment_in_words(before.at)}, from {before.where}."
    if before.failures:
        tries = count(before.failures, "try", "tries")
        words += f" Failed since then, in your name: {tries}. If that was not you, say so: see “Your account”."
    return words


def way_on() -> str:
    """Where `next` says to go after signing in, when that is a page of our own; else the inbox."""
    return own_page(request.args.get("next") or request.form.get("next")) or url_for("inbox.inbox")


def own_page(asked: str | None) -> str | None:
    """The address, if it is a path on this very site; None for anything that a browser would take elsewhere."""
    if not asked or not asked.startswith("/") or asked.startswith("//") or "\\" in asked or not asked.isprintable():
        return None  # browsers read a backslash as a slash, and pass over line breaks
    return asked


def _page(form: SignInForm, **words: Any) -> str:
    session[NOTICE_SHOWN] = NOTICE.sha256
    return render_template("people/sign_in.html", form=form, notice=NOTICE, **_provider(), **words)


def _provider() -> dict[str, str]:
    """The words for signing in through a provider, where one is set."""
    provider = current_app.extensions.get("portal-provider")
    return {"provider": provider.label, "next": request.args.get("next", "")} if provider else {}


def _refused(page: str, form: FlaskForm, field: str, refused: SignInRefused | TooManyTries) -> Answer:
    """The form again. Whether it is the address, the password or the account that is wrong, only the log knows."""
    waits = isinstance(refused, TooManyTries)
    why = "too many wrong tries" if isinstance(refused, TooManyTries) else refused.why
    account = the_portal().people.get(refused.email.strip().lower())
    who = account.email if account else ""  # people type passwords into this field, too: only what names an account
    log_request(TRIED_TO_SIGN_IN, outcome=Outcome.FAILED, why=why, who=who)
    form[field].errors = [*form[field].errors, str(refused)]
    return render_template(page, form=form, waits=waits, notice=NOTICE, **_provider()), 429 if waits else 422
