"""The link that was mailed: with it the invitee makes an account or takes on the role, or makes a password [6.3.3]."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import ValidationError

from portal.audit import Outcome
from portal.audit.from_request import acting, log_request
from portal.blueprints import account_forms as fields
from portal.blueprints.sign_in import let_in
from portal.people import Person, mails
from portal.people.errors import LinkRefused, NotTheInvitee, PasswordRefused
from portal.people.invitations import Invitation
from portal.people.rules import NOTICE
from portal.process.step import Actor
from portal.rendering import role_titles, the_portal

blueprint = Blueprint("invitation", __name__)

Answer = str | Response | tuple[str, int]


class NewPasswordForm(fields.PageForm):
    """A password, typed twice."""

    password = fields.password("Password", "new-password", fields.ABOUT_PASSWORDS)
    password_again = fields.password("Password again", "new-password")

    def validate_password_again(self, field: PasswordField) -> None:
        """Both are the same."""
        if field.data != self.password.data:
            raise ValidationError("The two passwords are not the same.")


class AccountForm(NewPasswordForm):
    """A new account."""

    first = ("name",)

    name = fields.text("Your name", autocomplete="name")


@blueprint.get("/invitation/<token>")
def invitation(token: str) -> Answer:
    """Who invites to what, and the form; or why the link does not work."""
    try:
        found = the_portal().people.look_up(token)
    except LinkRefused as refused:
        return _link_refused(refused)
    return _someone_else(found) or _sign_in_first(found, token) or _page(found, _blank_form(found))


@blueprint.post("/invitation/<token>")
def accept(token: str) -> Answer:
    """Makes the account, or adds the role to the one that is there, and signs in."""
    people = the_portal().people
    try:
        found = people.look_up(token)
        other = _someone_else(found) or _sign_in_first(found, token)
        if other:
            return other
        form = _blank_form(found)
        if not form.validate():
            return _page(found, form, 422)
        had_account = people.get(found.email) is not None
        name = form.name.data if "name" in form else ""
        password = form.password.data if "password" in form else ""
        signed_in_as = current_user.email if current_user.is_authenticated else None
        with acting(_did(found), found.about or found.email, _role_in_words(found), who=signed_in_as or found.email):
            person = people.accept(token, name, password, signed_in_as)
    except LinkRefused as refused:
        return _link_refused(refused)
    except PasswordRefused as refused:
        form.password.errors = [str(refused)]
        return _page(found, form, 422)
    return _accepted(found, person, had_account)


def _accepted(found: Invitation, person: Person, had_account: bool) -> Response:
    """Says so to the owner, and leads on: to the application, when the link is about one."""
    where = f"/applications/{found.about}" if found.about else url_for("inbox.inbox")
    if current_user.is_authenticated and current_user.email == person.email and found.grant:
        return redirect(where, 303)
    if had_account:
        the_portal().mail.send(person.email, *mails.account_changed(person.name, "a new password was made"))
    must_use_provider = the_portal().people.signing_in.must_use_provider(person)
    if person.has_second_factor or must_use_provider:
        # The link stands for the password, not for the second factor: neither the portal's own nor the provider's.
        way = "through the provider, as before" if must_use_provider else "with it"
        flash(f"Your new password is kept. Sign in {way}.", "success")
        return redirect(url_for("sign_in.sign_in"), 303)
    return let_in(person, where)


def _did(found: Invitation) -> str:
    return "accept an invitation" if found.grant else "make a password with a link"


def _blank_form(found: Invitation) -> FlaskForm:
    if the_portal().people.must_sign_in_for(found):
        return fields.Button()
    return AccountForm(name=found.name) if found.grant else NewPasswordForm()


def _page(found: Invitation, form: FlaskForm, status: int = 200) -> Answer:
    people = the_portal().people
    inviter = people.get(found.made_by) if found.made_by else None
    return render_template(
        "people/invitation.html",
        invitation=found,
        form=form,
        inviter=inviter.name if inviter else "DCSS Third Party Access",
        role=_role_in_words(found),
        has_account=people.must_sign_in_for(found),
        notice=NOTICE,
    ), status


def _role_in_words(found: Invitation) -> str:
    if found.grant is None:
        return ""
    return role_titles(the_portal(), Actor(found.email, found.name, (found.grant,)))[0]


def _someone_else(found: Invitation) -> Answer | None:
    """The page for one who is signed in as another than the link is for."""
    if current_user.is_authenticated and current_user.email != found.email:
        return _link_refused(
            NotTheInvitee("This link is for another person than the one who is signed in here.", found)
        )
    return None


def _sign_in_first(found: Invitation, token: str) -> Answer | None:
    """To the sign-in page, when the invitee has an account already."""
    if current_user.is_authenticated or not the_portal().people.must_sign_in_for(found):
        return None
    flash(f"There is an account for {found.email} already. Sign in to accept the invitation.", "info")
    return redirect(url_for("sign_in.sign_in", next=url_for("invitation.invitation", token=token)), 303)


def _link_refused(refused: LinkRefused) -> Answer:
    """Says plainly why the link does not work, and whom to ask."""
    about = refused.invitation
    record = (about.about or about.email) if about else ""
    log_request("tried a link", record, Outcome.REFUSED, refused.why)
    ask = mails.whom_to_ask(about, the_portal().settings.mail_from)
    return render_template(
        "people/link_refused.html", refused=refused, kind=type(refused).__name__, ask=ask
    ), refused.status
