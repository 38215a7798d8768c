"""A new password, asked for by whoever forgot theirs, and mailed to them [O8.2].

Asking is the same for every address, in words and in work: it is noted, and answered afterwards, out of sight, if there
is such an account. The link is good once and for half an hour. It stands for the password alone: the second
factor is asked for as ever, and wrong codes stay counted.
"""

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from portal.people.tries import Tries
from portal.process.document import at_utc, moment
from portal.store.port import Store

KIND = "password-requests"
MINUTES = 30
"""How long the link is good."""

ASKED, ASKED_IN_DEMO, WITHIN = 3, 100, timedelta(hours=1)
"""So often one may ask for an address."""

_ANSWERED_WITHIN = timedelta(hours=1)


class Forgotten:
    """The requests for new passwords."""

    def __init__(self, store: Store, clock: Callable[[], datetime], secret_key: str, demo: bool) -> None:
        self._store, self._clock = store, clock
        self._asked = Tries(store, clock, secret_key, ASKED_IN_DEMO if demo else ASKED, WITHIN)

    def ask(self, email: str) -> None:
        """Notes that somebody asks for a new password for this address. Raises `TooManyTries`."""
        self._asked.begin(f"forgotten {email.strip().lower()}")
        key = secrets.token_hex(16)
        self._store.put_record(KIND, key, {"email": email, "at": at_utc(self._clock())}, expected_revision=0)

    def waiting(self) -> Iterator[tuple[str, str]]:
        """The requests to be answered, the oldest first: key and address. One that waited for an hour is dropped."""
        for key, record in sorted(self._store.records(KIND), key=lambda one: str(one[1]["at"])):
            if self._clock() - moment(record["at"]) < _ANSWERED_WITHIN:
                yield key, record["email"]
            else:
                self.done(key)

    def done(self, key: str) -> None:
        """The request is answered."""
        self._store.delete_record(KIND, key)
