"""On which machine, in words: without it no figure means anything."""

import os
import platform
from importlib.metadata import version
from pathlib import Path


def description() -> str:
    """One line: processor, memory, system, Python, and the load when the run began."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    memory = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    system = next(
        (line.partition("=")[2].strip('"') for line in _lines("/etc/os-release") if line.startswith("PRETTY_NAME")), ""
    )
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{os.cpu_count()} × {model or platform.machine()}, {memory / 2**20:.0f} GiB, {system or platform.system()}, "
        f"Linux {platform.release()}, Python {platform.python_version()}, Flask {version('flask')}. "
        f"Load when the run began: {load}."
    )


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def resident(process: str | int = "self", peak: bool = False) -> float:
    """Resident memory of a process in MB, now or at its highest."""
    name = "VmHWM" if peak else "VmRSS"
    return next(int(line.split()[1]) for line in _lines(f"/proc/{process}/status") if line.startswith(name)) / 1024
