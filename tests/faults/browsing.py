"""A browser over a real connection: it keeps cookies, reads forms as they are drawn, and notices when it is cut off."""

import http.client
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from portal.demo import PASSWORD
from tests.clients import Page, typed

PATIENCE = 60.0
"""Seconds to wait for an answer."""


class CutOff(Exception):
    """The connection ended before there was an answer: the server is gone, or was killed meanwhile."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, as `tests.clients.Page` reads it."""

    status_code: int
    headers: dict[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """What it is."""
        return self.headers.get("Content-Type", "")

    def get_data(self, as_text: bool = True) -> str:
        """All of it."""
        return self.body.decode()


@dataclass
class Browser:
    """One person's browser. `port` may be changed: the session is good at every server of the same portal."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def at(self, port: int) -> "Browser":
        """Another window of the same browser, at another server."""
        return Browser(port, self.cookies)

    def ask(self, method: str, address: str, fields: dict[str, Any] | None = None) -> Page:
        """The answer, whatever its status. Raises `CutOff`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if fields is not None:
            body = urlencode(fields, doseq=True)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, address, body, headers)
            answer = connection.getresponse()
            response = Response(answer.status, dict(answer.getheaders()), answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise CutOff(f"{method} {address}: {error!r}") from error
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Page(response)  # type: ignore[arg-type]

    def get(self, address: str, status: int = 200) -> Page:
        """The page, which must have this status. Raises `CutOff`."""
        page = self.ask("GET", address)
        assert page.status == status, f"GET {address}: {page.status}: {page.text[:600]}"
        return page

    def post(self, address: str, fields: dict[str, Any]) -> Page:
        """Sends exactly these fields; the answer may be any."""
        return self.ask("POST", address, fields)

    def sign_in(self, email: str) -> "Browser":
        """Signs in with the demo's password."""
        drawn = self.get("/sign-in").fields()
        page = self.post("/sign-in", {**drawn, "email": email, "password": PASSWORD})
        assert page.status == 303, page.text[:600]
        return self

    def form_of(self, address: str) -> dict[str, Any]:
        """What the form there would send if its button were pressed now. Raises `CutOff`; AssertionError if not 200."""
        return self.get(address).fields()

    def filled_in(self, document_id: str, step: str, answers: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """The step's address, and its form with these answers, ready to be sent; confirmed. `""`: a new application."""
        address = f"/applications/{document_id}/steps/{step}" if document_id else "/applications/new"
        return address, {**self.form_of(address), **typed(answers), "confirm": "yes"}

    def take(self, document_id: str, step: str, answers: dict[str, Any]) -> Page:
        """Takes the step; the answer may be any. Raises `CutOff`."""
        return self.post(*self.filled_in(document_id, step, answers))


def id_in(page: Page) -> str:
    """The id of the application to which the answer leads."""
    found = re.search(r"/applications/(TPA-\d+-\d+)", page.response.headers["Location"])
    assert found, page.response.headers["Location"]
    return found[1]
