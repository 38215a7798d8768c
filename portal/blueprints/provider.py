"""Signing in through the department's own OpenID Connect provider, where one is set [O8.2].

It begins with a link, not a form: under our policy a form may not lead elsewhere, and nothing changes but the visitor's
own cookie. The notice stands above the link, and nobody goes on who was not shown it.
"""

from flask import Blueprint, abort, current_app, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.audit import Outcome
from portal.audit.from_request import log_request
from portal.blueprints.sign_in import NOTICE_SHOWN, let_in, own_page, way_on
from portal.errors import error_page
from portal.people import Person
from portal.people.errors import AnotherAtProvider
from portal.people.provider import Provider, ProviderAway, ProviderRefused, Shown
from portal.people.rules import NOTICE
from portal.people.session import await_code
from portal.rendering import the_portal

blueprint = Blueprint("provider", __name__)

Answer = str | Response | tuple[str, int]
NEXT = "provider_next"


@blueprint.get("/sign-in/provider")
def begin() -> Answer:
    """On to the provider, from the page that shows the notice; from anywhere else to that page first."""
    provider = _provider()
    if current_user.is_authenticated:
        return redirect(way_on(), 303)
    if session.get(NOTICE_SHOWN) != NOTICE.sha256:
        return redirect(url_for("sign_in.sign_in", next=own_page(request.args.get("next"))), 303)
    session[NEXT] = way_on()
    try:
        return provider.begin(f"{the_portal().settings.base_url}{url_for('provider.come_back')}")
    except ProviderAway as away:
        return _away(provider, away)


@blueprint.get("/sign-in/provider/back")
def come_back() -> Answer:
    """Back from the provider: lets in whoever it shows to be somebody with an account."""
    provider, where = _provider(), own_page(session.get(NEXT)) or url_for("inbox.inbox")
    if current_user.is_authenticated:
        return redirect(where, 303)
    try:
        shown = provider.come_back()
        person = _account_of(shown)
    except ProviderAway as away:
        return _away(provider, away)
    except ProviderRefused as refused:
        return _refused(provider, refused)
    except AnotherAtProvider as another:
        return _another(provider, another)
    if person.has_second_factor and not shown.second_factor:
        await_code(person, where, through=provider.label)
        return redirect(url_for("sign_in.code"), 303)
    return let_in(person, where, through=provider.label, vouched=shown.second_factor)


@blueprint.get("/sign-in/provider/out")
def signed_out() -> Answer:
    """Signed out of the portal; the provider may still know its visitor."""
    provider = _provider()
    return render_template(
        "people/signed_out.html", label=provider.label, way_out=provider.way_out(f"{the_portal().settings.base_url}/")
    )


def _provider() -> Provider:
    provider: Provider | None = current_app.extensions.get("portal-provider")
    if provider is None:
        abort(404)
    return provider


def _account_of(shown: Shown) -> Person:
    """The account of the address; none is made here. Raises `ProviderRefused`, `AnotherAtProvider`."""
    people = the_portal().people
    person = people.get(shown.email)
    if person is None:
        raise ProviderRefused("no account for the address")
    if not people.signing_in.may_sign_in(person):
        raise ProviderRefused("the account is closed" if not person.active else "a demo account, and the demo is off")
    return people.signing_in.known_at_provider(person.email, shown.issuer, shown.subject)


def _away(provider: Provider, away: ProviderAway) -> Answer:
    current_app.logger.error("the provider for signing in is away", extra={"data": {"why": str(away)}})
    log_request("tried to sign in", outcome=Outcome.FAILED, why=f"through {provider.label}: it does not answer")
    return error_page(
        503,
        title=f"{provider.label} does not answer",
        what_happened="Nobody can sign in through it just now.",
        what_to_do="Sign in with your email address and your password for this portal, or try again in a few minutes.",
        back_url=url_for("sign_in.sign_in"),
        back_label="Go to the page for signing in",
    )


def _refused(provider: Provider, refused: ProviderRefused) -> Answer:
    """The same page for every reason; the log has which."""
    denied = request.args.get("error") == "access_denied"
    log_request("tried to sign in", outcome=Outcome.FAILED, why=f"through {provider.label}: {refused.why}")
    return error_page(
        403,
        title="You are not signed in",
        what_happened=f"{provider.label} did not let you in, or you turned back."
        if denied
        else f"What {provider.label} said does not open an account here.",
        what_to_do="Try again from the page for signing in. Only people who have an account here, under the verified "
        f"email address that {provider.label} knows, can sign in through it.",
        back_url=url_for("sign_in.sign_in"),
        back_label="Go to the page for signing in",
    )


def _another(provider: Provider, another: AnotherAtProvider) -> Answer:
    log_request(
        "tried to sign in", another.email, outcome=Outcome.FAILED, why=f"through {provider.label}: {another.why}"
    )
    return error_page(
        403,
        title="You are not signed in",
        what_happened=f"Somebody else at {provider.label} signed in with your email address before: the account here "
        "is still theirs.",
        what_to_do="Tell the Portal Administrator, who knows whose account it is. If it is yours, they can make you a "
        "link that resets the second factor.",
        back_url=url_for("sign_in.sign_in"),
        back_label="Go to the page for signing in",
    )
