"""What stands differently where there is little room: filters that fold, one way back, cards in the place of columns."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import NARROW, WIDE, Pages
from tests.browser.people import Person
from tests.browser.server import Serve
from tests.conftest import House, email_of


def at(house: House, serve: Serve, page: Page, role: str, address: str) -> Page:
    """The page at this address, for who holds this role."""
    person = Person(page, serve(house.app), email_of(role))
    person.sign_in()
    page.goto(person.base + address)
    return page


@pytest.mark.parametrize("javascript", [True, False], ids=["with javascript", "without"])
def test_filters_are_folded_until_they_are_wanted_or_something_is_looked_for(
    house: House, serve: Serve, pages: Pages, javascript: bool
) -> None:
    house.take("", "identify-requestor")
    page = at(house, serve, pages.open(size=NARROW, javascript=javascript), "process-manager", "/applications")
    words = page.get_by_label("Organization, LCSA or number")
    expect(words).to_be_hidden()
    page.get_by_text("Search applications", exact=True).click()
    words.fill("kern")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#results tbody tr")).to_have_count(1)
    page.wait_for_url("**q=kern**")
    page.reload()
    expect(words).to_have_value("kern")
    expect(words).to_be_visible()


def test_filters_stand_open_where_there_is_room(house: House, serve: Serve, pages: Pages) -> None:
    page = at(house, serve, pages.open(), "process-manager", "/applications")
    expect(page.get_by_label("Organization, LCSA or number")).to_be_visible()
    expect(page.get_by_text("Search applications", exact=True)).to_be_hidden()


def test_a_trail_is_one_way_back_on_a_narrow_screen(house: House, serve: Serve, pages: Pages) -> None:
    document = house.take("", "identify-requestor")
    address = f"/applications/{document['id']}/steps/schedule-invitation"
    page = at(house, serve, pages.open(), "process-manager", address)
    trail = page.get_by_role("navigation", name="Breadcrumb")
    expect(trail.get_by_role("link")).to_have_count(2)
    page.set_viewport_size(NARROW)
    expect(trail.get_by_role("link")).to_have_count(1)
    expect(trail.get_by_role("link")).to_have_text(f"Kern IV-A {document['id']}")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_table_beside_a_form_has_room_for_all_of_its_columns(
    house: House, serve: Serve, pages: Pages, size: dict[str, int]
) -> None:
    document = house.application_before("confirm-access")
    page = at(house, serve, pages.open(size=size), "administrator", f"/applications/{document['id']}")
    page.goto(page.url + "/steps/set-up-accounts")
    shown = page.evaluate("""() => [...document.querySelectorAll("main .table-region")].map(
        (region) => [region.scrollWidth, region.clientWidth])""")
    assert shown
    assert all(whole <= seen for whole, seen in shown), shown
