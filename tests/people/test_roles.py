"""Who has an account, and which roles."""

import pytest

from portal.people import People
from portal.people.errors import AlreadyThere, LastAdministrator, NoSuchPerson, SignInRefused
from portal.people.read_once import PeopleReadOnce
from portal.process.step import Grant
from portal.store.port import Store
from tests.people.premises import ALAMEDA, GOOD, KERN, SECRET_KEY, Clock, at_once

ADMINISTRATOR = Grant("portal-administrator")
DIRECTOR = Grant("director", {"lcsa": "Kern"})


def test_an_account_is_found_however_its_address_is_typed(people: People) -> None:
    people.add(" María.Ortega@Kern.example ", "María Ortega", KERN)
    found = people.get("maría.ortega@KERN.example")
    assert found is not None
    assert (found.name, found.grants) == ("María Ortega", (KERN,))


def test_an_address_has_one_account(people: People) -> None:
    people.add("one@kern.example", "One")
    with pytest.raises(AlreadyThere):
        people.add("ONE@kern.example", "Another")


@pytest.mark.process("1.5")
def test_a_role_is_held_within_its_scope(people: People) -> None:
    people.add("director@kern.example", "Dana", DIRECTOR)
    people.add("manager@dcss.example", "Max", Grant("process-manager"))
    people.add("requestor@kern.example", "Rea", KERN)
    people.add("requestor@alameda.example", "Ray", ALAMEDA)
    assert [p.name for p in people.with_role("director", lcsa="Kern")] == ["Dana"]
    assert people.with_role("director", lcsa="Alameda") == []
    assert [p.name for p in people.with_role("process-manager")] == ["Max"]
    assert [p.name for p in people.with_role("requestor", lcsa="Kern", organization="Kern IV-A")] == ["Rea"]
    assert {p.name for p in people.with_role("requestor")} == {"Rea", "Ray"}


def test_one_who_is_deactivated_holds_no_role_until_they_are_back(people: People) -> None:
    people.add("director@kern.example", "Dana", DIRECTOR)
    people.deactivate("director@kern.example")
    assert people.with_role("director") == []
    people.reactivate("director@kern.example")
    assert [p.name for p in people.with_role("director")] == ["Dana"]


def test_roles_given_at_the_same_moment_are_all_kept(people: People, store: Store, clock: Clock) -> None:
    people.add("many@dcss.example", "Many")
    counties = iter([f"County {number}" for number in range(8)])
    at_once(8, lambda: people.grant("many@dcss.example", Grant("director", {"lcsa": next(counties)})))
    assert len(People(store, clock, SECRET_KEY).require("many@dcss.example").grants) == 8


def test_the_last_portal_administrator_stays(people: People) -> None:
    people.add("one@dcss.example", "One", ADMINISTRATOR)
    with pytest.raises(LastAdministrator):
        people.deactivate("one@dcss.example")
    with pytest.raises(LastAdministrator):
        people.withdraw("one@dcss.example", ADMINISTRATOR)
    people.add("two@dcss.example", "Two", ADMINISTRATOR)
    people.withdraw("one@dcss.example", ADMINISTRATOR)
    assert [p.name for p in people.with_role("portal-administrator")] == ["Two"]


def test_two_administrators_who_remove_each_other_at_the_same_moment_do_not_both_go(people: People) -> None:
    people.add("one@dcss.example", "One", ADMINISTRATOR)
    people.add("two@dcss.example", "Two", ADMINISTRATOR)
    addresses = iter(["one@dcss.example", "two@dcss.example"])
    at_once(2, lambda: people.deactivate(next(addresses)))
    assert people.with_role("portal-administrator")


def test_people_are_found_by_every_word_in_name_address_role_and_county(people: People) -> None:
    people.add("director@kern.example", "Dana", DIRECTOR)
    people.add("requestor@kern.example", "Rea", KERN)
    people.add("requestor@alameda.example", "Ray", ALAMEDA)
    assert [p.name for p in people.search("kern").rows] == ["Dana", "Rea"]
    assert [p.name for p in people.search("REQUESTOR alameda").rows] == ["Ray"]
    page = people.search("", offset=2, limit=2)
    assert ([p.name for p in page.rows], page.total) == (["Rea"], 3)


def test_nothing_is_given_to_nobody(people: People) -> None:
    with pytest.raises(NoSuchPerson):
        people.grant("nobody@dcss.example", DIRECTOR)


@pytest.mark.requirement("ASVS 6.3.2", "NIST IA-5")
def test_an_account_made_in_the_demo_cannot_sign_in_once_it_is_off(store: Store, clock: Clock) -> None:
    demo = People(store, clock, SECRET_KEY, demo=True)
    demo.add("legal@demo.example", "Lou", Grant("legal"), password="third-party-access")
    token = demo.invite("guest@demo.example", "Guest", DIRECTOR)
    demo.accept(token, "Guest", GOOD)
    assert demo.signing_in.check_password("legal@demo.example", "third-party-access").name == "Lou"
    people = People(store, clock, SECRET_KEY)
    for email, password in [("legal@demo.example", "third-party-access"), ("guest@demo.example", GOOD)]:
        with pytest.raises(SignInRefused):
            people.signing_in.check_password(email, password)


@pytest.mark.process("1.5")
def test_people_who_are_read_once_hold_the_same_roles(people: People) -> None:
    people.add("director@kern.example", "Dana", DIRECTOR)
    people.add("manager@dcss.example", "Max", Grant("process-manager"))
    people.add("requestor@kern.example", "Rea", KERN)
    people.add("requestor@alameda.example", "Ray", ALAMEDA)
    people.add("everywhere@dcss.example", "Eve", Grant("requestor"))
    people.deactivate(people.add("gone@kern.example", "Gone", KERN).email)
    once = PeopleReadOnce(people)
    people.add("later@kern.example", "Later", DIRECTOR)
    assert [p.name for p in once.with_role("director", lcsa="Kern")] == ["Dana"]
    for role in ("requestor", "process-manager", "iso"):
        for scope in ({}, {"lcsa": "Kern"}, KERN.scope, {"lcsa": "Inyo", "organization": "Inyo DA"}):
            assert once.with_role(role, **scope) == people.with_role(role, **scope), (role, scope)
    assert once.get("Requestor@kern.example") == people.get("requestor@kern.example")
    assert once.get("later@kern.example") is None
