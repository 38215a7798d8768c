"""What every template may use: words for dates and goals, who is signed in, the ways on."""

from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, current_app, g, render_template, request, url_for
from flask_login import AnonymousUserMixin, current_user
from htmx_flask import request as htmx_request
from jinja2_fragments.flask import render_block

from portal import short_forms, words
from portal.access import may_open, page_title
from portal.answers import answers_in_words
from portal.logs import request_id
from portal.parts import Portal
from portal.people.session import seconds_left, session_ends_at
from portal.process.step import Actor
from portal.store.errors import Unavailable
from portal.template_output import EscapedOutput, escaped

PAGE_SIZE = 25
"""Rows on one page of a list."""

IN_SIGHT = 6
"""So many of the ways on stand in sight; the others fold, unless it is only one."""

REACH = 500
"""So many rows of a list can be leafed through. Further down nobody leafs: they look for words, or take the file."""


def the_portal() -> Portal:
    """The portal's parts, inside a request or an application context."""
    portal: Portal = current_app.extensions["portal"]
    return portal


def set_up(app: Flask) -> None:
    """Gives the templates their words and what stands on every page."""
    words.init_app(app)
    short_forms.init_app(app)
    app.add_template_filter(answers_in_words)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.code_generator_class = EscapedOutput
    app.jinja_env.escaped = escaped  # type: ignore[attr-defined]

    # By the roles, on which alone it depends which pages open to somebody: their links are the same on each page.
    ways: dict[frozenset[str], list[tuple[str, str]]] = {}

    def ways_of(actor: Actor) -> list[tuple[str, str, bool]]:
        """The links at the head of each page for this person: words, address, and whether it is this page."""
        roles = frozenset(grant.role for grant in actor.grants)
        if roles not in ways:
            ways[roles] = _ways(actor)
        here = request.path
        return [(label, url, here == url) for label, url in ways[roles]]

    @app.context_processor
    def on_every_page() -> dict[str, Any]:
        portal = the_portal()
        actor = _who()
        nav = ways_of(actor) if actor else []
        in_sight = IN_SIGHT if len(nav) > IN_SIGHT + 1 else len(nav)
        return {
            "demo": portal.settings.demo,
            "person": {"name": actor.name, "roles": roles_in_brief(portal, actor)} if actor else None,
            "nav_items": nav[:in_sight],
            "nav_more": nav[in_sight:],
            "portal": portal,
            "request_id": request_id(),
            "session_seconds_left": seconds_left() if actor else 0,
            "session_ends_at": session_ends_at() if actor else None,
            "from_address": _from_address,
            "reach": REACH,
        }


def wants_block() -> bool:
    """Whether HTMX asks, for a block of the page; when somebody goes back it wants the page."""
    htmx = htmx_request.htmx
    return bool(htmx and not htmx.history_restore_request)


def page_or_block(template: str, block: str, **context: Any) -> str:
    """The whole page for a browser; for HTMX this block of it, with the page's title, which HTMX takes over.

    Both come from the same view behind the same guard.
    """
    if not wants_block():
        return render_template(template, **context)
    title, fragment = (render_block(template, name, **context) for name in ("title", block))
    return f"<title>{title.strip()} – Third Party Access</title>{fragment}"  # both drawn, and escaped, by templates


def _who() -> Actor | None:
    """Who has signed in; nobody when the store cannot say, so that the page which says that can be drawn."""
    try:
        return current_user.actor if current_user and current_user.is_authenticated else None
    except Unavailable:
        g._login_user = AnonymousUserMixin()  # else Flask-Login asks again, for its own variable in templates
        return None


def role_titles(portal: Portal, actor: Actor) -> list[str]:
    """The person's roles in words, with what limits them: `LCSA Director, Kern`."""
    titles = []
    for grant in actor.grants:
        title = portal.role(grant.role).title
        limits = grant.scope.get("organization") or grant.scope.get("lcsa")
        titles.append(f"{title}, {limits}" if limits else title)
    return list(dict.fromkeys(titles))


def roles_in_brief(portal: Portal, actor: Actor) -> str:
    """The same for the head of each page, where there is little room: `Requestor, Kern IV-A and 2 others`."""
    limits: dict[str, list[str]] = {}
    for grant in actor.grants:
        of_role = limits.setdefault(portal.role(grant.role).title, [])
        limit = grant.scope.get("organization") or grant.scope.get("lcsa")
        if limit and limit not in of_role:
            of_role.append(limit)
    return "; ".join(", ".join((title, *_first_and_how_many(of_role))) for title, of_role in limits.items())


def _first_and_how_many(names: list[str]) -> list[str]:
    others = len(names) - 1
    return [f"{names[0]} and {words.count(others, 'other')}"] if others > 0 else names


_FOR_SOME = (
    "dashboard.dashboard",
    "tracking.tracking",
    "renewals.renewals",
    "surveys.every",
    "publishing.letters",
    "mou_versions.mou_versions",
    "conversion_dates.conversion_dates",
    "importing.start",
    "assignments.assignments",
    "people.people",
    "rules.confirmations",
    "colleagues.colleagues",
    "access_log.access_log",
)
"""Pages to which there is a link for those whom the policy lets open them."""


def _ways(actor: Actor) -> list[tuple[str, str]]:
    """The pages that open to one who holds these roles: words and address."""
    ways = [("Inbox", url_for("inbox.inbox"))]
    if any(the_portal().sees_documents(grant.role) for grant in actor.grants):
        ways.append(("Applications", url_for("applications.applications")))
    ways += [(page_title(one), url_for(one)) for one in _FOR_SOME if may_open(actor, one)]
    return ways


def _from_address(offset: int) -> str:
    """This page's address, from another row on."""
    asked = {**request.args, "from": offset}
    return f"{quote(request.path)}?{urlencode(asked)}"


def offset_within_reach(limit: int = PAGE_SIZE) -> int:
    """As `offset_asked`, but no further down than the last page that is listed."""
    return min(offset_asked(), REACH - limit)


def offset_asked() -> int:
    """The row from which a list is asked for, 0 when what stands in the address is no such number."""
    asked = request.args.get("from", "0")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 9 else 0
