"""Pages that no link leads to: those of the evidence package, and what comes of an import; axe, in both widths. All others
are looked at in test_every_page.py.
"""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from portal.process.goals import california_date
from tests.browser.pages import NARROW, WIDE, Axe, Pages
from tests.browser.people import Person
from tests.browser.server import Serve
from tests.conftest import House, email_of
from tests.importing.made import ANA, FOSTER, KERN, workbook
from tests.journey import answers_to


def looked_at(page: Page, axe: Axe) -> list[str]:
    """What is wrong with the page as it is, in both widths."""
    found = []
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        found += axe(page)
        if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
            found.append(f"{page.url}: wider than {size['width']} pixels")
    return found


def audited(house: House) -> None:
    """Kern IV-A with access and an audit: one finding open, one answered, one reviewed."""
    document_id = str(house.application_after("confirm-access")["id"])
    house.take(document_id, "open-audit")
    rows = answers_to("record-finding", california_date(house.clock.now))["findings"]
    house.take(document_id, "record-finding", findings=[*rows, rows[0]])
    house.take(document_id, "respond-to-finding", responses=[{"number": 3, "response": "Trained anew."}])
    house.take(document_id, "review-response", reviews=[{"number": 3, "outcome": "cleared"}])
    house.take(document_id, "respond-to-finding", responses=[{"number": 2, "response": "It was found."}])


@pytest.mark.process("8", "O8.2")
def test_the_pages_of_the_evidence_package_are_open_to_everybody(
    house: House, pages: Pages, axe: Axe, tmp_path: Path
) -> None:
    audited(house)
    content = house.client("iso").get("/evidence.zip", buffered=True).data
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path)
    page, found = pages.open(), []
    files = sorted(tmp_path.rglob("*.html"))
    for one in files:
        page.goto(one.as_uri())
        found += looked_at(page, axe)
    assert files
    assert found == [], "\n".join(found)


@pytest.mark.process("6.8.1")
def test_what_comes_of_an_import_is_open_to_everybody_whether_the_sheet_holds_or_not(
    house: House, serve: Serve, pages: Pages, axe: Axe, make_file: Callable[[bytes], Path]
) -> None:
    person, found = Person(pages.open(), serve(house.app), email_of("process-manager")), []
    person.sign_in()
    for rows in ([KERN, FOSTER], [KERN, {**FOSTER, "lcsa": "Nowhere"}]):
        person.page.goto(person.base + "/import")
        person.page.locator("input[type=file]").set_input_files(make_file(workbook(rows, [ANA])))
        with person.page.expect_navigation():
            person.page.locator("main form[enctype] button[type=submit]").click()
        found += looked_at(person.page, axe)
    assert found == [], "\n".join(found)


@pytest.fixture
def make_file(tmp_path: Path) -> Callable[[bytes], Path]:
    """Keeps these bytes as a workbook to be sent."""

    def make(content: bytes) -> Path:
        file = tmp_path / "organizations.xlsx"
        file.write_bytes(content)
        return file

    return make
