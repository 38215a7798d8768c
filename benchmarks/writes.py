"""Writing: a step by POST, and its durable write against the bare one."""

from statistics import median
from typing import Any

from benchmarks.pages import COMPARED
from benchmarks.tables import held, ms, table, times
from benchmarks.team import Team

AIM = 1.5


def writes(team: Team, rounds: int, title: str) -> str:
    """With a thousand applications: medians, for a disk has its moods."""
    worker = team.workers[COMPARED]
    rows = []
    for what, do, aim in (
        ("a step's durable write", "write", AIM),
        ("a step by POST, against a bare view that reads the form and writes the same bytes", "post", None),
    ):
        found = _rounds(worker, do, rounds)
        portal, bare = median(found["portal"]), median(found["bare"])
        verdict = f"{aim:g} ×: {held(portal / bare, aim)}" if aim else "none set"
        rows.append([what, f"{found['bytes']:,}", ms(portal), ms(bare), times(portal / bare), verdict])
    bare = "The bare write: a file beside, synced, renamed, its folder synced."
    return f"{bare} The portal's: {title}.\n\n" + table(
        ("what", "bytes written", "portal", "bare", "ratio", "aim"), rows
    )


def _rounds(worker: Any, do: str, rounds: int) -> dict[str, Any]:
    found: dict[str, Any] = {"portal": [], "bare": []}
    for _ in range(rounds):
        told = worker.ask(do, times=15)
        found["portal"] += told["portal"]
        found["bare"] += told["bare"]
        found["bytes"] = told["bytes"]
    return found


def flat(team: Team, rounds: int) -> str:
    """A step by POST with ever more applications."""
    sizes = list(team.workers)
    found = team.ask("post", rounds, times=9)
    cost = {size: median(found[size]["portal"]) for size in sizes}
    most = cost[sizes[-1]] / cost[COMPARED]
    rows = [["a step by POST", *(ms(cost[size]) for size in sizes), times(most), f"1.2 ×: {held(most, 1.2)}"]]
    return table(("what", *(f"{size:,}" for size in sizes), f"{sizes[-1]:,} / {COMPARED:,}", "aim"), rows)
