"""An application's page in a real browser: wide, narrow and smallest, for several roles, with everything unfolded."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import NARROW, WIDE, Axe, Pages
from tests.browser.people import Person
from tests.browser.server import Serve
from tests.conftest import House, email_of

SMALLEST = {"width": 320, "height": 640}


@pytest.mark.parametrize("size", [WIDE, NARROW, SMALLEST], ids=["wide", "narrow", "smallest"])
@pytest.mark.parametrize(
    ("before", "role"),
    [("send-to-owner", "process-manager"), ("sign-mou", "requestor"), ("schedule-invitation", "director")],
)
def test_an_applications_page_is_open_to_everybody_and_fits(
    house: House, serve: Serve, pages: Pages, axe: Axe, size: Any, before: str, role: str
) -> None:
    document = house.application_before(before)
    base = serve(house.app)
    page = pages.open(size=size)
    Person(page, base, email_of(role)).sign_in()
    page.goto(f"{base}/applications/{document['id']}")
    expect(page.get_by_text("criteria met")).to_be_visible()
    for more in page.locator("main summary").all():
        more.click()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_the_answer_stands_on_the_first_screen(house: House, serve: Serve, pages: Pages) -> None:
    document = house.application_before("send-to-owner")
    base = serve(house.app)
    page = pages.open(size={"width": 1280, "height": 800})
    Person(page, base, email_of("process-manager")).sign_in()
    page.goto(f"{base}/applications/{document['id']}")
    for found in (
        page.get_by_text("Waits for the Process Manager"),
        page.get_by_text("Next: Decide the application"),
        page.get_by_role("heading", name="3 of 8 criteria met"),
        page.locator(".buttons--own a").first,
    ):
        expect(found).to_be_in_viewport()
