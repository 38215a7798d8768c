"""Many people and several servers at once: one wins each step, numbers are given once, a reserve is not taken unseen."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from functools import partial
from typing import Any, TypeVar

import pytest

from portal.notices import queueing
from portal.process.goals import california_date
from tests.clients import Page
from tests.conftest import Clock, House
from tests.faults.browsing import Browser, id_in
from tests.faults.clerks import Office
from tests.faults.kills import flask
from tests.faults.nursery import Nursery, WebServer
from tests.faults.places import Place
from tests.faults.wholeness import nothing_is_half_taken, verify_is_content
from tests.journey import WAY, answers_to
from tests.soak import Figures, Trials

FIFTY = 50
Result = TypeVar("Result")


@pytest.fixture
def clock() -> Clock:
    """The servers of these tests go by the real time, and so does the portal that prepares for them."""
    return Clock(datetime.now(UTC))


@pytest.fixture
def two_servers(nursery: Nursery, place: Place) -> Sequence[WebServer]:
    """Two web servers that keep everything in the same place."""
    yield (servers := [nursery.server(place).start() for _ in range(2)])
    for server in servers:
        server.stop()


@pytest.fixture
def office(two_servers: Sequence[WebServer]) -> Office:
    """Sessions of everybody, good at both servers."""
    return Office([server.port for server in two_servers])


def today_s(step: str, county: str = "Kern", **other: Any) -> dict[str, Any]:
    """The usual answers to a step, given today, with these in place of their own."""
    return {**answers_to(step, california_date(datetime.now(UTC)), county), **other}


def at_once(acts: Sequence[Callable[[], Result]]) -> list[Result]:
    """Does all of these at the same moment, each in a thread of its own; what each returned."""
    start, results, errors = threading.Barrier(len(acts)), [None] * len(acts), []

    def do(place: int) -> None:
        try:
            start.wait(60)
            results[place] = acts[place]()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=do, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not errors, errors[0]
    return results


def sent_by_all(
    office: Office, role: str, document_id: str, step: str, answers: dict[str, Any], county: str = "Kern"
) -> list[Page]:
    """What each of fifty people in the same role gets who open the step's form and then send it at the same moment."""
    browsers = [office.browser(role, county, office.ports[number % len(office.ports)]) for number in range(FIFTY)]
    address, form = browsers[0].filled_in(document_id, step, answers)
    return at_once([
        lambda browser=browser, number=number: browser.post(address, {**form, "note": f"Number {number}"})
        for number, browser in enumerate(browsers)
    ])  # fmt: skip


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every step in full runs."""
    if "step" in metafunc.fixturenames:
        every = [step for step in WAY if step != "identify-requestor"]
        some = ["route-application", "decide", "countersign-mou"]
        metafunc.parametrize("step", every if metafunc.config.getoption("soak") else some)


def test_of_fifty_who_take_the_same_step_at_once_one_does_and_the_others_are_told_that_it_is_out_of_date(
    house: House, place: Place, office: Office, step: str, trials: Trials
) -> None:
    document_id = house.application_before(step)["id"]
    office.open(["Kern"])
    pages = sent_by_all(office, house.process.step(step).role, document_id, step, today_s(step))
    assert Counter(page.status for page in pages) == {303: 1, 409: FIFTY - 1}
    winner = next(number for number, page in enumerate(pages) if page.status == 303)
    document = house.get(document_id)
    assert [entry["note"] for entry in document["history"] if entry["step"] == step] == [f"Number {winner}"]
    assert all(f"Number {number}" in page.text for number, page in enumerate(pages) if page.status == 409), (
        "typed words were lost"
    )
    nothing_is_half_taken(house.portal)
    report = verify_is_content(house.portal)
    figures = Figures(faults=FIFTY, acknowledged=1, refused=FIFTY - 1, documents=report.documents)
    trials.note("Fifty people who take the same step at once", place.kind, figures)


def test_numbers_of_applications_that_many_begin_at_two_servers_are_each_given_once(
    house: House, office: Office
) -> None:
    office.open(["Kern"])
    directors = [office.browser("director", "Kern", office.ports[number % 2]) for number in range(20)]
    _, form = directors[0].filled_in("", "", today_s("identify-requestor"))
    pages = at_once([
        lambda browser=browser, number=number: browser.post("/applications/new", {**form, "request_id": f"form-{number}"})
        for number, browser in enumerate(directors)
    ])  # fmt: skip
    assert {page.status for page in pages} == {303}
    assert sorted(id_in(page)[-4:] for page in pages) == [f"{number:04d}" for number in range(1, 21)]


def test_one_form_that_is_sent_many_times_at_once_makes_one_application(house: House, office: Office) -> None:
    office.open(["Kern"])
    directors = [office.browser("director", "Kern", office.ports[number % 2]) for number in range(10)]
    _, form = directors[0].filled_in("", "", today_s("identify-requestor"))
    pages = at_once([lambda browser=browser: browser.post("/applications/new", form) for browser in directors])
    assert {page.status for page in pages} == {303}
    assert len({id_in(page) for page in pages}) == len(list(house.portal.store.document_ids())) == 1


@pytest.mark.process("7.1")
def test_an_office_id_is_given_to_one_of_two_applications_that_are_offered_it_at_two_servers_at_once(
    house: House, office: Office
) -> None:
    ids = [house.application_before("create-office-id", county)["id"] for county in ("Kern", "Alameda")]
    office.open(["Kern"])
    browsers = [office.browser("infrastructure-manager", "Kern", port) for port in office.ports]
    forms = [
        browser.filled_in(one, "create-office-id", {"office_id": "SHARED-01"})
        for browser, one in zip(browsers, ids, strict=True)
    ]
    pages = at_once(
        [lambda browser=browser, form=form: browser.post(*form) for browser, form in zip(browsers, forms, strict=True)]
    )
    assert sorted(page.status for page in pages) == [303, 422]
    refused = next(page for page in pages if page.status == 422)
    assert "office_id" in refused.problems
    with house.portal.store.writing() as writing:
        assert writing.holder("office-id", "shared-01") in ids


@pytest.mark.process("1.6")
def test_two_decisions_at_once_do_not_both_take_the_last_of_a_reserve_unseen(house: House, office: Office) -> None:
    # The guide reserves five for Alameda's IV-A department: three are left for the first, and not for the second.
    ids = [house.application_before("decide", "Alameda")["id"] for _ in range(2)]
    office.open(["Alameda"])
    browsers = [office.browser("process-owner", "Alameda", port) for port in office.ports]
    answers = today_s("decide", "Alameda", accounts_granted=3, justification="")
    forms = [browser.filled_in(one, "decide", answers) for browser, one in zip(browsers, ids, strict=True)]
    pages = at_once(
        [lambda browser=browser, form=form: browser.post(*form) for browser, form in zip(browsers, forms, strict=True)]
    )
    assert sorted(page.status for page in pages) == [303, 422]
    first, second = sorted(range(2), key=lambda number: pages[number].status)
    assert "2 left" in pages[second].problems["justification"], pages[second].problems
    again = browsers[second].take(ids[second], "decide", {**answers, "justification": "The caseload doubled."})
    assert again.status == 303
    assert [house.get(one)["decide"].get("justification", "") for one in (ids[first], ids[second])] == [
        "",
        "The caseload doubled.",
    ]


@pytest.mark.process("6.3")
def test_a_server_the_daily_command_and_a_second_server_see_each_others_writes(
    house: House, place: Place, office: Office
) -> None:
    document_id = house.application_before("schedule-invitation")["id"]
    office.open(["Kern"])
    first, second = (office.browser("process-manager", "Kern", port) for port in office.ports)
    assert first.take(document_id, "schedule-invitation", today_s("schedule-invitation")).status == 303
    assert document_id in second.get("/inbox").text
    day = flask(place, "daily")
    assert day.returncode == 0, day.stdout + day.stderr
    assert f"taken: {document_id} send-invitation" in day.stdout
    for browser in (first, second):
        assert [entry["step"] for entry in history_at(browser, document_id)] == list(WAY[:3])
    requestor = office.browser("requestor", "Kern", office.ports[1])
    assert document_id in requestor.get("/inbox").text
    assert first.take(document_id, "send-invitation", {}).status in (200, 303, 409)
    again = flask(place, "daily")
    assert again.stdout.startswith("0 steps taken, 0 notices queued"), again.stdout


@pytest.mark.process("6.3", "4")
def test_two_daily_commands_at_once_do_and_tell_everything_once(house: House, place: Place) -> None:
    house.clock.pass_days(-20)
    house.application_before("legal-opinion")
    due = house.application_after("schedule-invitation", "Alameda")["id"]
    queueing.queue_owed(house.portal)
    house.portal.mail.deliver()
    days = at_once([partial(flask, place, "daily")] * 2)
    assert [day.returncode for day in days] == [0, 0], [day.stdout + day.stderr for day in days]
    assert "".join(day.stdout for day in days).count(f"taken: {due} send-invitation") == 1
    reminded = Counter(
        str(mail["To"])
        for path in (place.data / "outbox").glob("*.eml")
        for mail in [BytesParser(policy=policy.default).parsebytes(path.read_bytes())]
        if "Still waiting" in str(mail["Subject"])
    )
    assert len(reminded) == 2  # DCSS Legal and the Infrastructure Manager
    assert set(reminded.values()) == {1}, reminded


def history_at(browser: Browser, document_id: str) -> list[dict[str, Any]]:
    """The document's history as this server tells it."""
    import json

    return json.loads(browser.get(f"/applications/{document_id}.json").text)["history"]
