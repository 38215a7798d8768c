"""What a role may not see is not in what it is given: Legal's advice above all [O8.2]."""

import json
from copy import deepcopy

import pytest

from portal.process.document import Json
from portal.process.errors import OutOfScope
from portal.process.explain import criteria_of
from portal.process.policy import may_see, readable, roles_for
from portal.process.step import Actor
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.process.case import Case, after, before, person, several

pytestmark = pytest.mark.process("O8.2")

ADVICE = "Weak authority: settle it quietly."
NOTE = "Between us: the county has no case."
SUMMARY = "Legal doubts it."
ROLES = tuple(sorted(THIRD_PARTY_ACCESS.policy.seeing))
MAY_READ_ADVICE = {"legal", "process-manager", "process-owner"}


def advised() -> Case:
    """An application on which Legal has given its advice, and the Process Manager summed it up."""
    case = before("legal-opinion").take("legal-opinion", opinion_text=ADVICE, note=NOTE, delay_reason="purpose-unclear")
    return case.take("connectivity-test").take("send-to-owner", summary=SUMMARY, note=NOTE)


def seen_by(case: Case, *roles: str) -> Json:
    """The document as somebody reads it who holds these roles for it."""
    return readable(THIRD_PARTY_ACCESS, case.document, several(*(case.who(role) for role in roles)))


@pytest.mark.parametrize("role", sorted(set(ROLES) - MAY_READ_ADVICE))
def test_legals_advice_is_nowhere_in_what_others_read(role: str) -> None:
    text = json.dumps(seen_by(advised(), role))
    for secret in (ADVICE, NOTE, SUMMARY, "45-cfr-307-13", "purpose-unclear"):
        assert secret not in text
    assert '"opinion"' not in text


@pytest.mark.parametrize("role", sorted(MAY_READ_ADVICE))
def test_those_for_whom_it_is_read_legals_advice_in_section_and_history(role: str) -> None:
    shown = seen_by(advised(), role)
    assert shown["legal_opinion"]["opinion_text"] == ADVICE
    assert shown["history"][5]["answers"]["opinion_text"] == ADVICE
    assert shown["history"][5]["note"] == NOTE


def test_the_summary_for_the_owner_is_for_the_owner_and_the_manager() -> None:
    assert SUMMARY not in json.dumps(seen_by(advised(), "legal"))
    assert seen_by(advised(), "process-owner")["send_to_owner"]["summary"] == SUMMARY


@pytest.mark.process("6.5.1")
def test_a_question_is_read_by_the_requestor_and_nothing_else_of_it() -> None:
    case = before("legal-opinion").take(
        "legal-opinion", opinion="clarification", opinion_text="Which screens?", authorities=["other"], note=NOTE
    )
    shown = seen_by(case, "requestor")
    assert shown["legal_opinion"] == {"opinion_text": "Which screens?"}
    assert NOTE not in json.dumps(shown)
    assert "Which screens?" not in json.dumps(seen_by(case, "director"))


@pytest.mark.process("6.5.1")
def test_once_the_opinion_is_given_the_requestor_reads_the_question_still_and_not_the_opinion() -> None:
    case = before("legal-opinion").take("legal-opinion", opinion="clarification", opinion_text="Which screens?")
    case.take("clarify").take("legal-opinion", opinion_text=ADVICE)
    shown = seen_by(case, "requestor")
    assert shown["legal_opinion"] == {}
    assert [entry["answers"] for entry in shown["history"] if entry["step"] == "legal-opinion"] == [
        {"opinion_text": "Which screens?"}, {},
    ]  # fmt: skip


def test_why_more_was_granted_than_the_guide_has_is_for_owner_and_manager() -> None:
    case = before("decide").take("decide", justification="They pressed for it.")
    assert "They pressed for it." not in json.dumps(seen_by(case, "requestor"))
    assert "They pressed for it." in json.dumps(seen_by(case, "process-manager"))


def test_who_holds_two_roles_reads_what_either_may() -> None:
    assert ADVICE in json.dumps(seen_by(advised(), "director", "legal"))
    assert ADVICE not in json.dumps(seen_by(advised(), "director", "coordinator"))


def test_what_one_may_read_of_another_county_is_no_help_here() -> None:
    actor = several(person("coordinator", "Kern"), person("director", "Alameda"))
    assert roles_for(THIRD_PARTY_ACCESS, actor, advised().document) == ("coordinator",)


@pytest.mark.process("1.5")
@pytest.mark.parametrize(
    "actor",
    [
        person("portal-administrator"),
        person("director", "Alameda"),
        person("administrator", "Alameda"),
        person("requestor", "Kern", "Kern IV-E"),
        several(person("portal-administrator"), person("director", "Alameda")),
        Actor("nobody@kern.example", "Nobody"),
    ],
    ids=lambda actor: actor.email,
)
def test_who_has_no_part_in_an_application_does_not_know_of_it(actor: Actor) -> None:
    document = after("confirm-access").document
    assert not may_see(THIRD_PARTY_ACCESS, actor, document)
    with pytest.raises(OutOfScope) as refused:
        readable(THIRD_PARTY_ACCESS, document, actor)
    assert refused.value.document_id == document["id"]


@pytest.mark.parametrize("role", ROLES)
def test_what_the_store_and_the_mail_need_is_in_nobodys_copy(role: str) -> None:
    assert not {"notices", "claims", "holdings"} & set(seen_by(after("create-office-id"), role))


@pytest.mark.parametrize("role", ROLES)
def test_everybody_sees_where_the_application_is_and_every_entrys_who_and_when(role: str) -> None:
    case = advised()
    shown = seen_by(case, role)
    for key in ("id", "version", "status", "lcsa", "organization"):
        assert shown[key] == case.document[key]
    for task, whole in zip(shown["open_tasks"], case.document["open_tasks"], strict=True):
        # Whether a reason for delay was given tells of answers that are withheld: it is for the inboxes alone.
        assert task == {name: value for name, value in whole.items() if name not in ("delayed", "delay", "not_for")}
    assert [(e["step"], e["actor"], e["at"]) for e in shown["history"]] == [
        (e["step"], e["actor"], e["at"]) for e in case.document["history"]
    ]


def test_reading_leaves_the_document_whole() -> None:
    case = advised()
    kept = deepcopy(case.document)
    shown = seen_by(case, "requestor")
    shown["history"][0]["answers"].clear()
    shown["identify_requestor"].clear()
    assert case.document == kept


@pytest.mark.process("2.2")
@pytest.mark.parametrize("role", ROLES)
def test_that_legal_authorizes_it_is_known_to_others_once_the_decision_is_sent(role: str) -> None:
    def second_is_met(case: Case) -> bool:
        return criteria_of(THIRD_PARTY_ACCESS, case.document, (role,))[1].met

    assert second_is_met(after("decide")) == (role in MAY_READ_ADVICE)
    assert second_is_met(after("send-decision"))


@pytest.mark.process("6.7")
@pytest.mark.parametrize("role", ROLES)
def test_the_decision_is_read_by_others_once_it_is_sent(role: str) -> None:
    case = before("decide").take("decide", note=NOTE)
    shown = seen_by(case, role)
    assert ("decision" in shown["decide"]) == (role in MAY_READ_ADVICE)
    assert (shown["history"][-1]["note"] == NOTE) == (role in MAY_READ_ADVICE)
    shown = seen_by(case.take("send-decision"), role)
    assert shown["decide"]["decision"] == "accept"
    assert shown["history"][-2]["note"] == NOTE
