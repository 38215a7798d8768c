"""The whole way in a real browser, all roles of it: by keyboard alone, and without JavaScript. Every page is looked at
elsewhere (test_every_page.py), those on which answers are checked here.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from portal.process.goals import california_date
from tests.browser.keyboard import AtTheKeyboard
from tests.browser.pages import Axe, Pages
from tests.browser.people import Person
from tests.browser.server import Serve
from tests.conftest import House, email_of
from tests.journey import WAY, answers_to


@pytest.mark.process("6.2", "6.3", "6.4", "6.5", "6.6", "6.7", "6.8", "6.9", "7.1", "7.2", "7.3")
@pytest.mark.parametrize("javascript", [True, False], ids=["by keyboard", "without JavaScript"])
def test_an_organization_goes_the_whole_way_by_hand(
    make_house: Callable[..., House], serve: Serve, pages: Pages, axe: Axe, javascript: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    house = make_house()
    base = serve(house.app)
    today = california_date(house.clock.now)
    people: dict[str, Person] = {}
    document_id = ""

    def looked_at(page: Page) -> None:
        assert axe(page) == []

    for key in WAY:
        role = house.process.step(key).role
        if role not in people:
            at = AtTheKeyboard if javascript else Person
            people[role] = at(pages.open(javascript=javascript), base, email_of(role))
            people[role].checks = looked_at if javascript else lambda _: None
            people[role].sign_in()
        person = people[role]
        if not document_id:
            url = person.take("", key, answers_to(key, today))
            document_id = url.rsplit("/", 1)[1]
        else:
            person.open_task(document_id, key)
            person.fill(answers_to(key, today))
            person.send()
            assert person.page.url.endswith(f"/applications/{document_id}"), person.page.locator("main").inner_text()
    assert house.get(document_id)["status"] == "active"
    with capsys.disabled():
        print()
        for role, person in people.items():
            print(f"{role}: {person.clicks} clicks, {person.pages} pages")
