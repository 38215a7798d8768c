"""The long trials in full, and their figures: `make soak`, which is `python -m tests.soak`.

The same tests run short in `make test`. Each notes what it came to. In full they run in two processes at once, what is
about a data folder and what is about PostgreSQL; the figures of both are printed as one table, and with `--write` put into
docs/benchmarks.md.
"""

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks import machine
from benchmarks.tables import table

ROOT = Path(__file__).resolve().parent.parent
WHERE = ("tests/faults", "tests/store/test_any_order.py")
"""What the long trials are among."""

A_FOLDER = "tinydb or failing_disk or power_cut"
"""Which of them are about a data folder; the others are about PostgreSQL."""

BEGIN, END = "<!-- soak -->\n", "<!-- /soak -->\n"


@dataclass
class Figures:
    """What a trial came to."""

    faults: int = 0
    acknowledged: int = 0
    cut_off: int = 0
    refused: int = 0
    lost: int = 0
    documents: int = 0
    findings: int = 0

    def add(self, other: "Figures") -> None:
        """Together with those of another."""
        for name in fields(self):
            setattr(self, name.name, getattr(self, name.name) + getattr(other, name.name))


@dataclass
class Trials:
    """The figures of every trial, by its name and the store."""

    in_full: bool
    kept: Path | None = None
    """The file that always has the figures so far, as JSON."""

    found: dict[tuple[str, str], Figures] = field(default_factory=lambda: defaultdict(Figures))

    def note(self, trial: str, store: str, figures: Figures) -> None:
        """One more run of the trial."""
        self.found[trial, store].add(figures)
        if self.kept:
            rows = [[trial, store, asdict(figures)] for (trial, store), figures in self.found.items()]
            self.kept.write_text(json.dumps(rows))

    def table(self) -> str:
        """As Markdown."""
        headings = ["Trial", "Store", "Faults", "Acknowledged", "Cut off", "Refused", "Lost", "Documents", "Findings"]
        rows = [
            [trial, store, *(f"{getattr(figures, one.name):,}" for one in fields(figures))]
            for (trial, store), figures in self.found.items()
        ]
        return table(headings, rows)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run the long trials in full")
    parser.addoption("--soak-figures", type=Path, help="keep the figures in this file, as JSON")


_TRIALS = pytest.StashKey[Trials]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_TRIALS] = Trials(config.getoption("soak"), config.getoption("soak_figures"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In full the kills come first: they take the longest, and say the most should somebody have to stop the run."""
    if config.getoption("soak"):
        items.sort(key=lambda item: "test_kills" not in item.nodeid)


@pytest.fixture(scope="session")
def trials(pytestconfig: pytest.Config) -> Trials:
    """Where a trial notes its figures, and learns whether it runs in full."""
    return pytestconfig.stash[_TRIALS]


def long_or_short(config: pytest.Config, long: int, short: int) -> int:
    """As many as in a full run, or as in `make test`."""
    return long if config.getoption("soak") else short


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    trials = config.stash[_TRIALS]
    if trials.in_full and not trials.kept:
        terminalreporter.write_line(f"\n{trials.table()}")


def write(path: Path, text: str) -> None:
    """Puts this between the two marks. Raises ValueError when they are not there."""
    before, begin, rest = path.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{path} has no place for the figures")
    path.write_text(f"{before}{begin}\n{text}\n\n{end}{after}")


def run_in_full() -> tuple[int, str]:
    """How many of the two processes failed, and what is to be told of them."""
    began, machine_then = datetime.now(UTC), machine.description()
    with tempfile.TemporaryDirectory(prefix="portal-soak-") as folder:
        kept = [Path(folder, name) for name in ("folder", "database")]
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "pytest", "-q", "--soak", "--soak-figures", one, "-k", which, *WHERE], cwd=ROOT
            )
            for one, which in zip(kept, (A_FOLDER, f"not ({A_FOLDER})"), strict=True)
        ]
        failed = sum(process.wait() != 0 for process in running)
        trials = Trials(in_full=True)
        for one in kept:
            for trial, store, figures in json.loads(one.read_text()) if one.exists() else ():
                trials.note(trial, store, Figures(**figures))
    minutes = (datetime.now(UTC) - began).total_seconds() / 60
    said = [
        f"Tried on {began:%B %-d, %Y}, `make soak`, in {minutes:.0f} minutes.",
        f"The machine: {machine_then}",
        trials.table(),
    ]
    if failed:
        said.append("**A trial failed**: what it came to is not in the table, or is what it failed for.")
    return failed, "\n\n".join(said)


def main(arguments: list[str]) -> int:
    """Runs the long trials; `--write` puts the figures into docs/benchmarks.md."""
    if arguments not in ([], ["--write"]):
        print("python -m tests.soak [--write]", file=sys.stderr)
        return 2
    failed, said = run_in_full()
    print(f"\n{said}")
    if arguments:
        write(ROOT / "docs" / "benchmarks.md", said)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
