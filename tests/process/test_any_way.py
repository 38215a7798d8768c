"""Whatever way an application goes, in whatever order people act: what always holds."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from portal.process.document import Json
from portal.process.errors import AnswersDoNotHold, NotYourTurn, OutOfTurn
from portal.process.explain import criteria_of
from portal.process.open_tasks import days_used, delay_told, may_take, opening
from portal.process.policy import holds_role, readable, turn
from portal.process.progress import delay_reason, progress
from portal.process.schema import schema_of
from portal.process.step import Actor, Step
from portal.process.take_step import verify_document
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.process.case import CALENDAR, Case, several

OTHER_ANSWERS: dict[str, list[dict[str, Any]]] = {
    "schedule-invitation": [{"outcome": "return", "reason": "Who?"}],
    "route-application": [{"outcome": "return", "correction": "Which phone?"}],
    "legal-opinion": [{"opinion": "clarification"}, {"opinion": "not-authorized"}],
    "connectivity-test": [{"result": "does-not-connect", "findings": "A firewall."}],
    "decide": [{"decision": "reject", "reason": "No authority."}],
    "identify-requestor": [{"coordinator_acts": True}],
}
"""Other outcomes than that which moves the application on."""

RARE = {"withdraw", "delay-opinion", "delay-decision", "return-mou", "terminate"}
AFTER_THE_END = {step.key for step in THIRD_PARTY_ACCESS.steps if step.after_end}
VALIDATOR = Draft202012Validator(schema_of(THIRD_PARTY_ACCESS))
STATUSES = dict(THIRD_PARTY_ACCESS.statuses)


def next_step(case: Case, data: st.DataObject) -> str:
    """One of the steps that are open today; those beside the way seldom."""
    if not case.document.get("history"):
        return "identify-requestor"
    possible = sorted(
        step.key
        for step in THIRD_PARTY_ACCESS.steps
        if (found := opening(THIRD_PARTY_ACCESS, step, case.document))
        and (found.opens_on is None or found.opens_on <= case.today)
    )
    usual = [step for step in possible if step not in RARE] or possible
    return data.draw(st.sampled_from(possible if data.draw(st.integers(0, 9)) == 0 else usual))


def check(case: Case) -> None:
    """What always holds of a document."""
    document = case.document
    assert document["version"] == len(document["history"])
    assert document["status"] in STATUSES
    tasks = [(task["step"], task["role"]) for task in document["open_tasks"]]
    assert len(set(tasks)) == len(tasks)
    assert case.waiting <= case.possible
    if document["status"] in THIRD_PARTY_ACCESS.ended:
        assert case.possible <= AFTER_THE_END
        assert document["holdings"] == {}
    else:
        assert case.possible, "nobody can do anything any more"
    for task in document["open_tasks"]:
        check_task(case, task)
    if document["status"] == "active":
        assert all(shown.met for shown in criteria_of(THIRD_PARTY_ACCESS, document))


def check_task(case: Case, task: Json) -> None:
    """An open task's entry says what the whole document says: an inbox is drawn from it alone."""
    step = THIRD_PARTY_ACCESS.step(task["step"])
    goal = progress(step, case.document, CALENDAR)
    for day in (case.today, case.today + timedelta(days=9), case.today + timedelta(days=100)):
        assert days_used(task, day, CALENDAR) == (goal.used(day, CALENDAR) if goal else 0)
    assert task["delayed"] == bool(delay_reason(THIRD_PARTY_ACCESS, step, case.document))
    barred = [role for one in THIRD_PARTY_ACCESS.policy.separations_of(step.key) for role in one.not_by]
    roles = {task["role"], *barred, "requestor"}
    takers = {entry["actor"]: case.who(entry["role"]) for entry in case.document["history"]}
    people = [*takers.values(), *(several(case.who(task["role"]), case.who(role)) for role in sorted(roles))]
    people += [replace(case.who(task["role"]), email=email) for email in takers]
    for one in people:
        if holds_role(THIRD_PARTY_ACCESS, one, task["role"], case.document):
            assert may_take(THIRD_PARTY_ACCESS, task, one, case.document) == has_turn(case.document, step, one)
            reason = delay_reason(THIRD_PARTY_ACCESS, step, readable(THIRD_PARTY_ACCESS, case.document, one))
            assert delay_told(THIRD_PARTY_ACCESS, task, one, case.document) == reason


def has_turn(document: Json, step: Step, one: Actor) -> bool:
    """Whether the policy gives the step to this person."""
    try:
        turn(THIRD_PARTY_ACCESS, step, one, document)
    except NotYourTurn:
        return False
    return True


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_every_way_keeps_the_document_whole_and_somebody_at_work(data: st.DataObject) -> None:
    case = Case(today=data.draw(st.dates(date(2026, 3, 5), date(2030, 12, 31))))
    for _ in range(data.draw(st.integers(1, 40))):
        step = next_step(case, data)
        other = data.draw(st.sampled_from([{}, {}, {}, *OTHER_ANSWERS.get(step, [])]))
        before = case.document
        try:
            case.take(step, **other)
        except AnswersDoNotHold:  # an acceptance without authority, a training that is too old by now
            assert case.document is before
        check(case)
        if case.status in THIRD_PARTY_ACCESS.ended:
            break
        case.on(case.today + timedelta(days=data.draw(st.sampled_from([0, 0, 1, 3, 14]))))
    verify_document(THIRD_PARTY_ACCESS, case.document, CALENDAR)
    VALIDATOR.validate({**case.document, "revision": 1})


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([step.key for step in THIRD_PARTY_ACCESS.steps]), max_size=25))
def test_steps_in_any_order_are_taken_when_open_and_refused_when_not(steps: list[str]) -> None:
    case = Case().take("identify-requestor")
    for step in steps:
        version, possible = case.document["version"], case.possible
        taken = False
        try:
            case.take(step)
            taken = True
        except OutOfTurn:
            assert step not in possible
        except AnswersDoNotHold:
            assert step in possible
        assert not taken or step in possible
        assert case.document["version"] == version + taken
