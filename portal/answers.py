"""What a step's answers look like on a page: for each its label, in which form it stands there, and its words.

Worked out here, once for each answer, so that templates only put it into marks: an application's page shows hundreds.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from portal.process.document import Json, is_read_in
from portal.process.goals import california_day
from portal.process.step import Field, Kind, Process
from portal.words import date_in_words


class Answer(NamedTuple):
    """One answer. `form`: none, text, list, date, email, long-text, file or entries; `value` is what stands there."""

    name: str
    label: str
    form: str
    value: Any


class Entries(NamedTuple):
    """The value of a list of entries: its headings, and in each row a cell under each."""

    headings: tuple[str, ...]
    rows: list[list[Answer]]


class EntryShown(NamedTuple):
    """An entry of the history in words: when it was made (UTC), what was done, in which role; its number, the first
    digits of its hash, and what it recorded, drawn. What is not to be shown is empty.

    The template takes it apart by place (`history`): what is added here is added there.
    """

    at: str
    title: str
    who: str
    note: str = ""
    seq: int = 0
    hash: str = ""
    recorded: str = ""


def entry_in_words(process: Process, entry: Json, recorded: str = "") -> EntryShown:
    """The entry, with what it recorded where that is given."""
    who = process.role(entry["role"]).title
    if behalf := entry.get("on_behalf_of"):
        who = f"{who} · entered for the {process.role(behalf).title}"
    step = process.step(entry["step"])
    title = f"{entry['actor_name']} {step.done_words(entry['answers'])}"
    if is_read_in(entry):  # whoever read it in did not take it
        title = f"Read in: {step.title}"
    return EntryShown(entry["at"], title, who, entry["note"], entry["seq"], (entry["hash"] or "")[:16], recorded)


def by_year(entries: Iterable[EntryShown]) -> list[tuple[int, list[EntryShown]]]:
    """The entries by California's year, in the order in which they come."""
    return [(year, list(some)) for year, some in groupby(entries, key=lambda entry: california_day(entry.at).year)]


def answers_in_words(fields: Sequence[Field], answers: Mapping[str, Any], unanswered: bool = False) -> list[Answer]:
    """The answers to these fields, in their order; those that were not answered too, when they are asked for."""
    return list(_answers(fields, answers, unanswered))


def _answers(fields: Sequence[Field], answers: Mapping[str, Any], unanswered: bool) -> Iterable[Answer]:
    for field in fields:
        value = answers.get(field.name)
        if value is not None or unanswered:
            yield Answer(field.name, field.full_label, *_shown(field, value))


def _shown(field: Field, value: Any) -> tuple[str, Any]:
    if value is None or value in ("", []):
        return "none", ""
    if field.choices_from and field.choices:  # a form's field, which knows the words for it
        return "text", field.choice_label(str(value))
    match field.kind:
        case Kind.CHOICE:
            return "text", field.choice_label(value)
        case Kind.CHOICES:
            return "list", [field.choice_label(one) for one in value]
        case Kind.TICK:
            return "text", "Yes" if value else "No"
        case Kind.DATE:
            return "date", (value, date_in_words(value))
        case Kind.EMAIL | Kind.LONG_TEXT | Kind.FILE:
            return field.kind.value, value
        case Kind.ENTRIES:
            return "entries", _entries(field, value)
        case _:
            return "text", value


def _entries(field: Field, rows: Iterable[Mapping[str, Any]]) -> Entries:
    headings = tuple(inner.label for inner in field.fields)
    return Entries(
        headings,
        [
            [Answer(inner.name, inner.label, *_shown(inner, row.get(inner.name))) for inner in field.fields]
            for row in rows
        ],
    )
