"""Assignments: who names whom, for what, and that nobody gives themselves a role [1.5]."""

import re
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy

import pytest

from portal.audit import Filters
from portal.notices import queueing
from portal.people.errors import LinkApart, RolesApart
from portal.process.document import Json
from portal.process.goals import california_date
from portal.process.step import Grant
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.clients import Page, PortalClient
from tests.conftest import House, email_of
from tests.journey import answers_to
from tests.people.premises import GOOD
from tests.process.test_giving import EXPECTED, scope_of
from tests.web.asking import posted

ROLES = tuple(role.key for role in THIRD_PARTY_ACCESS.roles)
COORDINATOR, ADMINISTRATOR = Grant("coordinator", {"lcsa": "Kern"}), Grant("administrator", {"lcsa": "Kern"})
MANAGER, PORTAL_ADMINISTRATOR = Grant("process-manager"), Grant("portal-administrator")


def mails(house: House) -> list[dict[str, str]]:
    while house.portal.mail.deliver():
        pass
    files = sorted((house.portal.settings.data / "outbox").glob("*.eml"))
    read = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    return [{"to": one["To"].addresses[0].addr_spec, "text": one.get_body().get_content()} for one in read]


def links_in(text: str) -> list[str]:
    return re.findall(r"(/invitation/[\w-]{43})\b", text)


def grants_of(house: House, email: str) -> tuple[Grant, ...]:
    found = house.portal.people.get(email)
    return found.grants if found else ()


def named(client: PortalClient, role: str, email: str, lcsa: str = "", **other: str) -> Page:
    """The answer to naming somebody on the page of assignments."""
    return posted(client, "/assignments", {"role": role, "lcsa": lcsa, "name": "New Person", "email": email, **other})


@pytest.mark.process("1.5")
def test_a_director_names_a_coordinator_who_makes_an_account_and_works(house: House) -> None:
    document = house.application_after("identify-requestor")
    director = house.client("director")
    assert named(director, "coordinator", "Nora@Kern.example", "Kern").status == 303
    assert "Invited, until" in director.page("/assignments").words("//table")
    [mail] = [mail for mail in mails(house) if mail["to"] == "nora@kern.example"]
    assert "names you LCSA Third Party Access Coordinator, Kern" in mail["text"]
    guest = PortalClient(house.app, use_cookies=True)
    guest.send(links_in(mail["text"])[0], {"name": "Nora", "password": GOOD, "password_again": GOOD})
    assert grants_of(house, "nora@kern.example") == (COORDINATOR,)
    guest.page(f"/applications/{document['id']}")
    assert "nora@kern.example" in director.page("/assignments").words("//table")


@pytest.mark.process("1.5")
def test_the_process_owner_assigns_the_process_manager_who_is_told_and_can_work_at_once(house: House) -> None:
    owner, contracts = house.client("process-owner"), house.client("contract-manager")
    contracts.page("/tracking", 403)
    assert named(owner, "process-manager", email_of("contract-manager")).status == 303
    contracts.page("/tracking")
    [mail] = mails(house)
    assert mail["to"] == email_of("contract-manager")
    assert "Process Manager" in mail["text"]
    line = house.portal.log.matching(Filters(who=email_of("process-owner")))
    assert {"did": "give a role", "record": email_of("contract-manager"), "why": "Process Manager"}.items() <= next(
        iter(line)
    ).items()


@pytest.mark.requirement("ASVS 8.3.2", "NIST AC-2")
@pytest.mark.process("1.5", "O8.2")
def test_a_role_that_ends_is_gone_on_the_next_click_and_its_holder_is_told(house: House) -> None:
    manager, owner = house.client("process-manager"), house.client("process-owner")
    manager.page("/tracking")
    [link] = [link for link in owner.page("/assignments").links() if "withdraw" in link]
    page = owner.page(link)
    assert "Nobody else holds this role" in page.words("//main")
    owner.send(link, {})
    manager.page("/tracking", 403)
    [mail] = mails(house)
    assert (mail["to"], "no longer holds this role: Process Manager" in mail["text"]) == (
        email_of("process-manager"),
        True,
    )
    assert "Nobody holds this role" in owner.page("/assignments").words("//main")


def test_an_invitation_to_a_role_can_be_withdrawn(house: House) -> None:
    director = house.client("director")
    named(director, "administrator", "nora@kern.example", "Kern")
    [mail] = [mail for mail in mails(house) if mail["to"] == "nora@kern.example"]
    [link] = [link for link in director.page("/assignments").links() if "nora" in link]
    director.send(link, {})
    PortalClient(house.app, use_cookies=True).page(links_in(mail["text"])[0], 410)


def test_a_director_sees_and_names_for_their_own_lcsa_alone(house: House) -> None:
    director = house.client("director")
    page = director.page("/assignments")
    assert "Kern" in page.words("//main")
    assert "San Diego" not in page.text
    assert "Alameda" not in page.text
    for role, lcsa in (
        ("coordinator", "Alameda"),
        ("coordinator", ""),
        ("director", "Kern"),
        ("process-manager", ""),
        ("x", "Kern"),
    ):
        assert named(director, role, "nora@kern.example", lcsa).status == 404, (role, lcsa)
        given = {"role": role, "lcsa": lcsa, "email": email_of("coordinator", "Alameda")}
        assert posted(director, "/assignments/withdraw", given).status == 404
    given = {"role": "coordinator", "lcsa": "Kern", "email": email_of("coordinator", "Alameda")}
    assert posted(director, "/assignments/withdraw", given).status == 404
    assert grants_of(house, email_of("coordinator", "Alameda"))
    assert not mails(house)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"email": "coordinator.kern@demo.example"}, "holds this role already"),
        ({"email": "nora"}, "email address"),
        ({"email": "portal-administrator@demo.example"}, "One account never does both"),
        ({"email": "director.kern@demo.example"}, "Nobody gives a role to themselves"),
        ({"email": " DIRECTOR.Kern@demo.example "}, "Nobody gives a role to themselves"),
        ({"email": "legal@demo.example"}, "closed"),
        ({"name": "123-45-6789"}, "social security number"),
    ],
)
def test_who_cannot_be_named_is_said_at_the_field(house: House, given: dict[str, str], words: str) -> None:
    house.portal.people.deactivate("legal@demo.example")
    before = {person.email: person.grants for person in house.portal.people.everyone()}
    page = named(house.client("director"), "coordinator", **{"email": "nora@kern.example", "lcsa": "Kern", **given})
    assert page.status == 422
    assert words in " ".join(page.problems.values())
    assert {person.email: person.grants for person in house.portal.people.everyone()} == before
    assert not mails(house)


# Who may give what: every role, by every way there is


def ways_to_give(house: House, client: PortalClient, email: str, grant: Grant) -> Iterator[tuple[str, Page]]:
    """Tries to give the role to this address on every page on which roles are given."""
    sent = {"role": grant.role, "lcsa": "", "organization": "", **grant.scope, "name": "Somebody", "email": email}
    for address in ("/assignments", "/people/new", "/colleagues", f"/people/{email}/roles"):
        yield address, posted(client, address, sent)


def gained(house: House, email: str, before: tuple[Grant, ...]) -> set[Grant]:
    """What the address holds now beyond what it held, or holds a link to."""
    offered = {
        one.grant.role + str(dict(one.grant.scope))
        for one in house.portal.people.invitations.standing()
        if one.email == email and one.grant
    }
    held = {grant.role + str(dict(grant.scope)) for grant in grants_of(house, email) if grant not in before}
    return offered | held  # type: ignore[return-value]


@pytest.mark.requirement("NIST AC-2", "NIST AC-5", "NIST AC-6")
@pytest.mark.process("1.5")
@pytest.mark.parametrize("giver", ["legal", *EXPECTED])
def test_each_role_names_whom_the_process_says_within_its_scope_and_nobody_else(house: House, giver: str) -> None:
    client = house.client(giver)
    for lcsa in ("Kern", "Alameda"):
        for role in ROLES:
            grant = Grant(role, scope_of(role, lcsa))
            email = f"{role}-{lcsa.lower()}@new.example"
            for _ in ways_to_give(house, client, email, grant):
                pass
            own = not THIRD_PARTY_ACCESS.role(giver).scope or lcsa == "Kern"
            may = role in EXPECTED.get(giver, set()) and own
            assert bool(gained(house, email, ())) == may, (giver, role, lcsa)


@pytest.mark.requirement("NIST AC-2", "NIST AC-5", "NIST AC-6")
@pytest.mark.process("1.5")
@pytest.mark.parametrize("giver", ["legal", *EXPECTED])
def test_nobody_gives_a_role_to_themselves_by_any_way_there_is(house: House, giver: str) -> None:
    client, own = house.client(giver), email_of(giver)
    before = grants_of(house, own)
    for email in (own, own.upper()):
        for role in ROLES:
            for lcsa in ("Kern", "Alameda"):
                grant = Grant(role, scope_of(role, lcsa))
                for _, page in ways_to_give(house, client, email, grant):
                    assert page.status in (403, 404, 422) or grant in before, (role, lcsa)
    assert grants_of(house, own) == before
    assert not [one for one in house.portal.people.invitations.standing() if one.email == own]
    assert not mails(house)


# The Portal Administrator


@pytest.mark.requirement("NIST AC-5", "NIST AC-6")
@pytest.mark.process("1.5")
def test_a_portal_administrator_holds_no_other_role_however_it_is_given(house: House) -> None:
    people, admin, legal = house.portal.people, email_of("portal-administrator"), email_of("legal")
    for email, grant in ((admin, MANAGER), (legal, PORTAL_ADMINISTRATOR)):
        with pytest.raises(RolesApart):
            people.grant(email, grant)
    with pytest.raises(RolesApart):
        people.add("both@dcss.example", "Both", MANAGER, PORTAL_ADMINISTRATOR)
    token = people.invite(legal, "Lou", PORTAL_ADMINISTRATOR)
    with pytest.raises(LinkApart):
        people.accept(token, signed_in_as=legal)
    page = posted(house.client("legal"), f"/invitation/{token}")
    assert (page.status, page.h1) == (403, "This role is not for your account")
    assert people.get("both@dcss.example") is None
    assert grants_of(house, legal) == (Grant("legal"),)
    assert grants_of(house, admin) == (PORTAL_ADMINISTRATOR,)


@pytest.mark.requirement("NIST AC-5", "NIST AC-6")
def test_two_portal_administrators_cannot_give_each_other_a_part_in_the_process(house: House) -> None:
    house.portal.people.add("second@dcss.example", "Second", PORTAL_ADMINISTRATOR, password="third-party-access")
    for role in sorted(set(ROLES) - {"portal-administrator"}):
        sent = {"role": role, "lcsa": "", "organization": "", **scope_of(role, "Kern")}
        page = posted(house.client("portal-administrator"), "/people/second@dcss.example/roles", sent)
        assert page.status == 422
        assert "One account never does both" in " ".join(page.problems.values())
    assert grants_of(house, "second@dcss.example") == (PORTAL_ADMINISTRATOR,)


MakeHouse = Callable[..., House]


@pytest.mark.requirement("ASVS 6.4.6", "NIST IA-5(1)")
@pytest.mark.process("O8.2")
def test_a_link_into_somebodys_account_is_for_their_mailbox_alone(house: House) -> None:
    client = house.client("portal-administrator")
    shown = posted(client, f"/people/{email_of('process-owner')}/link")
    assert "Because this is a demo" in shown.words("//main")
    object.__setattr__(house.portal.settings, "demo", False)
    new = {"name": "New", "email": "new@dcss.example", "role": "legal", "lcsa": "", "organization": ""}
    for page in (posted(client, f"/people/{email_of('process-owner')}/link"), posted(client, "/people/new", new)):
        assert page.status == 200
        assert "It was mailed to" in page.words("//main")
        assert "/invitation/" not in page.text
    assert sorted(mail["to"] for mail in mails(house)) == ["new@dcss.example", *[email_of("process-owner")] * 2]


def test_the_portal_administrator_puts_a_persons_details_right_and_never_their_address(house: House) -> None:
    client, email = house.client("portal-administrator"), email_of("legal")
    sent = {
        "name": "Lou O’Dell",
        "title": "Counsel",
        "phone": "(916) 555-0199",
        "email": "other@dcss.example",
        "password": "x",
    }
    before = house.portal.people.require(email)
    assert posted(client, f"/people/{email}/details", sent).status == 303
    after = house.portal.people.require(email)
    assert (after.name, after.title, after.phone) == ("Lou O’Dell", "Counsel", "(916) 555-0199")
    assert (after.email, after.grants, after.password_hash) == (before.email, before.grants, before.password_hash)
    assert house.portal.people.get("other@dcss.example") is None
    page = posted(client, f"/people/{email}/details", {"name": "078-05-1120"})
    assert (page.status, list(page.problems)) == (422, ["name"])
    assert page.fields()


# What a Director names on the way


def identified(house: House, **other: str) -> Json:
    document = house.take("", "identify-requestor", **other)
    queueing.queue_owed(house.portal)
    return document


@pytest.mark.process("6.2", "1.5")
def test_whom_the_director_names_when_identifying_gets_the_role(house: House) -> None:
    identified(house, coordinator_email="nora@kern.example", administrator_email=email_of("infrastructure-manager"))
    [mail] = [mail for mail in mails(house) if mail["to"] == "nora@kern.example"]
    guest = PortalClient(house.app, use_cookies=True)
    guest.send(links_in(mail["text"])[0], {"name": "Nora", "password": GOOD, "password_again": GOOD})
    assert grants_of(house, "nora@kern.example") == (COORDINATOR,)
    assert ADMINISTRATOR in grants_of(house, email_of("infrastructure-manager"))
    seen = house.client("director").page("/assignments").words("//main")
    assert "nora@kern.example" in seen


@pytest.mark.process("6.2", "1.5")
def test_one_who_is_named_coordinator_and_administrator_gets_a_link_for_each(house: House) -> None:
    identified(house, coordinator_email="nora@kern.example", administrator_email="nora@kern.example")
    [mail] = [mail for mail in mails(house) if mail["to"] == "nora@kern.example"]
    first, second = links_in(mail["text"])
    guest = PortalClient(house.app, use_cookies=True)
    guest.send(first, {"name": "Nora", "password": GOOD, "password_again": GOOD})
    guest.send(second, {})
    assert set(map(repr, grants_of(house, "nora@kern.example"))) == {repr(COORDINATOR), repr(ADMINISTRATOR)}


@pytest.mark.process("1.5")
@pytest.mark.parametrize("who", ["invitee", "coordinator", "administrator"])
def test_a_director_who_names_themselves_is_told_that_nobody_does(house: House, who: str) -> None:
    own = email_of("director")
    for email in (own, own.upper()):
        page = house.client("director").take("", "identify-requestor", {**answers(house), f"{who}_email": email}, 422)
        assert "nobody gives a role to themselves" in page.problems[f"{who}_email"]
    assert grants_of(house, own) == (Grant("director", {"lcsa": "Kern"}),)


def answers(house: House) -> dict[str, object]:
    return answers_to("identify-requestor", california_date(house.clock.now))


@pytest.mark.process("1.5")
def test_a_director_who_holds_the_role_elsewhere_gets_none_here_by_their_own_step(house: House) -> None:
    own = email_of("director")
    house.portal.people.grant(own, Grant("coordinator", {"lcsa": "Alameda"}))
    house.portal.people.grant(own, Grant("requestor", {"lcsa": "Kern", "organization": "Kern IV-E"}))
    for who in ("coordinator", "invitee"):
        page = house.client("director").take("", "identify-requestor", {**answers(house), f"{who}_email": own}, 422)
        assert "nobody gives a role to themselves" in page.problems[f"{who}_email"]
    assert len(grants_of(house, own)) == 3


@pytest.mark.process("1.5")
def test_naming_gives_nothing_to_a_portal_administrator_or_a_closed_account(house: House) -> None:
    house.portal.people.deactivate(email_of("legal"))
    identified(house, coordinator_email=email_of("portal-administrator"), administrator_email=email_of("legal"))
    assert grants_of(house, email_of("portal-administrator")) == (PORTAL_ADMINISTRATOR,)
    assert grants_of(house, email_of("legal")) == (Grant("legal"),)
    told = {mail["to"]: mail["text"] for mail in mails(house)}
    assert "cannot hold" in told[email_of("portal-administrator")]
    assert not links_in("".join(told.values()))
    failed = house.portal.log.matching(Filters(outcome="failed"))
    assert sorted(line["record"] for line in failed) == [email_of("legal"), email_of("portal-administrator")]


@pytest.mark.process("1.5")
def test_what_somebody_gave_by_a_link_ends_with_the_role_that_let_them(house: House) -> None:
    named(house.client("director"), "coordinator", "nora@kern.example", "Kern")
    named(house.client("director", "Alameda"), "coordinator", "alma@alameda.example", "Alameda")
    links = {mail["to"]: links_in(mail["text"])[0] for mail in mails(house)}
    house.portal.people.withdraw(email_of("director"), Grant("director", {"lcsa": "Kern"}))
    PortalClient(house.app, use_cookies=True).page(links["nora@kern.example"], 410)
    PortalClient(house.app, use_cookies=True).page(links["alma@alameda.example"])
