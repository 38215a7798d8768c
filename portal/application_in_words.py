"""Where an application is, in a few words: who has it, since when, against which goal; what comes next, is missing, and
happened last.

All that is said of what steps recorded comes from the document as its reader may read it.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from portal.answers import EntryShown, entry_in_words
from portal.inbox_in_words import DueShown, GoalShown, due_shown, goal_shown, step_url
from portal.parts import Portal
from portal.process import explain
from portal.process.document import Json, is_read_in
from portal.process.explain import CriterionShown
from portal.process.step import Actor, Process
from portal.process.way import barred
from portal.words import date_in_words, moment_in_words


class OpenStep(NamedTuple):
    """A step for which somebody waits: who takes it, as a sentence names them; since when, its goal, why it is delayed,
    or the day by which it is asked for.

    `opens_on` is None once it can be taken. `own_url` leads the reader to it when it is theirs.
    """

    key: str
    title: str
    asks: str
    who: str
    titles: str
    since: date | None
    opens_on: date | None
    goal: GoalShown | None
    goal_on: date | None
    delay_reason: str
    own_url: str
    due: DueShown | None


class Coming(NamedTuple):
    """A step that comes next: what, and who takes it."""

    title: str
    who: str


class CriterionInWords(NamedTuple):
    """A criterion [2]: met or not, and by which steps it is or will be. Taken apart by place, as `criteria` does."""

    number: int
    words: str
    met: bool
    by: str


class InShort(NamedTuple):
    """The application in short. `just_opened` are the open steps that the reader's last step opened; `taken` are
    the newest entries by their step, as the reader may read them; `barred` the steps that will not come.
    """

    open_now: list[OpenStep]
    just_opened: list[OpenStep]
    to_come: list[OpenStep]
    taken: dict[str, Json]
    barred: set[str]
    next_steps: list[Coming]
    criteria: list[CriterionInWords]
    met: int
    latest: list[EntryShown]

    @property
    def own(self) -> list[OpenStep]:
        """The reader's own tasks."""
        return [step for step in self.open_now if step.own_url]


def in_short(portal: Portal, document: Json, shown: Json, actor: Actor, roles: tuple[str, ...]) -> InShort:
    """The application in short; `shown` is the document as this person may read it, `roles` are theirs for it."""
    process, today = portal.process_of(document), portal.today
    own = {step.key for step, _ in explain.own_tasks(process, document, actor, today)}
    steps = [
        _open_step(portal, process, step, document, own)
        for step in explain.open_steps_of(process, document, shown, portal.calendar)
    ]
    open_now = [step for step in steps if step.opens_on is None]
    taken = {entry["step"]: entry for entry in shown["history"]}
    keys = [step.key for step in open_now]
    out = barred(process, taken, keys)
    opened = _opened_since(document, actor)
    criteria = criteria_in_words(process, explain.criteria_of(process, document, roles))
    return InShort(
        open_now=open_now,
        just_opened=[step for step in open_now if step.key in opened],
        to_come=sorted((step for step in steps if step.opens_on), key=lambda step: step.opens_on or today),
        taken=taken,
        barred=out,
        next_steps=_next(process, shown["status"], keys, taken, out),
        criteria=criteria,
        met=sum(one.met for one in criteria),
        latest=[entry_in_words(process, entry) for entry in shown["history"][:-4:-1]],
    )


def _opened_since(document: Json, actor: Actor) -> set[str]:
    """The steps that have been open since this person's last step, and no longer."""
    own = [entry["at"] for entry in document["history"] if entry["actor"] == actor.email]
    return {task["step"] for task in document["open_tasks"] if own and task["since"] >= own[-1]}


def _open_step(portal: Portal, process: Process, found: explain.StepShown, document: Json, own: set[str]) -> OpenStep:
    due_on = found.step.due_on(document) if found.step.due_on else None
    step, today, calendar = found.step, portal.today, portal.calendar
    goal = found.progress if found.progress and found.progress.start else None
    roles = [process.role(role) for role in found.roles]
    return OpenStep(
        key=step.key,
        title=step.title,
        asks=step.asks,
        who=" or ".join(role.in_a_sentence for role in roles),
        titles=" or ".join(role.title for role in roles),
        since=found.open_since,
        opens_on=found.opens_on if found.opens_on and found.opens_on > today else None,
        goal=goal_shown(goal.goal.working_days, goal.used(today, calendar), goal.goal.at_least) if goal else None,
        goal_on=goal.goal_on if goal else None,
        delay_reason=found.delay_reason,
        own_url=step_url(document["id"], step) if step.key in own else "",
        due=due_shown(due_on, found.open_since or due_on, today) if due_on else None,
    )


def _next(
    process: Process, status: str, open_now: Sequence[str], taken: Collection[str], out: Collection[str]
) -> list[Coming]:
    """What opens once the open steps are taken; nothing when the document has come where the process leads."""
    if status in process.ended or status in process.arrived:
        return []
    steps = (process.step(key) for key in process.way.after(open_now, taken) if key not in out)
    return [Coming(step.title, process.role(step.role).in_a_sentence) for step in steps]


def criteria_in_words(process: Process, criteria: Sequence[CriterionShown]) -> list[CriterionInWords]:
    """Each criterion with the steps by which it is met, or will be."""
    found = []
    for one in criteria:
        if one.met:
            by = "; ".join(f"{process.step(entry['step']).title}, {_when(entry)}" for entry in one.entries)
        else:
            by = f"By: {'; '.join(process.step(key).title for key in one.criterion.by)}"
        found.append(CriterionInWords(one.criterion.number, one.criterion.words, one.met, by))
    return found


def _when(entry: Json) -> str:
    """When the step was taken; of one that was read in, what the sheet says."""
    if is_read_in(entry):
        on = explain.taken_on(entry)
        return f"{date_in_words(on)}, as read in" if on else "as read in"
    return moment_in_words(entry["at"])


class OnTheWay(NamedTuple):
    """A step of the way: `state` is `done`, `now`, `dated` or `to-come`; the words say by whom and when."""

    state: str
    title: str
    words: str
    goal: GoalShown | None = None
    url: str = ""


class Chapter(NamedTuple):
    """A chapter of the way, as `progress` has it (done, current, next), with its steps."""

    title: str
    state: str
    steps: list[OnTheWay]


def way_of(process: Process, shown: Json, short: InShort) -> list[Chapter]:
    """The whole way: what was done, what is open side by side, what is to come. Of what lies beside the way only what
    was done or is open.
    """
    taken = short.taken
    open_now = {step.key: step for step in short.open_now}
    dated = {step.key: step for step in short.to_come}
    arrived = shown["status"] in process.ended or shown["status"] in process.arrived
    ahead = set() if arrived else {*process.way.to_come({*open_now, *dated}, taken)} - short.barred
    by_chapter: dict[str, list[OnTheWay]] = {key: [] for key, _ in process.chapters}
    for step in process.steps:
        if found := open_now.get(step.key):
            since = f"{found.titles}, since {date_in_words(found.since)}"
            by_chapter[step.chapter].append(OnTheWay("now", step.title, since, found.goal, found.own_url))
        elif found := dated.get(step.key):
            when = f"{found.titles}, on {date_in_words(found.opens_on)}"
            by_chapter[step.chapter].append(OnTheWay("dated", step.title, when))
        elif entry := taken.get(step.key):
            by_chapter[step.chapter].append(_done(process, entry))
        elif step.key in ahead:
            by_chapter[step.chapter].append(OnTheWay("to-come", step.title, process.role(step.role).title))
    return [
        Chapter(title, _state(by_chapter[key]), by_chapter[key]) for key, title in process.chapters if by_chapter[key]
    ]


def _done(process: Process, entry: Json) -> OnTheWay:
    """The step as it was taken last."""
    step = process.step(entry["step"])
    who = "Read in" if is_read_in(entry) else f"{entry['actor_name']} {step.done_words(entry['answers'])}"
    return OnTheWay("done", step.title, f"{who}, {_day(entry)}")


def _day(entry: Json) -> str:
    on = explain.taken_on(entry)
    return date_in_words(on) if on else "on a day that is not on record"


def _state(steps: Sequence[OnTheWay]) -> str:
    states = {step.state for step in steps}
    if "now" in states:
        return "current"
    return "done" if states <= {"done", "dated"} else "next"
