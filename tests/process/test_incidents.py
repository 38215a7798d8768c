"""Incidents: reported by the Requestor, in two inboxes at once, followed to their end one by one."""

from datetime import timedelta
from typing import Any

import pytest

from portal.process.errors import NotYourTurn
from portal.process.policy import readable
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from portal.process.third_party_access.incidents import incidents, open_incidents
from portal.process.third_party_access.users import accounts_in_use
from tests.conftest import House
from tests.journey import answers_to
from tests.process.case import MONDAY, Case, after, person, several

pytestmark = pytest.mark.process("8")


def reported(times: int = 1) -> Case:
    """Kern IV-A with access, when so many incidents were reported, a day after another."""
    case = after("confirm-access")
    for _ in range(times):
        case.pass_days(1).take("report-incident")
    return case


NO_SUSPENSION: dict[str, Any] = {"suspend_access": "none", "accounts": None}


def suspend(case: Case, *names: str) -> Case:
    """The Administrator suspends the accounts of these users."""
    user_ids = {"ana": "KERN0001", "bo": "KERN0002"}
    day = case.today.isoformat()
    rows = [{"email": f"{name}@kern.example", "user_id": user_ids[name], "suspended_on": day} for name in names]
    return case.take("suspend-accounts", accounts=rows)


def started_with(case: Case, step: str) -> list[str]:
    """The addresses in the rows that the step's form starts with."""
    field = THIRD_PARTY_ACCESS.step(step).field("accounts")
    assert field.default is not None
    rows = field.default(case.situation({}))
    assert isinstance(rows, list)
    return [row["email"] for row in rows]


def whose(case: Case, step: str) -> list[str]:
    """The roles that have this task."""
    return [task["role"] for task in case.document["open_tasks"] if task["step"] == step]


def told(case: Case) -> set[str]:
    """Who is told of the newest step."""
    return {notice["to"] for notice in case.document["notices"] if notice["seq"] == case.document["version"]}


def test_an_incident_can_be_reported_once_accounts_are_set_up_and_at_any_time_from_then_on() -> None:
    after("direct-setup").out_of_turn("report-incident")
    assert "report-incident" in after("set-up-accounts").possible
    assert "report-incident" not in after("set-up-accounts").waiting
    ended = after("confirm-access").take("terminate").pass_days(300)
    assert set(ended.problems("report-incident")) == {"suspend_access"}  # no account is left under it
    assert [one.number for one in incidents(ended.take("report-incident", **NO_SUSPENSION).document)] == [1]
    assert {"assess-incident", "acknowledge-incident"} <= ended.waiting


def test_it_is_a_task_of_the_iso_and_of_the_process_owner_at_once_and_both_are_told() -> None:
    case = reported()
    assert whose(case, "assess-incident") == ["iso"]
    assert whose(case, "acknowledge-incident") == ["process-owner"]
    assert {"role:iso", "role:process-owner"} <= told(case)


@pytest.mark.parametrize(("suspend", "asked"), [("none", False), ("some-users", True), ("all-users", True)])
def test_the_administrator_is_told_when_access_is_to_be_suspended(suspend: str, asked: bool) -> None:
    case = after("confirm-access").take("report-incident", suspend_access=suspend)
    assert ("role:administrator" in told(case)) is asked


@pytest.mark.process("7.3")
def test_suspension_for_an_incident_is_the_administrators_task_at_once_until_it_is_done() -> None:
    case = reported()
    assert whose(case, "suspend-accounts") == ["administrator"]
    assert "suspend-accounts" in case.waiting
    assert case.task("suspend-accounts")["opens_on"] == case.today.isoformat()
    assert started_with(case.pass_days(40), "suspend-accounts") == ["bo@kern.example"]
    assert "suspend-accounts" in case.waiting
    assert "suspend-accounts" not in suspend(case, "bo").waiting
    assert [account["email"] for account in accounts_in_use(case.document)] == ["ana@kern.example"]


@pytest.mark.process("7.3")
def test_of_all_users_means_each_account_in_use_and_no_other_user_is_suspended_than_is_asked() -> None:
    case = after("confirm-access").take("report-incident", suspend_access="all-users", accounts=None)
    assert started_with(case, "suspend-accounts") == ["ana@kern.example", "bo@kern.example"]
    assert "suspend-accounts" in suspend(case, "ana").waiting
    assert "suspend-accounts" not in suspend(case, "bo").waiting
    row = {"email": "ana@kern.example", "user_id": "KERN0001", "suspended_on": case.today.isoformat()}
    assert set(reported().problems("suspend-accounts", accounts=[row])) == {"accounts-0-email"}


@pytest.mark.process("7.3")
def test_whose_account_is_suspended_for_an_incident_is_set_up_again_only_when_it_is_closed() -> None:
    case = suspend(reported(), "bo")
    assert "set-up-accounts" not in case.waiting
    row = answers_to("set-up-accounts", case.today)["accounts"][1]
    again = [{**row, "set_up_on": case.today.isoformat(), "user_id": "KERN0009"}]
    assert set(case.problems("set-up-accounts", accounts=again)) == {"accounts-0-email"}
    case.take("acknowledge-incident").take("assess-incident").take("act-on-incident").take("close-incident")
    assert "role:administrator" in told(case)
    assert whose(case, "set-up-accounts") == ["administrator"]
    assert "set-up-accounts" in case.waiting
    case.take("set-up-accounts", accounts=again)
    assert len(accounts_in_use(case.document)) == 2
    assert not {"set-up-accounts", "suspend-accounts"} & case.waiting


@pytest.mark.process("7.3")
def test_the_assessment_says_anew_whose_access_is_suspended_and_may_allow_it_again() -> None:
    case = after("confirm-access").take("report-incident", **NO_SUSPENSION)
    assert "suspend-accounts" not in case.waiting
    case.take("assess-incident", accounts=[{"email": "ana@kern.example"}])
    assert "role:administrator" in told(case)
    assert started_with(case, "suspend-accounts") == ["ana@kern.example"]
    suspend(case, "ana").take("assess-incident", **NO_SUSPENSION)
    assert "set-up-accounts" in case.waiting
    assert "suspend-accounts" not in reported().take("assess-incident", **NO_SUSPENSION).waiting


def test_another_open_incident_keeps_the_account_suspended() -> None:
    case = suspend(reported(2), "bo")
    for step in ("acknowledge-incident", "assess-incident", "act-on-incident", "close-incident"):
        case.take(step, incident=1)
    assert "set-up-accounts" not in case.waiting


@pytest.mark.process("2.5")
def test_a_year_that_is_over_and_an_incident_are_suspended_in_one_form() -> None:
    case = reported().on(MONDAY + timedelta(days=366))
    assert started_with(case, "suspend-accounts") == ["ana@kern.example", "bo@kern.example"]


@pytest.mark.parametrize("step", ["report-incident", "assess-incident"])
def test_suspension_is_asked_of_users_who_have_an_account(step: str) -> None:
    case = reported()
    assert set(case.problems(step, accounts=[{"email": "eve@kern.example"}])) == {"accounts-0-email"}
    assert set(case.problems(step, accounts=None)) == {"accounts"}


def test_it_cannot_have_happened_after_it_was_noticed_nor_be_noticed_tomorrow() -> None:
    case = after("confirm-access")
    tomorrow = (case.today + timedelta(days=1)).isoformat()
    assert set(case.problems("report-incident", happened_on=tomorrow)) >= {"happened_on"}
    assert set(case.problems("report-incident", noticed_on=tomorrow)) == {"noticed_on"}
    before = (case.today - timedelta(days=1)).isoformat()
    assert set(case.problems("report-incident", noticed_on=before, happened_on=case.today.isoformat())) == {
        "happened_on"
    }


def test_no_case_data_is_kept_in_it() -> None:
    problems = after("confirm-access").problems("report-incident", what_happened="It was 123-45-6789.")
    assert set(problems) == {"what_happened"}


def test_it_goes_from_report_to_its_end() -> None:
    case = reported()
    case.take("acknowledge-incident")
    assert "acknowledge-incident" not in case.possible
    case.take("assess-incident")
    assert whose(case, "act-on-incident") == ["requestor"]
    assert "close-incident" not in case.waiting
    case.pass_days(4).take("act-on-incident")
    assert whose(case, "close-incident") == ["iso"]
    case.take("close-incident")
    assert open_incidents(case.document) == []
    assert not {step for step in case.possible if step.endswith("-incident")} - {"report-incident"}


def test_the_iso_can_ask_for_more_and_the_requestor_answers_again() -> None:
    case = reported().take("acknowledge-incident").take("assess-incident").take("act-on-incident")
    case.take("assess-incident", to_be_done="Send the list of attendance too.")
    assert "close-incident" not in case.waiting
    assert "incident" in case.problems("close-incident")
    case.take("act-on-incident")
    assert "close-incident" in case.waiting
    assert case.problems("close-incident") == {}


def test_it_is_not_closed_before_notification_is_settled_the_owner_knows_and_measures_are_answered() -> None:
    case = reported().take("assess-incident", notification="to-be-clarified", notify=None)
    assert set(case.problems("close-incident")) == {"incident"}
    case.take("act-on-incident").take("acknowledge-incident")
    assert set(case.problems("close-incident")) == {"incident"}
    case.take("assess-incident", notification="not-required", notify=None).take("act-on-incident")
    assert case.problems("close-incident") == {}
    unacknowledged = reported().take("assess-incident").take("act-on-incident")
    assert set(unacknowledged.problems("close-incident")) == {"incident"}


def test_whom_to_notify_is_asked_when_the_law_asks_for_it() -> None:
    assert set(reported().problems("assess-incident", notify=None)) == {"notify"}


def test_several_incidents_do_not_mix() -> None:
    case = reported(2)
    assert [one.number for one in incidents(case.document)] == [1, 2]
    case.take("assess-incident", incident=2, severity="high")
    first, second = incidents(case.document)
    assert (first.assessed, second.assessed["severity"] if second.assessed else None) == (None, "high")
    assert "assess-incident" in case.waiting
    assert set(case.problems("act-on-incident", incident=1)) == {"incident"}
    case.take("act-on-incident", incident=2).take("acknowledge-incident", incident=2)
    assert set(case.problems("acknowledge-incident", incident=2)) == {"incident"}
    assert "acknowledge-incident" in case.waiting
    case.take("close-incident", incident=2)
    assert [one.number for one in open_incidents(case.document)] == [1]
    assert set(case.problems("assess-incident", incident=2)) == {"incident"}
    assert set(case.problems("assess-incident", incident=3)) == {"incident"}
    case.take("assess-incident").take("act-on-incident").take("acknowledge-incident").take("close-incident")
    assert open_incidents(case.document) == []


def test_a_second_report_is_told_at_once_though_the_first_still_waits() -> None:
    case = reported(2)
    assert {"role:iso", "role:process-owner"} <= told(case)


def test_the_form_begins_with_the_incident_that_waits_longest() -> None:
    case = reported(3).take("assess-incident", incident=1)
    field = THIRD_PARTY_ACCESS.step("assess-incident").field("incident")
    assert field.default is not None
    assert field.default(case.situation({})) == 2


def test_what_was_done_is_not_older_than_the_day_on_which_it_was_noticed() -> None:
    case = reported().take("assess-incident").take("acknowledge-incident")
    before = MONDAY.isoformat()
    assert set(case.problems("act-on-incident", done_on=before)) == {"done_on"}
    case.take("act-on-incident")
    assert set(case.problems("close-incident", closed_on=before)) == {"closed_on"}


@pytest.mark.process("1.5")
@pytest.mark.parametrize("step", ["assess-incident", "acknowledge-incident"])
def test_nobody_weighs_an_incident_of_their_own_organization(step: str) -> None:
    case = reported()
    with pytest.raises(NotYourTurn):
        case.take(step, several(case.who(THIRD_PARTY_ACCESS.step(step).role), case.who("requestor")))


@pytest.mark.process("1.5")
@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("assess-incident", "acknowledge-incident"),
        ("acknowledge-incident", "assess-incident"),
        ("acknowledge-incident", "close-incident"),
    ],
)
def test_who_assesses_or_closes_an_incident_is_not_who_acknowledges_it(first: str, then: str) -> None:
    case = reported()
    both = several(person("iso", email="both@state.example"), person("process-owner", email="both@state.example"))
    case.take(first, both)
    if then == "close-incident":
        case.take("assess-incident").take("act-on-incident")
    with pytest.raises(NotYourTurn):
        case.take(then, both)


@pytest.mark.process("O8.2")
def test_particulars_are_for_those_who_follow_it_and_all_others_see_that_there_is_one() -> None:
    case = reported()
    for role in ("legal", "contract-manager", "infrastructure-manager"):
        assert readable(case.process, case.document, case.who(role))["report_incident"] == {"number": 1}
    shown = readable(case.process, case.document, case.who("administrator"))["report_incident"]
    assert shown == {"number": 1, "suspend_access": "some-users", "accounts": [{"email": "bo@kern.example"}]}


def test_an_open_incident_stands_at_the_top_of_the_applications_page_until_it_is_closed(house: House) -> None:
    document = house.application_after("confirm-access")
    house.take(document["id"], "report-incident")
    words = "Incident 1 is open: reported on November 23, 2026, not assessed yet."
    for role in ("iso", "process-owner", "legal", "requestor", "director"):
        assert words in house.client(role).page(f"/applications/{document['id']}").text
    for step in ("assess-incident", "act-on-incident", "acknowledge-incident", "close-incident"):
        house.take(document["id"], step)
    assert "is open: reported" not in house.client("iso").page(f"/applications/{document['id']}").text
