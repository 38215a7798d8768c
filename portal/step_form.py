"""A step's form: what it holds, how its fields are drawn, and which problems stand on them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms import BooleanField, FieldList, Form, FormField, HiddenField, StringField
from wtforms import Field as AnyInput

from portal import typed
from portal.kept_files import KeptFileField
from portal.process.errors import Problem
from portal.process.step import Choice, Field, Kind, Step, When

NOTE = Field(
    "note", "Note", kind=Kind.LONG_TEXT, required=False, hint="Anything that those who read this step should know."
)


def note_of(step: Step) -> Field:
    """The note of a step, which says who will read it."""
    if not step.for_some_only:
        return replace(NOTE, hint="Everybody who may see the application reads it, the organization too.")
    return replace(NOTE, hint="Only those who may read the answers to this step read it.")


OFFERED = "offered"
"""In a row, the hidden input that says what the row held when it was drawn."""


class Rows(FieldList):
    """A list of rows whose numbers come from the names that were sent, none of them absurd.

    On the page they are numbered from 0 without gaps, whatever numbers were sent.
    """

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> Iterator[int]:
        row = re.compile(re.escape(prefix) + r"-(\d{1,4})-", re.ASCII)
        yield from {int(found[1]) for name in formdata if (found := row.match(name))}


class Several(AnyInput):
    """Every value that was sent under the name, whether it is one of the choices or not."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = list(valuelist)


class StepForm(FlaskForm):
    """A step's form. `declared` are the fields it asks, in their order, without the note."""

    step: ClassVar[Step]
    declared: ClassVar[tuple[Field, ...]] = ()
    note_declared: ClassVar[Field] = NOTE

    version = HiddenField()
    note = StringField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.problems: list[Problem] = []
        self.places: dict[str, list[int]] = {}
        """By list: where each row among the answers stands on the page, which has the empty rows as well."""
        self.part = 1
        """Which of the parts is shown, from 1 on; 0 shows the whole form, as one without parts always is."""

    @property
    def has_rows(self) -> bool:
        """Whether it has lists to which rows are added."""
        return any(declared.kind is Kind.ENTRIES for declared in self.declared)

    @property
    def parts(self) -> list[str]:
        """The titles of its parts in their order; empty when it is asked on one page."""
        return [title for title in dict.fromkeys(declared.part for declared in self.declared) if title]

    def by_part(self) -> list[tuple[str, list[Field]]]:
        """Each part's title, and the fields that it asks."""
        return [(title, [one for one in self.declared if one.part == title]) for title in self.parts]

    @property
    def is_last_part(self) -> bool:
        """Whether nothing is asked after what is shown."""
        return not 0 < self.part < len(self.parts)

    def part_of(self, problem: Problem) -> int:
        """The number of the part in which the problem's field is asked; the part shown when no field has it."""
        name = problem.field.partition("-")[0]
        title = next((declared.part for declared in self.declared if declared.name == name), "")
        return self.parts.index(title) + 1 if title in self.parts else self.part

    def _is_shown(self, declared: Field) -> bool:
        if declared is self.note_declared:
            return self.is_last_part
        return not self.part or not self.parts or declared.part == self.parts[self.part - 1]

    def show_problems_in_one_place(self) -> None:
        """Shows the part in which there are problems; the whole form when they are in several."""
        if found := {self.part_of(problem) for problem in self.problems}:
            self.part = found.pop() if len(found) == 1 else 0

    def problems_of(self, name: str) -> list[str]:
        """What is wrong with the field that has this name on the page."""
        return [problem.message for problem in self.problems if problem.field == name]

    def target_of(self, problem: Problem) -> str:
        """The id of the element that the error summary links to; empty when no field on the page has this problem."""
        for declared, bound in self.all_fields():
            if bound.name == problem.field:
                first_of_group = declared.kind is Kind.CHOICES or self.as_radios(declared)
                return f"{bound.name}-0" if first_of_group else bound.name
            if declared.kind is Kind.ENTRIES and problem.field in [row.name for row in bound.entries]:
                return problem.field
        return ""

    def all_fields(self) -> Iterator[tuple[Field, Any]]:
        """Every field with its declaration, those in rows too."""
        return self._with_rows((*self.declared, self.note_declared))

    def fields_elsewhere(self) -> Iterator[tuple[Field, Any]]:
        """Those of the parts that are not shown."""
        return self._with_rows(one for one in (*self.declared, self.note_declared) if not self._is_shown(one))

    def _with_rows(self, fields: Iterable[Field]) -> Iterator[tuple[Field, Any]]:
        for declared in fields:
            bound: Any = self[declared.name]
            yield declared, bound
            if declared.kind is Kind.ENTRIES:
                for row in bound.entries:
                    yield from ((field, row[field.name]) for field in declared.fields)

    def is_file(self, name: str) -> bool:
        """Whether the field of this name, as the answers have it (`users-0-statement`), takes a file."""
        whole, _, rest = name.partition("-")
        return any(
            field.kind is Kind.FILE and field.name == (rest.partition("-")[2] if rest else whole)
            for declared in self.declared
            if declared.name == whole
            for field in (declared, *declared.fields)
        )

    def groups(self) -> list[list[Field]]:
        """The fields that are shown in their order, neighbours of the same group together."""
        shown = filter(self._is_shown, self.declared)
        return [list(fields) for _, fields in groupby(shown, key=lambda field: field.group)]

    def typed_in_words(self) -> list[tuple[str, str]]:
        """What was typed and chosen, by label: to be shown where it could not be recorded."""
        found = [
            (_label(self.declared, declared, bound.name), _in_words(declared, bound))
            for declared, bound in self.all_fields()
        ]
        return [(label, words) for label, words in found if words.strip()]

    @staticmethod
    def is_fixed(declared: Field) -> bool:
        """Whether the rows of this list are given: some can be taken out, none added."""
        return any(inner.fixed for inner in declared.fields)

    def given_rows(self, declared: Field) -> list[Any]:
        """The rows of such a list that say what they are about: an empty one is none."""
        fixed = [inner.name for inner in declared.fields if inner.fixed]
        return [row for row in self[declared.name].entries if any(row[name].data for name in fixed)]

    @staticmethod
    def is_chosen(declared: Field) -> bool:
        """Whether one of several values is chosen, and none typed."""
        return declared.kind is Kind.CHOICE or declared.choices_from is not None

    @staticmethod
    def as_radios(declared: Field) -> bool:
        """Of six choices or fewer one is taken by radio buttons; of more, and of people, in a list to open."""
        return StepForm.is_chosen(declared) and declared.kind is not Kind.EMAIL and len(declared.choices) <= 6

    @staticmethod
    def is_settled(declared: Field, said: str) -> bool:
        """Whether the form starts with the only one that there is to choose: it stands there as text."""
        return bool(declared.default and declared.choices_from) and [one.value for one in declared.choices] == [said]

    @staticmethod
    def choices_of(declared: Field, said: str) -> list[Choice]:
        """What there is to choose from, and what was sent if it is none of it: nothing typed is lost."""
        known = any(choice.value == said for choice in declared.choices)
        return [*declared.choices, *([] if known or not said else [Choice(said, said)])]

    @staticmethod
    def date_for_input(said: str) -> str:
        """An ISO date when what was typed is a date; else what was typed, which only a text input can show."""
        try:
            return typed.iso_date(said) if said else ""
        except typed.NotUnderstood:
            return said

    @staticmethod
    def is_iso_date(said: str) -> bool:
        """Whether a date input can show it."""
        return not said or bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", said))

    @staticmethod
    def name_of_one(declared: Field) -> str:
        """What one row of a list is called: `user`, of `users`."""
        return _name_of_one(declared)

    def condition_in_words(self, when: When, beside: tuple[Field, ...] = ()) -> str:
        """`if “Decision” is Reject`, in the labels of the fields it stands beside."""
        other = next((field for field in (*beside, *self.declared) if field.name == when.field), None)
        if other is None:
            return ""
        if other.kind is Kind.TICK:
            return f"if “{other.label}” is {'ticked' if 'yes' in when.values else 'not ticked'}"
        return f"if “{other.label}” is {' or '.join(other.choice_label(value) for value in when.values)}"


_IN_A_ROW = re.compile(r"(?P<of>\w+)-\d{1,4}-(?P<field>\w+)", re.ASCII)


def sent_in_words(step: Step, sent: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What a browser sent for this step, names and values, by label and in words, as far as it answers something.

    No form is made of it, which would keep the files that came along: whoever sent it need not be signed in.
    """
    found: dict[str, list[str]] = {}
    for name, value in sent:
        declared = _declared(step, name)
        if declared and value.strip():
            words = "Yes" if declared.kind is Kind.TICK else declared.choice_label(value)
            found.setdefault(_label(step.fields, declared, name), []).append(words)
    return [(label, ", ".join(words)) for label, words in found.items()]


def _declared(step: Step, name: str) -> Field | None:
    """The field that has this name on a form: `signature`, or `users-0-email` in a row; None where none has."""
    fields = (*step.fields, NOTE)
    if row := _IN_A_ROW.fullmatch(name):
        name = row["field"]
        fields = next((one.fields for one in fields if one.name == row["of"]), ())
    return next((one for one in fields if one.name == name), None)


def _label(fields: Iterable[Field], declared: Field, name: str) -> str:
    """The field's label, and for one that by its name stands in a row of one of `fields` `User 2: Email`."""
    list_name, _, rest = name.partition("-")
    if not rest:
        return declared.full_label
    whole = next(field for field in fields if field.name == list_name)
    return f"{_name_of_one(whole).capitalize()} {int(rest.partition('-')[0]) + 1}: {declared.label}"


def _name_of_one(declared: Field) -> str:
    return declared.one_called or declared.name.replace("_", " ").removesuffix("s")


def _in_words(declared: Field, bound: Any) -> str:
    """What a field holds, in words; empty for a list, whose rows have their own fields."""
    match declared.kind:
        case Kind.ENTRIES:
            return ""
        case Kind.FILE:
            return str(bound.kept["name"]) if bound.kept else ""
        case Kind.TICK:
            return "Yes" if bound.data else ""
        case Kind.CHOICE | Kind.CHOICES:
            chosen = bound.data if isinstance(bound.data, list) else [bound.data or ""]
            return ", ".join(declared.choice_label(value) for value in chosen)
        case _:
            return declared.choice_label(bound.data or "")


def unbound_field(field: Field, step_key: str) -> Any:
    """The WTForms field, not yet part of a form."""
    match field.kind:
        case Kind.CHOICES:
            return Several()
        case Kind.TICK:
            return BooleanField(false_values=(False, "false", "no", "0", ""))
        case Kind.FILE:
            return KeptFileField(belongs_to=f"{step_key}/{field.name}", accepts=field.accepts)
        case Kind.ENTRIES:
            row = {inner.name: unbound_field(inner, f"{step_key}/{field.name}") for inner in field.fields}
            return Rows(FormField(type("Row", (Form,), {**row, OFFERED: HiddenField()})), min_entries=1)
        case _:
            return StringField()
