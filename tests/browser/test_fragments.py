"""HTMX makes lists quicker: what is typed finds, the title counts, the address can be shared; without it a button
does.
"""

from playwright.sync_api import expect

from tests.browser.pages import Axe, Pages
from tests.browser.people import Person
from tests.browser.server import Serve
from tests.conftest import House, email_of


def test_a_search_shows_its_results_while_it_is_typed_and_can_be_shared(
    house: House, serve: Serve, pages: Pages, axe: Axe
) -> None:
    kern, alameda = (
        house.application_after("identify-requestor"),
        house.application_after("identify-requestor", "Alameda"),
    )
    person = Person(pages.open(), serve(house.app), email_of("process-manager"))
    person.sign_in()
    page = person.page
    page.get_by_role("link", name="Applications").click()
    expect(page.locator("#results tbody tr")).to_have_count(2)
    page.evaluate("window.cameOnce = true")
    page.locator("input[type=search]").press_sequentially("alameda")
    expect(page.locator("#results tbody tr")).to_have_count(1)
    expect(page.locator("#results")).to_contain_text(alameda["id"])
    expect(page.locator("#results")).not_to_contain_text(kern["id"])
    expect(page).to_have_title("Applications (1) – Third Party Access")
    assert page.evaluate("window.cameOnce"), "the page was loaded anew"
    assert "q=alameda" in page.url
    page.reload()
    expect(page.locator("#results tbody tr")).to_have_count(1)
    assert axe(page) == []


def test_the_same_search_works_by_a_button_without_javascript(house: House, serve: Serve, pages: Pages) -> None:
    house.application_after("identify-requestor")
    alameda = house.application_after("identify-requestor", "Alameda")
    person = Person(pages.open(javascript=False), serve(house.app), email_of("process-manager"))
    person.sign_in()
    person.page.get_by_role("link", name="Applications").click()
    person.page.fill("input[type=search]", "alameda")
    person.page.get_by_role("button", name="Show").click()
    expect(person.page.locator("#results tbody tr")).to_have_count(1)
    expect(person.page.locator("#results")).to_contain_text(alameda["id"])
