"""The guides for roles in a real browser: open to everybody, wide and narrow, with all that is folded."""

from tests.browser.pages import NARROW, WIDE, Axe, Pages
from tests.browser.server import Serve
from tests.conftest import House

UNFOLD = "() => document.querySelectorAll('main details').forEach((one) => { one.open = true; })"


def test_every_guide_is_open_to_everybody_and_fits(house: House, serve: Serve, pages: Pages, axe: Axe) -> None:
    base, page = serve(house.app), pages.open(size=NARROW)
    for role in house.process.roles:
        page.goto(f"{base}/process/{role.key}")
        page.evaluate(UNFOLD)
        assert axe(page) == []
        for size in (WIDE, NARROW, {"width": 320, "height": 640}):
            page.set_viewport_size(size)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
