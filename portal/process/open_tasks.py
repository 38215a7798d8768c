"""Which steps are open on a document, since when, and which of them somebody waits for."""

from dataclasses import dataclass
from datetime import date

from portal.process.document import Json, last_entry, section
from portal.process.goals import WorkingDays
from portal.process.policy import roles_whose_turn
from portal.process.progress import progress
from portal.process.step import Process, Step


@dataclass(frozen=True, slots=True)
class Opening:
    """A step is open: since the history entry of this number (0: since the first), and not before `opens_on`."""

    step: Step
    since: int
    opens_on: date | None
    waiting: bool


def opening(process: Process, step: Step, document: Json) -> Opening | None:
    """How the step is open on this document, or None when it is not."""
    if not document.get("history") or document["status"] in process.ended:
        return None
    if step.closed_by.since(document) is not None:
        return None
    since = step.opens.since(document)
    if since is None:
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
        since = document["history"][max(found.since, 1) - 1]["at"]
        goal = progress(step, document, calendar)
        for role in roles_whose_turn(process, step, document):
            tasks.append(
                {
                    "step": step.key,
                    "role": role,
                    "waiting": True,
                    "since": since,
                    "since_seq": found.since,
                    "opens_on": found.opens_on.isoformat() if found.opens_on else None,
                    "goal_from": goal.start.isoformat() if goal and goal.start else None,
                    "goal_on": goal.goal_on.isoformat() if goal and goal.goal_on else None,
                    "goal_days": goal.goal.working_days if goal else None,
                }
            )
    return tasks
