"""The guides for roles in a real browser: open to everybody, wide and narrow."""

from typing import Any

import pytest

from tests.browser.pages import NARROW, WIDE, Axe, Pages
from tests.browser.server import Serve
from tests.conftest import House


@pytest.mark.parametrize("size", [WIDE, NARROW, {"width": 320, "height": 640}], ids=["wide", "narrow", "smallest"])
def test_every_guide_is_open_to_everybody_and_fits(
    house: House, serve: Serve, pages: Pages, axe: Axe, size: Any
) -> None:
    base, page = serve(house.app), pages.open(size=size)
    for role in house.process.roles:
        page.goto(f"{base}/process/{role.key}")
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
