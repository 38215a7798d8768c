"""Signing in through an OpenID Connect provider that runs beside, over HTTP, honest and lying [O8.2].

OWASP ASVS 5.0: 10.1.2 (PKCE, state and nonce bound to the browser), 10.2.1, 10.2.2 (mix-up), 10.5.1 to 10.5.5; 9.1.1 to
9.1.3 (algorithms and keys of tokens).
"""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from joserfc import jwt

from portal.notices.new_passwords import answer_requests
from portal.people.rules import NOTICE
from portal.process.step import Grant
from portal.settings import SettingError, Settings
from tests.browser.server import serving
from tests.clients import Page, PortalClient
from tests.openid_provider import (
    CLIENT,
    SECRET,
    OpenIdProvider,
    signed_with_another_key,
    signed_with_nothing,
    signed_with_the_public_key,
    signed_with_the_secret,
)
from tests.people.premises import GOOD, KERN, Clock, browser, code_for, confirm_rules, mails, open_portal, parts

pytestmark = pytest.mark.process("O8.2")

REA, CLOSED = "rea@kern.example", "closed@kern.example"
BASE = "http://127.0.0.1:8000"
LABEL = "Otter ID"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenIdProvider]:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "yes")  # the provider of the tests speaks http, on this machine
    provider = OpenIdProvider(back=f"{BASE}/sign-in/provider/back")
    provider.claims["email"] = REA
    with serving(provider.app()) as address:
        provider.issuer = address
        yield provider


@pytest.fixture
def app(tmp_path: Path, clock: Clock, provider: OpenIdProvider) -> Flask:
    """The portal outside the demo, with the provider: Rea, who has confirmed the rules; and a closed account."""
    app = open_portal(
        tmp_path,
        clock,
        openid_issuer=provider.issuer,
        openid_client_id=CLIENT,
        openid_client_secret=SECRET,
        openid_label=LABEL,
    )
    people = parts(app).people
    people.add(REA, "Rea", KERN)
    confirm_rules(app, REA)
    people.add(CLOSED, "Claude", KERN)
    people.deactivate(CLOSED)
    return app


def where(page: Page) -> str:
    return str(page.response.headers["Location"])


def latest(app: Flask) -> tuple[str, str, str, str]:
    line = parts(app).log.newest()
    assert line is not None
    return line["who"], line["did"], line["outcome"], line["why"]


def begun(client: PortalClient, way: str = "/sign-in/provider") -> str:
    """The address at the provider to which the portal sends from the page for signing in."""
    client.page("/sign-in")
    return where(client.page(way, 302))


def logged_in(address: str) -> str:
    """Logs in at the provider, over HTTP, and returns the path and query that lead back to the portal."""
    assert requests.get(address, timeout=5).status_code == 200
    answer = requests.post(address, allow_redirects=False, timeout=5)
    assert answer.status_code == 303, answer.text
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def come_back(client: PortalClient, status: int = 303) -> Page:
    """All the way to the provider and back."""
    return client.page(logged_in(begun(client)), status)


# The way of one who is who they say


@pytest.mark.requirement("NIST AC-8")
def test_the_page_for_signing_in_offers_the_provider_below_the_notice_and_passwords_still(app: Flask) -> None:
    page = browser(app).page("/sign-in?next=/applications")
    assert "/sign-in/provider?next=/applications" in page.links()
    assert page.text.index("Use is monitored") < page.text.index("sign in with Otter ID") < page.text.index("password")


@pytest.mark.requirement("NIST AC-8")
def test_nobody_goes_on_to_the_provider_who_was_not_shown_the_notice_as_it_is_worded_today(
    app: Flask,
) -> None:
    client = browser(app)
    assert where(client.page("/sign-in/provider?next=/applications", 303)) == "/sign-in?next=/applications"
    assert where(client.page("/sign-in/provider?next=//evil.example", 303)) == "/sign-in"
    client.page("/sign-in/provider/back", 403)
    begun(client)
    with client.session_transaction() as cookie:
        assert cookie["notice_shown"] == NOTICE.sha256
        cookie["notice_shown"] = "an older notice"
    client.page("/sign-in/provider", 303)


@pytest.mark.requirement("ASVS 10.1.2", "ASVS 10.2.1", "NIST IA-2(8)")
def test_what_is_asked_of_the_provider_carries_state_nonce_and_a_challenge(
    app: Flask, provider: OpenIdProvider
) -> None:
    first, second = (parse_qs(urlsplit(begun(browser(app))).query) for _ in range(2))
    assert first["redirect_uri"] == [provider.back]
    assert first["response_type"] == ["code"]
    assert first["code_challenge_method"] == ["S256"]
    assert set(first["scope"][0].split()) == {"openid", "email"}
    assert first["max_age"] == [str(12 * 60 * 60)]  # as long as a session lasts
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) >= 20
        assert first[name] != second[name]


def test_whoever_the_provider_shows_with_a_second_factor_goes_to_the_page_that_was_asked_for(
    app: Flask, provider: OpenIdProvider
) -> None:
    provider.claims["amr"] = ["pwd", "mfa"]
    client = browser(app)
    way = where(client.page("/applications?q=kern", 302))
    link = next(link for link in client.page(way).links() if link.startswith("/sign-in/provider"))
    assert where(client.page(logged_in(begun(client, link)), 303)) == "/applications?q=kern"
    client.page("/applications?q=kern")
    acknowledged = f"through {LABEL}, acknowledged notice {NOTICE.version}, SHA-256 {NOTICE.sha256}"
    signed = [line for line in parts(app).log.of_person(REA) if line["did"] == "signed in"]
    assert [line["why"] for line in signed] == [acknowledged]


@pytest.mark.requirement("ASVS 6.3.4", "ASVS 6.8.4", "NIST IA-2(1)")
def test_without_the_providers_second_factor_the_portals_own_is_set_up_and_then_asked_for(
    app: Flask, clock: Clock
) -> None:
    client = browser(app)
    assert where(come_back(client)) == "/inbox"
    assert where(client.page("/inbox", 302)).startswith("/account/second-factor")
    people = parts(app).people
    secret = people.signing_in.secret_to_enrol(people.require(REA))
    client.send("/account/second-factor", {"code": code_for(secret, clock)}, 200)
    client.page("/inbox")
    clock.move(minutes=1)
    again = browser(app)
    assert where(come_back(again)) == "/sign-in/code"
    again.page("/inbox", 302)
    again.send("/sign-in/code", {"code": "000000"}, 422)
    assert where(again.send("/sign-in/code", {"code": code_for(secret, clock)})) == "/inbox"
    again.page("/inbox")


@pytest.mark.requirement("ASVS 6.3.4", "ASVS 6.8.4", "NIST IA-2(1)")
@pytest.mark.parametrize("amr", [None, [], ["pwd"], ["otp-but-not-mfa"], "mfa-as-a-word"])
def test_only_the_value_mfa_stands_for_a_second_factor(app: Flask, provider: OpenIdProvider, amr: Any) -> None:
    provider.claims["amr"] = amr
    client = browser(app)
    if isinstance(amr, str):
        come_back(client, 403)
        return
    come_back(client)
    assert where(client.page("/inbox", 302)).startswith("/account/second-factor")


@pytest.mark.requirement("NIST AC-3", "NIST IA-2")
def test_the_address_is_found_however_the_provider_writes_it_and_no_claim_gives_a_role(
    app: Flask, provider: OpenIdProvider
) -> None:
    provider.claims |= {"email": REA.upper(), "amr": ["mfa"], "roles": ["iso"], "groups": ["portal-administrator"]}
    client = browser(app)
    come_back(client)
    client.page("/inbox")
    client.page("/access-log", 403)
    assert parts(app).people.require(REA).grants == (KERN,)


def test_signing_out_offers_to_sign_out_of_the_provider_too(app: Flask, provider: OpenIdProvider) -> None:
    provider.claims["amr"] = ["mfa"]
    client = browser(app)
    come_back(client)
    token = client.page("/account").fields()["csrf_token"]
    answer = client.post("/sign-out", data={"csrf_token": token})
    page = client.page(answer.headers["Location"])
    [out] = [link for link in page.links() if link.startswith(provider.issuer)]
    assert "Logged out everywhere" in requests.get(out, timeout=5).text
    client.page("/inbox", 302)


def test_a_key_that_the_provider_turned_meanwhile_is_asked_for(app: Flask, provider: OpenIdProvider) -> None:
    come_back(browser(app))
    provider.turn_keys()
    come_back(browser(app))


def test_keys_without_names_are_asked_for_anew_after_a_signature_that_did_not_hold(
    app: Flask, provider: OpenIdProvider
) -> None:
    provider.sign = lambda claims, key: jwt.encode({"alg": "RS256"}, claims, key)
    come_back(browser(app))
    provider.turn_keys()
    come_back(browser(app), 403)
    come_back(browser(app))


def test_a_password_still_signs_in(app: Flask) -> None:
    parts(app).people.accept(parts(app).people.password_link(REA, made_by="ada@dcss.example"), password=GOOD)
    client = browser(app)
    assert where(client.send("/sign-in", {"email": REA, "password": GOOD})) == "/inbox"


# Whose second factor is the provider's


@pytest.fixture
def vouched(app: Flask, provider: OpenIdProvider) -> Flask:
    """Rea has a password, and has signed in with the provider's second factor."""
    people = parts(app).people
    people.accept(people.password_link(REA, made_by="ada@dcss.example"), password=GOOD)
    provider.claims["amr"] = ["mfa"]
    come_back(browser(app))
    return app


def link_that_was_made(app: Flask, **how: bool) -> str:
    return f"/invitation/{parts(app).people.password_link(REA, made_by='ada@dcss.example', **how)}"


def test_a_password_alone_does_not_get_around_the_providers_second_factor(vouched: Flask) -> None:
    client = browser(vouched)
    page = client.send("/sign-in", {"email": REA, "password": GOOD}, 422)
    assert "the second factor is the provider's" in latest(vouched)[3]
    assert page.words("//main") == client.send("/sign-in", {"email": REA, "password": "wrong"}, 422).words("//main")
    assert where(client.page("/account/second-factor", 302)).startswith("/sign-in")


def test_to_one_with_the_providers_second_factor_no_link_is_mailed(vouched: Flask) -> None:
    asked = [browser(vouched).send("/sign-in/forgotten", {"email": email}) for email in (REA, "nobody@kern.example")]
    assert where(asked[0]) == where(asked[1])
    answer_requests(parts(vouched))
    [mail] = mails(vouched)[-1:]
    assert REA in mail["To"]
    assert f"{BASE}/sign-in" in mail["text"]
    assert "/invitation/" not in "".join(mail["text"] for mail in mails(vouched))
    assert "mailed no link" in latest(vouched)[1]


def test_a_link_from_before_makes_a_password_and_lets_nobody_past_the_providers_second_factor(vouched: Flask) -> None:
    people, client = parts(vouched).people, browser(vouched)
    token = people.forgotten_link(people.require(REA), once="from before")
    chosen = {"password": "another good password", "password_again": "another good password"}
    assert where(client.send(f"/invitation/{token}", chosen)) == "/sign-in"
    assert "through the provider" in client.page("/sign-in").text
    assert where(client.send(link_that_was_made(vouched), chosen)) == "/sign-in"
    assert where(client.page("/account/second-factor", 302)).startswith("/sign-in")


def test_an_administrators_link_that_resets_the_second_factor_lets_its_owner_set_up_their_own(vouched: Flask) -> None:
    client = browser(vouched)
    chosen = {"password": "another good password", "password_again": "another good password"}
    client.send(link_that_was_made(vouched, resets_second_factor=True), chosen)
    assert where(client.page("/inbox", 302)).startswith("/account/second-factor")


def test_with_a_second_factor_of_their_own_the_password_signs_in_again(vouched: Flask, clock: Clock) -> None:
    people, client = parts(vouched).people, browser(vouched)
    come_back(client)
    client.send(
        "/account/second-factor", {"code": code_for(people.signing_in.secret_to_enrol(people.require(REA)), clock)}, 200
    )
    assert where(browser(vouched).send("/sign-in", {"email": REA, "password": GOOD})) == "/sign-in/code"


def test_signed_in_through_the_provider_one_may_still_change_the_password(vouched: Flask) -> None:
    assert parts(vouched).people.signing_in.change_password(REA, GOOD, "another good password").vouched


# An address that was given to somebody else


def test_another_person_with_the_same_address_is_not_let_in_until_an_administrators_link_resets_it(
    app: Flask, provider: OpenIdProvider
) -> None:
    provider.claims["amr"] = ["mfa"]
    come_back(browser(app))
    come_back(browser(app))
    person = parts(app).people.require(REA)
    assert (person.provider_issuer, person.provider_subject) == (provider.issuer, "1")
    provider.claims["sub"] = "2"
    client = browser(app)
    page = come_back(client, 403)
    assert "Somebody else at Otter ID" in page.words("//main")
    line = parts(app).log.newest()
    assert line is not None
    assert (line["record"], line["outcome"], "(sub)" in line["why"]) == (REA, "failed", True)
    client.page("/inbox", 302)
    chosen = {"password": "another good password", "password_again": "another good password"}
    browser(app).send(link_that_was_made(app), chosen)
    come_back(browser(app), 403)
    browser(app).send(link_that_was_made(app, resets_second_factor=True), chosen)
    come_back(client)
    client.page("/inbox")
    provider.claims["sub"] = "1"
    come_back(browser(app), 403)


def test_a_provider_that_the_settings_name_anew_says_anew_who_somebody_is(app: Flask, provider: OpenIdProvider) -> None:
    parts(app).people.signing_in.known_at_provider(REA, "https://before.example", "7")
    come_back(browser(app))
    assert parts(app).people.require(REA).provider_subject == "1"


# Who is refused, with the same page


@pytest.mark.requirement("NIST AC-3", "NIST IA-2")
@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"email": "nobody@kern.example"}, "no account for the address"),
        ({"email": CLOSED}, "the account is closed"),
        ({"email_verified": False}, "the email address is not verified"),
        ({"email_verified": None}, "the email address is not verified"),
        ({"email_verified": "true"}, "the email address is not verified"),
        ({"email": None}, "no email address"),
        ({"email": ["rea@kern.example"]}, "no email address"),
        ({"email": ""}, "no email address"),
    ],
)
def test_who_has_no_open_account_under_a_verified_address_is_refused(
    app: Flask, provider: OpenIdProvider, claims: dict[str, Any], why: str
) -> None:
    provider.claims |= claims
    before = [person.email for person in parts(app).people.everyone()]
    client = browser(app)
    page = come_back(client, 403)
    assert page.h1 == "You are not signed in"
    assert "/sign-in" in page.links()
    assert why not in page.text
    assert latest(app) == ("", "tried to sign in", "failed", f"through {LABEL}: {why}")
    client.page("/inbox", 302)
    assert [person.email for person in parts(app).people.everyone()] == before


def test_an_account_of_the_demo_does_not_open_outside_it(
    tmp_path: Path, clock: Clock, provider: OpenIdProvider
) -> None:
    demo = open_portal(tmp_path, clock, demo=True)
    parts(demo).people.add("iso@demo.example", "Ivo", Grant("iso"), password=GOOD)
    told = {"openid_issuer": provider.issuer, "openid_client_id": CLIENT, "openid_client_secret": SECRET}
    app = open_portal(tmp_path, clock, **told)
    provider.claims["email"] = "iso@demo.example"
    come_back(browser(app), 403)
    assert "demo" in latest(app)[3]


@pytest.mark.requirement("ASVS 9.2.1", "ASVS 9.2.3", "NIST IA-2")
@pytest.mark.parametrize(
    ("lies", "named"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"aud": "another-client"}, "aud"),
        ({"aud": ["another-client", "and-another"]}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "azp"),
        ({"iss": "https://evil.example"}, "iss"),
        ({"iss": None}, "iss"),
        ({"exp": 1_700_000_000}, "expired"),
        ({"exp": None}, "exp"),
        ({"iat": 4_000_000_000}, "iat|issued|token"),
        ({"sub": None}, "sub"),
    ],
)
def test_an_id_token_that_does_not_hold_opens_nothing(
    app: Flask, provider: OpenIdProvider, lies: dict[str, Any], named: str
) -> None:
    provider.lies = lies
    client = browser(app)
    come_back(client, 403)
    assert re.search(named, latest(app)[3]), latest(app)[3]
    client.page("/inbox", 302)


@pytest.mark.parametrize(
    ("ago", "opens"), [(0, True), (12 * 3600 - 5, True), (12 * 3600 + 30, True), (12 * 3600 + 90, False), (-90, False)]
)
def test_who_logged_in_at_the_provider_longer_ago_than_a_session_lasts_logs_in_there_again(
    app: Flask, provider: OpenIdProvider, ago: int, opens: bool
) -> None:
    provider.lies = {"auth_time": int(time.time()) - ago}
    come_back(browser(app), 303 if opens else 403)
    assert ("auth_time" in latest(app)[3]) is not opens


@pytest.mark.parametrize("auth_time", [None, True, "now", [], "1700000000"])
def test_a_provider_that_does_not_say_when_somebody_logged_in_lets_nobody_in(
    app: Flask, provider: OpenIdProvider, auth_time: Any
) -> None:
    provider.lies = {"auth_time": auth_time}
    client = browser(app)
    come_back(client, 403)
    client.page("/inbox", 302)


def test_how_long_ago_is_as_the_settings_say_of_sessions(
    tmp_path: Path, clock: Clock, provider: OpenIdProvider
) -> None:
    told = {"openid_issuer": provider.issuer, "openid_client_id": CLIENT, "openid_client_secret": SECRET}
    app = open_portal(tmp_path, clock, session_hours=2, **told)
    parts(app).people.add(REA, "Rea", KERN)
    assert parse_qs(urlsplit(begun(browser(app))).query)["max_age"] == ["7200"]
    provider.lies = {"auth_time": int(time.time()) - 3 * 3600}
    come_back(browser(app), 403)


@pytest.mark.requirement("ASVS 6.8.2", "ASVS 9.1.1", "ASVS 9.1.2", "NIST IA-2")
@pytest.mark.parametrize("offered", [["RS256"], ["RS256", "none", "HS256"]])
@pytest.mark.parametrize(
    "sign", [signed_with_nothing, signed_with_the_secret, signed_with_the_public_key, signed_with_another_key]
)
def test_a_signature_that_anybody_could_make_opens_nothing(
    app: Flask, provider: OpenIdProvider, sign: Callable[..., str], offered: list[str]
) -> None:
    provider.sign = sign
    provider.speaks["id_token_signing_alg_values_supported"] = offered
    client = browser(app)
    come_back(client, 403)
    assert "ID token" in latest(app)[3]
    client.page("/inbox", 302)


# Answers that are not the one that was asked for


@pytest.mark.requirement("ASVS 10.1.2", "ASVS 10.2.1", "NIST IA-2(8)")
def test_an_answer_is_taken_once(app: Flask) -> None:
    client = browser(app)
    back = logged_in(begun(client))
    client.page(back, 303)
    client.post("/sign-out", data={"csrf_token": client.page("/account/second-factor").fields()["csrf_token"]})
    client.page(back, 403)
    assert "mismatching_state" in latest(app)[3]


def test_a_code_that_was_used_opens_nothing_even_with_a_cookie_from_before(
    app: Flask, provider: OpenIdProvider
) -> None:
    client = browser(app)
    back = logged_in(begun(client))
    cookie = client.get_cookie("third-party-access")
    assert cookie is not None
    client.page(back, 303)
    copy = browser(app)
    copy.set_cookie("third-party-access", cookie.value)
    copy.page(back, 403)
    assert provider.tokens_asked == 2
    assert "invalid_grant" in latest(app)[3]


@pytest.mark.requirement("ASVS 10.1.2", "ASVS 10.2.1", "NIST IA-2(8)")
def test_somebody_elses_answer_is_not_taken(app: Flask, provider: OpenIdProvider) -> None:
    """A link that signs its victim in as the attacker."""
    back = logged_in(begun(browser(app)))
    victim = browser(app)
    victim.page(back, 403)
    begun(victim)
    victim.page(back, 403)
    assert provider.tokens_asked == 0


@pytest.mark.requirement("ASVS 10.1.2", "ASVS 10.2.1", "NIST IA-2(8)")
def test_a_stolen_code_is_worth_nothing_in_another_browsers_answer(app: Flask) -> None:
    """PKCE: the code belongs to the browser that began."""
    stolen = parse_qs(urlsplit(logged_in(begun(browser(app)))).query)["code"][0]
    thief = browser(app)
    own = logged_in(begun(thief))
    thief.page(re.sub(r"code=[^&]+", f"code={stolen}", own), 403)
    thief.page("/inbox", 302)


@pytest.mark.parametrize("answered", ["https://evil.example", ""])
def test_an_answer_of_another_issuer_or_of_none_that_says_so_is_not_taken(
    app: Flask, provider: OpenIdProvider, answered: str
) -> None:
    provider.answers["iss"] = answered
    come_back(browser(app), 403)
    assert "another issuer" in latest(app)[3]
    assert provider.tokens_asked == 0


def test_who_turns_back_at_the_provider_is_told_so(app: Flask, provider: OpenIdProvider) -> None:
    provider.denies = True
    page = come_back(browser(app), 403)
    assert "turned back" in page.words("//main")
    assert "access_denied" in latest(app)[3]


@pytest.mark.parametrize(
    "query",
    ["", "?code=x", "?state=x", "?code=x&state=y", "?error=<b>&error_description=<script>", "?code=%00&state=%ff"],
)
def test_what_somebody_types_there_signs_nobody_in(app: Flask, query: str) -> None:
    page = browser(app).page(f"/sign-in/provider/back{query}", 403)
    assert "<script>" not in page.text.split("<main")[1]
    assert "<b>" not in latest(app)[3]


@pytest.mark.requirement("ASVS 3.7.2", "NIST SI-10")
@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_it_leads_to_no_other_site(app: Flask, provider: OpenIdProvider, elsewhere: str) -> None:
    client = browser(app)
    client.page("/sign-in")
    address = where(Page(client.get("/sign-in/provider", query_string={"next": elsewhere})))
    assert address.startswith(f"{provider.issuer}/authorize?")
    assert where(client.page(logged_in(address), 303)) == "/inbox"


# A provider that is away, or not the one that was set


@pytest.mark.parametrize("away", ["a bad gateway", "nobody there", "another name"])
def test_when_the_provider_does_not_answer_the_page_says_so_and_passwords_go_on(
    app: Flask, provider: OpenIdProvider, tmp_path: Path, clock: Clock, away: str
) -> None:
    provider.away = away == "a bad gateway"
    if away == "another name":
        provider.speaks["issuer"] = "https://evil.example"
    if away == "nobody there":
        told = {"openid_issuer": "http://127.0.0.1:9", "openid_client_id": CLIENT, "openid_client_secret": SECRET}
        app = open_portal(tmp_path, clock, openid_label=LABEL, **told)
    client = browser(app)
    client.page("/sign-in")
    page = client.page("/sign-in/provider", 503)
    assert page.h1 == f"{LABEL} does not answer"
    assert "/sign-in" in page.links()
    assert latest(app)[2] == "failed"
    client.page("/sign-in")
    provider.away, provider.speaks = False, {}
    if away != "nobody there":
        come_back(client)


def test_a_provider_that_goes_away_in_between_is_told_of_too(app: Flask, provider: OpenIdProvider) -> None:
    client = browser(app)
    back = logged_in(begun(client))
    provider.away = True
    assert client.get(back).status_code in (403, 503)
    client.page("/inbox", 302)


@pytest.mark.requirement("ASVS 16.2.5", "NIST AU-3")
def test_the_secret_and_the_codes_are_in_no_log(
    app: Flask, provider: OpenIdProvider, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    client = browser(app)
    back = logged_in(begun(client))
    client.page(back, 303)
    logged = "".join(file.read_text() for file in (tmp_path / "access-log").iterdir() if file.is_file())
    logged += "".join(capfd.readouterr())
    asked = parse_qs(urlsplit(back).query)
    for secret in (SECRET, asked["code"][0], asked["state"][0]):
        assert secret not in logged


# Where none is set


def test_without_a_provider_there_is_no_such_page(tmp_path: Path, clock: Clock) -> None:
    client = browser(open_portal(tmp_path, clock))
    assert "/sign-in/provider" not in client.page("/sign-in").text
    for address in ("/sign-in/provider", "/sign-in/provider/back", "/sign-in/provider/out"):
        client.page(address, 404)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"PORTAL_OPENID_ISSUER": "https://login.example"}, "PORTAL_OPENID_CLIENT_ID and PORTAL_OPENID_CLIENT_SECRET"),
        ({"PORTAL_OPENID_CLIENT_SECRET": "x"}, "PORTAL_OPENID_ISSUER"),
        (
            {
                "PORTAL_OPENID_ISSUER": "http://login.example",
                "PORTAL_OPENID_CLIENT_ID": "x",
                "PORTAL_OPENID_CLIENT_SECRET": "x",
            },
            "https",
        ),
    ],
)
def test_settings_that_are_half_there_or_unsafe_are_refused_by_name(given: dict[str, str], named: str) -> None:
    with pytest.raises(SettingError, match=named):
        Settings.from_environment({"PORTAL_DEMO": "on", **given})
