"""A made-up process of three steps goes through the same core, store and pages as the real one."""

import re
from collections.abc import Callable

from portal import verify
from portal.notices import queueing
from portal.process.step import Grant
from tests.clients import PortalClient, sign_in
from tests.conftest import House
from tests.made_up_process import MADE_UP

PASSWORD = "a long pass phrase here"


def somebody(house: House, name: str, *grants: Grant) -> PortalClient:
    """A person with these roles, signed in."""
    email = f"{name.lower()}@example.org"
    house.portal.people.add(email, name, grants[0], password=PASSWORD)
    client = PortalClient(house.app, use_cookies=True)
    sign_in(client, email, PASSWORD)
    return client


def test_a_process_of_three_steps_runs_on_the_same_core_store_and_pages(make_house: Callable[..., House]) -> None:
    house = make_house((MADE_UP,), "library")
    _without_the_demos_people(house)
    reader = somebody(house, "Rita", Grant("reader"))
    librarian = somebody(house, "Lou", Grant("librarian", {"lcsa": "North & East"}))
    elsewhere = somebody(house, "Eve", Grant("librarian", {"lcsa": "South"}))
    asked = {
        "branch": "North & East", "reader": "Rita <R>", "titles-0-title": "Emma", "titles-0-year": "1815",
        "titles-1-title": "Ulysses",
    }  # fmt: skip
    assert "/applications/new" in reader.page("/inbox").links()
    librarian.page("/applications/new", 403)
    wrong = reader.send("/applications/new", {**asked, "titles-0-year": "long ago"}, 422)
    assert set(wrong.problems) == {"titles-0-year"}
    check = reader.send("/applications/new", asked, 200)
    taken = reader.post_form("/applications/new", {**check.fields(), "confirm": "yes"}, 303)
    found = re.search(r"/applications/(BOOK-\d{4}-\d{4})", taken.response.headers["Location"])
    assert found
    here = f"/applications/{found[1]}"
    inbox = librarian.page("/inbox")
    assert f"{here}/steps/lend-book" in inbox.links()
    assert inbox.title.startswith("Inbox (1)")
    assert elsewhere.page("/inbox").title.startswith("Inbox (0)")
    elsewhere.page(here, 404)
    assert "“Lend the book” is for the Librarian." in reader.page(f"{here}/steps/lend-book", 403).words("//main")
    reader.page(f"{here}/steps/return-book", 409)
    librarian.send(f"{here}/steps/lend-book", {"answer": "lend"})
    page = reader.page(here)
    assert "Rita <R>" in page.h1
    assert "Met" in page.words("//ol[@class='criteria']")
    for words in ("Emma", "1815", "Ulysses", "Lou answered"):
        assert words in page.words("//main"), words
    reader.send(f"{here}/steps/return-book", {"returned_on": "11/20/2026"})
    document = reader.get(f"{here}.json").json
    assert (document["process"], document["status"], document["open_tasks"]) == ("lending", "returned", [])
    assert [entry["step"] for entry in document["history"]] == ["ask-for-book", "lend-book", "return-book"]
    assert document["ask_for_book"]["titles"] == [{"title": "Emma", "year": 1815}, {"title": "Ulysses"}]
    librarian.page(f"{here}/steps/lend-book", 409)
    assert "BOOK" in librarian.page("/applications?q=rita").words("//table")
    queueing.queue_owed(house.portal)
    told = [
        (mail["to"], "Rita <R> has returned the book, on 2026-11-20." in mail["text"])
        for _, mail in house.portal.store.records("mail")
    ]
    assert ("lou@example.org", True) in told
    assert verify.run(house.portal).findings == ()


def test_the_public_pages_are_drawn_from_whatever_process_there_is(make_house: Callable[..., House]) -> None:
    house = make_house((MADE_UP,), "library")
    client = house.client("")
    for address in ("/process", "/policy"):
        assert "Lend the book" in client.page(address).words("//main")
    client.page("/")
    client.page("/matrix")
    schema = client.get("/schemas/lending.json").json
    assert "lend_book" in schema["properties"]
    assert client.get("/schemas/third-party-access.json").status_code == 404


def _without_the_demos_people(house: House) -> None:
    """The demo's people hold roles that this process does not have."""
    for key, _ in list(house.portal.store.records("people")):
        house.portal.store.delete_record("people", key)
