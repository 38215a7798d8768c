"""Working days, California state holidays, California's date, months."""

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.process.goals import (
    HolidayFileError,
    WorkingDays,
    add_months,
    california_date,
    state_holidays,
)

pytestmark = pytest.mark.process("4")
calendar = WorkingDays()
dates = st.dates(min_value=date(2010, 1, 1), max_value=date(2040, 12, 31))


def test_state_offices_close_on_these_ten_days_of_2026() -> None:
    assert list(calendar.holidays(2026)) == [
        date(2026, 1, 1), date(2026, 1, 19), date(2026, 2, 16), date(2026, 3, 31), date(2026, 5, 25),
        date(2026, 9, 7), date(2026, 11, 11), date(2026, 11, 26), date(2026, 11, 27), date(2026, 12, 25),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sunday", "closed"),
    [
        (date(2023, 1, 1), date(2023, 1, 2)),
        (date(2024, 3, 31), date(2024, 4, 1)),
        (date(2021, 7, 4), date(2021, 7, 5)),
        (date(2012, 11, 11), date(2012, 11, 12)),
        (date(2022, 12, 25), date(2022, 12, 26)),
    ],
)
def test_a_holiday_on_a_sunday_moves_to_monday(sunday: date, closed: date) -> None:
    assert closed in state_holidays(sunday.year)
    assert not calendar.is_working_day(closed)


@pytest.mark.parametrize("saturday", [date(2022, 1, 1), date(2018, 3, 31), date(2020, 7, 4), date(2010, 12, 25)])
def test_a_holiday_on_a_saturday_closes_no_office(saturday: date) -> None:
    friday, monday = saturday - timedelta(days=1), saturday + timedelta(days=2)
    assert calendar.is_working_day(friday)
    assert calendar.is_working_day(monday)


@pytest.mark.parametrize("year", [2017, 2023, 2028, 2034])
def test_veterans_day_on_a_saturday_closes_the_friday(year: int) -> None:
    assert state_holidays(year)[date(year, 11, 10)] == "Veterans Day"
    assert not calendar.is_working_day(date(year, 11, 10))


@pytest.mark.parametrize("year", range(2010, 2041))
def test_every_closure_of_every_year_is_a_weekday_of_that_year(year: int) -> None:
    days = state_holidays(year)
    assert 9 <= len(days) <= 11
    assert all(day.weekday() < 5 and day.year == year for day in days)
    assert (date(year, 7, 4) in days) == (date(year, 7, 4).weekday() < 5)
    thanksgiving = next(day for day, name in days.items() if name == "Thanksgiving Day")
    assert (thanksgiving.month, thanksgiving.weekday(), 22 <= thanksgiving.day <= 28) == (11, 3, True)


def test_juneteenth_and_the_third_of_july_are_working_days() -> None:
    assert calendar.is_working_day(date(2026, 6, 19))
    assert calendar.is_working_day(date(2026, 7, 3))


def test_fifteen_working_days_from_before_thanksgiving_pass_over_both_holidays() -> None:
    assert calendar.add(date(2026, 11, 23), 15) == date(2026, 12, 16)
    assert calendar.between(date(2026, 11, 23), date(2026, 12, 16)) == 15


def test_the_day_itself_does_not_count_and_no_time_runs_backward() -> None:
    assert calendar.between(date(2026, 11, 23), date(2026, 11, 23)) == 0
    assert calendar.between(date(2026, 11, 24), date(2026, 11, 20)) == 0
    assert calendar.between(date(2026, 11, 20), date(2026, 11, 22)) == 0
    assert calendar.add(date(2026, 11, 22), 0) == date(2026, 11, 22)
    with pytest.raises(ValueError, match="less than 0"):
        calendar.add(date(2026, 11, 22), -1)


@given(start=dates, days=st.integers(1, 1500))
def test_adding_working_days_and_counting_them_agree(start: date, days: int) -> None:
    end = calendar.add(start, days)
    assert calendar.is_working_day(end)
    assert calendar.between(start, end) == days
    assert calendar.between(start, end - timedelta(days=1)) == days - 1


@given(start=dates, length=st.integers(0, 500))
def test_counting_agrees_with_looking_at_every_day(start: date, length: int) -> None:
    days = [start + timedelta(days=number) for number in range(1, length + 1)]
    assert calendar.between(start, start + timedelta(days=length)) == sum(map(calendar.is_working_day, days))


def test_counting_over_three_years_takes_microseconds() -> None:
    start, end = date(2024, 2, 1), date(2027, 2, 1)
    calendar.between(start, end)
    fastest = float("inf")
    for _ in range(50):
        began = time.perf_counter()
        calendar.between(start, end)
        fastest = min(fastest, time.perf_counter() - began)
    assert fastest < 50e-6


def test_an_override_file_closes_and_opens_days(tmp_path: Path) -> None:
    path = tmp_path / "holidays.txt"
    path.write_text("# the Governor's order\n\n2026-12-24 closed  # Christmas Eve\n2026-03-31 open\n2026-12-26 open\n")
    changed = WorkingDays.from_file(path)
    assert not changed.is_working_day(date(2026, 12, 24))
    assert changed.is_working_day(date(2026, 3, 31))
    assert changed.is_working_day(date(2026, 12, 26))
    assert changed.holidays(2026)[date(2026, 12, 24)] == "Closed by order"
    assert date(2026, 3, 31) not in changed.holidays(2026)
    assert changed.between(date(2026, 12, 23), date(2026, 12, 28)) == 2


@pytest.mark.parametrize(
    "line",
    [
        "2026-02-30 closed",
        "20261224 closed",
        "2026-12-24",
        "2026-12-24 shut",
        "2026-01-01 open closed",
        "2026-03-31 closed",
    ],
)
def test_a_wrong_line_of_the_override_file_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "holidays.txt"
    path.write_text(f"2026-03-31 open\n{line}\n")
    with pytest.raises(HolidayFileError, match=r"holidays\.txt, line 2: "):
        WorkingDays.from_file(path)


def test_a_day_cannot_be_both_closed_and_open() -> None:
    day = frozenset({date(2026, 12, 24)})
    with pytest.raises(ValueError, match="2026-12-24"):
        WorkingDays(closed=day, opened=day)


def test_californias_date_is_the_day_before_at_early_utc_in_winter_and_summer() -> None:
    assert california_date(datetime(2026, 11, 23, 7, 59, tzinfo=UTC)) == date(2026, 11, 22)
    assert california_date(datetime(2026, 11, 23, 8, 0, tzinfo=UTC)) == date(2026, 11, 23)
    assert california_date(datetime(2026, 7, 1, 7, 0, tzinfo=UTC)) == date(2026, 7, 1)
    assert california_date(datetime(2026, 7, 1, 6, 59, tzinfo=UTC)) == date(2026, 6, 30)
    with pytest.raises(ValueError, match="time zone"):
        california_date(datetime(2026, 7, 1, 6, 59))


def test_months_end_on_the_months_last_day_where_they_must() -> None:
    assert add_months(date(2026, 12, 31), 2) == date(2027, 2, 28)
    assert add_months(date(2027, 12, 31), 2) == date(2028, 2, 29)
    assert add_months(date(2026, 8, 15), 36) == date(2029, 8, 15)
    assert add_months(date(2026, 1, 31), -2) == date(2025, 11, 30)
    assert add_months(date(2026, 12, 1), 0) == date(2026, 12, 1)
