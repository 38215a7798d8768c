"""`make screenshots`: every page that is like no other is taken in each width, and can be leafed through."""

from pathlib import Path

from lxml import html
from PIL import Image
from playwright.sync_api import Browser

from tests.portal_at_work import EveryPage, session_of
from tools.screenshots import LARGEST, WIDTHS, Visitor, small, take_every_picture
from tools.serve import serving

ROLE = "portal-administrator"


def test_each_page_is_taken_in_each_width_and_stands_in_the_index(
    every_empty_page: EveryPage, browser: Browser, tmp_path: Path
) -> None:
    house = every_empty_page.house
    visitor = Visitor(ROLE, every_empty_page.found[ROLE], (session_of(house.client(ROLE)),))
    with serving(house.app) as base:
        taken = take_every_picture(browser, base, [visitor], tmp_path)
    assert len(taken) == len(set(taken)) == len(visitor.found.pages) * len(WIDTHS)
    assert {width_of(picture) for picture in taken} == set(WIDTHS)
    index = html.fromstring((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert {str(one) for one in index.xpath("//img/@src")} == {str(one.relative_to(tmp_path)) for one in taken}
    people = next(picture for picture in taken if picture.name == "people.people-1280.png")
    assert len(small(people.read_bytes())) <= LARGEST


def width_of(picture: Path) -> int:
    with Image.open(picture) as opened:
        return opened.width
