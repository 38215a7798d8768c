"""Users: never more than accounts, and an account only for the trained and signed, within the last 365 days."""

from datetime import timedelta
from typing import Any

import pytest

from portal.process.step import Situation
from portal.process.third_party_access.users import check_accounts
from tests.process.case import MONDAY, Case, after, before

PERSON: dict[str, Any] = {"job_title": "Clerk", "trained_on": "2026-11-23", "statement_signed_on": "2026-11-23"}


def users(number: int) -> list[dict[str, Any]]:
    """So many certified users."""
    return [{"name": f"User {place}", "email": f"u{place}@kern.example", **PERSON} for place in range(number)]


def account(email: str, user_id: str, **other: Any) -> dict[str, Any]:
    """An account as the Administrator enters it."""
    return {
        "email": email,
        "user_id": user_id,
        "security_profile": "iv-a-read-only",
        "set_up_on": "2026-11-23",
        **other,
    }


def with_user(**other: Any) -> Case:
    """An application on which accounts can be set up, with one user named who is so."""
    user = {**users(1)[0], **other}
    return before("set-up-accounts").take("certify-users", users=[{k: v for k, v in user.items() if v is not None}])


@pytest.mark.process("6.8.2", "1.6")
@pytest.mark.parametrize(("number", "problems"), [(1, set()), (3, set()), (4, {"users"})])
def test_never_more_users_than_accounts(number: int, problems: set[str]) -> None:
    case = before("certify-users")
    assert set(case.problems("certify-users", users=users(number))) == problems


@pytest.mark.process("6.8.2")
def test_a_user_who_was_named_by_mistake_can_be_taken_out_until_there_is_an_account() -> None:
    case = after("certify-users").take("certify-users", users=users(1))
    assert [user["email"] for user in case.document["certify_users"]["users"]] == ["u0@kern.example"]
    set_up = after("set-up-accounts")
    found = set_up.problems("certify-users", users=set_up.usual("certify-users")["users"][:1])
    assert "bo@kern.example" in found["users"]


@pytest.mark.process("7.3", "2.5", "2.6", "6.8.3", "6.8.5")
@pytest.mark.parametrize("field", ["trained_on", "statement_signed_on"])
@pytest.mark.parametrize(
    ("days_ago", "refused"), [(None, True), (0, False), (364, False), (365, False), (366, True), (1000, True)]
)
def test_only_the_trained_and_signed_of_the_last_365_days_have_an_account(
    field: str, days_ago: int | None, refused: bool
) -> None:
    case = with_user(**{field: None if days_ago is None else (MONDAY - timedelta(days=days_ago)).isoformat()})
    found = case.problems("set-up-accounts", accounts=[account("u0@kern.example", "K1")])
    assert set(found) == ({"accounts-0-email"} if refused else set())


@pytest.mark.process("7.3")
def test_an_account_cannot_be_dated_back_to_when_the_training_still_counted() -> None:
    case = with_user().pass_days(366)
    assert set(case.problems("set-up-accounts", accounts=[account("u0@kern.example", "K1")])) == {"accounts-0-email"}


@pytest.mark.process("7.3")
def test_an_account_was_not_set_up_before_its_user_was_trained() -> None:
    case = with_user()
    early = account("u0@kern.example", "K1", set_up_on="2026-11-20")
    assert "only from" in case.problems("set-up-accounts", accounts=[early])["accounts-0-email"]


@pytest.mark.process("7.3")
def test_an_account_is_for_a_user_whom_the_requestor_named_whatever_the_case_of_letters() -> None:
    case = with_user()
    assert set(case.problems("set-up-accounts", accounts=[account("x@kern.example", "K1")])) == {"accounts-0-email"}
    assert case.problems("set-up-accounts", accounts=[account("U0@Kern.example", "K1")]) == {}


@pytest.mark.process("7.3")
def test_a_user_id_belongs_to_one_user() -> None:
    case = before("set-up-accounts").take("certify-users", users=users(2))
    both = [account("u0@kern.example", "K1"), account("u1@kern.example", "k1")]
    assert set(case.problems("set-up-accounts", accounts=both)) == {"accounts-1-user_id"}
    case.take("set-up-accounts", accounts=both[:1])
    assert set(case.problems("set-up-accounts", accounts=both[1:])) == {"accounts-0-user_id"}
    assert case.problems("set-up-accounts", accounts=[account("u1@kern.example", "K2")]) == {}


@pytest.mark.process("7.3")
def test_a_user_has_one_account() -> None:
    case = with_user()
    twice = [account("u0@kern.example", "K1"), account("U0@kern.example", "K2")]
    assert set(case.problems("set-up-accounts", accounts=twice)) == {"accounts-1-email"}
    case.take("set-up-accounts", accounts=twice[:1])
    case.take("set-up-accounts", accounts=twice[1:])
    assert [row["user_id"] for row in case.document["set_up_accounts"]["accounts"]] == ["K2"]


@pytest.mark.process("7.3")
def test_an_account_has_the_security_profile_that_was_granted() -> None:
    wrong = account("u0@kern.example", "K1", security_profile="iv-e-read-only")
    assert set(with_user().problems("set-up-accounts", accounts=[wrong])) == {"accounts-0-security_profile"}


@pytest.mark.process("7.3", "1.6")
def test_never_more_accounts_than_granted() -> None:
    case = before("decide").take("decide", accounts_granted=1)
    for step in ("send-decision", "sign-mou"):
        case.take(step)
    case.take("certify-users", users=users(1))
    for step in ("countersign-mou", "post-approval", "create-office-id", "direct-setup"):
        case.take(step)
    case.take("set-up-accounts", accounts=[account("u0@kern.example", "K1")])
    assert "accounts" in case.problems("set-up-accounts", accounts=[account("u1@kern.example", "K2")])
    case.take("confirm-access").out_of_turn("set-up-accounts", accounts=[account("u1@kern.example", "K2")])
    assert set(case.problems("certify-users", users=users(2))) == {"users"}


@pytest.mark.process("7.3", "1.6")
def test_never_more_accounts_than_granted_though_more_users_are_named() -> None:
    document = before("set-up-accounts").document
    fewer = {**document, "decide": {**document["decide"], "accounts_granted": 1}}
    both = {"accounts": before("set-up-accounts").usual("set-up-accounts")["accounts"]}
    assert [problem.field for problem in check_accounts(Situation(fewer, {}, MONDAY), both)] == ["accounts"]
    assert list(check_accounts(Situation(document, {}, MONDAY), both)) == []


@pytest.mark.process("7.3")
def test_one_bad_row_keeps_all_from_being_set_up() -> None:
    case = before("set-up-accounts")
    good, other = case.usual("set-up-accounts")["accounts"]
    assert case.problems("set-up-accounts", accounts=[good, {**other, "user_id": ""}]) == {
        "accounts-1-user_id": "Enter an answer: User ID in CSE, for bo@kern.example"
    }
    assert "set_up_accounts" not in case.document


@pytest.mark.process("7.1")
@pytest.mark.parametrize("office_id", ["K", "-KERN", "KERN IVA", "KERN_1", "X" * 21, "KÉRN"])
def test_an_office_id_is_letters_digits_and_hyphens(office_id: str) -> None:
    assert set(before("create-office-id").problems("create-office-id", office_id=office_id)) == {"office_id"}


@pytest.mark.process("7.1")
def test_an_office_id_is_claimed_whatever_the_case_of_letters_and_refused_when_taken() -> None:
    case = before("create-office-id")
    case.world.office_ids["kern-iva-01"] = "TPA-2026-0001"
    assert "taken" in case.problems("create-office-id", office_id="Kern-IVA-01")["office_id"]
    case.world.office_ids["kern-iva-02"] = case.document["id"]
    case.take("create-office-id", office_id="Kern-IVA-02")
    assert case.document["claims"] == {"office-id": "kern-iva-02"}
