"""Incidents: reported by the Requestor, in two inboxes at once, followed to their end one by one."""

from datetime import timedelta
from typing import Any

import pytest

from portal.process.errors import NotYourTurn
from portal.process.policy import readable
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from portal.process.third_party_access.incidents import incidents, open_incidents
from portal.process.third_party_access.users import accounts_in_use
from tests.clients import typed
from tests.conftest import House
from tests.journey import answers_to
from tests.process.case import MONDAY, Case, after, person, several

pytestmark = pytest.mark.process("8")


def reported(times: int = 1) -> Case:
    """Kern IV-A with access, when so many incidents were reported, a day after another."""
    case = after("confirm-access")
    for _ in range(times):
        case.pass_days(1).take("report-incident")
    return case


NO_SUSPENSION: dict[str, Any] = {"suspend_access": "none", "accounts": None}


def suspend(case: Case, *names: str) -> Case:
    """The Administrator suspends the accounts of these users."""
    user_ids = {"ana": "KERN0001", "bo": "KERN0002"}
    day = case.today.isoformat()
    rows = [{"email": f"{name}@kern.example", "user_id": user_ids[name], "suspended_on": day} for name in names]
    return case.take("suspend-accounts", accounts=rows)


def started_with(case: Case, step: str) -> list[str]:
    """The addresses in the rows that the step's form starts with."""
    field = THIRD_PARTY_ACCESS.step(step).field("accounts")
    assert field.default is not None
    rows = field.default(case.situation({}))
    assert isinstance(rows, list)
    return [row["email"] for row in rows]


def whose(case: Case, step: str) -> list[str]:
    """The roles that have this task."""
    return [task["role"] for task in case.document["open_tasks"] if task["step"] == step]


def told(case: Case) -> set[str]:
    """Who is told of the newest step."""
    return {notice["to"] for notice in case.document["notices"] if notice["seq"] == case.document["version"]}


def test_an_incident_can_be_reported_once_accounts_are_set_up_and_at_any_time_from_then_on() -> None:
    after("direct-setup").out_of_turn("report-incident")
    assert "report-incident" in after("set-up-accounts").possible
    assert "report-incident" not in after("set-up-accounts").waiting
    ended = after("confirm-access").take("terminate").pass_days(300)
    assert set(ended.problems("report-incident")) == {"suspend_access"}  # no account is left under it
    assert [one.number for one in incidents(ended.take("report-incident", **NO_SUSPENSION).document)] == [1]
    assert {"assess-incident", "acknowledge-incident"} <= ended.waiting


def test_it_is_a_task_of_the_iso_and_of_the_process_owner_at_once_and_both_are_told() -> None:
    case = reported()
    assert whose(case, "assess-incident") == ["iso"]
    assert whose(case, "acknowledge-incident") == ["process-owner"]
    assert {"role:iso", "role:process-owner"} <= told(case)


@pytest.mark.parametrize(("suspend", "asked"), [("none", False), ("some-users", True), ("all-users", True)])
def test_the_administrator_is_told_when_access_is_to_be_suspended(suspend: str, asked: bool) -> None:
    case = after("confirm-access").take("report-incident", suspend_access=suspend)
    assert ("role:administrator" in told(case)) is asked


@pytest.mark.process("7.3")
def test_suspension_for_an_incident_is_the_administrators_task_at_once_until_it_is_done() -> None:
    case = reported()
    assert whose(case, "suspend-accounts") == ["administrator"]
    assert "suspend-accounts" in case.waiting
    assert case.task("suspend-accounts")["opens_on"] == case.today.isoformat()
    assert started_with(case.pass_days(40), "suspend-accounts") == ["bo@kern.example"]
    assert "suspend-accounts" in case.waiting
    assert "suspend-accounts" not in suspend(case, "bo").waiting
    assert [account["email"] for account in accounts_in_use(case.document)] == ["ana@kern.example"]


@pytest.mark.process("7.3")
def test_of_all_users_means_each_account_in_use_and_no_other_user_is_suspended_than_is_asked() -> None:
    case = after("confirm-access").take("report-incident", suspend_access="all-users", accounts=None)
    assert started_with(case, "suspend-accounts") == ["ana@kern.example", "bo@kern.example"]
    assert "suspend-accounts" in suspend(case, "ana").waiting
    assert "suspend-accounts" not in suspend(case, "bo").waiting
    row = {"email": "ana@kern.example", "user_id": "KERN0001", "suspended_on": case.today.isoformat()}
    assert set(reported().problems("suspend-accounts", accounts=[row])) == {"accounts-0-email"}


@pytest.mark.process("7.3")
def test_whose_account_is_suspended_for_an_incident_is_set_up_again_only_when_it_is_closed() -> None:
    case = suspend(reported(), "bo")
    assert "set-up-accounts" not in case.waiting
    row = answers_to("set-up-accounts", case.today)["accounts"][1]
    again = [{**row, "set_up_on": case.today.isoformat(), "user_id": "KERN0009"}]
    assert set(case.problems("set-up-accounts", accounts=again)) == {"accounts-0-email"}
    case.take("acknowledge-incident").take("assess-incident").take("act-on-incident").take("close-incident")
    assert "role:administrator" in told(case)
    assert whose(case, "set-up-accounts") == ["administrator"]
    assert "set-up-accounts" in case.waiting
    case.take("set-up-accounts", accounts=again)
    assert len(accounts_in_use(case.document)) == 2
    assert not {"set-up-accounts", "suspend-accounts"} & case.waiting


@pytest.mark.process("7.3")
def test_the_assessment_says_anew_whose_access_is_suspended_and_may_allow_it_again() -> None:
    case = after("confirm-access").take("report-incident", **NO_SUSPENSION)
    assert "suspend-accounts" not in case.waiting
    case.take("assess-incident", accounts=[{"email": "ana@kern.example"}])
    assert "role:administrator" in told(case)
    assert started_with(case, "suspend-accounts") == ["ana@kern.example"]
    suspend(case, "ana").take("assess-incident", **NO_SUSPENSION)
    assert "set-up-accounts" in case.waiting
    assert "suspend-accounts" not in reported().take("assess-incident", **NO_SUSPENSION).waiting


def test_another_open_incident_keeps_the_account_suspended() -> None:
    case = suspend(reported(2), "bo")
    for step in ("acknowledge-incident", "assess-incident", "act-on-incident", "close-incident"):
        case.take(step, incident=1)
    assert "set-up-accounts" not in case.waiting


@pytest.mark.process("2.5")
def test_a_year_that_is_over_and_an_incident_are_suspended_in_one_form() -> None:
    case = reported().on(MONDAY + timedelta(days=366))
    assert started_with(case, "suspend-accounts") == ["ana@kern.example", "bo@kern.example"]


@pytest.mark.parametrize("step", ["report-incident", "assess-incident"])
def test_suspension_is_asked_of_users_who_have_an_account(step: str) -> None:
    case = reported()
    assert set(case.problems(step, accounts=[{"email": "eve@kern.example"}])) == {"accounts-0-email"}
    assert set(case.problems(step, accounts=None)) == {"accounts"}


def test_it_cannot_have_happened_after_it_was_noticed_nor_be_noticed_tomorrow() -> None:
    case = after("confirm-access")
    tomorrow = (case.today + timedelta(days=1)).isoformat()
    assert set(case.problems("report-incident", happened_on=tomorrow)) >= {"happened_on"}
    assert set(case.problems("report-incident", noticed_on=tomorrow)) == {"noticed_on"}
    before = (case.today - timedelta(days=1)).isoformat()
    assert set(case.problems("report-incident", noticed_on=before, happened_on=case.today.isoformat())) == {
        "happened_on"
    }


def test_no_case_data_is_kept_in_it() -> None:
    problems = after("confirm-access").problems("report-incident", what_happened="It was 123-45-6789.")
    assert set(problems) == {"what_happened"}


def test_it_goes_from_report_to_its_end() -> None:
    case = reported()
    case.take("acknowledge-incident")
    assert "acknowledge-incident" not in case.possible
    case.take("assess-incident")
    assert whose(case, "act-on-incident") == ["requestor"]
    assert "close-incident" not in case.waiting
    case.pass_days(4).take("act-on-incident")
    assert whose(case, "close-incident") == ["iso"]
    case.take("close-incident")
    assert open_incidents(case.document) == []
    assert not {step for step in case.possible if step.endswith("-incident")} - {"report-incident"}


def test_the_iso_can_ask_for_more_and_the_requestor_answers_again() -> None:
    case = reported().take("acknowledge-incident").take("assess-incident").take("act-on-incident")
    case.take("assess-incident", to_be_done="Send the list of attendance too.")
    assert "close-incident" not in case.waiting
    assert "incident" in case.problems("close-incident")
    case.take("act-on-incident")
    assert "close-incident" in case.waiting
    assert case.problems("close-incident") == {}


def test_it_is_not_closed_before_notification_is_settled_the_owner_knows_and_measures_are_answered() -> None:
    case = reported().take("assess-incident", notification="to-be-clarified", notify=None)
    assert set(case.problems("close-incident")) == {"incident"}
    case.take("act-on-incident").take("acknowledge-incident")
    assert set(case.problems("close-incident")) == {"incident"}
    case.take("assess-incident", notification="not-required", notify=None).take("act-on-incident")
    assert case.problems("close-incident") == {}
    unacknowledged = reported().take("assess-incident").take("act-on-incident")
    assert set(unacknowledged.problems("close-incident")) == {"incident"}


def test_whom_to_notify_is_asked_when_the_law_asks_for_it() -> None:
    assert set(reported().problems("assess-incident", notify=None)) == {"notify"}


def test_several_incidents_do_not_mix() -> None:
    case = reported(2)
    assert [one.number for one in incidents(case.document)] == [1, 2]
    case.take("assess-incident", incident=2, severity="high")
    first, second = incidents(case.document)
    assert (first.assessed, second.assessed["severity"] if second.assessed else None) == (None, "high")
    assert "assess-incident" in case.waiting
    assert set(case.problems("act-on-incident", incident=1)) == {"incident"}
    case.take("act-on-incident", incident=2).take("acknowledge-incident", incident=2)
    assert set(case.problems("acknowledge-incident", incident=2)) == {"incident"}
    assert "acknowledge-incident" in case.waiting
    case.take("close-incident", incident=2)
    assert [one.number for one in open_incidents(case.document)] == [1]
    assert set(case.problems("assess-incident", incident=2)) == {"incident"}
    assert set(case.problems("assess-incident", incident=3)) == {"incident"}
    case.take("assess-incident").take("act-on-incident").take("acknowledge-incident").take("close-incident")
    assert open_incidents(case.document) == []


def test_a_second_report_is_told_at_once_though_the_first_still_waits() -> None:
    case = reported(2)
    assert {"role:iso", "role:process-owner"} <= told(case)


def test_the_incident_is_chosen_among_those_with_which_the_step_can_go_on() -> None:
    case = reported(3).take("assess-incident", incident=2).take("acknowledge-incident", incident=3)
    can = {"assess-incident": "123", "acknowledge-incident": "12", "act-on-incident": "2", "close-incident": "2"}
    for step, numbers in can.items():
        choices_from = THIRD_PARTY_ACCESS.step(step).field("incident").choices_from
        assert choices_from is not None
        assert "".join(one.value for one in choices_from(case.situation({}))) == numbers, step
    assert choices_from(case.situation({}))[0].label.startswith("Incident 2, reported on November 25, 2026: ")


def test_users_are_chosen_by_name_among_those_with_an_account() -> None:
    (row,) = THIRD_PARTY_ACCESS.step("report-incident").field("accounts").fields
    assert row.choices_from is not None
    case = after("confirm-access").take("change-users", joining=None)  # Bo has left; the account is still there
    labels = {one.value: one.label for one in row.choices_from(case.situation({}))}
    assert labels == {"ana@kern.example": "Ana Núñez (ana@kern.example)", "bo@kern.example": "bo@kern.example"}


def told_of(case: Case, role: str) -> dict[str, str]:
    """What the particulars of the first incident tell this role, by label."""
    (overview,) = case.process.overviews_of(["incidents"])
    shown = readable(case.process, case.document, case.who(role))
    return {label: str(cell) for label, cell in next(iter(overview.particulars(shown, case.today))).pairs}


@pytest.mark.process("O8.2")
def test_the_overview_tells_all_that_is_on_record_of_an_incident_to_those_who_follow_it() -> None:
    case = reported()
    assert {"What happened", "Done at once", "Access"} <= told_of(case, "iso").keys()
    assert told_of(case, "iso")["Access"] == "To be suspended, the Requestor asks, of bo@kern.example"
    assert told_of(case, "iso")["Known to the Process Owner"] == "Not acknowledged yet"
    for step in ("acknowledge-incident", "assess-incident", "act-on-incident", "close-incident"):
        case.take(step)
    for role in ("iso", "process-owner", "requestor"):
        said = told_of(case, role)
        assert said["What must be done"] == case.usual("assess-incident")["to_be_done"]
        assert said["Who is to be notified"] == case.usual("assess-incident")["notify"]
        assert said["What was done"] == case.usual("act-on-incident")["done"]
        assert said["The cause"] == case.usual("close-incident")["cause"]
        assert said["Known to the Process Owner"] == "Yes"
    assert told_of(case, "legal") == {"Closed on": case.today.isoformat()}
    assert set(told_of(case, "administrator")) == {"Access", "Closed on"}


def test_the_form_begins_with_the_incident_that_waits_longest() -> None:
    case = reported(3).take("assess-incident", incident=1)
    field = THIRD_PARTY_ACCESS.step("assess-incident").field("incident")
    assert field.default is not None
    assert field.default(case.situation({})) == 2


def test_what_was_done_is_not_older_than_the_day_on_which_it_was_noticed() -> None:
    case = reported().take("assess-incident").take("acknowledge-incident")
    before = MONDAY.isoformat()
    assert set(case.problems("act-on-incident", done_on=before)) == {"done_on"}
    case.take("act-on-incident")
    assert set(case.problems("close-incident", closed_on=before)) == {"closed_on"}


@pytest.mark.process("1.5")
@pytest.mark.parametrize("step", ["assess-incident", "acknowledge-incident"])
def test_nobody_weighs_an_incident_of_their_own_organization(step: str) -> None:
    case = reported()
    with pytest.raises(NotYourTurn):
        case.take(step, several(case.who(THIRD_PARTY_ACCESS.step(step).role), case.who("requestor")))


@pytest.mark.process("1.5")
@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("assess-incident", "acknowledge-incident"),
        ("acknowledge-incident", "assess-incident"),
        ("acknowledge-incident", "close-incident"),
    ],
)
def test_who_assesses_or_closes_an_incident_is_not_who_acknowledges_it(first: str, then: str) -> None:
    case = reported()
    both = several(person("iso", email="both@state.example"), person("process-owner", email="both@state.example"))
    case.take(first, both)
    if then == "close-incident":
        case.take("assess-incident").take("act-on-incident")
    with pytest.raises(NotYourTurn):
        case.take(then, both)


@pytest.mark.process("O8.2")
def test_particulars_are_for_those_who_follow_it_and_all_others_see_that_there_is_one() -> None:
    case = reported()
    for role in ("legal", "contract-manager", "infrastructure-manager"):
        assert readable(case.process, case.document, case.who(role))["report_incident"] == {"number": 1}
    shown = readable(case.process, case.document, case.who("administrator"))["report_incident"]
    assert shown == {"number": 1, "suspend_access": "some-users", "accounts": [{"email": "bo@kern.example"}]}


def test_an_open_incident_stands_at_the_top_of_the_applications_page_until_it_is_closed(house: House) -> None:
    document = house.application_after("confirm-access")
    house.take(document["id"], "report-incident")
    words = "Incident 1 is open: reported on November 23, 2026, not assessed yet."
    for role in ("iso", "process-owner", "legal", "requestor", "director"):
        assert words in house.client(role).page(f"/applications/{document['id']}").text
    for step in ("assess-incident", "act-on-incident", "acknowledge-incident", "close-incident"):
        house.take(document["id"], step)
    assert "is open: reported" not in house.client("iso").page(f"/applications/{document['id']}").text


def test_a_step_on_an_incident_has_it_beside_the_form_and_only_those_that_it_can_go_on_with(house: House) -> None:
    document = house.application_after("confirm-access")
    house.take(document["id"], "report-incident", what_happened="A screen was left open.")
    address = f"/applications/{document['id']}/steps"
    page = house.client("process-owner").page(f"{address}/acknowledge-incident")
    assert "A screen was left open." in page.words("//section[@aria-labelledby='about-1']//dd")
    assert page.words("//p[@id='incident']").startswith("Incident 1, reported on November 23, 2026")
    assert page.fields()["incident"] == "1"  # the only one: nothing to choose
    house.take(document["id"], "acknowledge-incident")
    house.take(document["id"], "report-incident", what_happened="A list was lost.")
    page = house.client("process-owner").page(f"{address}/acknowledge-incident")
    assert "A screen was left open." not in page.words("//main")
    page = house.client("iso").page(f"{address}/assess-incident")
    assert [one.get("value") for one in page.tree.xpath("//input[@type='radio'][@name='incident']")] == ["1", "2"]  # type: ignore[union-attr]
    assert page.fields()["incident"] == "1"
    answers = {**page.fields(), "incident": "7", "confirm": "yes"}
    refused = house.client("iso").post_form(f"{address}/assess-incident", answers, 422)
    assert refused.problems["incident-0"] == "Incident: 7 cannot be chosen here"
    assert "7" in refused.fields()["incident"]


def test_whose_access_is_suspended_is_chosen_by_name_and_recorded_by_address(house: House) -> None:
    document = house.application_after("confirm-access")
    address = f"/applications/{document['id']}/steps/report-incident"
    client = house.client("requestor")
    page = client.page(address)
    assert page.words("//select[@name='accounts-0-email']/option") == "Choose one Ana Núñez (ana@kern.example) Bo Li (bo@kern.example)"  # fmt: skip
    usual = house.process.step("report-incident")
    answers = typed(answers_to(usual.key, house.portal.today))
    checked = client.send(address, answers, 200)
    assert "Bo Li (bo@kern.example)" in checked.words("//main//td")
    wrong = client.send(address, {**answers, "accounts-0-email": "eve@kern.example"}, 422)
    assert wrong.problems == {"accounts-0-email": "User: eve@kern.example cannot be chosen here"}
    assert wrong.fields()["accounts-0-email"] == "eve@kern.example"
    client.take(document["id"], usual.key, answers)
    assert house.get(document["id"])["report_incident"]["accounts"] == [{"email": "bo@kern.example"}]


def test_an_incident_can_be_read_in_a_fold_under_its_row(house: House) -> None:
    document = house.application_after("confirm-access")
    house.take(document["id"], "report-incident", what_happened="A screen was left open.")
    address = f"/applications/{document['id']}"
    fold = "//tr[@class='row-more']"
    assert "A screen was left open." in house.client("iso").page(address).words(f"{fold}//dd")
    assert house.client("legal").page(address).words(fold) == ""
