"""Somebody at a browser, over HTTP: keeps a connection and a cookie, and notes how long each answer took."""

import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

from benchmarks.visitor import csrf_token
from portal.demo import PASSWORD


class Browser:
    """A connection to one server, signed in as somebody of the demo."""

    def __init__(self, port: int, who: str) -> None:
        self._port = port
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookie = ""
        self.taken: list[tuple[float, str]] = []
        page = self.ask("/sign-in")[1]
        answers = {"email": f"{who}@demo.example", "password": PASSWORD, "csrf_token": csrf_token(page)}
        status, _ = self.ask("/sign-in", answers)
        assert status in (302, 303), status
        self.taken.clear()

    def ask(self, path: str, form: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Status and page."""
        headers = {"Cookie": self._cookie, "Host": f"127.0.0.1:{self._port}"}
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Referer"] = f"http://127.0.0.1:{self._port}{path}"
        begun = time.perf_counter()
        try:
            self._connection.request("GET" if form is None else "POST", path, body, headers)
            answer = self._connection.getresponse()
            page = answer.read().decode()
        except (HTTPException, ConnectionError):
            # A server may close a connection that was kept for long: once more on a new one, and the time counts.
            self._connection.close()
            self._connection.request("GET" if form is None else "POST", path, body, headers)
            answer = self._connection.getresponse()
            page = answer.read().decode()
        self.taken.append((time.perf_counter() - begun, path))
        for value in answer.headers.get_all("Set-Cookie", []):
            self._cookie = value.partition(";")[0]
        return answer.status, page

    def close(self) -> None:
        """The connection is closed."""
        self._connection.close()
