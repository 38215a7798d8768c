"""Year by year: users are certified anew, leave and join; whose year is over loses the account until they are."""

from datetime import date, timedelta
from typing import Any

import pytest

from portal.process.third_party_access.users import accounts_in_use, accounts_set_up, roster
from tests.process.case import MONDAY, Case, after

YEAR_OVER = MONDAY + timedelta(days=365)
"""The last day on which a training and a statement of that Monday count."""


def active() -> Case:
    """Kern IV-A with access: Ana and Bo were trained, signed and got their accounts on one Monday."""
    return after("confirm-access")


def certified(*names: str, on: date) -> list[dict[str, Any]]:
    """Rows that certify these users on a date."""
    day = on.isoformat()
    return [{"email": f"{name}@kern.example", "trained_on": day, "statement_signed_on": day} for name in names]


def a_row(name: str, day: str, on: date) -> dict[str, str]:
    """A row that says what became of this user's account, and when."""
    user_id = {"ana": "KERN0001", "bo": "KERN0002"}[name]
    return {"email": f"{name}@kern.example", "user_id": user_id, day: on.isoformat()}


def names(rows: list[Any]) -> list[str]:
    """The users of these rows, by the first part of their address."""
    return [row["email"].partition("@")[0] for row in rows]


@pytest.mark.process("2.5", "2.6")
def test_the_requestor_is_asked_thirty_days_before_the_year_is_over() -> None:
    case = active()
    asked_on = YEAR_OVER - timedelta(days=30)
    assert case.to_come["recertify-users"] == asked_on.isoformat()
    assert "recertify-users" not in case.on(asked_on - timedelta(days=1)).waiting
    assert "recertify-users" in case.on(asked_on).waiting


@pytest.mark.process("2.5", "2.6")
@pytest.mark.parametrize("older", ["trained_on", "statement_signed_on"])
def test_the_year_counts_from_the_older_of_training_and_statement(older: str) -> None:
    case = active().on(YEAR_OVER)
    rows = certified("ana", "bo", on=YEAR_OVER)
    rows[0][older] = (YEAR_OVER - timedelta(days=100)).isoformat()
    case.take("recertify-users", users=rows)
    assert case.to_come["recertify-users"] == (YEAR_OVER - timedelta(days=100) + timedelta(days=335)).isoformat()
    assert case.to_come["suspend-accounts"] == (YEAR_OVER - timedelta(days=100) + timedelta(days=366)).isoformat()


@pytest.mark.process("2.5")
def test_the_task_stays_until_the_last_user_is_certified() -> None:
    case = active().on(YEAR_OVER).take("recertify-users", users=certified("ana", on=YEAR_OVER))
    assert "recertify-users" in case.waiting
    assert "recertify-users" not in case.take("recertify-users", users=certified("bo", on=YEAR_OVER)).waiting


@pytest.mark.process("2.5", "2.6")
def test_what_was_certified_before_is_kept_beside_the_new_dates() -> None:
    case = active().on(YEAR_OVER).take("recertify-users", users=certified("ana", on=YEAR_OVER))
    ana, bo = roster(case.document)
    assert (ana["name"], ana["job_title"], ana["trained_on"]) == (
        "Ana Núñez",
        "Eligibility Worker II",
        YEAR_OVER.isoformat(),
    )
    assert bo["trained_on"] == MONDAY.isoformat()


@pytest.mark.process("2.5", "2.6")
def test_a_certification_that_no_longer_counts_goes_back_or_names_a_stranger_is_refused() -> None:
    case = active().on(YEAR_OVER + timedelta(days=1))
    case.take("recertify-users", users=certified("ana", on=case.today))
    old = certified("bo", on=MONDAY)
    assert set(case.problems("recertify-users", users=old)) == {"users-0-trained_on", "users-0-statement_signed_on"}
    back = certified("ana", on=case.today - timedelta(days=1))
    assert set(case.problems("recertify-users", users=back)) == {"users-0-trained_on", "users-0-statement_signed_on"}
    assert set(case.problems("recertify-users", users=certified("eve", on=case.today))) == {"users-0-email"}


@pytest.mark.process("2.5")
def test_the_day_after_the_year_the_administrator_is_asked_to_suspend_and_it_stays_until_done() -> None:
    case = active()
    assert "suspend-accounts" not in case.on(YEAR_OVER).waiting
    assert "suspend-accounts" in case.on(YEAR_OVER + timedelta(days=1)).waiting
    assert "suspend-accounts" in case.pass_days(200).waiting
    row = {"email": "ana@kern.example", "user_id": "KERN0001", "suspended_on": case.today.isoformat()}
    case.take("suspend-accounts", accounts=[row])
    assert "suspend-accounts" in case.waiting
    case.take("suspend-accounts", accounts=case.usual("suspend-accounts")["accounts"][1:])
    assert "suspend-accounts" not in case.waiting
    assert accounts_in_use(case.document) == []
    assert names(accounts_set_up(case.document)) == ["ana", "bo"]


def concerns(case: Case) -> list[str]:
    """What stands out at the head of its page, all of it pressing."""
    found = list(case.process.concerns(case.document, case.today))
    assert all(one.pressing and one.overview == "roster" for one in found)
    return [one.words for one in found]


@pytest.mark.process("2.5", "8")
def test_an_account_that_is_in_use_though_the_year_is_over_is_a_concern_until_it_is_suspended_or_the_user_certified() -> (
    None
):
    case = active().on(YEAR_OVER)
    assert concerns(case) == []
    assert concerns(case.pass_days(40)) == ["2 accounts in use whose year is over, since November 24, 2027."]
    case.take("suspend-accounts", accounts=[a_row("ana", "suspended_on", case.today)])
    assert concerns(case) == ["1 account in use whose year is over, since November 24, 2027."]
    assert concerns(case.take("recertify-users", users=certified("bo", on=case.today))) == []


@pytest.mark.process("2.5", "7.3")
def test_of_an_agreement_that_has_ended_no_year_is_a_concern() -> None:
    case = active().take("terminate", kind="at-once", ends_on=None).on(YEAR_OVER + timedelta(days=40))
    assert accounts_in_use(case.document) != []
    assert concerns(case) == []


@pytest.mark.process("2.5")
def test_only_an_account_whose_year_is_over_is_suspended_and_under_its_own_user_id() -> None:
    case = active().on(YEAR_OVER + timedelta(days=1))
    case.take("recertify-users", users=certified("ana", on=case.today))
    row = {"email": "ana@kern.example", "user_id": "KERN0001", "suspended_on": case.today.isoformat()}
    assert set(case.problems("suspend-accounts", accounts=[row])) == {"accounts-0-email"}
    other = {**row, "email": "bo@kern.example"}
    assert set(case.problems("suspend-accounts", accounts=[other])) == {"accounts-0-user_id"}


@pytest.mark.process("2.5", "7.3", "8")
def test_an_account_is_suspended_from_the_day_after_the_users_year_on_and_not_before() -> None:
    case, due = active().on(YEAR_OVER + timedelta(days=60)), YEAR_OVER + timedelta(days=1)
    early = case.problems("suspend-accounts", accounts=[a_row("bo", "suspended_on", YEAR_OVER)])
    assert early == {"accounts-0-suspended_on": "Bo Li was certified until November 23, 2027: this is not after it"}
    assert case.problems("suspend-accounts", accounts=[a_row("bo", "suspended_on", due)]) == {}


@pytest.mark.process("8")
def test_an_account_is_not_suspended_for_an_incident_before_that_was_reported() -> None:
    reported_on = MONDAY + timedelta(days=20)
    case = active().on(reported_on).take("report-incident").pass_days(5)
    case.take("assess-incident", suspend_access="all-users", accounts=None)
    early = a_row("bo", "suspended_on", reported_on - timedelta(days=1))
    assert case.problems("suspend-accounts", accounts=[early]) == {
        "accounts-0-suspended_on": "Incident 1 was reported on December 13, 2026: this is before"
    }
    assert case.problems("suspend-accounts", accounts=[a_row("bo", "suspended_on", reported_on)]) == {}


@pytest.mark.process("7.3", "8")
def test_no_account_is_removed_before_the_users_last_day() -> None:
    left_on = MONDAY + timedelta(days=30)
    case = active().on(left_on).take("change-users", joining=None).pass_days(20)
    early = a_row("bo", "removed_on", left_on - timedelta(days=1))
    assert case.problems("remove-accounts", accounts=[early]) == {
        "accounts-0-removed_on": "The last day of bo@kern.example was December 23, 2026: this is before"
    }
    assert case.problems("remove-accounts", accounts=[a_row("bo", "removed_on", left_on)]) == {}
    before = a_row("bo", "removed_on", MONDAY - timedelta(days=1))
    assert (
        "was set up on November 23, 2026"
        in case.problems("remove-accounts", accounts=[before])["accounts-0-removed_on"]
    )


@pytest.mark.process("6.9", "7.3")
def test_no_account_is_removed_before_the_agreements_last_day() -> None:
    ended_on = MONDAY + timedelta(days=30)
    case = active().on(ended_on).take("terminate", kind="at-once", ends_on=None).pass_days(20)
    last = ended_on - timedelta(days=1)
    early = a_row("bo", "removed_on", last - timedelta(days=1))
    assert case.problems("remove-accounts", accounts=[early]) == {
        "accounts-0-removed_on": "The agreement’s last day was December 22, 2026: this is before"
    }
    assert case.problems("remove-accounts", accounts=[a_row("bo", "removed_on", last)]) == {}


@pytest.mark.process("2.5", "7.3")
def test_a_suspended_user_who_is_certified_again_is_set_up_again() -> None:
    case = active().on(YEAR_OVER + timedelta(days=1)).take("suspend-accounts")
    case.take("recertify-users", users=certified("ana", "bo", on=case.today))
    assert "set-up-accounts" in case.waiting
    case.pass_days(2)
    account = {"security_profile": "iv-a-read-only", "set_up_on": case.today.isoformat()}
    ana, bo = (
        {**account, "email": f"{name}@kern.example", "user_id": user_id}
        for name, user_id in (("ana", "KERN0001"), ("bo", "KERN0002"))
    )
    case.take("set-up-accounts", accounts=[bo])
    assert names(accounts_in_use(case.document)) == ["bo"]
    assert "set-up-accounts" in case.waiting
    case.take("set-up-accounts", accounts=[ana])
    assert names(accounts_in_use(case.document)) == ["ana", "bo"]
    assert "set-up-accounts" not in case.waiting


def test_setting_up_another_leaves_a_suspended_account_suspended() -> None:
    case = active().on(YEAR_OVER + timedelta(days=1)).take("suspend-accounts")
    case.take("change-users", leaving=None)
    third = {
        "email": "cy@kern.example",
        "user_id": "KERN0003",
        "security_profile": "iv-a-read-only",
        "set_up_on": case.today.isoformat(),
    }
    case.take("set-up-accounts", accounts=[third])
    assert names(accounts_in_use(case.document)) == ["cy"]
    assert names(accounts_set_up(case.document)) == ["ana", "bo", "cy"]


@pytest.mark.process("6.8.2", "7.3")
def test_a_departure_reaches_the_administrator_at_once_and_stays_until_the_account_is_removed() -> None:
    case = active().pass_days(40).take("change-users", joining=None)
    assert names(roster(case.document)) == ["ana"]
    assert "remove-accounts" in case.waiting
    assert [task["role"] for task in case.document["open_tasks"] if task["step"] == "remove-accounts"] == [
        "administrator"
    ]
    assert any(
        notice["to"] == "role:administrator"
        for notice in case.document["notices"]
        if notice["task"] == "remove-accounts"
    )
    case.pass_days(10).take("remove-accounts")
    assert "remove-accounts" not in case.possible
    assert names(accounts_set_up(case.document)) == ["ana"]


@pytest.mark.process("2.5")
def test_who_has_left_is_neither_certified_nor_suspended_any_more() -> None:
    case = active().take("change-users", joining=None).on(YEAR_OVER + timedelta(days=1))
    case.take("recertify-users", users=certified("ana", on=case.today))
    assert case.waiting == {"remove-accounts"}


@pytest.mark.process("2.5", "6.8")
def test_of_one_who_has_left_it_is_said_that_they_left_and_when() -> None:
    case = active().take("change-users", joining=None).pass_days(340)
    said = case.problems("recertify-users", users=certified("bo", on=case.today))["users-0-email"]
    assert said == "bo@kern.example has left; the last day was November 23, 2026. Take this row out."
    again = [{"email": "bo@kern.example", "left_on": case.today.isoformat()}]
    said = case.problems("change-users", leaving=again, joining=None)["leaving-0-email"]
    assert said == "bo@kern.example left already; the last day was November 23, 2026"
    back = {**case.usual("change-users")["joining"][0], "email": "bo@kern.example", "name": "Bo Li"}
    case.take("remove-accounts").take("change-users", leaving=None, joining=[back])
    assert case.problems("recertify-users", users=certified("bo", on=case.today)) == {}


def test_what_is_wrong_with_a_row_names_whose_it_is() -> None:
    case = active().on(YEAR_OVER + timedelta(days=1)).take("recertify-users", users=certified("ana", on=YEAR_OVER))
    old = case.problems("recertify-users", users=[*certified("bo", on=MONDAY), *certified("ana", on=MONDAY)])
    assert old["users-0-trained_on"] == "For Bo Li this is more than 365 days ago: it no longer counts"
    assert old["users-1-trained_on"] == "Of Ana Núñez a later date is on record already"


@pytest.mark.process("1.6", "6.8.2")
def test_users_join_within_the_number_granted_and_get_their_account() -> None:
    case = active()
    rows = case.usual("change-users")["joining"]
    more = [*rows, {**rows[0], "email": "di@kern.example", "name": "Di Ko"}]
    assert "3 accounts were granted" in case.problems("change-users", leaving=None, joining=more)["joining"]
    case.take("change-users", joining=more)
    assert names(roster(case.document)) == ["ana", "cy", "di"]
    assert {"set-up-accounts", "remove-accounts"} <= case.waiting


def test_a_place_is_free_for_another_only_once_the_account_is_removed() -> None:
    case = active()
    rows = case.usual("change-users")["joining"]
    case.take("change-users", joining=[*rows, {**rows[0], "email": "di@kern.example", "name": "Di Ko"}])
    account = {"security_profile": "iv-a-read-only", "set_up_on": case.today.isoformat()}
    two = [{**account, "email": f"{name}@kern.example", "user_id": f"KERN-{name}"} for name in ("cy", "di")]
    assert "accounts" in case.problems("set-up-accounts", accounts=two)
    case.take("remove-accounts").take("set-up-accounts", accounts=two)
    assert names(accounts_in_use(case.document)) == ["ana", "cy", "di"]


def test_nobody_leaves_who_is_not_there_joins_twice_or_does_both_at_once() -> None:
    case = active()
    stranger = [{"email": "eve@kern.example", "left_on": case.today.isoformat()}]
    assert set(case.problems("change-users", leaving=stranger, joining=None)) == {"leaving-0-email"}
    row = case.usual("change-users")["joining"][0]
    assert set(case.problems("change-users", leaving=None, joining=[{**row, "email": "ANA@kern.example"}])) == {
        "joining-0-email"
    }
    assert set(case.problems("change-users", joining=[{**row, "email": "bo@kern.example"}])) == {"joining-0-email"}
    assert set(case.problems("change-users", leaving=None, joining=None)) == {"leaving"}


def test_one_who_left_can_come_back() -> None:
    case = active().take("change-users", joining=None).take("remove-accounts").pass_days(30)
    row = {**case.usual("change-users")["joining"][0], "email": "bo@kern.example", "name": "Bo Li"}
    case.take("change-users", leaving=None, joining=[row])
    assert names(roster(case.document)) == ["ana", "bo"]
    assert "set-up-accounts" in case.waiting


def test_nobody_left_before_the_account_was_set_up() -> None:
    row = {"email": "bo@kern.example", "left_on": (MONDAY - timedelta(days=1)).isoformat()}
    assert set(active().problems("change-users", leaving=[row], joining=None)) == {"leaving-0-left_on"}
