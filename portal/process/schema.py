"""The JSON Schema of a process's documents, drawn from its table of steps."""

from typing import Any

from portal.process.document import section_name
from portal.process.step import Field, Kind, Process

DATE = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
MOMENT = {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$"}
SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
TEXT = {"type": "string"}
PERSON = {"type": "object", "properties": {"name": TEXT, "email": TEXT}, "required": ["name", "email"]}


def schema_of(process: Process) -> dict[str, Any]:
    """The schema (2020-12) of every document of the process, as it is kept."""
    names = {section_name(step.key): step.key for step in process.steps}
    sections = {name: _section(process, key) for name, key in names.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{process.title}: one application",
        "type": "object",
        "required": [
            "schema", "id", "revision", "version", "process", "lcsa", "organization", "status",
            "history", "open_tasks", "claims", "holdings", "notices",
        ],
        "additionalProperties": False,
        "properties": {
            "schema": {"type": "integer", "minimum": 1},
            "id": {"type": "string", "pattern": rf"^{process.prefix}-\d{{4}}-\d{{4,}}$"},
            "revision": {"type": "integer", "minimum": 1, "description": "Counts every write; the store sets it."},
            "version": {"type": "integer", "minimum": 1, "description": "The number of steps taken."},
            "process": {"const": process.key},
            "lcsa": TEXT,
            "organization": TEXT,
            "status": {"enum": [key for key, _ in process.statuses]},
            "history": {"type": "array", "minItems": 1, "items": _entry(process)},
            "open_tasks": {"type": "array", "items": _task(process)},
            "claims": {"type": "object", "additionalProperties": TEXT},
            "holdings": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
            "notices": {"type": "array", "items": _notice()},
            "upgrades": {"type": "array", "items": _upgrade(), "description": "From which forms it was upgraded."},
            **sections,
        },
        # What was read in from a sheet has no more answers than the sheet gave.
        "anyOf": [
            {"properties": {"history": {"contains": {"required": ["read_in"]}}}},
            {"properties": {name: _required(process, key) for name, key in names.items()}},
        ],
        # Entries that are older than an upgrade keep the form that they were written in.
        "if": {"not": {"required": ["upgrades"]}},
        "then": {"properties": {"history": {"items": {"allOf": _answers_by_step(process)}}}},
    }  # fmt: skip


def _answers_by_step(process: Process) -> list[dict[str, Any]]:
    return [
        {
            "if": {"properties": {"step": {"const": step.key}}},
            "then": {
                "properties": {"answers": {"$ref": f"#/properties/{section_name(step.key)}"}},
                "anyOf": [{"required": ["read_in"]}, {"properties": {"answers": _required(process, step.key)}}],
            },
        }
        for step in process.steps
    ]


def _entry(process: Process) -> dict[str, Any]:
    roles = [role.key for role in process.roles]
    return {
        "type": "object",
        "required": ["seq", "step", "role", "actor", "actor_name", "at", "answers", "note", "previous", "hash"],
        "additionalProperties": False,
        "properties": {
            "seq": {"type": "integer", "minimum": 1},
            "step": {"enum": [step.key for step in process.steps]},
            "role": {"enum": roles},
            "on_behalf_of": {"enum": roles},
            "actor": TEXT,
            "actor_name": TEXT,
            "at": MOMENT,
            "answers": {"type": "object"},
            "note": TEXT,
            "letters": {"type": "array", "items": _letter()},
            "read_in": _read_in(),
            "previous": SHA256,
            "hash": SHA256,
        },
    }


def _read_in() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "The step was taken before the portal was there, and was read in from a row of this sheet.",
        "required": ["file", "sha256", "row", "on"],
        "additionalProperties": False,
        "properties": {
            "file": TEXT,
            "sha256": SHA256,
            "row": {"type": "integer", "minimum": 1},
            "on": {
                "anyOf": [DATE, {"type": "null"}],
                "description": "When the step was taken, as far as the sheet says.",
            },
        },
    }


def _letter() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["name", "title", "sha256", "to", "cc", "sample"],
        "additionalProperties": False,
        "properties": {
            "name": TEXT,
            "title": TEXT,
            "sha256": SHA256,
            # Not of letters that were sent before texts were kept.
            "text_sha256": {**SHA256, "description": "Of the Word template in whose text it was drawn."},
            "sample": {"type": "boolean"},
            "to": {"type": "array", "items": PERSON},
            "cc": {"type": "array", "items": PERSON},
        },
    }


def _task(process: Process) -> dict[str, Any]:
    date_or_none = {"anyOf": [DATE, {"type": "null"}]}
    return {
        "type": "object",
        "required": ["step", "role", "waiting", "since", "since_seq", "opens_on", "goal_from", "goal_on", "goal_days"],
        "additionalProperties": False,
        "properties": {
            "step": {"enum": [step.key for step in process.steps]},
            "role": {"enum": [role.key for role in process.roles]},
            "waiting": {"type": "boolean"},
            "since": MOMENT,
            "since_seq": {"type": "integer", "minimum": 0},
            "opens_on": date_or_none,
            "goal_from": date_or_none,
            "goal_on": date_or_none,
            "goal_days": {"type": ["integer", "null"], "description": "Working days."},
            # Not in what was written before these were added, until its next step.
            "goal_paused": {"type": "integer", "minimum": 0, "description": "Working days that its clock stood still."},
            "goal_until": {**date_or_none, "description": "When the goal's clock stopped; null while it runs."},
            "due_on": {**date_or_none, "description": "By when it is asked for, where it has no goal."},
            "delayed": {"type": "boolean", "description": "Whether a reason for its delay is on record."},
            "delay": {
                "anyOf": [
                    {
                        "type": "object",
                        "required": ["step", "reason"],
                        "additionalProperties": False,
                        "properties": {"step": TEXT, "reason": TEXT},
                    },
                    {"type": "null"},
                ],
                "description": "The step that recorded the reason for its delay, and the reason.",
            },
            "not_for": {
                "type": "array",
                "items": TEXT,
                "description": "Who took a step that this one checks, and may not take it.",
            },
            "opened_by": {
                "anyOf": [
                    {
                        "type": "object",
                        "required": ["role", "name"],
                        "additionalProperties": False,
                        "properties": {"role": TEXT, "name": TEXT},
                    },
                    {"type": "null"},
                ],
                "description": "Who took the last of the steps that opened it, and in which role.",
            },
        },
    }


def _notice() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["seq", "to", "words", "task", "invites", "sent_at"],
        "additionalProperties": False,
        "properties": {
            "seq": {"type": "integer", "minimum": 1},
            "to": TEXT,
            "words": TEXT,
            "task": TEXT,
            "invites": TEXT,
            "anew": {"const": True, "description": "A new version of the portal opened the task, and no step."},
            "sent_at": {"anyOf": [MOMENT, {"type": "null"}]},
        },
    }


def _upgrade() -> dict[str, Any]:
    number = {"type": "integer", "minimum": 1}
    return {
        "type": "object",
        "required": ["to", "version"],
        "additionalProperties": False,
        "properties": {"to": number, "version": {**number, "description": "The number of steps taken before it."}},
    }


def _section(process: Process, step_key: str) -> dict[str, Any]:
    """A step's section; what the portal records by itself besides the fields is allowed, and not described."""
    step = process.step(step_key)
    return {
        "type": "object",
        "description": f"{step.title} [{step.section}]",
        "properties": {field.name: _answer(field) for field in step.fields},
        "additionalProperties": step.records is not None,
    }


def _required(process: Process, step_key: str) -> dict[str, Any]:
    """That the answers to a step's own questions are all there."""
    required = [
        field.name
        for field in process.step(step_key).fields
        if field.required is True and not field.only_when and not field.on_behalf_only
    ]
    return {"required": required}


def _answer(field: Field) -> dict[str, Any]:
    values = [choice.value for choice in field.choices]
    match field.kind:
        case Kind.NUMBER:
            bounds = {"minimum": field.minimum, "maximum": field.maximum}
            kind: dict[str, Any] = {
                "type": "integer",
                **{key: bound for key, bound in bounds.items() if bound is not None},
            }
        case Kind.DATE:
            kind = dict(DATE)
        case Kind.CHOICE:
            kind = {"enum": values}
        case Kind.CHOICES:
            kind = {"type": "array", "items": {"enum": values}, "uniqueItems": True}
        case Kind.TICK:
            kind = {"const": True}
        case Kind.FILE:
            kind = {
                "type": "object",
                "properties": {"name": TEXT, "sha256": SHA256, "size": {"type": "integer", "minimum": 1}},
                "required": ["name", "sha256", "size"],
                "additionalProperties": False,
            }
        case Kind.ENTRIES:
            rows = {inner.name: _answer(inner) for inner in field.fields}
            required = [inner.name for inner in field.fields if inner.required is True]
            row = {"type": "object", "properties": rows, "required": required, "additionalProperties": False}
            kind = {"type": "array", "items": row, **({} if field.by_portal else {"minItems": 1})}
        case _:
            kind = dict(TEXT)
    return {**kind, "description": field.full_label}
