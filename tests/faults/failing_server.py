"""A PostgreSQL whose own calls fail: the operating system refuses the nth write or sync of those processes that serve the
portal. PostgreSQL then refuses the statement, or, where it cannot know what reached the disk, ends all its processes and
recovers.
"""

import re
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from portal.store.errors import Unavailable
from portal.store.port import Store
from tools.strace import WHAT_TO_DO, NoStrace, find

PATIENCE = 60.0
"""Seconds in which PostgreSQL must have recovered."""

WRITES, SYNCS = "pwrite64,pwritev,pwritev2", "fdatasync,fsync"


class FailingServer:
    """Fails the nth (from 0) of these calls with this error (`ENOSPC`, `EIO`), in each process that serves the portal."""

    def __init__(self, url: str, nth: int, calls: str, error: str, folder: Path, stores: Iterable[Store]) -> None:
        self._url, self._log, self._stores = url, folder / "strace", stores
        self._inject = f"inject={calls}:error={error}:when={nth + 1}"
        self._calls = calls
        self.failed: list[str] = []
        """Which call was failed: `fdatasync`."""

    @contextmanager
    def failing(self) -> Iterator["FailingServer"]:
        """Within the block; at its end PostgreSQL has recovered, and these stores go on."""
        self._log.write_text("")
        try:
            options = [find(), "-o", str(self._log), "-e", f"trace={self._calls}", "-e", self._inject]
        except NoStrace as error:
            pytest.fail(str(error), pytrace=False)
        pids = self._pids()
        for pid in pids:
            options += ["-p", str(pid)]
        tracer = subprocess.Popen(options, stderr=subprocess.PIPE, text=True)
        try:
            assert tracer.stderr is not None
            for _ in pids:
                said = tracer.stderr.readline()
                if "attached" not in said:
                    pytest.fail(f"{WHAT_TO_DO}: {said.strip()}", pytrace=False)
            yield self
        finally:
            tracer.terminate()
            tracer.wait()
            assert tracer.stderr is not None
            tracer.stderr.close()
            self._wait_until_recovered()
        self.failed = re.findall(r"(\w+)\(.*\(INJECTED\)", self._log.read_text())

    def _pids(self) -> list[int]:
        serving = "SELECT pid FROM pg_stat_activity WHERE application_name = 'third-party-access'"
        with psycopg.connect(self._url, autocommit=True) as connection:
            return [pid for (pid,) in connection.execute(serving).fetchall()]

    def _wait_until_recovered(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                for store in self._stores:
                    store.check()
                return
            except Unavailable:
                assert time.monotonic() < deadline, "PostgreSQL does not recover"
                time.sleep(0.05)
