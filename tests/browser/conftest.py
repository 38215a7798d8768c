"""A real browser for the tests: one for all, with a context of its own for each page."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.pages import NARROW, Axe, Pages, barriers
from tests.browser.server import Serve, serving
from tools.browser import NoBrowser, find

PICTURES = Path(__file__).resolve().parents[2] / "test-results"
FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test in this room carries the marker: `-m "not browser"` leaves them out."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one browser. No browser is a failure that says what to install."""
    chromium, why = None, ""
    try:
        chromium = find()
    except NoBrowser as error:
        why = str(error)
    if chromium is None:
        pytest.fail(why, pytrace=False)
    with chromium.started() as started:
        yield started


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves a WSGI application until the test's end and gives its address: `serve(app)`."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(serving(app))


@pytest.fixture
def pages(browser: Browser, serve: Serve, request: pytest.FixtureRequest) -> Iterator[Pages]:
    """Opens pages: `pages.open(size=NARROW, javascript=False)`. What a page complained of fails the test at its end.

    It stands on `serve` so that pages are closed before what they show stops.
    """
    opened = Pages(browser)
    yield opened
    failed = request.node.stash.get(FAILED, False)
    if failed:
        opened.show(PICTURES / re.sub(r"[^\w.-]+", "-", request.node.nodeid).strip("-"))
    opened.close()
    if not failed:
        assert not opened.problems, "\n".join(["The page complained:", *opened.problems])


@pytest.fixture
def page(pages: Pages) -> Page:
    """A page of 1280 by 900."""
    return pages.open()


@pytest.fixture
def narrow_page(pages: Pages) -> Page:
    """A page as wide as a telephone: 360 by 740."""
    return pages.open(size=NARROW)


@pytest.fixture
def page_without_javascript(pages: Pages) -> Page:
    """A page of 1280 by 900 on which no script runs."""
    return pages.open(javascript=False)


@pytest.fixture
def axe() -> Axe:
    """What axe-core finds wrong with a page: `assert axe(page) == []`."""
    return barriers
