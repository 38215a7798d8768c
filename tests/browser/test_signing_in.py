"""Signing in, being warned before the session ends, and losing nothing when it does, in a real browser [O8.2].

WCAG 2.2: 2.2.1 (timing adjustable), 2.2.5 (nothing lost on signing in again), 2.2.6 (it is said until when).
"""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from portal.process.step import Grant
from tests.browser.pages import NARROW, Axe, Pages
from tests.browser.people import Person
from tests.browser.server import Serve
from tests.conftest import House, email_of
from tests.openid_provider import CLIENT, SECRET, OpenIdProvider
from tests.people.premises import GOOD, code_for, open_portal, parts
from tests.people.premises import Clock as PeoplesClock
from tests.web.asking import at_step

pytestmark = pytest.mark.process("O8.2")


def pass_time(house: House, page: Page, minutes: float) -> None:
    """So many minutes go by, for the portal and for the browser."""
    house.clock.now += timedelta(minutes=minutes)
    page.clock.fast_forward(int(minutes * 60_000))


def signed_in(house: House, serve: Serve, page: Page, role: str) -> Person:
    """Somebody at a browser whose clock the test moves."""
    page.clock.install(time=house.clock.now)
    person = Person(page, serve(house.app), email_of(role))
    person.sign_in()
    return person


def test_whoever_is_warned_stays_signed_in_with_one_press(house: House, serve: Serve, pages: Pages, axe: Axe) -> None:
    page = signed_in(house, serve, pages.open(size=NARROW), "process-manager").page
    dialog = page.locator("dialog")
    pass_time(house, page, 24)
    expect(dialog).to_be_hidden()
    pass_time(house, page, 1.1)
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("You will be signed out in 5 minutes")
    assert axe(page) == []
    dialog.get_by_role("button", name="Stay signed in").click()
    expect(dialog).to_be_hidden()
    pass_time(house, page, 20)
    page.reload()
    expect(page.locator("h1")).to_have_text("Inbox")


def test_one_tab_that_is_used_keeps_the_other_from_warning(house: House, serve: Serve, pages: Pages) -> None:
    person = signed_in(house, serve, pages.open(), "process-manager")
    page, other = person.page, person.page.context.new_page()
    house.clock.now += timedelta(minutes=20)
    other.goto(person.base + "/inbox")
    house.clock.now += timedelta(minutes=6)
    with page.expect_response("**/account/session"):
        page.clock.fast_forward(26 * 60_000)
    expect(page.locator("dialog")).to_be_hidden()


def test_whoever_was_away_too_long_is_told_signs_in_in_another_tab_and_finds_the_draft(
    house: House, serve: Serve, pages: Pages
) -> None:
    document = house.application_before("complete-application")
    person = signed_in(house, serve, pages.open(), "requestor")
    page, form = person.page, person.base + at_step(document, "complete-application") + "?part=4"
    page.goto(form)
    page.fill("[name=purpose]", "Eligibility workers check orders & payments.")
    with page.expect_response("**/draft"):
        page.clock.fast_forward(2_000)
    pass_time(house, page, 31)
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("You were signed out")
    pages.problems.clear()  # the browser complains of the 302 that the portal means
    with page.context.expect_page() as opened:
        dialog.get_by_role("link", name="Sign in, in another tab").click()
    other = opened.value
    Person(other, person.base, person.email).sign_in()
    other.goto(form)
    expect(other.locator("[name=purpose]")).to_have_value("Eligibility workers check orders & payments.")
    dialog.get_by_role("button", name="Close this").click()
    expect(page.locator("[name=purpose]")).to_have_value("Eligibility workers check orders & payments.")


def test_a_search_after_the_end_says_so_in_place_of_results(house: House, serve: Serve, pages: Pages) -> None:
    page = signed_in(house, serve, pages.open(), "process-manager").page
    page.get_by_role("link", name="Applications").click()
    house.clock.now += timedelta(minutes=31)
    page.locator("input[type=search]").press_sequentially("kern")
    page.clock.fast_forward(1_000)
    expect(page.locator("dialog")).to_contain_text("You were signed out")
    expect(page.locator("h1")).to_have_count(1)
    page.close()
    pages.problems.clear()  # HTMX complains of each 401 that the portal means


def test_the_second_factor_is_set_up_from_the_picture_or_the_key(
    tmp_path: Path, serve: Serve, pages: Pages, axe: Axe
) -> None:
    served: dict[str, Flask] = {}
    base, clock = serve(lambda environ, start: served["portal"](environ, start)), PeoplesClock()
    app = served["portal"] = open_portal(tmp_path, clock, base_url=base)
    parts(app).people.add("iso@dcss.example", "Ivo", Grant("iso"), password=GOOD)
    page = pages.open(size=NARROW)
    page.goto(base + "/inbox")
    page.fill("[name=email]", "iso@dcss.example")
    page.fill("[name=password]", GOOD)
    page.get_by_role("button", name="sign in").click()
    expect(page.locator("h1")).to_have_text("Set up your second factor")
    assert page.locator("img.qr-code").evaluate("picture => picture.complete && picture.naturalWidth > 100")
    assert axe(page) == []
    key = page.locator("main code").inner_text().replace(" ", "")
    page.fill("[name=code]", code_for(key, clock))
    page.get_by_role("button", name="Set it up").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    assert axe(page) == []


def test_without_javascript_the_page_says_until_when(house: House, serve: Serve, pages: Pages) -> None:
    person = Person(pages.open(javascript=False), serve(house.app), email_of("process-manager"))
    person.sign_in()
    expect(person.page.locator("footer")).to_contain_text("You are signed in until November 23, 2026, 10:30 am")
    expect(person.page.locator("dialog")).to_be_hidden()


@pytest.mark.requirement("ASVS 6.2.7")
def test_a_password_can_be_pasted(house: House, serve: Serve, pages: Pages, axe: Axe) -> None:
    """NIST SP 800-63B, 3.1.1.2: verifiers allow the use of password managers and pasting."""
    page = pages.open()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(serve(house.app) + "/sign-in")
    assert axe(page) == []
    page.fill("[name=email]", "otters juggle at dawn")
    page.locator("[name=email]").press("Control+a")
    page.locator("[name=email]").press("Control+c")
    page.locator("[name=password]").press("Control+v")
    expect(page.locator("[name=password]")).to_have_value("otters juggle at dawn")


def test_the_provider_is_reached_and_left_under_our_policy(
    tmp_path: Path, serve: Serve, pages: Pages, axe: Axe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "yes")  # the provider of the tests speaks http, on this machine
    served: dict[str, Flask] = {}
    base = serve(lambda environ, start: served["portal"](environ, start))
    provider = OpenIdProvider(back=f"{base}/sign-in/provider/back")
    provider.issuer = serve(provider.app())
    provider.claims |= {"email": "iso@dcss.example", "amr": ["mfa"]}
    told = {"openid_issuer": provider.issuer, "openid_client_id": CLIENT, "openid_client_secret": SECRET}
    app = served["portal"] = open_portal(tmp_path, PeoplesClock(), base_url=base, openid_label="Otter ID", **told)
    parts(app).people.add("iso@dcss.example", "Ivo", Grant("iso"))
    page = pages.open()
    page.goto(base + "/access-log")
    assert axe(page) == []
    page.get_by_role("link", name="sign in with Otter ID").click()
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("h1")).to_have_text("Rules and penalties")
    assert axe(page) == []
    for box in page.locator("main .usa-checkbox label").all():
        box.click()
    page.fill("[name=name]", "Ivo")
    page.get_by_role("button", name="I confirm all of it").click()
    expect(page.locator("h1")).to_have_text("Access log")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign out of Otter ID too").click()
    expect(page.locator("h1")).to_have_text("Logged out everywhere")
