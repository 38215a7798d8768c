"""Surveys: organizations with access are asked whether their accounts are enough, and answer once [9]."""

from datetime import date
from typing import Any

import pytest

from portal.process.step import Situation
from portal.process.third_party_access.surveys import RECIPIENTS, ROUNDS, answer_in_round, key_of, replaced_by
from tests.process.case import MONDAY, Case, after, before, where_open

pytestmark = pytest.mark.process("9")

ROUND = {"name": "Fall 2026", "question": "Are your accounts enough?", "answer_by": "2026-12-31"}


def in_round(*ids: str) -> Case:
    """Kern IV-A with access, while a round goes to these applications of Kern."""
    case = after("confirm-access")
    case.world.records[ROUNDS, "fall-2026"] = ROUND
    case.world.records[RECIPIENTS, "fall-2026/Kern"] = {"ids": list(ids)}
    return case


def test_the_survey_reaches_the_requestors_inbox_and_leaves_it_when_answered() -> None:
    case = after("confirm-access").take("survey")
    assert case.task("answer-survey")["role"] == "requestor"
    assert "answer-survey" not in case.take("answer-survey").waiting
    assert case.document["answer_survey"] == {
        "enough": "no",
        "accounts_needed": 5,
        "reason": "A second office opens in March.",
        "survey": "Fall 2026",
    }
    assert case.status == "active"


def test_a_survey_answered_twice_is_refused_until_the_next_one() -> None:
    case = where_open("answer-survey").take("answer-survey")
    assert "was taken already" in case.out_of_turn("answer-survey")
    case.take("survey", name="Spring 2027").take("answer-survey", enough="yes", accounts_needed=None, reason=None)
    answered = [answer_in_round(case.document, key) for key in ("fall-2026", "spring-2027", "no-round")]
    assert [entry and entry["answers"]["enough"] for entry in answered] == ["no", "yes", None]


def test_a_survey_that_is_not_answered_is_replaced_by_the_next_one_and_both_say_so() -> None:
    case = after("confirm-access").take("survey")
    step = case.process.step("survey")
    assert step.advice is not None
    (said,) = step.advice(case.situation({}))
    assert said.startswith("“Fall 2026” is not answered yet. This one takes its place")
    case.take("survey", name="Spring 2027")
    assert case.document["survey"]["replaces"] == "Fall 2026"
    assert replaced_by(case.document, "fall-2026") == "Spring 2027"
    form = case.process.step("answer-survey")
    assert form.advice is not None
    assert "It takes the place of “Fall 2026”, which needs no answer any more." in list(form.advice(case.situation({})))
    case.take("answer-survey")
    assert "answer-survey" not in case.waiting
    assert [bool(answer_in_round(case.document, key)) for key in ("fall-2026", "spring-2027")] == [False, True]
    held = {key: number for key, number in case.document["holdings"].items() if key.startswith("survey/fall-2026/")}
    assert held == {"survey/fall-2026/sent": 1, "survey/fall-2026/replaced": 1}


def test_a_survey_that_is_answered_is_replaced_by_none() -> None:
    case = where_open("answer-survey").take("answer-survey").take("survey", name="Spring 2027")
    assert "replaces" not in case.document["survey"]
    assert replaced_by(case.document, "fall-2026") == ""


@pytest.mark.parametrize("step", ["decide", "confirm-access"])
def test_nobody_is_asked_before_there_is_access(step: str) -> None:
    assert "not open yet" in before(step).out_of_turn("survey")


def test_nobody_is_asked_twice_in_one_round() -> None:
    case = in_round("TPA-2026-0007").take("survey", **ROUND)
    assert "already" in case.problems("survey", **ROUND)["name"]
    assert "already" in case.problems("survey", **{**ROUND, "name": "FALL-2026"})["name"]


@pytest.mark.parametrize(
    ("ids", "other", "field"),
    [
        (["TPA-2026-0007"], {}, None),
        (["TPA-2026-0008"], {}, "name"),
        ([], {}, "name"),
        (["TPA-2026-0007"], {"question": "Something else?"}, "question"),
        (["TPA-2026-0007"], {"answer_by": "2027-01-31"}, "question"),
    ],
)
def test_a_round_goes_to_those_it_is_for_with_its_own_question(ids: list[str], other: dict[str, str], field: str | None) -> None:  # fmt: skip
    assert set(in_round(*ids).problems("survey", **{**ROUND, **other})) == ({field} if field else set())


def test_a_round_that_was_interrupted_can_go_on_after_its_day_and_a_single_question_not() -> None:
    late = in_round("TPA-2026-0007").on(date(2027, 1, 15))
    assert late.problems("survey", **ROUND) == {}
    assert set(after("confirm-access").on(date(2027, 1, 15)).problems("survey", **ROUND)) == {"answer_by"}


def test_a_name_without_letters_is_none() -> None:
    assert key_of("  Fall—2026! ") == "fall-2026"
    assert set(after("confirm-access").problems("survey", name="—")) == {"name"}


@pytest.mark.parametrize(
    ("answers", "fields"),
    [
        ({"enough": "yes", "accounts_needed": None, "reason": None}, set()),
        ({"enough": "no", "accounts_needed": None}, {"accounts_needed"}),
        ({"enough": "no", "reason": None}, {"reason"}),
        ({"enough": "no", "accounts_needed": 3}, {"accounts_needed"}),
        ({"enough": "too-many", "accounts_needed": 3}, {"accounts_needed"}),
        ({"enough": "too-many", "accounts_needed": 2}, set()),
        ({"enough": "too-many", "accounts_needed": 0}, set()),
        ({"enough": "perhaps"}, {"enough"}),
    ],
)
def test_more_than_granted_is_needed_when_they_are_not_enough(answers: dict[str, Any], fields: set[str]) -> None:
    assert set(where_open("answer-survey").problems("answer-survey", **answers)) == fields


def test_the_form_says_what_is_asked_and_how_many_accounts_there_are() -> None:
    case = where_open("answer-survey")
    advice = case.process.step("answer-survey").advice
    assert advice is not None
    words = " ".join(advice(Situation(case.document, {}, MONDAY)))
    assert "“Are your accounts enough?” Please answer by December 23, 2026." in words
    assert "3 accounts are granted to your organization, and 2 in use." in words


def test_what_was_sent_and_answered_is_counted_round_by_round() -> None:
    case = where_open("answer-survey")
    assert case.document["holdings"] == {"uaag/Kern/": 3, "survey/fall-2026/sent": 1}
    case.take("answer-survey").take("survey", name="Spring 2027")
    assert case.document["holdings"] == {
        "uaag/Kern/": 3,
        "survey/fall-2026/sent": 1,
        "survey/fall-2026/answered": 1,
        "survey/fall-2026/no": 1,
        "survey/spring-2027/sent": 1,
    }


@pytest.mark.process("O8.2")
def test_the_answer_is_for_those_who_weigh_it() -> None:
    case = where_open("answer-survey").take("answer-survey")
    policy = case.process.policy
    reads = {
        role.key
        for role in case.process.roles
        if "enough" in policy.shown((role.key,), "answer-survey", case.document, case.document["answer_survey"])
    }
    assert reads == {"process-owner", "process-manager", "director", "coordinator", "administrator", "requestor"}
