"""Somebody at a keyboard, without a mouse: everything is reached with Tab and pressed with Enter, Space or the arrows."""

from dataclasses import dataclass

from playwright.sync_api import Locator

from portal.demo import PASSWORD
from tests.browser.people import Person

FAR = 250
"""So many presses of Tab lead to everything on a page."""


class OutOfReach(Exception):
    """What no number of presses of Tab leads to."""


@dataclass
class AtTheKeyboard(Person):
    """As `Person`, by keyboard alone. `tabs` counts the presses of Tab."""

    tabs: int = 0

    def click(self, what: Locator) -> None:
        """Goes there and presses Enter."""
        self.clicks += 1
        self.reach(what.first)
        self.page.keyboard.press("Enter")

    def reach(self, what: Locator) -> None:
        """Presses Tab until the focus is there. Raises `OutOfReach`."""
        what.wait_for(state="attached")
        for _ in range(FAR):
            if what.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
            self.tabs += 1
        raise OutOfReach(f"{self.page.url}: {what}")

    def sign_in(self) -> None:
        """From the start page to the inbox."""
        self.page.goto(self.base + "/")
        self.click(self.page.get_by_role("link", name="Sign in"))
        self.page.wait_for_url("**/sign-in*")
        for name, words in (("email", self.email), ("password", PASSWORD)):
            self.write(self.page.locator(f"[name={name}]"), words)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/inbox")

    def write(self, field: Locator, words: str) -> None:
        """Types into a field in place of what stands there."""
        self.reach(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(words)

    def _answer(self, name: str, value: str) -> None:
        fields = self.page.locator(f"main [name='{name}']:not([type=hidden])")
        kind, tag = fields.first.get_attribute("type"), fields.first.evaluate("field => field.tagName")
        if kind == "radio":
            self._choose(fields, self.page.locator(f"main [name='{name}'][value='{value}']"))
        elif kind == "checkbox":
            box = self.page.locator(f"main [name='{name}'][value='{value}']")
            if not box.is_checked():
                self.reach(box)
                self.page.keyboard.press("Space")
        elif tag == "SELECT":
            self.reach(fields.first)
            self.page.keyboard.press("Home")
            for _ in range(fields.first.locator("option").count()):
                if fields.first.input_value() == value:
                    break
                self.page.keyboard.press("ArrowDown")
            assert fields.first.input_value() == value
        elif kind == "date":
            year, month, day = value.split("-")
            self.reach(fields.first)
            self.page.keyboard.type(month + day + year)
            assert fields.first.input_value() == value
        else:
            self.write(fields.first, value)

    def _choose(self, circles: Locator, wanted: Locator) -> None:
        """Goes to the group, which is one stop of Tab, and along it with the arrows."""
        if wanted.is_checked():
            return
        for _ in range(FAR):
            if any(one.evaluate("one => one === document.activeElement") for one in circles.all()):
                break
            self.page.keyboard.press("Tab")
            self.tabs += 1
        self.page.keyboard.press("Space")
        for _ in range(circles.count()):
            if wanted.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise OutOfReach(f"{self.page.url}: {wanted}")
