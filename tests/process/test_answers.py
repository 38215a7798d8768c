"""Answers: each held to its field, all that is wrong named at once, and nothing kept that was not asked."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.process.check_answers import LONGEST_LINE, LONGEST_TEXT, MOST_ENTRIES, NO_SSN, check_answers, check_note
from portal.process.errors import AnswersDoNotHold, Problem
from portal.process.step import Choice, Field, Kind, Situation, Step, When
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.process.case import MONDAY, STEPS, before, checksum, paper, where_open

CHOICES = (Choice("red", "Red"), Choice("blue", "Blue"))
SITUATION = Situation({}, {}, MONDAY)

GOOD: dict[Kind, list[Any]] = {
    Kind.TEXT: ["a", "María O'Brien & Söhne <x>", "\U0001f600", "日本語", "x" * LONGEST_LINE],
    Kind.LONG_TEXT: ["a\nb", "two\ttabs", "x" * LONGEST_TEXT],
    Kind.EMAIL: ["name@county.ca.gov", "o'brien+cse@county.ca.gov"],
    Kind.PHONE: ["(916) 555-0100", "+1 916 555 0100", "9165550100", "916.555.0100/12"],
    Kind.NUMBER: [1, 10],
    Kind.DATE: ["2026-11-23", "1990-01-01", "2024-02-29", "2076-12-31"],
    Kind.CHOICE: ["red", "blue"],
    Kind.CHOICES: [["red"], ["red", "blue"]],
    Kind.TICK: [True],
    Kind.FILE: [paper()],
    Kind.ENTRIES: [[{"name": "a"}], [{"name": "a"}, {"name": "b"}]],
}
UNPRINTABLE = ["a\x00b", "a\x07b", "a\rb", "a\x1bb", "a\x7fb", "a\x85b", "a\ud800b", "a\ufffeb", "a\u2028b"]
NOT_TEXT: list[Any] = [5, 1.5, True, ["a"], {"a": "b"}]
BAD: dict[Kind, list[Any]] = {
    Kind.TEXT: [*NOT_TEXT, *UNPRINTABLE, "  ", "\u00a0", "a\nb", "x" * (LONGEST_LINE + 1)],
    Kind.LONG_TEXT: [*NOT_TEXT, *UNPRINTABLE, " \n ", "x" * (LONGEST_TEXT + 1)],
    Kind.EMAIL: [
        *NOT_TEXT, "name", "name@county", "@county.gov", "a b@c.gov", "a@b.gov,c@d.gov", "a@b.gov\n", "Al <a@b.gov>",
    ],
    Kind.PHONE: [*NOT_TEXT, "555", "call me", "------------", "(916) 555-0100 ext. twelve"],
    Kind.NUMBER: ["5", 5.0, 1.5, True, [5], {"n": 5}, 0, -1, 11, 10**30],
    Kind.DATE: [
        5, True, ["2026-11-23"], "11/23/2026", "2026-13-01", "2025-02-29", "20261123", "2026-W48-1", "2026-11-2",
        "1989-12-31", "2077-01-01", "0001-01-01", "2026-11-23T10:00:00Z",
    ],
    Kind.CHOICE: [5, True, ["red"], {"red": "red"}, "green", "Red", "red "],
    Kind.CHOICES: ["red", 5, True, {"red": True}, ["green"], ["red", "red"], [["red"]], [{}], ["red", 5]],
    Kind.TICK: ["yes", 1, [True], "on"],
    Kind.FILE: [
        "scan.pdf", 5, ["scan.pdf"], {"name": "scan.pdf"}, {**paper(), "more": 1},
        {**paper(), "sha256": "A" * 64}, {**paper(), "sha256": "short"}, {**paper(), "sha256": None},
        {**paper(), "size": "10"}, {**paper(), "size": 0}, {**paper(), "size": -1}, {**paper(), "size": True},
        {**paper(), "name": 5}, {**paper(), "name": ""}, {**paper(), "name": "a\x00.pdf"},
        {**paper(), "name": "x" * 300 + ".pdf"}, {**paper(), "name": "123-45-6789.pdf"},
    ],
    Kind.ENTRIES: ["a", 5, {"name": "a"}, ["a"], [{"name": "a"}, 5], [[{"name": "a"}]]],
}  # fmt: skip
BLANK: list[Any] = [None, "", [], {}, False]


def field_of(kind: Kind, **other: Any) -> Field:
    """A field of this kind, with all that the kind needs."""
    entries = {"fields": (Field("name", "Name"), Field("email", "Email", Kind.EMAIL, required=False)), "key": "name"}
    more: dict[Kind, dict[str, Any]] = {
        Kind.NUMBER: {"minimum": 1, "maximum": 10},
        Kind.CHOICE: {"choices": CHOICES},
        Kind.CHOICES: {"choices": CHOICES},
        Kind.ENTRIES: entries,
    }
    return Field("answer", "Answer", kind, **{**more.get(kind, {}), **other})


def step_of(*fields: Field) -> Step:
    """A step that asks these."""
    return Step("ask", "Ask", "Ask.", "anyone", "only", "1", "asked", fields=fields)


def problems_of(step: Step, answers: dict[str, Any]) -> dict[str, str]:
    """The fields that do not hold, with their messages."""
    try:
        check_answers(step, SITUATION, answers)
    except AnswersDoNotHold as error:
        return {problem.field: problem.message for problem in error.problems}
    return {}


@pytest.mark.parametrize(("kind", "answer"), [(kind, answer) for kind, answers in GOOD.items() for answer in answers])
def test_a_good_answer_is_recorded_as_it_was_given(kind: Kind, answer: Any) -> None:
    assert check_answers(step_of(field_of(kind)), SITUATION, {"answer": answer}) == {"answer": answer}


@pytest.mark.parametrize(("kind", "answer"), [(kind, answer) for kind, answers in BAD.items() for answer in answers])
def test_a_bad_answer_is_named_by_its_field(kind: Kind, answer: Any) -> None:
    found = problems_of(step_of(field_of(kind)), {"answer": answer})
    assert list(found) == ["answer"]
    assert "123-45-6789" not in found["answer"]


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("answer", BLANK)
def test_a_blank_answer_is_asked_for_where_it_is_required(kind: Kind, answer: Any) -> None:
    assert list(problems_of(step_of(field_of(kind)), {"answer": answer})) == ["answer"]
    assert list(problems_of(step_of(field_of(kind)), {})) == ["answer"]


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("answer", BLANK)
def test_a_blank_answer_is_left_out_where_it_is_not_required(kind: Kind, answer: Any) -> None:
    assert check_answers(step_of(field_of(kind, required=False)), SITUATION, {"answer": answer}) == {}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(), max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "email", "size"]), inner),
    max_leaves=6,
)


@given(kind=st.sampled_from(list(Kind)), answer=anything)
def test_whatever_is_sent_holds_or_is_named(kind: Kind, answer: Any) -> None:
    step = step_of(field_of(kind, required=False))
    found = problems_of(step, {"answer": answer})
    assert all(name.startswith("answer") for name in found)
    if not found:
        checked = check_answers(step, SITUATION, {"answer": answer})
        assert set(checked) <= {"answer"}
        str(checked).encode()  # what cannot be written down was refused


def test_all_that_is_wrong_is_named_at_once() -> None:
    step = step_of(Field("one", "One"), Field("two", "Two", Kind.NUMBER), Field("three", "Three", Kind.DATE))
    assert set(problems_of(step, {"two": "x", "three": "x"})) == {"one", "two", "three"}


def test_rows_are_named_by_their_place() -> None:
    rows = [{"name": "a", "email": "a@b.gov"}, {"email": "nonsense"}, {}]
    found = problems_of(step_of(field_of(Kind.ENTRIES)), {"answer": rows})
    assert set(found) == {"answer-1-name", "answer-1-email", "answer-2-name"}


@pytest.mark.process("6.8.2")
def test_two_users_of_one_email_are_named_by_the_second_row() -> None:
    case = before("certify-users")
    users = case.usual("certify-users")["users"]
    found = case.problems("certify-users", users=[users[0], {**users[1], "email": "ANA@kern.example"}])
    assert set(found) == {"users-1-email"}
    assert "row 1" in found["users-1-email"]
    assert set(case.problems("certify-users", users=[{**users[0], "email": "nonsense"}])) == {"users-0-email"}


def test_a_list_takes_so_many_rows_and_no_more() -> None:
    step = step_of(field_of(Kind.ENTRIES))
    rows = [{"name": f"n{number}"} for number in range(MOST_ENTRIES + 1)]
    assert problems_of(step, {"answer": rows[:-1]}) == {}
    assert list(problems_of(step, {"answer": rows})) == ["answer"]


def test_what_was_not_asked_is_dropped_in_rows_too() -> None:
    step = step_of(field_of(Kind.ENTRIES))
    given = {"answer": [{"name": "a", "role": "process-owner"}], "status": "active", "history": []}
    assert check_answers(step, SITUATION, given) == {"answer": [{"name": "a"}]}


COLOUR = Field("colour", "Colour", Kind.CHOICE, choices=CHOICES)
SHADE = Field("shade", "Shade", only_when=When("colour", ("red",)))
REASON = Field("reason", "Reason", required=When("colour", ("blue",)))


def test_a_field_is_asked_only_when_another_answer_is_such() -> None:
    step = step_of(COLOUR, SHADE)
    assert set(problems_of(step, {"colour": "red"})) == {"shade"}
    assert check_answers(step, SITUATION, {"colour": "blue", "shade": "dark"}) == {"colour": "blue"}
    assert check_answers(step, SITUATION, {"colour": "blue", "shade": "123-45-6789"}) == {"colour": "blue"}


def test_a_field_is_required_only_when_another_answer_is_such() -> None:
    step = step_of(COLOUR, REASON)
    assert set(problems_of(step, {"colour": "blue"})) == {"reason"}
    assert check_answers(step, SITUATION, {"colour": "red"}) == {"colour": "red"}
    assert check_answers(step, SITUATION, {"colour": "red", "reason": "so"}) == {"colour": "red", "reason": "so"}


def test_a_tick_is_yes_or_no_for_the_fields_that_hang_on_it() -> None:
    when = Field("why_not", "Why not", only_when=When("tick", ("no",)))
    step = step_of(Field("tick", "Tick", Kind.TICK, required=False), when)
    assert problems_of(step, {"tick": True}) == {}
    assert set(problems_of(step, {"tick": False})) == {"why_not"}


@pytest.mark.parametrize(
    ("limits", "bad", "good"),
    [
        ({"not_after_today": True}, "2026-11-24", "2026-11-23"),
        ({"not_before_today": True}, "2026-11-22", "2026-11-23"),
    ],
)
def test_a_date_may_be_held_to_before_or_after_today(limits: dict[str, bool], bad: str, good: str) -> None:
    step = step_of(field_of(Kind.DATE, **limits))
    assert list(problems_of(step, {"answer": bad})) == ["answer"]
    assert problems_of(step, {"answer": good}) == {}


def test_today_is_californias_date() -> None:
    case = before("complete-application")
    assert set(case.problems("complete-application", signed_on="2026-11-24")) == {"signed_on"}
    assert case.on(date(2026, 11, 24)).problems("complete-application", signed_on="2026-11-24") == {}


# Over every step of the process


def text_fields() -> list[tuple[str, str, Field | None]]:
    """Every field of every step into which text can be typed: step, field, and the list in whose rows it stands."""
    typed = (Kind.TEXT, Kind.LONG_TEXT, Kind.EMAIL, Kind.PHONE)
    found: list[tuple[str, str, Field | None]] = []
    for step in THIRD_PARTY_ACCESS.steps:
        for field in step.fields:
            if field.by_portal:
                continue
            if field.kind in typed:
                found.append((step.key, field.name, None))
            found += [(step.key, inner.name, field) for inner in field.fields if inner.kind in typed]
    return found


@pytest.mark.process("6.4")
@pytest.mark.parametrize(("step", "name", "rows"), text_fields(), ids=lambda value: getattr(value, "name", value))
def test_a_social_security_number_is_refused_in_every_text_and_not_repeated(
    step: str, name: str, rows: Field | None
) -> None:
    case, number = where_open(step), "Her number is 123-45-6789."
    if rows is None:
        when = THIRD_PARTY_ACCESS.step(step).field(name).only_when
        found = case.problems(step, **({when.field: when.values[0]} if when else {}), **{name: number})
        place = name
    else:
        first, *rest = case.usual(step)[rows.name]
        when = next(inner.only_when for inner in rows.fields if inner.name == name)
        first |= {when.field: when.values[0]} if when else {}
        found, place = (
            case.problems(step, **{rows.name: [*rest, {**first, name: number}]}),
            f"{rows.name}-{len(rest)}-{name}",
        )
    assert "social security number" in found[place]
    assert "123-45-6789" not in "".join(found.values())


@pytest.mark.parametrize("step", STEPS)
def test_a_social_security_number_is_refused_in_every_note(step: str) -> None:
    assert "social security number" in where_open(step).problems(step, note="It is 123 45 6789")["note"]


@pytest.mark.process("6.8.1")
def test_a_social_security_number_is_refused_in_a_papers_name() -> None:
    found = before("sign-mou").problems("sign-mou", method="scan", signed_mou=paper("123-45-6789.pdf"))
    assert "social security number" in found["signed_mou"]


@pytest.mark.parametrize("step", STEPS)
def test_every_required_field_of_every_step_is_asked_for_by_name(step: str) -> None:
    case, declared = where_open(step), THIRD_PARTY_ACCESS.step(step)
    always = {
        field.name
        for field in declared.fields
        if field.required is True and field.only_when is None and not (field.on_behalf_only or field.by_portal)
    }
    assert set(case.problems_of(step, {})) >= always
    assert not always or set(case.problems_of(step, {})) == always


@pytest.mark.parametrize("step", STEPS)
def test_answers_that_do_not_hold_leave_the_application_as_it_was(step: str) -> None:
    case = where_open(step)
    kept = str(case.document)
    assert case.problems_of(step, {**case.usual(step), "note": "\x00"})
    assert str(case.document) == kept


def test_the_note_is_recorded_beside_the_answers_and_not_among_them() -> None:
    entry = (
        before("route-application").take("route-application", note="Call first.\nBefore ten.").document["history"][-1]
    )
    assert (entry["note"], "note" in entry["answers"]) == ("Call first.\nBefore ten.", False)
    assert before("route-application").take("route-application").document["history"][-1]["note"] == ""


@pytest.mark.parametrize("note", [5, ["a"], "\x00", "x" * (LONGEST_TEXT + 1)])
def test_a_note_is_text_that_can_be_printed(note: Any) -> None:
    with pytest.raises(AnswersDoNotHold) as refused:
        check_note(step_of(), note)
    assert [problem.field for problem in refused.value.problems] == ["note"]


def test_a_signed_paper_is_asked_for_where_it_was_signed_on_paper() -> None:
    case = before("sign-mou")
    assert set(case.problems("sign-mou", method="scan")) == {"signed_mou"}
    case.take("sign-mou", method="scan", signed_mou=paper())
    assert case.document["sign_mou"]["signed_mou"]["sha256"] == checksum("scan.pdf")
    assert "signature" not in case.document["sign_mou"]


@pytest.mark.parametrize(("kind", "values", "other"), [(Kind.EMAIL, ["ana@kern.example"], "eve@kern.example"), (Kind.NUMBER, [2, 3], 4), (Kind.TEXT, ["a"], "A")])  # fmt: skip
def test_what_is_chosen_in_this_situation_is_one_of_those_that_it_leaves(
    kind: Kind, values: list[Any], other: Any
) -> None:
    def left(situation: Situation) -> list[Choice]:
        assert situation is SITUATION
        return [Choice(str(value), f"One called {value}") for value in values]

    chosen = Field("answer", "Answer", kind, choices_from=left)
    rows = Field("rows", "Rows", Kind.ENTRIES, fields=(chosen,))
    for value in values:
        answers = {"answer": value, "rows": [{"answer": value}]}
        assert check_answers(step_of(chosen, rows), SITUATION, answers) == answers
    with pytest.raises(AnswersDoNotHold) as refused:
        check_answers(step_of(chosen, rows), SITUATION, {"answer": other, "rows": [{"answer": values[0]}, {"answer": other}]})  # fmt: skip
    words = f"Answer: {other} cannot be chosen here"
    assert {one.field: one.message for one in refused.value.problems} == {"answer": words, "rows-1-answer": words}
    with pytest.raises(AnswersDoNotHold) as missing:
        check_answers(step_of(chosen), SITUATION, {})
    assert [one.message for one in missing.value.problems] == ["Choose one: Answer"]


def test_the_steps_own_check_says_closer_why_something_cannot_be_chosen() -> None:
    chosen = Field("answer", "Answer", choices_from=lambda situation: [])
    step = replace(step_of(chosen), check=lambda situation, answers: [Problem("answer", "It is closed.")])
    with pytest.raises(AnswersDoNotHold) as refused:
        check_answers(step, SITUATION, {"answer": "a"})
    assert [one.message for one in refused.value.problems] == ["It is closed."]


def test_of_rows_that_are_given_at_least_one_is_left_in() -> None:
    rows = Field("rows", "Rows", Kind.ENTRIES, fields=(Field("number", "Number", Kind.NUMBER, fixed=True),))
    with pytest.raises(AnswersDoNotHold) as refused:
        check_answers(step_of(rows), SITUATION, {})
    assert [one.message for one in refused.value.problems] == ["Leave in at least one: Rows"]


@pytest.mark.process("6.8.2")
def test_what_is_wrong_in_a_row_says_for_whom_where_the_row_has_a_name_or_an_address() -> None:
    email, title = Field("email", "Email", Kind.EMAIL), Field("job_title", "Job title")
    users = Field("users", "Users", Kind.ENTRIES, key="email", fields=(Field("name", "Name"), email, title))
    rows = [
        {"name": "Ana Núñez", "email": "ana"},
        {"email": "bo@kern.example", "job_title": "Worker"},
        {"name": "078-05-1120", "email": "", "job_title": "Worker"},
    ]
    assert problems_of(step_of(users), {"users": rows}) == {
        "users-0-email": "Email: enter an email address like name@county.ca.gov, for Ana Núñez",
        "users-0-job_title": "Enter an answer: Job title, for Ana Núñez",
        "users-1-name": "Enter an answer: Name, for bo@kern.example",
        "users-2-name": NO_SSN,
        "users-2-email": "Enter an answer: Email",
    }
