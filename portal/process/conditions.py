"""Conditions on a document, as data: when a step is open, when a clock stands still, when a criterion is met.

Each answers `since(document)`: the number of the newest history entry that made it hold, 0 when it holds and rests on
none, None when it does not hold; `steps`, on whose taking it rests; and `in_words`, for the published process.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from portal.process.document import last_entry, was_read_in


class Condition(Protocol):
    """Something that holds of a document or not."""

    def since(self, document: Mapping[str, Any]) -> int | None:
        """The number of the entry that made it hold; 0 if it rests on none; None if it does not hold."""

    @property
    def steps(self) -> Mapping[str, bool]:
        """The steps that must be taken for it to hold, all or some of them; whether a certain answer is asked of each.

        That a step was not taken, or what a function says, names none.
        """

    @property
    def in_words(self) -> str:
        """What it says, to follow "when": `the application is routed`."""


@dataclass(frozen=True, slots=True)
class Never:
    """Holds of no document."""

    in_words: str = "never"

    @property
    def steps(self) -> Mapping[str, bool]:
        """None."""
        return {}

    def since(self, document: Mapping[str, Any]) -> int | None:
        """None."""
        return None


@dataclass(frozen=True, slots=True)
class Taken:
    """The step was taken, and its newest entry has one of these values in this field."""

    step: str
    field: str = ""
    values: tuple[str | bool, ...] = ()
    words: str = ""

    def matches(self, entry: Mapping[str, Any]) -> bool:
        """Whether this entry is such a taking."""
        return entry["step"] == self.step and (not self.field or entry["answers"].get(self.field) in self.values)

    def since(self, document: Mapping[str, Any]) -> int | None:
        """The number of the step's newest entry, if its answer is one of the values."""
        entry = last_entry(document, self.step)
        if entry is None or not self.matches(entry):
            return None
        seq: int = entry["seq"]
        return seq

    @property
    def steps(self) -> Mapping[str, bool]:
        """The step."""
        return {self.step: bool(self.field)}

    @property
    def in_words(self) -> str:
        """`legal-opinion is taken (opinion: authorized)`, or the words given."""
        if self.words:
            return self.words
        return f"{self.step} is taken" + (
            f" ({self.field}: {' or '.join(map(str, self.values))})" if self.field else ""
        )


@dataclass(frozen=True, slots=True)
class Begun:
    """The step was taken at least once; taking it again opens nothing anew."""

    step: str
    words: str = ""

    def since(self, document: Mapping[str, Any]) -> int | None:
        """The number of the step's first entry."""
        return next((entry["seq"] for entry in document["history"] if entry["step"] == self.step), None)

    @property
    def steps(self) -> Mapping[str, bool]:
        """The step."""
        return {self.step: False}

    @property
    def in_words(self) -> str:
        """`send-invitation is taken`, or the words given."""
        return self.words or f"{self.step} is taken"


@dataclass(frozen=True, slots=True)
class Provided:
    """Holds while the other does, but does not open a step anew when it comes to hold again."""

    condition: Condition

    def since(self, document: Mapping[str, Any]) -> int | None:
        """0 while the condition holds."""
        return None if self.condition.since(document) is None else 0

    @property
    def steps(self) -> Mapping[str, bool]:
        """The condition's."""
        return self.condition.steps

    @property
    def in_words(self) -> str:
        """The condition's words."""
        return self.condition.in_words


@dataclass(frozen=True, slots=True)
class Not:
    """Holds while the other does not."""

    condition: Condition

    def since(self, document: Mapping[str, Any]) -> int | None:
        """0 while the condition does not hold."""
        return 0 if self.condition.since(document) is None else None

    @property
    def steps(self) -> Mapping[str, bool]:
        """None."""
        return {}

    @property
    def in_words(self) -> str:
        """`not: ...`."""
        return f"not yet: {self.condition.in_words}"


class _Several:
    """Conditions that are weighed together."""

    joint = ""

    def __init__(self, *conditions: Condition) -> None:
        self.conditions = conditions

    @property
    def steps(self) -> Mapping[str, bool]:
        """Those of all; a certain answer is asked of a step where each that names it asks for one."""
        found: dict[str, bool] = {}
        for condition in self.conditions:
            for step, certain in condition.steps.items():
                found[step] = certain and found.get(step, True)
        return found

    @property
    def in_words(self) -> str:
        """The conditions' words, joined."""
        return f" {self.joint} ".join(condition.in_words for condition in self.conditions)


class AllOf(_Several):
    """Holds while all do; since the newest of them."""

    joint = "and"

    def since(self, document: Mapping[str, Any]) -> int | None:
        """The newest of the conditions' entries, if all hold."""
        newest = 0
        for condition in self.conditions:
            since = condition.since(document)
            if since is None:
                return None
            newest = max(newest, since)
        return newest


class AnyOf(_Several):
    """Holds while any does; since the newest of those that do."""

    joint = "or"

    def since(self, document: Mapping[str, Any]) -> int | None:
        """The newest of the entries of those that hold."""
        found = [since for condition in self.conditions if (since := condition.since(document)) is not None]
        return max(found) if found else None


@dataclass(frozen=True, slots=True)
class Shown:
    """Holds while a function of the document says so; rests on no entry."""

    words: str
    function: Callable[[Mapping[str, Any]], bool]

    def since(self, document: Mapping[str, Any]) -> int | None:
        """0 while the function says so."""
        return 0 if self.function(document) else None

    @property
    def steps(self) -> Mapping[str, bool]:
        """None."""
        return {}

    @property
    def in_words(self) -> str:
        """The words given."""
        return self.words


@dataclass(frozen=True, slots=True)
class ReadIn:
    """Holds of a document that was read in, an agreement older than the portal; rests on no entry."""

    in_words: str = "the agreement is older than the portal and was read in"

    def since(self, document: Mapping[str, Any]) -> int | None:
        """0 when the document was read in."""
        return 0 if was_read_in(document) else None

    @property
    def steps(self) -> Mapping[str, bool]:
        """None."""
        return {}


@dataclass(frozen=True, slots=True)
class Earlier:
    """Since the newest entry of the one step before the other was taken; the newest of all when it was not."""

    taken: Taken
    than: Taken

    def since(self, document: Mapping[str, Any]) -> int | None:
        """The number of that entry."""
        other = self.than.since(document)
        before = [entry for entry in document["history"] if other is None or entry["seq"] < other]
        return self.taken.since({"history": before})

    @property
    def steps(self) -> Mapping[str, bool]:
        """The step that was taken."""
        return self.taken.steps

    @property
    def in_words(self) -> str:
        """The words of what was taken."""
        return self.taken.in_words


@dataclass(frozen=True, slots=True)
class Later:
    """Holds while the one came to hold after the other."""

    condition: Condition
    than: Condition

    def since(self, document: Mapping[str, Any]) -> int | None:
        """The number of the one's entry, if it is newer than the other's."""
        one, other = self.condition.since(document), self.than.since(document)
        return one if one is not None and one > (other or 0) else None

    @property
    def steps(self) -> Mapping[str, bool]:
        """The later condition's."""
        return self.condition.steps

    @property
    def in_words(self) -> str:
        """The later condition's words."""
        return self.condition.in_words
