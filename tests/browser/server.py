"""Serves a WSGI application on a free port, with the web server that the portal runs on."""

from collections.abc import Callable
from typing import Any

from tools.serve import serving

__all__ = ["Serve", "serving"]

Serve = Callable[[Any], str]
"""Serves an application until the test's end, and gives its address."""
