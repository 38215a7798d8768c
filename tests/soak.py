"""The long trials in full, and their figures: `make soak`, which is `python -m tests.soak`.

The same tests run short in `make test`. Each notes what it came to; with `--soak` the figures are printed as a table at
the end, and with `--soak-write` put into docs/benchmarks.md.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WHERE = ("tests/faults", "tests/store/test_any_order.py")
"""What the long trials are among."""

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
    found: dict[tuple[str, str], Figures] = field(default_factory=lambda: defaultdict(Figures))

    def note(self, trial: str, store: str, figures: Figures) -> None:
        """One more run of the trial."""
        self.found[trial, store].add(figures)

    def table(self) -> str:
        """As Markdown."""
        from benchmarks.tables import table

        headings = ["Trial", "Store", "Faults", "Acknowledged", "Cut off", "Refused", "Lost", "Documents", "Findings"]
        rows = [
            [trial, store, *(f"{getattr(figures, one.name):,}" for one in fields(figures))]
            for (trial, store), figures in self.found.items()
        ]
        return table(headings, rows)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run the long trials in full, and print their figures")
    parser.addoption("--soak-write", action="store_true", help="put the figures into docs/benchmarks.md")


_TRIALS = pytest.StashKey[Trials]()
_BEGAN = pytest.StashKey[datetime]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_TRIALS] = Trials(config.getoption("soak"))
    config.stash[_BEGAN] = datetime.now(UTC)


@pytest.fixture(scope="session")
def trials(pytestconfig: pytest.Config) -> Trials:
    """Where a trial notes its figures, and learns whether it runs in full."""
    return pytestconfig.stash[_TRIALS]


def long_or_short(config: pytest.Config, long: int, short: int) -> int:
    """As many as in a full run, or as in `make test`."""
    return long if config.getoption("soak") else short


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    if not config.getoption("soak"):
        return
    said = "\n\n".join(_said(config, exitstatus))
    terminalreporter.write_line(f"\n{said}")
    if config.getoption("soak_write"):
        write(ROOT / "docs" / "benchmarks.md", said)


def _said(config: pytest.Config, exitstatus: int) -> Iterator[str]:
    from benchmarks import machine

    began = config.stash[_BEGAN]
    minutes = (datetime.now(UTC) - began).total_seconds() / 60
    yield f"Tried on {began:%B %-d, %Y}, `make soak`, in {minutes:.0f} minutes."
    yield f"The machine: {machine.description()}"
    yield config.stash[_TRIALS].table()
    if exitstatus:
        yield f"**A trial failed** (pytest ended with {int(exitstatus)}): what it came to is not in the table, or is what it failed for."


def write(path: Path, text: str) -> None:
    """Puts this between the two marks. Raises ValueError when they are not there."""
    before, begin, rest = path.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{path} has no place for the figures")
    path.write_text(f"{before}{begin}\n{text}\n\n{end}{after}")


def main(arguments: list[str]) -> int:
    """Runs the long trials; `--write` puts the figures into docs/benchmarks.md. What else is given is pytest's."""
    others = [one for one in arguments if one != "--write"]
    writing = ["--soak-write"] if "--write" in arguments else []
    return int(pytest.main(["--soak", *writing, *(others or ["-q", *WHERE])]))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
