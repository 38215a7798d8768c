"""Files that people send: scanned, kept under a name of our own, answered with a receipt, sent as attachments."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from portal.papers import Paper
from portal.process.document import Json
from portal.process.step import PAPERS
from tests.clients import Page
from tests.conftest import House
from tests.papers.made import a_docx, a_pdf, a_picture, upload
from tests.papers.stand_in import EICAR, clamd
from tests.web.asking import at_step, kept_in, posted, refusals

MakeHouse = Callable[..., House]

STATEMENTS = {
    "pdf": (a_pdf(), "application/pdf", ".pdf"),
    "docx": (a_docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    "png": (a_picture("PNG"), "image/png", ".png"),
    "jpeg": (a_picture("JPEG"), "image/jpeg", ".jpg"),
}


def a_scan(document: Json, **other: str) -> dict[str, str]:
    """The answers to `sign-mou` that go with the scan."""
    return {"method": "scan", "signed_on": "2026-11-20", "confirm": "yes", "version": str(document["version"]), **other}


@pytest.mark.process("6.8.1", "L")
def test_a_file_that_was_received_is_answered_with_its_receipt_and_logged(house: House) -> None:
    document = house.application_before("sign-mou")
    requestor, content = house.client("requestor"), a_pdf()
    sha256 = Paper("", content, None).sha256  # type: ignore[arg-type]
    answer = posted(
        requestor, at_step(document, "sign-mou"), a_scan(document), signed_mou=upload(content, "The MOU.pdf")
    )
    assert answer.status == 303
    page = requestor.page(answer.response.headers["Location"])
    assert f"Received: The MOU.pdf, {len(content)} bytes. Its receipt (SHA-256): {sha256}" in page.words("//main")
    again = house.client("process-owner").page(f"/applications/{document['id']}")
    assert f"Receipt (SHA-256): {sha256}" in again.words("//details[@id='sign-mou']")
    lines = house.portal.store.log(0, 50).rows
    sent = [line for line in lines if line["did"] == "send a file"]
    assert {line["who"] for line in sent} == {"requestor.kern@demo.example"}
    assert {line["record"] for line in sent} == {f"{document['id']}/files/{sha256[:12]}"}
    assert [line["outcome"] for line in sent] == ["done", "begun"]


@pytest.mark.process("6.8.2")
@pytest.mark.parametrize("kind", PAPERS)
def test_a_statement_may_be_of_every_kind_and_comes_back_as_what_it_is(house: House, kind: str) -> None:
    content, content_type, ending = STATEMENTS[kind]
    document = house.application_before("certify-users")
    requestor = house.client("requestor")
    given = {"users-0-name": "Ana", "users-0-email": "ana@kern.example", "users-0-job_title": "Worker"}
    given |= {"version": str(document["version"]), "confirm": "yes"}
    sent = {"users-0-statement": upload(content, "../<b>Ana.exe")}
    answer = posted(requestor, at_step(document, "certify-users"), given, **sent)
    assert answer.status == 303, answer.problems
    [user] = house.get(document["id"])["certify_users"]["users"]
    assert user["statement"]["name"] == f"bAna.exe{ending}"
    page = house.client("coordinator").page(f"/applications/{document['id']}")
    [link] = {link for link in page.links() if "/files/" in link}
    download = house.client("coordinator").get(link, buffered=True)
    sha256 = user["statement"]["sha256"]
    assert download.data == content
    assert download.headers["Content-Type"] == content_type
    assert download.headers["X-Content-Type-Options"] == "nosniff"
    named = f'attachment; filename="{document["id"]} certify-users {sha256[:12]}{ending}"'
    assert download.headers["Content-Disposition"] == named


@pytest.mark.process("6.8.1")
def test_where_the_process_says_pdf_nothing_else_is_taken(house: House) -> None:
    document = house.application_before("sign-mou")
    for kind, (content, _, _) in STATEMENTS.items():
        if kind != "pdf":
            sent = {"signed_mou": upload(content, "mou.pdf")}
            page = posted(house.client("requestor"), at_step(document, "sign-mou"), a_scan(document), **sent)
            assert page.status == 415
            assert "kind asked for: PDF." in page.problems["signed_mou"]


def refused_scan(house: House, content: bytes, words: str, status: int) -> Json:
    """Sends a scan that is refused so, with the answers kept and nothing else; returns the log's line of it."""
    document = house.application_before("sign-mou")
    requestor = house.client("requestor")
    before = kept_in(house.portal.settings.data, "log", "lock")
    sent = {"signed_mou": upload(content, "mou.pdf")}
    page = posted(requestor, at_step(document, "sign-mou"), a_scan(document), **sent)
    assert page.status == status
    assert words in page.problems["signed_mou"]
    assert page.fields()["signed_on"] == "2026-11-20"
    assert "signed_mou-kept" not in page.fields()
    assert kept_in(house.portal.settings.data, "log", "lock") == before
    return refusals(house, "requestor.kern@demo.example")[0]


@pytest.mark.requirement("ASVS 5.4.3", "NIST SI-3")
@pytest.mark.process("O8.2")
def test_a_file_with_a_virus_is_refused_by_its_field_logged_and_not_kept(make_house: MakeHouse) -> None:
    with clamd() as (address, asked):
        house = make_house(clamd=address)
        line = refused_scan(house, a_pdf() + EICAR, "the virus scanner found something dangerous", 422)
        assert asked == ["INSTREAM"]
    assert line["did"] == "send a file"
    assert line["why"] == "422: the virus scanner found Eicar-Test-Signature"


@pytest.mark.requirement("ASVS 5.4.3", "NIST SI-3")
@pytest.mark.process("O8.2")
def test_while_the_scanner_is_away_no_file_is_kept_and_the_answers_are(make_house: MakeHouse) -> None:
    house = make_house(clamd="tcp://127.0.0.1:1")
    line = refused_scan(house, a_pdf(), "could not be checked for viruses just now", 503)
    assert line["why"].startswith("503: the virus scanner does not answer")
    assert "127.0.0.1" not in Page(house.client("").get("/health")).text


def test_the_health_says_how_the_scanner_is(make_house: MakeHouse, house: House) -> None:
    def told(of: House) -> Any:
        return json.loads(of.client("").get("/health").data)

    assert told(house)["scanner"] is None
    with clamd() as (address, _):
        assert told(make_house(clamd=address, name="one"))["scanner"] == "ok"
    found = told(make_house(clamd="unix:/nowhere", name="two"))
    assert (found["status"], found["scanner"]) == ("ok", "away")
    assert "the virus scanner does not answer: no file is kept until it does" in found["warnings"]


@pytest.mark.parametrize("button", [{"save": "draft"}, {"add": "users"}])
def test_a_file_that_is_not_kept_is_said_with_a_draft_and_another_row_too(house: House, button: dict[str, str]) -> None:
    document = house.application_before("certify-users")
    given = {"users-0-name": "Ana", "version": str(document["version"]), **button}
    sent = {"users-0-statement": upload(b"no paper", "x.pdf")}
    page = posted(house.client("requestor"), at_step(document, "certify-users"), given, **sent)
    assert page.status == 415
    assert list(page.problems) == ["users-0-statement"]
    assert page.fields()["users-0-name"] == "Ana"


@pytest.mark.process("6.8.2")
def test_the_statements_of_a_dozen_users_are_sent_at_once(house: House) -> None:
    document = house.application_before("certify-users")
    given = {"version": str(document["version"]), "confirm": "yes"}
    files = {}
    for n in range(3):
        given |= {f"users-{n}-name": f"U{n}", f"users-{n}-email": f"u{n}@kern.example", f"users-{n}-job_title": "W"}
        files[f"users-{n}-statement"] = upload(a_pdf() + b"\n" * (15 * 1024 * 1024 + n), f"{n}.pdf")
    assert posted(house.client("requestor"), at_step(document, "certify-users"), given, **files).status == 303
    sizes = [user["statement"]["size"] for user in house.get(document["id"])["certify_users"]["users"]]
    assert sum(sizes) > 45 * 1024 * 1024


@pytest.mark.requirement("ASVS 16.5.3", "NIST AU-5")
def test_a_file_that_cannot_be_logged_is_not_kept(house: House) -> None:
    document = house.application_before("sign-mou")
    requestor, address = house.client("requestor"), at_step(document, "sign-mou")
    requestor.page(address)
    before = kept_in(house.portal.settings.data, "log", "lock")
    log = house.portal.settings.data / "access-log"
    aside = log.rename(log.with_name("aside"))
    log.write_text("in the way")
    answer = posted(requestor, address, a_scan(document), signed_mou=upload(a_pdf(), "mou.pdf"))
    log.unlink()
    aside.rename(log)
    assert answer.status == 503
    assert kept_in(house.portal.settings.data, "log", "lock") == before
