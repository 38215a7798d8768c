"""The inbox in a real browser: found while typing, looked at without leaving the list, without JavaScript too."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import NARROW, WIDE, Axe, Pages
from tests.browser.people import Person
from tests.browser.server import Serve
from tests.conftest import House, email_of

SMALLEST = {"width": 320, "height": 640}


@pytest.fixture
def many(house: House) -> House:
    """For the Process Manager: two applications to route, one to send on, five invitations to schedule."""
    house.application_before("send-to-owner")
    for county in ("Kern", "Alameda"):
        house.application_before("route-application", county)
    for _ in range(5):
        house.take("", "identify-requestor", "San Diego")
    return house


def signed_in(house: House, serve: Serve, page: Page, role: str = "process-manager") -> Page:
    """The inbox of who holds this role."""
    Person(page, serve(house.app), email_of(role)).sign_in()
    return page


@pytest.mark.parametrize("size", [WIDE, NARROW, SMALLEST], ids=["wide", "narrow", "smallest"])
def test_an_inbox_is_open_to_everybody_and_fits(many: House, serve: Serve, pages: Pages, axe: Axe, size: Any) -> None:
    page = signed_in(many, serve, pages.open(size=size))
    assert axe(page) == []
    page.locator("#tasks summary").first.click()
    expect(page.get_by_text("criteria met").first).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.mark.parametrize("role", ["legal", "requestor", "portal-administrator"])
def test_an_empty_inbox_is_open_to_everybody(house: House, serve: Serve, pages: Pages, axe: Axe, role: str) -> None:
    page = signed_in(house, serve, pages.open(), role)
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    assert axe(page) == []


def test_tasks_are_found_while_words_are_typed_and_the_address_can_be_shared(
    many: House, serve: Serve, pages: Pages, axe: Axe
) -> None:
    page = signed_in(many, serve, pages.open())
    page.get_by_label("Organization, county or number").press_sequentially("alameda")
    expect(page.locator("#tasks .task")).to_have_count(1)
    expect(page).to_have_title("Inbox (1) – Third Party Access")
    expect(page.locator("[data-spoken-here]")).to_have_text("1 task found.")
    assert "q=alameda" in page.url
    assert axe(page) == []
    page.get_by_label("Task", exact=True).select_option("schedule-invitation")
    expect(page.get_by_text("No task of yours is like that")).to_be_visible()
    page.go_back()
    expect(page.locator("#tasks .task")).to_have_count(1)
    page.reload()
    expect(page.locator("#tasks .task")).to_have_count(1)


def test_a_task_is_looked_at_below_its_row_by_keyboard(many: House, serve: Serve, pages: Pages) -> None:
    page = signed_in(many, serve, pages.open())
    look = page.locator("summary", has_text="Send the application to the Process Owner").first
    look.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Next: Decide the application (the Process Owner).")).to_be_visible()
    expect(page).to_have_title("Inbox (8) – Third Party Access")
    expect(look).to_be_focused()


def test_what_is_open_stays_open_when_the_inbox_looks_for_new_tasks(many: House, serve: Serve, pages: Pages) -> None:
    page = signed_in(many, serve, pages.open())
    look = "document.querySelector('#tasks') && htmx.ajax('GET', '/inbox', {source: '#tasks', target: '#tasks', swap: 'outerHTML', headers: {'X-By-Itself': 'yes'}})"
    page.locator("#tasks summary").first.click()
    expect(page.get_by_text("What happened last")).to_be_visible()
    page.evaluate(look)
    page.wait_for_timeout(300)
    expect(page.get_by_text("What happened last")).to_be_visible()
    many.take("", "identify-requestor", "San Diego")
    page.locator("#tasks summary").first.click()
    page.evaluate("document.activeElement.blur()")
    page.evaluate(look)
    expect(page).to_have_title("Inbox (9) – Third Party Access")


def test_without_javascript_the_same_is_done_by_buttons_and_links(many: House, serve: Serve, pages: Pages) -> None:
    page = signed_in(many, serve, pages.open(javascript=False))
    page.get_by_label("County (LCSA)").select_option("Alameda")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#tasks .task")).to_have_count(1)
    page.locator("#tasks summary").first.click()
    page.get_by_role("link", name="Open the application of Alameda IV-A").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Alameda IV-A")
