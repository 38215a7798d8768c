"""What is measured against.

A bare page: Flask and Jinja and nothing else answer with the same bytes. Every text that stands on the portal's page
is a value which the template puts in and escapes, one loop around all; no session, no store, no macros, nothing worked
out.
"""

import os
import re
from pathlib import Path

from flask import Flask, Response, request
from markupsafe import Markup, escape

_PIECES = re.compile(r"(<script.*?</script>|<style.*?</style>|<[^>]*>)", re.DOTALL)


def bare_app() -> Flask:
    """An application without pages; `add_page` gives it some."""
    app = Flask("bare")
    app.config["PAGES"] = {}
    template = app.jinja_env.from_string("{% for markup, text in pieces %}{{ markup }}{{ text }}{% endfor %}")

    @app.get("/page/<number>")
    def page(number: str) -> str:
        return template.render(pieces=app.config["PAGES"][number])

    @app.post("/write")
    def write() -> Response:
        answers = {name: request.form[name] for name in request.form}
        assert answers
        durable_write(Path(app.config["WRITES_TO"]), app.config["WRITES"])
        return Response(status=303, headers={"Location": "/page/1"})

    return app


def add_page(app: Flask, html: str) -> str:
    """The address at which the bare application now answers with these bytes."""
    pieces: list[tuple[Markup, str | Markup]] = []
    markup = ""
    for piece in _PIECES.split(html):
        if piece.startswith("<") or not piece.strip():
            markup += piece
            continue
        text = Markup(piece).unescape()
        # The few texts that were escaped another way than Jinja does go in as they are.
        pieces.append((Markup(markup), text if str(escape(text)) == piece else Markup(piece)))
        markup = ""
    pieces.append((Markup(markup), ""))
    number = str(len(app.config["PAGES"]) + 1)
    app.config["PAGES"][number] = pieces
    with app.test_client() as client:
        assert client.get(f"/page/{number}").text == html
    return f"/page/{number}"


def durable_write(path: Path, content: bytes) -> None:
    """The least that keeps a file through a power cut: write, sync, rename, sync the folder."""
    beside = path.with_name(f"{path.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o660)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.rename(beside, path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
