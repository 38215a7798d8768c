"""The headers that tell browsers what the portal's pages may do: nothing from elsewhere, nothing inline."""

from flask import Flask, Response, request

from portal.settings import Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""For pages."""

POLICY_OF_FILES = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
"""For what is to be saved: a browser that opens it all the same runs nothing in it."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
"""On every answer."""

ONLY_HTTPS = "max-age=31536000; includeSubDomains"
"""A year, in seconds."""


def add_to(app: Flask, settings: Settings) -> None:
    """Puts the headers on every answer. What is shown to one person is kept by no cache."""
    over_https = settings.base_url.startswith("https:")
    always = list(HEADERS.items())

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        is_file = headers.get("Content-Disposition", "").startswith("attachment")
        headers["Content-Security-Policy"] = POLICY_OF_FILES if is_file else POLICY
        headers.extend(always)  # nothing else in the portal sets one of them
        if request.endpoint != "static":
            headers["Cache-Control"] = "no-store"
        if over_https or request.is_secure:
            headers["Strict-Transport-Security"] = ONLY_HTTPS
        return response
