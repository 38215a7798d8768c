"""Agreements that were read in are documents like any other: whole, in the tables, and open to the steps that follow."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from portal import actions, daily, importing, mou_campaign, tables, verify
from portal.audit import Act
from portal.importing.making import MayNotImport, NotBegun
from portal.letters.context import context
from portal.notices.addressees import addressees
from portal.process.document import Json
from portal.process.explain import taken_on
from portal.process.step import Grant
from portal.store.errors import Unavailable
from portal.store.port import Search
from tests.audit.out_of_order import everything_but_the_log, log_that_cannot_be_written
from tests.conftest import House
from tests.importing.made import ANA, FOSTER, KERN, many, workbook
from tests.policy.every_route import ROLES

MakeHouse = Callable[..., House]


def imported(house: House, content: bytes, only_rows_that_hold: bool = False, name: str = "access.xlsx") -> Json:
    """The record of this sheet's import, once all of it is done."""
    manager = house.actor("process-manager")
    record = importing.receive(house.portal, manager, name, content)
    importing.begin(house.portal, manager, record["sha256"], only_rows_that_hold)
    for after in importing.go_on(house.portal, manager, record["sha256"], float("inf")):
        record = after
    return record


def documents(house: House) -> dict[str, Json]:
    """Every document, by its organization."""
    return {one["organization"]: one for one in house.portal.store.every(Search())}


@pytest.mark.process("5.1", "9")
def test_an_agreement_is_read_in_with_what_the_sheet_says_and_its_history_does_not_pretend(
    house_on_each_store: House,
) -> None:
    house = house_on_each_store
    record = imported(house, workbook([KERN, FOSTER], [ANA]))
    assert (record["state"], record["done"], record["missed"]) == ("done", 2, [])
    kern = documents(house)["Kern IV-A"]
    assert (kern["status"], kern["lcsa"], kern["claims"]) == ("active", "Kern", {"office-id": "kern-iva-01"})
    assert list(kern["holdings"].values()) == [3]
    assert [entry["step"] for entry in kern["history"]] == [
        "identify-requestor", "complete-application", "decide", "sign-mou", "certify-users", "countersign-mou",
        "post-approval", "create-office-id", "set-up-accounts", "confirm-access",
    ]  # fmt: skip
    now = "2026-11-23T18:00:00Z"
    assert {entry["at"] for entry in kern["history"]} == {now}
    assert {(entry["actor"], entry["role"]) for entry in kern["history"]} == {("process-manager@demo.example", "process-manager")}  # fmt: skip
    decided = kern["history"][2]
    assert decided["on_behalf_of"] == "process-owner"
    assert decided["note"] == "Read in from access.xlsx, row 2. The step’s date there: May 5, 2025."
    assert decided["read_in"] == {"file": "access.xlsx", "sha256": record["sha256"], "row": 2, "on": "2025-05-05"}
    assert (taken_on(decided), taken_on(kern["history"][6])) == (date(2025, 5, 5), None)
    assert kern["countersign_mou"] == {
        "signed_on": "2025-06-30", "effective_on": "2025-07-01", "expires_on": "2028-07-01",
    }  # fmt: skip
    foster = documents(house)["Alameda Foster Services"]
    assert foster["identify_requestor"] == {"lcsa": "Alameda", "organization_name": "Alameda Foster Services"}
    assert foster["decide"] == {"decision": "accept", "accounts_granted": 1}
    assert all(notice is None for notice in kern["notices"] + foster["notices"])  # nobody is written to
    assert verify.run(house.portal).findings == ()


@pytest.mark.process("5.1", "5.2", "1.6")
def test_what_was_read_in_stands_in_the_matrix_and_the_tracking_sheet(house: House) -> None:
    imported(house, workbook([KERN]))
    [row] = [row for row in tables.matrix(house.portal) if row["user_organization"]]
    assert row == {
        "lcsa": "Kern", "user_organization": "Kern IV-A", "approved_accounts": 3,
        "term_start": date(2025, 7, 1), "term_end": date(2028, 7, 1),
    }  # fmt: skip
    kern = documents(house)["Kern IV-A"]
    sheet = tables.tracking_row(house.portal, house.process, kern, house.actor("process-manager"))
    assert (sheet["decide"], sheet["decide/days"], sheet["post-approval"]) == (date(2025, 5, 5), None, None)
    with house.portal.store.writing() as writing:
        assert writing.held("uaag/Kern/") == 3


@pytest.mark.process("5.1")
def test_the_tracking_sheet_of_one_portal_can_be_read_into_another(make_house: MakeHouse) -> None:
    one, other = make_house(name="one"), make_house(name="other")
    one.application_after("confirm-access")
    sheet = one.client("process-manager").get("/tracking.xlsx", buffered=True).data
    imported(other, sheet)
    again = other.client("process-manager").get("/tracking.csv").text.splitlines()
    before = one.client("process-manager").get("/tracking.csv").text.splitlines()
    same = ("Kern IV-A", "KERN-IVA-01", "2026-11-23")
    assert len(again) == len(before) == 2
    assert all(words in again[1] for words in same if words in before[1])


@pytest.mark.process("2.5", "7.3", "9")
def test_what_comes_afterwards_works_on_an_agreement_that_was_read_in(house: House) -> None:
    imported(house, workbook([{**KERN, "lcsa": "Kern"}, FOSTER], [ANA]))
    kern = documents(house)["Kern IV-A"]
    tasks = {task["step"]: task["opens_on"] for task in kern["open_tasks"]}
    assert tasks["recertify-users"] == (date(2026, 3, 2) + timedelta(days=335)).isoformat()
    assert not tasks.keys() & {
        "schedule-invitation",
        "complete-application",
        "send-decision",
        "sign-mou",
        "direct-setup",
    }
    house.clock.pass_days(90)
    day = house.portal.today.isoformat()
    requestor, administrator = house.actor("requestor"), house.actor("administrator")
    row = {"name": "Ana Núñez", "email": ANA["email"], "trained_on": day, "statement_signed_on": day}
    actions.take(house.portal, kern["id"], "recertify-users", requestor, {"users": [row]})
    joining = {**row, "name": "Bo Li", "email": "bo@county.example", "job_title": "Analyst"}
    leaving = {"email": ANA["email"], "left_on": day}
    actions.take(house.portal, kern["id"], "change-users", requestor, {"leaving": [leaving], "joining": [joining]})
    removed = {"email": ANA["email"], "user_id": "KERN0417", "removed_on": day}
    actions.take(house.portal, kern["id"], "remove-accounts", administrator, {"accounts": [removed]})
    account = {
        "email": "bo@county.example",
        "user_id": "KERN0418",
        "security_profile": "iv-a-read-only",
        "set_up_on": day,
    }
    actions.take(house.portal, kern["id"], "set-up-accounts", administrator, {"accounts": [account]})
    assert verify.run(house.portal).findings == ()


@pytest.mark.process("10.1", "10.2")
@pytest.mark.parametrize("row", [KERN, {**FOSTER, "lcsa": "Kern", "organization": "Kern Abduction"}], ids=["much", "little"])  # fmt: skip
def test_an_agreement_that_was_read_in_is_renewed_like_any_other(house: House, row: dict[str, Any]) -> None:
    imported(house, workbook([row]))
    [kern] = documents(house).values()
    house.take(kern["id"], "say-board-days") if row is KERN else None
    due = next(task["opens_on"] for task in house.get(kern["id"])["open_tasks"] if task["step"] == "renewal-notice")
    house.clock.pass_days((date.fromisoformat(due) - house.portal.today).days)
    for step in ("renewal-notice", "record-standing", "good-standing", "start-renewal"):
        house.client(house.process.step(step).role).page(f"/applications/{kern['id']}/steps/{step}")
        house.take(kern["id"], step)
    renewal = house.get(house.get(kern["id"])["start_renewal"]["application"])
    assert (renewal["status"], renewal["organization"]) == ("identified", row["organization"])
    assert {task["step"] for task in renewal["open_tasks"]} >= {"schedule-invitation"}
    assert verify.run(house.portal).findings == ()


@pytest.mark.process("6.8.2", "7.1", "7.3")
def test_what_the_sheet_did_not_say_can_be_made_up_for_step_by_step(house: House) -> None:
    imported(house, workbook([FOSTER]))
    foster = documents(house)["Alameda Foster Services"]
    waiting = {task["step"] for task in foster["open_tasks"] if not task["opens_on"]}
    assert waiting == {"certify-users", "file-mou", "create-office-id"}
    scope = {"lcsa": "Alameda", "organization": "Alameda Foster Services"}
    house.portal.people.add(
        "foster@demo.example", "Fay Oster", Grant("requestor", scope), password="third-party-access"
    )
    requestor = house.portal.people.require("foster@demo.example").actor
    day = house.portal.today.isoformat()
    user = {
        "name": "Bo Li",
        "email": "bo@county.example",
        "job_title": "Analyst",
        "trained_on": day,
        "statement_signed_on": day,
    }
    actions.take(house.portal, foster["id"], "certify-users", requestor, {"users": [user]})
    house.portal.people.require("infrastructure-manager@demo.example")
    actions.take(house.portal, foster["id"], "create-office-id", house.actor("infrastructure-manager"), {"office_id": "ALA-01"})  # fmt: skip
    account = {"email": "bo@county.example", "user_id": "A1", "security_profile": "other-read-only", "set_up_on": day}
    taken = actions.take(
        house.portal, foster["id"], "set-up-accounts", house.actor("administrator", "Alameda"), {"accounts": [account]}
    )
    assert taken["status"] == "active"
    assert {task["step"] for task in taken["open_tasks"]} >= {"file-mou", "recertify-users"}


@pytest.mark.process("8", "9", "10.1")
@pytest.mark.parametrize("row", [KERN, {**FOSTER, "lcsa": "Kern", "organization": "Kern IV-A"}], ids=["much", "little"])
def test_an_agreement_that_was_read_in_is_audited_surveyed_and_ends_like_any_other(house: House, row: dict[str, Any]) -> None:  # fmt: skip
    imported(house, workbook([row], [ANA] if row is KERN else []))
    [kern] = documents(house).values()
    for step in ("open-audit", "record-finding"):
        house.take(kern["id"], step)
    house.take(kern["id"], "report-incident", suspend_access="all-users")
    house.clock.now = datetime(2029, 1, 10, 18, tzinfo=UTC)
    daily.run(house.portal)
    ended = house.get(kern["id"])
    assert (ended["status"], ended["history"][-1]["step"]) == ("ended", "expire")
    left = [task for task in ended["open_tasks"] if task["step"] == "remove-accounts"]
    assert bool(left) == (row is KERN)
    assert [one for one in tables.matrix(house.portal) if one["user_organization"]] == []
    assert verify.run(house.portal).findings == ()


@pytest.mark.process("2.5")
def test_a_user_read_in_with_an_account_and_no_training_is_to_be_certified_at_once(house: House) -> None:
    without = {**ANA, "trained_on": None, "email": "b@county.example", "user_id": "K2"}
    imported(house, workbook([KERN], [ANA, without]))
    house.clock.pass_days(1)
    tasks = {task["step"]: task["opens_on"] for task in documents(house)["Kern IV-A"]["open_tasks"]}
    assert tasks["recertify-users"] <= "2026-11-23"
    assert tasks["suspend-accounts"] == "2026-11-24"


@pytest.mark.process("2.5")
def test_what_is_recorded_later_puts_off_no_suspension_of_a_user_read_in_without_training(house: House) -> None:
    imported(house, workbook([KERN], [{**ANA, "trained_on": None}]))
    house.clock.pass_days(1)
    house.take(documents(house)["Kern IV-A"]["id"], "open-audit")
    tasks = {task["step"]: task["opens_on"] for task in documents(house)["Kern IV-A"]["open_tasks"]}
    assert tasks["suspend-accounts"] == "2026-11-24"


@pytest.mark.process("O8.2", "1.5")
@pytest.mark.parametrize("row", [KERN, {**FOSTER, "lcsa": "Kern", "organization": "Kern IV-A"}], ids=["much", "little"])
def test_every_page_of_an_agreement_that_was_read_in_opens_to_those_who_see_it(house: House, row: dict[str, Any]) -> None:  # fmt: skip
    imported(house, workbook([row], [ANA] if row is KERN else []))
    kern = documents(house)["Kern IV-A"]
    for role in ROLES:
        client = house.client(role)
        for address in (f"/applications/{kern['id']}", f"/applications/{kern['id']}.json"):
            assert client.get(address).status_code == (404 if role == "portal-administrator" else 200), role
        for step in house.process.steps:
            status = client.get(f"/applications/{kern['id']}/steps/{step.key}").status_code
            assert status in (200, 403, 404, 409), f"{role} {step.key}: {status}"
        client.page("/inbox")
    page = house.client("process-owner").page(f"/applications/{kern['id']}")
    assert "Read in: Decide the application" in page.text
    assert "older than the portal" in page.words("//main")
    house.client("process-manager").page("/tracking")
    house.client("").page("/matrix")


def test_whoever_read_it_in_is_not_taken_for_those_whose_steps_they_were(house: House) -> None:
    imported(house, workbook([KERN]))
    kern = documents(house)["Kern IV-A"]
    told = addressees(house.portal.people, house.process, kern, "actor:identify-requestor")
    assert [one["email"] for one in told] == ["director.kern@demo.example"]
    names = context(kern, people={"process_owner": {"name": "Olivia Grant"}}, office={}, today=house.portal.today)
    assert (names["director"], names["process_owner"]["name"]) == (
        {"name": "LCSA Director", "title": "Kern"},
        "Olivia Grant",
    )


@pytest.mark.process("O8.2")
def test_each_agreement_and_the_import_have_their_lines_in_the_access_log(house_on_each_store: House) -> None:
    house = house_on_each_store
    record = imported(house, workbook([KERN, FOSTER]))
    lines = [line for line in house.portal.store.log_lines() if "agreement" in line["did"]]
    mark = record["sha256"][:12]
    assert [(line["did"], line["record"], line["outcome"], line["why"]) for line in lines] == [
        ("import agreements", mark, "begun", "2 rows"),
        ("read in an agreement", "TPA-2026-0001", "done", f"row 2 of {mark}"),
        ("read in an agreement", "TPA-2026-0002", "done", f"row 3 of {mark}"),
        ("import agreements", mark, "done", "2 made"),
    ]
    assert {(line["who"], line["role"]) for line in lines} == {("process-manager@demo.example", "process-manager")}


@pytest.mark.process("O8.2")
def test_nothing_is_read_in_that_cannot_be_logged(house_on_each_store: House) -> None:
    house = house_on_each_store
    manager = house.actor("process-manager")
    record = importing.receive(house.portal, manager, "access.xlsx", workbook([KERN]))
    for act in (
        lambda: importing.begin(house.portal, manager, record["sha256"], False),
        lambda: list(importing.go_on(house.portal, manager, record["sha256"], float("inf"))),
    ):
        before = everything_but_the_log(house)
        with log_that_cannot_be_written(house), pytest.raises(Unavailable):
            act()
        after = everything_but_the_log(house)
        assert (after["documents"], after == before or "numbers" in str(after)) == ({}, True)
        act()
    assert list(documents(house)) == ["Kern IV-A"]


@pytest.mark.process("10.1", "8")
@pytest.mark.parametrize("row", [KERN, {**FOSTER, "lcsa": "Kern", "organization": "Kern IV-A"}], ids=["much", "little"])
def test_an_agreement_that_was_read_in_can_be_terminated_by_letter(house: House, row: dict[str, Any]) -> None:
    imported(house, workbook([row]))
    [kern] = documents(house).values()
    house.client("process-owner").page(f"/applications/{kern['id']}/steps/terminate")
    ended = house.take(kern["id"], "terminate")
    assert ended["history"][-1]["letters"]


@pytest.mark.process("6.7.2")
def test_a_campaign_passes_over_an_agreement_that_was_read_in_since_its_mou_quotes_an_application(house: House) -> None:
    imported(house, workbook([KERN]))
    act = Act("process-owner@demo.example", "start a campaign for the MOU's text")
    mou_campaign.start(house.portal, house.actor("process-owner"), "The law has changed.", act)
    done = daily.run(house.portal)
    assert (done.problems, [one for one in done.taken if "offer-mou" in one]) == ((), [])


@pytest.mark.process("1.5")
def test_nobody_but_the_process_manager_imports(house: House) -> None:
    for role in set(ROLES) - {"process-manager"}:
        with pytest.raises(MayNotImport):
            importing.receive(house.portal, house.actor(role), "access.xlsx", workbook([KERN]))


def test_nothing_is_imported_unless_all_holds_or_the_person_says_so(house: House) -> None:
    content = workbook([KERN, {**FOSTER, "lcsa": "Nowhere"}])
    with pytest.raises(NotBegun):
        imported(house, content)
    assert documents(house) == {}
    record = imported(house, content, only_rows_that_hold=True)
    assert list(documents(house)) == ["Kern IV-A"]
    with importing.left_file(importing.plan_of(house.portal, record)) as left:
        given_back = left.read()
    wrong = importing.receive(house.portal, house.actor("process-manager"), "left.xlsx", given_back)
    assert (wrong["rows"], wrong["holding"], wrong["problems"]) == (1, 0, 1)
    with pytest.raises(NotBegun):
        importing.begin(house.portal, house.actor("process-manager"), wrong["sha256"], True)


def test_rows_that_no_longer_hold_when_all_were_to_be_imported_stop_it_before_it_begins(house: House) -> None:
    manager = house.actor("process-manager")
    record = importing.receive(house.portal, manager, "access.xlsx", workbook([KERN, FOSTER]))
    house.application_after("identify-requestor")  # of Kern IV-A
    with pytest.raises(NotBegun, match="Something changed"):
        importing.begin(house.portal, manager, record["sha256"], False)
    importing.begin(house.portal, manager, record["sha256"], True)
    [done] = importing.go_on(house.portal, manager, record["sha256"], float("inf"))
    assert [row for row, _ in done["missed"]] == [2]
    assert sorted(documents(house)) == ["Alameda Foster Services", "Kern IV-A"]


def test_a_name_that_is_here_written_otherwise_is_the_same_organization(house: House) -> None:
    imported(house, workbook([KERN]))
    again = {**FOSTER, "lcsa": "Kern", "organization": "KERN  iv a."}
    record = importing.receive(house.portal, house.actor("process-manager"), "again.xlsx", workbook([again]))
    [problem] = importing.problems_in(importing.plan_of(house.portal, record))
    number = documents(house)["Kern IV-A"]["id"]
    assert problem.message == f"This organization is here already: {number} (active), as “Kern IV-A”"
    assert problem.cell == "B2"


def test_the_same_sheet_again_does_nothing(house: House) -> None:
    content = workbook([KERN, FOSTER])
    imported(house, content)
    before = documents(house)
    assert imported(house, content)["state"] == "done"
    assert documents(house) == before
    renamed = importing.receive(house.portal, house.actor("process-manager"), "other name.xlsx", content)
    assert (renamed["state"], renamed["name"]) == ("done", "access.xlsx")


def test_two_who_go_on_with_the_same_import_make_no_agreement_twice(house_on_each_store: House) -> None:
    house = house_on_each_store
    manager = house.actor("process-manager")
    record = importing.receive(house.portal, manager, "access.xlsx", workbook(many(110)))
    importing.begin(house.portal, manager, record["sha256"], False)
    together = Barrier(2)

    def go_on() -> Json:
        together.wait()
        return [*importing.go_on(house.portal, manager, record["sha256"], float("inf"))][-1]

    with ThreadPoolExecutor(2) as two:
        ends = [one.result() for one in [two.submit(go_on), two.submit(go_on)]]
    assert [(one["state"], one["done"], one["missed"]) for one in ends] == [("done", 110, [])] * 2
    assert len(list(house.portal.store.document_ids())) == len(documents(house)) == 110


def test_an_import_that_was_killed_goes_on_where_it_stopped(make_house: MakeHouse, tmp_path: Path) -> None:
    """A real process, killed while it writes; a store that keeps each write sooner may keep some of a piece."""
    house = make_house(name="killed")
    data, sheet = house.portal.settings.data, tmp_path / "access.xlsx"
    sheet.write_bytes(workbook(many(120)))
    house.portal.store.close()
    environment = {**os.environ, "PORTAL_DATA": str(data), "PORTAL_DEMO": "on", "PORTAL_SECRET_KEY": "a secret of the tests"}  # fmt: skip
    command = [sys.executable, "-m", "flask", "import", str(sheet)]
    kills = 0
    for wanted in (10, 40, 80):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and len(list((data / "documents").rglob("TPA-*.json"))) < wanted:
            time.sleep(0.005)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
    assert kills >= 1
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "120 agreements imported" in done.stdout
    again = make_house(name="killed")
    assert sorted(documents(again)) == sorted(row["organization"] for row in many(120))
    assert len(list(again.portal.store.document_ids())) == 120
    assert verify.run(again.portal).findings == ()
    checked = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "already" in checked.stdout
    assert json.loads(next((data / "records" / "imports").glob("*.json")).read_text())
