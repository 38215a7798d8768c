"""Every page of every role in a real browser: open to everybody (axe), as narrow as a telephone, without a complaint.

Pages are found as people find them (`tools/every_page.py`); those that two roles see alike are looked at once. A window
of 320 pixels is also what a window of 1280 becomes when somebody makes everything four times as large (WCAG 1.4.10), and
more than twice as large (1.4.4).
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from portal.process.step import Step
from tests.browser.pages import WIDE, Pages, barriers
from tests.browser.server import Serve
from tests.conftest import House
from tests.policy.every_route import ROLES
from tests.portal_at_work import EveryPage, session_of
from tools.every_page import Shown, main_of

NARROWEST: ViewportSize = {"width": 320, "height": 640}

NO_PAGE = {
    "provider.begin": "only where the department has its own sign-in: test_signing_in.py goes there",
    "provider.come_back": "only where the department has its own sign-in: test_signing_in.py goes there",
    "provider.signed_out": "only where the department has its own sign-in: test_signing_in.py goes there",
    "second_factor.second_factor_picture": "a picture, and none in the demo: test_signing_in.py looks at it",
    "sign_in.code": "in the demo nobody has a second factor: test_signing_in.py goes there",
}
"""Routes that answer a browser and are no page that the portal at work has, with the reason."""

NOT_TO_ALL = {
    "invitation.invitation": "for whoever was mailed a link",
    "sign_in.sign_in": "not for who has signed in",
    "steps.new": "the Director's",
    "applications.application": "not for the Portal Administrator, who sees no application",
    "applications.document": "not for the Portal Administrator, who sees no application",
    "applications.letter": "not for the Portal Administrator, who sees no application",
    "applications.paper": "not for the Portal Administrator, who sees no application",
    "steps.step": "not for the Portal Administrator, who sees no application",
}
"""Routes that the policy opens to more roles than have a page there, with the reason."""

FORMS = (
    "account.password",
    "assignments.assignments",
    "colleagues.colleagues",
    "forgotten.forgotten",
    "guide.change",
    "importing.start",
    "invitation.invitation",
    "people.new",
    "publishing.new",
    "publishing.review",
    "sign_in.sign_in",
    "surveys.new",
)
"""Pages with a form that is no step's and that wants an answer."""

NEVER_EMPTY = {"clear-finding": "its list offers the findings that can be cleared, and no line without one"}
"""Steps whose form always has an answer, with the reason."""

SEND_EMPTY = """() => {
    const form = document.querySelector("main form[method=post]");
    for (const field of form.querySelectorAll("input:not([type=hidden]), textarea, select")) {
        if (field.type === "radio" || field.type === "checkbox") field.checked = false;
        else if (field.tagName === "SELECT") field.selectedIndex = 0;
        else field.value = "";
    }
    const buttons = [...form.querySelectorAll("button[type=submit]:not([tabindex]):not([name=add]):not([name=remove])")];
    buttons[0].click();
}"""
"""Empties the page's form as somebody would who takes out every answer, and presses its first button."""

SOUND = """() => ({
    title: document.title,
    headings: [...document.querySelectorAll("h1")].map((one) => one.innerText),
    lang: document.documentElement.lang,
    sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
})"""


def test_every_route_and_every_step_is_among_the_pages(every_page: EveryPage) -> None:
    found = every_page.found
    routes = {rule.endpoint for rule in every_page.house.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    shown = {page.endpoint for one in found.values() for page in one.pages}
    files = {endpoint for one in found.values() for endpoint in one.files}
    assert routes - shown - files - {"static"} == set(NO_PAGE)
    neither = {(role, endpoint) for role, one in found.items() for endpoint in one.neither}
    assert {(role, endpoint) for role, endpoint in neither if endpoint not in {*NO_PAGE, *NOT_TO_ALL}} == set()
    assert {endpoint for _, endpoint in neither} == {*NO_PAGE, *NOT_TO_ALL}, "a reason for what is a page"
    steps = {page.kind for one in found.values() for page in one.pages if page.endpoint == "steps.step"}
    process = every_page.house.process
    assert steps == {step.key for step in process.steps} - {process.starting_step.key}


@pytest.mark.parametrize("role", ["", *ROLES], ids=["nobody", *ROLES])
def test_every_page_is_open_to_everybody_and_fits(role: str, every_page: EveryPage, serve: Serve, pages: Pages) -> None:
    look_at(every_page, role, serve, pages, dark=True)


@pytest.mark.parametrize("role", ["", *ROLES], ids=["nobody", *ROLES])
def test_every_page_with_nothing_to_show_is_open_to_everybody_and_fits(
    role: str, every_empty_page: EveryPage, every_page: EveryPage, serve: Serve, pages: Pages
) -> None:
    look_at(every_empty_page, role, serve, pages, besides=every_page)


def look_at(
    portal: EveryPage, role: str, serve: Serve, pages: Pages, dark: bool = False, besides: EveryPage | None = None
) -> None:
    """Opens each page that is this role's, one after the other, and fails with all that is wrong with any. What the
    portal `besides` shows word for word is looked at there.
    """
    page = at_a_browser(portal.house, role, serve, pages)
    wrong: list[str] = []
    seen: set[str] = set()
    shown = [one for one in portal.looked_at_as(role) if not besides or main_of(one) not in besides.main_parts]
    assert shown or besides, "nothing to look at"
    for one in shown:
        page.goto(one.address)
        wrong += wrong_with(page, one.name)
        if dark and one.endpoint not in seen:
            wrong += too_faint_in_the_dark(page, one.name)
            page.set_viewport_size(NARROWEST)
            wrong += [f"{one.name}, narrow: {barrier}" for barrier in barriers(page)]
            page.set_viewport_size(WIDE)
        seen.add(one.endpoint)
    assert wrong == [], "\n".join(["", *wrong])


def at_a_browser(house: House, role: str, serve: Serve, pages: Pages, signed_in_to: House | None = None) -> Page:
    """A page for who holds this role and has signed in, to this portal or the one that it is a copy of; "" is nobody."""
    base = serve(house.app)
    page = pages.open(base_url=base)
    if role:
        name, value = session_of((signed_in_to or house).client(role))
        page.context.add_cookies([{"name": name, "value": value, "url": base}])
    return page


def wrong_with(page: Page, name: str) -> list[str]:
    """What is wrong with the page as it is now, wide and narrow."""
    found = [f"{name}: {barrier}" for barrier in barriers(page)]
    page.set_viewport_size(NARROWEST)
    sound = page.evaluate(SOUND)
    page.set_viewport_size(WIDE)
    if sound["sideways"] > 0:
        found.append(f"{name}: {page.url}: {sound['sideways']} pixels too wide at {NARROWEST['width']}")
    if len(sound["headings"]) != 1 or not sound["headings"][0].strip():
        found.append(f"{name}: {page.url}: h1 are {sound['headings']}")
    if not sound["title"].strip(" –").removesuffix("– Third Party Access").strip():
        found.append(f"{name}: {page.url}: no title of its own: {sound['title']!r}")
    if sound["lang"] != "en":
        found.append(f"{name}: {page.url}: its language is {sound['lang']!r}")
    return found


def too_faint_in_the_dark(page: Page, name: str) -> list[str]:
    """What cannot be told from its background where the reader likes dark colours."""
    page.emulate_media(color_scheme="dark")
    found = [f"{name}, dark: {barrier}" for barrier in barriers(page, only=("color-contrast",))]
    page.emulate_media(color_scheme="light")
    return found


@pytest.mark.parametrize("role", ["", *ROLES], ids=["nobody", *ROLES])
def test_a_form_that_was_sent_empty_says_what_is_missing_and_leads_there(
    role: str,
    every_page: EveryPage,
    copy_of: Callable[[House, Path], House],
    tmp_path: Path,
    serve: Serve,
    pages: Pages,
) -> None:
    page = at_a_browser(copy_of(every_page.house, tmp_path / "copy"), role, serve, pages, every_page.house)
    wrong: list[str] = []
    for one in forms_of(every_page, role):
        page.goto(one.address)
        with page.expect_navigation():
            page.evaluate(SEND_EMPTY)
        summary = page.locator("[data-error-summary]")
        if not summary.count():
            wrong.append(f"{one.name}: no error summary at {page.url}")
            continue
        if not summary.evaluate("summary => summary === document.activeElement"):
            wrong.append(f"{one.name}: the error summary has no focus")
        wrong += [f"{one.name}: {line}" for line in leading_nowhere(page)]
        wrong += wrong_with(page, f"{one.name}, sent empty")
    pages.problems[:] = [problem for problem in pages.problems if "status of 422" not in problem]
    assert wrong == [], "\n".join(["", *wrong])


def forms_of(portal: EveryPage, role: str) -> list[Shown]:
    """The pages with a form that wants an answer, each as the first role that has it."""
    roles = list(portal.found)
    before = {page.name for one in roles[: roles.index(role)] for page in portal.found[one].pages}
    forms = {
        *FORMS,
        "steps.new",
        *(f"steps.step {step.key}" for step in portal.house.process.steps if wants_an_answer(step)),
    }
    return [page for page in portal.found[role].pages if page.name in forms - before]


def wants_an_answer(step: Step) -> bool:
    """Whether the step cannot be sent with nothing in it."""
    return step.key not in NEVER_EMPTY and any(
        one.required is True and not (one.on_behalf_only or one.by_portal) for one in step.fields
    )


def leading_nowhere(page: Page) -> list[str]:
    """The lines of the error summary that do not lead to the field that they are about."""
    wrong = []
    for link in page.locator("[data-error-summary] li").all():
        words, target = link.inner_text(), link.locator("a")
        if not target.count():
            continue  # why the step as a whole cannot be taken: about no field
        name = (target.get_attribute("href") or "#")[1:]
        target.click()
        if not page.evaluate(
            "(id) => document.activeElement.id === id || location.hash === '#' + id && !!document.getElementById(id)",
            name,
        ):
            wrong.append(f"“{words}” leads to #{name}, which is not there")
    return wrong


def test_what_a_search_puts_into_its_page_is_open_to_everybody_too(
    every_page: EveryPage, serve: Serve, pages: Pages
) -> None:
    wrong, seen = [], set()
    for role, found in every_page.found.items():
        searched = [one for one in found.pages if 'type="search"' in one.html and "hx-get" in one.html]
        new = [one for one in searched if one.endpoint not in seen and not one.kind]
        page = at_a_browser(every_page.house, role, serve, pages) if new else None
        for one in new:
            assert page
            seen.add(one.endpoint)
            page.goto(one.address)
            for words in ("kern", "zzz"):
                field = page.locator("main input[type=search]").first
                field.fill("")
                with page.expect_response(lambda answer: "hx-request" in answer.request.headers):
                    field.press_sequentially(words)
                expect(page.locator(".htmx-request")).to_have_count(0)
                expect(page.locator("main input[type=search]").first).to_be_focused()
                wrong += wrong_with(page, f"{one.name}, searched for {words}")
    assert len(seen) >= 2
    assert wrong == [], "\n".join(["", *wrong])


@pytest.mark.parametrize("name", ["inbox.inbox", "applications.applications", "steps.step decide"])
def test_with_colours_of_the_readers_own_and_large_letters_a_page_can_still_be_used(
    name: str, every_page: EveryPage, serve: Serve, pages: Pages
) -> None:
    page = at_a_browser(every_page.house, "process-owner", serve, pages)
    page.goto(next(one.address for one in every_page.found["process-owner"].pages if one.name == name))
    page.emulate_media(forced_colors="active")
    buttons = page.locator("main .usa-button:visible, header button:visible")
    assert buttons.count()
    for button in buttons.all():
        assert button.evaluate(EDGED), f"it cannot be seen where it ends: {button.inner_text()}"
    page.emulate_media(forced_colors="none")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate(SOUND)["sideways"] <= 0, page.evaluate(WIDER)


WIDER = """() => [...document.querySelectorAll("main *, header *")]
    .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth)
    .map((one) => `${one.tagName}.${one.className}`).slice(0, 10)"""
"""What reaches beyond the window."""

EDGED = """(button) => {
    const look = getComputedStyle(button);
    const [page] = [getComputedStyle(document.body).backgroundColor];
    const line = look.borderStyle !== "none" && parseFloat(look.borderWidth) > 0 && look.borderColor !== page;
    const underlined = look.textDecorationLine.includes("underline");
    return line || underlined || ![page, "rgba(0, 0, 0, 0)"].includes(look.backgroundColor);
}"""
"""Whether a button has an edge or a ground that can be told from the page."""
