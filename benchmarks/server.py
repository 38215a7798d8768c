"""The portal as it is served: waitress or gunicorn, one process or several, on this machine's loopback alone."""

import importlib.util
import os
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.machine import resident
from benchmarks.team import ROOT

THREADS = 8
MANY = ("--connection-limit=1000", "--asyncore-use-poll")


def has_gunicorn() -> bool:
    """Whether gunicorn is installed."""
    return importlib.util.find_spec("gunicorn") is not None


class Server:
    """One way to serve the portal; `ports` are where it listens."""

    def __init__(self, kind: str, processes: int, data: Path, store: str) -> None:
        self.ports = [_free_port() for _ in range(processes if kind == "waitress" else 1)]
        environment = {**os.environ, "PORTAL_DEMO": "on", "PORTAL_DATA": str(data), "PORTAL_STORE": store}
        if kind == "waitress":
            commands = [
                [
                    "waitress",
                    f"--listen=127.0.0.1:{port}",
                    f"--threads={THREADS}",
                    "--connection-limit=1000",
                    "wsgi:app",
                ]
                for port in self.ports
            ]
        else:
            workers = ["--worker-class=gthread", f"--workers={processes}", f"--threads={THREADS}"]
            commands = [["gunicorn", f"--bind=127.0.0.1:{self.ports[0]}", *workers, "wsgi:app"]]
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for command in commands
        ]
        for port in self.ports:
            _wait_for(port)

    def memory(self) -> float:
        """The most memory that the processes had, added up, in MB."""
        return sum(resident(process.pid, peak=True) for process in self._processes)

    def end(self) -> None:
        """The processes end."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/")
            connection.getresponse().read()
            connection.close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
