"""From a step's declared fields to a form, once for all steps; from what was typed to answers; and back.

A form holds what was typed, as it was typed, whether it can be understood or not: every field is text, a list of
texts, a box or a file. `answers_from` makes the typed JSON values of them. Whether the answers hold is for the core to
say (`check_answers`); its problems come back onto the fields with `show_problems`. The macros in
`templates/macros/form.html` draw it all.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from werkzeug.datastructures import CombinedMultiDict, FileStorage, MultiDict

from portal import typed
from portal.kept_files import KeepFile
from portal.process.errors import Problem
from portal.process.step import Choice, Field, Kind, Situation, Step
from portal.step_form import OFFERED, note_of, unbound_field
from portal.step_form import StepForm as StepForm

Answers = dict[str, Any]

RESERVED = frozenset(
    {
        "note",
        "version",
        "confirm",
        "csrf_token",
        "add",
        "remove",
        "save",
        "change",
        "draft_revision",
        "part",
        "go_on",
        "shown_part",
    }
)
MOST_ROWS = 500
"""In one list; more is not meant by anybody."""

AForm = TypeVar("AForm", bound=StepForm)


def form_for(step: Step, situation: Situation | None = None, *, on_behalf: bool = False) -> type[StepForm]:
    """The form of a step, with the choices that this situation leaves; with the questions that only one who enters it
    for another is asked, if `on_behalf`: then on one page, as the paper has them.
    """
    asked = tuple(
        replace(
            field,
            label=field.on_behalf_label if on_behalf and field.on_behalf_label else field.label,
            choices=_choices(field, situation),
            fields=tuple(
                replace(inner, choices=_choices(inner, situation)) for inner in field.fields if not inner.by_portal
            ),
            part="" if on_behalf else field.part,
        )
        for field in step.fields
        if not field.by_portal and (on_behalf or not field.on_behalf_only)
    )
    if any(field.part for field in asked) and not (step.keeps_draft and all(field.part for field in asked)):
        raise ValueError(f"{step.key}: a form in parts keeps drafts, and each of its fields belongs to a part")
    for field in asked:
        if field.name in RESERVED or hasattr(StepForm, field.name):
            raise ValueError(f"{step.key}: a field cannot be named {field.name}")
    made = {field.name: unbound_field(field, step.key) for field in asked}
    return type("FormOfStep", (StepForm,), {**made, "step": step, "declared": asked, "note_declared": note_of(step)})


def _choices(field: Field, situation: Situation | None) -> tuple[Choice, ...]:
    if field.choices_from is None:
        return field.choices
    return tuple(field.choices_from(situation)) if situation else ()


def starting_answers(step: Step, situation: Situation) -> Answers:
    """What the form starts with: the fields' defaults in this situation."""
    found = {field.name: field.default(situation) for field in step.fields if field.default}
    return {name: value for name, value in found.items() if value is not None}


def with_rows_given(step: Step, situation: Situation, answers: Answers) -> Answers:
    """A draft's answers with each list whose rows are given as they are given today: what was taken out is there again,
    and what is no longer asked is gone. To a list whose rows are only offered, those of today are added that it lacks.
    """
    made = dict(answers)
    for field in step.fields:
        if field.default and any(inner.fixed for inner in field.fields):
            typed_of = {str(row.get(field.key)): row for row in answers.get(field.name, [])}
            given: Any = field.default(situation)
            made[field.name] = [{**typed_of.get(str(row[field.key]), {}), **_fixed(field, row)} for row in given]
        elif field.default and field.key and (field.adds or step.each_anew):
            kept = list(answers.get(field.name, []))
            known = {str(row.get(field.key)) for row in kept}
            offered: Any = field.default(situation) or []
            made[field.name] = [*kept, *(row for row in offered if str(row.get(field.key)) not in known)]
    return made


def _fixed(field: Field, row: Answers) -> Answers:
    return {inner.name: row[inner.name] for inner in field.fields if inner.fixed}


def form_from_request(
    form_class: type[AForm], sent: MultiDict[str, str], files: MultiDict[str, FileStorage] | None = None
) -> AForm:
    """The form as it was sent."""
    return form_class(formdata=CombinedMultiDict([files or MultiDict(), sent]))


def form_from_answers(
    form_class: type[AForm],
    answers: Mapping[str, Any],
    *,
    version: int = 0,
    note: str = "",
    offered: Answers | None = None,
) -> AForm:
    """The form filled with answers: of a draft, or the defaults, or what was recorded before.

    `offered` are answers that the portal filled in by itself: in a list that `adds`, a row that comes back exactly
    as it was offered counts as not answered.
    """
    data: Answers = {"version": str(version), "note": note}
    for field in form_class.declared:
        if answers.get(field.name) is None:
            continue
        rows_offered = (offered or {}).get(field.name) or []
        data[field.name] = _as_typed(field, answers[field.name], rows_offered)
    return form_class(formdata=None, data=data)


def answers_from(form: StepForm, keep_file: KeepFile | None = None) -> tuple[Answers, list[Problem]]:
    """The answers as typed JSON values, and the problems with what could not be understood at all.

    Blank ones are absent, but a box that is not ticked is False. Rows with nothing in them are dropped. Uploads are
    handed to `keep_file` and stay with the form from then on, so that sending it again loses none.
    """
    problems: list[Problem] = []
    answers: Answers = {}
    for declared in form.declared:
        bound = form[declared.name]
        if declared.kind is Kind.ENTRIES:
            rows = _rows_from(form, declared, bound, keep_file, problems)
            if rows:
                answers[declared.name] = rows
        elif (value := _value_from(declared, bound, keep_file, problems)) is not None:
            answers[declared.name] = value
    return answers, problems


def as_typed(form: StepForm, keep_file: KeepFile | None = None) -> Answers:
    """The answers, and at its place as it was typed whatever could not be understood: what a draft keeps.

    `form_from_answers` shows them again as they were.
    """
    answers, problems = answers_from(form, keep_file)
    for problem in problems:
        name, _, rest = problem.field.partition("-")
        if rest:
            row, _, inner = rest.partition("-")
            said = form[name][form.places[name][int(row)]][inner].data
            answers[name][int(row)][inner] = said if isinstance(said, str) else None
        elif isinstance(form[name].data, str):
            answers[name] = form[name].data
    return answers


def note_from(form: StepForm) -> str:
    """The note that goes with the step; empty when there is none."""
    return typed.long_text(form["note"].data or "")


def show_problems(form: StepForm, problems: Iterable[Problem]) -> None:
    """Puts problems onto the form. `users-1-email` is the second row that has something in it, as the core saw it."""
    for problem in problems:
        parts = problem.field.split("-", 2)
        places = form.places.get(parts[0], [])
        if len(parts) > 1 and parts[1].isdecimal() and int(parts[1]) < len(places):
            row = form[parts[0]][places[int(parts[1])]].name
            problem = Problem("-".join([row, *parts[2:]]), problem.message)
        if problem not in form.problems:
            form.problems.append(problem)
    order = [bound.name for _, bound in form.all_fields()]
    form.problems.sort(key=lambda problem: order.index(problem.field) if problem.field in order else -1)


def change_rows(form: StepForm, sent: Mapping[str, str]) -> str:
    """Adds or removes a row if that is the button that was pressed, and returns the list's name; else ""."""
    for field in form.declared:
        if field.kind is not Kind.ENTRIES:
            continue
        rows = form[field.name]
        if sent.get("add") == field.name:
            if len(rows.entries) < MOST_ROWS:
                rows.append_entry()
            return field.name
        leaving = [place for place, row in enumerate(rows.entries) if sent.get("remove") == row.name]
        if leaving:
            rows.pop_entry(leaving[0])
            if not rows.entries:
                rows.append_entry()
            return field.name
    return ""


def _as_typed(field: Field, value: Any, offered: list[Answers]) -> Any:
    """An answer as a person would have typed it."""
    if field.kind is Kind.NUMBER:
        return str(value)
    if field.kind is Kind.ENTRIES:
        return [_row_as_typed(field, row, offered) for row in value]
    return value


def _row_as_typed(field: Field, row: Answers, offered: list[Answers]) -> Answers:
    made = {
        inner.name: _as_typed(inner, row[inner.name], []) for inner in field.fields if row.get(inner.name) is not None
    }
    as_offered = next(
        (one for one in offered if field.adds and field.key and one.get(field.key) == row.get(field.key)), None
    )
    return made if as_offered is None else {**made, OFFERED: json.dumps(_asked_of(field, as_offered), sort_keys=True)}


def _asked_of(field: Field, row: Answers) -> Answers:
    """The part of a row that the form asks; a box that is not ticked is no answer here."""
    said = {inner.name: row.get(inner.name) for inner in field.fields}
    return {name: value for name, value in said.items() if value is not None and value is not False and value != ""}


def _rows_from(
    form: StepForm, declared: Field, bound: Any, keep_file: KeepFile | None, problems: list[Problem]
) -> list[Answers]:
    rows: list[Answers] = []
    places: list[int] = []
    for place, entry in enumerate(bound.entries):
        missed: list[Problem] = []
        row: Answers = {}
        for inner in declared.fields:
            value = _value_from(inner, entry[inner.name], keep_file, missed)
            if value is not None:
                row[inner.name] = value
        said = _asked_of(declared, row)
        untouched = json.dumps(said, sort_keys=True) == entry[OFFERED].data and not missed
        if missed or (said and not untouched):
            # Named by the row's place among the answers, as the core does; `show_problems` finds it on the page.
            named = f"{declared.name}-{len(rows)}"
            problems.extend(Problem(problem.field.replace(entry.name, named, 1), problem.message) for problem in missed)
            rows.append(row)
            places.append(place)
    form.places[declared.name] = places
    return rows


def _value_from(declared: Field, bound: Any, keep_file: KeepFile | None, problems: list[Problem]) -> Any:
    """The typed value, or None when nothing was answered or it could not be understood."""
    try:
        match declared.kind:
            case Kind.TICK:
                return bool(bound.data)
            case Kind.FILE:
                return bound.keep(keep_file)
            case Kind.CHOICES:
                return list(dict.fromkeys(typed.text(value) for value in bound.data or () if value.strip())) or None
        said = bound.data if isinstance(bound.data, str) else ""
        if not typed.text(said):
            return None
        match declared.kind:
            case Kind.NUMBER:
                return typed.whole_number(said)
            case Kind.DATE:
                return typed.iso_date(said)
            case Kind.LONG_TEXT:
                return typed.long_text(said)
            case _:
                return typed.text(said)
    except ValueError as error:
        words = str(error)
        problems.append(Problem(bound.name, f"{declared.full_label}: {words[:1].lower()}{words[1:]}"))
        return None
