"""What is open after each step: side by side, back for correction, again after a failure, and never after the end."""

from datetime import date

import pytest

from portal.process.errors import NotYourTurn
from portal.process.explain import chapter_states
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.journey import WAY
from tests.process.case import STEPS, Case, after, before, person, where_open

OPEN_AFTER = {
    "identify-requestor": ("identified", {"schedule-invitation"}),
    "schedule-invitation": ("identified", {"send-invitation"}),
    "send-invitation": ("invited", {"complete-application"}),
    "complete-application": ("applying", {"route-application"}),
    "route-application": ("in-review", {"legal-opinion", "connectivity-test"}),
    "legal-opinion": ("in-review", {"connectivity-test"}),
    "connectivity-test": ("in-review", {"send-to-owner"}),
    "send-to-owner": ("in-review", {"decide"}),
    "decide": ("decided", {"send-decision"}),
    "send-decision": ("agreeing", {"sign-mou", "certify-users"}),
    "sign-mou": ("agreeing", {"countersign-mou", "certify-users"}),
    "certify-users": ("agreeing", {"countersign-mou"}),
    "countersign-mou": ("agreeing", {"post-approval"}),
    "post-approval": ("establishing", {"file-mou", "create-office-id", "evaluate-infrastructure"}),
    "file-mou": ("establishing", {"create-office-id", "evaluate-infrastructure"}),
    "create-office-id": ("establishing", {"direct-setup", "evaluate-infrastructure"}),
    "evaluate-infrastructure": ("establishing", {"direct-setup"}),
    "direct-setup": ("establishing", {"set-up-accounts"}),
    "set-up-accounts": ("establishing", {"confirm-access"}),
    "confirm-access": ("active", set()),
}
"""After each step of the way: the status, and the steps that somebody waits for."""


@pytest.mark.process("6", "7")
@pytest.mark.parametrize("step", WAY)
def test_after_each_step_these_are_waited_for(step: str) -> None:
    case = after(step)
    assert (case.status, case.waiting) == OPEN_AFTER[step]


@pytest.mark.parametrize("step", WAY)
def test_what_is_not_open_is_refused_and_changes_nothing(step: str) -> None:
    case = after(step)
    for other in set(STEPS) - case.possible:
        case.out_of_turn(other)


def test_a_step_taken_already_is_refused_with_who_took_it() -> None:
    assert "Process Manager" in after("route-application").out_of_turn("route-application")


def test_each_task_says_since_when_it_waits() -> None:
    case = after("identify-requestor").pass_days(3).take("schedule-invitation")
    task = case.task("send-invitation")
    assert (task["since"], task["since_seq"]) == ("2026-11-26T18:00:00Z", 2)


# Invitation


@pytest.mark.process("6.3.2")
def test_an_identification_that_is_returned_goes_back_to_the_director_and_comes_again() -> None:
    case = after("identify-requestor").take("schedule-invitation", outcome="return", reason="One person, please.")
    assert (case.status, case.waiting) == ("identified", {"identify-requestor"})
    case.take("identify-requestor", invitee_name="Ana Ruiz")
    assert case.waiting == {"schedule-invitation"}
    assert case.document["identify_requestor"]["invitee_name"] == "Ana Ruiz"
    assert [entry["step"] for entry in case.document["history"]] == [
        "identify-requestor", "schedule-invitation", "identify-requestor",
    ]  # fmt: skip


@pytest.mark.process("6.3.2")
def test_the_invitation_can_be_set_to_another_date_or_returned_until_the_application_has_come() -> None:
    case = after("identify-requestor").take("schedule-invitation", invitation_date="2026-12-07")
    case.take("schedule-invitation", invitation_date="2026-12-14")
    assert case.task("send-invitation")["opens_on"] == "2026-12-14"
    case.on(date(2026, 12, 14)).take("send-invitation")
    assert case.waiting == {"complete-application"}
    case.take("schedule-invitation", outcome="return", reason="The address is wrong.")
    assert case.waiting == {"identify-requestor"}
    case.out_of_turn("complete-application")
    case.take("identify-requestor", invitation_date="2026-12-14").take(
        "schedule-invitation", invitation_date="2026-12-14"
    )
    case.take("send-invitation").take("complete-application")
    assert "schedule-invitation" not in case.possible


@pytest.mark.process("6.3.3")
def test_the_invitation_goes_on_its_date_and_not_before() -> None:
    case = after("identify-requestor").take("schedule-invitation", invitation_date="2026-12-07")
    assert "December 7, 2026" in case.on(date(2026, 12, 6)).out_of_turn("send-invitation")
    assert case.on(date(2026, 12, 7)).take("send-invitation").status == "invited"


@pytest.mark.process("6.3.3")
def test_the_date_is_californias_date() -> None:
    case = after("identify-requestor").take("schedule-invitation", invitation_date="2026-12-07")
    case.on(date(2026, 12, 6))
    assert case.now.isoformat() == "2026-12-06T10:00:00-08:00"
    case.out_of_turn("send-invitation")


@pytest.mark.process("6.3.3")
def test_a_second_link_can_be_sent_until_the_approval_is_posted_and_opens_nothing_anew() -> None:
    case = after("send-invitation").pass_days(61).take("send-invitation")
    assert case.waiting == {"complete-application"}
    case.take("complete-application").take("send-invitation")
    assert case.waiting == {"route-application"}
    assert case.status == "applying"
    assert "send-invitation" not in after("post-approval").possible


@pytest.mark.process("3")
def test_nobody_is_invited_before_two_months_after_conversion() -> None:
    case = Case()
    case.world.converted_on = "2026-12-31"
    assert "February 28, 2027" in case.problems("identify-requestor", invitation_date="2027-02-27")["invitation_date"]
    case.take("identify-requestor", invitation_date="2027-02-28")
    assert set(case.problems("schedule-invitation", invitation_date="2027-02-27")) == {"invitation_date"}
    assert case.problems("schedule-invitation", invitation_date="2027-02-28") == {}


@pytest.mark.process("3")
def test_nobody_is_invited_while_the_conversion_date_is_not_on_record() -> None:
    case = Case()
    case.world.converted_on = None
    case.take("identify-requestor")
    assert "not on record" in case.problems("schedule-invitation")["invitation_date"]
    case.take("schedule-invitation", outcome="return", reason="Kern has not converted.")
    assert case.waiting == {"identify-requestor"}


# Application


@pytest.mark.process("6.5")
def test_legal_and_infrastructure_answer_side_by_side_in_either_order() -> None:
    case = after("route-application").take("connectivity-test")
    assert case.waiting == {"legal-opinion"}
    case.take("legal-opinion")
    assert case.waiting == {"send-to-owner"}


@pytest.mark.process("6.5.3")
@pytest.mark.parametrize("missing", ["legal-opinion", "connectivity-test"])
def test_nothing_goes_to_the_owner_without_both(missing: str) -> None:
    case = after("route-application")
    case.take("connectivity-test" if missing == "legal-opinion" else "legal-opinion")
    case.out_of_turn("send-to-owner")


@pytest.mark.process("6.5.1")
def test_an_application_that_is_returned_is_corrected_sent_and_checked_again() -> None:
    case = before("route-application").take("route-application", outcome="return", correction="Which phone?")
    assert (case.status, case.waiting) == ("applying", {"complete-application"})
    case.take("complete-application", contact_phone="(661) 555-0199")
    assert case.waiting == {"route-application"}
    case.take("route-application")
    assert (case.status, case.waiting) == ("in-review", {"legal-opinion", "connectivity-test"})
    assert case.document["complete_application"]["contact_phone"] == "(661) 555-0199"


@pytest.mark.process("6.5.1")
def test_a_question_of_legals_goes_to_the_requestor_and_comes_back_to_legal() -> None:
    case = before("legal-opinion").take("legal-opinion", opinion="clarification", opinion_text="Which screens?")
    assert case.waiting == {"clarify", "connectivity-test"}
    case.take("connectivity-test").out_of_turn("send-to-owner")
    case.take("clarify")
    assert case.waiting == {"legal-opinion"}
    case.take("legal-opinion", opinion="clarification", opinion_text="And which cases?").take("clarify")
    assert case.take("legal-opinion").waiting == {"send-to-owner"}


@pytest.mark.process("2.3", "6.5.2")
def test_a_failed_test_can_be_tested_again_until_it_connects() -> None:
    case = before("connectivity-test").take("connectivity-test", result="does-not-connect", findings="A firewall.")
    assert case.waiting == {"connectivity-test", "send-to-owner"}
    case.take("connectivity-test", result="does-not-connect", findings="The same.").take("connectivity-test")
    assert case.waiting == {"send-to-owner"}
    case.out_of_turn("connectivity-test")


@pytest.mark.process("2.2", "2.3", "6.6")
@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("legal-opinion", {"opinion": "not-authorized"}),
        ("connectivity-test", {"result": "does-not-connect", "findings": "No."}),
    ],
)
def test_without_authority_or_connection_it_can_only_be_rejected(step: str, answer: dict[str, str]) -> None:
    case = after("route-application")
    for key in ("legal-opinion", "connectivity-test"):
        case.take(key, **(answer if key == step else {}))
    case.take("send-to-owner")
    assert set(case.problems("decide")) == {"decision"}
    assert case.take("decide", decision="reject", reason="No authority.").status == "decided"


@pytest.mark.process("2.3")
def test_a_new_test_that_works_lets_the_owner_accept_after_all() -> None:
    case = before("connectivity-test").take("connectivity-test", result="does-not-connect", findings="A firewall.")
    case.take("send-to-owner").take("connectivity-test")
    assert case.waiting == {"decide"}
    assert case.problems("decide") == {}
    assert case.take("decide").status == "decided"
    assert "connectivity-test" not in case.possible


@pytest.mark.process("6.6.1", "6.7.1")
def test_a_rejection_closes_the_application_and_its_reason_stays() -> None:
    case = before("decide").take("decide", decision="reject", reason="No law allows it.").take("send-decision")
    assert (case.status, case.waiting, case.possible) == ("rejected", set(), set())
    assert case.document["decide"]["reason"] == "No law allows it."
    assert [letter["name"] for letter in case.document["history"][-1]["letters"]] == ["notice-of-rejection"]
    for step in STEPS:
        assert "rejected" in case.out_of_turn(step)


UNDECIDED = WAY[: WAY.index("decide")]


@pytest.mark.process("6.4")
@pytest.mark.parametrize("step", UNDECIDED)
@pytest.mark.parametrize("role", ["requestor", "director"])
def test_an_application_can_be_withdrawn_at_every_stage_before_the_decision(step: str, role: str) -> None:
    case = after(step)
    case.take("withdraw", case.who(role))
    assert (case.status, case.waiting, case.possible) == ("withdrawn", set(), set())
    for other in STEPS:
        assert "withdrawn" in case.out_of_turn(other)


@pytest.mark.process("6.4", "6.8.1")
@pytest.mark.parametrize("step", ["send-decision", "sign-mou", "certify-users"])
@pytest.mark.parametrize("role", ["requestor", "director", "process-owner"])
def test_what_is_accepted_can_be_withdrawn_until_dcss_has_signed_the_mou(step: str, role: str) -> None:
    case = after(step)
    assert "withdraw" not in case.waiting
    case.take("withdraw", case.who(role), reason="The board did not vote for it.")
    assert (case.status, case.waiting, case.possible) == ("withdrawn", set(), set())
    assert case.document["holdings"] == {}


@pytest.mark.process("6.4")
@pytest.mark.parametrize("step", ["decide", *WAY[WAY.index("countersign-mou") :]])
def test_nothing_is_withdrawn_while_its_letter_is_on_its_way_nor_after_both_have_signed(step: str) -> None:
    after(step).out_of_turn("withdraw")


@pytest.mark.process("6.4", "6.6")
@pytest.mark.parametrize("step", UNDECIDED)
def test_the_owner_decides_on_an_application_and_withdraws_none_that_is_not_accepted(step: str) -> None:
    with pytest.raises(NotYourTurn):
        after(step).take("withdraw", person("process-owner"))


# Agreement and access


@pytest.mark.process("6.7.2")
def test_an_acceptance_goes_with_mou_statement_and_training() -> None:
    letters = {letter["name"] for letter in after("send-decision").document["history"][-1]["letters"]}
    assert letters == {"conditional-acceptance", "mou", "confidentiality-statement", "security-awareness-training"}


@pytest.mark.process("6.8.2")
@pytest.mark.parametrize("step", WAY[WAY.index("send-decision") :])
def test_users_can_be_certified_from_the_acceptance_on(step: str) -> None:
    assert "certify-users" in after(step).possible
    assert "certify-users" not in before("send-decision").possible


@pytest.mark.process("6.8.4")
def test_certification_is_waited_for_until_every_named_user_is_trained_and_has_signed() -> None:
    users = before("certify-users").usual("certify-users")["users"]
    untrained = {name: value for name, value in users[1].items() if name != "trained_on"}
    case = before("certify-users").take("certify-users", users=[users[0], untrained])
    assert "certify-users" in case.waiting
    assert "certify-users" not in case.take("certify-users", users=users).waiting


@pytest.mark.process("6.9.1")
def test_an_mou_that_is_returned_is_signed_anew_before_dcss_signs() -> None:
    case = after("sign-mou").take("return-mou")
    assert "sign-mou" in case.waiting
    case.out_of_turn("countersign-mou")
    case.out_of_turn("return-mou")
    case.take("sign-mou")
    assert "countersign-mou" in case.waiting
    case.take("return-mou").take("sign-mou").take("countersign-mou")
    assert case.waiting == {"post-approval", "certify-users"}
    case.out_of_turn("return-mou")


@pytest.mark.process("7.3")
def test_accounts_can_be_set_up_a_few_users_at_a_time() -> None:
    case = before("set-up-accounts")
    first, second = case.usual("set-up-accounts")["accounts"]
    case.take("set-up-accounts", accounts=[first])
    assert case.waiting == {"set-up-accounts", "confirm-access"}
    case.take("set-up-accounts", accounts=[second])
    assert case.waiting == {"confirm-access"}
    assert [row["user_id"] for row in case.document["set_up_accounts"]["accounts"]] == ["KERN0001", "KERN0002"]


@pytest.mark.process("7.3")
def test_a_user_certified_later_opens_the_set_up_again_within_the_number_granted() -> None:
    case = after("confirm-access")
    users = case.usual("certify-users")["users"]
    third = {**users[0], "name": "Cy Roe", "email": "cy@kern.example"}
    case.take("certify-users", users=[*users, third])
    assert case.waiting == {"set-up-accounts"}
    account = {**case.usual("set-up-accounts")["accounts"][0], "email": "cy@kern.example", "user_id": "KERN0003"}
    case.take("set-up-accounts", accounts=[account])
    assert (case.waiting, case.status) == (set(), "active")
    case.out_of_turn("set-up-accounts")


@pytest.mark.process("7.2")
def test_the_infrastructure_is_evaluated_one_entity_at_a_time_beside_the_rest() -> None:
    case = before("create-office-id")
    rows = case.usual("evaluate-infrastructure")["evaluations"]
    for row in rows[:2]:
        case.take("evaluate-infrastructure", evaluations=[row])
        assert "evaluate-infrastructure" in case.waiting
    case.take("create-office-id").take("evaluate-infrastructure", evaluations=[rows[2]])
    assert "evaluate-infrastructure" not in case.waiting
    case.take("evaluate-infrastructure", evaluations=[{**rows[0], "recommendation": "A second line."}])
    kept = case.document["evaluate_infrastructure"]["evaluations"]
    assert [(row["entity"], row["recommendation"]) for row in kept] == [
        ("dts", "A second line."), ("county", "None."), ("third-party", "None."),
    ]  # fmt: skip


def test_access_is_confirmed_once_though_infrastructure_is_evaluated_still() -> None:
    case = before("evaluate-infrastructure").take("direct-setup").take("set-up-accounts").take("confirm-access")
    assert (case.status, case.waiting) == ("active", {"evaluate-infrastructure"})
    case.out_of_turn("confirm-access")


# Over the whole way


def test_the_chapters_are_done_now_or_to_come() -> None:
    def states(case: Case) -> dict[str, str]:
        return {key: state for key, _, state in chapter_states(THIRD_PARTY_ACCESS, case.document)}

    to_come = {"agreement": "to-come", "access": "to-come", "afterwards": "to-come"}
    assert states(after("route-application")) == {"invitation": "done", "application": "now", **to_come}
    done = {"invitation": "done", "application": "done"}
    assert states(after("post-approval")) == {**done, "agreement": "now", "access": "now", "afterwards": "to-come"}
    assert states(after("confirm-access")) == {**done, "agreement": "done", "access": "done", "afterwards": "now"}
    assert states(after("complete-application").take("withdraw")) == {**done, **to_come}


def test_every_step_is_open_somewhere_and_takes_the_application_from_there() -> None:
    for step in STEPS:
        case = where_open(step)
        version = case.document.get("version", 0)
        assert case.take(step).document["version"] == version + 1
