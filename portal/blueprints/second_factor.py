"""Setting up the second factor: the picture for the app, the first code, the recovery codes [O8.2]."""

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from portal.audit.from_request import acting
from portal.blueprints import account_forms as fields
from portal.blueprints.sign_in import own_page
from portal.people import mails
from portal.people.errors import SignInRefused, TooManyTries
from portal.people.second_factor import qr_code
from portal.people.session import keep_session
from portal.rendering import the_portal

blueprint = Blueprint("second_factor", __name__)

Answer = str | AnyResponse | tuple[str, int]


class EnrolForm(FlaskForm):
    """The first code that the app shows."""

    code = StringField(
        "Code",
        [InputRequired("Enter the code that your app shows."), Length(max=20)],
        description="The six digits that the app shows for Third Party Access.",
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class EnrolAgainForm(EnrolForm):
    """The code, and the password from one who has a second factor already and sets up another."""

    password = fields.password("Password", "current-password", "The one with which you sign in.")


@blueprint.get("/account/second-factor")
def second_factor() -> Answer:
    """The picture and the form; in the demo, that there is none."""
    return _page(_form())


@blueprint.post("/account/second-factor")
def enrol() -> Answer:
    """Sets it up, and shows the recovery codes this once."""
    _not_in_demo()
    signing_in, form = the_portal().people.signing_in, _form()
    if not form.validate():
        return _page(form, 422)
    field = "password" if "password" in form else "code"
    try:
        with acting("set up a second factor", current_user.email):
            if "password" in form:
                signing_in.check_password(current_user.email, fields.said(form.password))
            field = "code"
            person, codes = signing_in.enrol(current_user.email, fields.said(form.code))
    except (SignInRefused, TooManyTries) as refused:
        words = str(refused) if isinstance(refused, TooManyTries) else f"This is not the right {field}."
        form[field].errors = [words]
        return _page(form, 429 if isinstance(refused, TooManyTries) else 422)
    keep_session(person)
    the_portal().mail.send(person.email, *mails.account_changed(person.name, "a second factor was set up"))
    where = own_page(request.args.get("next")) or url_for("inbox.inbox")
    return render_template("people/recovery_codes.html", codes=codes, where=where)


@blueprint.get("/account/second-factor.svg")
def second_factor_picture() -> Answer:
    """The QR code that the app reads."""
    _not_in_demo()
    secret = the_portal().people.signing_in.secret_to_enrol(current_user)
    return Response(qr_code(secret, current_user.email), mimetype="image/svg+xml")


def _form() -> EnrolForm:
    return EnrolAgainForm() if current_user.has_second_factor else EnrolForm()


def _page(form: FlaskForm, status: int = 200) -> Answer:
    secret = the_portal().people.signing_in.secret_to_enrol(current_user)
    spaced = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return render_template(
        "people/second_factor.html",
        form=form,
        secret=spaced,
        again=current_user.has_second_factor,
        must=the_portal().people.signing_in.needs_second_factor(current_user),
    ), status


def _not_in_demo() -> None:
    if the_portal().settings.demo:
        abort(404)
