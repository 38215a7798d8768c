"""What stays put: the addresses, names, statuses and fields that people's bookmarks and scripts rely on."""

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime

import pytest
from openpyxl import load_workbook

from portal.process.goals import california_date
from portal.request_limits import LARGEST_REQUEST
from portal.store.port import Scope
from tests.clients import PortalClient, document_id_of, sign_in
from tests.conftest import House, email_of
from tests.journey import answers_to
from tests.web.asking import a_pdf, at_step, posted, upload

FIELDS = {
    "identify-requestor": "organization_name organization_type invitee_name invitee_title invitee_address "
    "invitee_email coordinator_name coordinator_title coordinator_phone coordinator_email "
    "administrator_name administrator_title "
    "administrator_phone administrator_email recommended_accounts justification invitation_date",
    "schedule-invitation": "outcome invitation_date reason",
    "send-invitation": "",
    "complete-application": "requestor_name contact_name contact_title contact_phone contact_fax contact_email "
    "iso_name iso_title iso_phone iso_email "
    "mou_signer_name mou_signer_title mou_signer_email statutory_authority purpose "
    "users_requested justification signature attestation signed_on",
    "route-application": "outcome correction",
    "legal-opinion": "opinion authorities opinion_text delay_reason",
    "clarify": "clarification",
    "connectivity-test": "result point_of_presence tested_on findings",
    "send-to-owner": "summary recommended_accounts",
    "decide": "decision reason accounts_granted justification security_profile term_months",
    "send-decision": "",
    "sign-mou": "method signature attestation signed_mou signed_on",
    "certify-users": "users-0-name users-0-email users-0-job_title users-0-trained_on users-0-statement_signed_on "
    "users-0-statement",
    "countersign-mou": "signed_on effective_on expires_on",
    "post-approval": "confirmed",
    "file-mou": "location",
    "create-office-id": "office_id",
    "evaluate-infrastructure": "evaluations-0-entity evaluations-0-current_environment evaluations-0-recommendation "
    "evaluations-0-tested_on evaluations-0-implemented_on",
    "direct-setup": "confirmed",
    "set-up-accounts": "accounts-0-email accounts-0-user_id accounts-0-security_profile accounts-0-set_up_on",
    "confirm-access": "confirmed",
}
"""The names of each form's fields, as process.md gives them."""

CHOICES = {
    ("identify-requestor", "organization_type"): "iv-a iv-e district-attorney child-abduction other",
    ("schedule-invitation", "outcome"): "schedule return",
    ("route-application", "outcome"): "complete return",
    ("legal-opinion", "opinion"): "authorized not-authorized clarification",
    ("legal-opinion", "delay_reason"): "purpose-unclear security-role-inadequate extensive-research",
    ("connectivity-test", "result"): "connects does-not-connect",
    ("decide", "decision"): "accept reject",
    ("decide", "security_profile"): "iv-a-read-only iv-e-read-only other-read-only",
    ("sign-mou", "method"): "here scan",
}


def test_each_form_has_the_promised_fields_and_every_step_takes_a_note(house: House) -> None:
    document = {"id": ""}
    for key, names in FIELDS.items():
        if key == "clarify":
            continue
        client = house.client(house.process.step(key).role)
        page = client.page(at_step(document, key) if document["id"] else "/applications/new")
        assert page.tree is not None
        drawn = set(page.tree.xpath("//main//*[self::input or self::select or self::textarea]/@name"))
        assert {*names.split(), "note", "csrf_token", "version"} - drawn == set(), key
        step = house.process.step(key)
        if not step.check_first:
            assert page.tree.xpath("//main//button[@name='confirm' and @value='yes']"), key
        document = house.take(document["id"], key)


def test_choices_have_the_promised_values(house: House) -> None:
    for (step, field), values in CHOICES.items():
        assert [choice.value for choice in house.process.step(step).field(field).choices] == values.split()
    authorities = [choice.value for choice in house.process.step("legal-opinion").field("authorities").choices]
    for value in ("42-usc-453a-f", "45-cfr-302-35", "family-code-17212", "other"):
        assert value in authorities


def test_without_confirm_the_answers_are_shown_to_be_checked_and_nothing_is_taken(house: House) -> None:
    director = house.client("director")
    today = california_date(house.clock.now)
    answers = answers_to("identify-requestor", today)
    check = director.send("/applications/new", answers, status=200)
    assert check.h1 == "Check your answers"
    assert "Deputy Director" in check.words("//main")
    assert list(house.portal.store.document_ids()) == []
    sent = {**check.fields(), "confirm": "yes"}
    answer = director.post_form("/applications/new", sent, 303)
    document = house.get(document_id_of(answer))
    assert document["identify_requestor"] == {**answers, "lcsa": "Kern", "earliest_invitation": "2008-07-05"}


def test_a_step_that_shows_nothing_first_is_taken_without_confirm_too(house: House) -> None:
    document = house.application_before("route-application")
    address = at_step(document, "route-application")
    house.client("process-manager").send(address, {"outcome": "complete"}, 303)


def test_the_form_is_not_taken_without_the_version_it_was_drawn_from(house: House) -> None:
    document = house.application_before("route-application")
    address = at_step(document, "route-application")
    manager = house.client("process-manager")
    for version in ({}, {"version": ""}, {"version": "1"}, {"version": "99"}, {"version": "x"}):
        page = posted(manager, address, {"outcome": "complete", "confirm": "yes"}, **version)
        assert page.status == 409, version
    assert house.get(document["id"])["version"] == document["version"]
    assert posted(manager, address, {"outcome": "complete"}, version=str(document["version"])).status == 303


def test_answers_that_do_not_hold_are_422_with_a_summary_that_leads_to_each_field(house: House) -> None:
    document = house.application_before("complete-application")
    requestor = house.client("requestor")
    page = requestor.send(at_step(document, "complete-application"), {"confirm": "yes", "contact_name": ""}, 422)
    assert page.title.startswith("Error: ")
    assert page.tree is not None
    for target in ("contact_name", "contact_phone", "iso_email", "statutory_authority", "attestation", "signature"):
        assert page.problems[target], target
        assert page.tree.xpath(f"//*[@id='{target}'][@aria-invalid='true']"), target


def test_lists_are_rows_with_numbers(house: House) -> None:
    document = house.application_before("certify-users")
    requestor = house.client("requestor")
    address = at_step(document, "certify-users")
    rows = {
        "users-0-name": "Ana", "users-0-email": "ana@kern.example", "users-0-job_title": "Worker",
        "users-7-name": "Bo", "users-7-email": "bo@kern.example", "users-7-job_title": "Worker",
    }  # fmt: skip
    assert posted(requestor, address, {**rows, "confirm": "yes"}, version=str(document["version"])).status == 303
    assert [user["name"] for user in house.get(document["id"])["certify_users"]["users"]] == ["Ana", "Bo"]


@pytest.mark.process("6.2")
def test_the_document_has_the_promised_keys(house: House) -> None:
    document = house.application_after("legal-opinion")
    shown = house.client("legal").get(f"/applications/{document['id']}.json").json
    assert {"id", "version", "process", "lcsa", "organization", "status", "history", "open_tasks"} <= set(shown)
    assert shown["process"] == "third-party-access"
    assert (shown["lcsa"], shown["organization"], shown["status"]) == ("Kern", "Kern IV-A", "in-review")
    assert shown["version"] == len(shown["history"])
    assert shown["legal_opinion"]["authorities"] == ["45-cfr-307-13", "family-code-17212"]
    previous = "0" * 64
    for place, entry in enumerate(shown["history"], start=1):
        promised = {"seq", "step", "role", "actor", "at", "answers", "note", "previous", "hash"}
        assert promised <= set(entry)
        assert entry["seq"] == place
        assert entry["previous"] == previous
        assert datetime.fromisoformat(entry["at"]).utcoffset().total_seconds() == 0
        previous = entry["hash"]
    assert "opinion_text" not in json.dumps(house.client("requestor").get(f"/applications/{document['id']}.json").json)


def test_statuses_are_those_promised(house: House) -> None:
    promised = "identified invited applying in-review decided agreeing establishing active ended rejected withdrawn"
    keys = [key for key, _ in house.process.statuses]
    assert [key for key in keys if key != "renewing"] == promised.split()  # that one was added for renewals


def test_the_public_tables_have_the_promised_columns(house: House) -> None:
    client = house.client("")
    matrix = ["lcsa", "user_organization", "approved_accounts", "term_start", "term_end"]
    sheet = next(csv.reader(io.StringIO(client.get("/matrix.csv").text.lstrip("\ufeff"))))
    assert sheet == matrix
    assert list(client.get("/matrix.json").json[0]) == matrix
    book = load_workbook(io.BytesIO(client.get("/matrix.xlsx").data))
    assert book.active is not None
    assert len(list(book.active.iter_cols())) == len(matrix)
    book.close()
    rows = list(csv.reader(io.StringIO(client.get("/uaag.csv").text.lstrip("\ufeff"))))
    assert rows[0] == ["lcsa", "user_organization", "pre_conversion_users", "reserved", "as_printed"]
    assert len(rows) == 60


def test_health_answers_ok_while_the_store_does(house: House) -> None:
    answer = house.client("").get("/health")
    assert (answer.status_code, answer.json["status"]) == (200, "ok")


DEMO = [
    *[
        "process-owner",
        "process-manager",
        "legal",
        "contract-manager",
        "iso",
        "infrastructure-manager",
        "portal-administrator",
    ],
    *["director.alameda", "coordinator.alameda", "administrator.alameda", "requestor.alameda"],
    *["director.kern", "coordinator.kern", "administrator.kern", "requestor.kern"],
    *["director.san-diego", "coordinator.san-diego", "administrator.san-diego", "requestor.san-diego"],
]
"""Who signs in as NAME@demo.example."""


def test_every_demo_account_signs_in_with_the_demo_on_and_none_with_it_off(
    house: House, make_house: Callable[..., House]
) -> None:
    for name in DEMO:
        client = PortalClient(house.app, use_cookies=True)
        answer = sign_in(client, f"{name}@demo.example", "third-party-access")
        assert answer.response.headers["Location"] == "/inbox"
        assert "Demonstration." in client.page("/inbox").text
    closed = make_house(demo=False)
    client = PortalClient(closed.app, use_cookies=True)
    for name in DEMO[:3] + DEMO[-2:]:
        page = client.send("/sign-in", {"email": f"{name}@demo.example", "password": "third-party-access"}, 422)
        assert page.problems
    assert "Demonstration." not in client.page("/").text
    assert client.get("/inbox").status_code == 302


def test_identifying_kern_gives_the_waiting_account_its_application(house: House) -> None:
    document = house.application_after("send-invitation")
    assert house.portal.store.tasks([Scope("requestor", "Kern", "Kern IV-A")], "2026-11-23").total == 1
    assert at_step(document, "complete-application") in house.client("requestor").page("/inbox").links()


def test_a_task_in_the_inbox_is_a_link_to_its_step_and_the_title_counts_them(house: House) -> None:
    first, second = (house.application_after("identify-requestor", county) for county in ("Kern", "Alameda"))
    inbox = house.client("process-manager").page("/inbox")
    assert inbox.title.startswith("Inbox (2)")
    assert inbox.h1 == "Inbox"
    for document in (first, second):
        assert at_step(document, "schedule-invitation") in inbox.links()
    assert house.client("iso").page("/inbox").title.startswith("Inbox (0)")


def test_who_has_not_signed_in_is_led_to_the_sign_in_page_and_back(house: House) -> None:
    client = PortalClient(house.app, use_cookies=True)
    there = client.get("/applications?q=Kern").headers["Location"]
    assert there == "/sign-in?next=/applications?q%3DKern"
    page = client.send(there, {"email": email_of("legal"), "password": "third-party-access"})
    assert page.response.headers["Location"] == "/applications?q=Kern"


def test_a_taken_step_leads_with_303_to_the_application(house: House) -> None:
    document = house.application_before("connectivity-test")
    answer = house.client("infrastructure-manager").take(
        document["id"], "connectivity-test", answers_to("connectivity-test", california_date(house.clock.now))
    )
    assert answer.status == 303
    assert answer.response.headers["Location"] == f"/applications/{document['id']}"


def test_a_letter_is_a_word_file_under_its_name_with_and_without_its_ending(house: House) -> None:
    document = house.application_after("send-invitation")
    client = house.client("process-manager")
    for name in ("invitation", "invitation.docx"):
        answer = client.get(f"/applications/{document['id']}/letters/{name}", buffered=True)
        assert answer.status_code == 200
        assert answer.mimetype == "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        assert answer.data.startswith(b"PK")
    assert client.get(f"/applications/{document['id']}/letters/mou", buffered=True).status_code == 404


def test_a_request_beyond_what_the_portal_takes_is_413(house: House) -> None:
    document = house.application_before("sign-mou")
    requestor = house.client("requestor")
    too_much = upload(a_pdf() + b"\0" * LARGEST_REQUEST)
    page = posted(requestor, at_step(document, "sign-mou"), {"method": "scan"}, signed_mou=too_much)
    assert page.status == 413
    assert page.h1 == "The file is too large"
    assert house.get(document["id"])["version"] == document["version"]


def test_too_many_tries_are_429(make_house: Callable[..., House]) -> None:
    house = make_house(demo=False)
    client = PortalClient(house.app, use_cookies=True)
    answers = [posted(client, "/sign-in", {"email": f"a{n}@x.example", "password": "wrong"}).status for n in range(32)]
    assert answers[0] == 422
    assert answers[-1] == 429
