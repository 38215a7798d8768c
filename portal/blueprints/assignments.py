"""Assignments: the Process Owner names the Process Manager, a Director the Coordinator and the System Administrator of
their own LCSA [1.5].

Whom one may name, the policy says. An address that has an account holds the role at once; another gets a link.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField

from portal.access import current_actor, rows_of
from portal.audit import Outcome
from portal.audit.from_request import acting, log_request
from portal.blueprints import account_forms as fields
from portal.blueprints.giving import in_words, require_giving
from portal.people import Person, mails
from portal.people.errors import AccountClosed, RolesApart
from portal.people.invitations import Invitation
from portal.people.person import address
from portal.process.errors import MayNotGive
from portal.process.step import Grant, Role
from portal.rendering import the_portal

blueprint = Blueprint("assignments", __name__)

DAYS = 60

Answer = str | Response | tuple[str, int]


class AssignForm(FlaskForm):
    """Whom to name, and for which role."""

    role = HiddenField()
    lcsa = HiddenField()
    name = fields.text("Name")
    email = fields.email()


class EndForm(FlaskForm):
    """Who holds which role no more."""

    role = HiddenField()
    lcsa = HiddenField()
    email = HiddenField()


@dataclass(frozen=True, slots=True)
class Seat:
    """A role that the person may give: who holds it, who is invited to, and the form to name somebody."""

    role: Role
    grant: Grant
    title: str
    people: list[Person]
    invited: list[Invitation]
    form: FlaskForm

    @property
    def sent(self) -> dict[str, str]:
        """What names the seat in an address."""
        return {"role": self.grant.role, **self.grant.scope}


@blueprint.get("/assignments")
def assignments() -> Answer:
    """The roles that one may give, and who holds each."""
    return _page()


@blueprint.post("/assignments")
def assign() -> Answer:
    """Gives the role to the account of this address, or mails the link with which one is made."""
    form = AssignForm()
    grant = _own_seat(form.role.data, form.lcsa.data)
    if not form.validate():
        return _page(form, 422)
    name, email = fields.said(form.name), address(fields.said(form.email))
    known = the_portal().people.get(email)
    if known is not None and grant in known.grants:
        form.email.errors = [f"{known.name} holds this role already."]
        return _page(form, 422)
    try:
        told = _give(known, grant) if known is not None and known.password_hash else _offer(email, name, grant)
    except (MayNotGive, AccountClosed, RolesApart) as refused:
        form.email.errors = [str(refused)]
        return _page(form, 422)
    flash(told, "success")
    return redirect(url_for("assignments.assignments"), 303)


def _give(known: Person, grant: Grant) -> str:
    """Gives the role to an account that is there. Raises `MayNotGive`, `AccountClosed`, `RolesApart`."""
    portal, words = the_portal(), in_words(grant)
    require_giving(known.email, grant)
    with acting("give a role", known.email, why=words):
        portal.people.require_open(known.email)
        portal.people.grant(known.email, grant)
    portal.mail.send(known.email, *mails.role_given(known.name, words, f"{portal.settings.base_url}/sign-in"))
    return f"{known.name} is {words} now."


def _offer(email: str, name: str, grant: Grant) -> str:
    """Mails the link with which an account is made that holds the role. Raises `MayNotGive`."""
    portal, words = the_portal(), in_words(grant)
    require_giving(email, grant)
    with acting("invite to a role", email, why=words):
        token = portal.people.invite(email, name, grant, days=DAYS, made_by=current_user.email)
    link = f"{portal.settings.base_url}{url_for('invitation.invitation', token=token)}"
    portal.mail.send(email, *mails.role_offered(name, current_user.name, words, link, DAYS))
    return f"{name} gets an email with a link that works once, and for {DAYS} days."


@blueprint.get("/assignments/withdraw")
def confirm_withdrawal() -> Answer:
    """Asks whether somebody shall hold the role no more, or an invitation be withdrawn."""
    grant = _own_seat(request.args.get("role"), request.args.get("lcsa"))
    email = request.args.get("email", "")
    name = _name_in(grant, email)
    form = EndForm(formdata=None, email=email, role=grant.role, lcsa=grant.scope.get("lcsa", ""))
    return render_template(
        "people/end_assignment.html",
        form=form,
        name=name,
        email=email,
        role=in_words(grant),
        is_last=[person.email for person in _holders(grant)] == [email],
    )


@blueprint.post("/assignments/withdraw")
def withdraw() -> Answer:
    """Somebody holds the role no more, from their next click on; or the invitation is withdrawn."""
    form, people = EndForm(), the_portal().people
    grant, email = _own_seat(form.role.data, form.lcsa.data), form.email.data or ""
    name, words = _name_in(grant, email), in_words(grant)
    if email in [person.email for person in _holders(grant)]:
        with acting("withdraw a role", email, why=words):
            people.withdraw(email, grant)
        the_portal().mail.send(email, *mails.role_ended(name, words))
        flash(f"{name} is not {words} any more.", "success")
    else:
        with acting("withdraw an invitation", email, why=words):
            for invitation in _invited(grant):
                if invitation.email == email:
                    people.invitations.withdraw(invitation)
        flash(f"The invitation of {name} is withdrawn.", "success")
    return redirect(url_for("assignments.assignments"), 303)


def _page(sent: AssignForm | None = None, status: int = 200) -> Answer:
    seats = []
    for grant in _own_seats():
        mine = sent is not None and (sent.role.data, sent.lcsa.data or "") == (grant.role, grant.scope.get("lcsa", ""))
        form = sent if mine else AssignForm(formdata=None, role=grant.role, lcsa=grant.scope.get("lcsa", ""))
        role = the_portal().role(grant.role)
        seats.append(Seat(role, grant, in_words(grant), _holders(grant), _invited(grant), form))
    return render_template("people/assignments.html", seats=seats, sent=sent), status


def _own_seats() -> Iterator[Grant]:
    """The roles that the person may give from this page, each in the scope in which they hold their own."""
    process, actor = the_portal().process, current_actor()
    here = {role for row in rows_of("assignments.assignments") for role in row.roles}
    for held in actor.grants:
        for role in process.roles:
            if held.role in here and held.role in process.policy.giving(role.key):
                yield Grant(role.key, {name: held.scope[name] for name in role.scope})


def _own_seat(role: str | None, lcsa: str | None) -> Grant:
    """The role that is asked for, if it is the person's to give; 404 for any other, as if it were not there."""
    for grant in _own_seats():
        if (grant.role, grant.scope.get("lcsa", "")) == (role, lcsa or ""):
            return grant
    log_request("give a role", "", Outcome.REFUSED, "404: not theirs to give")
    abort(404)


def _holders(grant: Grant) -> list[Person]:
    return the_portal().people.with_role(grant.role, **grant.scope)


def _invited(grant: Grant) -> list[Invitation]:
    """The invitations to the role that still wait for their invitee."""
    holders = {person.email for person in _holders(grant)}
    standing = the_portal().people.invitations.standing()
    return [one for one in standing if one.grant == grant and one.email not in holders]


def _name_in(grant: Grant, email: str) -> str:
    """The name of one who holds the role or is invited to; 404 for anybody else."""
    known = {invitation.email: invitation.name for invitation in _invited(grant)}
    known |= {person.email: person.name for person in _holders(grant)}
    if email not in known:
        abort(404)
    return known[email]
