"""The Third Party Access portal. `create_app` is the one place that wires everything."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from flask_wtf import CSRFProtect
from htmx_flask import Htmx
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import (
    access,
    commands,
    errors,
    logs,
    rendering,
    request_limits,
    security_headers,
    sending_checkpoints,
)
from portal.audit import AccessLog, Auditing
from portal.blueprints import register
from portal.health import Health
from portal.letters import Letters
from portal.notices import queueing
from portal.notices.mailer import Mailer
from portal.papers import Scanner
from portal.parts import Portal
from portal.people import People
from portal.people.provider import Provider
from portal.process.goals import WorkingDays
from portal.process.step import Process
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from portal.process.upgrade import upgraded
from portal.settings import SettingError, Settings
from portal.store import open_store
from portal.store.as_read import read_as
from portal.store.port import Store


def create_app(
    settings: Settings | None = None,
    *,
    processes: tuple[Process, ...] = (THIRD_PARTY_ACCESS,),
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    store: Store | None = None,
    background: bool = True,
) -> Flask:
    """The portal as a WSGI application. Raises `SettingError` when a setting is missing or wrong.

    With `background`, notices and mail go out by themselves from the first request on; without, when a command sends
    them.
    """
    settings = settings or Settings.from_environment()
    if not settings.secret_key:
        settings = replace(settings, secret_key=_demo_secret(settings.data))
    app = Flask(__name__)
    if app.debug and not settings.demo:
        raise SettingError("FLASK_DEBUG is on: whoever meets an error could look into the portal. Turn it off.")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session lasts
    )
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies)  # type: ignore[method-assign]
    portal = _parts(settings, processes, clock, store)
    app.extensions["portal"] = portal
    app.extensions["portal-health"] = Health(portal)
    Htmx(app)
    logs.write_structured(app)
    request_limits.add_to(app, settings)
    access.guard(app)
    CSRFProtect(app)  # after the guard: who is not signed in is told so, whatever token they sent
    security_headers.add_to(app, settings)
    rendering.set_up(app)
    errors.show(app)
    if settings.openid_issuer:
        app.extensions["portal-provider"] = Provider(
            app,
            settings.openid_issuer,
            settings.openid_client_id,
            settings.openid_client_secret,
            settings.openid_label,
            app.extensions["portal"].people.sessions.longest,
        )
    register(app)
    if background:
        _start_at_first_request(app, portal)
    commands.add_to(app)
    return app


def _parts(
    settings: Settings, processes: tuple[Process, ...], clock: Callable[[], datetime], store: Store | None
) -> Portal:
    store = read_as(store or open_store(settings.store, settings.data), upgraded)
    log = AccessLog(store, clock)
    return Portal(
        settings=settings,
        store=store,
        processes=processes,
        calendar=WorkingDays.from_file(settings.holidays) if settings.holidays else WorkingDays(),
        clock=clock,
        letters=Letters(settings.data / "letter-templates"),
        people=People(
            store,
            clock,
            settings.secret_key,
            settings.demo,
            tries=settings.sign_in_tries,
            wait=timedelta(minutes=settings.sign_in_wait_minutes),
            idle=timedelta(minutes=settings.session_idle_minutes),
            longest=timedelta(hours=settings.session_hours),
        ),
        mail=Mailer(store, settings.smtp, settings.data / "outbox", settings.mail_from, clock),
        log=log,
        auditing=Auditing(store, log, clock, settings.secret_key),
        scanner=Scanner(settings.clamd) if settings.clamd else None,
    )


def _start_at_first_request(app: Flask, portal: Portal) -> None:
    """Threads start in the process that serves, not in one that a server makes its workers from."""
    start = threading.Lock()

    @app.before_request
    def start_sending() -> None:
        if start.acquire(blocking=False):
            queueing.start(portal)
            portal.mail.start_delivery(interval=60)
            sending_checkpoints.start(portal)


def _demo_secret(data: Path) -> str:
    """The demo's own secret, made once and kept, so that a restart signs nobody out."""
    kept = data / "demo-secret-key"
    if not kept.exists():
        data.mkdir(parents=True, exist_ok=True)
        kept.write_text(secrets.token_hex(32))
        kept.chmod(0o600)
    return kept.read_text()
