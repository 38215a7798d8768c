"""The seam between an agreement and its renewal: what is done on the one is known on the other, and signed by nobody unseen."""

import pytest

from portal.process.errors import NotYourTurn
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.process.case import RENEWAL_BEGINS, Case, person, renewal_after, several, where_open

OLD, NEW = "TPA-2026-0007", "TPA-2026-0008"


def old_of(case: Case) -> Case:
    """The agreement that this renewal renews, as it is now."""
    return case.other(OLD)


def told(case: Case) -> set[str]:
    """Who is told of the newest step."""
    return {notice["to"] for notice in case.document["notices"] if notice["seq"] == case.document["version"]}


def failed(how: str) -> Case:
    """A renewal that came to nothing in this way."""
    match how:
        case "withdrawn":
            return renewal_after("complete-application").take("withdraw")
        case "withdrawn though accepted":
            return renewal_after("send-decision").take("withdraw", person("process-owner"))
        case "rejected":
            case = renewal_after("send-to-owner").take("decide", decision="reject", reason="No purpose.")
            return case.take("send-decision")
        case "terminated before its approval":
            return renewal_after("countersign-mou").take("terminate")
        case "terminated while it waited":
            return renewal_after("confirm-access").take("terminate")
        case _:
            case = renewal_after("post-approval").take("terminate", kind="notice", ends_on="2029-07-30")
            return case.pass_days(60).take("expire")


WAYS = {
    "withdrawn": "withdrawn",
    "withdrawn though accepted": "withdrawn",
    "rejected": "rejected",
    "terminated before its approval": "ended",
    "terminated while it waited": "ended",
    "ended by notice while it waited": "ended",
}
"""How a renewal comes to nothing, and its status then."""


# A renewal that came to nothing


@pytest.mark.process("10.2")
@pytest.mark.parametrize("how", WAYS)
def test_the_owner_is_asked_for_another_renewal_when_one_has_come_to_nothing(how: str) -> None:
    case = failed(how)
    assert (case.status, case.document["claims"].get("renews")) == (WAYS[how], None)
    old = old_of(case)
    assert old.document["note_failed_renewal"] == {"application": NEW, "outcome": WAYS[how]}
    assert old.document["history"][-1]["actor"] == "portal"
    assert "start-renewal" in old.waiting
    assert old.task("start-renewal")["role"] == "process-owner"
    assert {"role:process-owner", "role:contract-manager"} <= told(old)
    assert "start-renewal" not in old.take("start-renewal").waiting


@pytest.mark.process("10.2")
def test_a_renewal_on_its_way_leaves_the_owner_nothing_to_start() -> None:
    old = old_of(renewal_after("confirm-access"))
    assert "start-renewal" not in old.waiting
    assert NEW in old.problems("note-failed-renewal")[""]


@pytest.mark.process("10.2", "8")
def test_no_other_renewal_is_asked_for_while_a_finding_is_open_or_once_the_agreement_is_terminated() -> None:
    old = old_of(failed("withdrawn"))
    old.take("open-audit").take("record-finding").out_of_turn("start-renewal")
    old_of(failed("withdrawn")).take("terminate").out_of_turn("start-renewal")


@pytest.mark.process("10.2")
def test_a_renewal_that_took_its_place_and_is_terminated_later_stays_the_one_that_followed() -> None:
    case = renewal_after("confirm-access").pass_days(200).take("take-effect").take("terminate")
    assert case.document["claims"]["renews"] == OLD
    assert "note_failed_renewal" not in old_of(case).document


# The agreement before is terminated


SIGNING = {
    "send-decision": "sign-mou",
    "certify-users": "countersign-mou",
    "countersign-mou": "post-approval",
    "confirm-access": "take-effect",
}
"""Steps that bind, each after a step of the renewal's way."""


@pytest.mark.process("6.9", "10.2")
@pytest.mark.parametrize("after", SIGNING)
def test_nobody_signs_a_renewal_unseen_when_the_agreement_before_was_terminated(after: str) -> None:
    case = renewal_after(after)
    if after == "confirm-access":
        case.pass_days(200)
    assert SIGNING[after] in case.possible
    case.take_on(OLD, "terminate", reason="Accounts were shared.")
    assert case.document["note_termination"] == {
        "kind": "at-once",
        "ends_on": case.today.isoformat(),
        "reason": "Accounts were shared.",
    }
    assert case.task("decide-on-renewal")["role"] == "process-owner"
    assert {"role:process-owner", "role:process-manager", "role:contract-manager"} <= told(case)
    case.out_of_turn(SIGNING[after])
    case.take("decide-on-renewal")
    assert SIGNING[after] in case.possible
    assert "decide-on-renewal" not in case.possible


@pytest.mark.process("6.9", "10.2")
def test_whoever_signs_for_dcss_reads_why_the_agreement_before_was_terminated_and_why_this_one_goes_on() -> None:
    case = renewal_after("certify-users").take_on(OLD, "terminate", reason="Accounts were shared.")
    case.take("decide-on-renewal", reason="All are trained anew.")
    advice = case.process.step("countersign-mou").advice
    assert advice is not None
    said = " ".join(advice(case.situation({})))
    assert "Accounts were shared." in said
    assert "All are trained anew." in said


@pytest.mark.process("6.9", "10.2")
@pytest.mark.parametrize(("after", "status"), [("send-decision", "withdrawn"), ("confirm-access", "ended")])
def test_the_owner_can_stop_the_renewal_of_what_was_terminated(after: str, status: str) -> None:
    case = renewal_after(after).take_on(OLD, "terminate").take("decide-on-renewal", decision="stop")
    assert (case.status, case.document["claims"].get("renews")) == (status, None)
    assert case.document["holdings"] == {}
    assert {"role:director", "person:complete_application.contact"} <= told(case)


@pytest.mark.process("6.9", "10.2")
def test_notice_to_the_agreement_before_is_decided_on_too() -> None:
    case = renewal_after("sign-mou").take_on(OLD, "terminate", kind="notice", ends_on="2029-07-30")
    assert case.document["note_termination"]["ends_on"] == "2029-07-30"
    assert "decide-on-renewal" in case.waiting


@pytest.mark.process("6.9")
def test_a_termination_is_noted_on_a_renewal_only_when_there_is_one() -> None:
    assert OLD in renewal_after("sign-mou").problems("note-termination")[""]


@pytest.mark.process("1.5")
def test_nobody_decides_on_the_renewal_of_their_own_organization() -> None:
    both = several(person("process-owner", email="both@state.example"), person("requestor"))
    with pytest.raises(NotYourTurn):
        where_open("decide-on-renewal").take("decide-on-renewal", both)


@pytest.mark.process("6.9")
def test_whoever_terminates_an_agreement_reads_that_its_renewal_is_under_way() -> None:
    old = old_of(renewal_after("sign-mou"))
    advice = old.process.step("terminate").advice
    assert advice is not None
    assert any(NEW in line for line in advice(old.situation({})))
    withdrawn = old_of(failed("withdrawn"))
    assert not any(NEW in line for line in advice(withdrawn.situation({})))


@pytest.mark.process("10.2", "6.9")
def test_both_pages_say_what_became_of_the_other() -> None:
    case = renewal_after("sign-mou")
    related = THIRD_PARTY_ACCESS.related

    def says(one: Case) -> str:
        return " ".join(words for words, _ in related(one.document))

    assert says(case) == "It renews the agreement of"
    assert says(old_of(case)) == "Its agreement is renewed by"
    case.take_on(OLD, "terminate")
    day = f"{RENEWAL_BEGINS:%B %-d, %Y}"
    assert says(case).startswith("The Process Owner has yet to decide")
    assert day in says(case)
    assert "while its renewal was under way" in says(old_of(case))
    case.take("decide-on-renewal")
    assert "yet to decide" not in says(case)
    assert day in says(case)
    assert says(old_of(failed("withdrawn"))) == "The renewal of its agreement came to nothing:"
