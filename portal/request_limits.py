"""What of a request is taken at all: the name it calls the portal by, and how large it may be."""

from urllib.parse import urlsplit

from flask import Flask, abort, g, request
from werkzeug.sansio.utils import host_is_trusted

from portal.settings import Settings

LARGEST_REQUEST = 64 * 1024 * 1024
"""In bytes: a form with a signed MOU of 20 MB, or with the statements of a dozen users. It waits on disk."""

LARGEST_WITHOUT_FILES = 2 * 1024 * 1024
"""In bytes: what is sent to a page that takes no file."""

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
"""A proxy or a probe on the same machine may call the portal so."""

_WITH_FILES = ("steps.begin", "steps.take", "steps.draft", "importing.send")


def add_to(app: Flask, settings: Settings) -> None:
    """Refuses other requests, before anything reads them. Addresses in mail and letters never come from a request."""
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=10_000,
    )
    names = (urlsplit(settings.base_url).hostname or "", *LOOPBACK)

    @app.before_request
    def refuse_what_is_not_for_us() -> None:
        if not settings.demo and not host_is_trusted(request.host.lower(), names):
            g.refused_because = "The portal is not reached under this name."
            abort(400)
        if request.endpoint not in _WITH_FILES:
            request.max_content_length = LARGEST_WITHOUT_FILES
