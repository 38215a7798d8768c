"""Bad input gets a clear error by field, with what was typed still there, and nothing lost or half done."""

import csv
import io
import json
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from portal import actions
from portal.notices import queueing
from portal.process.goals import california_date
from portal.process.step import Kind
from portal.store.port import Search
from tests.clients import Page, PortalClient, document_id_of, typed
from tests.conftest import Clock, House
from tests.journey import answers_to
from tests.letters.reading import text_of
from tests.web.asking import a_pdf, at_step, kept_in, posted, upload

SSN = "078-05-1120"


def answers(house: House, step: str) -> dict[str, Any]:
    """The usual answers to a step, today."""
    return answers_to(step, california_date(house.clock.now))


def still_typed(page: Page, names: dict[str, Any]) -> bool:
    """Whether the page's form still holds these answers, as they were typed."""
    drawn = page.fields()  # a browser leaves out the line break with which a textarea begins
    return {name: str(drawn.get(name)).removeprefix("\n") for name in names} == names


@pytest.mark.process("3", "6.3.2")
def test_an_invitation_before_two_months_after_conversion_is_refused_with_the_first_date(house: House) -> None:
    house.portal.store.put_record("conversion-dates", "Kern", {"converted_on": "2026-10-15"})
    given = {**typed(answers(house, "identify-requestor")), "invitation_date": "2026-12-14"}
    page = house.client("director").take("", "identify-requestor", given, 422)
    assert "from December 15, 2026 on" in page.problems["invitation_date"]
    assert still_typed(page, {name: given[name] for name in ("invitee_name", "justification", "invitation_date")})
    assert list(house.portal.store.document_ids()) == []
    document = house.take("", "identify-requestor", invitation_date="2026-12-15")
    manager = house.client("process-manager")
    page = manager.take(
        document["id"], "schedule-invitation", {"outcome": "schedule", "invitation_date": "2026-12-14"}, 422
    )
    assert "from December 15, 2026 on" in page.problems["invitation_date"]


@pytest.mark.process("6.8.2", "1.6")
def test_more_users_than_granted_are_refused_and_all_of_them_stay_on_the_page(house: House) -> None:
    document = house.application_before("certify-users")
    users = [{"name": f"User {n}", "email": f"u{n}@kern.example", "job_title": "Worker"} for n in range(4)]
    page = house.client("requestor").take(document["id"], "certify-users", {"users": users}, 422)
    assert "4 users, and 3 accounts were granted" in page.problems["users"]
    assert still_typed(page, typed({"users": users}))
    assert "certify_users" not in house.get(document["id"])


@pytest.mark.process("7.3", "2.5")
def test_an_account_for_an_untrained_user_is_refused(house: House) -> None:
    document = house.application_before("set-up-accounts")
    users = answers(house, "certify-users")["users"]
    del users[1]["trained_on"]
    house.take(document["id"], "certify-users", users=users)
    given = answers(house, "set-up-accounts")
    page = house.client("administrator").take(document["id"], "set-up-accounts", given, 422)
    assert "Bo Li has no security awareness training on record" in page.problems["accounts-1-email"]
    assert still_typed(page, typed(given))
    assert "set_up_accounts" not in house.get(document["id"])


@pytest.mark.process("6.3.3")
def test_an_invitation_link_is_good_for_60_days_and_once(house: House) -> None:
    document = house.take("", "identify-requestor", invitee_email="new.person@kern.example")
    for step in ("schedule-invitation", "send-invitation"):
        document = house.take(document["id"], step)
    queueing.queue_owed(house.portal)
    [token] = [
        word
        for mail in house.portal.mail.waiting()
        for word in _text_of(house, mail.key).split()
        if "/invitation/" in word
    ]
    address = token.removeprefix(house.portal.settings.base_url)
    client = PortalClient(house.app, use_cookies=True)
    house.clock.now += timedelta(days=60, seconds=1)
    assert "over" in client.page(address, 410).words("//main")
    house.clock.now -= timedelta(days=1)
    client.page(address)
    made = {"name": "New Person", "password": "a long pass phrase here", "password_again": "a long pass phrase here"}
    answer = client.send(address, made)
    assert answer.response.headers["Location"].endswith(f"/applications/{document['id']}")
    client.page(at_step(document, "complete-application"))
    other = PortalClient(house.app, use_cookies=True)
    assert other.get(address).status_code in (303, 410)
    assert posted(other, address, made).status in (303, 410)


def _text_of(house: House, key: str) -> str:
    record = house.portal.store.get_record("mail", key)
    assert record is not None
    return str(record["text"])


BAD_PAPERS = {
    "a text that was renamed": (b"Dear Sir or Madam,\nsigned.\n", "signed.pdf", "asked for: PDF"),
    "half of one": (a_pdf(3)[: len(a_pdf(3)) // 2], "signed.pdf", "damaged"),
    "the head of one": (b"%PDF-1.7\n", "signed.pdf", "damaged"),
    "an empty file": (b"", "signed.pdf", "empty"),
    "one with a password": (a_pdf(password="secret"), "signed.pdf", "password"),
    "one without pages": (a_pdf(0), "signed.pdf", "no pages"),
    "a Word file": (b"PK\x03\x04word/document.xml", "signed.docx", "asked for: PDF"),
    "one over 20 MB": (a_pdf() + b"\0" * (20 * 1024 * 1024), "signed.pdf", "larger than 20 MB"),
}


@pytest.mark.process("6.8.1")
def test_a_paper_that_is_no_pdf_is_refused_by_its_field_and_not_kept(house: House) -> None:
    document = house.application_before("sign-mou")
    requestor, address = house.client("requestor"), at_step(document, "sign-mou")
    before = kept_in(house.portal.settings.data, "log", "lock")
    for what, (content, name, words) in BAD_PAPERS.items():
        given = {"method": "scan", "signed_on": "2026-11-20", "confirm": "yes", "version": str(document["version"])}
        page = posted(requestor, address, given, signed_mou=upload(content, name))
        assert page.status == (413 if "larger" in words else 415), what
        assert words in page.problems["signed_mou"], what
        assert still_typed(page, {"method": "scan", "signed_on": "2026-11-20"}), what
    assert kept_in(house.portal.settings.data, "log", "lock") == before


@pytest.mark.process("6.8.1")
def test_an_upload_is_kept_through_a_422_and_sent_without_choosing_it_again(house: House) -> None:
    document = house.application_before("sign-mou")
    requestor, address = house.client("requestor"), at_step(document, "sign-mou")
    given = {"method": "scan", "signed_on": "", "confirm": "yes", "version": str(document["version"])}
    page = posted(requestor, address, given, signed_mou=upload(a_pdf(2), "../Ünsigned <1>.pdf"))
    assert page.status == 422
    assert set(page.problems) == {"signed_on"}
    again = {**page.fields(), "signed_on": "2026-11-20", "confirm": "yes"}
    assert "signed_mou-kept" in again
    again.pop("signed_mou", None)
    requestor.post_form(address, again, 303)
    kept = house.get(document["id"])["sign_mou"]["signed_mou"]
    assert kept["name"] == "Ünsigned 1.pdf"
    answer = requestor.get(f"/applications/{document['id']}/files/{kept['sha256']}", buffered=True)
    assert (answer.status_code, answer.data) == (200, a_pdf(2))
    assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_a_note_of_a_kept_file_that_somebody_made_up_counts_for_nothing(house: House) -> None:
    document = house.application_before("sign-mou")
    sha256 = house.portal.store.put_file(b"another's paper")
    made_up = json.dumps({"name": "x.pdf", "sha256": sha256, "size": 15})
    given = {"method": "scan", "signed_on": "2026-11-20", "confirm": "yes", "version": str(document["version"])}
    page = posted(house.client("requestor"), at_step(document, "sign-mou"), given, **{"signed_mou-kept": made_up})
    assert page.status == 422
    assert "signed_mou" in page.problems


@pytest.mark.process("7.1")
def test_an_office_id_that_is_taken_is_refused_in_any_case(house: House) -> None:
    house.take(house.application_before("create-office-id")["id"], "create-office-id", office_id="IVA-01")
    document = house.application_before("create-office-id", "Alameda")
    page = house.client("infrastructure-manager").take(document["id"], "create-office-id", {"office_id": "iva-01"}, 422)
    assert "taken" in page.problems["office_id"]
    assert still_typed(page, {"office_id": "iva-01"})
    assert "TPA-2026-0001" not in page.words("//div[@role='alert']")


AWKWARD = {
    "organization_name": "Núñez & Söhne <IV-A> “Kern” 'n {{ 7*7 }} {office_id}",
    "invitee_name": 'Zoë "Z" O\'Brien & <b>Lê</b>, J.',
    "invitee_title": '=HYPERLINK("http://x.example";"a")',
    "invitee_address": '1 <Main> & "2nd" St\nBakersfield, CA 93307',
}


@pytest.mark.process("6.2", "6.3.3", "5.1", "App. A")
def test_awkward_names_come_out_right_everywhere(house: House) -> None:
    director, manager = house.client("director"), house.client("process-manager")
    given = {**answers(house, "identify-requestor"), **AWKWARD, "invitee_email": "zoe@kern.example"}
    document_id = document_id_of(director.take("", "identify-requestor", given))
    name, person = AWKWARD["organization_name"], AWKWARD["invitee_name"]
    house.take(document_id, "schedule-invitation")
    assert name in manager.page(f"/applications/{document_id}/steps/send-invitation").words("//h1")
    manager.take(document_id, "send-invitation", {})
    for address in ("/applications", f"/applications/{document_id}", "/tracking"):
        page = manager.page(address)
        assert name in page.words("//main"), address
        assert "&amp;amp;" not in page.text
        assert "<b>Lê" not in page.text
    assert AWKWARD["invitee_title"] in manager.page(f"/applications/{document_id}").words("//main")
    shown = manager.get(f"/applications/{document_id}.json").json
    assert {key: shown["identify_requestor"][key] for key in AWKWARD} == AWKWARD
    letter = text_of(manager.get(f"/applications/{document_id}/letters/invitation", buffered=True).data)
    for words in (name, person, AWKWARD["invitee_title"], '1 <Main> & "2nd" St'):
        assert words in letter, words
    _is_right_in_the_mail(house, name, person)
    _is_right_in_the_sheets(manager, name)


def _is_right_in_the_mail(house: House, name: str, person: str) -> None:
    queueing.queue_owed(house.portal)
    while house.portal.mail.deliver():
        pass
    outbox = house.portal.settings.data / "outbox"
    mails = [BytesParser(policy=policy.default).parsebytes(path.read_bytes()) for path in outbox.glob("*.eml")]
    [mail] = [mail for mail in mails if mail["To"].addresses[0].addr_spec == "zoe@kern.example"]
    assert mail["To"].addresses[0].display_name == person
    assert name in mail["Subject"]
    body = mail.get_body()
    assert body is not None
    assert name in body.get_content()
    assert person in body.get_content()


def _is_right_in_the_sheets(manager: PortalClient, name: str) -> None:
    rows = list(csv.DictReader(io.StringIO(manager.get("/tracking.csv").get_data(as_text=True).lstrip("\ufeff"))))
    assert [row["organization"] for row in rows] == [name]
    book = load_workbook(io.BytesIO(manager.get("/tracking.xlsx").data))
    assert book.active is not None
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.value == name] == [name]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    book.close()
    assert [row["organization"] for row in manager.get("/tracking.json").json] == [name]


def texts_of(house: House, step: str) -> Iterator[str]:
    """The names of a step's free texts, those in rows too, and the note."""
    kinds = (Kind.TEXT, Kind.LONG_TEXT, Kind.EMAIL, Kind.PHONE)
    for field in house.process.step(step).fields:
        if field.kind in kinds:
            yield field.name
        yield from (f"{field.name}-0-{inner.name}" for inner in field.fields if inner.kind in kinds)
    yield "note"


STEPS_WITH_TEXTS = ("complete-application", "legal-opinion", "decide", "certify-users", "evaluate-infrastructure")


@pytest.mark.requirement("NIST SI-10")
@pytest.mark.process("O8.2")
def test_a_social_security_number_in_any_text_is_refused_and_kept_nowhere(house: House, caplog: Any) -> None:
    for field in texts_of(house, "identify-requestor"):
        given = {**typed(answers(house, "identify-requestor")), field: f"Her number is {SSN}."}
        page = house.client("director").take("", "identify-requestor", given, 422)
        assert "social security number" in page.problems[field].lower(), field
    for step in STEPS_WITH_TEXTS:
        document = house.application_before(step, {"complete-application": "Kern"}.get(step, "Alameda"))
        county = document["lcsa"]
        client, version = house.client(house.process.step(step).role, county), document["version"]
        for field in texts_of(house, step):
            given = {
                **typed(answers_to(step, california_date(house.clock.now), county)),
                field: f"Her number is {SSN}.",
            }
            if step == "decide" and field == "reason":
                given["decision"] = "reject"
            page = client.take(document["id"], step, given, 422)
            assert "social security number" in page.problems[field].lower(), (step, field)
            if house.process.step(step).keeps_draft:
                sent = {**given, "version": str(version)}
                assert posted(client, at_step(document, step) + "/draft", sent).status == 204
                assert posted(client, at_step(document, step), {**sent, "save": "draft"}).status == 303
        assert house.get(document["id"])["version"] == version
    client.get(f"/applications?q={SSN}")
    client.get(f"/tracking?q={SSN}")
    house.client("").get(f"/applications/{SSN}")
    house.client("").get(f"/{SSN}?number={SSN}")
    posted(house.client(""), "/sign-in", {"email": f"{SSN}@x.example", "password": "wrong"})
    digits = SSN.replace("-", "")
    for path in house.portal.settings.data.rglob("*"):
        if path.is_file():
            assert SSN.encode() not in path.read_bytes(), path
            assert digits.encode() not in path.read_bytes(), path
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert SSN not in logged


@pytest.mark.process("1.5")
def test_a_form_drawn_before_somebody_else_acted_is_409_with_what_was_typed(house: House) -> None:
    document = house.application_before("legal-opinion")
    legal, address = house.client("legal"), at_step(document, "legal-opinion")
    drawn = legal.page(address).fields()
    house.take(document["id"], "connectivity-test")
    opinion = {
        "opinion": "authorized",
        "opinion_text": "It took me a morning & more.",
        "authorities": ["other", "45-cfr-307-13"],
    }
    page = legal.post_form(address, {**drawn, **opinion, "confirm": "yes"}, 409)
    assert page.h1 == "Something changed meanwhile"
    assert "Ines Moreau tested the connection" in page.words("//main")
    assert "It took me a morning & more." in page.words("//main")
    assert "legal_opinion" not in house.get(document["id"])
    form = legal.post_form(address, {**page.fields(), "change": "yes"}, 200)
    legal.post_form(address, {**form.fields(), "confirm": "yes"}, 303)
    assert house.get(document["id"])["legal_opinion"]["opinion_text"] == "It took me a morning & more."


def test_a_step_that_somebody_else_took_meanwhile_is_409_with_what_was_typed(house: House) -> None:
    document = house.application_before("connectivity-test")
    tester, address = house.client("infrastructure-manager"), at_step(document, "connectivity-test")
    drawn = tester.page(address).fields()
    house.take(document["id"], "connectivity-test")
    sent = {**drawn, "result": "connects", "point_of_presence": "Fresno POP 9", "confirm": "yes"}
    page = tester.post_form(address, sent, 409)
    assert "was taken already, by Ines Moreau" in page.words("//main")
    assert "Fresno POP 9" in page.words("//main")


def test_the_same_form_sent_twice_makes_one_application(house: House) -> None:
    director = house.client("director")
    check = director.send("/applications/new", answers(house, "identify-requestor"), 200)
    sent = {**check.fields(), "confirm": "yes"}
    assert sent["request_id"]
    first, second = (director.post_form("/applications/new", sent, 303) for _ in range(2))
    assert document_id_of(first) == document_id_of(second)
    assert list(house.portal.store.document_ids()) == [document_id_of(first)]
    again = director.send("/applications/new", answers(house, "identify-requestor"), 200)
    assert again.fields()["request_id"] != sent["request_id"]
    assert "has an application already: TPA-2026-0001" in again.words("//main")
    written_otherwise = {**answers(house, "identify-requestor"), "organization_name": "kern  iv a."}
    other = director.send("/applications/new", written_otherwise, 200)
    assert "Kern IV-A has an application already: TPA-2026-0001" in other.words("//main")


def test_one_directors_number_of_a_form_opens_no_document_of_another(house: House) -> None:
    sent = {**typed(answers(house, "identify-requestor")), "confirm": "yes", "request_id": "1", "version": "0"}
    assert posted(house.client("director"), "/applications/new", sent).status == 303
    assert posted(house.client("director", "Alameda"), "/applications/new", sent).status in (303, 404)
    shown = house.portal.store.search(Search(lcsa="Alameda")).rows
    assert [document["lcsa"] for document in shown] in ([], ["Alameda"])


@contextmanager
def a_full_disk() -> Iterator[None]:
    """No file takes another byte meanwhile: every write fails as on a disk that is full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)


@contextmanager
def a_file_in_the_way(folder: Path) -> Iterator[None]:
    """A file stands where this folder should be."""
    aside = folder.with_name(f"{folder.name}-aside")
    folder.rename(aside)
    folder.write_text("in the way")
    try:
        yield
    finally:
        folder.unlink()
        aside.rename(folder)


def test_when_the_store_cannot_be_written_the_answers_stay_on_the_page_and_nothing_changes(house: House) -> None:
    document = house.application_before("connectivity-test")
    tester, director = house.client("infrastructure-manager"), house.client("director")
    address = at_step(document, "connectivity-test")
    given = {"result": "connects", "point_of_presence": "Fresno POP 9", "findings": "Took <all> day."}
    drawn = {**tester.page(address).fields(), **given, "confirm": "yes"}
    check = {**director.send("/applications/new", answers(house, "identify-requestor"), 200).fields(), "confirm": "yes"}
    before = kept_in(house.portal.settings.data, "lock")
    with a_full_disk():
        page = Page(tester.post(address, data=drawn))
        begun = Page(director.post("/applications/new", data=check))
        health = tester.get("/health")
    assert (page.status, begun.status, health.status_code) == (503, 503, 503)
    assert still_typed(page, given)
    assert still_typed(begun, {"invitee_name": "María Ortega", "organization_name": "Kern IV-A"})
    assert "was not recorded" in page.words("//main")
    assert kept_in(house.portal.settings.data, "lock") == before
    tester.post_form(address, {**page.fields(), "confirm": "yes"}, 303)
    director.post_form("/applications/new", {**begun.fields(), "confirm": "yes"}, 303)
    assert house.get(document["id"])["connectivity_test"]["point_of_presence"] == "Fresno POP 9"
    assert len(list(house.portal.store.document_ids())) == 2


@pytest.mark.parametrize("folder", ["documents", "records"])
def test_when_the_store_cannot_be_read_the_answers_stay_on_the_page(house: House, folder: str) -> None:
    document = house.application_before("connectivity-test")
    tester, director = house.client("infrastructure-manager"), house.client("director")
    address = at_step(document, "connectivity-test")
    given = {"result": "connects", "point_of_presence": "Fresno POP 9", "findings": "Took <all> day."}
    drawn = {**tester.page(address).fields(), **given, "confirm": "yes"}
    check = {**director.send("/applications/new", answers(house, "identify-requestor"), 200).fields(), "confirm": "yes"}
    with a_file_in_the_way(house.portal.settings.data / folder):
        page, begun = Page(tester.post(address, data=drawn)), Page(director.post("/applications/new", data=check))
        assert Page(tester.get(f"/applications/{document['id']}")).h1 == Page(tester.get(address)).h1 == page.h1
    assert (page.status, begun.status) == (503, 503)
    for words in ("Fresno POP 9", "Took <all> day.", "It connects"):
        assert words in page.words("//dl")
    assert house.get(document["id"])["version"] == document["version"]
    tester.post_form(address, page.fields(), 303)
    assert house.get(document["id"])["connectivity_test"]["findings"] == "Took <all> day."
    if begun.fields().get("request_id"):
        checked = director.post_form("/applications/new", begun.fields(), 200)
        assert checked.fields()["request_id"] == check["request_id"]
        director.post_form("/applications/new", {**checked.fields(), "confirm": "yes"}, 303)


def test_neither_the_inbox_nor_the_list_opens_a_document(house: House) -> None:
    house.application_before("legal-opinion")
    legal = house.client("legal")
    assert "Reason given" not in legal.page("/inbox").text
    house.take("TPA-2026-0001", "delay-opinion")
    with a_file_in_the_way(house.portal.settings.data / "documents"):
        inbox, found = legal.page("/inbox").words("//main"), legal.page("/applications?q=kern").words("//tbody")
    assert "Kern IV-A" in inbox
    assert "Reason given: Extensive legal research" in inbox
    for words in ("TPA-2026-0001", "Kern IV-A", "In review", "DCSS Legal, Infrastructure Manager", "2026"):
        assert words in found


def test_the_inbox_shows_the_same_of_a_task_that_was_kept_before_its_entry_said_it_all(
    house: House, clock: Clock
) -> None:
    document = house.application_before("legal-opinion")
    clock.pass_days(40)
    legal = house.client("legal")
    shown = legal.page("/inbox").words("//main")
    assert "over the goal" in shown
    house.take(document["id"], "delay-opinion")
    shown = legal.page("/inbox").words("//main")
    assert "over the goal" in shown
    assert "Reason given" in shown
    document = house.get(document["id"])
    for task in document["open_tasks"]:
        del task["delay"]
    with house.portal.store.writing() as writing:
        document = writing.replace(document, document["revision"])
    assert legal.page("/inbox").words("//main") == shown
    later = ("goal_paused", "goal_until", "delayed", "not_for")
    for task in document["open_tasks"]:
        for key in later:
            del task[key]
    with house.portal.store.writing() as writing:
        writing.replace(document, document["revision"])
    assert legal.page("/inbox").words("//main") == shown


def test_a_step_that_cannot_send_its_letters_for_want_of_disk_changes_nothing(house: House) -> None:
    document = house.application_before("send-invitation")
    manager, address = house.client("process-manager"), at_step(document, "send-invitation")
    drawn = {**manager.page(address).fields(), "note": "Go.", "confirm": "yes"}
    before = kept_in(house.portal.settings.data, "lock")
    with a_full_disk():
        page = Page(manager.post(address, data=drawn))
    assert page.status == 503
    assert still_typed(page, {"note": "Go."})
    assert kept_in(house.portal.settings.data, "lock") == before


def test_numbers_and_dates_that_are_none_are_named_and_stay_as_they_were_typed(house: House) -> None:
    given = {
        **typed(answers(house, "identify-requestor")),
        "recommended_accounts": "a few",
        "invitation_date": "02/30/2027",
    }
    page = house.client("director").take("", "identify-requestor", given, 422)
    assert page.problems["recommended_accounts"] == (
        "Number of user accounts you recommend: enter a whole number, like 12"
    )
    assert "in the calendar" in page.problems["invitation_date"]
    assert still_typed(page, {"recommended_accounts": "a few", "invitation_date": "02/30/2027"})
    for value in ("0", "-3", "5001", "1.5", "٣"):
        given["recommended_accounts"] = value
        assert "recommended_accounts" in house.client("director").take("", "identify-requestor", given, 422).problems


def test_a_choice_that_is_not_offered_is_refused(house: House) -> None:
    document = house.application_before("decide")
    given = {**answers(house, "decide"), "decision": "perhaps", "security_profile": "all-write"}
    page = house.client("process-owner").take(document["id"], "decide", given, 422)
    assert "decision" in {target.removesuffix("-0") for target in page.problems}
    assert "decide" not in house.get(document["id"])


@pytest.mark.process("1.6", "6.6")
def test_more_than_the_guide_has_left_needs_a_justification(house: House) -> None:
    document = house.application_before("decide")
    given = {**answers(house, "decide"), "accounts_granted": 4000, "justification": ""}
    page = house.client("process-owner").take(document["id"], "decide", given, 422)
    assert "left" in page.problems["justification"]
    assert actions.see(house.portal, document["id"], house.actor("process-owner"))["version"] == document["version"]
