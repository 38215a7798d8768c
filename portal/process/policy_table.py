"""The policy as data: rows that say which role may do what, on which part, for which purpose [O8.2].

A process brings one table of these rows. `policy.py` reads it, the portal obeys it, `/policy` publishes it. What no row
names is nobody's: a page that no row opens is shut, a step that no row gives is taken by nobody, an answer that no row
shows is read by nobody, and a mail that no row allows is not sent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.process.conditions import Condition
    from portal.process.step import When

ANYBODY = "anybody"
"""In a row's roles: everybody, signed in or not."""

SIGNED_IN = "signed-in"
"""In a row's roles: whoever has signed in, whatever their roles."""

ITSELF = "itself"
"""In a row's roles: the portal, on a step's date."""

LETTERS = "letters"
"""In a row's roles: what a letter may quote, whoever gets it."""

APPLICATION = "application"
"""The part that is the document without its steps: its head, its history, its open tasks."""

GIVEN = "roles"
"""The part that is the roles which are given to people."""

NOTE, LETTERS_SENT = "note", "letters"
"""Parts of a step beside its answers."""


class Act(StrEnum):
    """What a row allows."""

    OPEN = "open"  # a page: its endpoints are the row's names
    SEE = "see"  # know of a document at all, within the role's scope
    TAKE = "take"  # a step
    ENTER = "enter"  # a step, for its own role, when it came on paper
    READ = "read"  # what a step recorded, or a part of the application: the row's names
    GIVE = "give"  # a role to somebody else, within one's own scope, and take it back
    BE_TOLD = "be told"  # by mail, of a step: the row's names say who, the roles as whom they read


@dataclass(frozen=True, slots=True)
class Row:
    """One row: these roles may do this on this part, for this purpose, which comes from this section of the process.

    `part` is a page, `application`, a step's key, or `roles`; `names` are the page's endpoints, the answers, those who
    are told, or the roles that are given. `provided` limits the row to documents of which that holds, `when` to answers
    that are such. `title` is a page's, in words.
    """

    roles: tuple[str, ...]
    act: Act
    part: str
    purpose: str
    section: str = ""
    names: tuple[str, ...] = ()
    title: str = ""
    provided: "Condition | None" = None
    when: "When | None" = None

    def holds(self, document: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
        """Whether the row's conditions hold of this document and these answers."""
        return (self.when is None or self.when.holds(answers)) and (
            self.provided is None or (bool(document) and self.provided.since(document) is not None)
        )


@dataclass(frozen=True, slots=True)
class Separation:
    """Who may not take a step whatever role they hold: whoever took one of `not_after` on the same document, and
    whoever holds one of `not_by` for it [1.5].
    """

    step: str
    purpose: str
    section: str = ""
    not_after: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Policy:
    """The table. Its questions are answered from indexes that are made once."""

    rows: tuple[Row, ...] = ()
    separations: tuple[Separation, ...] = ()

    def of(self, act: Act, part: str) -> tuple[Row, ...]:
        """The rows for this act on this part, in the table's order."""
        return self._by_act_and_part.get((act, part), ())

    def opening(self, endpoint: str) -> tuple[Row, ...]:
        """The rows that open this endpoint."""
        return self._by_endpoint.get(endpoint, ())

    def taking(self, step_key: str) -> tuple[Row, ...]:
        """The rows that give this step, its own role's first."""
        return (*self.of(Act.TAKE, step_key), *self.of(Act.ENTER, step_key))

    def whose(self, step_key: str) -> str:
        """The role whose step it is; nobody's when no row gives it."""
        return next((role for row in self.of(Act.TAKE, step_key) for role in row.roles if role != ITSELF), "")

    def takers(self, step_key: str) -> frozenset[str]:
        """The roles that take this step, on some document at some time."""
        return frozenset(role for row in self.of(Act.TAKE, step_key) for role in row.roles if role != ITSELF)

    def takes_itself(self, step_key: str) -> bool:
        """Whether the portal takes the step by itself."""
        return any(ITSELF in row.roles for row in self.of(Act.TAKE, step_key))

    def giving(self, role_key: str) -> tuple[str, ...]:
        """The roles that give this role; none when no row does."""
        return tuple(role for row in self.of(Act.GIVE, GIVEN) if role_key in row.names for role in row.roles)

    def separations_of(self, step_key: str) -> tuple[Separation, ...]:
        """Who may not take this step."""
        return self._by_step.get(step_key, ())

    @cached_property
    def seeing(self) -> frozenset[str]:
        """The roles that may know of a document."""
        return frozenset(role for row in self.of(Act.SEE, APPLICATION) for role in row.roles)

    def names_in(self, part: str) -> frozenset[str]:
        """Everything that some row shows of a part to somebody."""
        return _names_in(self, part)

    def shown(
        self, roles: tuple[str, ...], part: str, document: Mapping[str, Any], answers: Mapping[str, Any]
    ) -> frozenset[str]:
        """What one who holds these roles may read of a part of this document, when the part's answers are these."""
        always, sometimes = _reading(self, roles, part)
        if not sometimes:
            return always
        return always.union(name for row in sometimes if row.holds(document, answers) for name in row.names)

    def always_shown(self, role: str, part: str) -> frozenset[str]:
        """What this role may read of a part of every document that it sees, whatever stands in it."""
        return _reading(self, (role,), part)[0]

    def ever_shown(self, role: str, part: str) -> frozenset[str]:
        """What this role may read of a part, of some document at some time."""
        always, sometimes = _reading(self, (role,), part)
        return always.union(name for row in sometimes for name in row.names)

    def is_for_some_only(self, step_key: str) -> bool:
        """Whether there is one who sees the document and may never read the note of this step."""
        readers = {role for row in self.of(Act.READ, step_key) if NOTE in row.names for role in row.roles}
        return not self.seeing <= readers

    @cached_property
    def _by_act_and_part(self) -> Mapping[tuple[Act, str], tuple[Row, ...]]:
        return _grouped(((row.act, row.part), row) for row in self.rows)

    @cached_property
    def _by_step(self) -> Mapping[str, tuple[Separation, ...]]:
        return _grouped((one.step, one) for one in self.separations)

    @cached_property
    def _by_endpoint(self) -> Mapping[str, tuple[Row, ...]]:
        return _grouped((name, row) for row in self.rows if row.act is Act.OPEN for name in row.names)


@lru_cache(maxsize=4096)
def _reading(policy: Policy, roles: tuple[str, ...], part: str) -> tuple[frozenset[str], tuple[Row, ...]]:
    """What these roles read of a part whatever it says, and the rows that depend on that."""
    mine = [row for row in policy.of(Act.READ, part) if not set(roles).isdisjoint(row.roles)]
    sometimes = tuple(row for row in mine if row.when or row.provided)
    return frozenset(name for row in mine if row not in sometimes for name in row.names), sometimes


@lru_cache(maxsize=1024)
def _names_in(policy: Policy, part: str) -> frozenset[str]:
    return frozenset(name for row in policy.of(Act.READ, part) for name in row.names)


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, tuple[Any, ...]]:
    found: dict[Any, tuple[Any, ...]] = {}
    for key, row in pairs:
        found[key] = (*found.get(key, ()), row)
    return found
