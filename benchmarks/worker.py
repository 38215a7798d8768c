"""A process that has one store open, and measures what it is asked: a line of JSON in, a line of JSON out.

`python -m benchmarks.worker DATA STORE-URL`. It says how long opening took and what memory it has.
"""

import json
import re
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

BEGUN = time.perf_counter()

from benchmarks.bare import add_page, bare_app, durable_write  # noqa: E402
from benchmarks.machine import resident  # noqa: E402
from benchmarks.visitor import Visitor, call, milliseconds, open_portal  # noqa: E402
from portal.process.document import Json  # noqa: E402
from portal.process.take_step import take_step  # noqa: E402
from portal.rendering import PAGE_SIZE  # noqa: E402
from portal.store.port import Search  # noqa: E402


class Worker:
    """One open portal, and who is signed in to it."""

    def __init__(self, data: Path, store: str) -> None:
        self._data = data
        begun = time.perf_counter()
        self.app = open_portal(data, store)
        self.portal = self.app.extensions["portal"]
        self.opened = time.perf_counter() - begun
        self.started = time.perf_counter() - BEGUN
        self.memory = resident()
        self._bare = bare_app()
        self._people: dict[str, Visitor] = {}

    def who(self, name: str) -> Visitor:
        """The visitor of this name, signed in once."""
        if name not in self._people:
            self._people[name] = Visitor(self.app, name)
        return self._people[name]

    def path(self, who: str, path: str) -> str:
        """The address with `ACTIVE` put in, an application that is all the way through, and with the offset of the
        page that is `HALF` way down the list, or its `LAST`.
        """
        if "ACTIVE" in path:
            found = self.portal.store.search(Search(statuses=("active",)), limit=1).rows[0]
            path = path.replace("ACTIVE", found["id"])
        path, _, which = path.partition(" ")
        if not which:
            return path
        total = re.search(r"to \d+ of (?:more than )?([\d,]+) ", self.who(who).page(path))
        rows = int(total[1].replace(",", "")) if total else 0
        # The last is a full page too: one with fewer rows would cost less at the size at which it is.
        offset = {"HALF": rows // 2 // PAGE_SIZE * PAGE_SIZE, "LAST": max(0, rows - PAGE_SIZE)}[which]
        return f"{path}{'&' if '?' in path else '?'}from={offset}"

    def page(self, who: str, path: str, times: int, bare: bool) -> Json:
        """Milliseconds of a page, and of a bare one with the same bytes."""
        environ = self.who(who).request(self.path(who, path))
        status, body = call(self.app, environ)
        assert status == 200, (path, status)
        calls: dict[str, Any] = {"portal": lambda: call(self.app, environ)}
        if bare:
            address = add_page(self._bare, body.decode())
            same = self.who(who).request(address)
            calls["bare"] = lambda: call(self._bare, same)
        return {"bytes": len(body), **milliseconds(calls, times)}

    def _at(self, step: str) -> Json:
        """An application on which this step of its review is open, the same one each time."""
        for place in range(0, 10_000, 100):
            for document in self.portal.store.search(Search(statuses=("applying", "in-review")), place, 100).rows:
                if any(task["step"] == step for task in document["open_tasks"]):
                    found: Json = document
                    return found
        raise LookupError(step)

    def _put_back(self, document: Json) -> None:
        with self.portal.store.writing() as writing:
            now = writing.get(document["id"])
            writing.replace(document, now["revision"])

    def export(self, path: str) -> Json:
        """How long a file took until its first piece and until its end, its bytes, and how much more memory that took
        at most.
        """
        environ = self.who("process-manager").request(path)
        before = resident()
        begun = time.perf_counter()
        pieces = iter(self.app.wsgi_app(environ, lambda status, headers, failed=None: lambda data: None))
        size = len(next(pieces))
        first = time.perf_counter() - begun
        for piece in pieces:
            size += len(piece)
        return {
            "bytes": size,
            "first": first,
            "all": time.perf_counter() - begun,
            "memory": max(0.0, resident(peak=True) - before),
        }

    def post(self, times: int) -> Json:
        """Milliseconds of a step by POST (the document is put back each time), and of a bare view that reads the same
        form and writes the same bytes durably.
        """
        document = self._at("route-application")
        visitor = self.who("process-manager")
        path = f"/applications/{document['id']}/steps/route-application"
        form = visitor.form(path, {"outcome": "complete", "correction": "", "note": ""})
        environ, same = visitor.request(path, form), visitor.request("/write", form)
        status, _ = call(self.app, environ)
        assert status == 303, status
        written = len(json.dumps(self.portal.store.get(document["id"])))
        self._put_back(document)
        self._bare.config.update(WRITES_TO=str(self._data / "bare-write"), WRITES=b"x" * written)
        calls = {"bare": lambda: call(self._bare, same), "portal": lambda: call(self.app, environ)}
        taken: dict[str, list[float]] = {"bare": [], "portal": []}
        for _ in range(times):
            for name, one in milliseconds(calls, 1).items():
                taken[name] += one
            self._put_back(document)
        return {"bytes": written, **taken}

    def write(self, times: int) -> Json:
        """Milliseconds of a step's durable write, and of the bare write of the same bytes."""
        document = self._at("route-application")
        portal, process = self.portal, self.portal.process
        actor = portal.people.require("process-manager@demo.example").actor
        answers = {"outcome": "complete"}
        new = take_step(
            process, document, "route-application", actor, answers, portal.clock(), calendar=portal.calendar
        )
        size = len(json.dumps(new, ensure_ascii=False).encode())
        content, path = b"x" * size, self._data / "bare-write"

        def replace() -> None:
            with portal.store.writing() as writing:
                now = writing.get(document["id"])
                writing.replace(new, now["revision"])

        calls = {"bare": lambda: durable_write(path, content), "portal": replace}
        taken = milliseconds(calls, times)
        self._put_back(document)
        with suppress(OSError):
            path.unlink()
        return {"bytes": size, **taken}


def main(arguments: list[str]) -> None:
    """Answers until there is nothing more to read."""
    worker = Worker(Path(arguments[0]), arguments[1])
    answer: Json = {"opened": worker.opened, "started": worker.started, "memory": worker.memory}
    while True:
        print(json.dumps(answer), flush=True)
        line = sys.stdin.readline()
        if not line:
            return
        asked = json.loads(line)
        answer = getattr(worker, asked.pop("do"))(**asked)


if __name__ == "__main__":
    main(sys.argv[1:])
