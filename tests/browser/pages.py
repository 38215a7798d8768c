"""Pages in a real browser, and what is wrong with them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize

WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 360, "height": 740}

AXE = Path(__file__).parent / "axe" / "axe.min.js"
SAY_WHAT_IS_BLOCKED = """document.addEventListener("securitypolicyviolation", (event) => {
    console.error(`blocked: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});"""
"""What a report of the content security policy would say is heard as an error of the page."""

WAIT = 10_000  # milliseconds: longer than anything takes, shorter than patience


@dataclass
class Pages:
    """Opens pages, each in a context of its own (its own cookies), and closes them all at the end.

    `problems` collects what a page complained of: an error in a script, something that the content security policy
    blocked, a file that was not there. A test that expects such a thing takes it out.
    """

    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def open(self, *, size: ViewportSize = WIDE, javascript: bool = True, base_url: str | None = None) -> Page:
        """A page of this size, for somebody who is not signed in. With `base_url`, `goto("/inbox")` will do."""
        context = self.browser.new_context(
            viewport=size,
            java_script_enabled=javascript,
            base_url=base_url,
            locale="en-US",
            timezone_id="America/Los_Angeles",
        )
        self.contexts.append(context)
        context.set_default_timeout(WAIT)
        context.add_init_script(SAY_WHAT_IS_BLOCKED)
        page = context.new_page()
        page.on("pageerror", lambda error: self.problems.append(f"{page.url}: {error}"))
        page.on("console", self._heard)
        return page

    def close(self) -> None:
        """Closes every context."""
        for context in self.contexts:
            context.close()

    def show(self, folder: Path) -> None:
        """Keeps a picture of every open page, to see what a failed test saw."""
        folder.mkdir(parents=True, exist_ok=True)
        for number, page in enumerate((page for context in self.contexts for page in context.pages), start=1):
            page.screenshot(path=folder / f"{number}.png", full_page=True)
            (folder / f"{number}.html").write_text(page.content(), encoding="utf-8")

    def _heard(self, message: ConsoleMessage) -> None:
        """Keeps what is an error: not an answer that the portal means, nor a connection that ended with its page."""
        if message.type != "error":
            return
        if message.text.startswith("Failed to load resource: "):
            missing_or_failing = re.search(r"status of (404|5\d\d)", message.text)
            the_page_itself = message.page is not None and message.location["url"] == message.page.url
            if the_page_itself or not missing_or_failing:
                return
        self.problems.append(f"{message.location['url']}: {message.text}")


def barriers(page: Page, only: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds wrong with the page as it is now: rule, what it is about, and where. Empty when nothing.

    `only` names rules, in place of all. Works under a content security policy of 'self': the script is evaluated, not
    added to the page.
    """
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, list[dict[str, Any]]] = page.evaluate(
        """(only) => axe.run(document, {
            runOnly: only.length ? { type: "rule", values: only } : ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
            resultTypes: ["violations"],
        })""",
        list(only),
    )
    return [
        f"{page.url}: {rule['id']}: {rule['help']}: {' '.join(map(str, node['target']))}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


Axe = Callable[[Page], list[str]]
