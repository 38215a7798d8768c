"""When one is reminded of a task: as its step declares, then every 30 days, and once when its goal is passed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.process.document import Json
from portal.process.reminders import Days, began_on, due_on, is_reminded, is_told_late
from portal.process.step import IfLate, Step
from portal.process.third_party_access import THIRD_PARTY_ACCESS

SINCE = date(2026, 11, 23)
DUST = Step("dust", "Dust", "Dust, please.", "lending", "2.5", "dusted")


def a_task(opens_on: str | None = None, goal_on: str | None = None) -> Json:
    """Open since noon of November 23 in California."""
    return {"since": "2026-11-23T20:00:00Z", "opens_on": opens_on, "goal_on": goal_on}


def days_of(step: Step, task: Json, until: int = 120) -> list[int]:
    """After how many days one is reminded of it."""
    days = [(number, SINCE + timedelta(days=number)) for number in range(until)]
    return [number for number, day in days if is_reminded(step, task, Days(day - timedelta(days=1), day))]


@pytest.mark.process("4")
def test_one_is_reminded_after_two_weeks_and_then_every_thirty_days() -> None:
    assert days_of(DUST, a_task()) == [14, 44, 74, 104]


def test_a_step_may_say_when_and_that_nobody_is_reminded_of_it() -> None:
    assert days_of(replace(DUST, remind_after=(14, 23)), a_task()) == [14, 23, 53, 83, 113]
    assert days_of(replace(DUST, remind_after=()), a_task(goal_on="2026-11-30")) == []


def test_days_count_from_the_one_on_which_it_could_be_taken() -> None:
    assert days_of(DUST, a_task(opens_on="2026-12-03")) == [24, 54, 84, 114]


@pytest.mark.process("4")
def test_one_is_reminded_on_the_day_after_the_goal() -> None:
    assert days_of(DUST, a_task(goal_on="2026-12-10"), 40) == [14, 18]


def test_one_is_reminded_on_the_day_after_the_one_by_which_it_is_asked_for() -> None:
    assert days_of(DUST, {**a_task(), "due_on": "2026-12-10"}, 40) == [14, 18]


def test_others_are_told_that_a_task_is_late_after_the_days_that_its_step_says_and_then_every_thirty() -> None:
    task, step = {**a_task(), "due_on": "2026-11-25"}, replace(DUST, if_late=IfLate(5, ("role:iso",)))
    days = [(number, SINCE + timedelta(days=number)) for number in range(80)]
    told = [number for number, day in days if is_told_late(step, task, Days(day - timedelta(days=1), day))]
    assert told == [7, 37, 67]
    assert not is_told_late(DUST, task, Days(None, date(2027, 1, 1)))
    assert not is_told_late(step, a_task(), Days(None, date(2027, 1, 1)))


@pytest.mark.process("2.5")
def test_to_certify_anew_one_is_reminded_again_a_week_before_the_year_is_over() -> None:
    assert days_of(THIRD_PARTY_ACCESS.step("recertify-users"), a_task(), 31) == [14, 23]


some_days = st.integers(0, 400).map(lambda days: SINCE + timedelta(days=days))


@given(since=some_days, first=some_days, number=st.integers(1, 40), waits=st.sampled_from(((14,), (3, 5), (), (0, 29))))
def test_the_spans_in_which_reminded_tasks_began_hold_all_of_them_and_no_day_twice(
    since: date, first: date, number: int, waits: tuple[int, ...]
) -> None:
    days = Days(first - timedelta(days=1), first + timedelta(days=number - 1))
    task = {"since": "2020-01-01T20:00:00Z", "opens_on": since.isoformat(), "goal_on": None}
    step = replace(DUST, remind_after=waits)
    spans = [span for span in began_on([step], days, min(since, days.until)) if since in span]
    assert len(spans) <= 1
    assert is_reminded(step, task, days) <= bool(spans)


@given(due=some_days, first=some_days, number=st.integers(1, 40), after=st.sampled_from((1, 2, 14)))
def test_the_spans_in_which_late_tasks_were_due_hold_all_of_them(
    due: date, first: date, number: int, after: int
) -> None:
    days = Days(first - timedelta(days=1), first + timedelta(days=number - 1))
    task = {"since": "2020-01-01T20:00:00Z", "opens_on": None, "goal_on": None, "due_on": due.isoformat()}
    step = replace(DUST, if_late=IfLate(after, ("role:iso",)))
    spans = [span for span in due_on([step], days, min(due, days.until)) if due in span]
    assert len(spans) <= 1
    assert is_told_late(step, task, days) <= bool(spans)
