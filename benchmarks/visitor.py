"""The portal in this process, and somebody who is signed in to it. A call is the server's work alone: no client's."""

import gc
import logging
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder

from portal import create_app
from portal.demo import PASSWORD
from portal.settings import Settings

BASE = "http://127.0.0.1:8000"
Answer = tuple[int, bytes]


def open_portal(data: Path, store: str) -> Flask:
    """The portal on this data folder and store, with nothing in the background."""
    logging.disable(logging.WARNING)
    return create_app(Settings(secret_key="", data=data, store=store, demo=True), background=False)


class Visitor:
    """Somebody of the demo, signed in."""

    def __init__(self, app: Flask, who: str) -> None:
        self._app = app
        client = app.test_client()
        page = client.get("/sign-in", base_url=BASE).text
        answer = client.post(
            "/sign-in",
            base_url=BASE,
            data={"email": f"{who}@demo.example", "password": PASSWORD, "csrf_token": csrf_token(page)},
        )
        assert answer.status_code in (302, 303), answer.status
        client.get("/inbox", base_url=BASE)  # puts the token against cross-site requests into the session
        cookie = client.get_cookie("third-party-access", domain="127.0.0.1")
        assert cookie is not None
        self._cookie = f"third-party-access={cookie.value}"

    def request(self, path: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        """What a web server hands over for this request."""
        builder = EnvironBuilder(path, base_url=BASE, method="GET" if form is None else "POST", data=form)
        environ = builder.get_environ()
        environ["HTTP_COOKIE"] = self._cookie
        return environ

    def page(self, path: str) -> str:
        """The page at this address. It has to be there."""
        status, body = call(self._app, self.request(path))
        assert status == 200, (path, status)
        return body.decode()

    def form(self, path: str, answers: dict[str, str]) -> dict[str, str]:
        """What a browser would send from the form at this address, with these answers."""
        page = self.page(path)
        version = re.search(r'name="version"[^>]*value="(\d*)"', page)
        assert version is not None
        return {**answers, "csrf_token": csrf_token(page), "version": version[1], "confirm": "yes"}


def csrf_token(page: str) -> str:
    """The token of the page's form."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


def call(app: Flask, environ: dict[str, Any]) -> Answer:
    """The answer to one request, read to its end."""
    told: list[str] = []

    def start(status: str, headers: Any, failed: Any = None) -> Callable[[bytes], object]:
        told.append(status)
        return told.append  # type: ignore[return-value]

    environ = {**environ}
    if "wsgi.input" in environ and hasattr(environ["wsgi.input"], "seek"):
        environ["wsgi.input"].seek(0)
    answer = app.wsgi_app(environ, start)
    try:
        body = b"".join(answer)
    finally:
        close = getattr(answer, "close", None)
        if close is not None:
            close()
    return int(told[0].split()[0]), body


def milliseconds(
    calls: dict[str, Callable[[], object]], times: int, after: Callable[[], object] = lambda: None
) -> dict[str, list[float]]:
    """How long each of these took, each time, taking turns. `after` is called after each, and not counted."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    gc.collect()
    for _ in range(times):
        for name, one in calls.items():
            begun = time.perf_counter()
            one()
            taken[name].append((time.perf_counter() - begun) * 1000)
            after()
    return taken
