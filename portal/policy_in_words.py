"""The policy's table in words, for the page that publishes it, and as a sheet for machines. Nothing is left out."""

from collections.abc import Iterator
from dataclasses import dataclass

from portal.parts import Portal
from portal.process.document import section_name
from portal.process.policy_table import ANYBODY, APPLICATION, GIVEN, ITSELF, LETTERS, NOTE, SIGNED_IN, Act, Row
from portal.process.step import Process, Role, Step
from portal.sheets import Row as SheetRow

COLUMNS = ("roles", "act", "part", "names", "provided", "purpose", "section")

WHO = {ANYBODY: "Anybody", SIGNED_IN: "Whoever has signed in", ITSELF: "The portal itself", LETTERS: "Letters"}

MAY = {
    Act.OPEN: "opens",
    Act.SEE: "may know of",
    Act.READ: "reads",
    Act.TAKE: "takes the step",
    Act.ENTER: "enters the step for its own role",
    Act.GIVE: "names",
    Act.BE_TOLD: "is told by mail",
}

NAMES = {
    NOTE: "The note",
    "letters": "The letters that it sent",
    "history": "The history: who took which step, in which role, when",
    "open_tasks": "Whose turn it is, and the goal",
    "id": "Number",
    "lcsa": "LCSA",
    "organization": "Organization",
    "status": "Status",
    "version": "Version",
    "revision": "Revision",
    "schema": "Form",
    "process": "Process",
    "upgrades": "Upgrades of its form",
}


@dataclass(frozen=True, slots=True)
class RowInWords:
    """A row as a person reads it. `what` are the names of what it is about."""

    who: list[str]
    may: str
    what: list[str]
    provided: str
    purpose: str
    section: str


@dataclass(frozen=True, slots=True)
class PartInWords:
    """A part of the table: the pages, the application, or a step."""

    key: str
    title: str
    rows: list[RowInWords]


@dataclass(frozen=True, slots=True)
class RoleInWords:
    """What the table comes to for one role."""

    role: Role
    sees: str
    takes: list[str]
    opens: list[str]
    never_reads: dict[str, list[str]]
    """By a step's title, the answers to it that are never shown to the role."""


def parts(portal: Portal, process: Process) -> Iterator[PartInWords]:
    """The table from top to bottom."""
    pages = [row for row in process.policy.rows if row.act is Act.OPEN]
    yield PartInWords("pages", "Pages", [_in_words(portal, process, row) for row in pages])
    yield PartInWords(GIVEN, "Who names whom", _rows_of(portal, process, GIVEN))
    yield PartInWords(APPLICATION, "The application", _rows_of(portal, process, APPLICATION))
    for step in process.steps:
        yield PartInWords(step.key, step.title, _rows_of(portal, process, step.key))


def _rows_of(portal: Portal, process: Process, part: str) -> list[RowInWords]:
    rows = [row for row in process.policy.rows if row.part == part and row.act is not Act.OPEN]
    return [_in_words(portal, process, row) for row in rows]


def _in_words(portal: Portal, process: Process, row: Row) -> RowInWords:
    conditions = [one for one in (_when(process, row), row.provided.in_words if row.provided else "") if one]
    return RowInWords(
        who=[WHO.get(role) or portal.role_title(role) for role in row.roles],
        may=MAY[row.act],
        what=[row.title] if row.act is Act.OPEN else [_name(process, row, name) for name in row.names],
        provided=" and ".join(conditions),
        purpose=row.purpose,
        section=row.section,
    )


def _when(process: Process, row: Row) -> str:
    if row.when is None:
        return ""
    field = process.step(row.part).field(row.when.field)
    return f"“{field.label}” is “{' or '.join(field.choice_label(value) for value in row.when.values)}”"


def _name(process: Process, row: Row, name: str) -> str:
    if row.act is Act.GIVE:
        return process.role(name).title
    if row.act is Act.BE_TOLD:
        return _whom(process, name)
    if name.startswith("criterion/"):
        return f"Criterion {name.removeprefix('criterion/')}"
    if row.part == APPLICATION or name in (NOTE, "letters"):
        return NAMES.get(name, name)
    return _label(process.step(row.part), name)


def _label(step: Step, name: str) -> str:
    """The field's label; in its own words what the portal records beside the answers."""
    found = next((field.full_label for field in step.fields if field.name == name), None)
    return found or f"{name.replace('_', ' ').replace('sha256', 'checksum')} (recorded by the portal)"


def _whom(process: Process, who: str) -> str:
    kind, _, name = who.partition(":")
    if kind == "role":
        return f"everybody who is {process.role(name).title} for it"
    if kind == "actor":
        return f"who took “{process.step(name).title}” last"
    section, _, prefix = name.partition(".")
    step = next(step for step in process.steps if section_name(step.key) == section)
    return f"the {prefix.replace('_', ' ')} whom “{step.title}” names"


def by_role(process: Process) -> list[RoleInWords]:
    """The same table, seen from each role."""
    return [_of_role(process, role) for role in process.roles]


def _of_role(process: Process, role: Role) -> RoleInWords:
    policy = process.policy
    own = [row for row in policy.rows if role.key in row.roles]
    sees = "None"
    if role.key in policy.seeing:
        sees = {(): "All", ("lcsa",): "Those of their own LCSA"}.get(role.scope, "Those of their own organization")
    steps = [row.part for row in own if row.act in (Act.TAKE, Act.ENTER)]
    withheld: dict[str, list[str]] = {}
    for step in process.steps if role.key in policy.seeing else ():
        hidden = sorted(policy.names_in(step.key) - policy.ever_shown(role.key, step.key))
        if hidden:
            row = Row((), Act.READ, step.key, "")
            withheld[step.title] = [_name(process, row, one).lower() for one in hidden]
    return RoleInWords(
        role=role,
        sees=sees,
        takes=[step.key for step in process.steps if step.key in steps],
        opens=[row.title for row in own if row.act is Act.OPEN],
        never_reads=withheld,
    )


def as_sheet(process: Process) -> list[SheetRow]:
    """The table as rows of a sheet, with the keys that the code uses."""
    rows: list[SheetRow] = [
        {
            "roles": " ".join(row.roles),
            "act": str(row.act),
            "part": row.part,
            "names": " ".join(row.names),
            "provided": " and ".join(_conditions(row)),
            "purpose": row.purpose,
            "section": row.section,
        }
        for row in process.policy.rows
    ]
    rows += [
        {
            "roles": " ".join(one.not_by),
            "act": "never take",
            "part": one.step,
            "names": " ".join(one.not_after),
            "provided": "whoever holds one of the roles, or took one of the named steps, on the same application",
            "purpose": one.purpose,
            "section": one.section,
        }
        for one in process.policy.separations
    ]
    return rows


def _conditions(row: Row) -> Iterator[str]:
    if row.when is not None:
        yield f"{row.when.field}: {' or '.join(row.when.values)}"
    if row.provided is not None:
        yield row.provided.in_words
