"""Stores with so many applications in them, as `flask demo --applications N` makes them."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.tables import table
from benchmarks.team import ROOT

Stores = dict[int, tuple[Path, str]]


def fill(folder: Path, url: str, sizes: Sequence[int]) -> tuple[Stores, str]:
    """A store of each size, in its own folder, each made from the one before; and how long that took."""
    stores: Stores = {}
    rows, all_seconds, before = [], 0.0, None
    for size in sizes:
        data = folder / str(size)
        if not data.exists():
            unfinished = folder / f"unfinished-{size}"
            shutil.rmtree(unfinished, ignore_errors=True)
            if before is not None:
                shutil.copytree(before, unfinished)
            begun = time.perf_counter()
            demo(unfinished, url, size)
            all_seconds += time.perf_counter() - begun
            unfinished.rename(data)
            rows.append([f"{size:,}", f"{all_seconds:.0f} s"])
        stores[size], before = (data, url), data
    return stores, table(("applications", "made in"), rows) if rows else "They were there already."


def demo(data: Path, url: str, size: int) -> None:
    """`flask demo` in a process of its own."""
    environment = {**os.environ, "PORTAL_DEMO": "on", "PORTAL_DATA": str(data), "PORTAL_STORE": url}
    command = [sys.executable, "-m", "flask", "demo", "--applications", str(size)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
