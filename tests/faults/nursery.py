"""Web servers that start in a twentieth of a second: forked from a process that has read all the code and opened nothing.

What a fork runs is `tools.serve`, as `make run` does: its own process, its own store, a real socket. Page templates that
one has compiled the next need not compile again. `python -m tests.faults.nursery FOLDER` is the process from which they
are forked: a line of JSON for each server, its number in answer.
"""

import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
import jinja2

from tests.faults.places import Place

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0
"""Seconds in which a server must answer."""


def a_free_port() -> int:
    """A port at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class WebServer:
    """One server process at a port of its own, which it keeps from one start to the next."""

    def __init__(self, start: Callable[["WebServer"], int], place: Place, log: Path) -> None:
        self._start, self.place, self.log = start, place, log
        self.port = a_free_port()
        self.pid = 0

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "WebServer":
        """It runs, and answers."""
        self.begin()
        return self.wait()

    def begin(self) -> None:
        """It is on its way: several start quicker together."""
        self.pid = self._start(self)

    def wait(self) -> "WebServer":
        """It answers."""
        deadline = time.monotonic() + PATIENCE
        while not _answers(self.port):
            assert _runs(self.pid), f"no server: {self.log.read_text()[-2000:]}"
            assert time.monotonic() < deadline, f"no answer: {self.log.read_text()[-2000:]}"
            time.sleep(0.005)
        return self

    def kill(self) -> None:
        """Ends it as a power cut would, in mid-whatever; returns once it is gone."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ends it in order, if it runs."""
        if self.pid:
            self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        descriptor = os.pidfd_open(self.pid)
        try:
            os.kill(self.pid, how)
            ended, _, _ = select.select([descriptor], [], [], PATIENCE)
            assert ended, f"server {self.pid} goes on after {how.name}"
        finally:
            os.close(descriptor)
            self.pid = 0


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Nursery:
    """Makes servers; ends them all when the block ends."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._made: list[WebServer] = []
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Nursery":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery", self._logs],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_all()
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()

    def server(self, place: Place) -> WebServer:
        """A server that is not started yet."""
        server = WebServer(self._fork, place, self._logs / f"server-{len(self._made) + 1}.log")
        self._made.append(server)
        return server

    def stop_all(self) -> None:
        """Ends every server that still runs."""
        for server in self._made:
            if server.pid:
                server.kill()

    def _fork(self, server: WebServer) -> int:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"environment": server.place.environment, "port": server.port, "log": str(server.log)}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def _serve(asked: dict[str, Any]) -> None:
    """What a fork does until it is killed."""
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for old, new in ((0, nothing), (1, log), (2, log)):
        os.dup2(new, old)
    os.environ.update(asked["environment"])
    from tools import serve

    code = serve.main([str(asked["port"])])
    os._exit(code)


def main() -> None:
    """Forks a server for each line on standard input, and prints its process number."""
    # All the code of a portal: reading it takes twenty times as long as what a fork then does by itself.
    for name in ("tools.serve", "portal", "portal.store.tinydb_store", "portal.store.postgres_store"):
        importlib.import_module(name)

    flask.Flask.jinja_options = {"bytecode_cache": jinja2.FileSystemBytecodeCache(sys.argv[1])}
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who was killed is forgotten at once
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while line := sys.stdin.readline():
        pid = os.fork()
        if pid == 0:
            try:
                _serve(json.loads(line))
            finally:
                os._exit(1)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
