"""Stores with so many applications in them, as `flask demo --applications N` makes them."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence

from benchmarks.stores import Place, Stores
from benchmarks.tables import table
from benchmarks.team import ROOT

Filled = dict[int, Place]
"""The places by the number of their applications."""


def fill(stores: Stores, sizes: Sequence[int]) -> tuple[Filled, str]:
    """A store of each size, each made from the one before; and how long that took."""
    filled: Filled = {}
    rows, all_seconds, before = [], 0.0, None
    for size in sizes:
        place = stores.finished(str(size))
        if place is None:
            unfinished = stores.begun(str(size), before)
            begun = time.perf_counter()
            demo(unfinished, size)
            all_seconds += time.perf_counter() - begun
            place = stores.finish(str(size))
            rows.append([f"{size:,}", f"{all_seconds:.0f} s"])
        filled[size] = before = place
    return filled, table(("applications", "made in"), rows) if rows else "They were there already."


def demo(place: Place, size: int) -> None:
    """`flask demo` in a process of its own."""
    data, url = place
    environment = {**os.environ, "PORTAL_DEMO": "on", "PORTAL_DATA": str(data), "PORTAL_STORE": url}
    command = [sys.executable, "-m", "flask", "demo", "--applications", str(size)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
