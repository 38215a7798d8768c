"""Wrong tries at signing in, counted for each address whether it has an account or not, kept in the store.

So many within as long as the wait (ten in 15 minutes unless set otherwise), and the address waits. A try is counted
before the password is looked at, and taken back when it was right: a hundred tries at the same moment are a hundred
tries.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from portal.people.errors import TooManyTries
from portal.people.records import change_record
from portal.people.second_factor import keyed
from portal.process.document import Json, at_utc, moment
from portal.store.port import Store

KIND = "sign-in-tries"
TRIES, WAIT = 10, timedelta(minutes=15)


class Tries:
    """The tries of every address. `allowed` wrong ones within the time of a wait, then the wait."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        secret_key: str,
        allowed: int = TRIES,
        wait: timedelta = WAIT,
    ) -> None:
        self._store, self._clock, self._secret_key, self._allowed, self._wait = store, clock, secret_key, allowed, wait

    def begin(self, email: str) -> None:
        """Counts a try that is about to be made. Raises `TooManyTries`: it may not be made."""
        now = self._clock()

        def counted(record: Json | None) -> Json:
            if record and record["waits_until"] and moment(record["waits_until"]) > now:
                raise TooManyTries(email, moment(record["waits_until"]))
            tries = [at for at in (record["tries"] if record else []) if moment(at) > now - self._wait]
            if record and record["waits_until"]:
                tries = []
            tries.append(at_utc(now))
            full = len(tries) >= self._allowed
            return {"tries": tries, "waits_until": at_utc(now + self._wait) if full else None}

        change_record(self._store, KIND, self._key(email), counted)

    def take_back(self, email: str) -> None:
        """The last try was right: it does not count."""

        def uncounted(record: Json | None) -> Json:
            tries = record["tries"][:-1] if record else []
            return {"tries": tries, "waits_until": None}

        change_record(self._store, KIND, self._key(email), uncounted)

    def clear(self, email: str) -> None:
        """Somebody signed in: nothing is held against the address any more."""
        self._store.delete_record(KIND, self._key(email))

    def forget_old(self) -> int:
        """Drops what no longer matters; how many addresses that was. For the daily command."""
        now = self._clock()
        old = [
            key
            for key, record in self._store.records(KIND)
            if all(moment(at) <= now - self._wait for at in record["tries"])
            and (not record["waits_until"] or moment(record["waits_until"]) <= now)
        ]
        for key in old:
            self._store.delete_record(KIND, key)
        return len(old)

    def _key(self, email: str) -> str:
        # Keyed: people type passwords into the address field too, and a list of tried addresses is nobody's business.
        return keyed(self._secret_key, "tries", email.strip().lower()).hex()[:40]
