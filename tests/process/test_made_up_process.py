"""A made-up process runs through the same core: nothing in it knows which process it runs [G]."""

import ast
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from portal.process.document import Json
from portal.process.errors import AnswersDoNotHold, NotYourTurn, OutOfScope, OutOfTurn
from portal.process.explain import criteria_of, own_tasks
from portal.process.policy import readable
from portal.process.schema import schema_of
from portal.process.step import Actor
from portal.process.take_step import take_step, verify_document
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.made_up_process import ANSWERS, MADE_UP, person_of
from tests.process.case import CALENDAR

pytestmark = pytest.mark.process("G", "G3.1")

MORNING = datetime(2026, 11, 23, 18, tzinfo=UTC)
CORE = Path(__file__).parents[2] / "portal" / "process"


def take(document: Json, step: str, by: Actor | None = None, **other: Any) -> Json:
    """Takes a step of the made-up process with its usual answers except for those given."""
    by = by or person_of(MADE_UP.step(step).role)
    facts = {"hours_promised": other.pop("hours_promised", 0)}
    return take_step(
        MADE_UP, document, step, by, {**ANSWERS[step], **other}, MORNING, calendar=CALENDAR, facts=facts
    )  # fmt: skip


def after(step: str) -> Json:
    """A document on which this step was the last taken."""
    document: Json = {"id": "CR-2026-0001"}
    for key in ANSWERS:
        document = take(document, key)
        if key == step:
            break
    return document


def test_it_goes_from_the_first_step_to_the_last() -> None:
    ways = [(after(step)["status"], [task["step"] for task in after(step)["open_tasks"]]) for step in ANSWERS]
    assert ways == [("asked", ["weigh-change"]), ("weighed", ["vote"]), ("adopted", [])]
    assert after("vote")["organization"] == "ISAWS"


def test_it_shares_nothing_with_third_party_access() -> None:
    assert not {step.key for step in MADE_UP.steps} & {step.key for step in THIRD_PARTY_ACCESS.steps}
    assert not {role.key for role in MADE_UP.roles} & {role.key for role in THIRD_PARTY_ACCESS.roles}
    assert not dict(MADE_UP.statuses).keys() & dict(THIRD_PARTY_ACCESS.statuses).keys()


@pytest.mark.parametrize("step", ANSWERS)
def test_its_documents_hold_to_its_own_schema_and_their_history(step: str) -> None:
    document = after(step)
    Draft202012Validator(schema_of(MADE_UP)).validate({**document, "revision": 1})
    verify_document(MADE_UP, document, CALENDAR)
    assert list(Draft202012Validator(schema_of(THIRD_PARTY_ACCESS)).iter_errors({**document, "revision": 1}))


@pytest.mark.parametrize("step", ANSWERS)
@pytest.mark.parametrize("role", ["sponsor", "analyst", "board", "doorkeeper"])
def test_its_roles_take_their_own_steps(step: str, role: str) -> None:
    document = (
        {"id": "CR-2026-0001"} if step == "ask-for-change" else after(list(ANSWERS)[list(ANSWERS).index(step) - 1])
    )
    if role == MADE_UP.step(step).role:
        assert take(document, step)["history"][-1]["role"] == role
    elif (step, role) == ("vote", "analyst"):
        assert take(document, step, person_of(role))["history"][-1]["on_behalf_of"] == "board"
    else:
        with pytest.raises((NotYourTurn, OutOfScope)):
            take(document, step, person_of(role))


def test_its_scopes_its_ends_and_its_ways_back_hold() -> None:
    sent_back = take(after("ask-for-change"), "weigh-change", finding="send-back")
    assert (sent_back["status"], [task["step"] for task in sent_back["open_tasks"]]) == ("asked", ["ask-for-change"])
    with pytest.raises(OutOfScope):
        take(sent_back, "ask-for-change", person_of("sponsor", "CalWIN"))
    assert take(sent_back, "ask-for-change")["version"] == 3
    with pytest.raises(OutOfTurn):
        take(after("vote"), "vote")


def test_its_withheld_field_and_its_facts_hold() -> None:
    weighed = after("weigh-change")
    assert "opinion" not in readable(MADE_UP, weighed, person_of("sponsor"))["weigh_change"]
    assert "opinion" in readable(MADE_UP, weighed, person_of("board"))["weigh_change"]
    with pytest.raises(AnswersDoNotHold):
        take(weighed, "vote", hours_promised=50)
    assert take(weighed, "vote", hours_promised=50, words="It saves more.")["holdings"] == {"hours": 60}
    assert weighed["claims"] == {"title": "show the county on every page"}


def test_its_goal_its_criteria_and_its_inbox_are_worked_out() -> None:
    asked = after("ask-for-change")
    (task,) = asked["open_tasks"]
    assert (task["role"], task["goal_on"], task["goal_days"]) == ("analyst", "2026-12-02", 5)
    assert [shown.met for shown in criteria_of(MADE_UP, asked)] == [False, True]
    assert [step.key for step, _ in own_tasks(MADE_UP, asked, person_of("analyst"), MORNING.date())] == ["weigh-change"]


def words_of(file: Path) -> set[str]:
    """The names and whole strings of a file, but for its docstrings and comments."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    }
    imported = {
        f"{node.module}.{name.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    } | {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    return strings | imported


@pytest.mark.parametrize("file", sorted(CORE.glob("*.py")), ids=lambda file: file.name)
def test_no_file_of_the_core_names_a_step_a_role_a_status_or_the_folder_of_third_party_access(file: Path) -> None:
    known = (
        {step.key for step in THIRD_PARTY_ACCESS.steps}
        | {role.key for role in THIRD_PARTY_ACCESS.roles}
        | dict(THIRD_PARTY_ACCESS.statuses).keys()
    )
    assert words_of(file) & known == set()
    assert not [word for word in words_of(file) if "third_party_access" in word or "third-party-access" in word]
