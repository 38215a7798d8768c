"""Whose turn a step is: its role, within its scope, and never somebody who would check themselves."""

from typing import Any

import pytest

from portal.process.errors import NoSuchStep, NotYourTurn, OutOfDate, OutOfScope, OutOfTurn
from portal.process.explain import also_possible, own_tasks
from portal.process.step import BY_ITSELF, Actor
from portal.process.take_step import take_step
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.process.case import CALENDAR, STEPS, Case, after, before, person, several, where_open

ROLES = tuple(role.key for role in THIRD_PARTY_ACCESS.roles)
ON_PAPER = {"complete-application", "clarify", "sign-mou", "respond-to-finding"}
ENDS = {"withdraw", "request-termination"}
"""What the Director may do as well as the Requestor."""
SCAN: dict[str, Any] = {"method": "scan", "signed_mou": {"name": "mou.pdf", "sha256": "0" * 64, "size": 1000}}


def allowed(step: str) -> set[str]:
    """The roles that process.md lets take a step on an application whose Director let nobody act for them."""
    own = {THIRD_PARTY_ACCESS.step(step).role} | (
        {"coordinator"} if step in ("say-board-days", "invite-requestor") else set()
    )
    return (
        own
        | ({"process-manager"} if step in {*ON_PAPER, "invite-requestor"} else set())
        | ({"director"} if step in ENDS else set())
    )


WRONG = [(step, role) for step in STEPS for role in ROLES if role not in allowed(step)]
RIGHT = [(step, role) for step in STEPS for role in ROLES if role in allowed(step)]


@pytest.mark.process("1.5")
@pytest.mark.parametrize(("step", "role"), RIGHT)
def test_the_role_whose_turn_it_is_takes_the_step(step: str, role: str) -> None:
    case = where_open(step)
    on_paper = {"received_by": "fax", "received_on": case.today.isoformat()} if role == "process-manager" else {}
    scan = SCAN if step == "sign-mou" and on_paper else {}
    case.take(step, case.who(role), **(on_paper if step in ON_PAPER else {}), **scan)
    assert case.document["history"][-1]["step"] == step
    assert case.document["history"][-1]["role"] == role


@pytest.mark.process("1.5")
@pytest.mark.parametrize(("step", "role"), WRONG)
def test_every_other_role_is_told_whose_turn_it_is(step: str, role: str) -> None:
    case = where_open(step)
    known = bool(case.document.get("history"))
    refusal = OutOfScope if role == "portal-administrator" and known else NotYourTurn
    with pytest.raises(refusal) as refused:
        case.take(step, case.who(role))
    if isinstance(refused.value, NotYourTurn):
        assert refused.value.role == THIRD_PARTY_ACCESS.step(step).role
        assert THIRD_PARTY_ACCESS.role(refused.value.role).title in refused.value.why


@pytest.mark.process("1.5")
@pytest.mark.parametrize(
    ("step", "role"),
    [(step, role) for step, role in RIGHT if THIRD_PARTY_ACCESS.role(role).scope and step != "identify-requestor"],
)
def test_the_right_role_of_another_county_does_not_know_of_the_application(step: str, role: str) -> None:
    with pytest.raises(OutOfScope):
        where_open(step).take(step, person(role, "Alameda"))


def test_another_organization_of_the_same_county_does_not_know_of_it() -> None:
    with pytest.raises(OutOfScope):
        before("complete-application").take("complete-application", person("requestor", "Kern", "Kern IV-E"))


def test_an_organization_of_the_same_name_in_another_county_does_not_know_of_it() -> None:
    with pytest.raises(OutOfScope):
        before("complete-application").take("complete-application", person("requestor", "Alameda", "Kern IV-A"))


def test_the_right_role_elsewhere_is_no_help_to_one_who_sees_the_application_in_another_role() -> None:
    here_and_there = several(person("coordinator", "Kern"), person("director", "Alameda"))
    with pytest.raises(NotYourTurn):
        after("identify-requestor").take("withdraw", here_and_there)


def test_nobody_takes_a_step_without_a_role() -> None:
    with pytest.raises(OutOfScope):
        after("identify-requestor").take("withdraw", Actor("nobody@kern.example", "Nobody"))
    with pytest.raises(NotYourTurn):
        Case().take("identify-requestor", Actor("nobody@kern.example", "Nobody"))


def test_a_director_identifies_for_their_own_county() -> None:
    assert Case().take("identify-requestor", person("director", "Alameda")).document["lcsa"] == "Alameda"


def test_a_colleague_of_the_same_organization_takes_the_requestors_step() -> None:
    colleague = person("requestor", email="colleague@kern.example")
    assert before("sign-mou").take("sign-mou", colleague).status == "agreeing"


CHECKING = [
    (separation.step, checked)
    for separation in THIRD_PARTY_ACCESS.policy.separations
    for checked in separation.not_after
]


def one_person_for(step: str, checked: str) -> tuple[Case, Actor]:
    """An application on which one person took `checked` and now has the turn to take `step`."""
    roles = [THIRD_PARTY_ACCESS.step(key).role for key in (step, checked)]
    both = several(*(person(role, email="both@state.example") for role in roles))
    case = where_open(checked).take(checked, both)
    for key in STEPS[STEPS.index(checked) + 1 : STEPS.index(step)]:
        if key in case.waiting and key != "terminate":  # nothing is left to check after the end
            case.take(key)
    return case, both


@pytest.mark.process("1.5", "6.6", "6.9.1", "8")
def test_these_steps_check_others() -> None:
    assert set(CHECKING) == {
        ("legal-opinion", "complete-application"),
        ("decide", "complete-application"),
        ("decide", "legal-opinion"),
        ("countersign-mou", "legal-opinion"),
        ("countersign-mou", "sign-mou"),
        ("review-response", "respond-to-finding"),
        ("clear-finding", "respond-to-finding"),
        ("clear-finding", "review-response"),
        ("good-standing", "record-standing"),
        ("assess-incident", "report-incident"),
        ("acknowledge-incident", "report-incident"),
        ("acknowledge-incident", "assess-incident"),
        ("assess-incident", "acknowledge-incident"),
        ("close-incident", "acknowledge-incident"),
        ("close-incident", "report-incident"),
        ("close-incident", "act-on-incident"),
        ("terminate", "request-termination"),
        ("decline-termination", "request-termination"),
    }


@pytest.mark.process("1.5")
@pytest.mark.parametrize(("step", "checked"), CHECKING)
def test_nobody_checks_themselves(step: str, checked: str) -> None:
    case, both = one_person_for(step, checked)
    with pytest.raises(NotYourTurn) as refused:
        case.take(step, both)
    assert THIRD_PARTY_ACCESS.step(checked).title in refused.value.why
    assert not [
        task for _, task in own_tasks(THIRD_PARTY_ACCESS, case.document, both, case.today) if task["step"] == step
    ]
    case.take(step)


@pytest.mark.process("1.5")
def test_who_asked_for_a_clarification_does_not_decide_though_a_colleague_gave_the_opinion() -> None:
    both = several(person("legal", email="both@state.example"), person("process-owner"))
    case = before("legal-opinion").take("legal-opinion", both, opinion="clarification").take("clarify")
    case.take("legal-opinion").take("connectivity-test").take("send-to-owner")
    with pytest.raises(NotYourTurn):
        case.take("decide", both)


@pytest.mark.process("1.5")
def test_who_entered_the_paper_application_for_the_requestor_gives_no_opinion_on_it() -> None:
    both = several(person("process-manager", email="both@state.example"), person("legal"))
    case = before("complete-application").take(
        "complete-application", both, received_by="mail", received_on="2026-11-20"
    )
    with pytest.raises(NotYourTurn):
        case.take("route-application").take("legal-opinion", both)


@pytest.mark.process("1.5")
@pytest.mark.parametrize("step", ["legal-opinion", "decide", "countersign-mou"])
def test_nobody_who_belongs_to_the_organization_reviews_or_decides_its_application(step: str) -> None:
    role = THIRD_PARTY_ACCESS.step(step).role
    both = several(person("requestor", email="both@state.example"), person(role))
    with pytest.raises(NotYourTurn, match="belong to the organization"):
        where_open(step).take(step, both)


@pytest.mark.process("6.8.1")
def test_the_process_manager_enters_a_scan_and_signs_nothing_for_the_requestor() -> None:
    case = before("sign-mou")
    problems = case.problems("sign-mou", case.who("process-manager"), received_by="mail", received_on="2026-11-20")
    assert set(problems) == {"method"}


@pytest.mark.process("1.5", "2.7")
@pytest.mark.parametrize("step", ["direct-setup", "withdraw", "request-termination"])
def test_the_coordinator_acts_for_the_director_only_where_designated(step: str) -> None:
    with pytest.raises(NotYourTurn):
        where_open(step).take(step, person("coordinator"))
    case = Case().take("identify-requestor", coordinator_acts=True)
    for key in ("schedule-invitation", *STEPS[2:]) if step != "withdraw" else ():
        if key == step:
            break
        if key in case.waiting:
            case.take(key)
    case.take(step, person("coordinator"))
    assert case.document["history"][-1]["role"] == "coordinator"


@pytest.mark.process("2.7")
def test_a_designated_coordinator_has_the_set_up_in_the_inbox_beside_the_director() -> None:
    def whose(case: Case) -> set[str]:
        return {task["role"] for task in case.document["open_tasks"] if task["step"] == "direct-setup"}

    assert whose(before("direct-setup")) == {"director"}
    case = Case().take("identify-requestor", coordinator_acts=True)
    for key in STEPS:
        if key in case.waiting and key != "direct-setup":
            case.take(key)
    assert whose(case) == {"director", "coordinator"}


@pytest.mark.process("6.4")
@pytest.mark.parametrize("step", sorted(ON_PAPER))
def test_what_came_on_paper_the_process_manager_enters_and_the_history_says_so(step: str) -> None:
    case = where_open(step)
    manager = case.who("process-manager")
    assert set(case.problems(step, manager)) == {"received_by", "received_on"}
    case.take(step, manager, received_by="mail", received_on="2026-11-20", **(SCAN if step == "sign-mou" else {}))
    entry = case.document["history"][-1]
    assert (entry["role"], entry["on_behalf_of"], entry["actor"]) == ("process-manager", "requestor", manager.email)
    assert entry["answers"]["received_on"] == "2026-11-20"


@pytest.mark.parametrize("step", sorted(ON_PAPER))
def test_the_requestor_is_not_asked_when_it_was_received(step: str) -> None:
    case = where_open(step).take(step, received_by="mail", received_on="2026-11-20")
    assert "received_on" not in case.document["history"][-1]["answers"]
    assert "on_behalf_of" not in case.document["history"][-1]


def test_entering_for_another_stands_in_no_inbox_but_can_be_found() -> None:
    case = before("complete-application")
    manager = case.who("process-manager")
    assert own_tasks(THIRD_PARTY_ACCESS, case.document, manager, case.today) == []
    assert "complete-application" in {
        step.key for step in also_possible(THIRD_PARTY_ACCESS, case.document, manager, case.today)
    }


@pytest.mark.process("6.3.3", "10.1", "10.2")
def test_the_invitation_goes_and_an_agreement_ends_by_itself_and_nothing_else_does() -> None:
    by_itself = {step.key for step in THIRD_PARTY_ACCESS.steps if step.by_itself}
    noted = {"note-failed-renewal", "note-termination", "note-suspensions"}
    assert by_itself == {"send-invitation", "expire", "take-effect", "offer-mou", *noted}
    assert before("send-invitation").take("send-invitation", BY_ITSELF).document["history"][-1]["actor"] == "portal"
    for step in set(STEPS[1:]) - by_itself:
        with pytest.raises(NotYourTurn):
            where_open(step).take(step, BY_ITSELF)


def test_somebody_who_calls_themselves_the_portal_is_not_the_portal() -> None:
    with pytest.raises(OutOfScope):
        before("send-invitation").take("send-invitation", Actor(BY_ITSELF.email, BY_ITSELF.name))


def test_a_form_drawn_from_an_older_version_is_refused_and_names_both() -> None:
    case = before("route-application")
    with pytest.raises(OutOfDate) as refused:
        take_step(
            THIRD_PARTY_ACCESS, case.document, "route-application", case.who("process-manager"),
            {"outcome": "complete"}, case.now, calendar=CALENDAR, drawn_from=3,
        )  # fmt: skip
    assert (refused.value.drawn_from, refused.value.version) == (3, 4)


def test_a_step_that_is_not_in_the_table_is_named() -> None:
    case = after("identify-requestor")
    with pytest.raises(NoSuchStep) as refused:
        take_step(
            THIRD_PARTY_ACCESS, case.document, "approve-all", case.who("director"), {}, case.now, calendar=CALENDAR
        )
    assert refused.value.step == "approve-all"


@pytest.mark.parametrize("step", [step for step in STEPS if step != "identify-requestor"])
def test_nothing_but_identification_starts_an_application(step: str) -> None:
    case = Case(document={"id": "TPA-2026-0007"})
    with pytest.raises(OutOfTurn):
        case.answer(step, {}, person(THIRD_PARTY_ACCESS.step(step).role))
