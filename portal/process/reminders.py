"""When somebody is reminded of a task that waits. A step declares it (`Step.remind_after`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from portal.process.document import Json
from portal.process.open_tasks import to_be_done_by, waits_since
from portal.process.step import Step

EVERY = timedelta(days=30)
"""After the last reminder that the step declares there is another one so often."""


@dataclass(frozen=True, slots=True)
class Days:
    """The days after `after`, up to and including `until`: California dates. Without `after`, all days until then."""

    after: date | None
    until: date

    def __contains__(self, day: date) -> bool:
        return (self.after is None or self.after < day) and day <= self.until

    def earlier(self, by: timedelta) -> "Days":
        """As many days, so much earlier."""
        return Days(self.after - by if self.after else None, self.until - by)


def is_reminded(step: Step, task: Json, days: Days) -> bool:
    """Whether a day on which one is reminded of this open task is among these."""
    if not step.remind_after:
        return False
    since, by = waits_since(task), to_be_done_by(task)
    return (by is not None and by + timedelta(days=1) in days) or any(
        since + wait in days for wait in waits(step.remind_after, days.until - since)
    )


def is_told_late(step: Step, task: Json, days: Days) -> bool:
    """Whether others are told on one of these days that this open task is late (`Step.if_late`)."""
    if step.if_late is None or not task.get("due_on"):
        return False
    due_on = date.fromisoformat(task["due_on"])
    return any(due_on + wait in days for wait in waits((step.if_late.days,), days.until - due_on))


def waits(remind_after: Iterable[int], up_to: timedelta) -> Iterable[timedelta]:
    """After how long a wait one is reminded (`Step.remind_after`), as far as these are no longer than `up_to`."""
    declared = [timedelta(days=each) for each in remind_after]
    yield from (wait for wait in declared if wait <= up_to)
    again = max(declared, default=up_to) + EVERY
    while again <= up_to:
        yield again
        again += EVERY


def due_on(steps: Iterable[Step], days: Days, earliest: date) -> list[Days]:
    """Since when tasks of these steps are due of which others are told on these days that they are late, not before
    `earliest`: none of the spans returned overlap.
    """
    return _spans(((step.if_late.days,) for step in steps if step.if_late), days, earliest)


def began_on(steps: Iterable[Step], days: Days, earliest: date) -> list[Days]:
    """Since when tasks of these steps wait of which one is reminded on these days, not before `earliest`: none of the
    spans returned overlap.
    """
    return _spans((step.remind_after for step in steps if step.remind_after), days, earliest)


def _spans(told_after: Iterable[tuple[int, ...]], days: Days, earliest: date) -> list[Days]:
    long_ago = max(days.until - earliest, timedelta())
    found = {wait for each in told_after for wait in waits(each, long_ago)}
    return _united(days.earlier(wait) for wait in found)


def _united(spans: Iterable[Days]) -> list[Days]:
    """These days, each once, in order."""
    united: list[Days] = []
    for span in sorted(spans, key=lambda each: (each.after or date.min, each.until)):
        last = united[-1] if united else None
        if last is not None and (span.after is None or span.after <= last.until):
            united[-1] = Days(last.after, max(last.until, span.until))
        else:
            united.append(span)
    return united
