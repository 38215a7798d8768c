"""Every page that somebody may open, found as a person finds them: by following links, from the pages whose address is
always the same.

Used by the tests that look at all pages, and by `make screenshots`. Of pages that differ only in whose they are (the
applications of one status, say) the first is taken: `Shown.kind` says what tells one from another.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule

from portal.parts import Portal
from portal.process.policy import may_open, rows_opening
from portal.process.step import Actor
from portal.store.errors import NotFound

HERE = "http://localhost"

NO_LINKS_FOLLOWED = ("static",)

EACH_IS_READ = "applications.application"
"""All of these are read for their links: one of a status leads to other steps than the next."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as somebody gets it: its route's endpoint, what tells it from others of the route, address, HTML."""

    endpoint: str
    kind: str
    address: str
    html: str

    @property
    def name(self) -> str:
        """`steps.step legal-opinion`."""
        return f"{self.endpoint} {self.kind}".strip()


@dataclass(frozen=True, slots=True)
class Found:
    """What one person found: pages, files, and what came of each other route that the policy opens to them."""

    pages: tuple[Shown, ...]
    files: dict[str, str]
    """Endpoints with the type of what is there: `text/csv`."""
    neither: dict[str, str]
    """Endpoints with what came instead: `leads to /sign-in`, `answers 404`, `no link leads there`."""


def main_of(page: Shown) -> str:
    """The main part of the page, without what differs each time that it is drawn."""
    begin, end = page.html.index("<main"), page.html.index("</main>")
    return "".join(one for one in page.html[begin:end].splitlines() if 'type="hidden"' not in one)


def like_no_other(found: dict[str, Found]) -> dict[str, list[Shown]]:
    """By role, the pages whose main part nobody before in this order has found too."""
    before: set[str] = set()
    new: dict[str, list[Shown]] = {}
    for role, one in found.items():
        new[role] = [page for page in one.pages if main_of(page) not in before]
        before.update(map(main_of, one.pages))
    return new


def pages_of(app: Flask, client: FlaskClient, actor: Actor | None, also: tuple[str, ...] = ()) -> Found:
    """Every page that this person (None: nobody in particular) may open in this browser; `also` are addresses that were
    mailed.
    """
    rules = list(_rules_open_to(app, actor))
    waiting = deque([*also, *(rule.rule for rule in rules if not rule.arguments)])
    pages: dict[tuple[str, str], Shown] = {}
    files: dict[str, str] = {}
    instead: dict[str, str] = {}
    asked: set[str] = set()
    while waiting:
        address = waiting.popleft()
        matched = _match(app, address)
        if matched is None or address in asked or matched[0] in {*files, *NO_LINKS_FOLLOWED}:
            continue
        if matched in pages and matched[0] != EACH_IS_READ:
            continue
        asked.add(address)
        answer = client.get(address, buffered=True)
        content = answer.content_type.partition(";")[0]
        if answer.status_code == 200 and content == "text/html":
            text = answer.get_data(as_text=True)
            pages.setdefault(matched, Shown(*matched, address, text))
            waiting.extend(_links_in(text, address))
        elif answer.status_code == 200:
            files[matched[0]] = content
        elif answer.location:
            instead.setdefault(matched[0], f"leads to {urlsplit(answer.location).path}")
            waiting.append(answer.location)
        else:
            instead.setdefault(matched[0], f"answers {answer.status_code}")
    opened = {*(endpoint for endpoint, _ in pages), *files, *NO_LINKS_FOLLOWED}
    missing = sorted({rule.endpoint for rule in rules} - opened)
    return Found(tuple(pages.values()), files, {one: instead.get(one, "no link leads there") for one in missing})


def _rules_open_to(app: Flask, actor: Actor | None) -> Iterator[Rule]:
    """The routes that answer GET and that the policy opens to this person."""
    portal: Portal = app.extensions["portal"]
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" in (rule.methods or ()) and may_open(rows_opening(portal.processes, rule.endpoint), actor):
            yield rule


def _match(app: Flask, address: str) -> tuple[str, str] | None:
    """The endpoint at this address, and what tells it from others of the same route; None where nothing answers."""
    portal: Portal = app.extensions["portal"]
    parts = urlsplit(address)
    try:
        endpoint, values = app.url_map.bind("localhost").match(parts.path, "GET")
    except (HTTPException, RequestRedirect):
        return None
    kind = "further down" if "offset" in parse_qs(parts.query) else ""
    if "document_id" in values:
        try:
            kind = values.get("step_key") or portal.store.get(values["document_id"])["status"]
        except NotFound:
            return None
    return endpoint, kind


def _links_in(text: str, address: str) -> Iterator[str]:
    """Where the page's links lead, within the portal."""
    for link in html.fromstring(text).xpath("//a/@href"):
        whole = urlsplit(urljoin(HERE + address, str(link)))
        if f"{whole.scheme}://{whole.netloc}" == HERE:
            yield whole.path + (f"?{whole.query}" if whole.query else "")
