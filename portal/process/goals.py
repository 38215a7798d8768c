"""Working days and California's calendar: what the goals of [4] are counted in.

A working day is a Monday to Friday that is not a California state holiday. The rules are those of state offices
since 2010; before that Lincoln's Birthday and Columbus Day were holidays too, and are not in this table. What
the rules cannot know (a day of mourning, a changed law) is laid over them by an override file.

Standard library only.
"""

import re
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

RULES_HOLD_FROM = 2010
"""The first year of which the table of holidays is the whole truth."""

CALIFORNIA = ZoneInfo("America/Los_Angeles")

MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
ONE_DAY = timedelta(days=1)


class HolidayFileError(ValueError):
    """A line of the override file cannot be understood; the message names the file and the line."""

    def __init__(self, path: Path, line: int, why: str) -> None:
        super().__init__(f"{path}, line {line}: {why}")
        self.path, self.line, self.why = path, line, why


def _fixed(month: int, day: int, saturday_closes_friday: bool = False) -> Callable[[int], date | None]:
    """A date of its own: a Sunday's moves to Monday, a Saturday's closes no office (or, where so said, the Friday)."""

    def observed(year: int) -> date | None:
        printed = date(year, month, day)
        if printed.weekday() == SUNDAY:
            return printed + ONE_DAY
        if printed.weekday() == SATURDAY:
            return printed - ONE_DAY if saturday_closes_friday else None
        return printed

    return observed


def _nth(month: int, weekday: int, number: int, days_after: int = 0) -> Callable[[int], date]:
    """The first, second, ... such weekday of a month, or so many days after it."""

    def observed(year: int) -> date:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1) + days_after)

    return observed


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=(last.weekday() - MONDAY) % 7)


_RULES: tuple[tuple[str, Callable[[int], date | None]], ...] = (
    ("New Year's Day", _fixed(1, 1)),
    ("Martin Luther King Jr. Day", _nth(1, MONDAY, 3)),
    ("Presidents' Day", _nth(2, MONDAY, 3)),
    ("Cesar Chavez Day", _fixed(3, 31)),
    ("Memorial Day", _last_monday_of_may),
    ("Independence Day", _fixed(7, 4)),
    ("Labor Day", _nth(9, MONDAY, 1)),
    ("Veterans Day", _fixed(11, 11, saturday_closes_friday=True)),
    ("Thanksgiving Day", _nth(11, THURSDAY, 4)),
    ("Day after Thanksgiving", _nth(11, THURSDAY, 4, days_after=1)),
    ("Christmas Day", _fixed(12, 25)),
)


def state_holidays(year: int) -> dict[date, str]:
    """The weekdays of this year on which California's state offices are closed by rule, with the holiday's name."""
    observed = ((rule(year), name) for name, rule in _RULES)
    return {day: name for day, name in observed if day is not None}


class WorkingDays:
    """The calendar of working days: the rules, with days `closed` and `opened` besides.

    A day in `opened` is a working day whatever else it is. Raises ValueError when a day is in both.
    """

    def __init__(self, closed: frozenset[date] = frozenset(), opened: frozenset[date] = frozenset()) -> None:
        if both := sorted(closed & opened):
            raise ValueError(f"{both[0].isoformat()} is given as closed and as open")
        self._closed, self._opened = closed, opened
        self._years: dict[int, tuple[int, ...]] = {}

    @classmethod
    def from_file(cls, path: Path) -> "WorkingDays":
        """The calendar that an override file makes: lines `2026-12-24 closed` or `2026-03-31 open`, `#` for comments.

        Raises `HolidayFileError` at the first line that is none of these; OSError when the file cannot be read.
        """
        given: dict[date, str] = {}
        for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
            words = line.partition("#")[0].split()
            if not words:
                continue
            day = _day(words[0])
            if len(words) != 2 or day is None or words[1] not in ("closed", "open"):
                raise HolidayFileError(
                    path, number, f"{line.strip()!r} is not a date with 'closed' or 'open', as in: 2026-12-24 closed"
                )
            if given.setdefault(day, words[1]) != words[1]:
                raise HolidayFileError(path, number, f"{words[0]} is {given[day]} by a line before")
        return cls(
            closed=frozenset(day for day, what in given.items() if what == "closed"),
            opened=frozenset(day for day, what in given.items() if what == "open"),
        )

    def holidays(self, year: int) -> dict[date, str]:
        """The days of this year that are closed, by rule or by override, in order, with their names."""
        days = state_holidays(year) | {day: "Closed by order" for day in self._closed if day.year == year}
        return {day: days[day] for day in sorted(days) if day not in self._opened}

    def is_working_day(self, day: date) -> bool:
        """Whether the offices work on this day."""
        worked = self._working_days_of(day.year)
        place = bisect_right(worked, day.toordinal())
        return place > 0 and worked[place - 1] == day.toordinal()

    def between(self, start: date, end: date) -> int:
        """How many working days lie after `start`, up to and including `end`; 0 when `end` is not after `start`."""
        if end <= start:
            return 0
        count = bisect_right(self._working_days_of(end.year), end.toordinal())
        count -= bisect_right(self._working_days_of(start.year), start.toordinal())
        return count + sum(len(self._working_days_of(year)) for year in range(start.year, end.year))

    def add(self, start: date, working_days: int) -> date:
        """The day on which this many working days after `start` have passed; `start` itself for 0.

        Raises ValueError for fewer than 0.
        """
        if working_days < 0:
            raise ValueError(f"working days are counted onward: {working_days} is less than 0")
        if working_days == 0:
            return start
        year = start.year
        place = bisect_right(self._working_days_of(year), start.toordinal()) + working_days - 1
        while place >= len(worked := self._working_days_of(year)):
            place -= len(worked)
            year += 1
        return date.fromordinal(worked[place])

    def _working_days_of(self, year: int) -> tuple[int, ...]:
        """The year's working days as ordinals, in order: worked out once, then looked up by halving."""
        known = self._years.get(year)
        if known is None:
            closed = self.holidays(year)
            days = (
                date.fromordinal(number)
                for number in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)
            )
            known = self._years[year] = tuple(
                day.toordinal()
                for day in days
                if day in self._opened or (day.weekday() < SATURDAY and day not in closed)
            )
        return known


def date_in_words(day: date) -> str:
    """`November 23, 2026`: a date as people write it."""
    return f"{day:%B} {day.day}, {day.year}"


def california_date(moment: datetime) -> date:
    """The date in California at this moment. Raises ValueError for a moment without a time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(CALIFORNIA).date()


@lru_cache(maxsize=8192)  # a page of the tracking sheet asks for a thousand, most of them several times
def california_day(at: str) -> date:
    """The date in California at a moment that `document.at_utc` wrote."""
    return california_date(datetime.fromisoformat(at))


def add_months(day: date, months: int) -> date:
    """The same day so many months on (or back, when negative); the month's last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _day(word: str) -> date | None:
    """The date that the word writes as 2026-12-24, or None: Python alone would take 20261224 and 2026-W52-4 too."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", word):
        return None
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None
