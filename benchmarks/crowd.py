"""A hundred people at once, on 3,000 applications of 24 history entries each: memory, and the slowest answer."""

import random
import threading
import time

from benchmarks.browser import Browser
from benchmarks.filling import demo
from benchmarks.server import Server
from benchmarks.stores import Place, Stores
from benchmarks.tables import held, table
from benchmarks.visitor import csrf_token, open_portal
from portal.demo import ONE_BY_ONE, made_in_bulk, turns
from portal.demo_many import Bulk

APPLICATIONS, ENTRIES, PEOPLE = 3_000, 24, 100
SECONDS, PAUSE = 30.0, (2.0, 4.0)
AIM_SECONDS, AIM_MEGABYTES = 1.0, 1024.0

_RETURNED = ("route-application", {"outcome": "return", "correction": "Please give a direct phone number."})
_ASKED = ("legal-opinion", {"opinion": "clarification", "opinion_text": "Do the workers look up addresses?"})
_FAILED = ("connectivity-test", {"result": "does-not-connect", "findings": "The firewall blocks the port."})
WAY = turns(
    "identify-requestor", "schedule-invitation", "send-invitation", "complete-application", _RETURNED,
    "complete-application", _RETURNED, "complete-application", "route-application", _ASKED, "clarify", _FAILED,
    "connectivity-test", "legal-opinion", "send-to-owner", "decide", "send-decision", "certify-users", "sign-mou",
    "countersign-mou", "post-approval", "file-mou", "create-office-id", "direct-setup",
)  # fmt: skip
"""A way of 24 entries, with returns, questions and failed tests; two tasks are open at its end."""

ROLES = ("process-manager", "process-owner", "infrastructure-manager", "legal", "contract-manager", "director.kern",
         "coordinator.kern", "administrator.kern", "director.alameda", "coordinator.alameda")  # fmt: skip


def crowd(stores: Stores) -> str:
    """A table of what was asked, how long it took, and the server's memory."""
    assert len(WAY) == ENTRIES
    filled = stores.finished("crowd")
    if filled is None:
        _fill(stores.begun("crowd", None))
        filled = stores.finish("crowd")
    # Steps are taken: on a copy, so that the next run finds the same.
    server = Server("waitress", 1, *stores.begun("crowd-at-work", filled))
    try:
        people = [Browser(server.ports[0], ROLES[n % len(ROLES)]) for n in range(PEOPLE)]
        until = time.perf_counter() + SECONDS
        threads = [
            threading.Thread(target=_work, args=(one, ROLES[n % len(ROLES)], n, until)) for n, one in enumerate(people)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        memory = server.memory()
        for one in people:
            one.close()
    finally:
        server.end()
        stores.remove("crowd-at-work")
    taken = sorted((seconds, path) for one in people for seconds, path in one.taken)
    slowest, middle = taken[-1], taken[len(taken) // 2]
    rows = [
        ["requests answered, of which steps taken", f"{len(taken):,}, {_steps(taken)}", ""],
        ["the middle answer", f"{middle[0] * 1000:.0f} ms", ""],
        ["the slowest answer", f"{slowest[0] * 1000:.0f} ms", f"{AIM_SECONDS:g} s: {held(slowest[0], AIM_SECONDS)}"],
        ["memory at most (RSS)", f"{memory:.0f} MB", f"{AIM_MEGABYTES:g} MB: {held(memory, AIM_MEGABYTES)}"],
    ]
    said = (
        f"{APPLICATIONS:,} applications of {ENTRIES} entries each; {PEOPLE} people signed in, each of whom clicks "
        f"every {PAUSE[0]:g} to {PAUSE[1]:g} seconds for {SECONDS:g} seconds: pages, forms and steps. Waitress, one "
        "process.\n\n"
    )
    return said + table(("what", "measured", "aim"), rows)


def _steps(taken: list[tuple[float, str]]) -> int:
    return sum(path.startswith("POST ") for _, path in taken)


def _fill(place: Place) -> None:
    demo(place, 0)
    app = open_portal(*place)
    portal = app.extensions["portal"]
    bulk = Bulk(portal)
    for first in range(0, APPLICATIONS, 500):
        with portal.store.writing() as writing:
            ids = [writing.new_id("TPA", portal.today.year) for _ in range(500)]
        places = range(ONE_BY_ONE + first, ONE_BY_ONE + first + 500)
        bulk.hand_over([made_in_bulk(bulk, place, WAY, new) for place, new in zip(places, ids, strict=True)])
    portal.store.close()


def _work(one: Browser, who: str, number: int, until: float) -> None:
    chance = random.Random(number)
    time.sleep(chance.uniform(0, PAUSE[1]))
    taken = 0
    while time.perf_counter() < until:
        for path in ("/inbox", "/applications", "/applications?q=kern", "APPLICATION", "STEP"):
            if time.perf_counter() >= until:
                break
            if path in ("APPLICATION", "STEP"):
                # Each has applications of their own, so that nobody is told of another's step.
                document_id = f"TPA-{time.gmtime().tm_year}-{number + PEOPLE * taken + 1:04d}"
                if who == "infrastructure-manager" and path == "STEP":
                    _take(one, document_id)
                    taken += 1
                else:
                    one.ask(f"/applications/{document_id}")
            else:
                one.ask(path)
            time.sleep(chance.uniform(*PAUSE))


def _take(one: Browser, document_id: str) -> None:
    path = f"/applications/{document_id}/steps/evaluate-infrastructure"
    status, page = one.ask(path)
    assert status == 200, status
    version = page.partition('name="version"')[2].partition('value="')[2].partition('"')[0]
    answers = {"csrf_token": csrf_token(page), "version": version, "confirm": "yes", "note": ""}
    for row, entity in enumerate(("dts", "county", "third-party")):
        answers |= {
            f"evaluations-{row}-entity": entity,
            f"evaluations-{row}-current_environment": "Workstations behind the county firewall.",
            f"evaluations-{row}-recommendation": "No change.",
        }
    status, _ = one.ask(path, answers)
    seconds, _ = one.taken.pop()
    one.taken.append((seconds, f"POST {path}"))
    assert status == 303, status
