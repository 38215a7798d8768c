"""Conditions on a document: whether they hold, and since which entry. A step opens anew by that number."""

import pytest

from portal.process.conditions import AllOf, AnyOf, Condition, Later, Never, Not, Provided, Shown, Taken
from portal.process.document import Json


def document(*taken: str) -> Json:
    """A document on which these steps were taken; `ask:no` is `ask` with the answer no."""
    entries = [step.partition(":") for step in taken]
    return {
        "history": [
            {"seq": place, "step": step, "answers": {"answer": answer} if answer else {}}
            for place, (step, _, answer) in enumerate(entries, start=1)
        ]
    }


ASK, TEST, YES = Taken("ask"), Taken("test"), Taken("ask", "answer", ("yes",))


@pytest.mark.parametrize(
    ("condition", "taken", "since"),
    [
        (Never(), ["ask"], None),
        (ASK, [], None),
        (ASK, ["ask", "test", "ask", "test"], 3),
        (YES, ["ask:yes"], 1),
        (YES, ["ask:yes", "ask:no"], None),
        (YES, ["ask:no", "test", "ask:yes"], 3),
        (YES, ["ask"], None),
        (Provided(ASK), ["test", "ask"], 0),
        (Provided(ASK), ["test"], None),
        (Not(ASK), ["test"], 0),
        (Not(ASK), ["ask"], None),
        (AllOf(ASK, TEST), ["ask", "test"], 2),
        (AllOf(ASK, TEST), ["test", "ask"], 2),
        (AllOf(ASK, TEST), ["ask"], None),
        (AllOf(ASK, Provided(TEST)), ["ask", "test"], 1),
        (AllOf(Not(TEST)), ["ask"], 0),
        (AnyOf(ASK, TEST), ["ask", "test"], 2),
        (AnyOf(ASK, TEST), ["test", "ask"], 2),
        (AnyOf(ASK, TEST), ["ask"], 1),
        (AnyOf(ASK, TEST), [], None),
        (Later(ASK, TEST), ["test", "ask"], 2),
        (Later(ASK, TEST), ["ask", "test"], None),
        (Later(ASK, TEST), ["ask"], 1),
        (Later(ASK, TEST), ["test"], None),
        (Shown("it is long", lambda document: len(document["history"]) > 1), ["ask", "ask"], 0),
        (Shown("it is long", lambda document: len(document["history"]) > 1), ["ask"], None),
    ],
)
def test_a_condition_holds_since_the_newest_entry_that_made_it_hold(
    condition: Condition, taken: list[str], since: int | None
) -> None:
    assert condition.since(document(*taken)) == since


def test_conditions_can_be_read() -> None:
    assert YES.in_words == "ask is taken (answer: yes)"
    assert AllOf(Taken("ask", words="it is asked"), Not(TEST)).in_words == "it is asked and not yet: test is taken"
    assert AnyOf(Provided(ASK), Later(TEST, ASK)).in_words == "ask is taken or test is taken"
    assert (Never().in_words, Shown("it is long", bool).in_words) == ("never", "it is long")
