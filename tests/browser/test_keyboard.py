"""By keyboard alone: the work of those who are not on an application's way (test_journey.py has the others), and a focus
that is seen wherever it is.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.keyboard import FAR, AtTheKeyboard
from tests.browser.pages import Pages
from tests.browser.server import Serve
from tests.conftest import House, email_of
from tests.portal_at_work import EveryPage

SEEN = """() => {
    const one = document.activeElement;
    if (one === document.body) return { name: "", seen: true };
    const places = [getComputedStyle(one)];
    for (const label of one.labels || []) places.push(getComputedStyle(label), getComputedStyle(label, "::before"));
    const seen = places.some((look) => look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0);
    return { name: `${one.tagName} ${one.id || one.name || one.innerText.slice(0, 40)}`, seen };
}"""
"""What has the focus, and whether it, or the label that stands for it, has an outline."""


@pytest.fixture
def at_work(every_page: EveryPage, copy_of: Callable[[House, Path], House], tmp_path: Path) -> House:
    """A copy of the portal in which everything is going on at once."""
    return copy_of(every_page.house, tmp_path / "copy")


def at_the_keyboard(house: House, role: str, serve: Serve, pages: Pages) -> AtTheKeyboard:
    """Who holds this role, signed in by keyboard."""
    person = AtTheKeyboard(pages.open(), serve(house.app), email_of(role))
    person.sign_in()
    return person


@pytest.mark.process("O8.2")
def test_the_iso_signs_off_a_week_of_the_access_log_from_the_inbox(at_work: House, serve: Serve, pages: Pages) -> None:
    person = at_the_keyboard(at_work, "iso", serve, pages)
    person.click(person.page.get_by_role("link", name="Review the access log"))
    person.page.wait_for_url("**/access-log/weeks/*")
    person.write(person.page.locator("[name=note]"), "Nothing odd")
    person.click(person.page.get_by_role("button", name="I have reviewed it"))
    expect(person.page.locator("main")).to_contain_text("Nothing odd")
    assert [one.note for one in at_work.portal.auditing.reviews.all()] == ["Nothing odd"]


@pytest.mark.process("1.5")
def test_the_portal_administrator_adds_a_person(at_work: House, serve: Serve, pages: Pages) -> None:
    person = at_the_keyboard(at_work, "portal-administrator", serve, pages)
    person.click(person.page.get_by_role("navigation", name="Main").get_by_role("link", name="People"))
    person.page.wait_for_url("**/people")
    person.click(person.page.locator("main a[href='/people/new']"))
    person.page.wait_for_url("**/people/new")
    person.fill({"name": "Nia Ro", "email": "nia@demo.example", "role": "legal"})
    person.click(person.page.get_by_role("button", name="Add"))
    expect(person.page.locator("main")).to_contain_text("nia@demo.example")


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("process-owner", "inbox.inbox"),
        ("process-owner", "steps.step decide"),
        ("process-manager", "tracking.tracking"),
    ],
)
def test_the_focus_is_seen_wherever_it_is(
    role: str, name: str, every_page: EveryPage, serve: Serve, pages: Pages
) -> None:
    person = at_the_keyboard(every_page.house, role, serve, pages)
    address = next(one.address for one in every_page.found[role].pages if one.name == name)
    person.page.goto(person.base + address)
    reached: list[str] = []
    unseen: list[str] = []
    for _ in range(FAR):
        person.page.keyboard.press("Tab")
        focus = person.page.evaluate(SEEN)
        if not focus["name"]:
            break  # past the last
        reached.append(focus["name"])
        unseen += [] if focus["seen"] else [focus["name"]]
    assert len(reached) > 10, reached
    assert unseen == []
