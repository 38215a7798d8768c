"""The ISO's reviews of the log, week by week: who looked, and signed it off with the last line's hash [O8.2]."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from portal.audit.access_log import AccessLog, Act
from portal.audit.weeks import Week, Weeks
from portal.process.document import Json, at_utc
from portal.process.no_case_data import redact
from portal.store.port import Store

KIND = "log-week-reviews"
LONGEST_NOTE = 400


@dataclass(frozen=True, slots=True)
class Review:
    """Somebody has looked at a week's lines up to this one, whose hash was this. `own` counts the reviewer's lines."""

    since: str
    up_to: int
    hash: str
    lines: int
    own: int
    by: str
    at: str
    note: str


class NotToBeReviewed(ValueError):
    """There is no such week, nothing in it, or more in it than the page showed."""


class Reviews:
    """Reviews as they are kept: several for a week to which lines came after it was signed off."""

    def __init__(self, store: Store, log: AccessLog, weeks: Weeks, clock: Callable[[], datetime]) -> None:
        self._store, self._log, self._weeks, self._clock = store, log, weeks, clock

    def all(self) -> list[Review]:
        """Every review, by week, the oldest first."""
        return [Review(since, **one) for since, kept in self._store.records(KIND) for one in kept["reviews"]]

    def missing(self) -> list[Week]:
        """The weeks that have ended and are not signed off to their last line, the oldest first."""
        return [week for week in self._weeks.all().values() if self._weeks.ended(week) and not self.covers(week)]

    def covers(self, week: Week) -> bool:
        """Whether a review goes up to the week's last line."""
        return any(review.up_to >= week.last for review in self.of(week.since))

    def of(self, since: str) -> list[Review]:
        """The reviews of the week that begins on this Monday."""
        kept = self._store.get_record(KIND, since)
        return [Review(since, **one) for one in kept["reviews"]] if kept else []

    def sign_off(self, since: str, up_to: int, act: Act, note: str) -> Review:
        """Records that whoever acts has looked at this week's lines up to this one, its last when the page was drawn.

        The week need not have ended: what comes after is to be reviewed later. Raises `NotToBeReviewed`; `Conflict`
        when somebody else signs off at the same moment.
        """
        week = self._weeks.all().get(since)
        if week is None or not week.first <= up_to <= week.last:
            raise NotToBeReviewed("There is no such week, or no such line in it.")
        if up_to != week.last and self._weeks.ended(week):
            raise NotToBeReviewed("Lines came to this week after the page was drawn. Look again.")
        line = next(self._store.log_lines(up_to - 1))
        kept: Json = self._store.get_record(KIND, since) or {"reviews": [], "revision": 0}
        told: Json = {
            "up_to": up_to,
            "hash": line["hash"],
            "lines": week.lines,
            "own": week.people[act.who],
            "by": act.who,
            "at": at_utc(self._clock()),
            "note": redact(note)[:LONGEST_NOTE],
        }
        with self._log.carrying_out(act):
            self._store.put_record(KIND, since, {"reviews": [*kept["reviews"], told]}, kept["revision"])
        return Review(since, **told)
