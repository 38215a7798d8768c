"""HTMX makes lists quicker: what is typed finds, the title counts, the address can be shared; without it a button
does.
"""

from playwright.sync_api import Route, expect

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


def test_what_was_found_is_said_aloud_and_the_list_is_busy_until_then(house: House, serve: Serve, pages: Pages) -> None:
    house.application_after("identify-requestor")
    house.application_after("identify-requestor", "Alameda")
    person = Person(pages.open(), serve(house.app), email_of("process-manager"))
    person.sign_in()
    page = person.page
    page.goto(f"{person.base}/applications")
    busy: list[str | None] = []

    def look(route: Route) -> None:
        busy.append(page.locator("#results").get_attribute("aria-busy"))
        route.continue_()

    page.route("**/applications?*", look)
    page.locator("input[type=search]").press_sequentially("alameda")
    expect(page.locator("[data-spoken-here]")).to_have_text("1 application found")
    assert busy[-1] == "true"
    expect(page.locator("#results")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("input[type=search]")).to_be_focused()


def test_an_answer_that_does_not_come_is_explained_where_it_was_awaited(
    house: House, serve: Serve, pages: Pages, axe: Axe
) -> None:
    house.application_after("identify-requestor")
    person = Person(pages.open(), serve(house.app), email_of("process-manager"))
    person.sign_in()
    page = person.page
    page.goto(f"{person.base}/applications")
    page.route("**/applications?*", lambda route: route.abort())
    page.locator("input[type=search]").press_sequentially("kern")
    failed = page.locator("[data-swap-failed=results]")
    expect(failed).to_contain_text("The portal cannot be reached. What stands here is from before.")
    assert axe(page) == []
    page.unroute("**/applications?*")
    page.locator("input[type=search]").press_sequentially(" iv")
    expect(page.locator("#results tbody tr")).to_have_count(1)
    expect(failed).to_have_count(0)
    pages.problems.clear()  # the browser itself complains of the request that was broken off


def test_who_was_signed_out_meanwhile_reads_so_beside_the_list(house: House, serve: Serve, pages: Pages) -> None:
    house.application_after("identify-requestor")
    person = Person(pages.open(), serve(house.app), email_of("process-manager"))
    person.sign_in()
    page = person.page
    page.goto(f"{person.base}/applications")
    page.context.clear_cookies()
    page.locator("input[type=search]").press_sequentially("kern")
    expect(page.locator("[data-swap-failed=results]")).to_contain_text("You were signed out.")
    expect(page.get_by_role("dialog")).to_contain_text("Sign in again in another tab")
    expect(page.locator("input[type=search]")).to_have_value("kern")
    pages.problems.clear()  # the answer 401 is a line in the console
