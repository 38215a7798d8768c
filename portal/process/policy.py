"""Who may see and do what: pages, scopes, turns, the answers that are withheld, and who is told.

One table rules it, `Process.policy`; the functions here read it. The portal obeys them and nothing else, and `/policy`
publishes the same table [O8.2]. What no row names is denied.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.process.document import Json, entries, section, section_name
from portal.process.errors import MayNotGive, NotYourTurn, OutOfScope
from portal.process.policy_table import (
    ANYBODY,
    APPLICATION,
    ITSELF,
    LETTERS,
    LETTERS_SENT,
    NOTE,
    SIGNED_IN,
    Act,
    Row,
)
from portal.process.step import BY_ITSELF, Actor, Grant, Process, Step


@dataclass(frozen=True, slots=True)
class Turn:
    """In which role somebody takes a step; `on_behalf_of` names the role for which they enter it."""

    role: str
    on_behalf_of: str = ""


def rows_opening(processes: Iterable[Process], endpoint: str) -> tuple[Row, ...]:
    """The rows that open a page, of whichever process; none for a page that no table names."""
    return tuple(row for process in processes for row in process.policy.opening(endpoint))


def may_open(rows: Iterable[Row], actor: Actor | None) -> bool:
    """Whether these rows open their page to this person; `actor` is None for one who has not signed in."""
    for row in rows:
        if ANYBODY in row.roles:
            return True
        if actor is not None and (SIGNED_IN in row.roles or any(actor.holds(role) for role in row.roles)):
            return True
    return False


def may_give(process: Process, actor: Actor, grant: Grant) -> bool:
    """Whether the person may give this role, and take it back: within the scope of their own [1.5]."""
    giving = process.policy.giving(grant.role)
    return any(
        held.role in giving and all(grant.scope.get(name) == value for name, value in held.scope.items())
        for held in actor.grants
    )


def require_giving(process: Process, actor: Actor, email: str, grant: Grant) -> None:
    """Returns when the person may give this role to whoever has this address. Raises `MayNotGive`.

    Nobody gives a role to themselves, whichever roles they hold.
    """
    title = process.role(grant.role).title
    if email.strip().casefold() == actor.email.casefold():
        raise MayNotGive(grant.role, f"Nobody gives a role to themselves. Ask somebody else who may name the {title}.")
    if not may_give(process, actor, grant):
        raise MayNotGive(grant.role, f"Your roles do not let you name the {title} here.")


def holds_role(process: Process, actor: Actor, role_key: str, document: Mapping[str, Any]) -> bool:
    """Whether the person holds the role for this document: every value of the role's scope is the grant's."""
    for grant in actor.grants:
        if grant.role == role_key:
            scope = process.role(role_key).scope
            if all(grant.scope.get(name) == document.get(name) for name in scope):
                return True
    return False


def roles_for(process: Process, actor: Actor, document: Mapping[str, Any]) -> tuple[str, ...]:
    """Every role that the person holds for this document."""
    return tuple(role.key for role in process.roles if holds_role(process, actor, role.key, document))


def may_see(process: Process, actor: Actor, document: Mapping[str, Any]) -> bool:
    """Whether the document is the person's to know of."""
    return any(role in process.policy.seeing for role in roles_for(process, actor, document))


def require_sight(process: Process, actor: Actor, document: Mapping[str, Any]) -> None:
    """Returns when the person may know of the document. Raises `OutOfScope`."""
    if actor is not BY_ITSELF and not may_see(process, actor, document):
        raise OutOfScope(document["id"], actor.email)


def turn(process: Process, step: Step, actor: Actor, document: Mapping[str, Any]) -> Turn:
    """The role in which this person takes this step. Raises `NotYourTurn`, which says whose turn it is.

    Nobody takes a step that checks one which they took themselves on the same document, be it before a colleague
    took it again, nor one that reviews their own organization [1.5].
    """
    if actor is BY_ITSELF and process.policy.takes_itself(step.key):
        return Turn(step.role)
    found = _turn(process, step, actor, document)
    title = process.role(step.role).title if step.role else ""
    if found is None:
        why = f"“{step.title}” is for the {title}." if title else f"“{step.title}” is given to nobody."
        raise NotYourTurn(document.get("id", ""), step.key, step.role, why)
    if document:
        _require_separation(process, step, actor, document, title)
    return found


def _require_separation(process: Process, step: Step, actor: Actor, document: Mapping[str, Any], title: str) -> None:
    for separation in process.policy.separations_of(step.key):
        for checked in separation.not_after:
            if any(entry["actor"].casefold() == actor.email.casefold() for entry in entries(document, checked)):
                took = process.step(checked).title
                why = f"You took “{took}” yourself. Somebody else who holds the role of {title} has to take this step."
                raise NotYourTurn(document["id"], step.key, step.role, why)
        if any(holds_role(process, actor, role, document) for role in separation.not_by):
            why = "You belong to the organization that applies. Somebody else who holds the role has to take this step."
            raise NotYourTurn(document["id"], step.key, step.role, why)


def _turn(process: Process, step: Step, actor: Actor, document: Mapping[str, Any]) -> Turn | None:
    for row in process.policy.taking(step.key):
        if not row.holds(document, {}):
            continue
        for role in row.roles:
            if role == ITSELF:
                continue
            held = holds_role(process, actor, role, document) if document else actor.holds(role)
            if held:
                return Turn(role, step.role if row.act is Act.ENTER else "")
    return None


def roles_whose_turn(process: Process, step: Step, document: Mapping[str, Any]) -> list[str]:
    """The roles that wait for the step on this document: its own, and those to whom it was given on it."""
    rows = process.policy.of(Act.TAKE, step.key)
    given = (role for row in rows if row.holds(document, {}) for role in row.roles)
    return [role for role in dict.fromkeys(given) if role in process.policy.seeing]


def may_read(process: Process, roles: tuple[str, ...], part: str, name: str, document: Mapping[str, Any]) -> bool:
    """Whether one who holds these roles for the document may read this of a part that is no step's answers."""
    return name in process.policy.shown(roles, part, document, {})


def readable(process: Process, document: Json, actor: Actor) -> Json:
    """The document less what this person may not see: a copy. What is withheld is not in it at all [O8.2].

    Raises `OutOfScope` when the document is not theirs to know of.
    """
    roles = roles_for(process, actor, document)
    if actor is not BY_ITSELF and process.policy.seeing.isdisjoint(roles):
        raise OutOfScope(document["id"], actor.email)
    return readable_to(process, document, roles)


def quotable(process: Process, document: Json) -> Json:
    """The document less what no letter may quote."""
    return readable_to(process, document, (LETTERS,))


def published(process: Process, document: Json, step_key: str) -> Json:
    """What anybody may read of a step's record, signed in or not: for the Matrix [5.2]."""
    return readable_answers(process, (ANYBODY,), step_key, section(document, step_key), document)


def readable_to(process: Process, document: Json, roles: tuple[str, ...]) -> Json:
    """The document as one reads it who holds these roles for it."""
    heads = process.policy.shown(roles, APPLICATION, document, {})
    shown: Json = {key: value for key, value in document.items() if key in heads}
    shown["history"] = _readable_history(process, roles, document) if "history" in heads else []
    if "open_tasks" in shown:
        shown["open_tasks"] = [
            {name: value for name, value in task.items() if name not in _FOR_INBOXES} for task in shown["open_tasks"]
        ]
    for step in process.steps:
        name = section_name(step.key)
        if name in document:
            shown[name] = readable_answers(process, roles, step.key, document[name], document)
    return shown


def readable_answers(
    process: Process, roles: tuple[str, ...], step_key: str, answers: Json, document: Mapping[str, Any]
) -> Json:
    """A step's answers less those that one who holds these roles for the document may not read."""
    names = process.policy.shown(roles, step_key, document, answers)
    return {name: value for name, value in answers.items() if name in names}


def _readable_history(process: Process, roles: tuple[str, ...], document: Json) -> list[Json]:
    """Every entry, with what the roles may read of it. The hashes end where something is withheld.

    From the hash of an entry that is shown in part, and from every hash after it, what is withheld could be guessed
    and the guess be proved: they are withheld with it.
    """
    shown, whole = [], True
    for entry in document["history"]:
        answers, all_names = entry["answers"], process.policy.names_in(entry["step"])
        names = process.policy.shown(roles, entry["step"], document, answers)
        one: Json = {name: entry[name] for name in _ENTRY if name in entry}
        one["answers"] = {name: value for name, value in answers.items() if name in names}
        one["note"] = entry["note"] if NOTE in names else ""
        if LETTERS_SENT in entry and LETTERS_SENT in names:
            one[LETTERS_SENT] = entry[LETTERS_SENT]
        one["previous"] = entry["previous"] if whole else None
        whole = whole and all_names <= names and answers.keys() <= names
        one["hash"] = entry["hash"] if whole else None
        shown.append(one)
    return shown


_FOR_INBOXES = ("delayed", "delay", "not_for")
"""What open tasks say for inboxes alone: whether a reason for delay was given tells of answers that are withheld."""

_ENTRY = ("seq", "step", "role", "on_behalf_of", "actor", "actor_name", "at", "read_in")
"""What stands in an entry beside what was recorded and the hashes."""


def told_as(process: Process, step_key: str, who: str, task: str = "") -> tuple[str, ...]:
    """The roles as which those whom `role:...`, `person:...` or `actor:...` names read a mail about this step.

    None when the table does not let them be told. Whoever's turn the `task` is that the step opened is told so.
    """
    roles = [role for row in process.policy.of(Act.BE_TOLD, step_key) if who in row.names for role in row.roles]
    turns = [role for row in process.policy.of(Act.TAKE, task) for role in row.roles if who == f"role:{role}"]
    return tuple(dict.fromkeys([*roles, *turns]))
