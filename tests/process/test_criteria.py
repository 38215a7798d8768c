"""The eight criteria: each unmet until its step, and all met before access is confirmed [2]."""

import pytest

from portal.process.explain import criteria_of
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.journey import WAY
from tests.process.case import Case, after, before

MET_BY = {
    1: "identify-requestor",
    2: "legal-opinion",
    3: "connectivity-test",
    4: "countersign-mou",
    5: "certify-users",
    6: "certify-users",
    7: "direct-setup",
    8: "direct-setup",
}
"""For each criterion the step on the way that meets it."""


def met(case: Case) -> set[int]:
    """The numbers of the criteria that are met."""
    return {shown.criterion.number for shown in criteria_of(THIRD_PARTY_ACCESS, case.document) if shown.met}


@pytest.mark.process("2", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8")
@pytest.mark.parametrize("step", WAY)
def test_each_criterion_is_unmet_until_its_step_and_met_from_then_on(step: str) -> None:
    place = WAY.index(step)
    assert met(after(step)) == {number for number, by in MET_BY.items() if WAY.index(by) <= place}


@pytest.mark.process("2")
def test_there_are_eight_and_each_names_the_steps_that_meet_it() -> None:
    assert [criterion.number for criterion in THIRD_PARTY_ACCESS.criteria] == list(range(1, 9))
    for shown in criteria_of(THIRD_PARTY_ACCESS, after("confirm-access").document):
        assert MET_BY[shown.criterion.number] in {entry["step"] for entry in shown.entries}


@pytest.mark.process("2.2")
@pytest.mark.parametrize("opinion", ["not-authorized", "clarification"])
def test_no_other_opinion_meets_the_second(opinion: str) -> None:
    assert 2 not in met(before("legal-opinion").take("legal-opinion", opinion=opinion))


@pytest.mark.process("2.3")
def test_a_failed_test_does_not_meet_the_third() -> None:
    case = before("connectivity-test").take("connectivity-test", result="does-not-connect", findings="No.")
    assert 3 not in met(case)
    assert 3 in met(case.take("connectivity-test"))


@pytest.mark.process("2.4")
def test_one_signature_does_not_meet_the_fourth() -> None:
    assert 4 not in met(after("sign-mou"))


@pytest.mark.process("2.5", "2.6")
@pytest.mark.parametrize(("criterion", "missing"), [(5, "trained_on"), (6, "statement_signed_on")])
def test_one_user_without_training_or_statement_leaves_it_unmet(criterion: int, missing: str) -> None:
    first, second = before("certify-users").usual("certify-users")["users"]
    second = {name: value for name, value in second.items() if name != missing}
    case = before("certify-users").take("certify-users", users=[first, second])
    assert met(case) & {5, 6} == {5, 6} - {criterion}


@pytest.mark.process("2.5", "2.6")
def test_once_there_are_accounts_those_who_have_one_count() -> None:
    case = before("set-up-accounts")
    users = case.usual("certify-users")["users"]
    third = {"name": "Cy Roe", "email": "cy@kern.example", "job_title": "Clerk"}
    assert not met(case.take("certify-users", users=[*users, third])) & {5, 6}
    assert met(case.take("set-up-accounts")) == set(range(1, 9))


@pytest.mark.process("2")
@pytest.mark.parametrize("missing", ["trained_on", "statement_signed_on"])
def test_a_users_dates_cannot_be_taken_away_while_they_have_an_account(missing: str) -> None:
    case = before("confirm-access")
    first, second = case.usual("certify-users")["users"]
    without = {name: value for name, value in second.items() if name != missing}
    assert set(case.problems("certify-users", users=[first, without])) == {f"users-1-{missing}"}
    assert met(case.take("confirm-access")) == set(range(1, 9))
