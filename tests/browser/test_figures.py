"""The dashboard and its map in a real browser: open to everybody, at every width, by keyboard too."""

from typing import Any

import pytest
from playwright.sync_api import ViewportSize, expect

from portal import daily
from tests.browser.pages import NARROW, WIDE, Axe, Pages
from tests.browser.people import Person
from tests.browser.server import Serve
from tests.conftest import House, email_of

NARROWEST: ViewportSize = {"width": 320, "height": 640}


@pytest.mark.parametrize("filled", [True, False], ids=["filled", "empty"])
def test_the_dashboard_is_open_to_everybody_and_fits(
    house: House, serve: Serve, pages: Pages, axe: Axe, filled: bool
) -> None:
    if filled:
        house.application_after("confirm-access")
        house.application_before("legal-opinion", "San Diego")
        house.clock.pass_days(60)
        daily.run(house.portal)
    address = serve(house.app)
    sizes: list[Any] = [WIDE, NARROW, NARROWEST]
    for size in sizes:
        person = Person(pages.open(size=size), address, email_of("legal"))
        person.sign_in()
        person.page.goto(f"{address}/dashboard")
        for more in person.page.locator("main summary").all():
            more.click()
        assert axe(person.page) == []
        assert person.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.mark.process("1.6")
def test_a_county_on_the_map_leads_to_its_applications_by_mouse_and_by_keyboard(
    house: House, serve: Serve, pages: Pages
) -> None:
    kern = house.application_after("confirm-access")
    house.application_after("identify-requestor", "San Diego")
    daily.run(house.portal)
    address = serve(house.app)
    person = Person(pages.open(), address, email_of("iso"))
    person.sign_in()
    page = person.page
    for act in ("click", "keys"):
        page.goto(f"{address}/dashboard")
        county = page.get_by_role("link", name="Kern: 3 of 1 account granted", exact=True)
        if act == "click":
            county.click()
        else:
            county.focus()
            page.keyboard.press("Enter")
        page.wait_for_url("**/applications?lcsa=Kern")
        expect(page.locator("#results tbody tr")).to_have_count(1)
        expect(page.locator("#results")).to_contain_text(kern["id"])
    page.goto(f"{address}/dashboard")
    page.get_by_role("link", name="Skip the map").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('#map-legend').contains(document.activeElement)")
