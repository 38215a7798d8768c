"""Pictures of every page, wide and narrow, as each role sees it: `python -m tools.screenshots [--readme] [FOLDER]`.

Makes a demo in a folder of its own, serves it, and takes the pages as the tests find them. FOLDER (docs/screenshots/
unless said) then has an index.html to leaf through them. With `--readme` only the few that the README shows are taken,
as small files in docs/pictures/.
"""

import io
import logging
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from tools.browser import NoBrowser, find
from tools.every_page import Found, Shown, like_no_other, pages_of
from tools.serve import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
EVERY_PICTURE = ROOT / "docs" / "screenshots"
OF_THE_README = ROOT / "docs" / "pictures"

WIDTHS = (1280, 360)
HEIGHT = 800
"""Of the window, in pixels; a picture is as high as its page, in the README as high as the window."""

APPLICATIONS = 60
LARGEST = 150_000
"""Bytes of a picture in the README."""

COUNTY = "alameda"
COUNTY_ROLES = ("director", "coordinator", "administrator", "requestor")

README: dict[str, tuple[str, str, int]] = {
    "inbox": ("process-manager", "inbox.inbox", 1280),
    "application": ("process-manager", "applications.application in-review", 1280),
    "decision": ("process-owner", "steps.step decide", 1280),
    "dashboard": ("process-owner", "dashboard.dashboard", 1280),
    "matrix": ("", "matrix.matrix", 1280),
}
"""What the README shows: the picture's name, whose page it is, which, and how wide."""


class NoSuchPage(Exception):
    """The demo has no page of this name for this role."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a browser: their role ("" is nobody in particular), what they found, and how they signed in."""

    role: str
    found: Found
    cookies: tuple[tuple[str, str], ...]


@contextmanager
def a_demo() -> Iterator[Flask]:
    """The portal with a demo in it, in a folder that goes when the block ends."""
    from portal import create_app, daily, demo
    from portal.settings import Settings

    logging.disable(logging.INFO)  # what the tool says is what it writes
    with tempfile.TemporaryDirectory(prefix="portal-screenshots-") as folder:
        app = create_app(Settings(secret_key="", data=Path(folder) / "data", demo=True), background=False)
        demo.make(app.extensions["portal"], APPLICATIONS)
        daily.run(app.extensions["portal"])  # works out the dashboard's figures
        try:
            yield app
        finally:
            app.extensions["portal"].store.close()


def visitors(app: Flask, roles: Sequence[str]) -> list[Visitor]:
    """Each of these people of the demo, with the pages that they find."""
    from portal.demo import PASSWORD

    portal, come = app.extensions["portal"], []
    for role in roles:
        client = app.test_client()
        email = f"{role}.{COUNTY}@demo.example" if role in COUNTY_ROLES else f"{role}@demo.example"
        if role:
            _sign_in(client, email, PASSWORD)
        actor = portal.people.require(email).actor if role else None
        cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        cookies = ((cookie.key, cookie.value),) if role and cookie else ()
        come.append(Visitor(role, pages_of(app, client, actor), cookies))
    return come


def _sign_in(client: FlaskClient, email: str, password: str) -> None:
    form = html.fromstring(client.get("/sign-in").get_data(as_text=True))
    token = form.xpath("//input[@name='csrf_token']/@value")[0]
    client.post("/sign-in", data={"csrf_token": token, "email": email, "password": password})


@contextmanager
def at_a_browser(browser: "Browser", base: str, visitor: Visitor, width: int) -> Iterator["Page"]:
    """A window in which this person has signed in."""
    context = browser.new_context(
        base_url=base, viewport={"width": width, "height": HEIGHT}, locale="en-US", timezone_id="America/Los_Angeles"
    )
    try:
        context.add_cookies([{"name": name, "value": value, "url": base} for name, value in visitor.cookies])
        yield context.new_page()
    finally:
        context.close()


def take_every_picture(browser: "Browser", base: str, come: Sequence[Visitor], folder: Path) -> list[Path]:
    """Takes the pages that are like no other, in each width, and writes the index. Returns the pictures."""
    wanted = like_no_other({visitor.role: visitor.found for visitor in come})
    taken: list[Path] = []
    for visitor in come:
        of_role = folder / (visitor.role or "nobody")
        of_role.mkdir(parents=True, exist_ok=True)
        for width in WIDTHS:
            with at_a_browser(browser, base, visitor, width) as page:
                for one in wanted[visitor.role]:
                    page.goto(one.address)
                    taken.append(of_role / file_name(one, width))
                    page.screenshot(path=taken[-1], full_page=True)
    (folder / "index.html").write_text(index_of(wanted), encoding="utf-8")
    return taken


def file_name(page: Shown, width: int) -> str:
    """`steps.step-legal-opinion-360.png`."""
    return f"{page.name.replace(' ', '-')}-{width}.png"


def index_of(wanted: dict[str, list[Shown]]) -> str:
    """A page to leaf through the pictures: for each role its pages, wide and narrow side by side."""
    lines = [
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Every page</title>',
        "<style>body{font:1rem/1.5 sans-serif;margin:2rem}"
        "figure{display:inline-block;vertical-align:top;margin:0 1rem 1rem 0}"
        "img{border:1px solid #999;max-height:30rem}</style><h1>Every page</h1><ul>",
        *(
            f'<li><a href="#{role or "nobody"}">{role or "nobody"}</a> ({len(of_role)})</li>'
            for role, of_role in wanted.items()
        ),
        "</ul>",
    ]
    for role, of_role in wanted.items():
        who = role or "nobody"
        lines.append(f'<h2 id="{who}">{who}</h2>')
        for one in of_role:
            lines.append(f"<h3>{escape(one.name)}</h3><p>{escape(one.address)}</p>")
            for width in WIDTHS:
                picture = f"{who}/{file_name(one, width)}"
                alt = f"{one.name} at {width} pixels, as {who}"
                lines.append(
                    f'<figure><a href="{picture}"><img loading="lazy" src="{picture}" alt="{escape(alt)}"></a></figure>'
                )
    return "\n".join(lines) + "\n"


def take_those_of_the_readme(browser: "Browser", base: str, come: Sequence[Visitor], folder: Path) -> list[Path]:
    """Takes what the README shows. Raises `NoSuchPage`."""
    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    for name, (role, wanted, width) in README.items():
        visitor = next(one for one in come if one.role == role)
        address = next((page.address for page in visitor.found.pages if page.name == wanted), None)
        if address is None:
            raise NoSuchPage(f"The demo has no {wanted} for {role or 'nobody'}: change README in tools/screenshots.py.")
        with at_a_browser(browser, base, visitor, width) as page:
            page.goto(address)
            taken.append(folder / f"{name}.png")
            taken[-1].write_bytes(small(page.screenshot()))
    return taken


def small(png: bytes) -> bytes:
    """The picture with as many colours as fit into the README."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as whole:
        for colours in (256, 64, 16):
            written = io.BytesIO()
            whole.convert("RGB").quantize(colours).save(written, "PNG", optimize=True)
            if written.tell() <= LARGEST:
                break
    return written.getvalue()


def main(arguments: list[str]) -> int:
    """Takes the pictures. 0, or 1 with what to install when there is no browser."""
    for_readme = "--readme" in arguments
    folders = [one for one in arguments if one != "--readme"]
    folder = Path(folders[0]) if folders else OF_THE_README if for_readme else EVERY_PICTURE
    try:
        chromium = find()
    except NoBrowser as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Making a demo of {APPLICATIONS} applications", flush=True)
    with a_demo() as app, serving(app) as base, chromium.started() as browser:
        every = ("", *(role.key for role in app.extensions["portal"].process.roles))
        roles = sorted({role for role, _, _ in README.values()}) if for_readme else every
        print("Finding the pages", flush=True)
        take = take_those_of_the_readme if for_readme else take_every_picture
        taken = take(browser, base, visitors(app, roles), folder)
    print(f"{len(taken)} pictures in {os.path.relpath(folder)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
