"""What a document says, put together for whoever reads it: where it is, who has it now, each criterion, each step's
dates.
"""

from dataclasses import dataclass
from datetime import date

from portal.process.document import Json, entries, is_read_in, last_entry, section
from portal.process.errors import NotYourTurn
from portal.process.goals import WorkingDays, california_day
from portal.process.open_tasks import opening, waits_since
from portal.process.policy import may_read, turn
from portal.process.policy_table import APPLICATION
from portal.process.progress import Progress, delay_reason, progress
from portal.process.step import Actor, Criterion, Kind, Process, Step


@dataclass(frozen=True, slots=True)
class CriterionShown:
    """A criterion on one document: met or not, and by the newest of these entries."""

    criterion: Criterion
    met: bool
    entries: tuple[Json, ...]


def criteria_of(process: Process, document: Json, roles: tuple[str, ...] | None = None) -> list[CriterionShown]:
    """Each criterion, met or not, and by which steps [2]; with `roles`, as one who holds these may know it."""
    shown = []
    for criterion in process.criteria:
        met = criterion.met.since(document) is not None and _may_know(process, criterion, document, roles)
        by = tuple(entry for key in criterion.by if (entry := last_entry(document, key)) is not None)
        shown.append(CriterionShown(criterion, met, by))
    return shown


def _may_know(process: Process, criterion: Criterion, document: Json, roles: tuple[str, ...] | None) -> bool:
    return roles is None or may_read(process, roles, APPLICATION, f"criterion/{criterion.number}", document)


@dataclass(frozen=True, slots=True)
class StepShown:
    """How one step stands on a document: taken (how often, when last), open (since when, for whom), its goal, why it is
    delayed.
    """

    step: Step
    taken: int
    taken_on: date | None
    open_since: date | None
    opens_on: date | None
    roles: tuple[str, ...]
    progress: Progress | None
    delay_reason: str

    def days_used(self, today: date, calendar: WorkingDays) -> int | None:
        """Working days used of the goal; None for a step without a goal, or before its trigger."""
        if self.progress is None or self.progress.start is None:
            return None
        if not (self.taken or self.open_since or self.progress.stands_still_since):
            return None
        return self.progress.used(today, calendar)

    def days_over(self, today: date, calendar: WorkingDays) -> int:
        """Working days beyond the goal; 0 within it."""
        return (
            self.progress.over(today, calendar) if self.progress and self.days_used(today, calendar) is not None else 0
        )


def steps_of(process: Process, document: Json, shown: Json, calendar: WorkingDays) -> list[StepShown]:
    """Every step of the process as it stands on this document, in the table's order.

    `shown` is the document as the reader may read it: all but the goals is taken from there.
    """
    return [step_shown(process, step, document, shown, calendar) for step in process.steps]


def open_steps_of(process: Process, document: Json, shown: Json, calendar: WorkingDays) -> list[StepShown]:
    """As `steps_of`, of those alone for which somebody waits."""
    waiting = {task["step"] for task in document["open_tasks"]}
    return [step_shown(process, step, document, shown, calendar) for step in process.steps if step.key in waiting]


def step_shown(process: Process, step: Step, document: Json, shown: Json, calendar: WorkingDays) -> StepShown:
    """How this step stands on the document; `shown` as in `steps_of`."""
    taken = entries(shown, step.key)
    tasks = [task for task in shown.get("open_tasks", ()) if task["step"] == step.key]
    return StepShown(
        step=step,
        taken=len(taken),
        taken_on=taken_on(taken[-1]) if taken else None,
        open_since=waits_since(tasks[0]) if tasks else None,
        opens_on=date.fromisoformat(tasks[0]["opens_on"]) if tasks and tasks[0]["opens_on"] else None,
        roles=tuple(task["role"] for task in tasks),
        # What was read in was taken before the portal counted days.
        progress=None if taken and is_read_in(taken[-1]) else progress(step, document, calendar),
        delay_reason=delay_reason(process, step, shown),
    )


def taken_on(entry: Json) -> date | None:
    """The California date on which a step was taken; of one that was read in what the sheet says, if it does."""
    if is_read_in(entry):
        return date.fromisoformat(entry["read_in"]["on"]) if entry["read_in"]["on"] else None
    return california_day(entry["at"])


def also_possible(process: Process, document: Json, actor: Actor, today: date) -> list[Step]:
    """Steps that this person can take now though they stand in no inbox of theirs: withdraw, enter what came on paper,
    do it again.
    """
    waiting = {(task["step"], task["role"]) for task in document["open_tasks"]}
    possible = []
    for step in process.steps:
        found = opening(process, step, document)
        if found is None or (found.opens_on and found.opens_on > today):
            continue
        try:
            role = turn(process, step, actor, document).role
        except NotYourTurn:
            continue
        if (step.key, role) not in waiting:
            possible.append(step)
    return possible


def own_tasks(process: Process, document: Json, actor: Actor, today: date) -> list[tuple[Step, Json]]:
    """The document's open tasks that this person can take now, each with its step."""
    mine = []
    for task in document["open_tasks"]:
        step = process.step(task["step"])
        if task["opens_on"] and date.fromisoformat(task["opens_on"]) > today:
            continue
        try:
            role = turn(process, step, actor, document).role
        except NotYourTurn:
            continue
        if role == task["role"]:
            mine.append((step, task))
    return mine


def chapter_states(process: Process, document: Json) -> list[tuple[str, str, str]]:
    """Each chapter with a task or an entry on the way: key, title, and `done`, `now` or `to-come`."""
    # What nobody ever waits for, as a withdrawal, takes a document into no chapter.
    taken = (process.step(entry["step"]) for entry in document["history"])
    taken_in = {step.chapter for step in taken if step.waits_ever or step.starts}
    arrived = document.get("status") in process.arrived
    # A task that comes on its date begins no chapter before the document has come where it leads.
    open_in = {
        chapter
        for task in document["open_tasks"]
        if (chapter := process.step(task["step"]).chapter) in taken_in or arrived or not task["opens_on"]
    }
    furthest = max(
        (place for place, (key, _) in enumerate(process.chapters) if key in open_in or key in taken_in), default=0
    )
    states = []
    for place, (key, title) in enumerate(process.chapters):
        if not any(step.chapter == key and step.waits_ever for step in process.steps):
            continue
        state = (
            "now"
            if key in open_in and not (arrived and place < furthest)
            else "done"
            if key in taken_in or place < furthest
            else "to-come"
        )
        states.append((key, title, state))
    return states


def recorded(process: Process, document: Json) -> list[tuple[Step, Json]]:
    """What each section of the document records, in the table's order: the step and its answers."""
    return [(step, answers) for step in process.steps if (answers := section(document, step.key))]


def files_in(step: Step, answers: Json) -> list[Json]:
    """Every file that these answers name, in rows too."""
    files = []
    for field in step.fields:
        value = answers.get(field.name)
        if field.kind is Kind.FILE and value:
            files.append(value)
        elif field.kind is Kind.ENTRIES:
            names = [inner.name for inner in field.fields if inner.kind is Kind.FILE]
            files.extend(row[name] for row in value or [] for name in names if row.get(name))
    return files
