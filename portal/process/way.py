"""The way that a process leads, read from its table of steps: which lie on it, what each rests on, what comes next.

Nothing here is declared a second time: a step lies on the way when somebody waits for it, when it comes no later than
the step with which the document has arrived, and when it is no detour.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.process.conditions import (
    AllOf,
    AnyOf,
    Begun,
    Condition,
    Earlier,
    Later,
    Never,
    Not,
    Provided,
    ReadIn,
    Taken,
)

if TYPE_CHECKING:
    from portal.process.step import Process, Step


@dataclass(frozen=True, slots=True)
class Way:
    """The keys of the steps on the way, in the table's order; for each those before it that it rests on."""

    rests_on: Mapping[str, frozenset[str]]

    def after(self, open_now: Collection[str], taken: Collection[str]) -> list[str]:
        """What opens next on a document on which these steps are open, once they are taken; `taken` are those that
        were.
        """
        there = {*open_now, *taken}
        return [
            step
            for step, before in self.rests_on.items()
            if step not in there and before <= there and not before.isdisjoint(open_now)
        ]

    def before(self, step: str) -> set[str]:
        """Everything on which the step rests, and on which that rests."""
        found = set(self.rests_on.get(step, ()))
        for one in tuple(found):
            found |= self.before(one)
        return found

    def to_come(self, open_now: Collection[str], taken: Collection[str]) -> list[str]:
        """What is neither open nor taken yet."""
        return [step for step in self.rests_on if step not in open_now and step not in taken]


def way_of(steps: Sequence["Step"], arrived: Collection[str]) -> Way:
    """The way of a process with these steps, to the first that brings a document to one of the statuses `arrived`."""
    place = {step.key: number for number, step in enumerate(steps)}
    opens = {step.key: step.opens.steps for step in steps}

    def is_detour(step: "Step") -> bool:
        """Whether a certain answer of an earlier step opens it, which it then opens again: a question, for one."""
        return any(
            certain and place[before] < place[step.key] and step.key in opens[before]
            for before, certain in opens[step.key].items()
        )

    on_it: list[str] = []
    for step in steps:
        if step.waits_ever and not is_detour(step):
            on_it.append(step.key)
        if {step.status, *(status for _, status in step.status_when)} & {*arrived}:
            break
    return Way({key: frozenset(one for one in opens[key] if one in on_it and place[one] < place[key]) for key in on_it})


def barred(process: "Process", taken: Mapping[str, Mapping[str, Any]], open_now: Collection[str]) -> set[str]:
    """The steps on the way that will not come because of an answer that was given: after a rejection nothing is signed.

    `taken` are the newest entries by their step. An answer that its reader may not read bars nothing, nor does one that
    is about to be given anew.
    """
    found: set[str] = set()
    for key, before in process.way.rests_on.items():
        if key in taken:
            continue  # it came
        if not before.isdisjoint(found) or _is_barred(process, process.step(key).opens, taken, open_now):
            found.add(key)
    return found


def _is_barred(
    process: "Process", condition: Condition, taken: Mapping[str, Mapping[str, Any]], open_now: Collection[str]
) -> bool:
    match condition:
        case AllOf():
            return any(_is_barred(process, one, taken, open_now) for one in condition.conditions)
        case AnyOf():
            on_it = [
                one for one in condition.conditions if one.steps and one.steps.keys() <= process.way.rests_on.keys()
            ]
            return bool(on_it) and all(_is_barred(process, one, taken, open_now) for one in on_it)
        case Provided():
            return _is_barred(process, condition.condition, taken, open_now)
        case Taken():
            entry = taken.get(condition.step) if condition.field else None
            if entry is None or condition.field not in entry["answers"] or condition.matches(entry):
                return False
            return not {condition.step, *process.way.before(condition.step)} & {*open_now}
        case _:
            return False


def opens_in_words(process: "Process", step: "Step") -> str:
    """When the step opens, to follow "when": `the Requestor sent the application`; nothing where nothing opens it."""
    return "" if isinstance(step.opens, Never) else _in_words(process, step.opens)


def _in_words(process: "Process", condition: Condition) -> str:
    """The condition in the words that the history has for steps."""
    match condition:
        case AnyOf() | AllOf():
            parts = [_in_words(process, one) for one in condition.conditions if not isinstance(one, ReadIn)]
            return f" {condition.joint} ".join(dict.fromkeys(parts))
        case Taken(words="") | Begun(words=""):
            step = process.step(condition.step)
            return f"{process.role(step.role).in_a_sentence} {step.done}"
        case Provided() | Later():
            return _in_words(process, condition.condition)
        case Earlier():
            return _in_words(process, condition.taken)
        case Not():
            return f"it is not so that {_in_words(process, condition.condition)}"
        case _:
            return condition.in_words
