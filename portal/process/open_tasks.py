"""Which steps are open on a document, since when, and which of them somebody waits for.

An entry of `open_tasks` says all that an inbox shows of it, so that a page of an inbox opens no document.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.process.conditions import AllOf, AnyOf, Condition, Provided
from portal.process.document import Json, entries, is_read_in, last_entry, section
from portal.process.goals import WorkingDays, california_day
from portal.process.policy import holds_role, roles_for, roles_whose_turn
from portal.process.policy_table import Act
from portal.process.progress import delay_in_words, delay_on_record, progress
from portal.process.step import Actor, Process, Step


@dataclass(frozen=True, slots=True)
class Opening:
    """A step is open: since the history entry of this number (0: since the first), and not before `opens_on`."""

    step: Step
    since: int
    opens_on: date | None
    waiting: bool


def opening(process: Process, step: Step, document: Json) -> Opening | None:
    """How the step is open on this document, or None when it is not."""
    if not document.get("history") or (document["status"] in process.ended and not step.after_end):
        return None
    if step.closed_by.since(document) is not None:
        return None
    since = step.opens.since(document)
    if since is None or (step.key in process.behind and is_read_in(document["history"][max(since, 1) - 1])):
        return None
    taken = last_entry(document, step.key)
    if taken is not None and since <= taken["seq"]:
        if step.repeats.since(document) is None:
            return None
        since = taken["seq"]
    waiting = step.waits is None or step.waits.since(document) is not None
    return Opening(step, since, _opens_on(step, document), waiting)


def _opens_on(step: Step, document: Json) -> date | None:
    if step.opens_on is None:
        return None
    if callable(step.opens_on):
        return step.opens_on(document)
    value = section(document, step.opens_on[0]).get(step.opens_on[1])
    return date.fromisoformat(value) if value else None


def open_tasks(process: Process, document: Json, calendar: WorkingDays) -> list[Json]:
    """The document's `open_tasks`: one for each step that somebody waits for and each role that may take it, in the
    table's order.
    """
    tasks = []
    for step in process.steps:
        found = opening(process, step, document)
        if found is None or not found.waiting:
            continue
        delay = delay_on_record(process, step, document)
        came_with = _came_with(found, document)
        about = {
            "waiting": True,
            "since": came_with["at"],
            "since_seq": found.since,
            "opens_on": _iso(found.opens_on),
            **_goal(step, document, calendar),
            "due_on": _iso(step.due_on(document)) if step.due_on else None,
            "delayed": delay is not None,
            "delay": {"step": delay[0], "reason": delay[1]} if delay else None,
            "not_for": _not_for(process, step, document),
            "opened_by": _opened_by(found, came_with),
        }
        for role in roles_whose_turn(process, step, document):
            tasks.append({"step": step.key, "role": role, **about})
    return tasks


def _goal(step: Step, document: Json, calendar: WorkingDays) -> Json:
    goal = progress(step, document, calendar)
    return {
        "goal_from": _iso(goal.start) if goal else None,
        "goal_on": _iso(goal.goal_on) if goal else None,
        "goal_days": goal.goal.working_days if goal else None,
        "goal_paused": goal.paused if goal else 0,
        "goal_until": _iso(goal.until) if goal else None,
    }


def _not_for(process: Process, step: Step, document: Json) -> list[str]:
    """Who took a step that this one checks, and so may not take it."""
    checked = [key for one in process.policy.separations_of(step.key) for key in one.not_after]
    return sorted({entry["actor"].casefold() for key in checked for entry in entries(document, key)})


def _came_with(opening: Opening, document: Json) -> Json:
    """The entry with which the task came to whoever takes it: the last of those but for which it would not be open. So
    a task that waits for two steps waits since the later of them; one that somebody asked for, since they did.
    """
    waits = opening.step.waits
    asked = _last_needed(waits, document) if waits else None
    last = max(opening.since, _last_needed(opening.step.opens, document) or 0, asked or 0, 1)
    entry: Json = document["history"][last - 1]
    return entry


def _last_needed(condition: Condition, document: Json) -> int | None:
    """As `condition.since`, and what is only provided counts too."""
    match condition:
        case Provided():
            return _last_needed(condition.condition, document)
        case AllOf():
            parts = [_last_needed(one, document) for one in condition.conditions]
            return None if None in parts else max((part for part in parts if part is not None), default=0)
        case AnyOf():
            return max(
                (one for part in condition.conditions if (one := _last_needed(part, document)) is not None),
                default=None,
            )
        case _:
            return condition.since(document)


def _opened_by(opening: Opening, came_with: Json) -> Json | None:
    """Who took the step that opened the task, and in which role; None when it rests on none, when it was read in, or
    when it is to be taken again.
    """
    if not opening.since or is_read_in(came_with) or came_with["step"] == opening.step.key:
        return None
    return {"role": came_with["role"], "name": came_with["actor_name"]}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def has_come(task: Mapping[str, Any], today: date) -> bool:
    """Whether the open task can be taken on this day, and not only later."""
    return not task["opens_on"] or date.fromisoformat(task["opens_on"]) <= today


def waits_since(task: Json) -> date:
    """The California date since when somebody waits for the open task: that on which it opened, if it has one."""
    since = california_day(task["since"])
    return max(since, date.fromisoformat(task["opens_on"])) if task["opens_on"] else since


def to_be_done_by(task: Mapping[str, Any]) -> date | None:
    """The California date of the open task's goal [4], or that by which it is asked for; None when it has neither."""
    day = task["goal_on"] or task.get("due_on")  # which tasks written before there were such days do not have
    return date.fromisoformat(day) if day else None


def days_used(task: Json, today: date, calendar: WorkingDays) -> int:
    """Working days used of the task's goal, as `Progress.used` counts them; 0 without a goal, or before its trigger."""
    if task["goal_from"] is None:
        return 0
    until = date.fromisoformat(task["goal_until"]) if task["goal_until"] else today
    paused: int = task["goal_paused"]
    return max(0, calendar.between(date.fromisoformat(task["goal_from"]), until) - paused)


def may_take(process: Process, task: Json, actor: Actor, about: Mapping[str, Any]) -> bool:
    """Whether this person may take the open task, going by its entry and what the document is `about` (its header)
    alone; `policy.turn` says the same of the whole document.
    """
    step, role = task["step"], task["role"]
    return (
        actor.email.casefold() not in task["not_for"]
        and any(role in row.roles for row in process.policy.of(Act.TAKE, step))
        and holds_role(process, actor, role, about)
        and not any(
            holds_role(process, actor, barred, about)
            for one in process.policy.separations_of(step)
            for barred in one.not_by
        )
    )


def delay_told(process: Process, task: Json, actor: Actor, about: Mapping[str, Any]) -> str | None:
    """The reason for the task's delay in words, nothing when there is none, going by its entry and what the document is
    `about` alone. None when these do not say whether this person may read it, or what it is: the document then does.
    """
    if not task["delayed"]:
        return ""
    delay = task.get("delay")
    if delay is None:
        return None
    roles = roles_for(process, actor, about)
    if not any("delay_reason" in process.policy.always_shown(role, delay["step"]) for role in roles):
        return None
    return delay_in_words(process, delay["step"], delay["reason"])
