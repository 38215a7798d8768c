"""Audits on the pages: what the auditor sees, the findings as they are sent, and where open ones show [8]."""

from datetime import date, timedelta

import pytest

from portal import daily, surveys
from portal.audit import Act
from portal.notices import queueing
from portal.process.goals import california_date
from portal.store.documents import Documents
from tests.clients import Page, typed
from tests.conftest import House
from tests.importing.made import ANA, KERN, workbook
from tests.importing.test_making import documents, imported
from tests.journey import answers_to
from tests.letters.reading import text_of
from tests.web.asking import a_pdf

pytestmark = pytest.mark.process("8")

BEFORE = ("open-audit", "record-finding", "respond-to-finding", "review-response", "clear-finding")


def audited(house: House, *steps: str) -> str:
    """Kern IV-A with access, after these steps of an audit: its number."""
    document_id = str(house.application_after("confirm-access")["id"])
    for step in steps:
        house.take(document_id, step)
    return document_id


def test_the_auditor_records_findings_beside_the_users_with_what_stands_out(house: House) -> None:
    document_id = audited(house)
    house.clock.pass_days(370)
    house.take(document_id, "open-audit")
    page = house.client("iso").page(f"/applications/{document_id}/steps/record-finding")
    said = page.words("//main")
    assert "Accounts granted: 3. Users named: 2." in said
    assert "The year was over on November 23, 2027. The account is in use nevertheless" in said
    assert "Today: it goes on" in page.words("//div[@id='overview-gaps']")
    assert "stands-out" in page.text
    assert "findings-0-number" not in page.text  # the portal gives it


@pytest.mark.process("6.8", "8")
def test_who_changes_users_has_them_in_sight_and_chooses_who_leaves_by_name(house: House) -> None:
    page = house.client("requestor").page(f"/applications/{audited(house)}/steps/change-users")
    assert "Bo Li (bo@kern.example)" in page.words("//select[@name='leaving-0-email']/option")
    said = page.words("//div[@id='overview-roster']")
    assert "ana@kern.example" in said
    assert "bo@kern.example" in said


def test_the_security_officer_is_mailed_the_findings_with_a_link_that_makes_an_account(house: House) -> None:
    document_id = audited(house, "open-audit")
    queueing.queue_owed(house.portal)
    before = set(dict(house.portal.store.records("mail")))
    house.take(document_id, "record-finding")
    queueing.queue_owed(house.portal)
    mails = {mail["to"]: mail for key, mail in house.portal.store.records("mail") if key not in before}
    assert {"iso.kern@example.org", "requestor.kern@demo.example", "process-owner@demo.example"} == set(mails)
    assert "/invitation/" in mails["iso.kern@example.org"]["text"]
    assert [file["name"] for file in mails["iso.kern@example.org"]["attachments"]] != []
    letter = house.get(document_id)["history"][-1]["letters"][0]
    text = text_of(house.portal.store.get_file(letter["sha256"]))
    assert "Finding 1 · severity: medium · answer by December 23, 2026" in text


@pytest.mark.parametrize("role", ["requestor", "director", "process-manager", "contract-manager", "process-owner"])
def test_open_findings_stand_at_the_head_of_the_applications_page_for_everybody(house: House, role: str) -> None:
    document_id = audited(house, "open-audit", "record-finding")
    page = house.client(role).page(f"/applications/{document_id}")
    assert "2 audit findings are not cleared." in page.words("//p[@class='concern']")
    assert "Bo Li was trained too late." in page.words("//main")
    house.clock.pass_days(31)
    house.clients.clear()  # sessions have ended meanwhile
    page = house.client(role).page(f"/applications/{document_id}")
    assert "2 answers are overdue." in page.words("//p[@class='concern']/strong")
    for step in BEFORE[2:]:
        house.take(document_id, step)
    page = house.client(role).page(f"/applications/{document_id}")
    assert "concern" not in page.text
    assert "Cleared" in page.words("//main//table[caption='Audit findings']")


def test_open_findings_have_a_column_in_the_tracking_sheet(house: House) -> None:
    audited(house, "open-audit", "record-finding")
    page = house.client("process-manager").page("/tracking")
    assert "2 audit findings are not cleared." in page.words("//tbody/tr/td[1]")
    rows = house.client("process-manager").get("/tracking.json").json
    assert rows[0]["open_findings"] == 2


@pytest.mark.process("2.5", "8")
def test_accounts_in_use_whose_year_is_over_stand_out_wherever_the_organization_does(house: House) -> None:
    document_id = audited(house)
    house.clock.pass_days(370)
    said = "2 accounts in use whose year is over, since November 24, 2027."
    for role in ("iso", "director", "administrator", "requestor", "process-owner", "legal"):
        page = house.client(role).page(f"/applications/{document_id}")
        assert said in page.words("//p[@class='concern']/strong[@class='stands-out']"), role
    page = house.client("process-manager").page("/tracking")
    assert said in page.words("//tbody/tr/td[1]//*[@class='stands-out']")


def renewed(house: House) -> tuple[str, str]:
    """Kern IV-A with two findings that are open when its renewal has taken effect: the numbers of the agreement before
    and of the one in force.
    """
    new = house.where_open("take-effect")
    old = new["identify_requestor"]["renews"]
    house.take(old, "open-audit")
    house.take(old, "record-finding")
    day = daily.run(house.portal)
    assert not day.problems
    for step in ("file-mou", "create-office-id", "evaluate-infrastructure", "direct-setup", "set-up-accounts", "confirm-access"):  # fmt: skip
        house.take(new["id"], step)
    assert (house.get(old)["status"], house.get(new["id"])["status"]) == ("ended", "active")
    return old, new["id"]


@pytest.mark.parametrize("role", ["requestor", "director", "process-manager", "process-owner", "iso"])
def test_findings_on_the_agreement_before_show_on_its_renewal_for_everybody(house: House, role: str) -> None:
    old, new = renewed(house)
    page = house.client(role).page(f"/applications/{new}")
    assert f"On {old}: 2 audit findings are not cleared." in page.words("//p[@class='concern']")
    assert "Bo Li was trained too late." in page.words(f"//main//table[caption='Audit findings on {old}']")
    answer = f"/applications/{old}/steps/respond-to-finding"
    assert (answer in page.links()) == (role == "requestor")
    read = [line for line in house.portal.store.log_lines() if line["did"] == "read its findings"]
    assert [(line["record"], line["role"]) for line in read] == [(old, role)]
    for step in BEFORE[2:]:
        house.take(old, step)
    page = house.client(role).page(f"/applications/{new}")
    assert "concern" not in page.text
    assert "Bo Li was trained too late." not in page.text


def test_findings_are_answered_and_cleared_after_the_renewal_has_taken_effect(house_on_each_store: House) -> None:
    house = house_on_each_store
    old, new = renewed(house)
    assert "2 open findings" in house.client("iso").page("/applications").words("//main//table")
    for role, step in (("requestor", "respond-to-finding"), ("iso", "review-response"), ("process-owner", "clear-finding")):  # fmt: skip
        address = f"/applications/{old}/steps/{step}"
        assert address in house.client(role).page("/inbox").links()
        house.take(old, step)
    assert house.portal.store.sums(["findings/Kern/Kern IV-A"]) == {"findings/Kern/Kern IV-A": 0}
    house.take(new, "open-audit")
    page = house.client("iso").page(f"/applications/{new}/steps/record-finding")
    assert "concern" not in page.text


def test_an_audit_of_the_renewal_shows_what_is_open_on_the_agreement_before(house: House) -> None:
    old, new = renewed(house)
    for step in ("open-audit", "record-finding"):
        page = house.client("iso").page(f"/applications/{new}/steps/{step}")
        assert "Bo Li was trained too late." in page.words(f"//div[@id='findings-{old}']")
        house.take(new, step)
    assert [row["number"] for row in house.get(new)["record_finding"]["findings"]] == [3, 4]


def test_open_findings_show_in_every_list_where_the_organization_does_and_no_document_is_opened_for_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, new = renewed(house)
    house.take(new, "survey")
    begun = surveys.begin(house.portal, "Fall", "Enough?", "2031-01-31", (), house.actor("process-owner"), Act("owner", "begin a survey", "fall"))  # fmt: skip
    owner = house.client("process-owner")
    for address in ("/applications", "/mou-versions", f"/surveys/rounds/{begun.key}"):
        assert "2 open findings" in owner.page(address).words("//main//table"), address
    assert "2 audit findings are not cleared on another application" in owner.page("/tracking").words("//main//table")
    house.clock.pass_days(700)
    daily.run(house.portal)
    house.clients.clear()
    owner = house.client("process-owner")
    assert "2 open findings" in owner.page("/renewals").words("//main//table")

    def opened(*_: object) -> None:
        raise AssertionError("a list opened a document")

    owner.page("/inbox")
    monkeypatch.setattr(Documents, "get", opened)
    monkeypatch.setattr(Documents, "get_one_of_many", opened)
    for address in ("/applications", "/renewals"):
        assert "2 open findings" in owner.page(address).words("//main//table"), address


def test_the_auditor_checks_what_was_typed_and_opens_the_evidence_beside_the_review(house: House) -> None:
    document_id = audited(house, "open-audit")
    address = f"/applications/{document_id}/steps/record-finding"
    found = house.process.step("record-finding")
    assert found.check_first
    client = house.client("iso")
    answers = answers_to("record-finding", california_date(house.clock.now))
    checked = Page(client.post(address, data={**client.page(address).fields(), **typed(answers)}))
    assert (checked.h1.endswith("Check your answers"), "Not answered" in checked.text) == (True, False)
    house.take(document_id, "record-finding")
    content = a_pdf()
    paper = {"name": "log.pdf", "sha256": house.portal.store.put_file(content), "size": len(content)}
    house.take(document_id, "respond-to-finding", responses=[{"number": 1, "response": "Done.", "evidence": paper}])
    for page in (f"/applications/{document_id}/steps/review-response", f"/applications/{document_id}"):
        (link,) = [one for one in client.page(page).links("//main//table[caption='Audit findings']")]
        assert client.get(link).data == content


def test_a_finding_cleared_without_the_word_is_refused_on_the_form_with_nothing_half_done(house: House) -> None:
    document_id = audited(house, "open-audit", "record-finding", "respond-to-finding")
    until = (california_date(house.clock.now) + timedelta(days=9)).isoformat()
    reviews = [{"number": 1, "outcome": "cleared"}, {"number": 2, "outcome": "not-enough", "reason": "No paper.", "answer_by": until}]  # fmt: skip
    kept = house.take(document_id, "review-response", reviews=reviews)
    client = house.client("process-owner")
    address = f"/applications/{document_id}/steps/clear-finding"
    form = client.page(address)
    assert form.tree is not None
    assert form.tree.xpath("//input[@name='findings-0-number']/@value") == ["1"]
    token = form.tree.xpath("//input[@name='csrf_token']/@value")[0]
    answer = client.post(address, data={"csrf_token": token, "version": kept["version"], "confirm": "yes", "findings-0-number": "1", "findings-1-number": "2"})  # fmt: skip
    assert answer.status_code == 422
    assert "Finding 2 can be cleared only on the word of the Information Security Officer" in answer.get_data(as_text=True)  # fmt: skip
    assert house.get(document_id) == kept


def test_of_which_finding_an_answer_is_stands_there_as_text_and_no_other_can_be_entered(house: House) -> None:
    document_id = audited(house, "open-audit", "record-finding")
    client = house.client("requestor")
    address = f"/applications/{document_id}/steps/respond-to-finding"
    form = client.page(address)
    assert form.tree is not None
    assert form.tree.xpath("//input[starts-with(@name, 'responses-') and @type!='hidden' and contains(@name, 'number')]") == []  # fmt: skip
    assert form.tree.xpath("//input[@type='hidden'][contains(@name, '-number')]/@value") == ["1", "2"]
    assert form.words("//p[@id='responses-1-number']") == "2"
    assert "Add another" not in form.words("//main")
    sent = {**form.fields(), "responses-0-response": "Done.", "responses-1-response": "Done too."}
    for number in ("3", "", "x"):
        answer = client.post(address, data={**sent, "responses-1-number": number, "confirm": "yes"})
        assert answer.status_code == 422
    assert house.get(document_id)["history"][-1]["step"] == "record-finding"


def test_an_answer_that_was_taken_out_of_a_draft_is_asked_again_when_the_form_is_opened_anew(house: House) -> None:
    document_id = audited(house, "open-audit", "record-finding")
    client = house.client("requestor")
    address = f"/applications/{document_id}/steps/respond-to-finding"
    sent = {**client.page(address).fields(), "responses-1-response": "It was found."}
    without = Page(client.post(address, data={**sent, "remove": "responses-0"}))
    assert [without.fields().get(f"responses-{row}-number") for row in (0, 1)] == ["2", None]
    empty = Page(client.post(address, data={**without.fields(), "remove": "responses-0"}))
    assert "Start again to have all of them back." in empty.words("//main")
    assert client.post(f"{address}/draft", data=without.fields()).status_code == 204
    fields = client.page(address).fields()
    assert [fields[f"responses-{row}-number"] for row in (0, 1)] == ["1", "2"]
    assert [fields[f"responses-{row}-response"].strip() for row in (0, 1)] == ["", "It was found."]
    house.take(document_id, "respond-to-finding", responses=[{"number": 2, "response": "Found."}])
    assert "responses-1-number" not in client.page(address).fields()


def test_a_list_from_which_all_was_taken_out_clears_no_finding(house: House) -> None:
    document_id = audited(house, *BEFORE[:4])
    client = house.client("process-owner")
    address = f"/applications/{document_id}/steps/clear-finding"
    form = client.page(address).fields()
    emptied = {name: value for name, value in form.items() if not name.startswith("findings-")}
    for sent in (emptied, {**emptied, "findings-0-number": ""}):
        answer = client.post_form(address, {**sent, "confirm": "yes"}, 422)
        assert answer.problems == {"findings": "Leave in at least one: Findings to clear"}
        assert answer.links("//div[@id='findings']") == [address]
    assert house.get(document_id)["history"][-1]["step"] == "review-response"


@pytest.mark.process("6.2", "8")
def test_the_process_manager_enters_an_answer_that_came_on_paper(house: House) -> None:
    document_id = audited(house, "open-audit", "record-finding")
    client = house.client("process-manager")
    page = client.page(f"/applications/{document_id}")
    assert f"/applications/{document_id}/steps/respond-to-finding" in page.links()
    form = client.page(f"/applications/{document_id}/steps/respond-to-finding")
    data = {**form.fields(), "received_by": "mail", "received_on": "2026-11-23", "confirm": "yes"}
    data |= {"responses-0-response": "Done.", "responses-1-response": "Done too."}
    assert client.post(f"/applications/{document_id}/steps/respond-to-finding", data=data).status_code == 303
    entry = house.get(document_id)["history"][-1]
    assert (entry["role"], entry["on_behalf_of"]) == ("process-manager", "requestor")


def test_an_agreement_that_was_read_in_from_a_sheet_is_audited_from_that_day_on(house: House) -> None:
    user = {**ANA, "set_up_on": date(2024, 7, 30)}
    imported(house, workbook([KERN], [user]))
    document_id = documents(house)["Kern IV-A"]["id"]
    house.take(document_id, "open-audit")
    page = house.client("iso").page(f"/applications/{document_id}/steps/record-finding")
    assert "On no day was an account in use" in page.words("//div[@id='overview-gaps']")
    assert "Ana Núñez" in page.words("//div[@id='overview-roster']")
    assert not page.words("//*[@class='stands-out']")
    document = house.take(document_id, "record-finding")
    text = text_of(house.portal.store.get_file(document["history"][-1]["letters"][0]["sha256"]))
    assert "Dear Information Security Officer:" in text
    content = house.client("iso").get(f"/applications/{document_id}/evidence.zip", buffered=True).data
    assert content.startswith(b"PK")
