"""What Flask asks of the policy: who may open which page. Deny by default.

Every view says below its route who may open it: `@public`, `@signed_in`, or `@page("people")` for those roles that
the table gives. A view that says nothing is refused to everybody, and a test finds it. What may be seen of a single
document, and whose turn a step is, the core's policy says; no view asks for a role by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.process.step import Actor

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
SIGNED_IN = "signed-in"


@dataclass(frozen=True, slots=True)
class PageRule:
    """A page for some roles only: what it is, who may open it, and for which purpose [O8.2]."""

    title: str
    roles: tuple[str, ...]
    purpose: str


PAGES = {
    "tracking": PageRule("Tracking sheet", ("process-manager", "process-owner"), "To track every application and step [5.1]."),
    "conversion-dates": PageRule("Conversion dates", ("process-manager",), "To keep the dates before which no invitation is sent [3]."),
    "access-log": PageRule("Access log", ("iso",), "To review who did or tried what, and sign it off [O8.2]."),
    "people": PageRule("People", ("portal-administrator",), "To keep the portal's own accounts and roles."),
    "colleagues": PageRule("Colleagues", ("requestor",), "To invite colleagues of the same organization."),
}  # fmt: skip
"""The pages that are for some roles only. Whatever shows documents is ruled by the process's own policy besides."""


def public(view: View) -> View:
    """Anybody may open it."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Whoever is signed in may open it; what it shows depends on who they are."""
    view.access = SIGNED_IN  # type: ignore[attr-defined]
    return view


def page(key: str) -> Callable[[View], View]:
    """Only the roles that `PAGES[key]` gives may open it."""
    assert key in PAGES, key

    def mark(view: View) -> View:
        view.access = key  # type: ignore[attr-defined]
        return view

    return mark


def current_actor() -> Actor:
    """Who is signed in. Only for views that ask for it by their rule."""
    actor: Actor = current_user.actor
    return actor


def may_open(actor: Actor, key: str) -> bool:
    """Whether one of the person's roles may open this page."""
    return any(actor.holds(role) for role in PAGES[key].roles)


def guard(app: Flask) -> None:
    """Lets each request through or refuses it, before any view runs."""

    @app.before_request
    def require_access() -> Response | None:
        if request.endpoint is None:
            return None  # no such address: Flask answers 404 or 405
        rule = PUBLIC if request.endpoint == "static" else access_of(app, request.endpoint)
        if rule is None:
            abort(403)
        if rule == PUBLIC:
            return None
        if not current_user.is_authenticated:
            if request.method != "GET":
                abort(401)
            return redirect(url_for("sign_in.sign_in", next=request.full_path.rstrip("?")))
        if rule != SIGNED_IN and not may_open(current_actor(), rule):
            titles = [current_app.extensions["portal"].role_title(role) for role in PAGES[rule].roles]
            g.refused_because = f"“{PAGES[rule].title}” is for the {' and the '.join(titles)}."
            abort(403)
        return None


def access_of(app: Flask, endpoint: str) -> str | None:
    """What a view says of who may open it; None when it says nothing."""
    rule: str | None = getattr(app.view_functions[endpoint], "access", None)
    return rule
