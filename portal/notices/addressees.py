"""Whom a letter or a notice names: a role, a person whom a section gives, or whoever took a step or had it taken."""

from portal.people import People
from portal.process.document import Json, last_entry, section
from portal.process.step import BY_ITSELF, Process


def addressees(people: People, process: Process, document: Json, who: str) -> list[Json]:
    """The people that `role:...`, `person:...` or `actor:...` means on this document: name and email of each, once."""
    found = [one for each in process.stand_for(document, who) for one in _named(people, process, document, each)]
    return list({one["email"].casefold(): one for one in reversed(found)}.values())[::-1]


def _named(people: People, process: Process, document: Json, who: str) -> list[Json]:
    kind, _, name = who.partition(":")
    if kind == "role":
        scope = {key: document[key] for key in process.role(name).scope}
        return [{"name": p.name, "email": p.email} for p in people.with_role(name, **scope)]
    if kind == "person":
        step, _, prefix = name.partition(".")
        answers = section(document, step.replace("_", "-"))
        found = {"name": answers.get(f"{prefix}_name", ""), "email": answers.get(f"{prefix}_email", "")}
        return [found] if found["email"] else []
    entry = last_entry(document, name)
    if entry is None or entry["actor"] == BY_ITSELF.email:
        return []
    if entry.get("on_behalf_of"):  # whoever entered it for them knows of it anyway
        return _named(people, process, document, f"role:{entry['on_behalf_of']}")
    return [{"name": entry["actor_name"], "email": entry["actor"]}]
