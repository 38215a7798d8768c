"""Sessions as the server keeps them [O8.2]: whose, since when, last used when. The cookie carries a random word alone.

What is not in the store is no session: signed out of, too old, too long without use, begun before the password or the
second factor changed. A copied cookie is worth what its owner's is, and no longer. The store keeps a digest of the
cookie's word, so that who reads the store, or a backup, can be nobody.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.process.document import Json, at_utc, moment
from portal.store.errors import Conflict, Unavailable
from portal.store.port import Store

KIND = "sessions"

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
"""How long without a page, and how long in all, unless set otherwise."""

NOTED_EVERY = timedelta(minutes=1)
"""A session's use is written down this often at most: pages are read far more often than that."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Session:
    """One session. `mark` shows with which password and second factor it began, `where` from which network address.

    `notice` is the checksum of the notice that was acknowledged; `vouched` says that the provider of an OpenID Connect
    sign-in asked for a second factor itself.
    """

    key: str
    email: str
    mark: str
    began_at: datetime
    seen_at: datetime
    where: str
    browser: str
    notice: str
    vouched: bool
    revision: int


class Sessions:
    """The sessions of everybody: `idle` after the last use, and `longest` after its beginning, each ends."""

    def __init__(
        self, store: Store, clock: Callable[[], datetime], idle: timedelta = IDLE, longest: timedelta = LONGEST
    ) -> None:
        self._store, self._clock, self.idle, self.longest = store, clock, idle, longest

    def begin(
        self, email: str, mark: str, *, notice: str, where: str = "", browser: str = "", vouched: bool = False
    ) -> str:
        """A new session's word for the cookie: 256 random bits, never one that came from outside."""
        word, now = secrets.token_urlsafe(32), at_utc(self._clock())
        self._store.put_record(
            KIND,
            _key(word),
            {
                "email": email,
                "mark": mark,
                "began_at": now,
                "seen_at": now,
                "where": where[:100],
                "browser": browser[:200],
                "notice": notice,
                "vouched": vouched,
            },
            expected_revision=0,
        )
        return word

    def find(self, word: str) -> Session | None:
        """The session of this cookie, while it lasts; whether its mark is still good, the account says."""
        kind, key = self.place_of(word)
        return self.lasting(key, self._store.get_record(kind, key))

    @staticmethod
    def place_of(word: str) -> tuple[str, str]:
        """The kind and the key of the record of this cookie's session."""
        return KIND, _key(word)

    def lasting(self, key: str, record: Json | None) -> Session | None:
        """The session in this record, while it lasts."""
        session = _from_record(key, record) if record else None
        return session if session and self.ends_at(session) > self._clock() else None

    def ends_at(self, session: Session) -> datetime:
        """When it ends by itself if nothing more is done."""
        return min(session.seen_at + self.idle, session.began_at + self.longest)

    def note_use(self, session: Session) -> Session:
        """The session as it is after being used now. One that ended meanwhile stays ended."""
        now = self._clock()
        if now - session.seen_at < NOTED_EVERY:
            return session
        record = self._store.get_record(KIND, session.key)
        if record is None or record["revision"] != session.revision:
            return session  # ended, or another request noted it
        try:
            kept = self._store.put_record(KIND, session.key, record | {"seen_at": at_utc(now)}, session.revision)
        except Conflict:
            return session
        except Unavailable:
            # The page is shown all the same, or says by itself that nothing can be kept: the session only ends sooner.
            log.warning("It could not be noted that a session was used")
            return session
        return _from_record(session.key, kept)

    def renew(self, session: Session, mark: str) -> str | None:
        """Another word for a session that goes on after a new password or second factor; the one before ends.

        None when it was ended meanwhile.
        """
        record = self._store.get_record(KIND, session.key)
        if record is None:
            return None
        word = secrets.token_urlsafe(32)
        self._store.put_record(KIND, _key(word), record | {"mark": mark}, expected_revision=0)
        self.end(session)
        return word

    def end(self, session: Session) -> None:
        """Signed out: no copy of the cookie opens anything from now on."""
        self._store.delete_record(KIND, session.key)

    def end_all(self, email: str) -> None:
        """Every session of the person ends, whatever it began with."""
        for key in [key for key, record in self._store.records(KIND) if record["email"] == email]:
            self._store.delete_record(KIND, key)

    def of(self, email: str, mark: str) -> list[Session]:
        """The person's sessions that last, the last used first."""
        now = self._clock()
        all_kept = (_from_record(key, record) for key, record in self._store.records(KIND))
        theirs = [one for one in all_kept if one.email == email and one.mark == mark and self.ends_at(one) > now]
        return sorted(theirs, key=lambda one: one.seen_at, reverse=True)

    def forget_old(self) -> int:
        """Drops the sessions that ended by themselves, and says how many. For the daily command."""
        now = self._clock()
        over = [key for key, record in self._store.records(KIND) if self.ends_at(_from_record(key, record)) <= now]
        for key in over:
            self._store.delete_record(KIND, key)
        return len(over)


def _key(word: str) -> str:
    return hashlib.sha256(word.encode("utf-8", "replace")).hexdigest()


def _from_record(key: str, record: Json) -> Session:
    return Session(
        key=key,
        email=record["email"],
        mark=record["mark"],
        began_at=moment(record["began_at"]),
        seen_at=moment(record["seen_at"]),
        where=record["where"],
        browser=record["browser"],
        notice=record["notice"],
        vouched=record["vouched"],
        revision=record["revision"],
    )
