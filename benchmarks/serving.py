"""Requests a second: one client, eight, thirty-two; waitress and gunicorn; one process and two.

Clients and servers share the machine, so these are lower bounds.
"""

import threading
import time
from pathlib import Path

from benchmarks.browser import Browser
from benchmarks.server import THREADS, Server, has_gunicorn
from benchmarks.tables import table

CLIENTS = (1, 8, 32)
SECONDS = 4.0
PAGES = ("/inbox", "/applications")


def serving(data: Path, store: str) -> str:
    """A row for each way to serve."""
    rows = []
    kinds = ("waitress", "gunicorn") if has_gunicorn() else ("waitress",)
    for kind in kinds:
        for processes in (1, 2):
            server = Server(kind, processes, data, store)
            try:
                cells = [_rate(server, clients) for clients in CLIENTS]
            finally:
                server.end()
            how = "1 process" if processes == 1 else f"{processes} processes"
            rows.append([f"{kind}, {how} of {THREADS} threads", *cells])
    headings = ("server", *(f"{clients} client{'s' if clients > 1 else ''}" for clients in CLIENTS))
    said = f"Inbox and list in turns, {SECONDS:g} seconds each; in brackets the slowest of a hundred (p99).\n\n"
    return said + table(headings, rows)


def _rate(server: Server, clients: int) -> str:
    people = [Browser(server.ports[n % len(server.ports)], "process-manager") for n in range(clients)]
    until = time.perf_counter() + SECONDS
    wrong: list[int] = []

    def work(one: Browser) -> None:
        while time.perf_counter() < until:
            for page in PAGES:
                status, _ = one.ask(page)
                if status != 200:
                    wrong.append(status)

    threads = [threading.Thread(target=work, args=(one,)) for one in people]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lasted = time.perf_counter() - begun
    taken = sorted(seconds for one in people for seconds, _ in one.taken)
    for one in people:
        one.close()
    assert not wrong, wrong[:3]
    return f"{len(taken) / lasted:.0f}/s ({taken[len(taken) * 99 // 100] * 1000:.0f} ms)"
