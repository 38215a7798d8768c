"""The whole way in a real browser, all roles of it, with and without JavaScript; and what axe finds on each page."""

from collections.abc import Callable

import pytest

from portal.process.goals import california_date
from tests.browser.pages import Axe, Pages
from tests.browser.people import Person
from tests.browser.server import Serve
from tests.conftest import House, email_of
from tests.journey import WAY, answers_to


@pytest.mark.process("6.2", "6.3", "6.4", "6.5", "6.6", "6.7", "6.8", "6.9", "7.1", "7.2", "7.3")
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_an_organization_goes_the_whole_way_by_hand(
    make_house: Callable[..., House], serve: Serve, pages: Pages, axe: Axe, javascript: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    house = make_house()
    base = serve(house.app)
    today = california_date(house.clock.now)
    people: dict[str, Person] = {}
    document_id = ""
    for key in WAY:
        role = house.process.step(key).role
        if role not in people:
            people[role] = Person(pages.open(javascript=javascript), base, email_of(role))
            people[role].sign_in()
        person = people[role]
        if not document_id:
            url = person.take("", key, answers_to(key, today))
            document_id = url.rsplit("/", 1)[1]
        else:
            person.open_task(document_id, key)
            if javascript:
                assert axe(person.page) == []
            person.fill(answers_to(key, today))
            person.send()
            assert person.page.url.endswith(f"/applications/{document_id}"), person.page.locator("main").inner_text()
    assert house.get(document_id)["status"] == "active"
    with capsys.disabled():
        print()
        for role, person in people.items():
            print(f"{role}: {person.clicks} clicks, {person.pages} pages")
