"""Passwords, the second factor, and wrong tries [O8.2]."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from portal.people import People
from portal.people.errors import SignInRefused, TooManyTries
from portal.people.person import to_record
from portal.store import open_store
from portal.store.port import Store
from tests.people.premises import GOOD, KERN, SECRET_KEY, Clock, at_once, code_for

pytestmark = pytest.mark.process("O8.2")

REA = "rea.ortega@kern.example"


@pytest.fixture
def rea(people: People) -> str:
    people.add(REA, "Rea Ortega", KERN, password=GOOD)
    return REA


def enrolled(people: People, clock: Clock) -> tuple[str, tuple[str, ...]]:
    """The secret in Rea's app, and her recovery codes; a minute later, so that the first code is over."""
    secret = people.signing_in.secret_to_enrol(people.require(REA))
    _, codes = people.signing_in.enrol(REA, code_for(secret, clock))
    clock.move(minutes=1)
    return secret, codes


@pytest.mark.requirement("ASVS 11.4.2", "NIST IA-5(1)")
def test_passwords_are_kept_as_argon2id_with_19_mebibytes(rea: str, people: People) -> None:
    assert people.require(rea).password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_hash_of_other_parameters_is_renewed_when_somebody_signs_in(rea: str, people: People, store: Store) -> None:
    older = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD)
    record = {**to_record(people.require(rea)), "password_hash": older}
    store.put_record("people", rea, record)
    people.signing_in.check_password(rea, GOOD)
    assert "m=19456,t=2,p=1" in people.require(rea).password_hash
    assert people.signing_in.check_password(rea, GOOD)


@pytest.mark.requirement("ASVS 6.3.8", "NIST SI-11")
def test_a_refusal_is_the_same_whether_the_address_has_an_account_or_not(rea: str, people: People) -> None:
    def refusals(email: str) -> list[str]:
        said = []
        for _ in range(12):
            try:
                people.signing_in.check_password(email, "wrong password")
            except (SignInRefused, TooManyTries) as refused:
                said.append(f"{type(refused).__name__}: {refused}")
        return said

    assert refusals(rea) == refusals("nobody@kern.example")


@pytest.mark.requirement("ASVS 6.3.1", "NIST AC-7")
def test_after_ten_wrong_tries_the_account_waits_fifteen_minutes(rea: str, people: People, clock: Clock) -> None:
    for _ in range(10):
        with pytest.raises(SignInRefused):
            people.signing_in.check_password(rea, "wrong password")
    clock.move(minutes=14, seconds=59)
    with pytest.raises(TooManyTries):
        people.signing_in.check_password(rea, GOOD)
    clock.move(seconds=1)
    assert people.signing_in.check_password(rea, GOOD)


@pytest.mark.requirement("ASVS 6.3.1", "NIST AC-7")
def test_how_many_tries_and_how_long_the_wait_are_settings(store: Store, clock: Clock) -> None:
    strict = People(store, clock, SECRET_KEY, tries=3, wait=timedelta(minutes=60))
    strict.add(REA, "Rea", KERN, password=GOOD)
    for _ in range(3):
        with pytest.raises(SignInRefused):
            strict.signing_in.check_password(REA, "wrong password")
    clock.move(minutes=59)
    with pytest.raises(TooManyTries):
        strict.signing_in.check_password(REA, GOOD)
    clock.move(minutes=1)
    assert strict.signing_in.check_password(REA, GOOD)


@pytest.mark.requirement("ASVS 6.3.1", "NIST AC-7")
def test_tries_at_the_same_moment_are_counted_each(rea: str, people: People) -> None:
    got = at_once(20, lambda: people.signing_in.check_password(rea, "wrong password"))
    assert sum(isinstance(one, SignInRefused) for one in got) == 10
    assert sum(isinstance(one, TooManyTries) for one in got) == 10


def test_wrong_tries_long_ago_do_not_count(rea: str, people: People, clock: Clock) -> None:
    for _ in range(30):
        with pytest.raises(SignInRefused):
            people.signing_in.check_password(rea, "wrong password")
        clock.move(minutes=2)
    assert people.signing_in.check_password(rea, GOOD)


def test_the_tried_addresses_are_not_kept_and_forgotten_in_time(people: People, store: Store, clock: Clock) -> None:
    with pytest.raises(SignInRefused):
        people.signing_in.check_password("my secret password", "typed in the wrong field")
    assert all("secret" not in key for key, _ in store.records("sign-in-tries"))
    assert people.forget_old() == 0
    clock.move(minutes=16)
    assert people.forget_old() == 1
    assert list(store.records("sign-in-tries")) == []


@pytest.mark.requirement("ASVS 6.5.1", "NIST IA-2(8)")
def test_a_code_works_once(rea: str, people: People, clock: Clock) -> None:
    secret, _ = enrolled(people, clock)
    code = code_for(secret, clock)
    assert people.signing_in.check_code(rea, code)
    with pytest.raises(SignInRefused):
        people.signing_in.check_code(rea, code)


def test_the_code_that_set_up_the_second_factor_is_used(rea: str, people: People, clock: Clock) -> None:
    secret = people.signing_in.secret_to_enrol(people.require(rea))
    code = code_for(secret, clock)
    people.signing_in.enrol(rea, code)
    with pytest.raises(SignInRefused):
        people.signing_in.check_code(rea, code)


def test_of_many_who_show_a_code_at_the_same_moment_one_is_let_in(rea: str, people: People, clock: Clock) -> None:
    secret, _ = enrolled(people, clock)
    code = code_for(secret, clock)
    got = at_once(4, lambda: people.signing_in.check_code(rea, code))
    assert sum(isinstance(one, SignInRefused) for one in got) == 3


@pytest.mark.requirement("ASVS 6.5.1", "NIST IA-2(8)")
@pytest.mark.parametrize("kind", ["tinydb", "postgresql"])
def test_a_code_and_a_recovery_code_work_once_whichever_process_is_asked(
    kind: str, clock: Clock, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = "tinydb:" if kind == "tinydb" else request.getfixturevalue("postgres_server").new_database()
    stores = [open_store(url, tmp_path / "shared") for _ in range(4)]  # as four web servers open it, each for itself
    servers = [People(store, clock, SECRET_KEY) for store in stores]
    servers[0].add(REA, "Rea", KERN, password=GOOD)
    secret, codes = enrolled(servers[0], clock)
    for code in (code_for(secret, clock), codes[0]):
        turns = iter(servers)
        got = at_once(4, lambda code=code, turns=turns: next(turns).signing_in.check_code(REA, code))  # type: ignore[misc]
        assert sum(isinstance(one, SignInRefused) for one in got) == 3, got
    for store in stores:
        store.close()


def test_a_code_half_a_minute_late_is_taken_and_an_older_one_is_not(rea: str, people: People, clock: Clock) -> None:
    secret, _ = enrolled(people, clock)
    code = code_for(secret, clock)
    clock.move(seconds=60)
    with pytest.raises(SignInRefused):
        people.signing_in.check_code(rea, code)
    clock.move(seconds=-30)
    assert people.signing_in.check_code(rea, code)


@pytest.mark.requirement("ASVS 6.5.1", "NIST IA-2(8)")
def test_a_recovery_code_works_once_however_it_is_typed(rea: str, people: People, clock: Clock) -> None:
    _, codes = enrolled(people, clock)
    assert len(set(codes)) == 10
    assert len(people.signing_in.check_code(rea, codes[3].replace("-", " ").upper()).recovery_codes) == 9
    with pytest.raises(SignInRefused):
        people.signing_in.check_code(rea, codes[3])


@pytest.mark.requirement("NIST IA-5(1)")
def test_recovery_codes_are_kept_hashed_and_belong_to_one_person(rea: str, people: People, clock: Clock) -> None:
    _, codes = enrolled(people, clock)
    kept = people.require(rea).recovery_codes
    assert not set(kept) & {code.replace("-", "") for code in codes} | set(kept) & set(codes)
    people.add("ray@kern.example", "Ray", KERN, password=GOOD)
    people.change("ray@kern.example", lambda ray: replace(ray, recovery_codes=kept))
    with pytest.raises(SignInRefused):
        people.signing_in.check_code("ray@kern.example", codes[0])


@pytest.mark.requirement("ASVS 6.3.1", "NIST AC-7")
def test_wrong_codes_count_as_wrong_tries_even_with_the_right_password(rea: str, people: People, clock: Clock) -> None:
    enrolled(people, clock)
    for _ in range(10):
        people.signing_in.check_password(rea, GOOD)
        with pytest.raises(SignInRefused):
            people.signing_in.check_code(rea, "not a code")
        clock.move(seconds=10)
    with pytest.raises(TooManyTries):
        people.signing_in.check_password(rea, GOOD)


def test_another_second_factor_has_another_secret(rea: str, people: People, clock: Clock) -> None:
    first, _ = enrolled(people, clock)
    assert people.signing_in.secret_to_enrol(people.require(rea)) != first


def test_the_secret_to_enrol_is_the_same_until_it_is_used(rea: str, people: People, store: Store, clock: Clock) -> None:
    shown = people.signing_in.secret_to_enrol(people.require(rea))
    assert People(store, clock, SECRET_KEY).signing_in.secret_to_enrol(people.require(rea)) == shown
    assert People(store, clock, "another secret key").signing_in.secret_to_enrol(people.require(rea)) != shown


@pytest.mark.requirement("ASVS 6.3.3", "NIST IA-2(1)", "NIST IA-2(2)")
def test_outside_the_demo_everybody_needs_a_second_factor(rea: str, people: People, store: Store, clock: Clock) -> None:
    person = people.require(rea)
    assert people.signing_in.needs_second_factor(person)
    assert not People(store, clock, SECRET_KEY, demo=True).signing_in.needs_second_factor(person)
    enrolled(people, clock)
    assert not people.signing_in.needs_second_factor(people.require(rea))
