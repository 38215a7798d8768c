"""A worker for each size of store, asked in turns."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.stores import Place

ROOT = Path(__file__).resolve().parent.parent


class Worker:
    """The other end of `benchmarks.worker`."""

    def __init__(self, data: Path, store: str) -> None:
        begun = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", str(data), store],
            cwd=ROOT,
            env={**os.environ, "PORTAL_DEMO": "on"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.told = self._answer()
        self.took = time.perf_counter() - begun

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a worker ended before its answer")
        return json.loads(line)

    def ask(self, do: str, **asked: Any) -> Any:
        """What the worker measured."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **asked}) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def end(self) -> None:
        """The worker ends."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


class Team:
    """Workers by the number of applications in their store."""

    def __init__(self, stores: Mapping[int, Place]) -> None:
        self.workers = {number: Worker(*store) for number, store in stores.items()}

    def ask(self, do: str, rounds: int, **asked: Any) -> dict[int, dict[str, Any]]:
        """By number of applications, what each measured in several rounds, taking turns."""
        found: dict[int, dict[str, Any]] = {}
        for _ in range(rounds):
            for number, worker in self.workers.items():
                for name, value in worker.ask(do, **asked).items():
                    kept = found.setdefault(number, {})
                    kept[name] = kept.get(name, []) + value if isinstance(value, list) else value
        return found

    def end(self) -> None:
        """All end."""
        for worker in self.workers.values():
            worker.end()
