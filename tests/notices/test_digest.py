"""`flask daily` tells each person in one mail what the dates brought them, once, whatever happened in between."""

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email import policy
from email.parser import BytesParser
from functools import partial
from typing import Any

import pytest

from portal import actions, daily
from portal.notices import digest
from portal.notices.mailer import Mailer
from portal.parts import Portal
from portal.process.document import Json
from portal.process.step import BY_ITSELF, Actor, Grant
from tests.conftest import Clock, House, email_of
from tests.notices.lending import LENDING

MakeHouse = Callable[..., House]

PEOPLE = {
    "librarian@kern.example": Grant("librarian"),
    "ana@kern.example": Grant("reader", {"lcsa": "Kern", "organization": "Ana"}),
    "bo@kern.example": Grant("reader", {"lcsa": "Kern", "organization": "Bo"}),
}


@pytest.fixture
def clock() -> Clock:
    """The clock of the test's portal."""
    return Clock()


def day(text: str) -> datetime:
    """Six in the morning of this day in California, when `flask daily` runs; in winter."""
    return datetime.fromisoformat(f"{text}T14:00:00Z")


def a_library(make_house: MakeHouse, **settings: Any) -> House:
    """A house that lends books, with a librarian and two readers."""
    house = make_house((LENDING,), "library", **settings)
    for email, grant in PEOPLE.items():
        if house.portal.people.get(email) is None:
            house.portal.people.add(email, email.partition("@")[0].title(), grant)
    return house


@pytest.fixture(params=["tinydb", "postgresql"])
def library(request: pytest.FixtureRequest, make_house: MakeHouse) -> House:
    """A library, once on each store."""
    url = "tinydb:" if request.param == "tinydb" else request.getfixturevalue("people_in_postgres")()
    return a_library(make_house, store=url)


def lend(house: House, borrower: str = "Ana", **dates: str) -> str:
    """Lends a book, and returns the loan's id."""
    return str(actions.begin(house.portal, acting("librarian@kern.example"), {"borrower": borrower, **dates})["id"])


def acting(email: str) -> Actor:
    """Who has this address."""
    return Actor(email, email.partition("@")[0].title(), (PEOPLE[email],))


@dataclass(frozen=True)
class Read:
    """A mail as its reader sees it."""

    to: str
    subject: str
    text: str


def outbox(house: House) -> dict[str, Read]:
    """Every mail that went out, by its file."""
    found = {}
    for path in sorted((house.portal.settings.data / "outbox").glob("*.eml")):
        mail = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
        body = mail.get_body(("plain",))
        assert body is not None
        subject = str(mail["Subject"]).strip().removeprefix("Third Party Access: ")
        found[path.name] = Read(str(mail["To"].addresses[0].addr_spec), subject, str(body.get_content()))
    return found


def told(house: House, problems: int = 0) -> list[Read]:
    """The mails that a run of the daily work sends."""
    before = outbox(house)
    assert len(daily.run(house.portal).problems) == problems
    return [mail for name, mail in outbox(house).items() if name not in before]


def told_on(house: House, *days: str) -> list[tuple[str, str, str]]:
    """Runs the daily work on each of these days; day, addressee and subject of each mail that it sends."""
    found = []
    for one in days:
        house.clock.now = day(one)
        found += [(one, mail.to.partition("@")[0], mail.subject) for mail in told(house)]
    return found


def days_from(first: str, number: int) -> list[str]:
    """So many days one after the other."""
    return [(date.fromisoformat(first) + timedelta(days=each)).isoformat() for each in range(number)]


def steps_named(text: str) -> list[str]:
    """The steps and loans to which a mail links, in its order."""
    return re.findall(r"/applications/(\S+)", text)


# On the day


@pytest.mark.process("2.5")
def test_a_task_with_a_date_is_told_on_its_day_to_whom_may_take_it_and_once(library: House) -> None:
    one = lend(library, dust_on="2026-11-26")
    lend(library, "Bo", dust_on="2026-11-28")
    assert told_on(library, "2026-11-24", "2026-11-25") == []
    library.clock.now = day("2026-11-26")
    [mail] = told(library)
    assert (mail.to, mail.subject) == ("ana@kern.example", f"Ana: Dust the book ({one})")
    assert mail.text.startswith("Ana,\n\n1 task waits for you")
    assert "\nNEW\n\nDust the book\nAna, Kern (" in mail.text
    assert "Dust the book, please.\nSince November 26, 2026\n" in mail.text
    assert steps_named(mail.text) == [f"{one}/steps/dust"]
    assert "your role is Reader for Ana" in mail.text
    assert told(library) == []
    assert [whom for _, whom, _ in told_on(library, "2026-11-27", "2026-11-28", "2026-11-29")] == ["bo"]


@pytest.mark.process("2.5", "2.6")
def test_the_requestor_is_asked_to_certify_anew_and_reminded_a_week_before_the_year_is_over(
    make_house: MakeHouse,
) -> None:
    house = make_house()
    house.application_after("confirm-access")
    told(house)
    days = ("10-23", "10-24", "10-25", "11-06", "11-07", "11-15", "11-16", "11-24", "12-08", "12-15", "12-16", "12-31")
    asked = told_on(house, *(f"2027-{one}" for one in days), "2028-01-07", "2028-01-14", "2028-01-15", "2028-01-16")
    of_requestor = [(one, subject.partition(" (")[0]) for one, whom, subject in asked if whom == "requestor.kern"]
    certify, suspend = "Kern IV-A: Certify users for another year", "Kern IV-A: Suspend accounts"
    assert of_requestor == [
        ("2027-10-24", certify),
        ("2027-11-07", f"Still waiting, {certify}"),
        ("2027-11-16", f"Still waiting, {certify}"),
        ("2027-11-24", f"Still waiting, {certify}"),  # the first year was over on the day before
        ("2027-12-16", f"Still waiting, {certify}"),
        ("2028-01-15", f"Still waiting, {certify}"),
    ]
    assert [(one, subject.partition(" (")[0]) for one, whom, subject in asked if whom == "administrator.kern"] == [
        ("2027-11-24", suspend),
        ("2027-12-08", f"Still waiting, {suspend}"),
        ("2028-01-07", f"Still waiting, {suspend}"),
    ]


def test_a_task_whose_day_has_come_when_it_opens_is_told_at_once_and_not_again(library: House) -> None:
    told_on(library, "2026-11-22")
    library.clock.now = day("2026-11-23")
    lend(library, dust_on="2026-11-23")
    [mail] = told(library)
    assert "Dust the book" in mail.subject
    assert [mail for mail in told_on(library, *days_from("2026-11-24", 5))] == []


# Reminders


@pytest.mark.process("4")
def test_whoever_waits_with_a_task_is_reminded_as_its_step_says_and_then_every_thirty_days(library: House) -> None:
    loan = lend(library, call_on="2026-11-24")
    assert told_on(library, *days_from("2026-11-24", 70)) == [
        ("2026-11-24", "ana", f"Ana: Bring the book back ({loan})"),
        ("2026-11-27", "ana", f"Still waiting, Ana: Bring the book back ({loan})"),
        ("2026-11-29", "ana", f"Still waiting, Ana: Bring the book back ({loan})"),
        ("2026-12-29", "ana", f"Still waiting, Ana: Bring the book back ({loan})"),
        ("2027-01-28", "ana", f"Still waiting, Ana: Bring the book back ({loan})"),
    ]


def test_what_began_in_the_evening_waits_since_californias_day(library: House) -> None:
    loan = lend(library, call_on="2026-11-24")
    told_on(library, "2026-11-23")
    library.clock.now = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
    actions.take(library.portal, loan, "call-in", acting("librarian@kern.example"), {})
    told(library)
    reminded = told_on(library, *days_from("2026-11-25", 5))
    assert [one for one, _, _ in reminded] == ["2026-11-27", "2026-11-29"]


@pytest.mark.process("4")
def test_a_goal_that_is_passed_is_told_once(house: House) -> None:
    house.application_before("legal-opinion")
    asked = [one for one, whom, _ in told_on(house, *days_from("2026-11-24", 30)) if whom == "legal"]
    assert asked == ["2026-11-24", "2026-12-07", "2026-12-17"]  # when it opened; 14 days; the goal was December 16
    house.clock.now = day("2027-01-06")
    [mail] = [mail for mail in told(house) if mail.to == email_of("legal")]
    assert "STILL WAITING" in mail.text
    assert "Since November 23, 2026, for 44 days, beyond its goal\nGoal: December 16, 2026\n" in mail.text


@pytest.mark.process("1.5")
def test_nobody_is_reminded_of_a_task_that_they_may_not_take(house: House) -> None:
    house.portal.people.grant(email_of("legal"), Grant("process-owner"))
    house.application_before("decide")
    told(house)
    house.clock.pass_days(15)
    reminded = {mail.to for mail in told(house) if "Decide" in mail.subject}
    assert reminded == {email_of("process-owner")}


def test_nobody_is_reminded_of_what_is_done(library: House) -> None:
    loan = lend(library, call_on="2026-11-24")
    told_on(library, "2026-11-24")
    actions.take(library.portal, loan, "bring-back", acting("ana@kern.example"), {})
    assert told_on(library, *days_from("2026-11-25", 10)) == []


# The day by which a task is asked for


def test_whoever_is_late_is_reminded_on_the_next_day_and_others_are_told_as_the_step_says(library: House) -> None:
    loan = lend(library, call_on="2026-11-24", back_by="2026-11-25")
    still = f"Still waiting, Ana: Bring the book back ({loan})"
    late = f"Late, Ana: Bring the book back ({loan})"
    assert sorted(told_on(library, *days_from("2026-11-24", 38))) == [
        ("2026-11-24", "ana", f"Ana: Bring the book back ({loan})"),
        ("2026-11-26", "ana", still),  # the day after
        ("2026-11-27", "ana", still),
        ("2026-11-27", "librarian", late),  # two days after
        ("2026-11-29", "ana", still),
        ("2026-12-27", "librarian", late),  # and every 30 days
        ("2026-12-29", "ana", still),
    ]


def test_a_mail_of_what_is_late_says_since_when_and_whose_it_is(library: House) -> None:
    loan = lend(library, call_on="2026-11-24", back_by="2026-11-25")
    library.clock.now = day("2026-11-24")
    [asked] = told(library)
    assert "To be done by: November 25, 2026\n" in asked.text
    library.clock.now = day("2026-12-01")  # nothing ran for a week
    ana, librarian = sorted(told(library), key=lambda mail: mail.to)
    assert "Since November 24, 2026, for 7 days, past its day\n" in ana.text
    assert "LATE" not in ana.text
    assert "LATE, AND TO BE DONE BY OTHERS\n\nBring the book back\nAna, Kern (" in librarian.text
    assert "To be done by November 25, 2026, 6 days ago, by: Reader for Ana\n" in librarian.text
    assert steps_named(librarian.text) == [loan]
    assert "waits for you" not in librarian.text
    assert "because your role is to know of it" in librarian.text


def test_nobody_is_told_of_what_was_late_and_is_done(library: House) -> None:
    loan = lend(library, call_on="2026-11-24", back_by="2026-11-25")
    told_on(library, "2026-11-26")
    actions.take(library.portal, loan, "bring-back", acting("ana@kern.example"), {})
    assert told_on(library, *days_from("2026-11-27", 40)) == []


def test_several_that_are_late_are_one_mail(library: House) -> None:
    for borrower in ("Ana", "Bo"):
        lend(library, borrower, call_on="2026-11-24", back_by="2026-11-25")
    subjects = [subject for _, whom, subject in told_on(library, *days_from("2026-11-24", 5)) if whom == "librarian"]
    assert subjects == ["2 tasks of others are late"]


@pytest.mark.process("2.5")
def test_the_iso_and_the_director_are_told_when_an_account_is_in_use_two_weeks_after_its_year(
    make_house: MakeHouse,
) -> None:
    house = make_house()
    house.application_after("confirm-access")
    told_on(house, "2027-11-24", "2027-12-07")  # the year was over on November 23
    house.clock.now = day("2027-12-08")
    late = {mail.to for mail in told(house) if "LATE, AND TO BE DONE BY OTHERS\n\nSuspend accounts\n" in mail.text}
    assert late == {email_of("iso"), email_of("director")}
    house.clock.now = day("2027-12-09")
    assert not [mail for mail in told(house) if "Suspend accounts" in mail.text]


@pytest.mark.process("8")
def test_the_iso_is_told_when_a_finding_is_not_answered_by_its_day(make_house: MakeHouse) -> None:
    house = make_house()
    document = house.application_after("confirm-access")
    house.take(document["id"], "open-audit")
    house.take(document["id"], "record-finding")
    asked = next(task for task in house.get(document["id"])["open_tasks"] if task["step"] == "respond-to-finding")
    told(house)
    next_day = date.fromisoformat(asked["due_on"]) + timedelta(days=1)
    house.clock.now = day(next_day.isoformat())
    mails = {mail.to: mail for mail in told(house) if "Answer audit findings" in mail.text}
    assert "LATE, AND TO BE DONE BY OTHERS" in mails[email_of("iso")].text
    assert "past its day" in mails[email_of("requestor")].text


# One mail


def test_what_the_portal_did_by_itself_on_one_day_is_one_mail_for_each_person(library: House) -> None:
    first = lend(library, call_on="2026-11-26", dust_on="2026-11-26")
    second = lend(library, write_off_on="2026-11-26")
    third = lend(library, write_off_on="2026-11-26")
    other = lend(library, "Bo", write_off_on="2026-11-26")
    library.clock.now = day("2026-11-26")
    ana, bo = sorted(told(library), key=lambda mail: mail.to)
    assert (ana.to, bo.to) == ("ana@kern.example", "bo@kern.example")
    assert ana.subject == "2 tasks wait for you"
    assert bo.subject == f"Bo: the portal took write-off ({other})"
    assert steps_named(ana.text) == [f"{first}/steps/bring-back", f"{first}/steps/dust", second, third]
    assert "DONE BY THE PORTAL, ON ITS DATE\n\n" in ana.text
    assert ana.text.count("The book lent to Ana is written off.\nOn November 26, 2026\n") == 2
    assert "NEW" not in bo.text
    assert "part of that application" in bo.text
    assert told(library) == []
    for loan in (first, second, third, other):
        assert all(notice["sent_at"] for notice in library.get(loan)["notices"])


def test_a_task_that_the_portal_opened_and_somebody_took_meanwhile_is_not_told(library: House) -> None:
    loan = lend(library, call_on="2026-11-26")
    library.clock.now = day("2026-11-26")
    actions.take(library.portal, loan, "call-in", BY_ITSELF, {})
    actions.take(library.portal, loan, "bring-back", acting("ana@kern.example"), {})
    assert told(library) == []
    assert all(notice["sent_at"] for notice in library.get(loan)["notices"])


@pytest.mark.process("6.3.3")
def test_a_letter_or_an_invitation_that_goes_by_itself_is_a_mail_of_its_own(house: House) -> None:
    for county in ("Kern", "Alameda"):
        house.application_after("schedule-invitation", county)
    invited = [mail for mail in told(house) if "/invitation/" in mail.text or "invited" in mail.text]
    assert len({mail.subject for mail in invited}) >= 2
    assert not any("DONE BY THE PORTAL" in mail.text for mail in invited)


def test_what_a_person_did_is_told_at_once_and_one_by_one(library: House) -> None:
    told(library)
    for _ in range(2):
        loan = lend(library, call_on="2026-11-23", write_off_on="2026-12-31")
        actions.take(library.portal, loan, "call-in", acting("librarian@kern.example"), {})
    of_ana = [mail.subject for mail in told(library) if mail.to == "ana@kern.example"]
    assert [subject.startswith("Ana: Bring the book back") for subject in of_ana] == [True, True]


def test_fifty_are_listed_and_the_rest_is_in_the_inbox(library: House) -> None:
    loans = [lend(library, dust_on=f"2026-12-{1 + number % 9:02}") for number in range(57)]
    library.clock.now = day("2026-12-15")
    [mail] = told(library)
    assert mail.subject == "57 tasks wait for you"
    listed = steps_named(mail.text)
    in_order = sorted(range(57), key=lambda number: (number % 9, number))
    assert listed == [f"{loans[number]}/steps/dust" for number in in_order[:50]]
    assert "And 7 more in your inbox: http://127.0.0.1:8000/inbox\n" in mail.text


# Missed days, clocks


def test_after_a_week_without_a_run_there_is_one_mail_with_everything_in_order(library: House) -> None:
    told(library)
    late = lend(library, dust_on="2026-11-30")
    early = lend(library, dust_on="2026-11-25")
    called = lend(library, call_on="2026-11-24")
    library.clock.now = day("2026-12-01")
    [mail] = told(library)
    # The book was called in today: nobody was asked to bring it back before.
    assert steps_named(mail.text) == [f"{early}/steps/dust", f"{late}/steps/dust", f"{called}/steps/bring-back"]
    assert "Since November 25, 2026\n" in mail.text
    assert told_on(library, "2026-12-01", "2026-12-02", "2026-12-03") == []


def test_what_was_missed_is_done_in_the_order_of_its_dates_and_recorded_when_it_was_done(library: House) -> None:
    one = lend(library, call_on="2026-11-25", write_off_on="2026-11-28")
    other = lend(library, "Bo", write_off_on="2026-11-24", call_on="2026-11-27")
    today = lend(library, "Bo", call_on="2026-12-02")
    library.clock.now = day("2026-12-02")
    assert daily.run(library.portal).taken == (
        f"{other} write-off, due on 2026-11-24",
        f"{one} call-in, due on 2026-11-25",
        f"{other} call-in, due on 2026-11-27",
        f"{one} write-off, due on 2026-11-28",
        f"{today} call-in",
    )
    assert [entry["at"] for entry in library.get(one)["history"][1:]] == ["2026-12-02T14:00:00Z"] * 2
    assert daily.run(library.portal).taken == ()


@pytest.mark.parametrize(
    ("opens_on", "moments"),
    [
        ("2026-11-01", ["2026-11-01T06:59:00Z", "2026-11-01T08:30:00Z", "2026-11-01T09:30:00Z"]),  # 1:30 am twice
        ("2027-03-14", ["2027-03-14T07:59:00Z", "2027-03-14T09:30:00Z", "2027-03-14T10:30:00Z"]),  # no 2:30 am
        ("2027-01-01", ["2027-01-01T07:59:00Z", "2027-01-01T08:00:00Z", "2027-01-02T07:59:00Z"]),
        ("2028-02-29", ["2028-02-29T07:59:00Z", "2028-02-29T08:00:00Z", "2028-03-01T07:59:00Z"]),
    ],
)
def test_the_day_is_californias(make_house: MakeHouse, opens_on: str, moments: list[str]) -> None:
    house = a_library(make_house)
    house.clock.now = datetime(2026, 10, 1, tzinfo=UTC)
    lend(house, dust_on=opens_on)
    counts = []
    for moment in moments:
        house.clock.now = datetime.fromisoformat(moment)
        counts.append(len(told(house)))
    assert counts == [0, 1, 0]


def test_a_reminder_counts_days_over_the_end_of_february_and_of_the_year(make_house: MakeHouse) -> None:
    house = a_library(make_house)
    house.clock.now = datetime(2027, 10, 1, tzinfo=UTC)
    lend(house, dust_on="2027-12-18")
    lend(house, "Bo", dust_on="2028-02-15")
    days = [one for one, _, _ in told_on(house, *days_from("2027-12-18", 90))]
    assert days == ["2027-12-18", "2028-01-01", "2028-01-31", "2028-02-15", "2028-02-29", "2028-03-01"]


def test_a_clock_that_goes_back_tells_nothing_twice_and_what_it_missed_later(library: House) -> None:
    lend(library, dust_on="2026-11-25")
    lend(library, "Bo", dust_on="2026-11-27")
    assert [whom for _, whom, _ in told_on(library, "2026-11-25", "2026-11-24", "2026-11-25", "2026-11-26")] == ["ana"]
    library.clock.now = day("2026-11-20")
    [problem] = daily.run(library.portal).problems
    assert problem.startswith("everything was told up to 2026-11-26, which is still to come")
    assert [whom for _, whom, _ in told_on(library, "2026-11-26", "2026-11-27")] == ["bo"]


def test_after_a_clock_that_was_ahead_one_can_say_up_to_which_day_everything_was_told(library: House) -> None:
    told_on(library, "2026-11-30")
    library.clock.now = day("2026-11-24")
    lend(library, dust_on="2026-11-25")
    assert told(library, problems=1) == []
    library.clock.now = day("2026-11-25")
    run = library.app.test_cli_runner().invoke
    with library.app.app_context():
        refused, done = run(args=["daily"]), run(args=["daily", "--told-until", "2026-11-24"])
    assert refused.exit_code == 1
    assert "flask daily --told-until 2026-11-25" in refused.output
    assert (done.exit_code, done.output.splitlines()[0]) == (
        0,
        "1 digest: 1 new task, 0 still waiting, 0 done by the portal",
    )
    assert told(library) == []


# Killed, and two at once


class Killed(Exception):
    """The process is no more."""


class FailingStore:
    """The store of a process that is killed before its write of this number."""

    def __init__(self, store: Any, writes: int) -> None:
        self._store, self._left = store, writes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def _write(self) -> None:
        if self._left == 0:
            raise Killed
        self._left -= 1

    def put_record(self, *given: Any, **named: Any) -> Json:
        self._write()
        return dict(self._store.put_record(*given, **named))

    def delete_record(self, *given: Any) -> None:
        self._write()
        self._store.delete_record(*given)

    @contextmanager
    def writing(self) -> Iterator[Any]:
        with self._store.writing() as writing:
            yield writing
            self._write()


def test_whoever_is_killed_at_any_write_leaves_nothing_untold_and_nothing_told_twice(library: House) -> None:
    told_on(library, "2026-11-24")
    first, writes = date(2026, 11, 25), 0
    while True:
        on = first + timedelta(days=writes)
        library.clock.now = day((on - timedelta(days=1)).isoformat())
        expected = sorted(
            [
                f"{lend(library, dust_on=on.isoformat())}/steps/dust",
                lend(library, write_off_on=on.isoformat()),
                f"{lend(library, 'Bo', call_on=on.isoformat())}/steps/bring-back",
                lend(library, "Bo", write_off_on=on.isoformat()),
            ]
        )
        library.clock.now = day(on.isoformat())
        before = outbox(library)
        daily_of = killed_at(library, writes)
        went_well = True
        try:
            digest.tell(daily_of)
            while daily_of.mail.deliver():
                pass
        except Killed:
            went_well = False
        library.clock.now += timedelta(minutes=10)  # whoever delivered has lost the lease
        daily.run(library.portal)
        sent = [mail for name, mail in outbox(library).items() if name not in before]
        listed = [named for mail in sent for named in steps_named(mail.text)]
        assert sorted(named for named in listed if named in expected) == expected, (writes, listed)
        if went_well:
            break
        writes += 1
    assert writes > 8


def test_what_comes_after_a_run_was_killed_is_told_to_each_once(library: House) -> None:
    people = library.portal.people
    people.add("ann@kern.example", "Ann", PEOPLE["ana@kern.example"])
    told_on(library, "2026-11-24")
    loans = [lend(library, write_off_on="2026-11-25"), lend(library, write_off_on="2026-11-26")]
    library.clock.now = day("2026-11-25")
    before = outbox(library)
    with pytest.raises(Killed):
        digest.tell(killed_at(library, 2))  # when the digest was begun, and the first mail queued
    library.clock.now = day("2026-11-26")
    daily.run(library.portal)
    sent = [mail for name, mail in outbox(library).items() if name not in before]
    for who in ("ana", "ann"):
        listed = [loan for mail in sent if mail.to == f"{who}@kern.example" for loan in steps_named(mail.text)]
        assert sorted(listed) == loans, (who, listed)
    assert told(library) == []


def killed_at(house: House, writes: int) -> Portal:
    """The portal of a process that is killed before its write of this number; what the dates bring is taken before."""
    daily._take_due(house.portal)
    store = FailingStore(house.portal.store, writes)
    mail = Mailer(store, None, house.portal.settings.data / "outbox", "ccsasaccess@dcss.ca.gov", house.clock)
    return replace(house.portal, store=store, mail=mail)


@pytest.mark.parametrize("kind", ["tinydb", "postgresql"])
def test_two_runs_at_once_do_and_tell_everything_once(
    request: pytest.FixtureRequest, make_house: MakeHouse, kind: str
) -> None:
    url = "tinydb:" if kind == "tinydb" else request.getfixturevalue("people_in_postgres")()
    houses = [a_library(make_house, store=url) for _ in range(2)]
    told_on(houses[0], "2026-11-24")
    for on in days_from("2026-11-25", 6):
        expected = []
        for borrower in ("Ana", "Bo") * 2:
            expected += [
                f"{lend(houses[0], borrower, dust_on=on)}/steps/dust",
                lend(houses[0], borrower, write_off_on=on),
            ]
            expected += [f"{lend(houses[0], borrower, call_on=on)}/steps/bring-back"]
        before = outbox(houses[0])
        houses[0].clock.now = day(on)
        taken = [
            step for day_done in at_once([partial(daily.run, one.portal) for one in houses]) for step in day_done.taken
        ]
        assert len(taken) == len(set(taken)) == 8
        sent = [mail for name, mail in outbox(houses[0]).items() if name not in before]
        listed = [named for mail in sent for named in steps_named(mail.text)]
        assert sorted(named for named in listed if named in expected) == sorted(expected)
        assert told(houses[1]) == []


def at_once(works: list[Callable[[], daily.Day]]) -> list[daily.Day]:
    """Does all of these at the same time; what one of them raises is raised."""
    together = threading.Barrier(len(works))

    def begin(work: Callable[[], daily.Day]) -> daily.Day:
        together.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [done.result() for done in [pool.submit(begin, work) for work in works]]
