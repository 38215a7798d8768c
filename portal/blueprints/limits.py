"""How often somebody may try a password, a code or a link, by network address and by account: 429 beyond that [O8.2].

Counted in the memory of each process, so that a flood is turned away before it costs anything. Wrong passwords are
counted besides, in the store, for each account (`portal.people.tries`).
"""

from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user

from portal.people.session import awaited_email

LIMITED = (
    "sign_in.check_password",
    "sign_in.check_code",
    "forgotten.ask",
    "invitation.invitation",
    "invitation.accept",
    "second_factor.enrol",
    "account.change_password",
    "colleagues.invite",
)
"""Where something is sent that could be guessed, or that sends mail to others."""

LIMITED_BY_ADDRESS = ("provider.begin", "provider.come_back")
"""Where the provider is asked, before anybody is known by an account."""

BY_ADDRESS, BY_ACCOUNT = "30/minute", "15/minute"
BY_ADDRESS_IN_DEMO, BY_ACCOUNT_IN_DEMO = "1200/minute", "600/minute"
"""In the demo many sign in at once, from one machine and as the same few people."""


def set_up_limits(app: Flask, demo: bool) -> None:
    """Puts the limits before the views of `LIMITED`, which must be there already."""
    limiter = Limiter(get_remote_address, storage_uri="memory://", strategy="moving-window")
    limiter.init_app(app)
    # Each of these views counts by itself. To look before every other request for limits that it has not is a waste.
    app.before_request_funcs[None].remove(limiter._check_request_limit)
    by_address = limiter.limit(BY_ADDRESS_IN_DEMO if demo else BY_ADDRESS)
    by_account = limiter.limit(BY_ACCOUNT_IN_DEMO if demo else BY_ACCOUNT, key_func=_account)
    for endpoint in LIMITED:
        limited: Any = by_address(by_account(app.view_functions[endpoint]))
        app.view_functions[endpoint] = limited
    for endpoint in LIMITED_BY_ADDRESS:
        limited = by_address(app.view_functions[endpoint])
        app.view_functions[endpoint] = limited


def _account() -> str:
    """Whose account or link is tried, from whatever network address."""
    if current_user.is_authenticated:
        return f"account {current_user.email}"
    tried = awaited_email() or request.form.get("email") or (request.view_args or {}).get("token") or ""
    return f"account {tried.strip().lower()[:254]}"
