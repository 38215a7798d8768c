"""The way that a process leads is read from its table of steps, and from nothing else."""

import pytest

from portal.process.third_party_access import THIRD_PARTY_ACCESS
from portal.process.way import opens_in_words
from tests.journey import WAY
from tests.made_up_process import MADE_UP
from tests.process.case import after


def test_the_way_is_what_somebody_waits_for_until_access_is_there_without_detours() -> None:
    assert tuple(THIRD_PARTY_ACCESS.way.rests_on) == WAY
    assert tuple(MADE_UP.way.rests_on) == tuple(step.key for step in MADE_UP.steps if step.waits_ever)


@pytest.mark.parametrize(
    ("last", "open_now", "then"),
    [
        ("identify-requestor", ["schedule-invitation"], ["send-invitation"]),
        ("complete-application", ["route-application"], ["legal-opinion", "connectivity-test"]),
        ("route-application", ["legal-opinion", "connectivity-test"], ["send-to-owner"]),
        ("legal-opinion", ["connectivity-test"], ["send-to-owner"]),
        ("decide", ["send-decision"], ["sign-mou", "certify-users"]),
        ("countersign-mou", ["post-approval"], ["file-mou", "create-office-id", "evaluate-infrastructure"]),
        ("post-approval", ["create-office-id", "file-mou", "evaluate-infrastructure"], ["direct-setup"]),
        ("set-up-accounts", ["confirm-access"], []),
    ],
)
def test_what_comes_next_is_what_the_open_steps_open(last: str, open_now: list[str], then: list[str]) -> None:
    taken = WAY[: WAY.index(last) + 1]
    assert THIRD_PARTY_ACCESS.way.after(open_now, taken) == then


@pytest.mark.parametrize("step", WAY[:-1])
def test_the_way_foretells_what_the_core_opens(step: str) -> None:
    here, ahead = after(step), after(WAY[WAY.index(step) + 1])
    opened = ahead.waiting - here.waiting
    foretold = THIRD_PARTY_ACCESS.way.after([WAY[WAY.index(step) + 1]], WAY[: WAY.index(step) + 1])
    assert {key for key in opened if key in WAY} <= {*foretold}


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("route-application", "the Requestor sent the application"),
        ("clarify", "Legal asks for a clarification"),
        ("decide", "the Process Manager sent the application to the Process Owner"),
        ("set-up-accounts", "the office ID is made and the set-up is directed"),
        ("respond-to-finding", "a finding is open"),
    ],
)
def test_what_opens_a_step_is_said_in_the_words_of_the_history(step: str, words: str) -> None:
    assert opens_in_words(THIRD_PARTY_ACCESS, THIRD_PARTY_ACCESS.step(step)) == words


@pytest.mark.process("6.5.3")
def test_a_task_that_rests_on_two_steps_waits_since_the_later_and_came_from_whoever_took_it() -> None:
    case = after("route-application").take("connectivity-test").pass_days(3)
    case.take("legal-opinion")
    task = case.task("send-to-owner")
    assert task["since"] == case.document["history"][-1]["at"]
    assert task["opened_by"]["role"] == "legal"


def test_a_task_that_is_to_be_taken_again_came_from_nobody() -> None:
    case = after("legal-opinion").take("connectivity-test", result="does-not-connect", findings="No line.")
    assert case.task("connectivity-test")["opened_by"] is None
