"""Renewal: due in time, in good standing, begun anew for the Director, and in force when the one before has ended."""

from datetime import date, timedelta

import pytest

from portal.forms import starting_answers
from portal.process import policy
from portal.process.errors import NotYourTurn
from portal.process.step import Situation
from portal.process.third_party_access import THIRD_PARTY_ACCESS, weighed
from portal.process.third_party_access.findings import open_findings
from portal.process.third_party_access.renewal import notice_on
from portal.process.third_party_access.users import accounts_set_up
from tests.process.case import (
    RENEWAL_BEGINS,
    Case,
    after,
    before,
    held_by_an_agreement_before,
    person,
    renewal,
    renewal_after,
    several,
    where_open,
)

OLD, NEW = "TPA-2026-0007", "TPA-2026-0008"
UAAG = "uaag/Kern/"


def signed_until(day: str) -> Case:
    """Kern IV-A's MOU, signed by both, in force until this day."""
    case = before("countersign-mou")
    return case.take("countersign-mou", expires_on=day).take("post-approval")


def offered(case: Case, step: str) -> dict[str, object]:
    """What the form of a step starts with."""
    facts = case.process.facts(case.world, case.process.step(step), case.document, {}, case.who("requestor"))
    return starting_answers(case.process.step(step), Situation(case.document, facts, case.today))


# Renewal is due


@pytest.mark.process("10.1")
@pytest.mark.parametrize(
    ("until", "due"),
    [
        ("2029-11-23", "2029-05-23"),
        ("2029-08-31", "2029-02-28"),
        ("2028-08-31", "2028-02-29"),
        ("2029-03-31", "2028-09-30"),
    ],
)
def test_the_contract_manager_gives_notice_six_months_before_the_end(until: str, due: str) -> None:
    case = signed_until(until)
    assert case.to_come["renewal-notice"] == due
    assert "renewal-notice" not in case.on(date.fromisoformat(due) - timedelta(days=1)).waiting
    assert "renewal-notice" in case.on(date.fromisoformat(due)).waiting
    assert case.task("renewal-notice")["role"] == "contract-manager"


@pytest.mark.process("10.1")
def test_the_notice_is_so_many_days_earlier_as_the_organizations_board_needs() -> None:
    case = signed_until("2029-11-23").take("say-board-days", board_days=45)
    assert case.to_come["renewal-notice"] == "2029-04-08"
    case.take("say-board-days", case.who("coordinator"), board_days=0)
    assert case.to_come["renewal-notice"] == "2029-05-23"


def test_the_days_that_the_board_needs_can_be_said_with_the_application() -> None:
    assert notice_on(before("complete-application").take("complete-application", board_days=60).document) is None
    case = before("complete-application").take("complete-application", board_days=60)
    for step in ("route-application", "legal-opinion", "connectivity-test", "send-to-owner", "decide", "send-decision"):
        case.take(step)
    case.take("sign-mou").take("countersign-mou")
    assert notice_on(case.document) == date(2029, 3, 24)


@pytest.mark.parametrize("days", [-1, 731])
def test_no_board_needs_less_than_no_days_nor_more_than_two_years(days: int) -> None:
    assert set(where_open("say-board-days").problems("say-board-days", board_days=days)) == {"board_days"}


# Good standing


@pytest.mark.process("10.1")
def test_the_manager_records_the_contract_manager_attests_and_the_owner_starts() -> None:
    case = where_open("renewal-notice").take("renewal-notice")
    assert case.task("record-standing")["role"] == "process-manager"
    case.take("record-standing")
    assert case.document["record_standing"]["standing"] == "good"
    assert case.task("good-standing")["role"] == "contract-manager"
    case.take("good-standing")
    assert case.task("start-renewal")["role"] == "process-owner"
    case.take("start-renewal")
    assert not case.waiting & {"renewal-notice", "record-standing", "good-standing", "start-renewal"}


@pytest.mark.process("10.1")
def test_nobody_attests_what_they_recorded_themselves() -> None:
    case = where_open("record-standing")
    both = several(case.who("process-manager"), case.who("contract-manager"))
    case.take("record-standing", both)
    with pytest.raises(NotYourTurn):
        case.take("good-standing", both)


@pytest.mark.process("10.2")
def test_no_renewal_is_started_before_good_standing_is_attested() -> None:
    for step in ("renewal-notice", "record-standing", "good-standing"):
        where_open(step).out_of_turn("start-renewal")


def with_a_finding(step: str = "record-standing") -> Case:
    """Kern IV-A's MOU, due for renewal while an audit finding is open, when this step is the next."""
    case = where_open("hold-renewal")
    return case if step == "hold-renewal" else case.take("hold-renewal")


def cleared(case: Case) -> Case:
    """The same, once the finding is answered, reviewed and cleared."""
    return case.take("respond-to-finding").take("review-response").take("clear-finding")


@pytest.mark.process("10.1", "8")
def test_open_findings_are_recorded_by_the_portal_and_the_owner_tells_the_requestor() -> None:
    case = with_a_finding("hold-renewal")
    assert case.document["record_standing"] == {"confirmed": True, "standing": "findings-open", "findings": [1, 2]}
    assert case.document["renewal_notice"]["findings"] == [1, 2]
    assert case.task("hold-renewal")["role"] == "process-owner"
    assert not case.possible & {"good-standing", "start-renewal"}
    case.take("hold-renewal")
    finding = case.document["record_finding"]["findings"][0]["finding"]
    assert case.document["hold_renewal"]["findings"].startswith("No. 1, to be answered by ")
    assert finding in case.document["hold_renewal"]["findings"]
    told = {notice["to"] for notice in case.document["notices"] if notice["seq"] == case.document["version"]}
    assert told == {"person:complete_application.iso", "person:complete_application.contact"}
    assert "hold-renewal" not in case.waiting


@pytest.mark.process("10.1", "8")
def test_the_standing_is_recorded_again_when_all_findings_are_cleared_and_not_before() -> None:
    case = with_a_finding().take("respond-to-finding").take("review-response")
    case.out_of_turn("record-standing")
    case.take("clear-finding")
    assert "record-standing" in case.waiting
    case.take("record-standing")
    assert "good-standing" in case.waiting
    assert case.document["record_standing"] == {"confirmed": True, "standing": "good"}


@pytest.mark.process("10.1", "8")
def test_some_of_several_findings_cleared_do_not_let_the_renewal_on() -> None:
    case = with_a_finding().take("record-finding")
    assert "record-standing" in case.waiting  # another was found: the Requestor is to be told of both
    case.take("record-standing").take("hold-renewal")
    assert case.document["hold_renewal"]["findings"].count("No. ") == 4
    case.take("respond-to-finding").take("review-response").take("clear-finding")
    assert len(open_findings(case.document)) == 2
    assert not case.possible & {"record-standing", "good-standing"}


@pytest.mark.process("10.1", "8")
@pytest.mark.parametrize("step", ["good-standing", "start-renewal"])
def test_a_finding_recorded_meanwhile_holds_up_what_was_to_come(step: str) -> None:
    case = where_open(step).take("open-audit").take("record-finding")
    case.out_of_turn(step)
    assert "record-standing" in case.waiting
    case.take("record-standing")
    assert "hold-renewal" in case.waiting
    cleared(case)
    assert "hold-renewal" not in case.waiting
    assert "record-standing" in case.waiting


@pytest.mark.process("10.1", "8")
def test_good_standing_is_attested_anew_after_a_finding_though_it_is_cleared() -> None:
    case = cleared(where_open("start-renewal").take("open-audit").take("record-finding"))
    case.out_of_turn("start-renewal")
    case.take("record-standing").take("good-standing")
    assert "start-renewal" in case.waiting


@pytest.mark.process("10.2", "8")
def test_a_finding_after_the_start_does_not_keep_another_renewal_from_being_started() -> None:
    case = cleared(where_open("start-renewal").take("start-renewal").take("open-audit").take("record-finding"))
    assert "start-renewal" in case.possible


@pytest.mark.process("10.1", "8")
def test_the_renewed_mou_is_not_signed_while_a_finding_on_the_old_one_is_open() -> None:
    case = renewal_after("certify-users")
    audited = where_open("start-renewal").take("start-renewal").take("open-audit").take("record-finding").document
    case.world.documents[OLD] = audited
    assert "finding is open" in case.problems("countersign-mou")["signed_on"]


def before_it(case: Case) -> Case:
    """The agreement before this one, from now on."""
    return Case(document=case.world.documents[OLD], today=case.today)


@pytest.mark.process("10.1", "8")
def test_findings_on_the_agreement_before_hold_up_the_renewal_of_this_one() -> None:
    case = held_by_an_agreement_before()
    names = [f"{OLD}, no. 1", f"{OLD}, no. 2"]
    assert case.document["renewal_notice"]["elsewhere"] == names
    case.take("record-standing")
    standing = {"confirmed": True, "standing": "findings-open", "elsewhere": names}
    assert case.document["record_standing"] == standing
    assert "hold-renewal" in case.waiting
    assert not case.possible & {"good-standing", "start-renewal"}
    case.take("hold-renewal")
    assert f"{OLD}, no. 1, to be answered by " in case.document["hold_renewal"]["findings"]
    # Nothing is written here when they are cleared there: the task waits until it can be recorded.
    assert "record-standing" in case.waiting
    old = before_it(case).take("respond-to-finding").take("review-response").take("clear-finding")
    case.world.documents[OLD] = old.document
    case.take("record-standing")
    assert case.document["record_standing"] == {"confirmed": True, "standing": "good"}
    assert ("good-standing" in case.waiting, "record-standing" in case.waiting) == (True, False)
    case.take("good-standing")
    assert "start-renewal" in case.waiting


@pytest.mark.process("10.1", "8")
@pytest.mark.parametrize(("step", "field"), [("good-standing", "attestation"), ("start-renewal", "")])
def test_a_finding_recorded_meanwhile_on_another_application_holds_it_up(step: str, field: str) -> None:
    case = where_open(step)
    other = held_by_an_agreement_before().world.documents[OLD]
    case.world.documents["TPA-2020-0001"] = {**other, "id": "TPA-2020-0001"}
    problems = case.problems(step)
    assert list(problems) == [field]
    assert "audit finding" in problems[field].lower()


@pytest.mark.process("10.1")
@pytest.mark.parametrize(
    "step", ["renewal-notice", "record-standing", "hold-renewal", "good-standing", "start-renewal"]
)
def test_an_mou_that_is_being_ended_is_not_renewed(step: str) -> None:
    where_open(step).take("terminate").out_of_turn(step)


# The new application


@pytest.mark.process("10.2")
def test_the_owner_begins_it_for_the_director_and_the_history_says_so() -> None:
    first = renewal_after("identify-requestor").document["history"][0]
    assert (first["role"], first["on_behalf_of"]) == ("process-owner", "director")
    recorded = first["answers"]
    assert (recorded["renews"], recorded["director_name"]) == (OLD, "Ines Duarte")


@pytest.mark.process("10.2")
def test_the_owner_identifies_nobody_but_for_a_renewal() -> None:
    with pytest.raises(NotYourTurn):
        Case().take("identify-requestor", person("process-owner"))
    with pytest.raises(NotYourTurn):
        renewal().take("identify-requestor", person("process-manager"))


@pytest.mark.process("10.2")
def test_what_it_renews_stays_when_the_identification_is_returned_and_comes_again() -> None:
    case = renewal_after("identify-requestor").take("schedule-invitation", outcome="return", reason="Another name.")
    case.take("identify-requestor")
    assert case.document["identify_requestor"]["renews"] == OLD
    assert case.document["claims"] == {"renews": OLD}


@pytest.mark.process("10.2")
def test_it_starts_with_the_people_as_they_are_known_today() -> None:
    case = where_open("start-renewal")
    case.world.people = {
        "coordinator": [{"name": "New Person", "title": "", "phone": "", "email": "new@kern.example"}],
        "administrator": [{"name": "Pat Young", "title": "", "phone": "", "email": "administrator.kern@demo.example"}],
    }
    start = offered(case, "start-renewal")
    assert (start["invitee_name"], start["recommended_accounts"]) == ("María Ortega", 3)
    assert start["invitation_date"] == RENEWAL_BEGINS.isoformat()
    assert (start["coordinator_email"], start.get("coordinator_phone", "")) == ("new@kern.example", "")
    assert (start["administrator_name"], start["administrator_title"]) == ("Pat Young", "Analyst")


@pytest.mark.process("10.2")
def test_its_application_and_its_users_start_filled_in() -> None:
    case = renewal_after("send-invitation")
    start = offered(case, "complete-application")
    told = after("complete-application").document["complete_application"]
    for name in ("requestor_name", "contact_phone", "iso_email", "mou_signer_name", "purpose", "statutory_authority"):
        assert start[name] == told[name], name
    assert not start.keys() & {"signature", "attestation", "justification"}
    assert start["signed_on"] == RENEWAL_BEGINS.isoformat()
    users = offered(renewal_after("send-decision"), "certify-users")["users"]
    assert [user["email"] for user in users] == ["ana@kern.example", "bo@kern.example"]


def test_a_new_application_that_renews_nothing_starts_as_before() -> None:
    start = offered(before("complete-application"), "complete-application")
    assert not start.keys() & {"iso_name", "purpose", "board_days", "contact_phone"}


@pytest.mark.process("10.2", "7.1")
def test_the_office_id_is_kept_without_being_held_twice() -> None:
    case = renewal_after("file-mou")
    assert offered(case, "create-office-id")["office_id"] == "KERN-IVA-01"
    case.take("create-office-id")
    assert case.document["create_office_id"]["held_by"] == OLD
    assert "office-id" not in case.document["claims"]


@pytest.mark.process("7.1")
def test_the_office_id_of_another_organization_stays_refused() -> None:
    case = renewal_after("file-mou")
    case.world.office_ids["kern-ive-01"] = "TPA-2026-0099"
    assert "taken already" in case.problems("create-office-id", office_id="KERN-IVE-01")["office_id"]


@pytest.mark.process("10.2", "7.1")
def test_the_renewal_of_a_renewal_keeps_the_office_id_too() -> None:
    second = renewal_after("confirm-access")
    case = renewal()
    case.document["identify_requestor"] = {"renews": NEW}
    case.document["id"] = "TPA-2032-0001"
    case.world.documents = {OLD: after("confirm-access").document, NEW: second.document}
    for step in ("identify-requestor", *("schedule-invitation", "send-invitation", "complete-application")):
        case.take(step, person("process-owner") if step == "identify-requestor" else None)
    for step in ("route-application", "legal-opinion", "connectivity-test", "send-to-owner", "decide", "send-decision"):
        case.take(step)
    case.take("sign-mou").take("certify-users").take("countersign-mou").take("post-approval").take("create-office-id")
    assert case.document["create_office_id"]["held_by"] == OLD


@pytest.mark.process("10.2", "7.3")
def test_the_accounts_that_there_are_are_offered_with_their_user_ids() -> None:
    rows = offered(renewal_after("direct-setup"), "set-up-accounts")["accounts"]
    assert [(row["email"], row["user_id"], "set_up_on" in row) for row in rows] == [
        ("ana@kern.example", "KERN0001", False),
        ("bo@kern.example", "KERN0002", False),
    ]


# One organization, one agreement in force


@pytest.mark.process("1.6", "10.2")
def test_the_number_is_weighed_without_what_the_agreement_before_holds() -> None:
    case = renewal_after("send-to-owner")
    case.world.granted_elsewhere[UAAG] = 3  # what the one before holds
    renewed = case.world.documents[OLD]
    assert weighed(case.world, "Kern", "iv-a", NEW, renewed)["granted"] == 0
    assert case.problems("decide", accounts_granted=1, justification=None) == {}


@pytest.mark.process("1.6", "10.2")
@pytest.mark.parametrize(("granted", "beyond"), [(2, {}), (3, {}), (5, {UAAG: 2})])
def test_the_reserve_is_drawn_once_while_both_are_there_and_the_larger_number_counts(
    granted: int, beyond: dict[str, int]
) -> None:
    case = renewal_after("send-to-owner").take("decide", accounts_granted=granted)
    assert case.document["holdings"] == beyond
    for step in ("send-decision", "sign-mou", "certify-users", "countersign-mou", "post-approval"):
        case.take(step)
    assert case.document["holdings"] == beyond
    case.on(date(2029, 11, 24)).take("take-effect")
    assert case.document["holdings"] == {UAAG: granted}


@pytest.mark.process("10.2", "5.2")
def test_it_takes_the_place_of_the_one_before_on_the_day_after_its_end() -> None:
    case = renewal_after("post-approval")
    assert case.document["countersign_mou"]["effective_on"] == RENEWAL_BEGINS.isoformat()
    assert case.status == "renewing"
    assert case.to_come["take-effect"] == "2029-11-24"
    assert "November 24, 2029" in case.on(date(2029, 11, 23)).out_of_turn("take-effect")
    assert case.on(date(2029, 11, 24)).take("take-effect").status == "establishing"


@pytest.mark.process("10.2")
def test_one_term_is_offered_to_follow_the_other() -> None:
    start = offered(renewal_after("certify-users"), "countersign-mou")
    assert start["effective_on"] == "2029-11-24"


@pytest.mark.process("10.2")
def test_access_that_is_confirmed_before_becomes_active_with_the_agreement() -> None:
    case = renewal_after("confirm-access")
    assert case.status == "renewing"
    assert case.on(date(2029, 11, 24)).take("take-effect").status == "active"


@pytest.mark.process("10.2")
@pytest.mark.parametrize("change", [{"status": "ended"}, {"countersign_mou": {"expires_on": "2029-05-29"}}])
def test_it_waits_for_none_that_has_ended_already(change: dict[str, object]) -> None:
    case = renewal_after("countersign-mou")
    case.world.documents[OLD] = {**case.world.documents[OLD], **change}
    case.take("post-approval")
    assert case.status == "establishing"
    assert case.document["holdings"] == {UAAG: 3}
    case.out_of_turn("take-effect")


@pytest.mark.process("10.2", "6.9")
def test_it_takes_the_place_of_one_under_notice_on_the_day_that_the_notice_names() -> None:
    case = renewal_after("countersign-mou")
    old = Case(document=case.world.documents[OLD], today=case.today)
    case.world.documents[OLD] = old.take("terminate", kind="notice", ends_on="2029-08-01").document
    assert case.take("post-approval").to_come["take-effect"] == "2029-08-01"


@pytest.mark.process("10.2", "7.3")
def test_the_account_of_a_user_who_is_not_named_again_is_removed_under_the_new_agreement() -> None:
    case = renewal_after("send-decision").take("sign-mou")
    ana = case.usual("certify-users")["users"][:1]
    case.take("certify-users", users=ana).take("countersign-mou").take("post-approval")
    case.on(date(2029, 11, 24)).take("take-effect")
    assert [account["user_id"] for account in accounts_set_up(case.document)] == ["KERN0001", "KERN0002"]
    assert "remove-accounts" in case.waiting
    row = {"email": "bo@kern.example", "user_id": "KERN0002", "removed_on": "2029-11-24"}
    case.take("remove-accounts", accounts=[row])
    assert [account["user_id"] for account in accounts_set_up(case.document)] == ["KERN0001"]
    assert "remove-accounts" not in case.waiting


# There is one successor


@pytest.mark.process("10.2")
def test_a_renewal_on_its_way_is_not_started_a_second_time() -> None:
    old = where_open("start-renewal").take("start-renewal")
    new = renewal_after("identify-requestor").document
    old.world.documents[NEW] = new
    assert NEW in old.problems("start-renewal")[""]


@pytest.mark.process("10.2")
@pytest.mark.parametrize("end", ["withdraw", "reject"])
def test_a_renewal_that_came_to_nothing_lets_another_be_started(end: str) -> None:
    new = renewal_after("send-to-owner")
    if end == "withdraw":
        new.take("withdraw")
    else:
        new.take("decide", decision="reject", reason="No purpose.").take("send-decision")
    assert new.document["claims"] == {}
    old = where_open("start-renewal").take("start-renewal")
    old.world.documents[NEW] = new.document
    assert old.problems("start-renewal") == {}


@pytest.mark.process("10.2")
@pytest.mark.parametrize("day", ["2029-05-30", "not a date"])
def test_an_invitation_date_that_cannot_be_is_refused_on_the_step_that_begins_it(day: str) -> None:
    assert set(where_open("start-renewal").problems("start-renewal", invitation_date=day)) == {"invitation_date"}


def test_the_owner_does_not_invite_themselves() -> None:
    owner = person("process-owner")
    case = where_open("start-renewal")
    assert set(case.problems("start-renewal", invitee_email=owner.email)) == {"invitee_email"}


def test_whoever_sees_the_one_sees_the_other() -> None:
    new, requestor = renewal_after("identify-requestor").document, person("requestor")
    assert policy.readable(THIRD_PARTY_ACCESS, new, requestor)["identify_requestor"]["renews"] == OLD
