"""A person's own account: what letters say of them, how they sign in, and what was done in their name [O8.2]."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from portal.access import page_title, rows_of
from portal.audit.from_request import acting, log_request
from portal.blueprints import account_forms as fields
from portal.blueprints.invitation import NewPasswordForm
from portal.people import mails
from portal.people.errors import PasswordRefused, SignInRefused, TooManyTries
from portal.people.rules import until
from portal.people.session import can_be_prolonged, keep_session, seconds_left, the_session, use_session
from portal.people.sessions import Session
from portal.rendering import role_titles, the_portal
from portal.words import count

blueprint = Blueprint("account", __name__)

Answer = str | Response | tuple[str, int]


class DescriptionForm(FlaskForm):
    """What letters and pages say of a person."""

    name = fields.text("Your name", autocomplete="name")
    title = fields.text(
        "Title", required=False, hint="As letters print it below your name.", autocomplete="organization-title"
    )
    phone = fields.phone()


class PasswordForm(NewPasswordForm):
    """The old password and the new one."""

    first = ("old_password",)

    old_password = fields.password("Password that you have now", "current-password")


@blueprint.get("/account")
def account() -> Answer:
    """The account as it is, and its latest activity [O8.2]."""
    return _page(DescriptionForm(name=current_user.name, title=current_user.title, phone=current_user.phone))


@blueprint.post("/account")
def describe() -> Answer:
    """Keeps name, title and telephone number."""
    form = DescriptionForm()
    if not form.validate():
        return _page(form, 422)
    with acting("change their own account", current_user.email):
        the_portal().people.describe(
            current_user.email, fields.said(form.name), fields.said(form.title), fields.said(form.phone)
        )
    flash("Your account is changed.", "success")
    return redirect(url_for("account.account"), 303)


@blueprint.get("/account/session")
def session() -> Response:
    """How long the session lasts, for the page's own clock. Asking does not prolong it."""
    return _session_as_json()


@blueprint.post("/account/session")
def stay() -> Response:
    """Stays signed in: the time without use begins anew."""
    use_session()
    if request.accept_mimetypes.best == "application/json":
        return _session_as_json()
    return redirect(url_for("inbox.inbox"), 303)


@blueprint.post("/account/sessions/end")
def end_sessions() -> Response:
    """Signs out everywhere else; this session goes on."""
    others = [one for one in _sessions() if one.key != _this_one()]
    log_request("signed out everywhere else", current_user.email, why=count(len(others), "session"))
    for one in others:
        the_portal().people.sessions.end(one)
    flash("You are signed out everywhere else.", "success")
    return redirect(url_for("account.account"), 303)


@blueprint.get("/account/password")
def password() -> Answer:
    """The form for a new password."""
    return render_template("people/password.html", email=current_user.email, form=PasswordForm())


@blueprint.post("/account/password")
def change_password() -> Answer:
    """Keeps the new password, and ends the person's other sessions."""
    form, email = PasswordForm(), current_user.email
    if not form.validate():
        return render_template("people/password.html", email=email, form=form), 422
    try:
        with acting("change their password", email):
            person = the_portal().people.signing_in.change_password(
                email, fields.said(form.old_password), fields.said(form.password)
            )
    except PasswordRefused as refused:
        form.password.errors = [str(refused)]
        return render_template("people/password.html", email=email, form=form), 422
    except (SignInRefused, TooManyTries) as refused:
        waits = isinstance(refused, TooManyTries)
        form.old_password.errors = [str(refused) if waits else "This is not the password that you have now."]
        status = 429 if waits else 422
        return render_template("people/password.html", email=email, form=form, waits=waits), status
    keep_session(person)
    the_portal().mail.send(email, *mails.account_changed(person.name, "the password was changed"))
    flash("Your password is changed. Wherever else you were signed in, you are not any more.", "success")
    return redirect(url_for("account.account"), 303)


def _page(form: FlaskForm, status: int = 200) -> Answer:
    return render_template(
        "people/account.html",
        form=form,
        account=current_user,
        roles=role_titles(the_portal(), current_user.actor),
        activity=[
            {**line, "did": _did_in_words(line["did"])} for line in the_portal().log.of_person(current_user.email)
        ],
        sign_ins=the_portal().log.sign_in_lines(current_user.email),
        sessions=_sessions(),
        this_one=_this_one(),
        confirmed_until=until(current_user.confirmations),
        button_form=fields.Button(),
    ), status


def _did_in_words(did: str) -> str:
    """What a line of the access log says was done, with steps and pages as their own pages call them."""
    before, _, key = did.rpartition(" ")
    if before == "read it at" and (step := next((one for one in the_portal().process.steps if one.key == key), None)):
        return f"read it, at “{step.title}”"
    if before == "open" and rows_of(key):
        return f"open “{page_title(key)}”"
    return did


def _sessions() -> list[Session]:
    people = the_portal().people
    return people.sessions.of(current_user.email, people.signing_in.session_mark(current_user))


def _this_one() -> str:
    kept = the_session()
    return kept.key if kept else ""


def _session_as_json() -> Response:
    return jsonify(seconds_left=seconds_left(), can_be_prolonged=can_be_prolonged())
