"""The goals of the timeline on an application: what they count from, and when the clock stands still [4]."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.process.explain import steps_of
from portal.process.progress import Progress, progress
from portal.process.step import Goal
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from portal.process.third_party_access.reference import DCSS_GOALS
from tests.process.case import CALENDAR, MONDAY, Case, after, before

pytestmark = pytest.mark.process("4")

FIFTEEN_ON = date(2026, 12, 16)
"""15 working days after Monday, November 23, 2026: Thanksgiving and the day after do not count."""


def goal_of(case: Case, step: str) -> Progress:
    """How the step stands against its goal on this application."""
    found = progress(THIRD_PARTY_ACCESS.step(step), case.document, CALENDAR)
    assert found is not None
    return found


def reason_of(case: Case, step: str) -> str:
    """The reason for delay that stands beside the step."""
    shown = steps_of(THIRD_PARTY_ACCESS, case.document, case.document, CALENDAR)
    return next(one.delay_reason for one in shown if one.step.key == step)


@pytest.mark.parametrize(
    ("row", "steps"),
    [
        (0, ["schedule-invitation", "send-invitation"]),
        (1, ["legal-opinion"]),
        (2, ["decide", "send-decision"]),
        (3, ["countersign-mou", "post-approval"]),
        (4, ["create-office-id", "confirm-access"]),
    ],
)
def test_the_steps_goals_are_those_of_the_printed_timeline(row: int, steps: list[str]) -> None:
    for step in steps:
        goal = THIRD_PARTY_ACCESS.step(step).goal
        assert isinstance(goal, Goal)
        assert (goal.working_days, goal.at_least) == (DCSS_GOALS[row].working_days, DCSS_GOALS[row].at_least)


def test_no_other_step_has_a_goal() -> None:
    assert {step.key for step in THIRD_PARTY_ACCESS.steps if step.goal} == {
        "schedule-invitation", "send-invitation", "legal-opinion", "decide", "send-decision", "countersign-mou",
        "post-approval", "create-office-id", "confirm-access",
    }  # fmt: skip


@pytest.mark.process("6.3.2", "3")
def test_the_invitation_goal_counts_from_identification_when_conversion_is_long_past() -> None:
    case = after("identify-requestor")
    task = case.task("schedule-invitation")
    assert (task["goal_from"], task["goal_on"], task["goal_days"]) == ("2026-11-23", FIFTEEN_ON.isoformat(), 15)


@pytest.mark.process("3")
@pytest.mark.parametrize(
    ("converted", "counts_from"),
    [
        ("2026-09-22", MONDAY),
        ("2026-09-23", MONDAY),
        ("2026-09-24", date(2026, 11, 24)),
        ("2026-12-31", date(2027, 2, 28)),
    ],
)
def test_the_invitation_goal_counts_from_two_months_after_conversion_when_that_is_later(
    converted: str, counts_from: date
) -> None:
    case = Case()
    case.world.converted_on = converted
    case.take("identify-requestor", invitation_date="2027-03-01")
    for step in ("schedule-invitation", "send-invitation"):
        found = goal_of(case, step)
        assert (found.start, found.goal_on) == (counts_from, CALENDAR.add(counts_from, 15))
    assert goal_of(case, "schedule-invitation").used(MONDAY, CALENDAR) == 0


@pytest.mark.process("3")
def test_a_conversion_date_that_was_entered_after_the_identification_counts_too() -> None:
    case = Case()
    case.world.converted_on = None
    case.take("identify-requestor").pass_days(7)
    case.world.converted_on = "2026-12-01"
    case.take("schedule-invitation", invitation_date="2027-02-01")
    assert goal_of(case, "send-invitation").start == date(2027, 2, 1)


def test_a_returned_identification_starts_the_goal_anew() -> None:
    case = (
        after("identify-requestor").pass_working_days(10).take("schedule-invitation", outcome="return", reason="Who?")
    )
    case.pass_working_days(2).take("identify-requestor")
    assert goal_of(case, "schedule-invitation").start == case.today


@pytest.mark.process("6.5.1")
def test_the_opinion_goal_counts_from_receipt_of_the_application_not_from_routing() -> None:
    case = before("route-application").pass_working_days(4).take("route-application")
    assert case.task("legal-opinion")["goal_from"] == MONDAY.isoformat()
    assert case.task("legal-opinion")["goal_on"] == FIFTEEN_ON.isoformat()
    assert goal_of(case, "legal-opinion").used(case.today, CALENDAR) == 4


@pytest.mark.process("6.5.1")
def test_an_application_sent_again_after_correction_is_received_again() -> None:
    case = (
        before("route-application").pass_working_days(4).take("route-application", outcome="return", correction="Who?")
    )
    case.pass_working_days(3).take("complete-application").take("route-application")
    assert goal_of(case, "legal-opinion").start == case.today


def paper_of(step: str) -> Callable[[Case, str], Case]:
    """Enters for the Requestor what came on paper on that date."""
    scan = {"method": "scan", "signed_mou": {"name": "mou.pdf", "sha256": "0" * 64, "size": 1000}}
    paper = {"received_by": "mail", **(scan if step == "sign-mou" else {})}
    return lambda case, day: case.take(step, case.who("process-manager"), received_on=day, **paper)


@pytest.mark.process("6.4")
def test_an_application_on_paper_counts_from_the_day_on_which_it_came() -> None:
    case = paper_of("complete-application")(before("complete-application"), "2026-11-18").take("route-application")
    assert goal_of(case, "legal-opinion").start == date(2026, 11, 18)
    assert goal_of(case, "legal-opinion").used(MONDAY, CALENDAR) == 3


@pytest.mark.process("6.8.1")
def test_a_signed_mou_on_paper_counts_from_the_day_on_which_it_came() -> None:
    case = paper_of("sign-mou")(before("sign-mou"), "2026-11-18")
    assert goal_of(case, "countersign-mou").start == date(2026, 11, 18)


@pytest.mark.process("6.5.1")
def test_the_clock_stands_still_while_the_requestor_clarifies() -> None:
    case = before("legal-opinion").pass_working_days(5).take("legal-opinion", opinion="clarification")
    asked = goal_of(case, "legal-opinion")
    assert (asked.goal_on, asked.stands_still_since) == (None, case.today)
    case.pass_working_days(20)
    assert goal_of(case, "legal-opinion").used(case.today, CALENDAR) == 5
    case.take("clarify")
    answered = goal_of(case, "legal-opinion")
    assert (answered.paused, answered.goal_on) == (20, CALENDAR.add(MONDAY, 35))
    case.pass_working_days(3)
    assert goal_of(case, "legal-opinion").used(case.today, CALENDAR) == 8
    case.take("legal-opinion").pass_working_days(9)
    assert goal_of(case, "legal-opinion").used(case.today, CALENDAR) == 8


@pytest.mark.process("6.5.1")
def test_the_clock_stands_still_for_each_question() -> None:
    case = before("legal-opinion")
    for days in (4, 6):
        case.pass_working_days(1).take("legal-opinion", opinion="clarification").pass_working_days(days).take("clarify")
    assert goal_of(case, "legal-opinion").paused == 10
    assert goal_of(case, "legal-opinion").used(case.today, CALENDAR) == 2


@pytest.mark.process("6.5.1", "6.4")
def test_a_clarification_on_paper_starts_the_clock_again_on_the_day_on_which_it_came() -> None:
    case = before("legal-opinion").take("legal-opinion", opinion="clarification").pass_working_days(10)
    came = CALENDAR.add(MONDAY, 6).isoformat()
    paper_of("clarify")(case, came)
    assert goal_of(case, "legal-opinion").paused == 6
    assert goal_of(case, "legal-opinion").used(case.today, CALENDAR) == 4


@pytest.mark.process("6.6")
def test_the_decision_goal_counts_from_legals_opinion() -> None:
    case = before("legal-opinion").pass_working_days(3).take("legal-opinion")
    opinion = case.today
    case.pass_working_days(6).take("connectivity-test").take("send-to-owner")
    assert case.task("decide")["goal_from"] == opinion.isoformat()
    assert goal_of(case, "decide").used(case.today, CALENDAR) == 6
    case.take("decide").pass_working_days(2)
    assert goal_of(case, "decide").used(case.today, CALENDAR) == 6
    assert goal_of(case, "send-decision").used(case.today, CALENDAR) == 8


def test_the_decision_goal_runs_from_the_opinion_whatever_it_says_and_not_from_a_question() -> None:
    case = before("legal-opinion").take("legal-opinion", opinion="clarification")
    assert goal_of(case, "decide").start is None
    case.take("clarify").take("legal-opinion", opinion="not-authorized").take("connectivity-test")
    assert case.take("send-to-owner").task("decide")["goal_on"] == FIFTEEN_ON.isoformat()


@pytest.mark.process("6.9")
def test_one_goal_covers_countersignature_and_posting() -> None:
    case = after("sign-mou").pass_working_days(12).take("countersign-mou")
    assert case.task("post-approval")["goal_on"] == FIFTEEN_ON.isoformat()
    case.pass_working_days(8)
    assert goal_of(case, "post-approval").over(case.today, CALENDAR) == 5
    assert goal_of(case, "countersign-mou").over(case.today, CALENDAR) == 0


@pytest.mark.process("6.9.1")
def test_an_mou_signed_anew_is_received_anew() -> None:
    case = after("sign-mou").pass_working_days(5).take("return-mou").pass_working_days(5).take("sign-mou")
    assert goal_of(case, "countersign-mou").start == case.today


@pytest.mark.process("7")
def test_access_has_thirty_to_forty_five_working_days_from_the_notice() -> None:
    case = after("post-approval")
    goal = goal_of(case, "create-office-id").goal
    assert goal.in_words == "30 to 45 working days"
    assert case.task("create-office-id")["goal_on"] == CALENDAR.add(MONDAY, 45).isoformat() == "2027-02-01"


def test_holidays_and_weekends_do_not_count() -> None:
    case = before("legal-opinion").on(date(2026, 11, 30))
    assert goal_of(case, "legal-opinion").used(case.today, CALENDAR) == 3


def test_within_the_goal_nothing_is_over() -> None:
    case = before("legal-opinion")
    assert goal_of(case, "legal-opinion").over(FIFTEEN_ON, CALENDAR) == 0
    assert goal_of(case, "legal-opinion").over(date(2026, 12, 17), CALENDAR) == 1


def test_a_reason_for_delay_is_shown_until_the_step_is_taken() -> None:
    case = before("legal-opinion").pass_working_days(20)
    assert reason_of(case, "legal-opinion") == ""
    case.take("delay-opinion")
    assert reason_of(case, "legal-opinion") == "Extensive legal research is necessary"
    case.take("delay-opinion", delay_reason="purpose-unclear")
    assert reason_of(case, "legal-opinion") == "The purpose statement is unclear"
    assert reason_of(case.take("legal-opinion"), "legal-opinion") == ""


@pytest.mark.process("6.6")
def test_a_delayed_decision_says_that_more_is_asked_than_the_guide_has() -> None:
    case = before("decide").take("delay-decision")
    assert "more users are requested" in reason_of(case, "decide").lower()
    assert reason_of(case, "legal-opinion") == ""
    assert reason_of(case.take("decide"), "decide") == ""


def test_legal_gives_one_of_the_three_reasons_that_the_timeline_names() -> None:
    reasons = {choice.value for choice in THIRD_PARTY_ACCESS.step("delay-opinion").field("delay_reason").choices}
    assert reasons == {"purpose-unclear", "security-role-inadequate", "extensive-research"}


def test_no_reason_is_given_for_a_delay_that_is_not_legals() -> None:
    asked = before("legal-opinion").take("legal-opinion", opinion="clarification")
    asked.out_of_turn("delay-opinion")
    asked.take("clarify").take("delay-opinion")
    after("legal-opinion").out_of_turn("delay-opinion")


@given(st.lists(st.integers(0, 12), min_size=1, max_size=6), st.integers(0, 20))
def test_days_used_and_days_left_always_make_the_goal(waits: list[int], last: int) -> None:
    case = before("legal-opinion")
    for place, days in enumerate(waits):
        case.pass_days(days)
        if place % 2 == 0:
            case.take("legal-opinion", opinion="clarification")
        else:
            case.take("clarify")
    if len(waits) % 2 == 1:
        case.take("clarify")
    case.pass_days(last)
    found = goal_of(case, "legal-opinion")
    assert found.goal_on is not None
    used, over = found.used(case.today, CALENDAR), found.over(case.today, CALENDAR)
    assert used + CALENDAR.between(case.today, found.goal_on) == 15 + over


def test_a_step_has_a_goal_or_a_day_by_which_it_is_asked_for_and_only_what_has_a_day_can_be_late() -> None:
    for step in THIRD_PARTY_ACCESS.steps:
        assert not (step.goal and step.due_on), step.key
        assert step.due_on or not step.if_late, step.key
