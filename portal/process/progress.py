"""How a step stands against its goal: working days used, clocks that stand still, and why it is delayed [4]."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.process.document import Json, last_entry
from portal.process.goals import WorkingDays, california_day
from portal.process.step import Goal, Process, Step


@dataclass(frozen=True, slots=True)
class Progress:
    """A goal on one document. `start` and `goal_on` are California dates; None while the goal's trigger has not
    happened.

    `paused` are the working days for which the clock stood still; `stands_still` while it does so now.
    """

    goal: Goal
    start: date | None
    goal_on: date | None
    paused: int
    stands_still_since: date | None
    taken_on: date | None

    @property
    def until(self) -> date | None:
        """The day on which the clock stopped, for good or for now; None while it runs."""
        return self.taken_on or self.stands_still_since

    def used(self, today: date, calendar: WorkingDays) -> int:
        """Working days from the trigger to the day on which the step was taken (or today), less those that stood
        still.
        """
        if self.start is None:
            return 0
        return max(0, calendar.between(self.start, self.until or today) - self.paused)

    def over(self, today: date, calendar: WorkingDays) -> int:
        """Working days beyond the goal; 0 within it."""
        return max(0, self.used(today, calendar) - self.goal.working_days)


def progress(step: Step, document: Json, calendar: WorkingDays) -> Progress | None:
    """How the step stands against its goal on this document; None when it has no goal."""
    goal = step.goal
    if goal is None:
        return None
    begun = goal.after.since(document)
    if begun is None:
        return Progress(goal, None, None, 0, None, None)
    start = _on(document["history"][begun - 1])
    if goal.starts_on is not None:
        start = goal.starts_on(document, start)
    paused, since = _pauses(goal, document, calendar, begun)
    taken = last_entry(document, step.key)
    done = taken is not None and taken["seq"] > begun and not (goal.paused_by and goal.paused_by.matches(taken))
    return Progress(
        goal=goal,
        start=start,
        goal_on=None if since else calendar.add(start, goal.working_days + paused),
        paused=paused,
        stands_still_since=since,
        taken_on=_on(taken) if done and taken else None,
    )


def _on(entry: Json) -> date:
    return california_day(entry["at"])


def _pauses(goal: Goal, document: Json, calendar: WorkingDays, begun: int) -> tuple[int, date | None]:
    """Working days that the clock stood still since entry `begun`, and since when it stands still now."""
    if goal.paused_by is None:
        return 0, None
    days, since = 0, None
    for entry in document["history"][begun:]:
        if goal.paused_by.matches(entry):
            since = since or _on(entry)
        elif entry["step"] == goal.resumed_by and since is not None:
            resumed = _on(entry)
            if goal.resumed_on is not None:
                resumed = goal.resumed_on(entry["answers"], resumed)
            days += calendar.between(since, resumed)
            since = None
    return days, since


def delay_reason(process: Process, step: Step, document: Mapping[str, Any]) -> str:
    """The reason last given for this step's delay, in words [4]; nothing when none was given since it was last
    taken.
    """
    delay = delay_on_record(process, step, document)
    return "" if delay is None else delay_in_words(process, *delay)


def delay_in_words(process: Process, recorded_by: str, reason: str) -> str:
    """A reason for delay, as the step that records it words it."""
    return process.step(recorded_by).field("delay_reason").choice_label(reason)


def delay_on_record(process: Process, step: Step, document: Mapping[str, Any]) -> tuple[str, str] | None:
    """The step that last recorded a reason for this step's delay, and the reason's value; None when none was given
    since this step was last taken.
    """
    if not process.may_be_delayed(step.key):
        return None
    taken = last_entry(document, step.key)
    found = None
    for entry in document["history"]:
        reasons = process.step(entry["step"])
        if reasons.delays == step.key and entry["answers"].get("delay_reason"):
            found = entry
    if found is None or (taken is not None and taken["seq"] > found["seq"]):
        return None
    return found["step"], found["answers"]["delay_reason"]
