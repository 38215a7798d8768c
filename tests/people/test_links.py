"""Links that make an account or a password [6.3.3]."""

from pathlib import Path

import pytest

from portal.people import People, Person
from portal.people.errors import LinkExpired, LinkReplaced, LinkUnknown, LinkUsed, NotTheInvitee, PasswordRefused
from portal.process.step import Grant
from tests.people.premises import ALAMEDA, GOOD, KERN, Clock, at_once

pytestmark = pytest.mark.process("6.3.3")

REA = "rea@kern.example"


def test_a_link_makes_an_account_with_its_role(people: People, clock: Clock) -> None:
    token = people.invite(REA, "Rea Kern", KERN, made_by="max@dcss.example", about="TPA-2026-0007")
    invitation = people.look_up(token)
    assert (invitation.email, invitation.grant, invitation.about) == (REA, KERN, "TPA-2026-0007")
    person = people.accept(token, "Rea O’Kern", GOOD)
    assert (person.name, person.grants, person.created_at) == ("Rea O’Kern", (KERN,), clock())
    assert people.signing_in.check_password(REA, GOOD).email == REA


@pytest.mark.requirement("ASVS 6.4.1", "NIST IA-5(1)")
def test_a_link_works_once(people: People) -> None:
    token = people.invite(REA, "Rea", KERN)
    people.accept(token, "Rea", GOOD)
    with pytest.raises(LinkUsed):
        people.look_up(token)
    with pytest.raises(LinkUsed):
        people.accept(token, "Mallory", "another good password")
    assert people.require(REA).name == "Rea"


def test_of_many_who_use_a_link_at_the_same_moment_one_succeeds(people: People) -> None:
    token = people.invite(REA, "Rea", KERN)
    got = at_once(4, lambda: people.accept(token, "Rea", GOOD))
    assert sum(isinstance(one, Person) for one in got) == 1
    assert sum(isinstance(one, LinkUsed | NotTheInvitee) for one in got) == 3


def test_of_many_who_use_a_link_for_a_password_at_the_same_moment_one_succeeds(people: People) -> None:
    people.add(REA, "Rea", KERN, password=GOOD)
    token = people.password_link(REA, made_by="ada@dcss.example")
    got = at_once(4, lambda: people.accept(token, password="another good password"))
    assert sum(isinstance(one, Person) for one in got) == 1
    assert sum(isinstance(one, LinkUsed) for one in got) == 3


@pytest.mark.requirement("ASVS 6.4.1", "NIST IA-5(1)")
def test_a_link_works_for_sixty_days(people: People, clock: Clock) -> None:
    token = people.invite(REA, "Rea", KERN)
    clock.move(days=60, seconds=-1)
    assert people.look_up(token).email == REA
    clock.move(seconds=1)
    with pytest.raises(LinkExpired):
        people.accept(token, "Rea", GOOD)


def test_a_used_link_says_so_even_after_its_days(people: People, clock: Clock) -> None:
    token = people.invite(REA, "Rea", KERN)
    people.accept(token, "Rea", GOOD)
    clock.move(days=90)
    with pytest.raises(LinkUsed):
        people.look_up(token)


def test_a_newer_link_ends_the_older_one_of_the_same_key(people: People) -> None:
    older = people.invite(REA, "Rea", KERN, key="TPA-2026-0007/invitation")
    newer = people.invite("other@kern.example", "Other", KERN, key="TPA-2026-0007/invitation")
    another = people.invite(REA, "Rea", KERN, key="TPA-2026-0008/invitation")
    with pytest.raises(LinkReplaced):
        people.look_up(older)
    assert people.look_up(newer).email == "other@kern.example"
    assert people.look_up(another).email == REA


def test_a_link_made_once_stays_the_same_when_its_maker_was_cut_off(people: People, clock: Clock) -> None:
    token = people.invite(REA, "Rea", KERN, key="TPA-2026-0007", once="TPA-2026-0007/3")
    clock.move(days=1)
    assert people.invite(REA, "Rea", KERN, key="TPA-2026-0007", once="TPA-2026-0007/3") == token
    clock.move(days=59)
    with pytest.raises(LinkExpired):
        people.look_up(token)
    newer = people.invite(REA, "Rea", KERN, key="TPA-2026-0007", once="TPA-2026-0007/4")
    people.invite(REA, "Rea", KERN, key="TPA-2026-0007", once="TPA-2026-0007/3")
    assert people.look_up(newer).email == REA


def test_a_withdrawn_invitation_can_be_made_anew(people: People) -> None:
    people.invitations.withdraw(people.look_up(people.invite(REA, "Rea", KERN)))
    assert people.look_up(people.invite(REA, "Rea", KERN)).grant == KERN


def test_a_token_that_was_never_made_is_unknown(people: People) -> None:
    with pytest.raises(LinkUnknown):
        people.look_up("not-a-token")


@pytest.mark.requirement("ASVS 6.4.1", "NIST IA-5(1)")
def test_only_a_digest_of_the_token_is_kept(people: People, tmp_path: Path) -> None:
    token = people.invite(REA, "Rea", KERN)
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert REA.encode() in kept
    assert token.encode() not in kept


def test_whoever_has_an_account_accepts_signed_in_and_keeps_their_password(people: People) -> None:
    people.add(REA, "Rea", KERN, password=GOOD)
    token = people.invite(REA, "Rea", ALAMEDA)
    for somebody in (None, "mallory@kern.example"):
        with pytest.raises(NotTheInvitee):
            people.accept(token, "Mallory", "another good password", signed_in_as=somebody)
    person = people.accept(token, signed_in_as=REA)
    assert person.grants == (KERN, ALAMEDA)
    assert people.signing_in.check_password(REA, GOOD)


def test_a_password_that_is_refused_leaves_the_link_as_it_was(people: People) -> None:
    token = people.invite(REA, "Rea", KERN)
    with pytest.raises(PasswordRefused):
        people.accept(token, "Rea", "short")
    assert people.get(REA) is None
    assert people.accept(token, "Rea", GOOD)


def test_a_closed_account_gets_in_through_no_link(people: People) -> None:
    people.add(REA, "Rea", KERN, password=GOOD)
    token = people.password_link(REA, made_by="ada@dcss.example")
    people.deactivate(REA)
    people.reactivate(REA)
    with pytest.raises(LinkReplaced):
        people.accept(token, password="another good password")


def test_links_that_somebody_made_end_with_their_role(people: People) -> None:
    people.add(REA, "Rea", KERN)
    token = people.invite("friend@kern.example", "Friend", KERN, made_by=REA)
    people.withdraw(REA, KERN)
    with pytest.raises(LinkReplaced):
        people.accept(token, "Friend", GOOD)


def test_a_link_for_a_password_changes_the_password_and_nothing_else(people: People) -> None:
    people.add(REA, "Rea", KERN, Grant("iso"), password=GOOD)
    person = people.accept(people.password_link(REA, made_by="ada@dcss.example"), password="another good password")
    assert (person.name, person.grants) == ("Rea", (KERN, Grant("iso")))
    assert people.signing_in.check_password(REA, "another good password")
