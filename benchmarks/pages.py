"""Pages: the server's time against a bare page of the same bytes, and with ever more applications."""

from benchmarks.tables import held, ms, table, times
from benchmarks.team import Team

TIMED = (
    ("the inbox, 25 tasks", "process-manager", "/inbox", 2.0),
    ("an application's page", "process-manager", "/applications/ACTIVE", 2.0),
    ("the tracking sheet's page", "process-manager", "/tracking", None),
)
"""What, who, where, and the aim against the bare page."""

FLAT = (
    ("inbox", "process-manager", "/inbox"),
    ("inbox, far down", "process-manager", "/inbox?from=50"),
    ("inbox of a Director", "director.kern", "/inbox"),
    ("an application", "process-manager", "/applications/ACTIVE"),
    ("list", "process-manager", "/applications"),
    ("list, half way down", "process-manager", "/applications?from=FAR"),
    ("list, of one status", "process-manager", "/applications?status=in-review"),
    ("list, of one LCSA", "process-manager", "/applications?lcsa=Kern"),
    ("list, of a Director", "director.kern", "/applications"),
    ("list, of one LCSA and status", "process-manager", "/applications?lcsa=Kern&status=active"),
    ("search: kern", "process-manager", "/applications?q=kern"),
    ("search: kern district", "process-manager", "/applications?q=kern+district"),
    ("search: 0007", "process-manager", "/applications?q=0007"),
    ("search: kern, of one status", "process-manager", "/applications?q=kern&status=active"),
    ("search: nothing found", "process-manager", "/applications?q=zzz"),
    ("tracking sheet", "process-manager", "/tracking"),
    ("tracking sheet, of one status", "process-manager", "/tracking?status=in-review"),
    ("Matrix", "process-manager", "/matrix"),
)
"""What shall cost the same however many applications there are."""

AIM_FLAT = 1.2
COMPARED = 1000
"""The size against which the others are held."""


def against_bare(team: Team, rounds: int) -> str:
    """Each page against the bare one, with a thousand applications."""
    rows, worker = [], team.workers[COMPARED]
    for what, who, where, aim in TIMED:
        found: dict[str, list[float]] = {"portal": [], "bare": []}
        for _ in range(rounds):
            told = worker.ask("page", who=who, path=where, times=9, bare=True)
            for name, taken in found.items():
                taken += told[name]
        portal, bare = min(found["portal"]), min(found["bare"])
        rows.append([what, f"{told['bytes']:,}", ms(portal), ms(bare), times(portal / bare), _aim(portal / bare, aim)])
    return table(("page", "bytes", "portal", "bare Flask and Jinja", "ratio", "aim"), rows)


def _aim(value: float, aim: float | None) -> str:
    return f"{aim:g} ×: {held(value, aim)}" if aim else "none set"


def flat(team: Team, rounds: int) -> str:
    """Each page with ever more applications, against itself with a thousand."""
    sizes = list(team.workers)
    rows = []
    for what, who, where in FLAT:
        found = team.ask("page", rounds, who=who, path=where, times=5, bare=False)
        cost = {size: min(found[size]["portal"]) for size in sizes}
        most = cost[sizes[-1]] / cost[COMPARED]
        verdict = f"{AIM_FLAT:g} ×: {held(most, AIM_FLAT)}"
        rows.append([what, *(ms(cost[size]) for size in sizes), times(most), verdict])
    return table(("page", *(f"{size:,}" for size in sizes), f"{sizes[-1]:,} / {COMPARED:,}", "aim"), rows)
