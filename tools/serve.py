"""Serves the portal on this machine: `python -m tools.serve PORT`, until Ctrl-C. Says where once it listens."""

import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from waitress import create_server, wasyncore


def port_is_free(port: int) -> bool:
    """Whether nothing listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """The address of a WSGI application, `http://127.0.0.1:PORT`: served on a free port while the block runs."""
    server = create_server(app, host="127.0.0.1", port=0, threads=4, clear_untrusted_proxy_headers=True)
    thread = threading.Thread(target=server.run, name="the portal", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # Closed in its own thread, woken for it: from another, it would notice up to a second later.
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
        thread.join(timeout=10)
        server.task_dispatcher.shutdown()
        if thread.is_alive():
            raise RuntimeError("the server did not stop")


def _stop(*_: object) -> None:
    # Once: make passes on what the terminal has already sent, and a second one would interrupt the tidying up.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.SIG_IGN)
    raise SystemExit


def main(arguments: list[str]) -> int:
    """Serves `wsgi:app`. 0 after Ctrl-C or an ordinary stop, 1 when the port is somebody else's."""
    port = int(arguments[0]) if arguments and arguments[0].isdecimal() else 0
    if not 0 < port < 65536:
        print(f"A port is a number from 1 to 65535, not {' '.join(arguments)!r}", file=sys.stderr)
        return 2
    if not port_is_free(port):
        print(f"Port {port} is in use. Try another: PORT={port + 1} make run", file=sys.stderr)
        return 1

    from wsgi import app  # only now: reading every document takes a moment

    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _stop)
    # Browsers keep their connections: with its own hundred the server would take no more, and say nothing.
    more = {"connection_limit": 1000, "asyncore_use_poll": True}
    server = create_server(app, host="127.0.0.1", port=port, ident=None, threads=8, **more)
    print(f"The portal answers at http://127.0.0.1:{port} (Ctrl-C stops it)", flush=True)
    server.run()  # returns once told to stop
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
