"""Staying signed in: the cookie, the session that it names, and what must be done before anything else opens [O8.2].

The cookie is signed, and carries the word of a session that the store keeps (`sessions.py`): how long it lasts is
judged there, by the portal's clock. A page that asks for itself, without anybody's hand, keeps no session alive.
"""

from datetime import datetime, timedelta

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, current_user, login_user, logout_user
from itsdangerous import URLSafeTimedSerializer
from werkzeug.wrappers import Response

from portal.people.people import People
from portal.people.person import Person
from portal.people.sessions import Session
from portal.process.document import at_utc, moment

CODE_WITHIN = timedelta(minutes=5)
AWAITING = "awaiting_code"
WORD = "session_id"
BY_ITSELF = "X-By-Itself"
"""The header of a request that a page makes without anybody's hand."""

ALWAYS = ("static", "public.health", "sign_in.sign_out", "account.session", "account.stay")
BEFORE_SECOND_FACTOR = (
    "second_factor.second_factor",
    "second_factor.enrol",
    "second_factor.second_factor_picture",
)
"""What opens to one who is signed in and has no second factor yet, where one is asked for, besides `ALWAYS`."""

BEFORE_RULES = ("rules.rules", "rules.confirm")
"""What opens to one who has not confirmed the rules and penalties for this year, besides `ALWAYS`."""


def cookie_name(base_url: str) -> str:
    """The cookie's name. Over https no other site and no other host can set one of this name [RFC 6265bis, __Host-]."""
    return "__Host-third-party-access" if base_url.startswith("https:") else "third-party-access"


class SignedCookie(SecureCookieSessionInterface):
    """Flask's own signed cookie, by a signer that is made once rather than for each request."""

    def __init__(self) -> None:
        self._signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The signer with the application's secret key, which does not change while it runs."""
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer


def set_up_sessions(app: Flask) -> None:
    """Wires Flask-Login, the cookie and what must be done first. `app.extensions["portal"]` is there already."""
    base_url = app.extensions["portal"].settings.base_url
    app.config.update(
        SESSION_COOKIE_NAME=cookie_name(base_url),
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=base_url.startswith("https:"),
        PERMANENT_SESSION_LIFETIME=app.extensions["portal"].people.sessions.longest,
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    app.session_interface = SignedCookie()
    manager = LoginManager()
    manager.session_protection = (
        None  # addresses change under people on the move; the session has an identity of its own
    )
    manager.user_loader(_load)
    manager.init_app(app)
    app.before_request(_require_what_comes_first)
    app.before_request(_note_that_it_is_used)


def begin_session(person: Person, notice: str, vouched: bool = False) -> None:
    """Signs the person in, in a session that is new: nothing of the one before is carried over, and it ends.

    `notice` is the checksum of the notice that they acknowledged.
    """
    _end_the_kept()
    session.clear()
    login_user(person)
    session[WORD] = _people().sessions.begin(
        person.email,
        _people().signing_in.session_mark(person),
        notice=notice,
        where=request.remote_addr or "",
        browser=request.user_agent.string,
        vouched=vouched,
    )


def await_code(person: Person, where: str, through: str = "") -> None:
    """The password was right, or a provider showed who they are: the second factor's code is awaited, to go on then."""
    _end_the_kept()
    session.clear()
    session[AWAITING] = {"email": person.email, "at": at_utc(_clock()), "next": where, "through": through}


def awaited_email() -> str | None:
    """Whose code is awaited: they gave the right password within the last five minutes."""
    awaited = session.get(AWAITING)
    if awaited is None or _clock() - moment(awaited["at"]) > CODE_WITHIN:
        return None
    email: str = awaited["email"]
    return email


def way_after_code() -> str:
    """Where the one whose code is awaited was going."""
    where: str = session[AWAITING]["next"]
    return where


def way_to_code() -> str:
    """Through which provider the one whose code is awaited came; empty with a password."""
    through: str = session[AWAITING]["through"]
    return through


def keep_session(person: Person) -> None:
    """The person's own session goes on after a new password or second factor, by a new word; every other one ends."""
    kept = the_session()
    word = _people().sessions.renew(kept, _people().signing_in.session_mark(person)) if kept else None
    if word is not None:
        session[WORD] = word


def finish_session() -> None:
    """Signs out: the cookie is emptied, and copies of it are worth nothing."""
    _end_the_kept()
    logout_user()
    session.clear()


def the_session() -> Session | None:
    """The session of whoever is signed in, as this request found it."""
    found: Session | None = g.get("session_kept") if current_user.is_authenticated else None
    return found


def session_ends_at() -> datetime | None:
    """When the session of whoever is signed in ends if nothing more is done."""
    kept = the_session()
    return _people().sessions.ends_at(kept) if kept else None


def seconds_left() -> int:
    """How long the session lasts if nothing more is done."""
    ends_at = session_ends_at()
    return max(0, int((ends_at - _clock()).total_seconds())) if ends_at else 0


def can_be_prolonged() -> bool:
    """Whether doing something keeps the session alive: not when it is about to end by its age."""
    kept = the_session()
    return kept is not None and kept.began_at + _people().sessions.longest > (session_ends_at() or kept.began_at)


def use_session() -> None:
    """Notes that the session is used, now."""
    kept = the_session()
    if kept is not None:
        g.session_kept = _people().sessions.note_use(kept)


def ran_out() -> bool:
    """Whether somebody was signed in here, and is not any more."""
    return WORD in session and not current_user.is_authenticated


def _end_the_kept() -> None:
    kept = _people().sessions.find(session[WORD]) if WORD in session else None
    if kept is not None:
        _people().sessions.end(kept)


def _load(email: str) -> Person | None:
    if WORD not in session:
        return None
    person, kept = _people().get_with_session(email, session[WORD])
    if kept is None or kept.email != email:
        return None
    if person is None or not _people().signing_in.may_sign_in(person):
        return None
    if not _people().signing_in.is_mark_of(person, kept.mark):
        return None
    g.session_kept = kept
    return person


def _require_what_comes_first() -> Response | None:
    """The second factor is set up and the rules are confirmed before anything else opens."""
    if request.endpoint in (None, *ALWAYS) or not current_user.is_authenticated:
        return None
    signing_in, kept = _people().signing_in, the_session()
    if signing_in.needs_second_factor(current_user) and not (kept and kept.vouched):
        if request.endpoint not in BEFORE_SECOND_FACTOR:
            return _send_to("second_factor.second_factor", "Set up your second factor first.")
    elif signing_in.must_confirm(current_user) and request.endpoint not in BEFORE_RULES:
        return _send_to("rules.rules", "Confirm the rules and penalties first.")
    return None


def _send_to(endpoint: str, why: str) -> Response:
    """To what comes first, and from there on to the page that was asked for. What was typed stays on the page."""
    if request.method != "GET" or "HX-Request" in request.headers:
        g.refused_because, g.first = why, url_for(endpoint)
        abort(403)
    return redirect(url_for(endpoint, next=request.full_path.rstrip("?")))


def _note_that_it_is_used() -> None:
    if request.endpoint != "static" and BY_ITSELF not in request.headers and current_user.is_authenticated:
        use_session()


def _people() -> People:
    people: People = current_app.extensions["portal"].people
    return people


def _clock() -> datetime:
    now: datetime = current_app.extensions["portal"].clock()
    return now
