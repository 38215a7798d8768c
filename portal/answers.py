"""What a step's answers look like on a page: for each its label, in which form it stands there, and its words.

Worked out here, once for each answer, so that templates only put it into marks: an application's page shows hundreds.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from portal.process.step import Field, Kind
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
