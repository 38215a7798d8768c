"""Files of every application: how soon they begin, how long they take, and how much memory that takes."""

from benchmarks.tables import ms, table
from benchmarks.team import Team

FILES = ("/tracking.csv", "/tracking.xlsx", "/matrix.csv")


def exports(team: Team) -> str:
    """A row for each file and number of applications. The last part of a team's work: what took memory keeps some."""
    rows = []
    for path in FILES:
        for size, worker in team.workers.items():
            told = worker.ask("export", path=path)
            rows.append(
                [
                    path,
                    f"{size:,}",
                    f"{told['bytes'] / 1e6:.1f} MB",
                    ms(told["first"] * 1000),
                    f"{told['all']:.1f} s",
                    f"{told['memory']:.0f} MB",
                ]
            )
    return table(("file", "applications", "size", "first piece after", "all of it after", "memory besides"), rows)
