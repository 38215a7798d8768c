"""A long form in a real browser: part by part, with what was typed kept, and a question before it would be lost."""

import pytest
from playwright.sync_api import Dialog, expect

from tests.browser.pages import NARROW, Axe, Pages
from tests.browser.people import Person
from tests.browser.server import Serve
from tests.conftest import House, email_of
from tests.web.asking import at_step


@pytest.mark.process("6.4")
def test_a_part_is_left_by_the_list_of_parts_and_found_again_as_it_was(
    house: House, serve: Serve, pages: Pages, axe: Axe
) -> None:
    document = house.application_before("complete-application")
    person = Person(pages.open(size=NARROW), serve(house.app), email_of("requestor"))
    person.sign_in()
    page = person.page
    page.goto(person.base + at_step(document, "complete-application"))
    page.get_by_label("Title").fill("Deputy Director")
    page.get_by_role("button", name="Legal authority and purpose").click()
    expect(page.get_by_role("heading", name="Part 4 of 6")).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.go_back()
    page.reload()
    expect(page.get_by_label("Title")).to_have_value("Deputy Director")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_be_focused()


def test_whoever_leaves_with_something_typed_that_is_not_kept_is_asked_first(
    house: House, serve: Serve, pages: Pages
) -> None:
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    person = Person(pages.open(), serve(house.app), email_of("director"))
    person.sign_in()
    page = person.page
    page.on("dialog", answer)
    page.goto(f"{person.base}/applications/new")
    page.goto(f"{person.base}/inbox")
    assert asked == []
    page.goto(f"{person.base}/applications/new")
    page.get_by_label("Name of the organization").press_sequentially("Kern")
    page.goto(f"{person.base}/inbox")
    assert asked == ["beforeunload"]
