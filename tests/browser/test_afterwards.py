"""Life after access in a real browser: what axe finds on each of its pages, filled and after errors, at both widths."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page

from portal import daily, surveys
from portal.audit import Act
from portal.process.goals import california_date
from tests.browser.pages import NARROW, WIDE, Axe, Pages
from tests.browser.people import Person
from tests.browser.server import Serve
from tests.conftest import House, email_of
from tests.importing.made import ANA, FOSTER, KERN, workbook
from tests.journey import answers_to


@dataclass
class Looking:
    """Opens pages as whoever they are for, and looks at each in both widths; `found` is what is wrong with them."""

    house: House
    base: str
    pages: Pages
    axe: Axe
    people: dict[str, Person] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)

    def person(self, role: str) -> Page:
        """The browser of whoever holds the role, signed in; anew when the day is another."""
        name = f"{role} {california_date(self.house.clock.now)}"
        if name not in self.people:
            self.people[name] = Person(self.pages.open(), self.base, email_of(role))
            self.people[name].sign_in()
        return self.people[name].page

    def at(self, role: str, *addresses: str) -> None:
        """Each of these pages; where a form can be sent as it is, what it says is wrong too."""
        page = self.person(role)
        for address in addresses:
            page.goto(self.base + address)
            self.look(page)
            if page.locator("main form[method=post] .buttons button[type=submit]").count():
                self.look_at_errors(page)

    def look_at_errors(self, page: Page) -> None:
        """The form with nothing in it, sent."""
        page.locator("main form[method=post]").last.evaluate(
            """form => {
                for (const one of form.querySelectorAll("input[type=text], input[type=date], input[type=email], input:not([type]), textarea")) one.value = "";
                for (const one of form.querySelectorAll("input[type=checkbox], input[type=radio]")) one.checked = false;
            }"""
        )
        with page.expect_navigation():
            page.locator("main form[method=post] .buttons button[type=submit]").first.click()
        assert page.locator("[role=alert] li").count(), f"{page.url}: no error is told of a form with nothing in it"
        self.look(page)

    def look(self, page: Page) -> None:
        """The page as it is, opened out, in both widths."""
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)
            self.found += self.axe(page)
            if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
                self.found.append(f"{page.url}: wider than {size['width']} pixels")
        page.set_viewport_size(WIDE)


@pytest.fixture
def looking(house: House, serve: Serve, pages: Pages, axe: Axe) -> Looking:
    """The portal of the test in a browser."""
    return Looking(house, serve(house.app), pages, axe)


def steps(document_id: str, *keys: str) -> list[str]:
    """The addresses of these steps' forms."""
    return [f"/applications/{document_id}/steps/{key}" for key in keys]


def audited(house: House) -> str:
    """Kern IV-A with access and an audit: one finding open, one answered, one reviewed. Its number."""
    document_id = str(house.application_after("confirm-access")["id"])
    house.take(document_id, "open-audit")
    rows = answers_to("record-finding", california_date(house.clock.now))["findings"]
    house.take(document_id, "record-finding", findings=[*rows, rows[0]])
    house.take(document_id, "respond-to-finding", responses=[{"number": 3, "response": "Trained anew."}])
    house.take(document_id, "review-response", reviews=[{"number": 3, "outcome": "cleared"}])
    house.take(document_id, "respond-to-finding", responses=[{"number": 2, "response": "It was found."}])
    return document_id


@pytest.mark.process("8", "O8.2")
def test_audits_findings_and_the_evidence_package_are_open_to_everybody(looking: Looking, tmp_path: Path) -> None:
    house = looking.house
    document_id = audited(house)
    looking.at("iso", *steps(document_id, "record-finding", "review-response", "close-audit"))
    looking.at("requestor", f"/applications/{document_id}", *steps(document_id, "respond-to-finding"), "/inbox")
    house.take(document_id, "close-audit")
    looking.at("iso", *steps(document_id, "open-audit"), "/applications", "/inbox")
    owner = looking.person("process-owner")
    owner.goto(looking.base + steps(document_id, "clear-finding")[0])
    looking.look(owner)
    content = house.client("iso").get("/evidence.zip", buffered=True).data
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path)
    page = looking.pages.open()
    for one in sorted(tmp_path.rglob("*.html")):
        page.goto(one.as_uri())
        looking.look(page)
    assert not looking.found, "\n".join(dict.fromkeys(looking.found))


@pytest.mark.process("2.5", "6.9", "8")
def test_incidents_users_and_ends_are_open_to_everybody(looking: Looking) -> None:
    house = looking.house
    document_id = str(house.application_after("confirm-access")["id"])
    looking.at("requestor", *steps(document_id, "report-incident", "change-users", "request-termination"))
    house.take(document_id, "report-incident")
    looking.at("iso", *steps(document_id, "assess-incident"))
    looking.at("process-owner", *steps(document_id, "acknowledge-incident"))
    for step in ("assess-incident", "acknowledge-incident"):
        house.take(document_id, step)
    looking.at("requestor", *steps(document_id, "act-on-incident"))
    house.take(document_id, "act-on-incident")
    looking.at("iso", *steps(document_id, "close-incident"), f"/applications/{document_id}")
    house.take(document_id, "change-users")
    looking.at("administrator", *steps(document_id, "remove-accounts", "suspend-accounts"), "/inbox")
    house.take(document_id, "request-termination")
    looking.at("process-owner", *steps(document_id, "terminate", "decline-termination"))
    house.clock.pass_days(340)
    looking.at("requestor", *steps(document_id, "recertify-users"), "/inbox")
    assert not looking.found, "\n".join(dict.fromkeys(looking.found))


@pytest.mark.process("8", "10.1", "10.2")
def test_renewals_are_open_to_everybody(looking: Looking) -> None:
    house = looking.house
    document_id = audited(house)
    house.clock.pass_days(930)
    looking.at("contract-manager", *steps(document_id, "renewal-notice"))
    house.take(document_id, "renewal-notice")
    looking.at("process-manager", *steps(document_id, "record-standing"))
    house.take(document_id, "record-standing")
    daily.run(house.portal)
    looking.at("process-owner", *steps(document_id, "hold-renewal"), "/renewals", f"/applications/{document_id}", "/inbox")  # fmt: skip
    house.take(document_id, "respond-to-finding", responses=[{"number": 1, "response": "Trained."}])
    reviews = [{"number": 1, "outcome": "cleared"}, {"number": 2, "outcome": "cleared"}]
    house.take(document_id, "review-response", reviews=reviews)
    house.take(document_id, "clear-finding", findings=[{"number": number} for number in (1, 2, 3)])
    house.take(document_id, "record-standing")
    looking.at("contract-manager", *steps(document_id, "good-standing"), "/renewals", "/inbox")
    house.take(document_id, "good-standing")
    looking.at("process-owner", *steps(document_id, "start-renewal"))
    renewal = house.take(document_id, "start-renewal")["start_renewal"]["application"]
    looking.at("director", f"/applications/{renewal}", f"/applications/{document_id}")
    assert not looking.found, "\n".join(dict.fromkeys(looking.found))


@pytest.mark.process("1.2", "1.6", "6.1", "6.8.1", "9")
def test_surveys_the_guide_publishing_mou_versions_and_import_are_open_to_everybody(
    looking: Looking, make_file: Callable[[bytes], Path]
) -> None:
    house = looking.house
    document_id = audited(house)
    owner = house.actor("process-owner")
    begun = surveys.begin(house.portal, "Fall", "Are they enough?", "2026-12-31", (), owner, Act(owner.email, "begin a survey", "fall"))  # fmt: skip
    surveys.send(house.portal, begun.key, owner)
    looking.at("requestor", *steps(document_id, "answer-survey"))
    looking.at("process-owner", "/surveys", "/surveys/new", f"/surveys/rounds/{begun.key}", "/uaag", "/uaag/history")
    looking.at("process-owner", "/uaag/change?row=uaag/Kern/", "/publishing", "/publishing/new", "/publishing/review")
    looking.at("process-owner", "/mou-versions")
    looking.at("process-manager", "/mou-versions", "/import")
    page = looking.person("process-manager")
    for rows in ([KERN, FOSTER], [KERN, {**FOSTER, "lcsa": "Nowhere"}]):
        page.goto(looking.base + "/import")
        page.locator("input[type=file]").set_input_files(make_file(workbook(rows, [ANA])))
        with page.expect_navigation():
            page.locator("main form[enctype] button[type=submit]").click()
        looking.look(page)
    assert not looking.found, "\n".join(dict.fromkeys(looking.found))


@pytest.fixture
def make_file(tmp_path: Path) -> Callable[[bytes], Path]:
    """Keeps these bytes as a workbook to be sent."""

    def make(content: bytes) -> Path:
        file = tmp_path / "organizations.xlsx"
        file.write_bytes(content)
        return file

    return make
