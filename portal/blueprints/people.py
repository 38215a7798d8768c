"""The portal's accounts, for the Portal Administrator: who has which role. No application is seen from here."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the types that are published
    BooleanField,
    SelectChoice,
    SelectField,
)
from wtforms.validators import InputRequired

from portal.audit.from_request import acting
from portal.blueprints import account_forms as fields
from portal.blueprints.giving import in_words, require_giving
from portal.people import Person, mails
from portal.people.errors import AlreadyThere, LastAdministrator, RolesApart
from portal.people.person import address
from portal.process.errors import MayNotGive
from portal.process.step import Grant, Role
from portal.process.third_party_access.reference import LCSAS
from portal.rendering import PAGE_SIZE, offset_asked, role_titles, the_portal

blueprint = Blueprint("people", __name__)

DAYS_FOR_ACCOUNT, DAYS_FOR_PASSWORD = 60, 7

Answer = str | Response | tuple[str, int]


class RoleForm(fields.PageForm):
    """A role, with what limits it: the LCSA, and for some the organization."""

    role = SelectField("Role", [InputRequired("Choose a role.")])
    lcsa = SelectField(
        "LCSA",
        choices=[SelectChoice("", "None"), *(SelectChoice(name, name) for name in LCSAS)],
    )
    organization = fields.text(
        "Organization", required=False, hint="As its application names it. For example: Kern IV-A"
    )

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.role.choices = [
            SelectChoice("", "Choose one"),
            *(SelectChoice(role.key, _role_label(role)) for role in _roles().values()),
        ]

    def validate(self, extra_validators: object = None) -> bool:
        """What the role is limited to must be given."""
        if not super().validate(extra_validators):
            return False
        missing = [name for name in _roles()[self.role.data].scope if not self[name].data]
        for name in missing:
            self[name].errors = [f"{self[name].label.text}: needed for this role."]
        return not missing

    @property
    def grant(self) -> Grant:
        """The role as a person holds it; what does not limit it is left out."""
        return Grant(self.role.data, {name: self[name].data for name in _roles()[self.role.data].scope})


class PersonForm(RoleForm):
    """A new person with a role."""

    first = ("name", "email")

    name = fields.text("Name")
    email = fields.email()


class DetailsForm(fields.PageForm):
    """What letters print of a person."""

    name = fields.text("Name")
    title = fields.text("Title", required=False)
    phone = fields.phone()


class LinkForm(FlaskForm):
    """A new link for a password."""

    second_factor = BooleanField("The second factor is lost, too: it is set up again")


class WithdrawForm(FlaskForm):
    """One of the person's roles, by its place among them, and what it was when the page was drawn."""

    role = fields.text("Role", longest=400)


@blueprint.get("/people")
def people() -> Answer:
    """Everybody, by name; found by words."""
    words = fields.one_line(request.args.get("q", "")[:100]) or ""
    found = the_portal().people.search(words, offset_asked(), PAGE_SIZE)
    rows = [(person, role_titles(the_portal(), person.actor)) for person in found.rows]
    return render_template("people/people.html", rows=rows, page=found, limit=PAGE_SIZE, q=words)


@blueprint.get("/people/new")
def new() -> Answer:
    """The form for a new person."""
    return render_template("people/new.html", form=PersonForm())


@blueprint.post("/people/new")
def add() -> Answer:
    """Adds the person, and mails the link with which they make a password."""
    form = PersonForm()
    if not form.validate():
        return render_template("people/new.html", form=form), 422
    portal, email = the_portal(), address(fields.said(form.email))
    try:
        require_giving(email, form.grant)
        with acting("add a person", email, why=in_words(form.grant)):
            person = portal.people.add(email, fields.said(form.name), form.grant)
            link = _link(portal.people.password_link(email, made_by=current_user.email, days=DAYS_FOR_ACCOUNT))
    except MayNotGive as refused:
        form.email.errors = [str(refused)]
        return render_template("people/new.html", form=form), 422
    except AlreadyThere as refused:
        form.email.errors = [f"{refused} Look for it in the list, and give it the role there."]
        return render_template("people/new.html", form=form), 422
    portal.mail.send(email, *mails.account_made(person.name, link, in_words(form.grant), DAYS_FOR_ACCOUNT))
    return _person_page(person, link=link, days=DAYS_FOR_ACCOUNT)


@blueprint.get("/people/<path:email>")
def person(email: str) -> Answer:
    """One person: the account, its roles, and what can be done about it."""
    return _person_page(_the_person(email))


@blueprint.post("/people/<path:email>/roles")
def give_role(email: str) -> Answer:
    """Gives the person another role."""
    found, form = _the_person(email), RoleForm()
    if not form.validate():
        return _person_page(found, form=form, status=422)
    portal = the_portal()
    if form.grant not in found.grants:
        try:
            require_giving(found.email, form.grant)
            with acting("give a role", found.email, why=in_words(form.grant)):
                portal.people.grant(found.email, form.grant)
        except (MayNotGive, RolesApart) as refused:
            form.role.errors = [str(refused)]
            return _person_page(found, form=form, status=422)
        portal.mail.send(
            found.email, *mails.role_given(found.name, in_words(form.grant), f"{portal.settings.base_url}/sign-in")
        )
    flash(f"{found.name} is {in_words(form.grant)} now.", "success")
    return _back(found)


@blueprint.post("/people/<path:email>/roles/withdraw")
def withdraw_role(email: str) -> Answer:
    """Withdraws one of the person's roles."""
    found, form = _the_person(email), WithdrawForm()
    grant = next((grant for grant in found.grants if grant_key(grant) == form.role.data), None)
    if not form.validate() or grant is None:
        flash("This role is not held any more.", "info")
        return _back(found)
    try:
        with acting("withdraw a role", found.email, why=in_words(grant)):
            the_portal().people.withdraw(found.email, grant)
    except LastAdministrator as refused:
        return _refused(found, refused)
    the_portal().mail.send(found.email, *mails.role_ended(found.name, in_words(grant)))
    flash(f"{found.name} is not {in_words(grant)} any more.", "success")
    return redirect(url_for("inbox.inbox"), 303) if _lost_own_page(found) else _back(found)


@blueprint.post("/people/<path:email>/details")
def describe(email: str) -> Answer:
    """Puts right a person's name, title and telephone. Their address names the account, and stays."""
    found, form = _the_person(email), DetailsForm()
    if not form.validate():
        return _person_page(found, details=form, status=422)
    name, title, phone = (fields.said(form[field]) for field in ("name", "title", "phone"))
    with acting("change the details of an account", found.email):
        the_portal().people.describe(found.email, name, title, phone)
    flash(f"The details of {name} are kept.", "success")
    return _back(found)


@blueprint.post("/people/<path:email>/deactivate")
def deactivate(email: str) -> Answer:
    """Closes the account; who is signed in with it is out."""
    found = _the_person(email)
    try:
        with acting("close an account", found.email):
            the_portal().people.deactivate(found.email)
    except LastAdministrator as refused:
        return _refused(found, refused)
    flash(f"The account of {found.name} is closed.", "success")
    return _back(found)


@blueprint.post("/people/<path:email>/reactivate")
def reactivate(email: str) -> Answer:
    """Opens the account again."""
    found = _the_person(email)
    with acting("open an account again", found.email):
        the_portal().people.reactivate(found.email)
    flash(f"The account of {found.name} is open again.", "success")
    return _back(found)


@blueprint.post("/people/<path:email>/link")
def make_link(email: str) -> Answer:
    """Makes a link for a new password, and mails it."""
    found, form, portal = _the_person(email), LinkForm(), the_portal()
    if not found.active:
        flash("The account is closed. Open it again first.", "error")
        return _back(found)
    also = bool(form.second_factor.data)
    with acting("make a link for a new password", found.email, why="and for the second factor" if also else ""):
        token = portal.people.password_link(
            found.email, made_by=current_user.email, days=DAYS_FOR_PASSWORD, resets_second_factor=also
        )
    portal.mail.send(found.email, *mails.password_link(found.name, _link(token), DAYS_FOR_PASSWORD, also))
    return _person_page(found, link=_link(token), days=DAYS_FOR_PASSWORD)


def grant_key(grant: Grant) -> str:
    """A grant as a form's button carries it."""
    return "/".join([grant.role, *(f"{name}={value}" for name, value in sorted(grant.scope.items()))])


def _person_page(
    found: Person,
    form: RoleForm | None = None,
    details: DetailsForm | None = None,
    link: str = "",
    days: int = 0,
    status: int = 200,
) -> Answer:
    """The page. A link that was just made is for its owner's mailbox alone: whoever sees it could sign in as them. In
    the demo it is shown, since no mail goes out there.
    """
    return render_template(
        "people/person.html",
        account=found,
        grants=[(in_words(grant), grant_key(grant)) for grant in found.grants],
        form=form or RoleForm(formdata=None),
        button_form=fields.Button(formdata=None),
        link_form=LinkForm(formdata=None),
        details=details or DetailsForm(formdata=None, name=found.name, title=found.title, phone=found.phone),
        mailed=bool(link),
        link=link if the_portal().settings.demo else "",
        days=days,
    ), status


def _the_person(email: str) -> Person:
    found = the_portal().people.get(email)
    if found is None:
        abort(404)
    return found


def _refused(found: Person, refused: LastAdministrator) -> Answer:
    flash(str(refused), "error")
    return _person_page(found, status=409)


def _lost_own_page(found: Person) -> bool:
    """Whether the one who is signed in has just given up this page."""
    now = the_portal().people.require(current_user.email)
    return found.email == now.email and not now.holds("portal-administrator")


def _back(found: Person) -> Response:
    return redirect(url_for("people.person", email=found.email), 303)


def _link(token: str) -> str:
    return f"{the_portal().settings.base_url}{url_for('invitation.invitation', token=token)}"


def _roles() -> dict[str, Role]:
    return {role.key: role for process in the_portal().processes for role in process.roles}


def _role_label(role: Role) -> str:
    limits = {("lcsa",): " (of one LCSA)", ("lcsa", "organization"): " (of one organization)"}
    return role.title + limits.get(role.scope, "")
