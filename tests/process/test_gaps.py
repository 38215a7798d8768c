"""Gaps: days on which an account was in use though its user was not certified, or had left [2.5, 2.6, 7.3]."""

from datetime import date, timedelta
from typing import Any

import pytest

from portal.process.third_party_access.gaps import ACCOUNT_HEADINGS, Days, account_rows, accounts_ever, gaps
from tests.process.case import MONDAY, Case, after

pytestmark = pytest.mark.process("2.5", "2.6", "8")

YEAR_OVER = MONDAY + timedelta(days=365)


def day(number: int) -> date:
    """So many days after the last day of the first year."""
    return YEAR_OVER + timedelta(days=number)


def found(case: Case) -> list[tuple[str, Days, str, bool]]:
    """Each gap: whose, when, why, and whether it goes on."""
    return [(gap.email.partition("@")[0], gap.days, gap.why, gap.goes_on) for gap in gaps(case.document, case.today)]


def certified(name: str, trained: date, signed: date) -> dict[str, Any]:
    email = f"{name}@kern.example"
    return {"email": email, "trained_on": trained.isoformat(), "statement_signed_on": signed.isoformat()}


def suspended(name: str, number: int, on: date) -> dict[str, Any]:
    return {"email": f"{name}@kern.example", "user_id": f"KERN000{number}", "suspended_on": on.isoformat()}


BOTH = "Training and statement were not current"


def test_there_is_no_gap_on_the_last_day_of_the_year_and_one_on_the_day_after() -> None:
    case = after("confirm-access").on(YEAR_OVER)
    assert found(case) == []
    case.on(day(1))
    assert found(case) == [(who, Days(day(1), day(1)), BOTH, True) for who in ("ana", "bo")]


def test_a_gap_ends_on_the_day_before_the_account_is_suspended() -> None:
    case = after("confirm-access").on(day(5))
    case.take("suspend-accounts", accounts=[suspended("ana", 1, day(3)), suspended("bo", 2, day(1))])
    assert found(case.pass_days(100)) == [("ana", Days(day(1), day(2)), BOTH, False)]


def test_a_gap_ends_on_the_day_before_the_user_was_trained_and_signed_anew_however_late_it_was_recorded() -> None:
    case = after("confirm-access").on(day(20))
    rows = [certified("ana", day(4), day(6)), certified("bo", day(-1), day(0))]
    case.take("recertify-users", users=rows)
    assert found(case) == [
        ("ana", Days(day(1), day(3)), "Training was not current", False),
        ("ana", Days(day(1), day(5)), "The statement was not current", False),
    ]


def test_a_suspended_account_that_is_set_up_again_is_in_use_again() -> None:
    case = after("confirm-access").on(day(1)).take("suspend-accounts", accounts=[suspended("ana", 1, day(1)), suspended("bo", 2, day(1))])  # fmt: skip
    case.on(day(30)).take("recertify-users", users=[certified("ana", day(30), day(30))])
    account = {"email": "ana@kern.example", "user_id": "KERN0001", "security_profile": "iv-a-read-only", "set_up_on": day(31).isoformat()}  # fmt: skip
    case.on(day(31)).take("set-up-accounts", accounts=[account])
    ana, bo = accounts_ever(case.document)
    assert ana.days_in_use(case.today) == [Days(MONDAY, day(0)), Days(day(31), day(31))]
    assert bo.days_in_use(case.today) == [Days(MONDAY, day(0))]
    assert found(case) == []


@pytest.mark.process("7.3")
def test_an_account_that_outlives_its_user_is_a_gap_from_the_day_after_they_left() -> None:
    left = MONDAY + timedelta(days=10)
    case = after("confirm-access").pass_days(14)
    case.take("change-users", leaving=[{"email": "bo@kern.example", "left_on": left.isoformat()}], joining=None)
    why = "The user had left"
    assert found(case) == [("bo", Days(left + timedelta(days=1), case.today), why, True)]
    case.pass_days(1).take("remove-accounts")
    assert found(case) == [("bo", Days(left + timedelta(days=1), case.today - timedelta(days=1)), why, False)]
    removed = accounts_ever(case.document)[1]
    assert (removed.user_id, removed.removed_on) == ("KERN0002", case.today)


def in_table(case: Case, email: str) -> dict[str, Any]:
    """The row of this user's account, by its headings."""
    rows = (dict(zip(ACCOUNT_HEADINGS, row, strict=True)) for row in account_rows(case.document, case.today))
    return next(row for row in rows if row["Email"] == email)


@pytest.mark.process("2.5", "7.3", "8")
def test_an_auditor_sees_on_which_day_a_suspension_and_a_removal_were_recorded() -> None:
    case = after("confirm-access").on(day(50)).take("suspend-accounts", accounts=[suspended("bo", 2, day(1))])
    case.pass_days(10).take("change-users", joining=None).pass_days(7)
    case.take("remove-accounts", accounts=[{"email": "bo@kern.example", "user_id": "KERN0002", "removed_on": day(61).isoformat()}])  # fmt: skip
    row = in_table(case, "bo@kern.example")
    assert (row["Suspended on"], row["Suspension recorded on"]) == (day(1), day(50))
    assert (row["Removed on"], row["Removal recorded on"]) == (day(61), day(67))
    ana = in_table(case, "ana@kern.example")
    assert (ana["Suspension recorded on"], ana["Removal recorded on"]) == (None, None)


def test_one_who_left_and_came_back_has_a_gap_only_while_away() -> None:
    left = MONDAY + timedelta(days=10)
    case = after("confirm-access").pass_days(14)
    case.take("change-users", leaving=[{"email": "bo@kern.example", "left_on": left.isoformat()}], joining=None)
    row = {**case.usual("change-users")["joining"][0], "email": "bo@kern.example", "name": "Bo Li"}
    case.pass_days(6).take("change-users", leaving=None, joining=[row])
    back = case.today
    assert found(case.pass_days(60)) == [
        ("bo", Days(left + timedelta(days=1), back - timedelta(days=1)), "The user had left", False)
    ]


def test_days_after_one_has_left_are_no_gap_of_training_as_well() -> None:
    case = after("confirm-access").pass_days(14)
    left = case.today
    case.take("change-users", leaving=[{"email": "bo@kern.example", "left_on": left.isoformat()}], joining=None)
    of_bo = [one for one in found(case.on(day(9))) if one[0] == "bo"]
    assert of_bo == [("bo", Days(left + timedelta(days=1), day(9)), "The user had left", True)]


def test_an_account_that_outlives_the_agreement_is_a_gap_from_its_first_day_without_one() -> None:
    case = after("confirm-access").pass_days(30).take("terminate")
    ended = case.today
    assert found(case.pass_days(4)) == [
        (who, Days(ended, case.today), "The agreement had ended", True) for who in ("ana", "bo")
    ]
    rows = [{"email": f"{who}@kern.example", "user_id": f"KERN000{number}", "removed_on": case.today.isoformat()} for number, who in enumerate(("ana", "bo"), start=1)]  # fmt: skip
    case.take("remove-accounts", accounts=rows)
    last = case.today - timedelta(days=1)
    assert found(case.pass_days(400)) == [(who, Days(ended, last), "The agreement had ended", False) for who in ("ana", "bo")]  # fmt: skip


def test_days_after_the_end_are_no_gap_of_an_agreement_that_is_renewed_and_end_on_the_day_of_its_end() -> None:
    case = after("confirm-access")
    last = date.fromisoformat(case.document["countersign_mou"]["expires_on"])
    case.on(last + timedelta(days=1))
    renewal = {"id": "TPA-2026-0009", "status": "active", "post_approval": {}}
    ended = {**case.document, "status": "ended", "expire": {"successor": renewal["id"]}}
    of_ana = [gap for gap in gaps(ended, case.today + timedelta(days=50)) if gap.email == "ana@kern.example"]
    assert [(gap.days, gap.goes_on) for gap in of_ana] == [(Days(day(1), last), False)]
    of_ana = [gap for gap in gaps({**ended, "expire": {}}, case.today) if gap.email == "ana@kern.example"]
    assert [(gap.days, gap.why) for gap in of_ana] == [(Days(day(1), last), BOTH), (Days(case.today, case.today), "The agreement had ended")]  # fmt: skip


@pytest.mark.process("10.2")
def test_an_account_that_is_left_from_the_agreement_before_is_a_gap_from_the_day_on_which_this_one_is_in_force() -> (
    None
):
    case = after("confirm-access")
    left = {"email": "di@kern.example", "user_id": "KERN0009", "security_profile": "iv-a-read-only", "set_up_on": "2024-01-08"}  # fmt: skip
    gone = {**left, "email": "ed@kern.example", "user_id": "KERN0010", "suspended_on": "2025-01-08"}
    entry = {
        "step": "take-effect",
        "at": case.document["history"][-1]["at"],
        "answers": {"accounts_left": [left, gone]},
    }
    document = {**case.document, "history": [*case.document["history"], entry]}
    (gap,) = gaps(document, case.pass_days(2).today)
    assert (gap.email, gap.days, gap.why, gap.goes_on) == ("di@kern.example", Days(MONDAY, case.today), "The user had left", True)  # fmt: skip
    di = next(account for account in accounts_ever(document) if account.user_id == "KERN0009")
    assert di.set_up_on == date(2024, 1, 8)
