"""The pages with which a sheet is read in: checked first, imported when the person says so, with JavaScript or without."""

import io
import zipfile
from typing import Any

import pytest

from portal.importing.columns import organization_columns
from tests.clients import Page
from tests.conftest import House
from tests.importing.made import ANA, FOSTER, KERN, many, workbook
from tests.papers.made import repacked
from tests.web.asking import kept_in, posted, refusals, upload

pytestmark = pytest.mark.process("5.1")


def sent(house: House, content: bytes, name: str = "access.xlsx") -> Page:
    return posted(house.client("process-manager"), "/import", sheet=upload(content, name))


def test_a_sheet_is_checked_then_imported_by_the_button_alone(house: House) -> None:
    manager, content = house.client("process-manager"), workbook([KERN, FOSTER], [ANA])
    answer = sent(house, content)
    address = answer.response.headers["Location"]
    page = manager.page(address)
    assert "2 organizations, with 1 user" in page.words("//dl")
    assert "Import all 2" in page.words("//main//button")
    assert len(list(house.portal.store.document_ids())) == 0
    manager.post_form(f"{address}/begin", page.fields(), 303)
    going = manager.page(address)
    assert going.words("//main//*[@role='status']") == "0 of 2 agreements imported."
    manager.post_form(f"{address}/go-on", going.fields(), 303)
    done = manager.page(address)
    assert "2 agreements imported" in done.words("//main")
    assert "/applications/TPA-2026-0001" in done.links()
    assert manager.get(f"{address}/left.xlsx").status_code == 404
    again = sent(house, content)
    assert "imported already" in manager.page(again.response.headers["Location"]).words("//main")


def test_htmx_goes_on_by_itself_until_all_is_made(house: House) -> None:
    manager = house.client("process-manager")
    address = sent(house, workbook(many(60))).response.headers["Location"]
    manager.post_form(f"{address}/begin", manager.page(address).fields(), 303)
    fields, fragments = manager.page(address).fields(), 0
    while True:
        part = Page(manager.post(f"{address}/go-on", data=fields, headers={"HX-Request": "true"}))
        assert part.status == 200
        fragments += 1
        assert "<html" not in part.text
        if "hx-post" not in part.text:
            break
    assert "60 agreements imported" in part.text
    assert len(list(house.portal.store.document_ids())) == 60


def test_what_is_wrong_is_listed_by_cell_and_given_back_as_a_sheet(house: House) -> None:
    manager = house.client("process-manager")
    answer = sent(house, workbook([KERN, {**FOSTER, "lcsa": "Nowhere"}]))
    address = answer.response.headers["Location"]
    page = manager.page(address)
    assert "A3There is no LCSA called “Nowhere”" in page.words("//table")
    assert "Import the 1 row that holds" in page.words("//main//button")
    refused = manager.post_form(f"{address}/begin", {**page.fields(), "rows": "all"}, 409)
    assert "Some rows do not hold" in refused.words("//*[@role='alert']")
    left = manager.get(f"{address}/left.xlsx", buffered=True)
    assert left.content_type.startswith("application/vnd.openxmlformats")
    manager.post_form(f"{address}/begin", page.fields(), 303)
    manager.post_form(f"{address}/go-on", manager.page(address).fields(), 303)
    assert "1 row was left" in manager.page(address).words("//main")


def bomb() -> bytes:
    """A workbook that says it is three hundred megabytes large inside."""
    written = io.BytesIO(workbook([KERN]))
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/media/bomb.bin", b"\0" * 300_000_000)
    return written.getvalue()


def with_entities() -> bytes:
    """One whose first sheet would read a file of the machine."""

    def change(parts: dict[str, bytes]) -> None:
        sheet = parts["xl/worksheets/sheet1.xml"]
        parts["xl/worksheets/sheet1.xml"] = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + sheet.replace(
            b"<sheetData>", b"<sheetData>&e;"
        )

    return repacked(workbook([KERN]), change)


def a_macro() -> bytes:
    return repacked(workbook([KERN]), lambda parts: parts.update({"xl/vbaProject.bin": b"x"}))


BAD: dict[str, tuple[Any, int, str]] = {
    "nothing": (lambda: b"", 415, "empty"),
    "an older .xls": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), 415, "older kind (.xls)"),
    "a program": (lambda: b"MZ\x90\x00" + bytes(512), 415, "no Excel workbook"),
    "a zip": (lambda: repacked(workbook([KERN]), lambda parts: parts.pop("xl/workbook.xml")), 415, "no Excel file"),
    "a macro": (a_macro, 415, "carries a program"),
    "a bomb": (bomb, 413, "too large once it is unpacked"),
    "entities": (with_entities, 422, "damaged"),
    "half a file": (lambda: workbook([KERN])[:-300], 415, "damaged"),
    "wrong headings": (lambda: workbook([{"County": "Kern"}]), 422, "headings"),
    "an SSN": (lambda: workbook([{**KERN, "contact_name": "123-45-6789"}]), 422, "social security number"),
}


@pytest.mark.process("O8.2", "L")
@pytest.mark.parametrize("what", BAD)
def test_what_is_no_such_sheet_is_refused_in_words_and_not_kept(house: House, what: str) -> None:
    make, status, words = BAD[what]
    house.client("process-manager")
    before = kept_in(house.portal.settings.data, "log", "lock", "sessions")
    answer = sent(house, make())
    assert (answer.status, answer.h1) == (status, "Import organizations with access today")
    assert words in answer.words("//*[@role='alert']")
    assert kept_in(house.portal.settings.data, "log", "lock", "sessions") == before
    assert refusals(house) or any(line["outcome"] == "failed" for line in house.portal.store.log(0, 20).rows)
    log = "\n".join(str(line) for line in house.portal.store.log(0, 50).rows)
    assert "123-45" not in answer.text + log


@pytest.mark.process("O8.2")
def test_a_name_that_holds_a_social_security_number_is_not_kept(house: House) -> None:
    answer = sent(house, workbook([KERN]), "for 123-45-6789.xlsx")
    assert answer.status == 422
    assert "6789" not in answer.text
    assert list(house.portal.store.records("imports")) == []


def test_the_sample_can_be_filled_in_and_sent(house: House) -> None:
    sample = house.client("process-manager").get("/import/sample.xlsx", buffered=True).data
    page = house.client("process-manager").page(sent(house, sample, "sample.xlsx").response.headers["Location"])
    assert "1 organization, with 1 user" in page.words("//dl")
    listed = house.client("process-manager").page("/import").words("//main")
    assert all(one.heading in listed for one in organization_columns(house.process) if one.field is not None)


def test_a_sheet_that_was_not_sent_is_not_there(house: House) -> None:
    manager = house.client("process-manager")
    manager.page(f"/import/{'0' * 64}", 404)
    assert posted(manager, f"/import/{'0' * 64}/begin", {"rows": "all"}).status == 404
    assert posted(manager, f"/import/{'0' * 64}/go-on").status == 404
    address = sent(house, workbook([KERN])).response.headers["Location"]
    assert posted(manager, f"{address}/go-on").status == 409  # it was not begun
