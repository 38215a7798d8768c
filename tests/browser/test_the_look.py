"""What pages look like and do in a real browser, shown on the gallery of every macro."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.pages import NARROW, WIDE, Axe, Pages
from tests.web.gallery import gallery_app


@pytest.fixture
def gallery() -> Flask:
    return gallery_app()


@pytest.fixture
def address(gallery: Flask, serve: Callable[[Any], str]) -> str:
    return serve(gallery)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_every_pattern_is_open_to_everybody_and_fits(pages: Pages, address: str, axe: Axe, size: Any) -> None:
    page = pages.open(size=size)
    for path in ("/", "/form", "/filled", "/error/503"):
        page.goto(address + path)
        for more in page.locator("summary:visible").all():
            more.click()
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.goto(f"{address}/form")
    page.get_by_role("button", name="Check your answers").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert axe(page) == []


def test_a_question_is_asked_only_when_another_has_its_value(page: Page, address: str) -> None:
    page.goto(f"{address}/form")
    expect(page.get_by_label("Reason", exact=True)).to_be_hidden()
    page.get_by_role("radio", name="Reject").check()
    expect(page.get_by_label("Reason", exact=True)).to_be_visible()
    page.locator("label", has_text="Accept").click()
    expect(page.get_by_label("Reason", exact=True)).to_be_hidden()


def test_without_javascript_every_question_is_shown_with_its_condition(
    page_without_javascript: Page, address: str
) -> None:
    page_without_javascript.goto(f"{address}/form")
    expect(page_without_javascript.get_by_label("Reason", exact=True)).to_be_visible()
    expect(page_without_javascript.get_by_text("Answer this if “Decision” is Reject.")).to_be_visible()


def test_rows_are_added_and_removed_in_place(page: Page, address: str) -> None:
    page.goto(f"{address}/filled")
    page.get_by_role("button", name="Add another user").click()
    third = page.get_by_role("group", name="User 3")
    expect(third.get_by_label("Full name")).to_be_focused()
    expect(third.get_by_label("Full name")).to_have_value("")
    expect(third.get_by_label("Last day")).to_be_hidden()
    third.get_by_label("Has left the organization").check()
    expect(third.get_by_label("Last day")).to_be_visible()
    third.get_by_label("Full name").fill("Di Ro")
    page.get_by_role("button", name="Leave out for now: user 1").click()
    expect(page.get_by_role("group", name="User 2").get_by_label("Full name")).to_have_value("Di Ro")
    page.get_by_role("button", name="Check your answers").click()
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(3)


def test_a_draft_keeps_itself_and_says_so(page: Page, address: str, gallery: Flask) -> None:
    page.goto(f"{address}/form")
    page.get_by_label("Name of the organization").fill("Kern IV-A")
    page.get_by_label("Email of the contact person").focus()
    expect(page.get_by_role("status").filter(has_text="Saved at")).to_be_visible()
    kept = gallery.config["DRAFTS"][-1]
    assert kept["organization_name"] == ["Kern IV-A"]
    assert kept["csrf_token"] != [""]


def test_a_draft_says_when_a_colleague_saved_another_meanwhile(page: Page, address: str, gallery: Flask) -> None:
    page.goto(f"{address}/form")
    page.get_by_label("Name of the organization").fill("taken")
    page.get_by_label("Email of the contact person").focus()
    expect(page.get_by_text("Not saved: a colleague saved other answers meanwhile.")).to_be_visible()
    page.get_by_label("Email of the contact person").fill("bo@kern.example")
    page.get_by_label("Number of users").focus()
    page.get_by_label("Number of users").fill("3")
    page.get_by_label("Name of the organization").focus()
    assert len(gallery.config["DRAFTS"]) == 1


def test_a_form_is_sent_once_and_can_be_sent_again_after_going_back(page: Page, address: str) -> None:
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.goto(f"{address}/filled")
    page.evaluate(
        """() => {
            const button = document.querySelector(".buttons button");
            button.click();
            button.click();
        }"""
    )
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    assert posts == [f"{address}/form"]
    page.go_back()
    expect(page.get_by_role("button", name="Check your answers")).to_be_enabled()
    expect(page.get_by_label("Reason", exact=True)).to_be_visible()
