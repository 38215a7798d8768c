"""Which passwords are taken [O8.2; NIST SP 800-63B, 3.1.1.2; OWASP ASVS 5.0, 6.2.1 to 6.2.12]."""

import time
import unicodedata
from contextlib import suppress

import pytest

from portal.people import People
from portal.people.errors import PasswordRefused
from portal.people.passwords import NOBODYS_HASH, hash_password, is_dated, matches, require_good
from portal.process.step import Grant
from tests.people.premises import GOOD, KERN, Clock

pytestmark = pytest.mark.process("O8.2")

REA = "rea.ortega@kern.example"
HERS = (REA, "Rea Ortega", ("Kern", "Kern IV-A"))


@pytest.mark.requirement("ASVS 6.2.5", "NIST IA-5(1)")
@pytest.mark.parametrize(
    "password",
    [
        "otters juggle",
        "Kx9!vQ2#",
        "xK4!pq9Z",
        "сова летит ночью",
        "日本語のパスワード",
        "rea likes green otters",
        "third-party-access with otter and lamp",
        "plum-tractor-seven",
        "🦦 🪔 🚜 🌉 🎻 🧵 🪁 🐝",
        "kettle drum and heron " * 3,
        "y" + "kettle drum and heron " * 11,
    ],
)
def test_a_password_that_is_hard_to_guess_is_taken_whatever_it_is_made_of(password: str) -> None:
    require_good(password, *HERS)
    assert matches(hash_password(password), password)


@pytest.mark.requirement("ASVS 6.2.4", "NIST IA-5(1)")
@pytest.mark.parametrize(
    "password",
    [
        *(
            "aaaaaaaaaaaaaaaa",
            "123456789012",
            "abcdefghijkl",
            "qwertyuiopas",
            "12345678",
            "qwerty123456",
            "1qaz2wsx3edc",
        ),
        *("Password12345!", "P@ssw0rd2026", "passwordpassword", "iloveyou1", "sunshine99", "baseball", "letmein123"),
        *("Summer2026!", "Monday2026", "Welcome1!", "trustno1trustno1", "correcthorsebatterystaple"),
    ],
)
def test_common_passwords_and_rows_of_keys_are_refused(password: str) -> None:
    with pytest.raises(PasswordRefused):
        require_good(password, *HERS)


@pytest.mark.requirement("ASVS 6.2.11", "NIST IA-5(1)")
@pytest.mark.parametrize(
    "password",
    [
        *(
            "third-party-access",
            "Third Party Access 2026",
            "Th1rd-P4rty-Acc3ss!",
            "DCSS2026!",
            "dcssDCSS12345",
            "CSEaccess1",
        ),
        *(
            "ChildSupport2026",
            "childsupportservices",
            "Child$upport!",
            "CaliforniaCounty1",
            "Sacramento1",
            "IV-A Kern 2026",
        ),
        *("kerncounty2026", "LosAngelesLosAngeles", "San Luis Obispo 1", "Alameda2026!", "PortalAdministrator"),
    ],
)
def test_the_portals_own_words_and_the_counties_are_refused(password: str) -> None:
    with pytest.raises(PasswordRefused):
        require_good(password, *HERS)


@pytest.mark.requirement("ASVS 6.2.11", "NIST IA-5(1)")
@pytest.mark.parametrize("password", ["rea.ortega@kern.example", "Ortega-Rea-1", "reaortega2026", "0rtega!!0rtega"])
def test_a_persons_own_name_and_address_are_refused_and_that_is_said(password: str) -> None:
    with pytest.raises(PasswordRefused, match="your name or your email address"):
        require_good(password, *HERS)


def test_the_name_of_ones_own_organization_is_refused() -> None:
    with pytest.raises(PasswordRefused, match="anybody would try"):
        require_good("Ministry-of-Otters-7", REA, "Rea Ortega", ("Ministry of Otters",))
    require_good("Ministry-of-Otters-7", REA, "Rea Ortega", ())


@pytest.mark.requirement("ASVS 6.2.1", "ASVS 6.2.9", "NIST IA-5(1)")
@pytest.mark.parametrize(("length", "taken"), [(7, False), (8, True), (64, True), (256, True), (257, False)])
def test_eight_characters_are_the_floor_and_256_the_most(length: int, taken: bool) -> None:
    password = ("vK7#qz Mörk-otter-Ümlaut+9xw^" * 10)[:length]
    if taken:
        require_good(password, *HERS)
        assert matches(hash_password(password), password)
        assert not matches(hash_password(password), password[:-1])  # nothing is cut off
    else:
        with pytest.raises(PasswordRefused, match=r"8 characters|256 characters"):
            require_good(password, *HERS)


def test_letters_are_counted_and_not_bytes_and_the_same_letters_are_the_same_password() -> None:
    with pytest.raises(PasswordRefused):
        require_good("żółćżół", *HERS)
    composed = unicodedata.normalize("NFC", "Ünïcødé ötter lämp")
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    assert matches(hash_password(composed), decomposed)


def test_no_password_keeps_the_portal_busy() -> None:
    """Signs that look like letters make zxcvbn try every reading of them: 5 seconds for 72, a quarter of one for 24."""
    require_good("warmed up with otters", *HERS)
    slow = "4@8({[</369&#!1/|0$5+7%2"
    for password in (slow, slow * 4, "a@4s$5e3i1!l|o0t+7g69b8c({[<x%z2" * 8, "q" * 256, "1qaz2wsx" * 32):
        begun = time.process_time()
        with suppress(PasswordRefused):
            require_good(password, *HERS)
        assert time.process_time() - begun < 0.1, password


def test_every_way_to_a_password_asks_the_same_of_it(people: People, clock: Clock) -> None:
    people.add(REA, "Rea Ortega", Grant("requestor", {"lcsa": "Kern", "organization": "Otter Rescue"}), password=GOOD)
    refused = "Otter-Rescue-2026"
    with pytest.raises(PasswordRefused):
        people.signing_in.change_password(REA, GOOD, refused)
    with pytest.raises(PasswordRefused):
        people.accept(people.password_link(REA, made_by="ada@dcss.example"), password=refused)
    token = people.invite(
        "nora@kern.example", "Nora", Grant("requestor", {"lcsa": "Kern", "organization": "Otter Rescue"})
    )
    with pytest.raises(PasswordRefused):
        people.accept(token, "Nora", refused)
    assert people.signing_in.check_password(REA, GOOD).grants != (KERN,)


@pytest.mark.requirement("ASVS 6.2.10")
def test_a_password_does_not_have_to_be_changed_after_a_time(people: People, clock: Clock) -> None:
    people.add(REA, "Rea Ortega", KERN, password=GOOD)
    clock.move(days=3000)
    assert people.signing_in.check_password(REA, GOOD)


def test_what_is_checked_of_nobody_takes_as_long_as_a_hash_of_today_and_lets_nobody_in() -> None:
    assert not is_dated(NOBODYS_HASH)
    assert not matches("", "nobody has this password")
