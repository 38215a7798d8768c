"""Audits: what the Information Security Officer finds is answered, reviewed and cleared, and shows until it is [8]."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from portal.process.errors import NotYourTurn
from portal.process.overview import Attached, Marked
from portal.process.policy import readable
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from portal.process.third_party_access.findings import State, findings, open_findings
from portal.process.third_party_access.users import roster
from tests.journey import WAY
from tests.process.case import (  # fmt: skip
    MONDAY,
    Case,
    after,
    before,
    checksum,
    held_by_an_agreement_before,
    paper,
    person,
    several,
    where_open,
)

pytestmark = pytest.mark.process("8")


def states(case: Case) -> list[str]:
    """Where each finding stands, in the order of their numbers."""
    return [one.state.value for one in findings(case.document)]


def review(number: int, outcome: str = "cleared", **other: Any) -> dict[str, Any]:
    return {"number": number, "outcome": outcome, **other}


def cells(case: Case, overview: str) -> list[tuple[Any, ...]]:
    """The rows of an overview on the case's day."""
    found = next(one for one in THIRD_PARTY_ACCESS.overviews if one.key == overview)
    return list(found.rows(case.document, case.today))


def test_one_audit_is_open_at_a_time_and_only_once_accounts_are_set_up() -> None:
    assert "open-audit" not in after("direct-setup").possible
    case = after("set-up-accounts").take("open-audit")
    assert "already" in case.out_of_turn("open-audit")
    case.take("close-audit").take("open-audit")
    assert {"record-finding", "close-audit"} <= case.waiting


def test_an_audits_period_does_not_end_before_it_begins() -> None:
    case = where_open("open-audit")
    days = {"period_from": "2026-11-02", "period_to": "2026-11-01"}
    assert set(case.problems("open-audit", **days)) == {"period_to"}


def test_findings_are_numbered_by_the_portal_over_all_audits() -> None:
    case = where_open("record-finding").take("record-finding").take("close-audit").pass_days(30).take("open-audit")
    typed = [{**row, "number": 1} for row in case.usual("record-finding")["findings"][:1]]
    case.take("record-finding", findings=typed)
    assert [(one.number, one.audit) for one in findings(case.document)] == [(1, 1), (2, 1), (3, 2)]
    assert [row["number"] for row in case.document["record_finding"]["findings"]] == [3]


def test_numbers_of_findings_go_on_over_the_organizations_applications() -> None:
    case = held_by_an_agreement_before().take("open-audit").take("record-finding")
    assert [one.number for one in findings(case.document)] == [3, 4]


def test_open_findings_are_counted_for_the_organization_until_they_are_cleared() -> None:
    case = where_open("record-finding").take("record-finding")
    assert case.document["holdings"]["findings/Kern/Kern IV-A"] == 2
    case.take("respond-to-finding").take("review-response", reviews=[review(1)]).take("clear-finding", findings=[{"number": 1}])  # fmt: skip
    assert case.document["holdings"]["findings/Kern/Kern IV-A"] == 1


def test_findings_are_recorded_as_often_as_needed_while_the_audit_is_open_and_not_after() -> None:
    case = where_open("record-finding").take("record-finding").take("record-finding")
    assert states(case) == ["open"] * 4
    case.take("close-audit")
    case.out_of_turn("record-finding")


def test_a_date_for_the_answer_that_is_past_is_refused() -> None:
    case = where_open("record-finding")
    row = {**case.usual("record-finding")["findings"][0], "answer_by": (MONDAY - timedelta(days=1)).isoformat()}
    assert set(case.problems("record-finding", findings=[row])) == {"findings-0-answer_by"}


def test_a_finding_goes_from_open_to_answered_to_reviewed_to_cleared() -> None:
    case = where_open("record-finding").take("record-finding")
    assert (states(case), "respond-to-finding" in case.waiting) == (["open"] * 2, True)
    case.pass_days(3).take("respond-to-finding")
    assert (states(case), "review-response" in case.waiting) == (["answered"] * 2, True)
    case.pass_days(3).take("review-response")
    assert (states(case), "clear-finding" in case.waiting) == (["reviewed"] * 2, True)
    assert [one.number for one in open_findings(case.document)] == [1, 2]
    case.pass_days(3).take("clear-finding")
    assert states(case) == ["cleared"] * 2
    assert open_findings(case.document) == []
    one = findings(case.document)[0]
    days = [MONDAY + timedelta(days=days) for days in (0, 3, 6, 9)]
    assert [one.found_on, one.answered_on, one.reviewed_on, one.cleared_on] == days


def test_some_findings_are_answered_now_and_others_later() -> None:
    case = where_open("respond-to-finding").take("respond-to-finding", responses=[{"number": 2, "response": "Found."}])
    assert states(case) == ["open", "answered"]
    assert {"respond-to-finding", "review-response"} <= case.waiting
    assert set(case.problems("respond-to-finding", responses=[{"number": 2, "response": "Again."}])) == {
        "responses-0-number"
    }


def test_an_answer_that_is_not_enough_opens_the_finding_again_with_why_and_a_new_date() -> None:
    case = where_open("review-response").pass_days(40)
    until = (case.today + timedelta(days=10)).isoformat()
    bare = [review(1, "not-enough"), review(2)]
    assert set(case.problems("review-response", reviews=bare)) == {"reviews-0-reason", "reviews-0-answer_by"}
    case.take("review-response", reviews=[review(1, "not-enough", reason="No date.", answer_by=until), review(2)])
    assert states(case) == ["open", "reviewed"]
    one = findings(case.document)[0]
    assert (one.why_not, one.answer_by.isoformat()) == ("No date.", until)
    assert {"respond-to-finding", "clear-finding"} <= case.waiting
    case.take("respond-to-finding", responses=[{"number": 1, "response": "On November 12."}])
    assert (states(case), findings(case.document)[0].why_not) == (["answered", "reviewed"], "")


@pytest.mark.parametrize("state", ["open", "answered"])
def test_a_finding_is_not_cleared_without_the_word_of_the_information_security_officer(state: str) -> None:
    case = where_open("respond-to-finding")
    if state == "answered":
        case.take("respond-to-finding", responses=[{"number": 1, "response": "Done."}])
    case.out_of_turn("clear-finding")
    # Nor beside one on which the word is given.
    case.take("respond-to-finding", responses=[{"number": 2, "response": "Found."}])
    case.take("review-response", reviews=[review(2)])
    problems = case.problems("clear-finding", findings=[{"number": 1}, {"number": 2}])
    assert list(problems) == ["findings-0-number"]
    assert "word of the Information Security Officer" in problems["findings-0-number"]
    assert "no finding 9" in case.problems("clear-finding", findings=[{"number": 9}])["findings-0-number"]


def test_findings_outlive_the_audit_and_the_agreement() -> None:
    case = where_open("respond-to-finding").take("close-audit")
    ended = Case(document={**case.document, "status": "ended"}, today=case.today)
    for one in (case, ended):
        one.take("respond-to-finding").take("review-response").take("clear-finding")
        assert states(one) == ["cleared"] * 2


@pytest.mark.process("1.5")
@pytest.mark.parametrize("step", ["open-audit", "record-finding", "review-response", "close-audit", "clear-finding"])
def test_nobody_audits_their_own_organization(step: str) -> None:
    case = where_open(step)
    role = THIRD_PARTY_ACCESS.step(step).role
    with pytest.raises(NotYourTurn):
        case.take(step, several(person(role), person("requestor")))


@pytest.mark.process("1.5")
def test_nobody_clears_what_they_answered_or_gave_the_word_on() -> None:
    both = several(person("iso"), person("process-owner"))
    case = where_open("review-response").take("review-response", both)
    with pytest.raises(NotYourTurn):
        case.take("clear-finding", both)
    answered = replace(person("process-owner"), email=person("requestor").email)
    case = where_open("clear-finding")
    with pytest.raises(NotYourTurn):
        case.take("clear-finding", answered)


def test_findings_go_to_the_process_owner_and_to_the_organizations_security_officer() -> None:
    case = where_open("record-finding").take("record-finding")
    told = {notice["to"]: notice for notice in case.document["notices"] if notice["seq"] == case.document["version"]}
    officer = told["person:complete_application.iso"]
    assert (officer["task"], officer["invites"]) == ("respond-to-finding", "requestor")
    assert {"role:process-owner", "person:complete_application.contact", "role:requestor"} <= told.keys()
    assert [letter["name"] for letter in case.document["history"][-1]["letters"]] == ["audit-findings"]


def test_why_an_audit_is_held_is_read_by_its_overseers_alone() -> None:
    case = where_open("record-finding")
    for role in ("iso", "process-owner"):
        assert "occasion" in readable(THIRD_PARTY_ACCESS, case.document, case.who(role))["open_audit"]
    for role in ("requestor", "process-manager", "director", "legal", "contract-manager"):
        shown = readable(THIRD_PARTY_ACCESS, case.document, case.who(role))["open_audit"]
        assert set(shown) == {"scope", "period_from", "period_to"}


def test_open_findings_are_a_concern_until_cleared_and_a_pressing_one_once_an_answer_is_overdue() -> None:
    case = where_open("respond-to-finding")
    found = list(THIRD_PARTY_ACCESS.concerns(case.document, case.today))
    assert [(one.words, one.pressing) for one in found] == [("2 audit findings are not cleared.", False)]
    assert not findings(case.document)[0].is_overdue(case.pass_days(30).today)
    case.pass_days(1)
    found = list(THIRD_PARTY_ACCESS.concerns(case.document, case.today))
    assert [(one.words, one.pressing) for one in found] == [
        ("2 audit findings are not cleared. 2 answers are overdue.", True)
    ]
    assert isinstance(cells(case, "findings")[0][6], Marked)
    case.take("respond-to-finding").take("review-response").take("clear-finding")
    assert list(THIRD_PARTY_ACCESS.concerns(case.document, case.today)) == []


def test_the_state_of_a_finding_is_one_of_four() -> None:
    assert [state.value for state in State] == ["open", "answered", "reviewed", "cleared"]


# What the auditor sees.


def stands_out(case: Case) -> dict[str, str]:
    """By address: what the roster marks."""
    return {str(row[1]): str(row[-1]) for row in cells(case, "roster") if row[-1]}


def test_nothing_stands_out_where_all_is_as_it_should_be() -> None:
    case = after("confirm-access")
    assert stands_out(case) == {}
    assert cells(case, "gaps") == []


def test_the_roster_marks_whose_year_is_over_and_on_which_day() -> None:
    case = after("confirm-access").on(MONDAY + timedelta(days=366))
    words = stands_out(case)["ana@kern.example"]
    assert words == "The year was over on November 23, 2027. The account is in use nevertheless"
    case.take("suspend-accounts", accounts=[{"email": "ana@kern.example", "user_id": "KERN0001", "suspended_on": case.today.isoformat()}])  # fmt: skip
    assert stands_out(case)["ana@kern.example"] == "The year was over on November 23, 2027"


def test_the_roster_marks_accounts_without_a_user_users_without_dates_and_other_profiles() -> None:
    case = after("confirm-access").take("change-users", joining=[{"name": "Cy Roe", "email": "cy@kern.example", "job_title": "Clerk"}])  # fmt: skip
    marked = stands_out(case)
    assert "no user on the list" in marked["bo@kern.example"]
    assert "no security awareness training" in marked["cy@kern.example"]
    assert "no signed confidentiality statement" in marked["cy@kern.example"]
    other = {**case.document, "decide": {**case.document["decide"], "security_profile": "iv-e-read-only"}}
    assert "granted was IV-E" in stands_out(Case(document=other))["ana@kern.example"]


def test_the_summary_says_more_users_than_were_granted() -> None:
    case = after("confirm-access")
    overview = THIRD_PARTY_ACCESS.overviews_of(["roster"])[0]
    first, *marked = overview.summary(case.document, case.today)
    assert "Accounts granted: 3. Users named: 2. Accounts set up: 2, of which 2 in use" in str(first)
    assert marked == []
    fewer = {**case.document, "decide": {**case.document["decide"], "accounts_granted": 1}}
    _, *marked = overview.summary(fewer, case.today)
    assert [str(words) for words in marked] == [
        "There are 2 users, and 1 account was granted.",
        "There are 2 accounts, and 1 account was granted.",
    ]
    assert len(roster(fewer)) == 2


def test_dates_are_days_and_not_words() -> None:
    row = cells(after("confirm-access"), "roster")[0]
    assert row[2:6] == (MONDAY, MONDAY, None, date(2027, 11, 23))


@pytest.mark.process("2.6", "6.8.2")
def test_the_signed_statement_that_is_kept_stands_on_the_roster_for_the_year_for_which_it_was_signed() -> None:
    case = before("certify-users")
    ana, bo = case.usual("certify-users")["users"]
    case.take("certify-users", users=[{**ana, "statement": paper("ana.pdf")}, bo])
    assert [row[4] for row in cells(case, "roster")] == [Attached("ana.pdf", checksum("ana.pdf")), None]
    for step in WAY[WAY.index("countersign-mou") :]:
        case.take(step)
    case.pass_days(340).take("recertify-users")
    assert [row[4] for row in cells(case, "roster")] == [None, None]
    case.pass_days(340)
    users = [{**row, "statement": paper("anew.pdf")} for row in case.usual("recertify-users")["users"]]
    case.take("recertify-users", users=users)
    assert cells(case, "roster")[0][4] == Attached("anew.pdf", checksum("anew.pdf"))


@pytest.mark.process("8")
def test_the_period_that_is_audited_is_over() -> None:
    case = after("confirm-access")
    tomorrow = (case.today + timedelta(days=1)).isoformat()
    assert set(case.problems("open-audit", period_to=tomorrow)) == {"period_to"}
