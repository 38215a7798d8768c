"""Who may see and do what: roles, scopes, turns, and the fields that are withheld.

One table rules it: the process's roles and steps. The functions here read it; the portal obeys them and nothing else,
and the published policy is drawn from the same table [O8.2].
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.process.document import Json, entries, section_name
from portal.process.errors import NotYourTurn, OutOfScope
from portal.process.step import BY_ITSELF, Actor, Field, Process, Step


@dataclass(frozen=True, slots=True)
class Turn:
    """In which role somebody takes a step; `on_behalf_of` names the role for which they enter it."""

    role: str
    on_behalf_of: str = ""


def holds_role(process: Process, actor: Actor, role_key: str, document: Mapping[str, Any]) -> bool:
    """Whether the person holds the role for this document: every value of the role's scope is the grant's."""
    scope = process.role(role_key).scope
    return any(
        grant.role == role_key and all(grant.scope.get(name) == document.get(name) for name in scope)
        for grant in actor.grants
    )


def roles_for(process: Process, actor: Actor, document: Mapping[str, Any]) -> tuple[str, ...]:
    """Every role that the person holds for this document."""
    return tuple(role.key for role in process.roles if holds_role(process, actor, role.key, document))


def may_see(process: Process, actor: Actor, document: Mapping[str, Any]) -> bool:
    """Whether the document is the person's to know of."""
    return any(process.role(role).sees_documents for role in roles_for(process, actor, document))


def require_sight(process: Process, actor: Actor, document: Mapping[str, Any]) -> None:
    """Returns when the person may know of the document. Raises `OutOfScope`."""
    if actor is not BY_ITSELF and not may_see(process, actor, document):
        raise OutOfScope(document["id"], actor.email)


def turn(process: Process, step: Step, actor: Actor, document: Mapping[str, Any]) -> Turn:
    """The role in which this person takes this step. Raises `NotYourTurn`, which says whose turn it is.

    Nobody takes a step that checks one which they took themselves on the same document, be it before a colleague
    took it again, nor one that reviews their own organization [1.5].
    """
    if actor is BY_ITSELF and step.by_itself:
        return Turn(step.role)
    found = _turn(process, step, actor, document)
    title = process.role(step.role).title
    if found is None:
        raise NotYourTurn(document.get("id", ""), step.key, step.role, f"“{step.title}” is for the {title}.")
    for checked in step.checks if document else ():
        if any(entry["actor"] == actor.email for entry in entries(document, checked)):
            took = process.step(checked).title
            why = f"You took “{took}” yourself. Somebody else who holds the role of {title} has to take this step."
            raise NotYourTurn(document["id"], step.key, step.role, why)
    if document and any(holds_role(process, actor, role, document) for role in step.not_by):
        why = "You belong to the organization that applies. Somebody else who holds the role has to take this step."
        raise NotYourTurn(document["id"], step.key, step.role, why)
    return found


def _turn(process: Process, step: Step, actor: Actor, document: Mapping[str, Any]) -> Turn | None:
    def held(role: str) -> bool:
        return holds_role(process, actor, role, document) if document else actor.holds(role)

    if held(step.role):
        return Turn(step.role)
    for also in step.also:
        if held(also.role) and (also.provided is None or also.provided.since(document) is not None):
            return Turn(also.role, step.role if also.on_behalf else "")
    return None


def readers_of(field: Field, step: Step, answers: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The roles that may read this answer; None when all who may see the document may."""
    readers = field.readers if field.readers is not None else step.readers
    if readers is not None and field.readers_when is not None and field.readers_when[0].holds(answers):
        return readers + field.readers_when[1]
    return readers


def may_read(process: Process, roles: tuple[str, ...], field: Field, step: Step, answers: Mapping[str, Any]) -> bool:
    """Whether one who holds these roles for the document may read this answer."""
    readers = readers_of(field, step, answers)
    return readers is None or any(role in readers for role in roles)


def readable(process: Process, document: Json, actor: Actor) -> Json:
    """The document less what this person may not see: a copy. What is withheld is not in it at all [O8.2].

    Raises `OutOfScope` when the document is not theirs to know of.
    """
    require_sight(process, actor, document)
    roles = roles_for(process, actor, document)
    shown: Json = {key: value for key, value in document.items() if key not in ("notices", "claims", "holdings")}
    shown["history"] = [_readable_entry(process, roles, entry) for entry in document["history"]]
    for step in process.steps:
        name = section_name(step.key)
        if name in document:
            shown[name] = _readable_answers(process, roles, step, document[name])
    return shown


def _readable_entry(process: Process, roles: tuple[str, ...], entry: Json) -> Json:
    step = process.step(entry["step"])
    shown = {**entry, "answers": _readable_answers(process, roles, step, entry["answers"])}
    if step.readers is not None and not any(role in step.readers for role in roles):
        shown["note"] = ""
    return shown


def _readable_answers(process: Process, roles: tuple[str, ...], step: Step, answers: Json) -> Json:
    withheld = {field.name for field in step.fields if not may_read(process, roles, field, step, answers)}
    return {name: value for name, value in answers.items() if name not in withheld}
