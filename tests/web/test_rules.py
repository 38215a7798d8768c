"""The yearly confirmation of rules and penalties, before anything else opens; and who gave it when [O8.2]."""

import csv
import hashlib
import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from portal.people import rules
from portal.people.rules import NOTICE, RULES, Confirmation, Wording
from portal.process.step import Grant
from tests.clients import Page, PortalClient
from tests.people.premises import GOOD, KERN, Clock, browser, code_for, confirm_rules, open_portal, parts

pytestmark = pytest.mark.process("O8.2")

REA, ISO, ADA = "rea@kern.example", "iso@dcss.example", "ada@dcss.example"
ALL = {key: "yes" for key, _ in RULES.parts}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["tinydb", "postgresql"])
def app(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Flask:
    """The portal outside the demo, on each store; nobody has confirmed anything."""
    store = "tinydb:" if request.param == "tinydb" else request.getfixturevalue("postgres_server").new_database()
    app = open_portal(tmp_path, clock, base_url="https://portal.example", store=store)
    people = parts(app).people
    people.add(REA, "Rea Ortega", KERN, password=GOOD)
    people.add(ISO, "Ivo", Grant("iso"), password=GOOD)
    people.add(ADA, "Ada", Grant("portal-administrator"), password=GOOD)
    return app


def signed_in(app: Flask, clock: Clock, email: str = REA) -> PortalClient:
    """A browser in which the person is signed in, the second factor included."""
    client, people = browser(app), parts(app).people
    client.send("/sign-in", {"email": email, "password": GOOD})
    if people.require(email).has_second_factor:
        code = code_for(people.require(email).totp_secret, clock)
        client.send("/sign-in/code", {"code": code})
    else:
        secret = people.signing_in.secret_to_enrol(people.require(email))
        client.send("/account/second-factor", {"code": code_for(secret, clock)}, 200)
    clock.move(minutes=1)
    return client


def where(page: Page) -> str:
    return str(page.response.headers["Location"])


@pytest.mark.requirement("NIST PL-4", "NIST PS-6")
@pytest.mark.parametrize("address", ["/inbox", "/applications?q=kern", "/account", "/account/password", "/matrix", "/"])
def test_nothing_opens_before_the_rules_are_confirmed(app: Flask, clock: Clock, address: str) -> None:
    client = signed_in(app, clock)
    assert where(client.page(address, 302)).startswith("/rules?next=/")


def test_whoever_ticks_each_part_and_types_their_name_goes_on_to_where_they_were_going(
    app: Flask, clock: Clock
) -> None:
    client = signed_in(app, clock)
    way = where(client.page("/applications?q=kern", 302))
    page = client.page(way)
    for penalty in ("6103", "7213", "7213A", "7431", "Penal Code section 502", "dismissal"):
        assert penalty in page.words("//main")
    assert where(client.send(way, {**ALL, "name": "  rea ORTEGA "})) == "/applications?q=kern"
    client.page("/inbox")
    [given] = parts(app).people.require(REA).confirmations
    assert (given.at, given.version, given.sha256) == (clock(), RULES.version, RULES.sha256)
    line = parts(app).log.newest()
    assert line is not None
    lines = [one["did"] for one in parts(app).log.of_person(REA)]
    assert "confirm the rules and penalties" in lines


@pytest.mark.parametrize(
    ("sent", "fields"),
    [
        ({}, [*ALL, "name"]),
        ({**ALL, "name": "Mallory"}, ["name"]),
        ({"name": "Rea Ortega"}, [*ALL]),
        ({**{key: "yes" for key in list(ALL)[1:]}, "name": "Rea Ortega"}, ["own_work"]),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_kept(
    app: Flask, clock: Clock, sent: dict[str, str], fields: list[str]
) -> None:
    client = signed_in(app, clock)
    refused = client.send("/rules", sent, 422)
    assert list(refused.problems) == fields
    assert parts(app).people.require(REA).confirmations == ()
    client.page("/inbox", 302)


def test_what_somebody_sends_meanwhile_stays_on_the_page_and_can_be_sent_again(app: Flask, clock: Clock) -> None:
    client = signed_in(app, clock)
    token = client.page("/rules").fields()["csrf_token"]
    late = client.post_form("/account", {"csrf_token": token, "name": "Rea Ortega-Lee"}, 403)
    assert "Rea Ortega-Lee" in late.words("//main")
    assert late.fields()["name"] == "Rea Ortega-Lee"
    assert "/rules" in late.links()
    assert parts(app).people.require(REA).name == "Rea Ortega"


def test_a_fragment_is_not_answered_with_the_page_of_the_rules(app: Flask, clock: Clock) -> None:
    client = signed_in(app, clock)
    assert client.get("/inbox", headers={"HX-Request": "true"}).status_code == 403


@pytest.mark.requirement("NIST PL-4", "NIST PS-6")
def test_after_a_year_it_is_asked_again_and_the_inbox_says_so_from_thirty_days_before(app: Flask, clock: Clock) -> None:
    client = signed_in(app, clock)
    confirm_rules(app, REA)
    clock.move(days=334, minutes=-1)
    client = signed_in(app, clock)
    assert "Confirm the rules" not in client.page("/inbox").text
    clock.move(days=1)
    client = signed_in(app, clock)
    assert "/rules" in client.page("/inbox").links()
    clock.move(days=30)
    client = signed_in(app, clock)
    client.page("/inbox", 302)
    client.send("/rules", {**ALL, "name": "Rea Ortega"})
    assert "Confirm the rules" not in client.page("/inbox").text
    assert len(parts(app).people.require(REA).confirmations) == 2


@pytest.mark.requirement("NIST PL-4", "NIST PS-6")
def test_a_changed_wording_is_asked_for_at_once(app: Flask, clock: Clock) -> None:
    confirm_rules(app, REA)
    people = parts(app).people
    older = Confirmation(clock(), "2025-01", hashlib.sha256(b"other words").hexdigest(), "Rea Ortega")
    people.change(REA, lambda person: replace(person, confirmations=(older,)))
    client = signed_in(app, clock)
    client.page("/inbox", 302)
    assert people.signing_in.must_confirm(people.require(REA))


def test_another_word_is_another_checksum_and_the_checksum_is_of_the_text_that_is_given_out(
    app: Flask, clock: Clock
) -> None:
    other = Wording(RULES.version, (("own_work", RULES.parts[0][1] + " "), *RULES.parts[1:]))
    assert other.sha256 != RULES.sha256
    confirm_rules(app, ISO)
    client = signed_in(app, clock, ISO)
    text = client.get(f"/confirmations/{RULES.sha256}.txt")
    assert hashlib.sha256(text.data).hexdigest() == RULES.sha256
    assert client.get(f"/confirmations/{other.sha256}.txt").status_code == 404


@pytest.mark.requirement("NIST PL-4", "NIST PS-6")
def test_a_wording_that_was_confirmed_is_kept_when_it_is_replaced(
    app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirm_rules(app, REA)
    newer = Wording("2027-01", (*RULES.parts, ("more", "And I close the window.")))
    monkeypatch.setattr("portal.people.signing_in.RULES", newer)
    assert parts(app).people.signing_in.wording_confirmed(RULES.sha256) == RULES.text
    assert rules.until(parts(app).people.require(REA).confirmations, newer) is None


@pytest.mark.requirement("NIST AC-8")
def test_the_notice_that_was_acknowledged_is_kept_by_the_checksum_that_the_log_names(
    app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirm_rules(app, ISO)
    client = signed_in(app, clock, ISO)
    monkeypatch.setattr("portal.people.signing_in.NOTICE", Wording("2027-01", (("monitored", "Other words."),)))
    why = next(line["why"] for line in parts(app).log.of_person(ISO) if line["did"] == "signed in")
    text = client.get(f"/confirmations/{why.rsplit(' ', 1)[1]}.txt").get_data(as_text=True)
    assert text == NOTICE.text
    assert "Use is monitored" in text


@pytest.mark.requirement("NIST PL-4", "NIST PS-6")
@pytest.mark.parametrize("auditor", [ISO, ADA])
def test_an_auditor_sees_who_confirmed_which_wording_when_and_who_is_overdue(
    app: Flask, clock: Clock, auditor: str
) -> None:
    confirm_rules(app, REA)
    clock.move(days=360)
    confirm_rules(app, REA)
    confirm_rules(app, auditor)
    client = signed_in(app, clock, auditor)
    page = client.page("/confirmations")
    assert "1 person did not" in page.words("//main")
    rows = page.words("//tbody/tr")
    assert rows.index("Overdue") < rows.index("Rea Ortega")
    assert RULES.sha256[:12] in rows
    read = list(csv.DictReader(io.StringIO(client.get("/confirmations.csv").get_data(as_text=True))))
    of_rea = [row for row in read if row["email"] == REA]
    assert len(of_rea) == 2
    assert {row["sha256"] for row in of_rea} == {RULES.sha256}
    assert (of_rea[0]["confirmed_at"][:10], of_rea[1]["confirmed_at"][:10]) == ("2026-11-23", "2027-11-18")


def test_the_list_is_for_the_iso_and_the_portal_administrator(app: Flask, clock: Clock) -> None:
    confirm_rules(app, REA)
    client = signed_in(app, clock)
    for address in ("/confirmations", "/confirmations.csv", f"/confirmations/{RULES.sha256}.txt"):
        client.page(address, 403)


def test_accounts_of_the_demo_confirmed_when_they_were_made_and_go_straight_to_work(
    tmp_path: Path, clock: Clock
) -> None:
    demo = open_portal(tmp_path / "demo", clock, demo=True)
    people = parts(demo).people
    people.add(REA, "Rea Ortega", KERN, password=GOOD)
    people.accept(people.invite("nora@kern.example", "Nora", KERN), "Nora", GOOD)
    for email in (REA, "nora@kern.example"):
        [given] = people.require(email).confirmations
        assert given.sha256 == RULES.sha256
    clock.move(days=400)
    client = browser(demo)
    client.send("/sign-in", {"email": REA, "password": GOOD})
    client.page("/inbox")


def test_outside_the_demo_an_invitee_confirms_before_the_application_opens(app: Flask, clock: Clock) -> None:
    token = parts(app).people.invite("nora@kern.example", "Nora", KERN, about="TPA-2026-0007")
    client = browser(app)
    page = client.page(f"/invitation/{token}")
    assert "Use is monitored and recorded" in page.words("//main")
    client.send(f"/invitation/{token}", {"name": "Nora", "password": GOOD, "password_again": GOOD})
    people = parts(app).people
    secret = people.signing_in.secret_to_enrol(people.require("nora@kern.example"))
    client.send("/account/second-factor", {"code": code_for(secret, clock)}, 200)
    assert where(client.page("/applications/TPA-2026-0007", 302)).startswith("/rules")


def test_a_confirmation_holds_for_365_days(clock: Clock) -> None:
    given = Confirmation(clock(), RULES.version, RULES.sha256, "Rea")
    assert given.good_until - given.at == timedelta(days=365)
