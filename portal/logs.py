"""Structured logs: one JSON object a line, with a request's number, which error pages show too.

No answers, no query strings and no names are logged: what somebody typed is not for logs.
"""

import json
import logging
import secrets
import sys
import time
from datetime import UTC, datetime

from flask import Flask, Response, g, has_request_context, request
from flask.logging import default_handler

from portal.process.no_case_data import redact


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time in UTC, level, logger, message, request number, and what `extra` gave."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id() if has_request_context() else None,
            **getattr(record, "data", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps({key: value for key, value in line.items() if value is not None}, ensure_ascii=False)


def request_id() -> str:
    """This request's number: twelve letters and digits."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(6)
    number: str = g.request_id
    return number


def write_structured(app: Flask) -> None:
    """Makes the application's log one of JSON lines on standard error, a line for each request."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    handler.addFilter(_without_keys)
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(handler)  # the server's own lines, and those of libraries, in the same form
    app.logger.removeHandler(default_handler)
    app.logger.handlers = [handler]
    app.logger.setLevel(logging.INFO)
    app.logger.propagate = False

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def log_request(response: Response) -> Response:
        response.headers["X-Request-ID"] = request_id()
        # A health that is asked for every second would hide everything else: only what is wrong is logged.
        if request.endpoint != "static" and not (request.endpoint == "public.health" and response.status_code == 200):
            taken = round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1)
            data = {"method": request.method, "path": _path(), "status": response.status_code, "ms": taken}
            app.logger.info("request", extra={"data": data})
        return response


def _without_keys(record: logging.LogRecord) -> bool:
    """Flask names an error's address in its message: here it is told as in every other line, without the keys in it."""
    if record.exc_info and has_request_context() and record.getMessage().startswith("Exception on "):
        record.msg, record.args = "unexpected error", ()
        record.data = {"method": request.method, "path": _path()}
    return True


def _path() -> str:
    """The address as logged: an invitation's token is a key, and not written down; nor is what looks like case data."""
    return "/invitation/..." if request.path.startswith("/invitation/") else redact(request.path)
