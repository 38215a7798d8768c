"""A made-up process of three steps goes through the same core, store and pages as the real one."""

import re
from collections.abc import Callable

from portal import verify
from portal.notices import queueing
from tests.clients import PortalClient, sign_in
from tests.conftest import House
from tests.made_up_process import ANSWERS, MADE_UP, person_of

PASSWORD = "a long pass phrase here"


def somebody(house: House, role: str, consortium: str = "ISAWS") -> PortalClient:
    """Who holds a role of the made-up process, signed in."""
    actor = person_of(role, consortium)
    house.portal.people.add(actor.email, actor.name, actor.grants[0], password=PASSWORD)
    client = PortalClient(house.app, use_cookies=True)
    sign_in(client, actor.email, PASSWORD)
    return client


def test_a_process_of_three_steps_runs_on_the_same_core_store_and_pages(make_house: Callable[..., House]) -> None:
    house = make_house((MADE_UP,), "change-requests")
    _without_the_demos_people(house)
    sponsor, analyst, board = (somebody(house, role) for role in ("sponsor", "analyst", "board"))
    stranger, doorkeeper = somebody(house, "sponsor", "Elsewhere"), somebody(house, "doorkeeper")
    assert "/applications/new" in sponsor.page("/inbox").links()
    analyst.page("/applications/new", 403)
    wrong = sponsor.send("/applications/new", {"change_title": "A <b>title</b>", "screens-0-screen": "Case list"}, 422)
    assert set(wrong.problems) == {"screens-0-what"}
    check = sponsor.send("/applications/new", ANSWERS["ask-for-change"], 200)
    taken = sponsor.post_form("/applications/new", {**check.fields(), "confirm": "yes"}, 303)
    found = re.search(r"/applications/(CR-\d{4}-\d{4})", taken.response.headers["Location"])
    assert found
    here = f"/applications/{found[1]}"
    inbox = analyst.page("/inbox")
    assert f"{here}/steps/weigh-change" in inbox.links()
    assert inbox.title.startswith("Inbox (1)")
    for client in (stranger, doorkeeper):
        assert client.page("/inbox").title.startswith("Inbox (0)")
        for part in ("", ".json", "/steps/weigh-change"):
            client.page(here + part, 404)
    assert "“Weigh the change” is for the Analyst." in sponsor.page(f"{here}/steps/weigh-change", 403).words("//main")
    board.page(f"{here}/steps/vote", 409)
    analyst.send(f"{here}/steps/weigh-change", ANSWERS["weigh-change"])
    page = sponsor.page(here)
    assert "ISAWS" in page.h1
    assert "Met" in page.words("//ol[@class='criteria']")
    assert "Case list" in page.words("//main")
    assert "Cheap at that." not in page.text
    assert "Cheap at that." in board.page(here).text
    board.send(f"{here}/steps/vote", ANSWERS["vote"])
    document = board.get(f"{here}.json").json
    assert (document["process"], document["status"], document["open_tasks"]) == ("change-requests", "adopted", [])
    assert [entry["step"] for entry in document["history"]] == list(ANSWERS)
    assert document["ask_for_change"]["screens"] == ANSWERS["ask-for-change"]["screens"]
    assert "closed (adopted)" in board.page(f"{here}/steps/vote", 409).words("//main")
    assert found[1] in analyst.page("/applications?q=isaws").words("//table")
    queueing.queue_owed(house.portal)
    told = {mail["to"] for _, mail in house.portal.store.records("mail")}
    assert told == {"analyst@isaws.example", "board@isaws.example"}
    assert verify.run(house.portal).findings == ()


def test_the_public_pages_are_drawn_from_whatever_process_there_is(make_house: Callable[..., House]) -> None:
    client = make_house((MADE_UP,), "change-requests").client("")
    for address in ("/process", "/policy"):
        assert "Weigh the change" in client.page(address).words("//main")
    client.page("/")
    client.page("/matrix")
    schema = client.get("/schemas/change-requests.json").json
    assert "weigh_change" in schema["properties"]
    assert client.get("/schemas/third-party-access.json").status_code == 404


def _without_the_demos_people(house: House) -> None:
    """The demo's people hold roles that this process does not have."""
    for key, _ in list(house.portal.store.records("people")):
        house.portal.store.delete_record("people", key)
