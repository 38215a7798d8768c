"""What a role has to do besides the tasks of applications stands in its inbox, and is told by the digest."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from portal import daily, duties, surveys
from portal.audit import Act
from portal.people.person import Grant
from tests.conftest import House, email_of
from tests.notices.test_digest import outbox

REVIEW, GAPS = "Review the process", "Look at gaps in access that are foretold (1)"


def on(house: House, day: str) -> dict[str, str]:
    """What the daily run of this day tells each person, all their mails together."""
    house.clock.now = datetime.fromisoformat(f"{day}T14:00:00").replace(tzinfo=UTC)
    house.clients.clear()
    before = outbox(house)
    assert daily.run(house.portal).problems == ()
    told: dict[str, str] = {}
    for name, mail in outbox(house).items():
        if name not in before:
            told[mail.to] = f"{told.get(mail.to, '')}{mail.subject}\n{mail.text}"
    return told


def telling(told: dict[str, str], words: str) -> set[str]:
    """The addresses that were told this."""
    return {to for to, text in told.items() if words in text}


@pytest.mark.process("1.2")
def test_the_yearly_review_is_told_when_it_falls_due_and_reminded_of_until_it_is_done(house: House) -> None:
    document = house.take("", "identify-requestor")
    house.take(document["id"], "withdraw")
    on(house, "2027-11-22")
    told = {day: on(house, day) for day in days("2027-11-23", 50)}
    owner = {email_of("process-owner")}
    assert [day for day, text in told.items() if telling(text, REVIEW)] == ["2027-11-23", "2027-12-07", "2028-01-06"]
    assert {frozenset(telling(text, REVIEW)) for text in told.values()} == {frozenset(owner), frozenset()}
    text = told["2027-11-23"][email_of("process-owner")]
    assert "Since November 23, 2027" in text
    assert f"{house.portal.settings.base_url}/publishing/review" in text
    assert "STILL WAITING" in told["2027-12-07"][email_of("process-owner")]


def days(first: str, number: int) -> Iterator[str]:
    """So many days from this one on."""
    begin = datetime.fromisoformat(first).date()
    return ((begin + timedelta(days=each)).isoformat() for each in range(number))


@pytest.mark.process("O8.2")
def test_each_week_of_the_access_log_is_told_to_the_iso_once_it_has_ended(house: House) -> None:
    house.take("", "identify-requestor")
    assert not telling(on(house, "2026-11-29"), "Review the access log")
    week = "Review the access log of November 23 to November 29, 2026"
    assert telling(on(house, "2026-11-30"), week) == {email_of("iso")}
    assert not telling(on(house, "2026-12-01"), week)
    client, address = house.client("iso"), "/access-log/weeks/2026-11-23"
    client.send(address, {}, 303)
    assert not telling(on(house, "2026-12-14"), week)


@pytest.mark.process("9")
def test_a_survey_that_stopped_half_way_is_told_to_the_process_owner(house: House) -> None:
    house.application_after("confirm-access")
    first = house.portal.people.add("first@dcss.example", "First Owner", Grant("process-owner"))
    act = Act(first.email, "begin a survey")
    surveys.begin(house.portal, "Fall 2026", "Are they enough?", "2026-12-31", (), first.actor, act)
    house.portal.people.withdraw(first.email, Grant("process-owner"))
    house.clock.now = datetime(2026, 11, 24, 14, tzinfo=UTC)
    assert len(daily.run(house.portal).problems) == 1
    said = [mail for mail in outbox(house).values() if "Send the survey “Fall 2026”" in mail.text]
    assert {mail.to for mail in said} == {email_of("process-owner")}
    assert "0 of 1 were asked before it stopped." in said[0].text


@pytest.mark.process("10")
def test_a_gap_that_is_foretold_is_told_to_those_who_see_to_renewals(house: House) -> None:
    house.application_after("confirm-access")
    assert not telling(on(house, "2029-05-01"), GAPS)
    told = on(house, "2029-08-15")
    assert telling(told, GAPS) == {email_of(role) for role in ("process-manager", "contract-manager", "process-owner")}
    assert "Kern IV-A will probably have none for" in told[email_of("process-manager")]
    assert not telling(on(house, "2029-08-16"), GAPS)


@pytest.mark.process("1.2", "9", "10", "O8.2")
def test_every_duty_opens_to_those_who_have_it_and_stands_in_their_inbox(house: House) -> None:
    house.application_after("confirm-access")
    on(house, "2029-08-15")
    owner = house.actor("process-owner")
    surveys.begin(house.portal, "Fall 2029", "Enough?", "2029-12-31", (), owner, Act(owner.email, "begin a survey"))
    found = {duty.key.partition("/")[0]: duty for duty in duties.waiting(house.portal)}
    assert found.keys() == {"survey", "review", "gaps", "log-week"}
    for duty in found.values():
        for role in ("process-owner", "process-manager", "contract-manager", "iso", "legal"):
            client = house.client(role)
            assert client.get(duty.path).status_code == (200 if role in duty.roles else 403)
            assert (duty.path in client.page("/inbox").links()) is (role in duty.roles)


@pytest.mark.process("1.2")
def test_what_is_told_of_duties_is_kept_when_it_is_not_known_what_waits(house: House) -> None:
    document = house.take("", "identify-requestor")
    house.take(document["id"], "withdraw")
    assert telling(on(house, "2027-11-24"), REVIEW)
    house.portal.store.put_record("survey-rounds", "half", {"name": "Half a survey"})
    house.clock.now += timedelta(days=1)
    problems = daily.run(house.portal).problems
    assert "it could not look what waits besides the tasks" in " ".join(problems)
    house.portal.store.delete_record("survey-rounds", "half")
    assert not telling(on(house, "2027-11-26"), REVIEW)
