"""Whether the answers to a step hold: each by its field's declaration, then together by the step's own check.

Every answer passes here, whatever form it came from. What does not belong to the step is dropped; what is wrong is
named by field, all of it at once.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

from portal.process.document import Answers, section
from portal.process.errors import AnswersDoNotHold, Problem
from portal.process.no_case_data import find_ssn
from portal.process.step import Field, Kind, Situation, Step, When, papers_in_words

LONGEST_LINE = 200
LONGEST_TEXT = 10_000
LONGEST_FILE_NAME = 255
MOST_ENTRIES = 500
EARLIEST = date(1990, 1, 1)

NOTE = Field("note", "Note", Kind.LONG_TEXT, hint="Anything that whoever comes next should know.", required=False)
"""The optional note that every step takes."""

_EMAIL = re.compile(r"[^@\s,;<>()\"]+@[^@\s,;<>()\"]+\.[^@\s,;<>()\"]+")
_PHONE = re.compile(r"[+()0-9 .x/-]{7,40}", re.IGNORECASE)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_UNPRINTABLE = ("Cc", "Cs", "Zl", "Zp")
"""Unicode's categories of control characters, halves of characters, and line ends that are no line feed."""

NO_SSN = (
    "This looks like a social security number. Nothing about a child support case belongs here, so it was not kept. "
    "Please take it out."
)


def check_answers(step: Step, situation: Situation, answers: Mapping[str, Any]) -> Answers:
    """The answers as they are to be recorded: only the step's own fields that are asked, without blanks.

    Raises `AnswersDoNotHold` with a `Problem` for each field. Answers are typed as `Kind` says.
    """
    problems: list[Problem] = []
    checked = _check_fields(step.fields, answers, situation, "", problems)
    if not problems and step.check is not None:
        problems.extend(step.check(situation, checked))
    named = {problem.field for problem in problems}  # the step's own check says closer why not
    problems.extend(one for one in _not_to_be_chosen(step.fields, checked, situation) if one.field not in named)
    if problems:
        raise AnswersDoNotHold(step.key, problems)
    return _laid_over(step, situation, checked)


def check_note(step: Step, note: object) -> str:
    """The note as it is to be recorded. Raises `AnswersDoNotHold`."""
    if note is None or note == "":
        return ""
    problems = list(problems_of(NOTE, note, date.max))
    if problems:
        raise AnswersDoNotHold(step.key, [Problem("note", message) for message in problems])
    return str(note)


def is_asked(field: Field, answers: Mapping[str, Any], situation: Situation) -> bool:
    """Whether the field is asked, given the step's other answers and who takes it."""
    if field.by_portal or (field.on_behalf_only and not situation.on_behalf):
        return False
    return field.only_when is None or field.only_when.holds(answers)


def is_required(field: Field, answers: Mapping[str, Any]) -> bool:
    """Whether the field must be answered, given the step's other answers."""
    return field.required.holds(answers) if isinstance(field.required, When) else field.required


def _check_fields(
    fields: tuple[Field, ...],
    answers: Mapping[str, Any],
    situation: Situation,
    prefix: str,
    problems: list[Problem],
) -> Answers:
    checked: Answers = {}
    for field in fields:
        if not is_asked(field, answers, situation):
            continue
        answer = answers.get(field.name)
        name = prefix + field.name
        if _is_blank(answer):
            if is_required(field, answers):
                problems.append(Problem(name, _missing(field)))
            continue
        if field.kind is Kind.ENTRIES:
            checked[field.name] = _check_entries(field, answer, situation, name, problems)
            continue
        found = list(problems_of(field, answer, situation.today))
        problems.extend(Problem(name, message) for message in found)
        if not found:
            checked[field.name] = deepcopy(answer)  # what the caller does to it later is not recorded
    return checked


def _check_entries(
    field: Field, answer: object, situation: Situation, name: str, problems: list[Problem]
) -> list[Answers]:
    if not isinstance(answer, list) or not all(isinstance(row, Mapping) for row in answer):
        problems.append(Problem(name, f"{field.full_label}: this is not a list"))
        return []
    if len(answer) > MOST_ENTRIES:
        problems.append(Problem(name, f"{field.full_label}: {MOST_ENTRIES} at the most"))
        return []
    rows = []
    for place, row in enumerate(answer):
        found: list[Problem] = []
        rows.append(_check_fields(field.fields, row, situation, f"{name}-{place}-", found))
        whose = _whose(field, row)
        problems += [_for(whose, one) for one in found]
    seen: dict[str, int] = {}
    for place, row in enumerate(rows):
        key = str(row.get(field.key, "")).casefold()
        if key and key in seen:
            label = next(one.label for one in field.fields if one.name == field.key)
            problems.append(
                Problem(f"{name}-{place}-{field.key}", f"{label}: this is the same as in row {seen[key] + 1}")
            )
        seen.setdefault(key, place)
    return rows


def _whose(field: Field, row: Mapping[str, Any]) -> str:
    """Whom or what a row of the list is about; empty where it does not say."""
    for name in ("name", field.key):
        said = row.get(name)
        if isinstance(said, str) and said.strip() and not list(_text_problems(_A_LINE, said)):
            return said.strip()
    return ""


def _for(whose: str, problem: Problem) -> Problem:
    """The problem with whose it is; one that is told in sentences of its own stays as it is."""
    if not whose or problem.message.endswith("."):
        return problem
    return replace(problem, message=f"{problem.message}, for {whose}")


_A_LINE = Field("whose", "Whose")


def _is_blank(answer: object) -> bool:
    return answer is None or answer is False or answer == "" or answer == [] or answer == {}


def _not_to_be_chosen(
    fields: tuple[Field, ...], checked: Answers, situation: Situation, prefix: str = ""
) -> Iterator[Problem]:
    """Each answer that is none of those which the situation leaves to choose from."""
    for field in fields:
        name, answer = prefix + field.name, checked.get(field.name)
        if answer is None:
            continue
        if field.kind is Kind.ENTRIES:
            for place, row in enumerate(answer):
                yield from _not_to_be_chosen(field.fields, row, situation, f"{name}-{place}-")
        elif field.choices_from and str(answer) not in [one.value for one in field.choices_from(situation)]:
            yield Problem(name, f"{field.full_label}: {answer} cannot be chosen here")


def _missing(field: Field) -> str:
    if field.choices_from:
        return f"Choose one: {field.full_label}"
    match field.kind:
        case Kind.TICK:
            return f"Tick the box: {field.full_label}"
        case Kind.CHOICE:
            return f"Choose one: {field.full_label}"
        case Kind.CHOICES:
            return f"Choose at least one: {field.full_label}"
        case Kind.FILE:
            return f"Choose a file ({papers_in_words(field.accepts)}): {field.full_label}"
        case Kind.ENTRIES:
            can_add = not any(inner.fixed for inner in field.fields)
            return f"{'Add' if can_add else 'Leave in'} at least one: {field.full_label}"
        case _:
            return f"Enter an answer: {field.full_label}"


def problems_of(field: Field, answer: object, today: date) -> Iterator[str]:
    """What is wrong with this answer by itself, whatever else is answered; of a list's rows nothing is said."""
    match field.kind:
        case Kind.TEXT | Kind.LONG_TEXT | Kind.EMAIL | Kind.PHONE:
            yield from _text_problems(field, answer)
        case Kind.NUMBER:
            yield from _number_problems(field, answer)
        case Kind.DATE:
            yield from _date_problems(field, answer, today)
        case Kind.CHOICE:
            if answer not in [choice.value for choice in field.choices]:
                yield f"{field.full_label}: choose one of those given"
        case Kind.CHOICES:
            values = [choice.value for choice in field.choices]
            if not isinstance(answer, list) or any(one not in values or answer.count(one) > 1 for one in answer):
                yield f"{field.full_label}: choose from those given"
        case Kind.TICK:
            if answer is not True:
                yield f"{field.full_label}: tick the box or leave it"
        case Kind.FILE:
            yield from _file_problems(field, answer)
        case Kind.ENTRIES:
            return


def _text_problems(field: Field, answer: object) -> Iterator[str]:
    if not isinstance(answer, str):
        yield f"{field.full_label}: this is not text"
        return
    longest = field.longest or (LONGEST_TEXT if field.kind is Kind.LONG_TEXT else LONGEST_LINE)
    if find_ssn(answer):
        yield NO_SSN
    elif not answer.strip():
        yield _missing(field)
    elif len(answer) > longest:
        yield f"{field.full_label}: {longest:,} characters at the most; these are {len(answer):,}"
    elif not _can_be_printed(answer):
        yield f"{field.full_label}: there are characters in it that cannot be printed"
    elif field.kind is not Kind.LONG_TEXT and "\n" in answer:
        yield f"{field.full_label}: this takes one line"
    elif field.kind is Kind.EMAIL and not _EMAIL.fullmatch(answer):
        yield f"{field.full_label}: enter an email address like name@county.ca.gov"
    elif field.kind is Kind.PHONE and (not _PHONE.fullmatch(answer) or sum(map(str.isdigit, answer)) < 7):
        yield f"{field.full_label}: enter a phone number like (916) 555-0100"


def _can_be_printed(text: str) -> bool:
    """Whether it can be written down as it is: in JSON, in a letter (XML), on a page."""
    return all(
        character in "\n\t" or (unicodedata.category(character) not in _UNPRINTABLE and character not in "\ufffe\uffff")
        for character in text
    )


def _number_problems(field: Field, answer: object) -> Iterator[str]:
    if not isinstance(answer, int) or isinstance(answer, bool):
        yield f"{field.full_label}: enter a whole number"
        return
    if field.minimum is not None and answer < field.minimum:
        yield f"{field.full_label}: must be {field.minimum:,} or more"
    if field.maximum is not None and answer > field.maximum:
        yield f"{field.full_label}: must be {field.maximum:,} or less"


def _date_problems(field: Field, answer: object, today: date) -> Iterator[str]:
    try:
        day = date.fromisoformat(answer) if isinstance(answer, str) and len(answer) == 10 else None
    except ValueError:
        day = None
    if day is None or day.isoformat() != answer:  # Python also reads "2026-W48-1"
        yield f"{field.full_label}: enter a date like 11/23/2026"
    elif day < EARLIEST or day.year > today.year + 50:
        yield f"{field.full_label}: {day.year} cannot be right"
    elif field.not_after_today and day > today:
        yield f"{field.full_label}: this date is still to come"
    elif field.not_before_today and day < today:
        yield f"{field.full_label}: this date is past"


def _file_problems(field: Field, answer: object) -> Iterator[str]:
    if (
        not isinstance(answer, Mapping)
        or set(answer) != {"name", "sha256", "size"}
        or not isinstance(answer["name"], str)
        or not 0 < len(answer["name"]) <= LONGEST_FILE_NAME
        or not _can_be_printed(answer["name"])
        or type(answer["size"]) is not int
        or answer["size"] < 1
        or not _SHA256.fullmatch(str(answer["sha256"]))
    ):
        yield f"{field.full_label}: choose the file again"
    elif find_ssn(answer["name"]):
        yield NO_SSN


def _laid_over(step: Step, situation: Situation, checked: Answers) -> Answers:
    """The answers with each list that `adds` laid over the one recorded before, or what it says, row by row."""
    recorded = section(situation.document, step.key)
    for field in step.fields:
        if field.adds and field.name in checked:
            before = field.lays_over(situation) if field.lays_over else recorded.get(field.name, [])
            rows = {str(row[field.key]).casefold(): row for row in before}
            rows.update({str(row[field.key]).casefold(): row for row in checked[field.name]})
            checked[field.name] = list(rows.values())
    return checked
