"""`python -m benchmarks`: every benchmark, printed as Markdown.

--full            with 100,000 applications too
--write           put what was printed into docs/benchmarks.md
--folder FOLDER   keep the filled stores there, and use them again
--store URL       another store than TinyDB: postgresql://...; may be given several times
--only NAME       only these parts; may be given several times
"""

import argparse
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import crowd, machine, pages, serving, starts, writes
from benchmarks.filling import fill
from benchmarks.team import ROOT, Team

PARTS = ("bare", "flat", "write", "start", "crowd", "serve")


def main() -> None:
    """Measures, prints, and writes when asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How quick the portal is, as ratios.")
    parser.add_argument("--full", action="store_true", help="with 100,000 applications too")
    parser.add_argument("--write", action="store_true", help="put what was printed into docs/benchmarks.md")
    parser.add_argument("--folder", type=Path, help="keep the filled stores there, and use them again")
    parser.add_argument("--store", action="append", help="a store's URL; tinydb: unless given")
    parser.add_argument("--only", action="append", choices=PARTS, help="only these parts")
    asked = parser.parse_args()
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        print(text, end="\n\n", flush=True)

    say(f"Measured on {datetime.now(UTC):%B %-d, %Y}, `python -m benchmarks{' --full' if asked.full else ''}`.")
    say(f"The machine: {machine.description()}")
    with ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-benchmarks-")))
        for url in asked.store or ["tinydb:"]:
            name = url.partition(":")[0]
            measure(folder.resolve() / name, url, asked.full, set(asked.only or PARTS), say)
    if asked.write:
        write("\n\n".join(said))


def measure(folder: Path, url: str, full: bool, parts: set[str], say: Callable[[str], None]) -> None:
    """Every part on one store."""
    folder.mkdir(parents=True, exist_ok=True)
    say(f"## {'TinyDB' if url == 'tinydb:' else 'PostgreSQL'}")
    sizes = (100, 1_000, 10_000, 100_000) if full else (100, 1_000, 10_000)
    stores, took = fill(folder, url, sizes)
    say(f"### Making the applications (`flask demo`)\n\n{took}")
    if parts & {"bare", "flat", "write", "start"}:
        team = Team(stores)
        if "bare" in parts:
            say(f"### Pages against bare ones, with 1,000 applications\n\n{pages.against_bare(team, 5)}")
        if "flat" in parts:
            say(f"### Pages with ever more applications\n\n{pages.flat(team, 4)}\n\n{writes.flat(team, 3)}")
        if "write" in parts:
            say(f"### Writing, with 1,000 applications\n\n{writes.writes(team, 5)}")
        if "start" in parts:
            say(f"### Starting\n\n{starts.starts(team, stores, 2)}")
        team.end()
    if "crowd" in parts:
        say(f"### A hundred people at once\n\n{crowd.crowd(folder, url)}")
    if "serve" in parts:
        say(f"### Requests a second\n\n{serving.serving(*stores[1_000])}")


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
