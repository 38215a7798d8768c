"""What a document says to whoever reads it: who has it, what stands in whose inbox, what a form starts with."""

from datetime import date

import pytest

from portal.process.explain import also_possible, chapter_states, files_in, own_tasks, recorded, steps_of
from portal.process.policy_table import ITSELF, Act
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.process.case import CALENDAR, MONDAY, STEPS, Case, after, before, paper, person, where_open


def inbox(case: Case, role: str) -> list[str]:
    """The steps in the inbox of who holds this role for the application."""
    return [step.key for step, _ in own_tasks(THIRD_PARTY_ACCESS, case.document, case.who(role), case.today)]


def besides(case: Case, role: str) -> set[str]:
    """What they can do besides."""
    return {step.key for step in also_possible(THIRD_PARTY_ACCESS, case.document, case.who(role), case.today)}


@pytest.mark.process("1.5")
@pytest.mark.parametrize("step", [step for step in STEPS[1:] if step in where_open(step).waiting])
def test_an_open_task_stands_in_its_roles_inbox_and_in_no_other(step: str) -> None:
    case = where_open(step)
    having = {role.key for role in THIRD_PARTY_ACCESS.roles if step in inbox(case, role.key)}
    given = {role for row in THIRD_PARTY_ACCESS.policy.of(Act.TAKE, step) if not row.provided for role in row.roles}
    assert having == given - {ITSELF}
    assert THIRD_PARTY_ACCESS.step(step).role in having
    stranger = person(THIRD_PARTY_ACCESS.step(step).role, "Alameda")
    if stranger.grants[0].scope:
        assert own_tasks(THIRD_PARTY_ACCESS, case.document, stranger, case.today) == []


@pytest.mark.process("6.3.3")
def test_an_invitation_stands_in_the_inbox_from_its_date_on() -> None:
    case = after("identify-requestor").take("schedule-invitation", invitation_date="2026-12-07")
    assert inbox(case, "process-manager") == []
    assert "send-invitation" not in besides(case, "process-manager")
    assert inbox(case.on(date(2026, 12, 7)), "process-manager") == ["send-invitation"]


def test_what_nobody_waits_for_can_be_done_besides() -> None:
    assert besides(before("legal-opinion"), "legal") == {"delay-opinion"}
    assert besides(after("schedule-invitation"), "process-manager") == {"schedule-invitation"}
    assert besides(after("sign-mou"), "process-owner") == {"return-mou", "withdraw"}
    assert besides(after("certify-users"), "requestor") == {"certify-users", "say-board-days", "withdraw"}
    assert besides(after("identify-requestor"), "director") == {"withdraw"}


@pytest.mark.process("6.5.2")
def test_a_test_that_failed_waits_since_it_failed() -> None:
    case = before("connectivity-test").pass_days(7)
    case.take("connectivity-test", result="does-not-connect", findings="A firewall.")
    assert case.task("connectivity-test")["since_seq"] == case.document["version"]
    assert case.task("connectivity-test")["since"] == "2026-11-30T18:00:00Z"


def test_each_step_shows_how_often_and_when_it_was_taken_and_who_has_it_now() -> None:
    case = before("connectivity-test").take("connectivity-test", result="does-not-connect", findings="No.").pass_days(1)
    case.take("connectivity-test", result="does-not-connect", findings="No.")
    shown = {one.step.key: one for one in steps_of(THIRD_PARTY_ACCESS, case.document, case.document, CALENDAR)}
    tested = shown["connectivity-test"]
    assert (tested.taken, tested.taken_on, tested.open_since, tested.roles) == (
        2, date(2026, 11, 24), date(2026, 11, 24), ("infrastructure-manager",),
    )  # fmt: skip
    assert (shown["decide"].taken, shown["decide"].open_since, shown["decide"].roles) == (0, None, ())
    assert shown["decide"].days_used(case.today, CALENDAR) is None
    assert shown["legal-opinion"].days_used(date(2026, 12, 31), CALENDAR) == 0
    opened = before("legal-opinion").document
    waiting = {one.step.key: one for one in steps_of(THIRD_PARTY_ACCESS, opened, opened, CALENDAR)}["legal-opinion"]
    assert (waiting.days_used(date(2026, 12, 18), CALENDAR), waiting.days_over(date(2026, 12, 18), CALENDAR)) == (17, 2)


def test_a_chapter_that_was_passed_over_counts_as_done() -> None:
    document = {"history": [{"step": "complete-application"}], "open_tasks": [{"step": "route-application"}]}
    assert dict((key, state) for key, _, state in chapter_states(THIRD_PARTY_ACCESS, document))["invitation"] == "done"


def test_what_is_recorded_comes_in_the_tables_order() -> None:
    case = after("route-application").take("connectivity-test").take("legal-opinion")
    keys = [step.key for step, _ in recorded(THIRD_PARTY_ACCESS, case.document)]
    assert keys == sorted(keys, key=STEPS.index)
    assert keys[-1] == "connectivity-test"


def test_every_paper_is_found_in_fields_and_in_rows() -> None:
    signed, statement = paper("mou.pdf"), paper("statement.pdf")
    case = before("sign-mou").take("sign-mou", method="scan", signed_mou=signed)
    first, second = case.usual("certify-users")["users"]
    case.take("certify-users", users=[first, {**second, "statement": statement}])
    step = THIRD_PARTY_ACCESS.step
    assert files_in(step("sign-mou"), case.document["sign_mou"]) == [signed]
    assert files_in(step("certify-users"), case.document["certify_users"]) == [statement]
    assert files_in(step("sign-mou"), {}) == []


@pytest.mark.parametrize(
    ("step", "answers", "words"),
    [
        ("decide", {"decision": "accept"}, "accepted the application"),
        ("decide", {"decision": "reject"}, "rejected the application"),
        ("route-application", {"outcome": "return"}, "returned the application for correction"),
        ("route-application", {"outcome": "complete"}, "routed the application to Legal and Infrastructure"),
    ],
)
def test_the_history_says_what_was_done(step: str, answers: dict[str, str], words: str) -> None:
    assert THIRD_PARTY_ACCESS.step(step).done_words(answers) == words


@pytest.mark.parametrize("step", STEPS[1:])
def test_what_a_form_starts_with_holds(step: str) -> None:
    case = where_open(step).pass_days(3)
    actor = case.who(THIRD_PARTY_ACCESS.step(step).role)
    facts = THIRD_PARTY_ACCESS.facts(case.world, THIRD_PARTY_ACCESS.step(step), case.document, {}, actor)
    situation = case.situation(facts)
    fields = THIRD_PARTY_ACCESS.step(step).fields
    starts = {field.name: field.default(situation) for field in fields if field.default is not None}
    usual = case.usual(step)
    asked = {name: value for name, value in starts.items() if value and name != "accounts"}
    if step == "recertify-users":  # the dates are what is asked
        assert [row["email"] for row in asked.pop("users")] == ["ana@kern.example", "bo@kern.example"]
    if step == "evaluate-infrastructure":
        assert [row["entity"] for row in asked.pop("evaluations")] == ["dts", "county", "third-party"]
    if step in ("respond-to-finding", "review-response"):  # what was done, and whether it is enough, is asked
        assert [[row["number"] for row in rows] for rows in asked.values()] == [[1, 2]]
        asked.clear()
    assert case.problems_of(step, {**usual, **asked}) == {}


@pytest.mark.process("7.3")
def test_the_set_up_form_has_a_row_for_each_certified_user_without_an_account() -> None:
    case = before("set-up-accounts")
    default = THIRD_PARTY_ACCESS.step("set-up-accounts").field("accounts").default
    assert default is not None
    row = {"security_profile": "iv-a-read-only", "set_up_on": MONDAY.isoformat()}
    assert default(case.situation({})) == [
        {"email": "ana@kern.example", **row}, {"email": "bo@kern.example", **row},
    ]  # fmt: skip
    case.take("set-up-accounts", accounts=case.usual("set-up-accounts")["accounts"][:1])
    assert default(case.situation({})) == [{"email": "bo@kern.example", **row}]


@pytest.mark.process("6.4")
def test_the_application_starts_with_what_the_director_said() -> None:
    case = before("complete-application")
    starts = {
        field.name: field.default(case.situation({}))
        for field in THIRD_PARTY_ACCESS.step("complete-application").fields
        if field.default
    }
    assert (starts["requestor_name"], starts["contact_name"], starts["contact_email"], starts["users_requested"]) == (
        "Kern IV-A", "María Ortega", "requestor.kern@demo.example", 3,
    )  # fmt: skip


def test_whoever_takes_a_step_is_told_what_to_know_first() -> None:
    def advice(case: Case, step: str) -> str:
        declared = THIRD_PARTY_ACCESS.step(step)
        actor = case.who(declared.role)
        facts = THIRD_PARTY_ACCESS.facts(case.world, declared, case.document, {}, actor)
        assert declared.advice is not None
        return " ".join(declared.advice(case.situation(facts)))

    assert "March 5, 2026" in advice(before("schedule-invitation"), "schedule-invitation")
    assert "reserves 1 " in advice(before("decide"), "decide")
    refused = before("legal-opinion").take("legal-opinion", opinion="not-authorized").take("connectivity-test")
    assert "can only be rejected" in advice(refused.take("send-to-owner"), "decide")
    assert "can only be rejected" not in advice(before("decide"), "decide")
    assert "Dana O'Brooks & Söhne" in advice(before("sign-mou"), "sign-mou")
    assert "3 accounts are granted; 0 users are named" in advice(before("certify-users"), "certify-users")
    late = before("set-up-accounts").pass_days(366)
    assert "0 of 3 accounts granted are set up. No account yet: Ana Núñez" in advice(late, "set-up-accounts")
