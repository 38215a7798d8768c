"""What the tests of accounts stand on: a clock that the test moves, and the whole portal upon a folder."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar

import pyotp
from flask import Flask

from portal import create_app
from portal.parts import Portal
from portal.people.rules import RULES
from portal.process.step import Grant
from portal.settings import Settings
from tests.clients import PortalClient

T = TypeVar("T")

SECRET_KEY = "a secret that only the tests know"
KERN = Grant("requestor", {"lcsa": "Kern", "organization": "Kern IV-A"})
ALAMEDA = Grant("requestor", {"lcsa": "Alameda", "organization": "Alameda IV-A"})
GOOD = "otters juggle at dawn"


class Clock:
    """The time, which stands still until the test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def open_portal(
    data: Path, clock: Clock, demo: bool = False, base_url: str = "http://127.0.0.1:8000", **other: Any
) -> Flask:
    """The whole portal on a folder."""
    settings = Settings(secret_key=SECRET_KEY, data=data, demo=demo, base_url=base_url, **other)
    return create_app(settings, clock=clock, background=False)


def parts(app: Flask) -> Portal:
    portal: Portal = app.extensions["portal"]
    return portal


def confirm_rules(app: Flask, email: str) -> None:
    """The person confirms the rules and penalties, as they would on the page."""
    people = parts(app).people
    people.signing_in.confirm_rules(email, {key for key, _ in RULES.parts}, people.require(email).name)


def code_for(secret: str, clock: Clock) -> str:
    """What an authenticator app shows now."""
    return pyotp.TOTP(secret).at(clock())


def at_once(number: int, act: Callable[[], T]) -> list[T | Exception]:
    """What so many threads get who all do this at the same moment."""
    start = Barrier(number)

    def together(_: int) -> T | Exception:
        start.wait()
        try:
            return act()
        except Exception as refused:
            return refused

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(together, range(number)))


def browser(app: Flask) -> PortalClient:
    """A browser without a screen, over https where the portal is reached so."""
    client = PortalClient(app, response_wrapper=app.response_class)
    if parts(app).settings.base_url.startswith("https:"):
        client.environ_base.update({"wsgi.url_scheme": "https", "HTTP_REFERER": "https://localhost/"})
    return client


def mails(app: Flask) -> list[dict[str, str]]:
    """The mails that were sent, as they arrive."""
    while parts(app).mail.deliver():
        pass
    files = sorted((parts(app).settings.data / "outbox").glob("*.eml"))
    read = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    return [{"To": str(one["To"]), "Subject": str(one["Subject"]), "text": one.get_content()} for one in read]
