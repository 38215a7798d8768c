"""`python -m benchmarks`: every benchmark, printed as Markdown.

--full            with 10,000 and 100,000 applications, everything several times
--write           put what was printed into docs/benchmarks.md
--folder FOLDER   keep the filled stores there, and use them again
--store KIND      only tinydb, or only postgresql, which is started for this; may be given several times
--only NAME       only these parts; may be given several times
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import crowd, exports, machine, pages, serving, starts, writes
from benchmarks.filling import fill
from benchmarks.stores import Stores, stores_of
from benchmarks.team import ROOT, Team

PARTS = ("bare", "flat", "export", "write", "start", "crowd", "serve")
KINDS = ("tinydb", "postgresql")


def main() -> None:
    """Measures, prints, and writes when asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How quick the portal is, as ratios.")
    parser.add_argument("--full", action="store_true", help="with 100,000 applications too")
    parser.add_argument("--write", action="store_true", help="put what was printed into docs/benchmarks.md")
    parser.add_argument("--folder", type=Path, help="keep the filled stores there, and use them again")
    parser.add_argument("--store", action="append", choices=KINDS, type=_kind, help="only this kind of store")
    parser.add_argument("--only", action="append", choices=PARTS, help="only these parts")
    asked = parser.parse_args()
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        print(text, end="\n\n", flush=True)

    begun = time.monotonic()
    say(f"Measured on {datetime.now(UTC):%B %-d, %Y}, `python -m benchmarks{' --full' if asked.full else ''}`.")
    say(f"The machine: {machine.description()}")
    with ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-benchmarks-")))
        folder.chmod(0o755)  # PostgreSQL, which may run as another user, has a folder in it
        for kind in asked.store or KINDS:
            with stores_of(kind, folder.resolve() / kind) as stores:
                measure(stores, asked.full, set(asked.only or PARTS), say)
    say(f"All of it took {(time.monotonic() - begun) / 60:.0f} minutes.")
    if asked.write:
        write("\n\n".join(said))


def _kind(given: str) -> str:
    return given.removesuffix(":")


def measure(stores: Stores, full: bool, parts: set[str], say: Callable[[str], None]) -> None:
    """Every part on one kind of store."""
    say(f"### {stores.title}")
    sizes = (100, 1_000, 10_000, 100_000) if full else (100, 1_000, 10_000)
    filled, took = fill(stores, sizes)
    say(f"#### Making the applications (`flask demo`)\n\n{took}")
    if parts & {"bare", "flat", "export", "write", "start"}:
        team = Team(filled)
        if "bare" in parts:
            say(f"#### Pages against bare ones, with 1,000 applications\n\n{pages.against_bare(team, 5)}")
        if "flat" in parts:
            say(f"#### Pages with ever more applications\n\n{pages.flat(team, 4)}")
            say(writes.flat(team, 3))
        if "write" in parts:
            say(f"#### Writing, with 1,000 applications\n\n{writes.writes(team, 5, stores.title)}")
        if "start" in parts:
            say(f"#### Starting\n\n{starts.starts(team, filled, 2)}")
        if "export" in parts:
            say(f"#### Files, which are sent as they are made\n\n{exports.exports(team)}")
        team.end()
    if "crowd" in parts:
        say(f"#### A hundred people at once\n\n{crowd.crowd(stores)}")
    if "serve" in parts:
        say(f"#### Requests a second\n\n{serving.serving(*filled[1_000])}")


def write(text: str) -> None:
    """Puts this into docs/benchmarks.md, between its two marks."""
    path = ROOT / "docs" / "benchmarks.md"
    before, begin, rest = path.read_text().partition("<!-- measured -->\n")
    _, end, after = rest.partition("<!-- /measured -->\n")
    assert begin
    assert end
    path.write_text(f"{before}{begin}\n{text}\n\n{end}{after}")


if __name__ == "__main__":
    main()
