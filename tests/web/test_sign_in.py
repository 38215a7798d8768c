"""Signing in and out, sessions, links and the second factor, through the pages."""

import re
from pathlib import Path

import pytest
from flask import Flask

from portal.people import People
from portal.people.rules import NOTICE
from portal.process.step import Grant
from tests.clients import Page, PortalClient
from tests.people.premises import GOOD, KERN, Clock, browser, code_for, confirm_rules, mails, open_portal, parts

REA = "rea@kern.example"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(tmp_path: Path, clock: Clock) -> Flask:
    """The demo, in which nobody needs a second factor, with one account."""
    app = open_portal(tmp_path, clock, demo=True)
    parts(app).people.add(REA, "Rea", KERN, password=GOOD)
    return app


@pytest.fixture
def strict(tmp_path: Path, clock: Clock) -> Flask:
    """The portal outside the demo, with one account that has no second factor yet, and has confirmed the rules."""
    app = open_portal(tmp_path / "strict", clock, base_url="https://portal.example")
    parts(app).people.add(REA, "Rea", KERN, password=GOOD)
    confirm_rules(app, REA)
    return app


def sign_in(client: PortalClient, email: str = REA, password: str = GOOD, status: int = 303, way: str = "") -> Page:
    return client.send(f"/sign-in{way}", {"email": email, "password": password}, status)


def where(page: Page) -> str:
    return str(page.response.headers["Location"])


def latest(app: Flask) -> dict[str, str]:
    line = parts(app).log.newest()
    assert line is not None
    return {key: line[key] for key in ("who", "did", "outcome", "why")}


def secret_of(app: Flask, email: str = REA) -> str:
    people: People = parts(app).people
    return people.signing_in.secret_to_enrol(people.require(email))


def enrol(app: Flask, client: PortalClient, clock: Clock) -> str:
    """Sets up the second factor by the pages; a minute later. The app's secret."""
    shown = client.page("/account/second-factor").words("//main//code").replace(" ", "")
    client.send("/account/second-factor", {"code": code_for(shown, clock)}, 200)
    clock.move(minutes=1)
    return shown


# The password


def test_the_right_password_leads_to_the_inbox_and_is_logged(app: Flask) -> None:
    client = browser(app)
    assert where(sign_in(client)) == "/inbox"
    client.page("/inbox")
    acknowledged = f"acknowledged notice {NOTICE.version}, SHA-256 {NOTICE.sha256}"
    assert latest(app) == {"who": REA, "did": "signed in", "outcome": "done", "why": acknowledged}


@pytest.mark.requirement("ASVS 6.3.8", "NIST SI-11")
def test_a_wrong_password_says_nothing_about_the_account_and_keeps_the_address(app: Flask) -> None:
    wrong = sign_in(browser(app), password="wrong password", status=422)
    nobody = sign_in(browser(app), email="nobody@kern.example", status=422)
    assert wrong.problems == nobody.problems
    assert list(wrong.problems) == ["password"]
    assert REA in wrong.text
    assert "wrong password" not in wrong.text
    assert latest(app)["why"] == "no such account"


def test_a_password_typed_into_the_field_for_the_address_is_not_logged(app: Flask, tmp_path: Path) -> None:
    sign_in(browser(app), email="otters juggle at dawn", password="oops", status=422)
    logged = "".join(file.read_text() for file in (tmp_path / "access-log").iterdir())
    assert "tried to sign in" in logged
    assert "otters" not in logged


@pytest.mark.parametrize("asked", ["/applications?q=kern", "/account"])
def test_signing_in_leads_on_to_the_page_that_was_asked_for(app: Flask, asked: str) -> None:
    client = browser(app)
    way = where(client.page(asked, 302))
    assert way.startswith("/sign-in?next=")
    assert where(sign_in(client, way=way.removeprefix("/sign-in"))) == asked


@pytest.mark.requirement("ASVS 3.7.2", "NIST SI-10")
@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/%0a//e",
        "evil",
    ],
)
def test_signing_in_leads_to_no_other_site(app: Flask, elsewhere: str) -> None:
    client = browser(app)
    page = client.page("/sign-in").fields()
    sent = {**page, "email": REA, "password": GOOD}
    answer = client.post("/sign-in", query_string={"next": elsewhere.replace("%0a", "\n")}, data=sent)
    assert answer.headers["Location"] == "/inbox"


@pytest.mark.requirement("ASVS 3.5.1", "NIST SC-23")
def test_a_form_without_its_token_is_refused(app: Flask) -> None:
    assert browser(app).post("/sign-in", data={"email": REA, "password": GOOD}).status_code == 400


@pytest.mark.requirement("ASVS 6.3.1", "NIST AC-7")
@pytest.mark.process("O8.2")
def test_after_too_many_wrong_passwords_the_right_one_waits_too(strict: Flask, clock: Clock) -> None:
    client = browser(strict)
    for _ in range(10):
        sign_in(client, password="wrong password", status=422)
    page = sign_in(client, status=429)
    assert "15 minutes" in page.text
    clock.move(minutes=15)
    assert sign_in(client).status == 303


@pytest.mark.requirement("ASVS 6.3.1", "NIST SC-5")
@pytest.mark.process("O8.2")
def test_one_machine_may_try_thirty_times_a_minute(strict: Flask) -> None:
    client = browser(strict)
    answers = [sign_in(client, f"nobody{n}@kern.example", "wrong password", 429 if n >= 30 else 422) for n in range(31)]
    assert answers[-1].h1 == "Too many tries"
    assert latest(strict)["outcome"] == "refused"


def test_in_the_demo_many_sign_in_from_one_machine(app: Flask) -> None:
    for _ in range(60):
        sign_in(browser(app))


# The second factor


@pytest.mark.requirement("ASVS 6.3.3", "NIST IA-2(1)", "NIST IA-2(2)")
@pytest.mark.process("O8.2")
@pytest.mark.parametrize(
    "address", ["/inbox", "/applications", "/account", "/account/password", "/colleagues", "/matrix"]
)
def test_nothing_opens_before_the_second_factor_is_set_up(strict: Flask, address: str) -> None:
    client = browser(strict)
    sign_in(client)
    assert where(client.page(address, 302)).startswith("/account/second-factor")


@pytest.mark.requirement("ASVS 6.3.3", "NIST IA-2(1)", "NIST IA-2(2)")
@pytest.mark.process("O8.2")
def test_the_second_factor_is_set_up_once_and_then_asked_for(strict: Flask, clock: Clock) -> None:
    client = browser(strict)
    sign_in(client)
    way = where(client.page("/applications", 302))
    picture = client.get("/account/second-factor.svg")
    assert (picture.mimetype, b"style" in picture.data) == ("image/svg+xml", False)
    client.send(way, {"code": "000000"}, 422)
    page = client.send(way, {"code": code_for(secret_of(strict), clock)}, 200)
    assert len(re.findall(r"[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}", page.text)) == 10
    assert page.links() == ["/applications"]
    client.page("/applications")
    secret = parts(strict).people.require(REA).totp_secret

    clock.move(minutes=1)
    another = browser(strict)
    assert where(sign_in(another, way="?next=/account")) == "/sign-in/code"
    another.page("/inbox", 302)
    another.send("/sign-in/code", {"code": "123456"}, 422)
    assert where(another.send("/sign-in/code", {"code": code_for(secret, clock)})) == "/account"
    another.page("/inbox")


@pytest.mark.requirement("ASVS 6.5.1", "NIST IA-2(8)")
@pytest.mark.process("O8.2")
def test_a_code_that_was_used_opens_nothing(strict: Flask, clock: Clock) -> None:
    first, second = browser(strict), browser(strict)
    sign_in(first)
    secret = enrol(strict, first, clock)
    first.post("/sign-out", data={"csrf_token": first.page("/account").fields()["csrf_token"]})
    code = code_for(secret, clock)
    for client, status in ((first, 303), (second, 422)):
        sign_in(client)
        client.send("/sign-in/code", {"code": code}, status)
    assert latest(strict)["why"] == "a code that was used"


def test_a_code_is_asked_for_no_longer_than_five_minutes(strict: Flask, clock: Clock) -> None:
    client = browser(strict)
    sign_in(client)
    secret = enrol(strict, client, clock)
    another = browser(strict)
    sign_in(another)
    token = another.page("/sign-in/code").fields()["csrf_token"]
    clock.move(minutes=5, seconds=1)
    late = another.post("/sign-in/code", data={"csrf_token": token, "code": code_for(secret, clock)})
    assert late.headers["Location"] == "/sign-in"


def test_address_password_and_code_can_be_sent_at_once(strict: Flask, clock: Clock) -> None:
    client = browser(strict)
    sign_in(client)
    secret = enrol(strict, client, clock)
    another = browser(strict)
    sent = {"email": REA, "password": GOOD, "code": code_for(secret, clock)}
    assert where(another.send("/sign-in", sent)) == "/inbox"
    another.page("/inbox")


def test_a_recovery_code_lets_in_once_and_its_owner_is_told(strict: Flask, clock: Clock) -> None:
    client = browser(strict)
    sign_in(client)
    _, codes = parts(strict).people.signing_in.enrol(REA, code_for(secret_of(strict), clock))
    for status in (303, 422):
        another = browser(strict)
        sign_in(another)
        another.send("/sign-in/code", {"code": codes[0]}, status)
    assert [mail["To"] for mail in mails(strict)] == [REA]


@pytest.mark.requirement("ASVS 7.5.1", "NIST IA-11")
def test_another_second_factor_needs_the_password(strict: Flask, clock: Clock) -> None:
    client = browser(strict)
    sign_in(client)
    old = enrol(strict, client, clock)
    new = secret_of(strict)
    assert new != old
    refused = client.send("/account/second-factor", {"code": code_for(new, clock), "password": "wrong"}, 422)
    assert list(refused.problems) == ["password"]
    client.send("/account/second-factor", {"code": code_for(new, clock), "password": GOOD}, 200)
    client.page("/inbox")
    assert parts(strict).people.require(REA).totp_secret == new


# Links


NEW_ACCOUNT = {"name": "Nora <New> & Co", "password": GOOD, "password_again": GOOD}


@pytest.mark.process("6.3.3")
def test_the_invitee_makes_an_account_and_comes_to_the_application(app: Flask) -> None:
    people = parts(app).people
    token = people.invite("nora@kern.example", "Nora", KERN, made_by=REA, about="TPA-2026-0007")
    client = browser(app)
    page = client.page(f"/invitation/{token}")
    assert "Rea invites you" in page.text
    assert "Requestor, Kern IV-A" in page.text
    assert page.fields()["name"] == "Nora"
    answer = client.send(f"/invitation/{token}", NEW_ACCOUNT)
    assert where(answer) == "/applications/TPA-2026-0007"
    assert "Nora &lt;New&gt; &amp; Co" in client.page("/inbox").text
    assert people.require("nora@kern.example").grants == (KERN,)


@pytest.mark.process("6.3.3")
def test_outside_the_demo_the_invitee_sets_up_the_second_factor_on_the_way(strict: Flask, clock: Clock) -> None:
    token = parts(strict).people.invite("nora@kern.example", "Nora", KERN, about="TPA-2026-0007")
    client = browser(strict)
    way = where(client.page(where(client.send(f"/invitation/{token}", NEW_ACCOUNT)), 302))
    page = client.send(way, {"code": code_for(secret_of(strict, "nora@kern.example"), clock)}, 200)
    assert page.links() == ["/applications/TPA-2026-0007"]


@pytest.mark.process("6.3.3")
def test_a_link_that_does_not_work_says_why_and_whom_to_ask(app: Flask, clock: Clock) -> None:
    people = parts(app).people
    used = people.invite("nora@kern.example", "Nora", KERN, made_by=REA)
    browser(app).send(f"/invitation/{used}", NEW_ACCOUNT)
    replaced = people.invite("olga@kern.example", "Olga", KERN)
    expired = people.invite("olga@kern.example", "Olga", KERN)
    client = browser(app)
    page = client.page(f"/invitation/{used}", 410)
    assert page.h1 == "This link was used"
    assert f"mailto:{REA}" in page.links()
    assert client.page(f"/invitation/{replaced}", 410).h1 == "This link does not work any more"
    assert client.page("/invitation/nothing-like-it", 404).h1 == "There is no such link"
    clock.move(days=60)
    page = client.page(f"/invitation/{expired}", 410)
    assert page.h1 == "This link has expired"
    assert "mailto:ccsasaccess@dcss.ca.gov" in page.links()
    assert latest(app)["outcome"] == "refused"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": "short", "password_again": "short"}, "password"),
        ({"password_again": "something else"}, "password_again"),
        ({"name": " "}, "name"),
        ({"name": "Nora 123-45-6789"}, "name"),
    ],
)
def test_answers_that_do_not_hold_are_named_and_the_link_stays_good(
    app: Flask, change: dict[str, str], field: str
) -> None:
    token = parts(app).people.invite("nora@kern.example", "Nora", KERN)
    client = browser(app)
    page = client.send(f"/invitation/{token}", {**NEW_ACCOUNT, **change}, 422)
    assert list(page.problems) == [field]
    assert GOOD not in page.text
    client.send(f"/invitation/{token}", NEW_ACCOUNT)


def test_whoever_has_an_account_signs_in_and_accepts_with_one_button(app: Flask) -> None:
    director = Grant("director", {"lcsa": "Kern"})
    token = parts(app).people.invite(REA, "Rea", director)
    client = browser(app)
    way = where(client.page(f"/invitation/{token}", 303))
    assert where(sign_in(client, way=way.removeprefix("/sign-in"))) == f"/invitation/{token}"
    assert set(client.page(f"/invitation/{token}").fields()) == {"csrf_token"}
    assert where(client.send(f"/invitation/{token}", {})) == "/inbox"
    assert parts(app).people.require(REA).grants == (KERN, director)


def test_one_who_is_signed_in_as_another_cannot_accept(app: Flask) -> None:
    token = parts(app).people.invite("nora@kern.example", "Nora", KERN)
    client = browser(app)
    sign_in(client)
    assert client.page(f"/invitation/{token}", 403).h1 == "This link is for somebody else"
    csrf = client.page("/account").fields()["csrf_token"]
    client.post_form(f"/invitation/{token}", {"csrf_token": csrf, **NEW_ACCOUNT}, 403)
    assert parts(app).people.get("nora@kern.example") is None


@pytest.mark.requirement("ASVS 6.4.3", "NIST IA-5(1)")
def test_a_link_for_a_password_does_not_pass_by_the_second_factor(strict: Flask, clock: Clock) -> None:
    client = browser(strict)
    sign_in(client)
    enrol(strict, client, clock)
    token = parts(strict).people.password_link(REA, made_by="ada@dcss.example")
    new = "another good password"
    holder = browser(strict)
    answer = holder.send(f"/invitation/{token}", {"password": new, "password_again": new})
    assert where(answer) == "/sign-in"
    assert where(sign_in(holder, password=new)) == "/sign-in/code"
    client.page("/inbox", 302)


@pytest.mark.requirement("ASVS 16.2.5", "NIST AU-3")
def test_the_token_is_in_no_log(app: Flask, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    token = parts(app).people.invite("nora@kern.example", "Nora", KERN)
    client = browser(app)
    client.send(f"/invitation/{token}", NEW_ACCOUNT)
    client.page(f"/invitation/{token}", 410)
    logged = "".join(file.read_text() for file in (tmp_path / "access-log").iterdir())
    assert token not in logged + "".join(capfd.readouterr())
