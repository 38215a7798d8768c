"""Words for dates, sizes and spans of working days, as filters for the templates."""

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask import Flask

CALIFORNIA = ZoneInfo("America/Los_Angeles")


@lru_cache(maxsize=4096)
def date_in_words(value: str | date | None) -> str:
    """`November 23, 2026` from an ISO date; what was given, if it is none."""
    if not value:
        return ""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return str(value)
    return f"{value:%B} {value.day}, {value.year}"


@lru_cache(maxsize=4096)  # a page says the same moment several times, and the next page again
def moment_in_words(value: str | datetime | None) -> str:
    """`November 23, 2026, 2:05 pm` on California's clock, from a moment in UTC."""
    if not value:
        return ""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    here = moment.astimezone(CALIFORNIA)
    return f"{date_in_words(here.date())}, {here.hour % 12 or 12}:{here:%M} {'am' if here.hour < 12 else 'pm'}"


def size_in_words(size: int) -> str:
    """`340 KB` or `2.1 MB` from a number of bytes."""
    if size < 1000:
        return f"{size} bytes"
    if size < 1_000_000:
        return f"{round(size / 1000)} KB"
    return f"{size / 1_000_000:.1f} MB"


def count(number: int, one: str, many: str = "") -> str:
    """`1 user`, `3 users`, `1,200 users`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


@lru_cache(maxsize=4096)
def goal_in_words(goal: int, used: int, at_least: int | None = None) -> str:
    """`Goal: 15 working days · 12 used`, or by how much the goal is passed [4]. `at_least`: `Goal: 30 to 45 ...`."""
    words = f"Goal: {at_least} to {count(goal, 'working day')}" if at_least else f"Goal: {count(goal, 'working day')}"
    if used > goal:
        return f"{words} · {count(used - goal, 'working day')} over the goal"
    return f"{words} · {used} used"


def goal_tone(goal: int, used: int) -> str:
    """How pressing a goal is, for its colour: `plain`, `waiting` in its last three days, `bad` once it is passed."""
    return "bad" if used > goal else "waiting" if used >= goal - 3 else "plain"


FILTERS = {
    function.__name__: function
    for function in (date_in_words, moment_in_words, size_in_words, count, goal_in_words, goal_tone)
}
"""The words by name, as templates know them."""


def init_app(app: Flask) -> None:
    """Gives the templates these words."""
    for function in FILTERS.values():
        app.add_template_filter(function)
