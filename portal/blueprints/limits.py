"""How often somebody may try to sign in or use a link, by network address and by account: 429 beyond that [O8.2].

Counted in the memory of each process, so that a flood is turned away before it costs anything. Wrong passwords are
counted besides, in the store, for each account (`portal.people.tries`).
"""

from dataclasses import dataclass

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

EXTENSION = "portal-limits"


@dataclass(frozen=True, slots=True)
class Limits:
    """So many tries for each network address, and for each account from wherever."""

    limiter: Limiter
    for_address: str
    for_account: str


def set_up_limits(app: Flask) -> None:
    """Wires Flask-Limiter. In the demo many sign in at once, from one machine and as the same few people."""
    limiter = Limiter(get_remote_address, storage_uri="memory://", strategy="moving-window")
    limiter.init_app(app)
    demo = app.extensions["portal"].settings.demo
    app.extensions[EXTENSION] = Limits(
        limiter, *(("1200/minute", "600/minute") if demo else ("30/minute", "15/minute"))
    )


def count_try(account: str) -> None:
    """Counts this request against its network address and the account. Raises `RateLimitExceeded`, a 429."""
    limits: Limits = current_app.extensions[EXTENSION]
    endpoint = request.endpoint or ""
    with limits.limiter.limit(limits.for_address, key_func=lambda: f"{endpoint} {get_remote_address()}"):
        pass
    with limits.limiter.limit(limits.for_account, key_func=lambda: f"{endpoint} account {account}"):
        pass
