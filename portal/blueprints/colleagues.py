"""Colleagues: those who act for the same organization. Each can invite another, and end another's access."""

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField

from portal.audit import Outcome
from portal.audit.from_request import acting, log_request
from portal.blueprints import account_forms as fields
from portal.blueprints.giving import require_giving
from portal.people import Person, mails
from portal.people.invitations import Invitation
from portal.people.person import address
from portal.process.errors import MayNotGive
from portal.process.step import Grant
from portal.rendering import the_portal

blueprint = Blueprint("colleagues", __name__)

ROLE = "requestor"
DAYS = 60

Answer = str | Response | tuple[str, int]


class InviteForm(FlaskForm):
    """Whom to invite, to which of one's own organizations."""

    lcsa = HiddenField()
    organization = HiddenField()
    name = fields.text("Name")
    email = fields.email()


class WithdrawForm(FlaskForm):
    """Whose access ends, to which of one's own organizations."""

    lcsa = HiddenField()
    organization = HiddenField()
    email = HiddenField()


@dataclass(frozen=True, slots=True)
class Team:
    """One of the person's organizations: who acts for it, who is invited to, and the form to invite another."""

    grant: Grant
    people: list[Person]
    invited: list[Invitation]
    form: FlaskForm


@blueprint.get("/colleagues")
def colleagues() -> Answer:
    """Those of each of one's own organizations."""
    return _page()


@blueprint.post("/colleagues")
def invite() -> Answer:
    """Mails a colleague the link with which they make an account: good once, for 60 days [6.3.3]."""
    form = InviteForm()
    grant = _own_grant(form.lcsa.data, form.organization.data)
    if not form.validate():
        return _page(form, 422)
    portal, name, email = the_portal(), fields.said(form.name), address(fields.said(form.email))
    if email in [person.email for person in _those_of(grant)]:
        form.email.errors = [f"{email} acts for {grant.scope['organization']} already."]
        return _page(form, 422)
    try:
        require_giving(email, grant)
        with acting("invite a colleague", email, why=grant.scope["organization"]):
            token = portal.people.invite(email, name, grant, days=DAYS, made_by=current_user.email)
    except MayNotGive as refused:
        form.email.errors = [str(refused)]
        return _page(form, 422)
    link = f"{portal.settings.base_url}{url_for('invitation.invitation', token=token)}"
    words = mails.colleague_invited(name, current_user.name, grant.scope["organization"], link, DAYS)
    portal.mail.send(email, *words)
    flash(f"{name} gets an email with a link that works once, and for {DAYS} days.", "success")
    return redirect(url_for("colleagues.colleagues"), 303)


@blueprint.get("/colleagues/withdraw")
def confirm_withdrawal() -> Answer:
    """Asks whether to end a colleague's access, or an invitation."""
    grant = _own_grant(request.args.get("lcsa"), request.args.get("organization"))
    email = request.args.get("email", "")
    name = _name_in(grant, email)
    form = WithdrawForm(formdata=None, email=email, **grant.scope)
    return render_template(
        "people/withdraw.html", form=form, name=name, email=email, organization=grant.scope["organization"]
    )


@blueprint.post("/colleagues/withdraw")
def withdraw() -> Answer:
    """Ends a colleague's access to the organization, or an invitation; never the last person's."""
    form, people = WithdrawForm(), the_portal().people
    grant, email = _own_grant(form.lcsa.data, form.organization.data), form.email.data or ""
    name = _name_in(grant, email)
    those = [person.email for person in _those_of(grant)]
    if email not in those:
        with acting("withdraw an invitation", email, why=grant.scope["organization"]):
            for invitation in _invited_to(grant):
                if invitation.email == email:
                    people.invitations.withdraw(invitation)
    elif those == [email]:
        log_request("end a colleague's access", email, Outcome.REFUSED, "the last person of the organization")
        flash(f"{name} is the only one who acts for {grant.scope['organization']}. Invite a colleague first.", "error")
        return _page(status=409)
    else:
        with acting("end a colleague's access", email, why=grant.scope["organization"]):
            people.withdraw(email, grant)
    flash(f"{name} does not act for {grant.scope['organization']} any more.", "success")
    still = any(held.role == ROLE for held in people.require(current_user.email).grants)
    return redirect(url_for("colleagues.colleagues" if still else "inbox.inbox"), 303)


def _page(sent: InviteForm | None = None, status: int = 200) -> Answer:
    teams = []
    for grant in current_user.grants:
        if grant.role == ROLE:
            mine = sent is not None and (sent.lcsa.data, sent.organization.data) == tuple(
                grant.scope[k] for k in ("lcsa", "organization")
            )
            form = sent if mine else InviteForm(formdata=None, **grant.scope)
            teams.append(Team(grant, _those_of(grant), _invited_to(grant), form))
    return render_template("people/colleagues.html", teams=teams, sent=sent), status


def _own_grant(lcsa: str | None, organization: str | None) -> Grant:
    """The person's own grant for this organization; 404 for another's, as if it were not there."""
    wanted = Grant(ROLE, {"lcsa": lcsa or "", "organization": organization or ""})
    if wanted not in current_user.grants:
        log_request("open the colleagues of another organization", outcome=Outcome.REFUSED)
        abort(404)
    return wanted


def _those_of(grant: Grant) -> list[Person]:
    return the_portal().people.with_role(ROLE, grant.scope["lcsa"], grant.scope["organization"])


def _invited_to(grant: Grant) -> list[Invitation]:
    """The invitations to this organization that still wait for their invitee."""
    people = the_portal().people
    those = {person.email for person in _those_of(grant)}
    return [i for i in people.invitations.standing() if i.grant == grant and i.email not in those]


def _name_in(grant: Grant, email: str) -> str:
    """The name of one who acts for the organization or is invited to; 404 for anybody else."""
    known = {person.email: person.name for person in _those_of(grant)}
    known |= {invitation.email: invitation.name for invitation in _invited_to(grant) if invitation.email not in known}
    if email not in known:
        abort(404)
    return known[email]
