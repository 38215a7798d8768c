"""What is wrong, told often and cheaply: whether the store answers, what in it is damaged, mail that waits, and when
`flask daily` last ran.

Anybody may ask. So nothing is told that only the portal's own people may know: of a damaged record only its kind, no
paths, and no addresses.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from portal.keeping import unfinished
from portal.parts import Portal
from portal.process.document import Json, at_utc, moment
from portal.store.errors import Damaged, Unavailable

KIND, DAILY = "portal", "daily"
"""Kind and key of the record that says when `flask daily` last ran."""

DAILY_LATE = timedelta(hours=36)

SHARE = 0.01
"""Of the time that a costly look may take, however often somebody asks."""

PATIENCE = 0.5
"""Seconds to wait for a look; after that what the one before found is told."""

T = TypeVar("T")


class Occasionally(Generic[T]):
    """What a costly look found last; it looks again when asked, unless it looked too lately for what a look costs.

    With a small store each asking looks; with one that takes 0.4 seconds every 40 seconds.
    """

    def __init__(self, look: Callable[[], T]) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._looking: threading.Thread | None = None
        self._next = 0.0
        self._found: T | None = None

    def found(self) -> T | None:
        """What the last look found; None while the first has not ended."""
        with self._lock:
            if self._looking is None and time.monotonic() >= self._next:
                self._looking = threading.Thread(target=self._look_again, name="health", daemon=True)
                self._looking.start()
            looking = self._looking
        if looking is not None:
            looking.join(PATIENCE)
        return self._found

    def _look_again(self) -> None:
        started = time.monotonic()
        try:
            self._found = self._look()
        except Unavailable:
            self._found = None  # `check` says so; what was found before may no longer be so
        finally:
            ended = time.monotonic()
            with self._lock:
                self._looking, self._next = None, ended + (ended - started) / SHARE


class BeingFilled(Unavailable):
    """A restore or a move into this store has not come to its end."""


@dataclass(frozen=True, slots=True)
class Mail:
    """How many mails wait, and how many will not go out unless somebody does something."""

    waiting: int
    failed: int


class Health:
    """The health of one portal."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._damaged = Occasionally(lambda: _names_of(portal.store.damaged()))
        self._scanner = Occasionally(lambda: portal.scanner.answers() if portal.scanner else None)
        self._mail = Occasionally(lambda: Mail(len(portal.mail.waiting()), len(portal.mail.failed())))

    def look(self) -> dict[str, Any]:
        """What can be told. Raises `Unavailable` when the store does not answer, `BeingFilled`."""
        self._portal.store.check()
        copying = unfinished(self._portal.store)
        if copying:
            raise BeingFilled(f"a {copying} is under way, or was interrupted and is to be begun again")
        damaged, mail, daily = self._damaged.found(), self._mail.found(), self._daily()
        scanner = self._scanner.found()
        return {
            "damaged": damaged,
            "mail_waiting": mail.waiting if mail else None,
            "mail_failed": mail.failed if mail else None,
            "daily": daily["at"] if daily else None,
            "scanner": {True: "ok", False: "away", None: None}[scanner],
            "warnings": [
                *self._warnings(damaged, mail, daily),
                *(["the virus scanner does not answer: no file is kept until it does"] if scanner is False else ()),
            ],
        }

    def _daily(self) -> Json | None:
        try:
            return self._portal.store.get_record(KIND, DAILY)
        except Damaged:
            return None

    def _warnings(self, damaged: list[str] | None, mail: Mail | None, daily: Json | None) -> list[str]:
        found = []
        if damaged:
            found.append(f"{len(damaged)} damaged: flask verify says what is wrong")
        if mail and mail.failed:
            found.append(f"{mail.failed} mails did not go out, and are not tried again")
        if daily is None:
            found.append("flask daily has not run yet")
        else:
            ago = self._portal.clock() - moment(daily["at"])
            if ago > DAILY_LATE:
                found.append(f"flask daily last ran {ago // timedelta(hours=1)} hours ago")
            if daily["problems"]:
                found.append(f"flask daily could not do {daily['problems']} things: its log says which")
        return found


def note_daily(portal: Portal, problems: int) -> None:
    """Records that `flask daily` has run now, and how many things it could not do."""
    portal.store.put_record(KIND, DAILY, {"at": at_utc(portal.clock()), "problems": problems})


def _names_of(damaged: Any) -> list[str]:
    """Documents by their ids; of records, whose keys may be people's addresses, how many of which kind."""
    keys = [key for key, _ in damaged]
    kinds = Counter(key.partition("/")[0] for key in keys if "/" in key)
    return [*(key for key in keys if "/" not in key), *(f"{number} of {kind}" for kind, number in kinds.items())]
