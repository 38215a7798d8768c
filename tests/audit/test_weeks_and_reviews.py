"""The log by weeks, the ISO's reviews of them, and unusual use [O8.2]."""

from datetime import UTC, datetime

import pytest

from portal.audit import AccessLog, Act, Auditing, Outcome
from portal.audit.reviews import NotToBeReviewed
from portal.audit.unusual import MANY_RECORDS, MANY_REFUSALS
from portal.store.errors import Conflict, NotFound
from portal.store.port import Store
from tests.audit.conftest import SECRET
from tests.people.premises import Clock

pytestmark = pytest.mark.process("O8.2")

ISO = Act("iso@dcss.example", "review the access log", "week", "iso")
REA = Act("rea@kern.example", "read it", "TPA-2026-0001")


def weeks(auditing: Auditing) -> dict[str, tuple[int, int, int]]:
    return {since: (week.first, week.last, week.lines) for since, week in auditing.weeks.all().items()}


def test_a_week_goes_from_monday_to_sunday_in_california(log: AccessLog, clock: Clock, auditing: Auditing) -> None:
    for day, hour in ((22, 12), (23, 7), (23, 8), (30, 7), (30, 8)):  # midnight in California is 8 am UTC
        clock.now = datetime(2026, 11, day, hour, tzinfo=UTC)
        log.write(REA)
    assert weeks(auditing) == {"2026-11-16": (1, 2, 2), "2026-11-23": (3, 4, 2), "2026-11-30": (5, 5, 1)}


def test_what_was_kept_of_the_weeks_goes_on_with_the_lines_that_came_since(
    store: Store, log: AccessLog, clock: Clock, auditing: Auditing
) -> None:
    for number in range(30):
        log.write(REA, Outcome.ALL[number % 4])
        clock.move(hours=11)
        if number % 7 == 0:
            auditing.weeks.keep()
    never_kept = Auditing(store, log, clock, SECRET)
    told = weeks(auditing)
    for since, _ in list(store.records("log-weeks")):
        store.delete_record("log-weeks", since)
    assert weeks(never_kept) == told
    assert sum(lines for _, _, lines in told.values()) == 30


@pytest.mark.requirement("NIST AU-6")
def test_each_week_that_ended_waits_to_be_signed_off_the_oldest_first(
    log: AccessLog, clock: Clock, auditing: Auditing
) -> None:
    assert auditing.reviews.missing() == []
    for _ in range(3):
        log.write(REA)
        clock.move(days=7)
    assert [week.since for week in auditing.reviews.missing()] == ["2026-11-23", "2026-11-30", "2026-12-07"]
    review = auditing.reviews.sign_off("2026-11-23", 1, ISO, "Nothing odd")
    assert (review.up_to, review.by, review.note, review.lines, review.own) == (1, ISO.who, "Nothing odd", 1, 0)
    assert [week.since for week in auditing.reviews.missing()] == ["2026-11-30", "2026-12-07"]
    lines = [(line["who"], line["role"], line["did"], line["outcome"]) for line in log.of_person(ISO.who)]
    assert lines == [(ISO.who, "iso", ISO.did, "done"), (ISO.who, "iso", ISO.did, "begun")]


def test_a_week_to_which_lines_came_after_is_to_be_signed_off_again(
    log: AccessLog, clock: Clock, auditing: Auditing
) -> None:
    log.write(REA)
    auditing.reviews.sign_off("2026-11-23", 1, ISO, "So far")
    assert auditing.verify().faults == ()
    clock.move(days=7)
    [week] = auditing.reviews.missing()
    with pytest.raises(NotToBeReviewed):
        auditing.reviews.sign_off("2026-11-23", 1, ISO, "Only the old ones")
    auditing.reviews.sign_off("2026-11-23", week.last, ISO, "All of it")
    assert auditing.reviews.missing() == []
    assert [review.note for review in auditing.reviews.all()] == ["So far", "All of it"]


@pytest.mark.parametrize(("since", "line"), [("2026-11-16", 1), ("2026-11-23", 0), ("2026-11-23", 3), ("", 1)])
def test_only_lines_of_a_week_that_is_there_can_be_signed_off(
    log: AccessLog, auditing: Auditing, since: str, line: int
) -> None:
    log.write(REA)
    log.write(REA)
    with pytest.raises(NotToBeReviewed):
        auditing.reviews.sign_off(since, line, ISO, "")
    assert auditing.reviews.all() == []


@pytest.mark.requirement("NIST AU-6", "NIST SI-4")
def test_many_refusals_within_an_hour_are_put_before_the_iso_until_somebody_looks(
    log: AccessLog, clock: Clock, auditing: Auditing
) -> None:
    for _ in range(MANY_REFUSALS - 1):
        log.write(REA, Outcome.REFUSED)
    auditing.weeks.keep()
    assert auditing.unusual.waiting() == []
    log.write(Act(REA.who, "tried to sign in"), Outcome.FAILED)
    auditing.weeks.keep()
    log.write(REA, Outcome.REFUSED)
    auditing.weeks.keep()
    [found] = auditing.unusual.waiting()
    assert (found.who, found.number, found.hour) == (REA.who, MANY_REFUSALS + 1, "2026-11-23T17")
    auditing.unusual.look_at(found.key, Act(ISO.who, "look at unusual use"), "A forgotten password")
    assert auditing.unusual.waiting() == []
    assert [(one.by, one.note) for one in auditing.unusual.all()] == [(ISO.who, "A forgotten password")]
    with pytest.raises(Conflict):
        auditing.unusual.look_at(found.key, ISO, "again")
    with pytest.raises(NotFound):
        auditing.unusual.look_at("none", ISO, "")
    log.write(REA, Outcome.REFUSED)
    auditing.weeks.keep()
    assert auditing.unusual.waiting() == []
    clock.move(hours=1)
    for _ in range(MANY_REFUSALS):
        log.write(REA, Outcome.REFUSED)
    auditing.weeks.keep()
    assert [one.hour for one in auditing.unusual.waiting()] == ["2026-11-23T18"]


@pytest.mark.requirement("NIST AU-6", "NIST SI-4")
def test_many_different_applications_read_within_an_hour_are_unusual_and_one_read_often_is_not(
    log: AccessLog, clock: Clock, auditing: Auditing
) -> None:
    for _ in range(MANY_RECORDS + 5):
        log.write(REA)
    for number in range(MANY_RECORDS):
        log.write(Act("bo@kern.example", "read a letter", f"TPA-2026-{number:04d}/letters/mou"))
    for number in range(MANY_RECORDS):
        log.write(Act("slow@kern.example", "read it", f"TPA-2026-{number:04d}"))
        clock.move(minutes=2)
    auditing.weeks.keep()
    assert [(one.who, one.sort) for one in auditing.unusual.waiting()] == [("bo@kern.example", "records")]
