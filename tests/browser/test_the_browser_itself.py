"""What the browser tests stand on can fail: a barrier is found, a script's error is heard, scripts can be off."""

from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.pages import NARROW, Axe, Pages
from tests.browser.server import Serve

HEAD = '<!doctype html><html lang="en"><head><title>A page</title><meta name="viewport" content="width=device-width">'
LABELLED = '<main><h1>A page</h1><label for="name">Name</label><input id="name"></main>'
UNLABELLED = '<main><h1>A page</h1><input id="name"></main>'


def a_site(body: str, head: str = "", script: str = "") -> Flask:
    site = Flask(__name__, static_folder=None)

    @site.get("/")
    def home() -> tuple[str, dict[str, str]]:
        return f"{HEAD}{head}</head><body>{body}</body></html>", {"Content-Security-Policy": "default-src 'self'"}

    @site.get("/script.js")
    def the_script() -> tuple[str, dict[str, str]]:
        return script, {"Content-Type": "text/javascript"}

    @site.get("/favicon.ico")
    def icon() -> tuple[str, int]:
        return "", 204

    return site


def test_axe_finds_a_field_without_a_label_under_the_security_policy(page: Page, serve: Serve, axe: Axe) -> None:
    page.goto(serve(a_site(UNLABELLED)))
    assert ["label" in barrier for barrier in axe(page)] == [True]


def test_axe_is_content_with_a_page_that_has_no_barrier(page: Page, serve: Serve, axe: Axe) -> None:
    page.goto(serve(a_site(LABELLED)))
    assert axe(page) == []


def test_an_error_in_a_script_is_heard(pages: Pages, serve: Serve) -> None:
    page = pages.open(base_url=serve(a_site(LABELLED, '<script src="/script.js" defer></script>', "nobody.knows()")))
    page.goto("/")
    assert ["nobody is not defined" in problem for problem in pages.problems] == [True]
    pages.problems.clear()


def test_what_the_security_policy_blocks_is_heard(pages: Pages, serve: Serve) -> None:
    page = pages.open()
    page.goto(serve(a_site("<main><h1 style='color: red'>A page</h1></main>")))
    assert pages.problems
    assert "Content Security Policy" in pages.problems[0]
    pages.problems.clear()


def test_a_missing_file_is_heard_and_a_refusal_is_not(pages: Pages, serve: Serve) -> None:
    address = serve(a_site(LABELLED, '<script src="/missing.js"></script>'))
    page = pages.open()
    page.goto(address)
    assert ["/missing.js" in problem for problem in pages.problems] == [True]
    pages.problems.clear()
    page.goto(f"{address}/no-such-page")


def test_a_page_without_javascript_runs_no_script(pages: Pages, page_without_javascript: Page, serve: Serve) -> None:
    address = serve(a_site(LABELLED, '<script src="/script.js" defer></script>', "document.title = 'Changed'"))
    page_without_javascript.goto(address)
    expect(page_without_javascript).to_have_title("A page")
    with_javascript = pages.open()
    with_javascript.goto(address)
    expect(with_javascript).to_have_title("Changed")


def test_a_narrow_page_is_as_wide_as_a_telephone(narrow_page: Page, serve: Serve) -> None:
    narrow_page.goto(serve(a_site(LABELLED)))
    assert narrow_page.evaluate("document.documentElement.clientWidth") == NARROW["width"]
