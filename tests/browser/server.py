"""Serves a WSGI application on a free port, with the web server that the portal runs on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from waitress import create_server, wasyncore

Serve = Callable[[Any], str]
"""Serves an application until the test's end, and gives its address."""


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """The application's address, `http://127.0.0.1:PORT`, while the block runs."""
    server = create_server(app, host="127.0.0.1", port=0, threads=4, clear_untrusted_proxy_headers=True)
    thread = threading.Thread(target=server.run, name="the portal under test", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # Closed in its own thread, woken for it: from another, it would notice up to a second later.
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
        thread.join(timeout=10)
        server.task_dispatcher.shutdown()
        assert not thread.is_alive(), "the server did not stop"
