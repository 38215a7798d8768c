"""A person at a browser: signs in, opens tasks from the inbox, fills forms as they are drawn. Counts clicks and
pages.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page

from portal.demo import PASSWORD
from tests.clients import typed


@dataclass
class Person:
    """Somebody at a browser. `clicks` counts presses of links, buttons, boxes and circles; `pages` the pages that
    came.
    """

    page: Page
    base: str
    email: str
    clicks: int = 0
    pages: int = 0
    checks: Callable[[Page], None] = lambda _: None
    """Looks at each page on which answers are checked before they go."""

    def __post_init__(self) -> None:
        self.page.on("framenavigated", self._count)

    def _count(self, frame: Any) -> None:
        self.pages += frame == self.page.main_frame and frame.url.startswith("http")

    def click(self, what: Locator) -> None:
        """Presses it."""
        self.clicks += 1
        what.click()

    def sign_in(self) -> None:
        """From the start page to the inbox."""
        self.page.goto(self.base + "/")
        self.click(self.page.get_by_role("link", name="Sign in").first)
        self.page.fill("[name=email]", self.email)
        self.page.fill("[name=password]", PASSWORD)
        self.click(self.page.locator("main button[type=submit]").last)
        self.page.wait_for_url("**/inbox")

    def open_task(self, document_id: str, step: str) -> None:
        """From the inbox to the step's form."""
        if not self.page.url.endswith("/inbox"):
            self.click(self.page.get_by_role("navigation", name="Main").get_by_role("link", name="Inbox"))
            self.page.wait_for_url("**/inbox")
        self.click(self.page.locator(f"a[href='/applications/{document_id}/steps/{step}']"))
        self.page.wait_for_url(f"**/steps/{step}")

    def fill(self, answers: dict[str, Any]) -> None:
        """Types and chooses the answers, adding rows to lists where they are needed; of a form in parts one part after
        the other, up to the last.
        """
        go_on = self.page.locator("main .buttons button[name=go_on]")
        while go_on.count():
            here = [name for name in answers if self.page.locator(f"main [name='{name}']:not([type=hidden])").count()]
            self._fill({name: answers[name] for name in here})
            answers = {name: value for name, value in answers.items() if name not in here}
            self._press(go_on)
        self._fill(answers)

    def _fill(self, answers: dict[str, Any]) -> None:
        for name, value in answers.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                self._make_rows(name, len(value))
        for name, value in typed(answers).items():
            for one in value if isinstance(value, list) else [value]:
                self._answer(name, one)

    def _make_rows(self, name: str, number: int) -> None:
        rows = self.page.locator(f"[data-entries={name}] [data-row]")
        while (before := rows.count()) < number:
            self.click(self.page.locator(f"button[name=add][value={name}]"))
            rows.nth(before).wait_for()

    def _answer(self, name: str, value: str) -> None:
        fields = self.page.locator(f"main [name='{name}']:not([type=hidden])")
        kind = fields.first.get_attribute("type")
        if kind in ("radio", "checkbox"):
            chosen = self.page.locator(f"main [name='{name}'][value='{value}']")
            if not chosen.is_checked():
                self.click(self.page.locator(f"label[for='{chosen.get_attribute('id')}']"))
        elif fields.first.evaluate("field => field.tagName") == "SELECT":
            fields.first.select_option(value)
        else:
            fields.first.fill(value)

    def send(self) -> None:
        """Presses the form's button; where the answers are shown to be checked, sends them then."""
        self._press(self.page.locator("main .buttons button[type=submit]").first)
        confirm = self.page.locator("main .buttons button[name=confirm]")
        if "Check your answers" in (self.page.locator("h1").text_content() or ""):
            self.checks(self.page)
            self._press(confirm)

    def _press(self, button: Locator) -> None:
        """Presses a button that leads to another page, and waits for that."""
        with self.page.expect_navigation():
            self.click(button)

    def take(self, document_id: str, step: str, answers: dict[str, Any]) -> str:
        """Takes a step from the inbox on, and returns the address at which that ends."""
        if document_id:
            self.open_task(document_id, step)
        else:
            self.click(self.page.get_by_role("link", name="Identify a Requestor"))
            self.page.wait_for_url("**/applications/new")
        self.fill(answers)
        self.send()
        assert not self.page.locator("[role=alert] li").count(), self.page.locator("[role=alert]").inner_text()
        return self.page.url
