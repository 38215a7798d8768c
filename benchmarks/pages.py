"""Pages: the server's time against a bare page of the same bytes, and with ever more applications."""

from benchmarks.tables import held, ms, table, times
from benchmarks.team import Team
from portal.process.third_party_access import THIRD_PARTY_ACCESS

TIMED = (
    ("the inbox, 25 tasks", "process-manager", "/inbox", 2.0),
    ("an application's page", "process-manager", "/applications/ACTIVE", 2.0),
    ("the tracking sheet's page", "process-manager", "/tracking", None),
)
"""What, who, where, and the aim against the bare page."""

STATUSES = tuple(key for key, _ in THIRD_PARTY_ACCESS.statuses)
STATE = "process-manager"

FLAT = (
    ("inbox", STATE, "/inbox"),
    ("inbox, half way down", STATE, "/inbox HALF"),
    ("inbox, its end", STATE, "/inbox LAST"),
    ("inbox of DCSS Legal", "legal", "/inbox"),
    ("inbox of a Director", "director.kern", "/inbox"),
    ("inbox of a Requestor", "requestor.alameda", "/inbox"),
    ("an application", STATE, "/applications/ACTIVE"),
    ("list", STATE, "/applications"),
    ("list, half way down", STATE, "/applications HALF"),
    ("list, its end", STATE, "/applications LAST"),
    *((f"list, {status}", STATE, f"/applications?status={status}") for status in STATUSES),
    ("list, active, half way down", STATE, "/applications?status=active HALF"),
    ("list, of one LCSA", STATE, "/applications?lcsa=Kern"),
    ("list, of one LCSA, half way down", STATE, "/applications?lcsa=Kern HALF"),
    ("list, of one LCSA and status", STATE, "/applications?lcsa=Kern&status=active"),
    ("list of a Director", "director.kern", "/applications"),
    ("list of a Director, half way down", "director.kern", "/applications HALF"),
    ("list of a Requestor", "requestor.alameda", "/applications"),
    ("search: kern (a third)", STATE, "/applications?q=kern"),
    ("search: kern, half way down", STATE, "/applications?q=kern HALF"),
    ("search: kern district (a fifteenth)", STATE, "/applications?q=kern+district"),
    ("search: office 3 (some)", STATE, "/applications?q=office+3"),
    ("search: 2026-0007 (one)", STATE, "/applications?q=2026-0007"),
    ("search: kern, active", STATE, "/applications?q=kern&status=active"),
    ("search: zzz (none)", STATE, "/applications?q=zzz"),
    ("tracking sheet", STATE, "/tracking"),
    ("tracking sheet, half way down", STATE, "/tracking HALF"),
    ("tracking sheet, its end", STATE, "/tracking LAST"),
    ("tracking sheet, in-review", STATE, "/tracking?status=in-review"),
    ("tracking sheet, search: kern", STATE, "/tracking?q=kern"),
    ("Matrix", STATE, "/matrix"),
    ("dashboard", STATE, "/dashboard"),
    ("access log", "iso", "/access-log"),
    ("people", "portal-administrator", "/people"),
)
"""What shall cost the same however many applications there are. HALF and LAST are pages of the list before them."""

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
