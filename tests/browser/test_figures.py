"""The dashboard and its map in a real browser: open to everybody, at every width, by keyboard too."""

from typing import Any, Literal

import pytest
from playwright.sync_api import ViewportSize, expect

from portal import daily
from tests.browser.pages import NARROW, WIDE, Axe, Pages
from tests.browser.people import Person
from tests.browser.server import Serve
from tests.conftest import House, email_of

NARROWEST: ViewportSize = {"width": 320, "height": 640}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


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
        for scheme in SCHEMES:
            person.page.emulate_media(color_scheme=scheme)
            assert axe(person.page) == [], scheme
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


@pytest.mark.process("5.2")
def test_the_matrix_is_searched_sorted_and_filtered_in_place_with_the_focus_kept(
    house: House, serve: Serve, pages: Pages, axe: Axe
) -> None:
    for county in ("Kern", "San Diego"):
        house.application_after("post-approval", county)
    address = serve(house.app)
    page = pages.open()
    page.goto(f"{address}/matrix")
    page.evaluate("window.cameOnce = true")
    rows = page.locator("#results tbody tr")
    expect(rows).to_have_count(2)
    page.get_by_role("link", name="County (LCSA)").focus()
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("County")
    expect(page.get_by_role("link", name="County (LCSA)")).to_be_focused()
    expect(rows.first).to_contain_text("San Diego")
    assert "sort=-lcsa" in page.url
    page.get_by_label("County or organization").press_sequentially("iv-a")
    expect(page.locator("[data-spoken-here]")).to_contain_text("2 organizations with access, found by “iv-a”")
    expect(rows.first).to_contain_text("San Diego")
    expect(page.get_by_label("County or organization")).to_be_focused()
    page.get_by_label("Local child support agency").select_option("Kern")
    expect(rows).to_have_count(1)
    expect(page.locator(".map__area--chosen")).to_have_count(1)
    expect(page).to_have_title("Approved user account matrix – Third Party Access")
    assert page.evaluate("window.cameOnce"), "the page was loaded anew"
    assert axe(page) == []
    page.reload()
    expect(rows).to_have_count(1)
    page.go_back()
    expect(rows).to_have_count(2)


@pytest.mark.process("5.2", "App. D")
@pytest.mark.parametrize("size", [WIDE, NARROW, NARROWEST], ids=["wide", "narrow", "narrowest"])
def test_the_matrix_and_its_form_are_open_to_everybody_fit_and_work_without_javascript(
    house: House, serve: Serve, pages: Pages, axe: Axe, size: ViewportSize
) -> None:
    address = serve(house.app)
    page = pages.open(size=size)
    schemes = {1280: SCHEMES, 360: SCHEMES[:1]}.get(size["width"], ())  # colours are the same in every width
    for filled in (False, True):
        if filled:
            house.application_after("post-approval")
        for path in ("/matrix", "/matrix?every=yes", "/matrix?q=nothing", "/matrix?lcsa=Madera"):
            page.goto(address + path)
            for more in page.locator("main summary").all():
                more.click()
            for scheme in schemes:
                page.emulate_media(color_scheme=scheme)
                assert axe(page) == [], (path, scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    plain = pages.open(size=size, javascript=False)
    plain.goto(f"{address}/matrix")
    plain.get_by_role("link", name="Term").click()
    plain.get_by_label("County or organization").fill("kern")
    plain.get_by_role("button", name="Show").click()
    expect(plain.locator("#results tbody tr")).to_have_count(1)
    expect(plain.locator("th[aria-sort=ascending]")).to_contain_text("Term")
