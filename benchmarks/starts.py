"""Starting: how long it takes until the first page can be answered, and the memory then."""

from collections.abc import Mapping

from benchmarks.stores import Place
from benchmarks.tables import held, table
from benchmarks.team import Team, Worker

SECONDS, MEGABYTES, AT = 2.0, 300.0, 10_000


def starts(team: Team, stores: Mapping[int, Place], rounds: int) -> str:
    """Each size, started several times: the best time, the most memory."""
    rows = []
    for size, store in stores.items():
        told = [(team.workers[size].took, team.workers[size].told)]
        for _ in range(rounds):
            worker = Worker(*store)
            told.append((worker.took, worker.told))
            worker.end()
        took, opened = min(one for one, _ in told), min(one["opened"] for _, one in told)
        memory = max(one["memory"] for _, one in told)
        verdict = (
            f"{SECONDS:g} s: {held(took, SECONDS)}; {MEGABYTES:g} MB: {held(memory, MEGABYTES)}" if size == AT else ""
        )
        rows.append([f"{size:,}", f"{took:.2f} s", f"{opened:.2f} s", f"{memory:.0f} MB", verdict])
    return table(("applications", "from nothing to ready", "of that, opening the portal", "memory (RSS)", "aim"), rows)
