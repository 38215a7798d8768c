"""The log by weeks, Monday to Sunday in California: where each begins and ends, and what it holds.

It is worked out from the lines and kept as records, so that a page need not read a week's lines: whoever asks reads
those that came since it was kept. `keep` is called every minute, and by `flask daily`.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain

from portal.audit.unusual import Hour, Unusual
from portal.process.document import Json, moment
from portal.process.goals import california_date
from portal.store.errors import Conflict
from portal.store.port import Store

KIND = "log-weeks"


@dataclass
class Week:
    """A week of the log: its lines' numbers and the last one's hash, how many of each outcome, and of each person."""

    since: str
    first: int = 0
    last: int = 0
    hash: str = ""
    lines: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    people: Counter[str] = field(default_factory=Counter)
    hour: Hour | None = None
    unusual: list[Json] = field(default_factory=list)
    revision: int = 0
    changed: bool = False

    @property
    def begins_on(self) -> date:
        """Its Monday."""
        return date.fromisoformat(self.since)

    @property
    def ends_on(self) -> date:
        """Its Sunday."""
        return self.begins_on + timedelta(days=6)

    def add(self, line: Json) -> None:
        """Takes in the next line of this week."""
        self.changed = True
        self.first = self.first or line["seq"]
        self.last, self.hash, self.lines = line["seq"], line["hash"], self.lines + 1
        self.outcomes[line["outcome"]] += 1
        self.people[line["who"]] += 1
        begins = line["at"][:13]
        if self.hour is None or self.hour.begins != begins:
            self.hour = Hour(begins)
        self.hour.add(line)
        those = {(one["hour"], one["sort"], one["who"]): one for one in chain(self.unusual, self.hour.unusual)}
        self.unusual = list(those.values())

    def as_json(self) -> Json:
        """The week as a record holds it."""
        return {
            "first": self.first,
            "last": self.last,
            "hash": self.hash,
            "lines": self.lines,
            "outcomes": dict(self.outcomes),
            "people": dict(self.people),
            "hour": self.hour.as_json() if self.hour else None,
        }

    @classmethod
    def from_json(cls, since: str, kept: Json) -> "Week":
        """The week that `as_json` wrote down."""
        hour = Hour.from_json(kept["hour"]) if kept["hour"] else None
        numbers = kept["first"], kept["last"], kept["hash"], kept["lines"]
        outcomes, people = Counter[str](kept["outcomes"]), Counter[str](kept["people"])
        return cls(since, *numbers, outcomes, people, hour, revision=kept["revision"])


class Weeks:
    """The weeks of a store's log."""

    def __init__(self, store: Store, unusual: Unusual, clock: Callable[[], datetime]) -> None:
        self._store, self._unusual, self._clock = store, unusual, clock

    def all(self) -> dict[str, Week]:
        """Every week in which there are lines, by its Monday, the oldest first. Raises `Damaged` at a damaged line."""
        weeks = {since: Week.from_json(since, kept) for since, kept in self._store.records(KIND)}
        after = max((week.last for week in weeks.values()), default=0)
        for line in self._store.log_lines(after):
            # A line whose clock was behind goes to the week that it tells: one that was signed off is to be so again.
            since = monday_of(california_date(moment(line["at"]))).isoformat()
            weeks.setdefault(since, Week(since)).add(line)
        return dict(sorted(weeks.items()))

    def ended(self, week: Week) -> bool:
        """Whether the week is over."""
        return week.ends_on < california_date(self._clock())

    def keep(self) -> None:
        """Keeps what came since, and what in it was unusual. Raises `Damaged`, `Unavailable`."""
        for week in self.all().values():
            if not week.changed:
                continue
            for found in week.unusual:
                with suppress(Conflict):  # somebody else keeps the same, or has looked at it
                    self._unusual.keep(found)
            with suppress(Conflict):  # somebody else has kept this much, or more
                self._store.put_record(KIND, week.since, week.as_json(), week.revision)


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())
