"""`flask people add`."""

from pathlib import Path

import pytest
from flask import Flask

from portal.process.step import Grant
from tests.people.premises import GOOD, KERN, Clock, open_portal, parts


@pytest.fixture
def app(tmp_path: Path, clock: Clock) -> Flask:
    return open_portal(tmp_path, clock, base_url="https://portal.example")


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["people", "add", *words])
    return result.exit_code, result.output


def test_the_first_administrator_makes_a_password_with_the_link_that_is_printed(app: Flask) -> None:
    code, said = run(app, "Ada@dcss.example", "--role", "portal-administrator", "--name", "Ada")
    assert code == 0
    base, token = said.strip().rsplit("/", 1)
    assert base == "https://portal.example/invitation"
    person = parts(app).people.accept(token, password=GOOD)
    assert (person.email, person.name, person.grants) == ("ada@dcss.example", "Ada", (Grant("portal-administrator"),))
    assert parts(app).log.of_person("")[0]["did"] == "add a person"


@pytest.mark.process("1.5")
def test_a_role_is_given_with_its_scope(app: Flask) -> None:
    words = ("rea@kern.example", "--role", "requestor", "--name", "Rea", "--lcsa", "Kern")
    assert run(app, *words, "--organization", "Kern IV-A")[0] == 0
    assert parts(app).people.require("rea@kern.example").grants == (KERN,)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("rea@kern.example", "--role", "emperor"), "--role"),
        (("rea@kern.example", "--role", "director"), "--lcsa"),
        (("rea@kern.example", "--role", "director", "--lcsa", "Kernn"), "--lcsa"),
        (("rea@kern.example", "--role", "requestor", "--lcsa", "Kern"), "--organization"),
        (("rea@kern.example", "--role", "legal", "--lcsa", "Kern"), "--lcsa"),
        (("rea", "--role", "legal"), "EMAIL"),
    ],
)
def test_what_does_not_fit_is_refused_by_name_and_nobody_is_added(
    app: Flask, words: tuple[str, ...], named: str
) -> None:
    code, said = run(app, *words, "--name", "Rea")
    assert code == 2
    assert named in said
    assert parts(app).people.everyone() == []


def test_whoever_has_an_account_gains_the_role_and_keeps_their_password_until_the_link_is_used(app: Flask) -> None:
    people = parts(app).people
    people.add("rea@kern.example", "Rea", KERN, password=GOOD)
    assert run(app, "rea@kern.example", "--role", "legal", "--name", "Rea")[0] == 0
    assert people.require("rea@kern.example").grants == (KERN, Grant("legal"))
    assert people.signing_in.check_password("rea@kern.example", GOOD)
