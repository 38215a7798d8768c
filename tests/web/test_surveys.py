"""Survey rounds on their pages: sent, interrupted, gone on with, answered, and read side by side with the guide [9]."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from portal import actions, daily, surveys
from portal.audit import Act, Filters
from portal.people.person import Grant
from portal.process.document import Json
from portal.process.errors import NotYourTurn
from portal.store.errors import Conflict
from tests.audit.out_of_order import everything_but_the_log, log_that_cannot_be_written
from tests.clients import Page
from tests.conftest import House, email_of
from tests.journey import WAY
from tests.web.asking import at_step, posted
from tests.web.test_guide import mails, rows

pytestmark = pytest.mark.process("9")

ASKED = {"name": "Fall 2026", "question": "Are your accounts enough?", "answer_by": "2026-12-31"}
ROUND = "/surveys/rounds/fall-2026"


def with_access(house: House, *counties: str) -> list[Json]:
    """An organization with access in each of these counties."""
    return [house.application_after("confirm-access", county) for county in counties]


def send(house: House, status: int = 303, **other: Any) -> Page:
    """The answer to sending a round on its page."""
    return house.client("process-owner").send("/surveys/new", {**ASKED, "confirm": "yes", **other}, status)


def begun(house: House, lcsas: tuple[str, ...] = ()) -> surveys.Round:
    """A round that was begun, and sent to nobody yet."""
    owner = house.actor("process-owner")
    return surveys.begin(house.portal, *ASKED.values(), lcsas, owner, Act(owner.email, "begin a survey"))


def asked(house: House) -> list[str]:
    """The applications in whose history a survey stands, once for each."""
    documents = [house.get(one) for one in house.portal.store.document_ids()]
    return [one["id"] for one in documents for entry in one["history"] if entry["step"] == "survey"]


@contextmanager
def killed_after(house: House, number: int) -> Iterator[None]:
    """The block ends as if the server had been killed once so many had been asked: what had come is not noted."""
    before = house.portal.store.get_record("survey-rounds", "fall-2026")
    assert before is not None
    surveys.send(house.portal, "fall-2026", house.actor("process-owner"), at_most=number)
    house.portal.store.put_record("survey-rounds", "fall-2026", {**before, "position": 0})
    yield


def test_a_round_asks_every_organization_with_access_and_each_finds_it_in_its_inbox(house: House) -> None:
    kern, alameda = with_access(house, "Kern", "Alameda")
    waiting = house.application_before("confirm-access", "San Diego")
    check = house.client("process-owner").send("/surveys/new", ASKED, 200)
    assert "It goes to 2 organizations" in check.words("//main")
    assert asked(house) == []
    send(house)
    assert asked(house) == sorted([kern["id"], alameda["id"]])
    assert "2 of 2 sent. 0 answered." in house.client("process-owner").page(ROUND).words("//main")
    assert at_step(kern, "answer-survey") in house.client("requestor").page("/inbox").links()
    assert "survey" not in house.get(waiting["id"])
    daily.run(house.portal)
    told = [mail["to"] for mail in mails(house) if "DCSS asks whether the user accounts" in mail["text"]]
    assert sorted(told) == [email_of("requestor", "Alameda"), email_of("requestor")]


def test_a_round_before_the_last_says_of_whom_a_newer_one_took_its_place(house: House) -> None:
    kern, alameda = with_access(house, "Kern", "Alameda")
    send(house)
    house.take(kern["id"], "answer-survey")
    check = house.client("process-owner").send("/surveys/new", {**ASKED, "name": "Spring 2027"}, 200)
    assert "Whoever has not answered an earlier survey answers this one in its place." in check.words("//main")
    send(house, name="Spring 2027")
    form = house.client("requestor", "Alameda").page(at_step(alameda, "answer-survey"))
    assert "It takes the place of “Fall 2026”, which needs no answer any more." in form.words("//main")
    page = house.client("process-owner").page(ROUND).words("//main")
    assert "2 of 2 sent. 1 answered: 1 “No, more are needed”. Of 1 a newer survey took the place" in page
    assert "Replaced before it was answered, by “Spring 2027”" in page
    assert "Not answered yet" not in page
    text = house.client("process-owner").get(f"{ROUND}.csv").get_data(as_text=True)
    states = {row["lcsa"]: (row["state"], row["replaced_by"]) for row in csv.DictReader(io.StringIO(text))}
    assert states == {"Kern": ("answered", ""), "Alameda": ("replaced", "Spring 2027")}


def test_a_round_may_go_to_some_lcsas_alone(house: House) -> None:
    kern, _ = with_access(house, "Kern", "Alameda")
    send(house, lcsas="Kern")
    assert asked(house) == [kern["id"]]
    problem = send(house, 422, name="Another", lcsas="San Diego").problems["lcsas"]
    assert "No organization of these LCSAs has access" in problem


def test_an_answer_stands_beside_what_is_granted_in_use_and_left_in_the_guide(house: House) -> None:
    kern, _ = with_access(house, "Kern", "Alameda")
    send(house)
    answer = {"enough": "no", "accounts_needed": "5", "reason": "A second office opens in March."}
    house.client("requestor").send(at_step(kern, "answer-survey"), answer)
    page = house.client("process-owner").page(ROUND)
    assert "2 of 2 sent. 1 answered: 1 “No, more are needed”." in page.words("//main")
    by_organization = {line[0]: line[1:] for line in rows(page)}
    assert by_organization["Kern IV-A, Kern"] == [
        "No, more are needed (November 23, 2026)A second office opens in March.", "5", "3", "2", "1", "0",
        "Change the guide for Kern IV-A",
    ]  # fmt: skip
    assert by_organization["Alameda IV-A, Alameda"][:6] == ["Not answered yet", "–", "3", "2", "5", "2"]
    [link] = [one for one in page.links("//tbody") if "Kern" in one]
    house.client("process-owner").send(link, {"reserved": "5", "reason": "The survey.", "confirm": "yes"})
    assert [line[5:7] for line in rows(house.client("process-owner").page(ROUND)) if "Kern" in line[0]] == [["5", "2"]]


def test_an_organization_without_a_row_in_the_guide_gets_one_from_there(house: House) -> None:
    over = {"justification": "The guide has no row for it."}
    document = house.take("", "identify-requestor", "Alameda", organization_type="other", **over)
    for step in WAY[1 : WAY.index("confirm-access") + 1]:
        house.take(document["id"], step, "Alameda", **(over if step == "decide" else {}))
    send(house)
    page = house.client("process-owner").page(ROUND)
    assert rows(page)[0][5:] == ["0", "0", "Add a row to the guide for Alameda IV-A"]
    [link] = [one for one in page.links("//tbody") if "uaag" in one]
    house.client("process-owner").send(link, {"reserved": "5", "reason": "The survey.", "confirm": "yes"})
    assert rows(house.client("process-owner").page(ROUND))[0][5:] == ["5", "2", "Change the guide for Alameda IV-A"]


def test_the_answers_are_a_file(house: House) -> None:
    kern, _ = with_access(house, "Kern", "Alameda")
    send(house)
    house.take(kern["id"], "answer-survey")
    text = house.client("process-owner").get(f"{ROUND}.csv").get_data(as_text=True)
    found = list(csv.DictReader(io.StringIO(text)))
    assert [(row["lcsa"], row["state"], row["accounts_needed"], row["granted"], row["left"]) for row in found] == [
        ("Alameda", "asked", "", "3", "2"),
        ("Kern", "answered", "5", "3", "0"),
    ]


def test_a_survey_answered_twice_is_refused_with_a_page_that_says_so(house: House) -> None:
    [kern] = with_access(house, "Kern")
    send(house)
    requestor = house.client("requestor")
    answer = {"enough": "yes", **requestor.page(at_step(kern, "answer-survey")).fields()}
    answer["enough"] = "yes"
    requestor.post_form(at_step(kern, "answer-survey"), answer, 303)
    again = requestor.post_form(at_step(kern, "answer-survey"), answer, 409)
    assert "taken already" in again.words("//main")
    assert at_step(kern, "answer-survey") not in requestor.page("/inbox").links()
    send(house, name="Spring 2027")
    assert at_step(kern, "answer-survey") in requestor.page("/inbox").links()


def test_a_round_that_was_interrupted_says_how_far_it_came_and_goes_on(house: House) -> None:
    everybody = with_access(house, "Alameda", "Kern", "San Diego")
    begun(house)
    surveys.send(house.portal, "fall-2026", house.actor("process-owner"), at_most=1)
    owner = house.client("process-owner")
    assert "1 of 3 sent" in owner.page(ROUND).words("//main")
    assert "1 of 3 were asked before it stopped" in owner.page("/inbox").words("//main")
    posted(owner, ROUND)
    assert "3 of 3 sent" in owner.page(ROUND).words("//main")
    assert asked(house) == sorted(one["id"] for one in everybody)
    assert ROUND not in owner.page("/inbox").links()


def test_a_server_that_was_killed_leaves_nobody_asked_twice(house: House) -> None:
    everybody = with_access(house, "Alameda", "Kern", "San Diego")
    begun(house)
    with killed_after(house, 2):
        assert daily.run(house.portal).problems == ()
    assert asked(house) == sorted(one["id"] for one in everybody)
    entries = [entry for one in everybody for entry in house.get(one["id"])["history"] if entry["step"] == "survey"]
    assert {(entry["actor"], entry["role"]) for entry in entries} == {(email_of("process-owner"), "process-owner")}


def test_what_is_left_waits_when_whoever_sent_it_is_process_owner_no_more(house: House) -> None:
    with_access(house, "Kern")
    begun(house)
    house.portal.people.add("another@demo.example", "An Other", Grant("process-owner"), password="third-party-access")
    house.portal.people.withdraw(email_of("process-owner"), Grant("process-owner"))
    assert "is not the Process Owner any more" in " ".join(daily.run(house.portal).problems)
    another = house.portal.people.require("another@demo.example").actor
    assert surveys.send(house.portal, "fall-2026", another).is_sent
    assert daily.run(house.portal).problems == ()


def test_whose_access_has_ended_meanwhile_is_passed_over(house: House) -> None:
    with_access(house, "Alameda")
    begun(house)
    document = house.get(next(house.portal.store.document_ids()))
    with house.portal.store.writing() as writing:
        writing.replace({**document, "status": "ended"}, document["revision"])
    assert surveys.send(house.portal, "fall-2026", house.actor("process-owner")).is_sent
    assert asked(house) == []
    assert "1 organization was passed over" in house.client("process-owner").page(ROUND).words("//main")


def test_the_same_form_sent_twice_makes_one_round(house: House) -> None:
    with_access(house, "Kern")
    send(house)
    assert "There is a survey of this name already" in send(house, 409, name="FALL 2026").problems["name"]
    assert len(surveys.all_rounds(house.portal)) == 1
    with pytest.raises(Conflict):
        begun(house)
    assert len(asked(house)) == 1


def test_a_single_organization_can_be_asked_on_its_page(house: House) -> None:
    [kern] = with_access(house, "Kern")
    house.client("process-owner").send(at_step(kern, "survey"), {**ASKED, "name": "Kern alone"})
    assert house.get(kern["id"])["survey"]["name"] == "Kern alone"
    assert surveys.all_rounds(house.portal) == []


@pytest.mark.parametrize(
    ("other", "field", "words"),
    [
        ({"name": ""}, "name", "Enter"),
        ({"name": "—"}, "name", "letters or digits"),
        ({"question": " "}, "question", "Enter"),
        ({"question": "123-45-6789"}, "question", "social security number"),
        ({"answer_by": "soon"}, "answer_by", "date"),
        ({"answer_by": "2026-11-22"}, "answer_by", "from today on"),
        ({"answer_by": "2028-11-22"}, "answer_by", "within a year"),
        ({"lcsas": "Nowhere"}, "lcsas", "not a valid choice"),
    ],
)
def test_what_does_not_hold_is_said_at_the_field(house: House, other: dict[str, str], field: str, words: str) -> None:
    page = posted(house.client("process-owner"), "/surveys/new", {**ASKED, "confirm": "yes", **other})
    assert page.status == 422
    assert words in page.problems[field]
    assert surveys.all_rounds(house.portal) == []


def test_a_round_that_is_not_there_is_not_found(house: House) -> None:
    for address in ("/surveys/rounds/none", "/surveys/rounds/none.csv", "/surveys/rounds/Fall-2026"):
        assert house.client("process-owner").get(address).status_code == 404


def test_nobody_else_sends_a_survey(house: House) -> None:
    [kern] = with_access(house, "Kern")
    with pytest.raises(NotYourTurn):
        actions.take(house.portal, kern["id"], "survey", house.actor("process-manager"), ASKED)
    for role in ("process-manager", "director", "requestor"):
        assert posted(house.client(role), "/surveys/new", {**ASKED, "confirm": "yes"}).status == 403


@pytest.mark.process("O8.2")
def test_the_access_log_tells_of_the_round_and_of_each_who_was_asked(house: House) -> None:
    with_access(house, "Kern", "Alameda")
    send(house)
    house.client("process-owner").get(f"{ROUND}.csv")
    owner = email_of("process-owner")
    lines = {did: list(house.portal.log.matching(Filters(who=owner, did=did))) for did in ("begin a survey", "take survey", "export the answers of a survey")}  # fmt: skip
    assert [(line["record"], line["why"]) for line in lines["begin a survey"]] == [("fall-2026", "to 2")]
    assert [line["role"] for line in lines["take survey"]] == ["process-owner"] * 2
    assert all(line["where"] == "127.0.0.1" for line in lines["take survey"])
    assert len(lines["export the answers of a survey"]) == 1


@pytest.mark.process("O8.2")
def test_no_survey_is_begun_or_sent_that_cannot_be_logged(house_on_each_store: House) -> None:
    house = house_on_each_store
    [kern] = with_access(house, "Kern")
    owner = house.client("process-owner")
    form = {**owner.page("/surveys/new").fields(), **ASKED, "confirm": "yes"}
    before = everything_but_the_log(house)
    with log_that_cannot_be_written(house):
        refused = owner.post_form("/surveys/new", form, 503)
        assert ASKED["question"] in refused.text
    assert everything_but_the_log(house) == before
    begun(house)
    with log_that_cannot_be_written(house):
        assert posted(owner, ROUND).status == 503
    assert house.get(kern["id"]) == kern
    posted(owner, ROUND)
    assert asked(house) == [kern["id"]]
