"""The pages about people: the Portal Administrator's, a Requestor's colleagues, one's own account, the access log."""

import csv
import io
import re
from pathlib import Path

import pytest
from flask import Flask

from portal.audit import Act, Filters
from portal.process.step import Grant
from tests.clients import Page, PortalClient
from tests.people.premises import ALAMEDA, GOOD, KERN, Clock, browser, mails, open_portal, parts

ADA, ISO, REA, RAY = "ada@dcss.example", "iso@dcss.example", "rea@kern.example", "ray@kern.example"
ADMINISTRATOR = Grant("portal-administrator")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(tmp_path: Path, clock: Clock) -> Flask:
    """The demo with an administrator, an ISO, and two people of Kern IV-A, one of whom acts for Alameda IV-A too."""
    app = open_portal(tmp_path, clock, demo=True)
    people = parts(app).people
    people.add(ADA, "Ada", ADMINISTRATOR, password=GOOD)
    people.add(ISO, "Ivo", Grant("iso"), password=GOOD)
    people.add(REA, "Rea", KERN, ALAMEDA, password=GOOD)
    people.add(RAY, "Ray & <Co>", KERN, password=GOOD)
    return app


def signed_in(app: Flask, email: str) -> PortalClient:
    client = browser(app)
    client.send("/sign-in", {"email": email, "password": GOOD})
    return client


def press(client: PortalClient, address: str, button: str, status: int = 303, **changed: str) -> Page:
    """Presses the button of this name on the page at this address, its form filled in as given."""
    page = client.page(address)
    assert page.tree is not None
    forms = page.tree.xpath("//main//form")
    form = next(form for form in forms if button in [one.text_content() for one in form.xpath(".//button")])
    return client.post_form(form.get("action") or address, {**dict(form.form_values()), **changed}, status)


def logged(app: Flask, did: str) -> dict[str, str]:
    line = next(line for line in parts(app).log.matching(Filters()) if line["did"] == did)
    return {key: line[key] for key in ("who", "record", "outcome", "why")}


def invitation_in(text: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/invitation/[\w-]{43})\b", text)
    assert found, text
    return found[1]


# People


NEW_DIRECTOR = {
    **{"name": "Dana O’Dell", "email": "Dana@Kern.example"},
    **{"role": "director", "lcsa": "Kern", "organization": ""},
}


@pytest.mark.process("1.5")
def test_the_portal_administrator_adds_a_person_who_then_makes_a_password(app: Flask) -> None:
    page = signed_in(app, ADA).send("/people/new", NEW_DIRECTOR, 200)
    shown = invitation_in(page.words("//main"))
    [mail] = mails(app)
    assert (mail["To"], invitation_in(mail["text"])) == ("dana@kern.example", shown)
    browser(app).send(shown, {"password": GOOD, "password_again": GOOD})
    assert signed_in(app, "dana@kern.example").page("/inbox").status == 200
    assert parts(app).people.require("dana@kern.example").grants == (Grant("director", {"lcsa": "Kern"}),)
    assert logged(app, "add a person") == {
        "who": ADA, "record": "dana@kern.example", "outcome": "done", "why": "LCSA Director, Kern",
    }  # fmt: skip


def test_the_link_is_shown_once(app: Flask) -> None:
    client = signed_in(app, ADA)
    client.send("/people/new", NEW_DIRECTOR, 200)
    assert "/invitation/" not in client.page("/people/dana@kern.example").text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "dana"}, "email"),
        ({"email": RAY}, "email"),
        ({"name": " "}, "name"),
        ({"name": "123-45-6789"}, "name"),
        ({"role": ""}, "role"),
        ({"role": "emperor"}, "role"),
        ({"lcsa": ""}, "lcsa"),
        ({"lcsa": "Kernn"}, "lcsa"),
        ({"role": "requestor"}, "organization"),
    ],
)
def test_a_person_is_not_added_until_all_is_right(app: Flask, change: dict[str, str], field: str) -> None:
    before = len(parts(app).people.everyone())
    page = signed_in(app, ADA).send("/people/new", {**NEW_DIRECTOR, **change}, 422)
    assert list(page.problems) == [field]
    assert page.title.startswith("Error: ")
    assert len(parts(app).people.everyone()) == before


def test_what_does_not_limit_a_role_is_left_out_of_it(app: Flask) -> None:
    signed_in(app, ADA).send("/people/new", {**NEW_DIRECTOR, "role": "legal", "organization": "Kern IV-A"}, 200)
    assert parts(app).people.require("dana@kern.example").grants == (Grant("legal"),)


def test_people_are_found_and_names_come_out_as_they_are(app: Flask) -> None:
    client = signed_in(app, ADA)
    assert "Ray & <Co>" in client.page("/people?q=ray+kern").words("//table")
    assert "Ada" not in client.page("/people?q=ray+kern").words("//table")
    assert client.page("/people?q=nobody").words("//main//*[@class='empty__title']") == "Nobody is found"


def test_the_list_goes_on_from_page_to_page(app: Flask) -> None:
    for number in range(30):
        parts(app).people.add(f"p{number}@kern.example", f"Person {number:02}")
    client = signed_in(app, ADA)
    first = client.page("/people?q=person")
    [following] = [str(link) for link in first.links("//nav[@aria-label='Pages']")]
    names = [f"Person {number:02}" for number in range(30)]
    seen = first.words("//table") + " " + client.page(following).words("//table")
    assert all(seen.count(name) == 1 for name in names)


@pytest.mark.process("1.5")
def test_roles_are_given_and_withdrawn(app: Flask) -> None:
    client, address = signed_in(app, ADA), f"/people/{RAY}"
    press(client, address, "Give the role", role="coordinator", lcsa="San Diego")
    given = Grant("coordinator", {"lcsa": "San Diego"})
    assert parts(app).people.require(RAY).grants == (KERN, given)
    assert [mail["To"] for mail in mails(app)] == [RAY]
    press(client, address, "Withdraw Requestor, Kern IV-A")
    assert parts(app).people.require(RAY).grants == (given,)
    assert logged(app, "withdraw a role")["why"] == "Requestor, Kern IV-A"


@pytest.mark.requirement("NIST AC-2", "NIST AC-5", "NIST AC-6")
def test_nobody_gives_a_role_to_themselves(app: Flask) -> None:
    page = press(signed_in(app, ADA), f"/people/{ADA}", "Give the role", 422, role="process-owner")
    assert list(page.problems) == ["role"]
    assert parts(app).people.require(ADA).grants == (ADMINISTRATOR,)
    assert logged(app, "give a role")["outcome"] == "refused"


def test_the_last_administrator_can_neither_close_their_account_nor_give_up_the_role(app: Flask) -> None:
    client, address = signed_in(app, ADA), f"/people/{ADA}"
    for button in ("Close the account", "Withdraw Portal Administrator"):
        assert "is the last Portal Administrator" in press(client, address, button, 409).text
    parts(app).people.add("two@dcss.example", "Two", ADMINISTRATOR)
    press(client, address, "Withdraw Portal Administrator")
    client.page("/people", 403)


def test_a_closed_account_signs_nobody_in_until_it_is_opened_again(app: Flask) -> None:
    client = signed_in(app, ADA)
    press(client, f"/people/{RAY}", "Close the account")
    browser(app).send("/sign-in", {"email": RAY, "password": GOOD}, 422)
    assert "Make a new link" not in client.page(f"/people/{RAY}").text
    press(client, f"/people/{RAY}", "Open the account again")
    signed_in(app, RAY).page("/inbox")


def test_a_new_link_makes_a_new_password_and_ends_the_one_before_it(app: Flask) -> None:
    client, new = signed_in(app, ADA), "another good password"
    older = invitation_in(press(client, f"/people/{RAY}", "Make a new link", 200).words("//main"))
    newer = invitation_in(press(client, f"/people/{RAY}", "Make a new link", 200).words("//main"))
    guest = browser(app)
    guest.page(older, 410)
    guest.send(newer, {"password": new, "password_again": new})
    browser(app).send("/sign-in", {"email": RAY, "password": new})
    browser(app).send("/sign-in", {"email": RAY, "password": GOOD}, 422)


@pytest.mark.requirement("NIST AC-5", "NIST AC-6")
@pytest.mark.process("O8.2")
@pytest.mark.parametrize("address", ["/applications/TPA-2026-0001", "/tracking", "/access-log", "/colleagues"])
def test_the_portal_administrator_sees_nothing_but_people(app: Flask, address: str) -> None:
    assert signed_in(app, ADA).get(address).status_code in (403, 404)


@pytest.mark.process("O8.2")
@pytest.mark.parametrize("email", [ISO, REA])
@pytest.mark.parametrize("address", ["/people", "/people/new", f"/people/{RAY}"])
def test_people_are_for_the_portal_administrator_alone(app: Flask, email: str, address: str) -> None:
    client = signed_in(app, email)
    assert "Portal Administrator" in client.page(address, 403).text
    token = client.page("/account").fields()["csrf_token"]
    for act in ("roles", "roles/withdraw", "deactivate", "reactivate", "link"):
        assert client.post(f"/people/{RAY}/{act}", data={"csrf_token": token, "role": "iso"}).status_code == 403
    assert parts(app).people.require(RAY).grants == (KERN,)


# Colleagues


def invite(client: PortalClient, status: int = 303, **changed: str) -> Page:
    sent = {"lcsa": "Kern", "organization": "Kern IV-A", "name": "Nora", "email": "nora@kern.example", **changed}
    return client.send("/colleagues", sent, status)


@pytest.mark.process("6.3.3")
def test_a_colleague_is_invited_and_shares_the_organization(app: Flask) -> None:
    client = signed_in(app, RAY)
    invite(client)
    assert "Invited, until January 22, 2027" in client.page("/colleagues").words("//table")
    [mail] = mails(app)
    assert mail["To"] == "nora@kern.example"
    assert "Ray & <Co> invites you" in mail["text"]
    browser(app).send(invitation_in(mail["text"]), {"name": "Nora", "password": GOOD, "password_again": GOOD})
    assert parts(app).people.require("nora@kern.example").grants == (KERN,)
    assert "nora@kern.example" in client.page("/colleagues").words("//table")


@pytest.mark.requirement("ASVS 8.2.2", "ASVS 8.4.1", "NIST AC-3")
def test_those_of_another_organization_are_not_shown_and_cannot_be_touched(app: Flask) -> None:
    client = signed_in(app, RAY)
    assert "Alameda" not in client.page("/colleagues").text
    invite(client, 404, lcsa="Alameda", organization="Alameda IV-A")
    client.page(f"/colleagues/withdraw?email={REA}&lcsa=Alameda&organization=Alameda+IV-A", 404)
    client.page(f"/colleagues/withdraw?email={ISO}&lcsa=Kern&organization=Kern+IV-A", 404)
    token = client.page("/colleagues").fields()["csrf_token"]
    sent = {"csrf_token": token, "email": REA, "lcsa": "Alameda", "organization": "Alameda IV-A"}
    client.post_form("/colleagues/withdraw", sent, 404)
    assert parts(app).people.require(REA).grants == (KERN, ALAMEDA)


def test_a_colleagues_access_ends_for_this_organization_alone(app: Flask) -> None:
    client = signed_in(app, RAY)
    way = next(link for link in client.page("/colleagues").links() if REA in link.replace("%40", "@"))
    client.send(way, {})
    assert parts(app).people.require(REA).grants == (ALAMEDA,)


def test_the_last_who_acts_for_an_organization_stays(app: Flask) -> None:
    client = signed_in(app, REA)
    assert not [link for link in client.page("/colleagues").links() if "Alameda" in link]
    page = client.page("/colleagues").fields()
    sent = {"csrf_token": page["csrf_token"], "email": REA, "lcsa": "Alameda", "organization": "Alameda IV-A"}
    client.post_form("/colleagues/withdraw", sent, 409)
    assert ALAMEDA in parts(app).people.require(REA).grants


def test_one_may_leave_when_others_stay(app: Flask) -> None:
    client = signed_in(app, RAY)
    way = next(link for link in client.page("/colleagues").links() if RAY in link.replace("%40", "@"))
    assert client.send(way, {}).response.headers["Location"] == "/inbox"
    client.page("/colleagues", 403)


def test_an_invitation_can_be_withdrawn(app: Flask) -> None:
    client = signed_in(app, RAY)
    invite(client)
    [mail] = mails(app)
    way = next(link for link in client.page("/colleagues").links() if "nora" in link)
    client.send(way, {})
    browser(app).page(invitation_in(mail["text"]), 410)


def test_who_acts_for_the_organization_already_is_not_invited(app: Flask) -> None:
    page = invite(signed_in(app, RAY), 422, email=REA)
    assert page.problems == {"email": f"{REA} acts for Kern IV-A already."}


def test_one_who_acts_for_two_organizations_invites_to_the_right_one(app: Flask) -> None:
    client = signed_in(app, REA)
    invite(client, lcsa="Alameda", organization="Alameda IV-A")
    [invited] = parts(app).people.invitations.standing()
    assert invited.grant == ALAMEDA
    page = invite(client, 422, lcsa="Alameda", organization="Alameda IV-A", email="nora")
    assert page.words("//*[@class='field field--error']//label") == "Email address"
    assert all(page.tree is not None and page.tree.xpath(f"//*[@id='{target}']") for target in page.problems)


def test_who_acts_for_several_organizations_has_them_in_sight_and_the_forms_folded_until_something_is_wrong(
    app: Flask,
) -> None:
    one, several = signed_in(app, RAY).page("/colleagues"), signed_in(app, REA).page("/colleagues")
    assert one.words("//main//summary") == ""
    assert several.words("//main//details[not(@open)]/summary").count("Invite a colleague to") == 2
    page = invite(signed_in(app, REA), 422, lcsa="Alameda", organization="Alameda IV-A", email="nora")
    assert page.words("//main//details[@open]/summary") == "Invite a colleague to Alameda IV-A"


# One's own account


def test_name_title_and_telephone_are_kept_as_typed(app: Flask) -> None:
    client = signed_in(app, RAY)
    client.send("/account", {"name": "José “Pepe” Núñez", "title": "R&D <Lead>", "phone": "(661) 555-0100 x7"})
    person = parts(app).people.require(RAY)
    assert (person.name, person.title, person.phone) == ("José “Pepe” Núñez", "R&D <Lead>", "(661) 555-0100 x7")
    assert client.page("/account").fields()["title"] == "R&D <Lead>"


@pytest.mark.parametrize("field", ["name", "title", "phone"])
def test_a_social_security_number_is_not_kept_in_an_account(app: Flask, field: str, tmp_path: Path) -> None:
    page = signed_in(app, RAY).send("/account", {field: "078-05-1120"}, 422)
    assert list(page.problems) == [field]
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"078-05-1120" not in kept


@pytest.mark.process("O8.2")
def test_everybody_sees_what_was_done_in_their_name(app: Flask) -> None:
    browser(app).send("/sign-in", {"email": RAY, "password": "somebody guesses"}, 422)
    page = signed_in(app, RAY).page("/account")
    assert "tried to sign in" in page.words("//table")
    assert REA not in page.words("//table")


def test_steps_and_pages_have_their_own_names_in_what_was_done_in_ones_name(app: Flask) -> None:
    client = signed_in(app, RAY)
    client.page("/tracking", 403)
    client.get("/no-such-page")
    log = parts(app).log
    log.write(Act(RAY, "read it at sign-mou", "TPA-2026-0001", "requestor"))
    log.write(Act(RAY, "read it at leisure", "TPA-2026-0001", "requestor"))
    said = client.page("/account").words("//table")
    assert "open “Tracking sheet”" in said
    assert "read it, at “Sign the Memorandum of Understanding”" in said
    assert "read it at leisure" in said


def test_the_head_of_each_page_says_as_what_one_is_signed_in_in_few_words(app: Flask) -> None:
    at_the_head = "//*[@class='site-person__roles']"
    parts(app).people.add("kim@kern.example", "Kim", Grant("director", {"lcsa": "Kern"}), Grant("legal"), password=GOOD)
    assert signed_in(app, RAY).page("/account").words(at_the_head) == "Requestor, Kern IV-A"
    assert signed_in(app, REA).page("/account").words(at_the_head) == "Requestor, Kern IV-A and 1 other"
    assert signed_in(app, "kim@kern.example").page("/account").words(at_the_head) == "LCSA Director, Kern; DCSS Legal"


@pytest.mark.requirement("ASVS 6.2.2", "ASVS 6.2.3", "ASVS 6.3.7", "NIST IA-5(1)")
def test_a_new_password_needs_the_old_one_and_its_owner_is_told(app: Flask) -> None:
    client, new = signed_in(app, RAY), "another good password"
    sent = {"old_password": "not it", "password": new, "password_again": new}
    assert list(client.send("/account/password", sent, 422).problems) == ["old_password"]
    assert list(client.send("/account/password", {**sent, "old_password": GOOD, "password": "short"}, 422).problems)
    client.send("/account/password", {**sent, "old_password": GOOD})
    assert [mail["To"] for mail in mails(app)] == [RAY]
    browser(app).send("/sign-in", {"email": RAY, "password": new})


# The access log


@pytest.mark.process("O8.2")
def test_the_iso_finds_lines_and_takes_them_away(app: Flask) -> None:
    browser(app).send("/sign-in", {"email": RAY, "password": "=cmd|' /C calc'!A0"}, 422)
    client = signed_in(app, ISO)
    client.page("/people", 403)
    page = client.page("/access-log?outcome=refused")
    assert page.words("//tbody/tr[1]/td[2]").startswith(ISO)
    assert "people" in page.words("//tbody/tr[1]")
    page = client.page(f"/access-log?who={RAY}&outcome=failed&since=2026-11-23&until=2026-11-23")
    assert len(page.tree.xpath("//tbody/tr") if page.tree is not None else []) == 1
    [way] = [link for link in page.links() if ".csv" in link]
    rows = list(csv.DictReader(io.StringIO(client.get(way).get_data(as_text=True))))
    assert [(row["who"], row["outcome"], row["why"]) for row in rows] == [(RAY, "failed", "wrong password")]
    assert logged(app, "export the access log")["who"] == ISO


@pytest.mark.process("O8.2")
def test_the_log_goes_on_from_page_to_page(app: Flask) -> None:
    for number in range(120):
        parts(app).log.write(Act("x@kern.example", f"act {number:03}"))
    client = signed_in(app, ISO)
    address, seen = "/access-log?q=act", ""
    while address:
        page = client.page(address)
        seen += page.words("//tbody")
        older = [str(link) for link in page.tree.xpath("//a[@rel='next']/@href")] if page.tree is not None else []
        address = older[0] if older else ""
    assert [seen.count(f"act {number:03}") for number in range(120)] == [1] * 120


@pytest.mark.requirement("ASVS 16.4.2", "NIST AC-6", "NIST AU-9")
@pytest.mark.process("O8.2")
@pytest.mark.parametrize("email", [ADA, REA])
@pytest.mark.parametrize("address", ["/access-log", "/access-log.csv"])
def test_the_log_is_for_the_iso_alone(app: Flask, email: str, address: str) -> None:
    signed_in(app, email).page(address, 403)
