"""The policy's table names everything that there is, and nothing that is not there; what it does not name is denied."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from portal.letters import MissingFields
from portal.notices import queueing
from portal.process.errors import NotYourTurn
from portal.process.policy import may_open, readable, rows_opening, told_as
from portal.process.policy_table import (
    ANYBODY,
    APPLICATION,
    GIVEN,
    ITSELF,
    LETTERS,
    LETTERS_SENT,
    NOTE,
    SIGNED_IN,
    Act,
    Policy,
    Row,
)
from portal.process.step import Process, Tell
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.conftest import House
from tests.letters.reading import write_template
from tests.process.case import STEPS, after, held_by_an_agreement_before, person, renewal_after, where_open
from tests.sections import LIST, known_sections

pytestmark = pytest.mark.process("O8.2")

POLICY = THIRD_PARTY_ACCESS.policy
ROLES = {role.key for role in THIRD_PARTY_ACCESS.roles}
KNOWN_TO_ALL = {"claims", "holdings", "notices"}
"""Parts of a document that are for the store and the mail: no row names them, so that they are nobody's."""


def without(process: Process, *rows: Row) -> Process:
    """The process with a table that lacks these rows."""
    assert set(rows) <= set(process.policy.rows)
    left = tuple(row for row in process.policy.rows if row not in rows)
    return replace(process, policy=Policy(left, process.policy.separations))


# The table names everything.


@pytest.mark.requirement("ASVS 8.2.1", "NIST AC-3")
def test_every_endpoint_has_a_row_and_every_rows_endpoint_is_there(house: House) -> None:
    named = [name for row in POLICY.rows if row.act is Act.OPEN for name in row.names]
    assert {rule.endpoint for rule in house.app.url_map.iter_rules()} == set(named)


def test_every_step_is_given_to_a_role_that_sees_the_application() -> None:
    for step in THIRD_PARTY_ACCESS.steps:
        assert step.role in POLICY.seeing, step.key


def recorded_by_itself() -> dict[str, set[str]]:
    """What each step records beside its fields, wherever it is taken: the first time, again, in a renewal, held up or not."""
    found: dict[str, set[str]] = {key: {NOTE} for key in STEPS}
    taken = [where_open(key).take(key).document["history"][-1] for key in STEPS]
    renewals = [
        renewal_after("confirm-access"),
        where_open("hold-renewal"),
        held_by_an_agreement_before().take("record-standing"),
        where_open("answer-survey").take("survey", name="Spring 2027"),
    ]
    for entry in [*taken, *(entry for case in renewals for entry in case.document["history"])]:
        fields = {field.name for field in THIRD_PARTY_ACCESS.step(entry["step"]).fields}
        found[entry["step"]] |= entry["answers"].keys() - fields
        found[entry["step"]] |= {LETTERS_SENT} if "letters" in entry else set()
    return found


def test_every_answer_of_every_step_is_named_and_no_other() -> None:
    besides = recorded_by_itself()
    for step in THIRD_PARTY_ACCESS.steps:
        there = {field.name for field in step.fields} | besides[step.key]
        assert POLICY.names_in(step.key) == there, step.key


def test_every_part_of_a_document_is_named_or_is_for_the_store_alone() -> None:
    document = after("confirm-access").document
    sections = {step.key.replace("-", "_") for step in THIRD_PARTY_ACCESS.steps}
    named = {name for name in POLICY.names_in(APPLICATION) if not name.startswith("criterion/")}
    assert document.keys() - sections - named == KNOWN_TO_ALL
    assert named - document.keys() == {"revision", "upgrades"}  # the store's count, and what an upgrade adds
    criteria = {f"criterion/{criterion.number}" for criterion in THIRD_PARTY_ACCESS.criteria}
    assert POLICY.names_in(APPLICATION) - named == criteria


def test_everybody_whom_a_step_or_a_letter_names_may_be_told_and_nobody_else() -> None:
    for step in THIRD_PARTY_ACCESS.steps:
        told = {who for tell in step.tells for who in tell.to}
        addressed = {who for letter in step.letters for who in (*letter.to, *letter.cc)}
        late = set(step.if_late.to) if step.if_late else set()
        named = {who for row in POLICY.of(Act.BE_TOLD, step.key) for who in row.names}
        assert named == told | addressed | late, step.key


def test_rows_name_roles_steps_and_sections_that_there_are_and_say_their_purpose() -> None:
    sections = set(known_sections(LIST.read_text(encoding="utf-8")))
    special = {Act.OPEN: {ANYBODY, SIGNED_IN}, Act.TAKE: {ITSELF}, Act.READ: {ANYBODY, LETTERS}}
    for row in POLICY.rows:
        assert set(row.roles) <= ROLES | special.get(row.act, set()), row
        assert row.roles, row
        assert row.act is Act.OPEN or row.part in (GIVEN, APPLICATION, *STEPS), row
        assert row.section == "" or row.section in sections, row
        assert re.fullmatch(r"[A-Z].{6,}\.", row.purpose), row
    for separation in POLICY.separations:
        assert {separation.step, *separation.not_after} <= set(STEPS)
        assert set(separation.not_by) <= ROLES


def test_a_role_that_sees_no_application_has_no_row_about_one() -> None:
    blind = ROLES - POLICY.seeing
    assert blind == {"portal-administrator"}
    assert not [row for row in POLICY.rows if row.act not in (Act.OPEN, Act.GIVE) and blind & set(row.roles)]


def test_the_table_says_the_same_thing_once() -> None:
    said = [(row.act, row.part, role, name, row.provided, row.when) for row in POLICY.rows for role in row.roles for name in row.names or ("",)]  # fmt: skip
    assert sorted({one[:4] for one in said if said.count(one) > 1}) == []


# What it does not name is denied.


@pytest.mark.requirement("ASVS 8.2.1", "NIST AC-3")
def test_a_page_without_a_row_opens_to_nobody(house: House) -> None:
    house.app.add_url_rule("/forgotten", "forgotten", lambda: "inside")
    for who in ("", *sorted(ROLES)):
        page = house.client(who).page("/forgotten", 403)
        assert "inside" not in page.text
    assert not may_open(rows_opening(house.portal.processes, "forgotten"), person("process-owner"))


@pytest.mark.requirement("ASVS 8.2.1", "NIST AC-3")
@pytest.mark.parametrize("key", STEPS)
def test_a_step_without_its_row_is_nobodys(key: str) -> None:
    bare = without(THIRD_PARTY_ACCESS, *POLICY.taking(key))
    assert bare.step(key).role == ""
    case = where_open(key)
    for role in sorted(POLICY.seeing):
        case.process = bare
        with pytest.raises(NotYourTurn):
            case.take(key, case.who(role))


@pytest.mark.requirement("ASVS 8.2.3", "NIST AC-3", "NIST AC-6")
@pytest.mark.parametrize("key", STEPS)
def test_an_answer_without_a_row_is_read_by_nobody(key: str) -> None:
    bare = without(THIRD_PARTY_ACCESS, *POLICY.of(Act.READ, key))
    case = where_open(key).take(key, note="A note.")
    for role in sorted(POLICY.seeing):
        shown = readable(bare, case.document, case.who(role))
        entry = shown["history"][-1]
        assert (entry["answers"], entry["note"], "letters" in entry) == ({}, "", False)
        assert shown[key.replace("-", "_")] == {}
    assert not bare.policy.shown((LETTERS,), key, case.document, {})


def test_a_document_without_a_row_for_its_parts_shows_nothing_but_that_it_is_there() -> None:
    bare = without(THIRD_PARTY_ACCESS, *POLICY.of(Act.READ, APPLICATION))
    shown = readable(bare, after("identify-requestor").document, person("process-owner"))
    assert shown.keys() == {"history", "identify_requestor"}
    assert shown["history"] == []


def test_nobody_is_mailed_whom_no_row_lets_be_told(make_house: Callable[..., House]) -> None:
    bare = without(THIRD_PARTY_ACCESS, *POLICY.of(Act.BE_TOLD, "send-decision"))
    house = make_house(processes=(bare,))
    document = house.application_before("send-decision")
    queueing.queue_owed(house.portal)
    before = set(dict(house.portal.store.records("mail")))
    entry = house.take(document["id"], "send-decision")["history"][-1]
    assert {(tuple(letter["to"]), tuple(letter["cc"])) for letter in entry["letters"]} == {((), ())}
    queueing.queue_owed(house.portal)
    new = [mail for key, mail in house.portal.store.records("mail") if key not in before]
    assert {mail["to"] for mail in new} == {"requestor.kern@demo.example"}  # whose turn it is to sign
    assert all("accepts" not in mail["text"] for mail in new)


def test_whoevers_turn_it_is_may_be_told_so_and_no_other_role() -> None:
    told = {role for role in ROLES if told_as(THIRD_PARTY_ACCESS, "route-application", f"role:{role}", "legal-opinion")}
    assert told == {"legal"}
    assert told_as(THIRD_PARTY_ACCESS, "route-application", "role:legal") == ()


# What is published is the table.


@pytest.mark.requirement("ASVS 8.1.1", "ASVS 8.1.2")
def test_the_policy_page_is_the_table(house: House) -> None:
    page = house.client("").page("/policy")
    text = page.words("//main")
    assert page.tree is not None
    lines = page.tree.xpath("//h2[@id='by-part']/following::tbody/tr")
    in_order = [row for row in POLICY.rows if row.act is Act.OPEN]
    for part in (GIVEN, APPLICATION, *STEPS):
        in_order += [row for row in POLICY.rows if row.act is not Act.OPEN and row.part == part]
    assert sorted(map(id, in_order)) == sorted(map(id, POLICY.rows))
    for row, line in zip(in_order, lines, strict=True):
        who, _, what, only_if, purpose = (" ".join(cell.text_content().split()) for cell in line.xpath("./td"))
        titles = [THIRD_PARTY_ACCESS.role(role).title for role in row.roles if role in ROLES]
        assert [title for title in who.split(", ") if title in titles] == titles, row
        assert len(who.split(", ")) == len(row.roles), row
        assert row.act is Act.OPEN or max(1, len(row.names)) == max(1, len(line.xpath("./td[3]//li"))), row
        assert (what == "–") == (not row.names), row
        assert (only_if == "–") == (row.provided is None and row.when is None), row
        assert purpose == (f"{row.purpose} [{row.section}]" if row.section else row.purpose), row
    for separation in POLICY.separations:
        assert separation.purpose in text


@pytest.mark.requirement("ASVS 8.1.1", "ASVS 8.1.2")
def test_the_policy_for_machines_is_the_table(house: House) -> None:
    rows = house.client("").get("/policy.json").json
    assert [(row["roles"], row["act"], row["part"], row["names"]) for row in rows if row["act"] != "never take"] == [
        (" ".join(row.roles), str(row.act), row.part, " ".join(row.names)) for row in POLICY.rows
    ]
    never = [row for row in rows if row["act"] == "never take"]
    assert [(row["part"], row["names"]) for row in never] == [
        (one.step, " ".join(one.not_after)) for one in POLICY.separations
    ]
    lines = house.client("").get("/policy.csv").get_data(as_text=True).splitlines()
    assert lines[0] == "roles,act,part,names,provided,purpose,section"
    assert len(lines) == 1 + len(rows)


def test_the_table_is_the_one_that_was_looked_at_when_it_last_changed(house: House) -> None:
    """Every row that is widened, dropped or added shows as a difference of docs/policy.csv, and is meant."""
    looked_at = Path(__file__).parents[2] / "docs" / "policy.csv"
    published = house.client("").get("/policy.csv").get_data(as_text=True)
    assert published.splitlines() == looked_at.read_text(encoding="utf-8").splitlines(), (
        "look at it, and keep /policy.csv"
    )


# What a letter or a mail would quote.


def test_a_template_of_ones_own_that_quotes_what_no_letter_may_is_refused_by_name(house: House) -> None:
    write_template(house.portal.settings.data / "letter-templates", "mou", "{{ legal_opinion.opinion_text }}")
    document = house.application_before("send-decision")
    with pytest.raises(MissingFields) as refused:
        house.take(document["id"], "send-decision")
    assert "legal_opinion.opinion_text" in refused.value.fields
    assert house.get(document["id"]) == document


def test_a_mail_fills_in_no_answer_that_its_reader_may_not_read(make_house: Callable[..., House]) -> None:
    contact = "person:complete_application.contact"
    told = Row(("requestor",), Act.BE_TOLD, "legal-opinion", "To be told something.", names=(contact,))
    steps = tuple(
        replace(step, tells=(Tell((contact,), "Legal says: {opinion}, {opinion_text}"),)) if step.key == "legal-opinion" else step
        for step in THIRD_PARTY_ACCESS.steps
    )  # fmt: skip
    policy = Policy((*POLICY.rows, told), POLICY.separations)
    house = make_house(processes=(replace(THIRD_PARTY_ACCESS, steps=steps, policy=policy),))
    house.application_after("legal-opinion")
    queueing.queue_owed(house.portal)
    texts = [mail["text"] for _, mail in house.portal.store.records("mail")]
    assert sum("Legal says: {opinion}, {opinion_text}" in text for text in texts) == 1
    assert not any("authorized" in text.lower() for text in texts)
