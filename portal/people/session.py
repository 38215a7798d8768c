"""Staying signed in: what the session's cookie carries, how long it is good, and what must be set up first [O8.2].

The cookie is signed, and names the person, the session and when it began; it is good for 30 minutes after the last page
and 12 hours in all, until it is signed out of, the password changes or the account is closed, by the portal's clock.
"""

import secrets
from datetime import datetime, timedelta

from flask import Flask, current_app, redirect, request, session, url_for
from flask_login import LoginManager, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from portal.people.people import People
from portal.people.person import Person
from portal.people.signing_in import SESSION_HOURS
from portal.process.document import at_utc, moment

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=SESSION_HOURS)
CODE_WITHIN = timedelta(minutes=5)
AWAITING = "awaiting_code"
_NOTED_EVERY = timedelta(seconds=30)

BEFORE_SECOND_FACTOR = (
    "static",
    "public.health",
    "sign_in.sign_out",
    "second_factor.second_factor",
    "second_factor.enrol",
    "second_factor.second_factor_picture",
)
"""What opens to one who is signed in and has no second factor yet, where one is asked for."""


def set_up_sessions(app: Flask) -> None:
    """Wires Flask-Login, the cookie and the second factor's gate. `app.extensions["portal"]` is there already."""
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=app.extensions["portal"].settings.base_url.startswith("https:"),
        PERMANENT_SESSION_LIFETIME=LONGEST,
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    manager = LoginManager()
    manager.session_protection = (
        None  # addresses change under people on the move; the session has an identity of its own
    )
    manager.user_loader(_load)
    manager.init_app(app)
    app.before_request(_require_second_factor)
    app.before_request(_note_that_it_is_used)


def begin_session(person: Person) -> None:
    """Signs the person in, in a session that is new: nothing of the one before is carried over."""
    session.clear()
    now = at_utc(_clock())
    login_user(person)
    session.update(
        session_id=secrets.token_urlsafe(16), began_at=now, seen_at=now, mark=_people().signing_in.session_mark(person)
    )


def await_code(person: Person, where: str) -> None:
    """The password was right; the second factor's code is awaited, to go on to `where` then."""
    session.clear()
    session[AWAITING] = {"email": person.email, "at": at_utc(_clock()), "next": where}


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


def keep_session(person: Person) -> None:
    """The person's own session goes on after a new password or second factor; every other one ends."""
    session["mark"] = _people().signing_in.session_mark(person)


def finish_session() -> None:
    """Signs out: the cookie is emptied, and copies of it are worth nothing."""
    if current_user.is_authenticated:
        _people().signing_in.end_session(current_user.email, session["session_id"])
    logout_user()
    session.clear()


def ran_out() -> bool:
    """Whether somebody was signed in here, and is not any more."""
    return "session_id" in session and not current_user.is_authenticated


def _load(email: str) -> Person | None:
    person = _people().get(email)
    if person is None or not _people().signing_in.may_sign_in(person):
        return None
    now, began_at, seen_at = _clock(), session.get("began_at"), session.get("seen_at")
    if began_at is None or seen_at is None:
        return None
    if now - moment(began_at) >= LONGEST or now - moment(seen_at) >= IDLE:
        return None
    if session["session_id"] in person.ended_sessions or not _people().signing_in.is_mark_of(person, session["mark"]):
        return None
    return person


def _require_second_factor() -> Response | None:
    if request.endpoint is None or request.endpoint in BEFORE_SECOND_FACTOR or not current_user.is_authenticated:
        return None
    if _people().signing_in.needs_second_factor(current_user):
        where = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("second_factor.second_factor", next=where))
    return None


def _note_that_it_is_used() -> None:
    if request.endpoint != "static" and current_user.is_authenticated:
        now = _clock()
        # Not on each request: the cookie need not be sent again for every picture on a page.
        if now - moment(session["seen_at"]) >= _NOTED_EVERY:
            session["seen_at"] = at_utc(now)


def _people() -> People:
    people: People = current_app.extensions["portal"].people
    return people


def _clock() -> datetime:
    now: datetime = current_app.extensions["portal"].clock()
    return now
