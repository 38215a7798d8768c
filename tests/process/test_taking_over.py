"""What a renewal takes over when it takes the place of the agreement before: no user and no account is lost sight of."""

from datetime import date, timedelta
from typing import Any

import pytest

from portal.process.third_party_access.gaps import Days, accounts_ever, gaps
from portal.process.third_party_access.users import accounts_in_use, accounts_set_up, accounts_to_remove, roster
from tests.process.case import MONDAY, Case, renewal_after

pytestmark = pytest.mark.process("10.2", "7.3")

OLD, NEW = "TPA-2026-0007", "TPA-2026-0008"
FIRST_DAY = date(2029, 11, 24)
"""The first day on which the renewal is in force: the one before ends on the day before."""


def in_force(case: Case, late: int = 0) -> Case:
    """The renewal, once it has taken the place of the one before, recorded so many days late."""
    return case.on(FIRST_DAY + timedelta(days=late)).take("take-effect")


def who(rows: list[dict[str, Any]]) -> list[str]:
    """The first part of each address, sorted."""
    return sorted(row["email"].partition("@")[0] for row in rows)


def row(name: str, number: int, **dates: date) -> dict[str, Any]:
    """A user's account, as a step on it names it."""
    account = {"email": f"{name}@kern.example", "user_id": f"KERN000{number}"}
    return account | {name: day.isoformat() for name, day in dates.items()}


def certified(name: str, day: date) -> dict[str, Any]:
    return {
        "email": f"{name}@kern.example",
        "trained_on": day.isoformat(),
        "statement_signed_on": day.isoformat(),
    }


# Accounts


def test_the_accounts_of_users_who_are_named_again_go_on_though_nobody_recorded_them_anew() -> None:
    case = in_force(renewal_after("post-approval"))
    assert accounts_set_up(case.document) == accounts_set_up(case.other(OLD).document)
    assert who(accounts_in_use(case.document)) == ["ana", "bo"]
    assert not case.waiting & {"remove-accounts", "set-up-accounts"}
    assert {"change-users", "recertify-users"} <= case.possible
    for step in ("create-office-id", "direct-setup"):
        case.take(step)
    assert "confirm-access" in case.waiting


def test_an_account_that_was_suspended_stays_so_though_it_was_recorded_anew() -> None:
    case = renewal_after("confirm-access").on(FIRST_DAY - timedelta(days=30))
    case.take_on(OLD, "suspend-accounts", accounts=[row("bo", 2, suspended_on=case.today)])
    assert who(accounts_in_use(in_force(case).document)) == ["ana"]
    assert who(accounts_set_up(case.document)) == ["ana", "bo"]


def test_an_account_that_was_removed_meanwhile_does_not_come_back() -> None:
    case = renewal_after("confirm-access").on(FIRST_DAY - timedelta(days=30))
    leaving = [{"email": "bo@kern.example", "left_on": case.today.isoformat()}]
    case.take_on(OLD, "change-users", leaving=leaving, joining=None)
    case.take_on(OLD, "remove-accounts", accounts=[row("bo", 2, removed_on=case.today)])
    assert who(accounts_set_up(in_force(case).document)) == who(roster(case.document)) == ["ana"]
    assert [account.email for account in accounts_ever(case.document)] == ["ana@kern.example"]
    assert "remove-accounts" not in case.waiting


def test_a_user_who_left_meanwhile_is_no_user_and_the_account_is_to_be_removed() -> None:
    case = renewal_after("confirm-access").on(FIRST_DAY - timedelta(days=1))
    leaving = [{"email": "bo@kern.example", "left_on": case.today.isoformat()}]
    case.take_on(OLD, "change-users", leaving=leaving, joining=None)
    assert who(roster(in_force(case).document)) == ["ana"]
    assert who(accounts_to_remove(case.document)) == ["bo"]
    assert "remove-accounts" in case.waiting


def test_who_joined_meanwhile_comes_along_as_far_as_the_number_granted_lets() -> None:
    user = renewal_after("post-approval").usual("certify-users")["users"][0]
    joining = [{**user, "name": name, "email": f"{name.lower()}@kern.example"} for name in ("Cy", "Di")]
    case = renewal_after("post-approval").pass_days(10)
    case.take_on(OLD, "change-users", leaving=[{"email": "bo@kern.example", "left_on": case.today.isoformat()}], joining=joining)  # fmt: skip
    assert who(roster(in_force(case).document)) == ["ana", "cy", "di"]
    fewer = renewal_after("send-to-owner").take("decide", accounts_granted=2).take("send-decision").take("sign-mou")
    for step in ("certify-users", "countersign-mou", "post-approval"):
        fewer.take(step)
    fewer.pass_days(10).take_on(OLD, "change-users", leaving=None, joining=joining[:1])
    assert who(roster(in_force(fewer).document)) == ["ana", "bo"]


def test_the_account_that_there_is_goes_on_with_its_user_id() -> None:
    case = renewal_after("direct-setup")
    rows = case.usual("set-up-accounts")["accounts"]
    other = [{**rows[0], "user_id": "KERN0077"}]
    assert "KERN0001" in case.problems("set-up-accounts", accounts=other)["accounts-0-user_id"]
    assert case.problems("set-up-accounts", accounts=rows) == {}
    in_force(case)
    assert "accounts-0-user_id" not in case.problems("set-up-accounts", accounts=other)


def test_what_is_terminated_at_once_hands_nothing_over() -> None:
    case = renewal_after("confirm-access").take_on(OLD, "terminate").take("decide-on-renewal")
    assert who(accounts_to_remove(case.other(OLD).document)) == ["ana", "bo"]
    assert accounts_set_up(in_force(case).document) == []


def test_a_renewal_that_ends_while_it_waits_removes_only_accounts_that_are_its_own() -> None:
    case = renewal_after("send-decision").take("sign-mou")
    user = case.usual("certify-users")["users"]
    case.take("certify-users", users=[*user, {**user[0], "name": "Cy", "email": "cy@kern.example"}])
    for step in ("countersign-mou", "post-approval", "create-office-id", "direct-setup"):
        case.take(step)
    rows = case.usual("set-up-accounts")["accounts"]
    case.take("set-up-accounts", accounts=[*rows, {**rows[0], "email": "cy@kern.example", "user_id": "KERN0003"}])
    assert case.document["set_up_accounts"]["held_before"] == ["ana@kern.example", "bo@kern.example"]
    case.take("terminate")
    assert (case.status, who(accounts_to_remove(case.document))) == ("ended", ["cy"])
    assert "remove-accounts" in case.waiting
    assert who(accounts_in_use(case.other(OLD).document)) == ["ana", "bo"]


@pytest.mark.process("8")
def test_who_is_to_have_no_access_for_an_incident_of_the_one_before_gets_none_under_this_one() -> None:
    case = renewal_after("direct-setup").take_on(OLD, "report-incident", suspend_access="all-users", accounts=None)
    found = case.problems("set-up-accounts")
    assert f"incident 1 of {OLD}" in found["accounts-0-email"]


@pytest.mark.process("8")
def test_an_incident_that_is_reported_on_a_renewal_while_it_waits_has_its_accounts_suspended_and_they_stay_so() -> None:
    case = renewal_after("confirm-access")
    case.take("report-incident", suspend_access="all-users", accounts=None)
    assert "suspend-accounts" in case.waiting
    case.take("suspend-accounts")
    assert accounts_in_use(in_force(case).document) == []
    assert who(accounts_set_up(case.document)) == ["ana", "bo"]


# Certified once


@pytest.mark.process("2.5", "2.6")
def test_while_the_one_before_is_in_force_users_are_asked_for_and_changed_there_alone() -> None:
    case = renewal_after("confirm-access").on(FIRST_DAY - timedelta(days=1))
    seen_to = {"recertify-users", "change-users", "suspend-accounts", "remove-accounts"}
    assert not seen_to & case.possible
    assert {"recertify-users", "change-users", "suspend-accounts"} <= case.other(OLD).possible
    assert {"recertify-users", "change-users", "suspend-accounts"} <= in_force(case).possible


@pytest.mark.process("2.5", "2.6")
def test_what_was_certified_under_the_one_before_counts_under_this_one() -> None:
    case = renewal_after("confirm-access").on(FIRST_DAY - timedelta(days=20))
    trained = case.today
    case.take_on(OLD, "recertify-users", users=[certified("ana", trained)])
    ana, bo = roster(in_force(case).document)
    assert (ana["trained_on"], ana["statement_signed_on"]) == (trained.isoformat(), trained.isoformat())
    assert bo["trained_on"] < ana["trained_on"]


@pytest.mark.process("2.5", "2.6")
def test_what_was_certified_under_this_one_is_offered_where_the_one_before_asks() -> None:
    case = renewal_after("certify-users")
    old = case.other(OLD)
    step = old.process.step("recertify-users")
    facts = old.process.facts(old.world, step, old.document, {}, old.who("requestor"))
    field = step.field("users")
    assert field.default is not None
    offered = field.default(old.situation(facts))
    assert isinstance(offered, list)
    assert [row["trained_on"] for row in offered] == [case.today.isoformat()] * 2
    assert old.problems("recertify-users", users=offered) == {}


@pytest.mark.process("2.5", "2.6", "7.3")
def test_an_account_is_recorded_for_whom_the_one_before_has_certified_and_nobody_is_asked_again() -> None:
    late = MONDAY + timedelta(days=3 * 365 - 10)
    case = renewal_after("send-decision").take("sign-mou")
    near = (case.today - timedelta(days=300)).isoformat()
    users = [{**user, "trained_on": near, "statement_signed_on": near} for user in case.usual("certify-users")["users"]]
    case.take("certify-users", users=users).take("countersign-mou").take("post-approval")
    case.on(late).take("create-office-id")
    assert "certify-users" not in case.waiting
    case.take("direct-setup")
    assert set(case.problems("set-up-accounts")) == {"accounts-0-email", "accounts-1-email"}
    case.take_on(OLD, "recertify-users")
    assert case.problems("set-up-accounts") == {}


# No gap of knowledge


def told_of(case: Case, today: date) -> list[tuple[str, Days, str]]:
    """Each gap of one agreement: whose, when, why."""
    return [(gap.email.partition("@")[0], gap.days, gap.why) for gap in gaps(case.document, today)]


@pytest.mark.process("8")
def test_a_gap_over_the_seam_is_told_to_its_last_day_under_the_one_and_from_its_first_under_the_other() -> None:
    case = in_force(renewal_after("confirm-access"), late=5)
    old = case.other(OLD).take("expire")
    assert old.document["expire"]["successor"] == NEW
    today = case.pass_days(400).today
    year_over = FIRST_DAY - timedelta(days=177) + timedelta(days=365)
    assert [days.last for _, days, _ in told_of(old, today)][-1] == FIRST_DAY - timedelta(days=1)
    assert {account.in_use[0][0] for account in accounts_ever(case.document)} == {FIRST_DAY}
    assert {days.first for _, days, _ in told_of(case, today)} == {year_over + timedelta(days=1)}


@pytest.mark.process("8")
def test_the_gaps_of_accounts_that_are_the_one_befores_are_told_once() -> None:
    case = renewal_after("confirm-access").pass_days(100)
    case.take_on(OLD, "suspend-accounts")
    assert told_of(case, case.today + timedelta(days=500)) == []


@pytest.mark.process("10.1", "10.2")
@pytest.mark.parametrize(("days", "follows"), [(-1, True), (0, True), (1, False)])
def test_who_approves_it_between_the_end_and_the_run_that_records_it_leaves_every_account_known(
    days: int, follows: bool
) -> None:
    case = renewal_after("countersign-mou").on(FIRST_DAY + timedelta(days=days)).take("post-approval")
    assert case.status == ("renewing" if follows else "establishing")
    case.on(FIRST_DAY + timedelta(days=3))
    old = case.other(OLD)
    if follows:
        case.take("take-effect")
        old.world.documents[NEW] = case.document
    old.take("expire")
    assert old.document["expire"]["successor"] == (NEW if follows else "")
    assert who(accounts_to_remove(old.document)) == ([] if follows else ["ana", "bo"])
    assert who(accounts_set_up(case.document)) == (["ana", "bo"] if follows else [])
    ended = [days for _, days, why in told_of(old, case.today) if why == "The agreement had ended"]
    assert ended == ([] if follows else [Days(FIRST_DAY, case.today)] * 2)


# Incidents that are open under the agreement before


def with_an_incident(**report: Any) -> Case:
    """The renewal in force, with an incident open under the agreement before, which has ended."""
    case = renewal_after("confirm-access").on(FIRST_DAY - timedelta(days=5))
    case.take_on(OLD, "report-incident", **report).on(FIRST_DAY).take_on(OLD, "expire")
    return in_force(case)


@pytest.mark.process("8")
def test_an_account_that_an_incident_before_asks_to_suspend_is_to_be_suspended_under_the_renewal() -> None:
    case = with_an_incident()
    assert case.document["take_effect"]["suspensions"] == [
        {
            "application": OLD,
            "incident": 1,
            "reported_on": (FIRST_DAY - timedelta(days=5)).isoformat(),
            "since": (FIRST_DAY - timedelta(days=5)).isoformat(),
            "email": "bo@kern.example",
        }
    ]
    assert "suspend-accounts" in case.waiting
    suspended = [row("bo", 2, suspended_on=case.today)]
    assert "suspend-accounts" not in case.take("suspend-accounts", accounts=suspended).waiting
    assert "set-up-accounts" not in case.waiting
    again = [{**row("bo", 2), "security_profile": "iv-a-read-only", "set_up_on": case.today.isoformat()}]
    said = case.problems("set-up-accounts", accounts=again)
    assert f"before incident 1 of {OLD} is closed" in " ".join(said.values())


@pytest.mark.process("8")
def test_an_account_that_was_suspended_for_an_incident_before_stays_so_until_that_is_closed() -> None:
    case = renewal_after("confirm-access").on(FIRST_DAY - timedelta(days=5)).take_on(OLD, "report-incident")
    case.take_on(OLD, "suspend-accounts", accounts=[row("bo", 2, suspended_on=case.today)])
    case = in_force(case.on(FIRST_DAY).take_on(OLD, "expire"))
    assert not case.waiting & {"suspend-accounts", "set-up-accounts"}
    for step in ("assess-incident", "acknowledge-incident", "act-on-incident"):
        case.take_on(OLD, step)
    assert "set-up-accounts" not in case.waiting
    case.take_on(OLD, "close-incident")
    assert case.document["note_suspensions"]["suspensions"] == []
    assert case.document["history"][-1]["actor"] == "portal"
    assert "set-up-accounts" in case.waiting


@pytest.mark.process("8")
def test_what_is_said_of_an_incident_before_after_the_seam_is_noted_on_the_renewal_and_its_administrator_told() -> None:
    case = with_an_incident(suspend_access="none", accounts=[])
    assert "suspensions" not in case.document["take_effect"]
    assert "suspend-accounts" not in case.waiting
    case.take_on(OLD, "assess-incident", suspend_access="all-users", accounts=[])
    assert [one.get("email") for one in case.document["note_suspensions"]["suspensions"]] == [None]
    assert "suspend-accounts" in case.waiting
    told = [one for one in case.document["notices"] if one["seq"] == case.document["version"]]
    assert ("role:administrator", "suspend-accounts") in {(one["to"], one["task"]) for one in told}
    length = len(case.document["history"])
    case.take_on(OLD, "acknowledge-incident")
    assert len(case.document["history"]) == length


@pytest.mark.process("8")
def test_an_incident_that_asks_for_no_suspension_leaves_no_trace_on_the_renewal() -> None:
    case = with_an_incident(suspend_access="none", accounts=[])
    case.take_on(OLD, "assess-incident", suspend_access="none", accounts=[])
    assert "note_suspensions" not in case.document
