"""The Matrix and the tracking sheet say what was done, on pages and as files [5.1, 5.2, App. D]."""

import csv
import io
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from portal import rendering, sheets, tables
from portal.blueprints import matrix
from portal.process.third_party_access.reference import LCSAS
from tests.clients import Page
from tests.conftest import House
from tests.web.asking import refusals


def csv_of(house: House, address: str, role: str = "") -> list[dict[str, str]]:
    """The rows of a .csv."""
    answer = house.client(role).get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))


def xlsx_of(house: House, address: str, role: str = "") -> list[dict[str, Any]]:
    """The rows of an .xlsx, under the headings as they stand there."""
    answer = house.client(role).get(address)
    assert answer.status_code == 200
    book = load_workbook(io.BytesIO(answer.data))
    assert book.active is not None
    heading, *rows = book.active.iter_rows(values_only=True)
    book.close()
    return [dict(zip(map(str, heading), row, strict=True)) for row in rows]


def approved(house: House) -> list[tuple[Any, ...]]:
    """The approved organizations, from the .json, which every other form must agree with."""
    rows = house.client("").get("/matrix.json").json
    found = [tuple(row.values()) for row in rows if row["user_organization"]]
    from_csv = [tuple(row.values()) for row in csv_of(house, "/matrix.csv") if row["user_organization"]]
    assert from_csv == [tuple(str(value) for value in row) for row in found]
    from_xlsx = [tuple(row.values()) for row in xlsx_of(house, "/matrix.xlsx") if row["User organization"]]
    assert [(*row[:3], row[3].date().isoformat(), row[4].date().isoformat()) for row in from_xlsx] == found
    page = house.client("").page("/matrix")
    for row in found:
        assert str(row[1]) in page.words("//table")
    return found


@pytest.mark.process("5.2", "6.9.2", "App. D")
def test_the_matrix_shows_an_organization_once_its_approval_is_posted_and_not_before(house: House) -> None:
    document = house.application_before("post-approval")
    assert approved(house) == []
    assert "Kern IV-A" not in house.client("").page("/matrix").text
    house.take(document["id"], "post-approval")
    assert approved(house) == [("Kern", "Kern IV-A", 3, "2026-11-23", "2029-11-23")]
    assert "November 23, 2026" in house.client("").page("/matrix").words("//table")


@pytest.mark.process("5.1", "5.2", "6.9")
def test_once_notice_is_given_matrix_and_tracking_sheet_say_when_access_really_ends(house: House) -> None:
    document = house.application_after("confirm-access")
    assert house.client("process-manager").get("/tracking.json").json[0]["term_end"] == "2029-11-23"
    house.take(document["id"], "terminate", kind="notice", ends_on="2027-01-15")
    assert approved(house) == [("Kern", "Kern IV-A", 3, "2026-11-23", "2027-01-14")]  # the last day, as of a term
    assert "January 14, 2027" in house.client("").page("/matrix").words("//table")
    assert house.client("process-manager").get("/tracking.json").json[0]["term_end"] == "2027-01-14"


@pytest.mark.process("5.2", "App. D")
def test_the_matrix_lists_each_lcsa_once_and_two_organizations_of_one_beside_each_other(house: House) -> None:
    rows = house.client("").get("/matrix.json").json
    assert [row["lcsa"] for row in rows] == sorted(LCSAS)
    assert len(rows) == len({row["lcsa"] for row in rows})
    for name in ("Mono", "Monterey", "Sonoma"):
        assert [row["lcsa"] for row in rows].count(name) == 1
    house.application_after("post-approval", "Kern")
    house.application_after("post-approval", "San Diego")
    rows = house.client("").get("/matrix.json").json
    assert len(rows) == len(LCSAS)
    assert [row[0] for row in approved(house)] == ["Kern", "San Diego"]


def rows_of(page: Page) -> list[tuple[str, ...]]:
    """County, organization and accounts of each row on the page."""
    assert page.tree is not None
    found = page.tree.xpath("//tbody/tr")
    return [tuple(" ".join(cell.text_content().split()) for cell in row)[:3] for row in found]


@pytest.mark.process("5.2", "App. D")
def test_a_long_matrix_is_leafed_through_so_far_and_a_county_chosen(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for county in ("Alameda", "Kern", "Kern", "San Diego", "San Diego"):
        house.application_after("post-approval", county)
    monkeypatch.setattr(matrix, "ROWS", 2)
    monkeypatch.setattr(rendering, "REACH", 4)
    visitor = house.client("")
    every = [(row[0], row[1], str(row[2])) for row in approved_rows(house)]
    for sort, expected in (("lcsa", every), ("-lcsa", every[::-1])):
        found = [row for place in (0, 2) for row in rows_of(visitor.page(f"/matrix?sort={sort}&from={place}"))]
        assert found == expected[:4]
        assert rows_of(visitor.page(f"/matrix?sort={sort}&from=50")) == expected[2:4]
    assert "The first 4 are listed here" in visitor.page("/matrix?from=2").words("//nav")
    assert "The first 4" not in visitor.page("/matrix").words("//main")
    assert rows_of(visitor.page("/matrix?lcsa=Kern")) == every[1:3]
    assert "No organization of Madera has access" in visitor.page("/matrix?lcsa=Madera").words("//main")
    assert rows_of(visitor.page("/matrix?lcsa=Nowhere")) == every[:2]


def approved_rows(house: House) -> list[tuple[Any, ...]]:
    """The rows of the .json that are not blank."""
    return [tuple(row.values()) for row in house.client("").get("/matrix.json").json if row["user_organization"]]


@pytest.mark.process("5.2", "App. D")
def test_the_matrix_is_put_in_order_by_each_column_upwards_and_downwards(house: House) -> None:
    for county, accounts in (("Kern", 1), ("Alameda", 3), ("San Diego", 2)):
        document = house.application_before("decide", county)
        house.take(document["id"], "decide", county, accounts_granted=accounts)
        for step in ("send-decision", "sign-mou"):
            house.take(document["id"], step, county)
        house.clock.pass_days(1)
        for step in ("countersign-mou", "post-approval"):
            house.take(document["id"], step, county)
    visitor = house.client("")
    for sort, counties in {
        "lcsa": ["Alameda", "Kern", "San Diego"],
        "user_organization": ["Alameda", "Kern", "San Diego"],
        "approved_accounts": ["Kern", "San Diego", "Alameda"],
        "term_end": ["Kern", "Alameda", "San Diego"],
    }.items():
        page = visitor.page(f"/matrix?sort={sort}")
        assert [row[0] for row in rows_of(page)] == counties, sort
        assert page.tree.xpath("//th[@aria-sort='ascending']/a/@id") == [f"sort-{sort}"]
        [downwards] = page.tree.xpath(f"//a[@id='sort-{sort}']/@href")
        page = visitor.page(downwards)
        assert [row[0] for row in rows_of(page)] == counties[::-1], sort
        assert page.tree.xpath("//th[@aria-sort='descending']/a/@id") == [f"sort-{sort}"]
    assert [row[0] for row in rows_of(visitor.page("/matrix?sort=nonsense"))] == ["Alameda", "Kern", "San Diego"]


@pytest.mark.process("5.2", "O8.2")
def test_words_find_in_the_matrix_what_is_public_and_no_application_by_its_number(house: House) -> None:
    first = house.application_after("post-approval")
    house.application_after("post-approval", "San Diego")
    house.application_after("identify-requestor", "Alameda")
    visitor = house.client("")
    for words, counties in {
        "kern": ["Kern"],
        "diego iv-a": ["San Diego"],
        "IV-A": ["Kern", "San Diego"],
        "kern diego": [],
        "alameda": [],
        first["id"]: [],
        "0001": [],
        "078-05-1120": ["Kern", "San Diego"],
    }.items():
        page = visitor.page(f"/matrix?q={words}")
        assert [row[0] for row in rows_of(page)] == counties, words
        assert "078-05" not in page.text
    assert "1 organization with access, found by “kern”" in visitor.page("/matrix?q=kern").words("//*[@data-spoken]")
    assert [row[0] for row in rows_of(visitor.page("/matrix?q=iv-a&lcsa=Kern"))] == ["Kern"]


@pytest.mark.process("5.2")
def test_no_more_rows_are_read_than_can_be_put_in_order_and_the_page_says_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for county in ("Alameda", "Kern", "San Diego"):
        house.application_after("post-approval", county)
    monkeypatch.setattr(tables, "SORTED", 2)
    page = house.client("").page("/matrix?sort=-user_organization")
    assert [row[0] for row in rows_of(page)] == ["Kern", "Alameda"]
    assert "More than 2 organizations with access" in page.words("//*[@data-spoken]")
    assert "Only 2 of them are listed in this order" in page.words("//main")
    page = house.client("").page("/matrix?sort=-user_organization&lcsa=San+Diego")
    assert "Only" not in page.words("//main")


@pytest.mark.process("5.2", "App. D")
def test_the_form_to_print_has_every_county_as_appendix_d_does_and_says_as_of_when(house: House) -> None:
    house.application_after("post-approval")
    page = house.client("").page("/matrix?every=yes")
    assert [th.text_content() for th in page.tree.xpath("//thead//th")] == [
        "County", "User organization", "Approved user accounts", "Term",
    ]  # fmt: skip
    found = rows_of(page)
    assert [row[0] for row in found] == sorted(LCSAS)
    assert [row for row in found if row[1]] == [("Kern", "Kern IV-A", "3")]
    assert "As of November 23, 2026, 10:00 am" in page.words("//main")
    page = house.client("").page("/matrix")
    assert len(rows_of(page)) == 1
    assert "55 LCSAs without an organization with access" in page.words("//summary")
    assert "As of November 23, 2026, 10:00 am" in page.words("//main")
    assert "/matrix?every=yes" in page.links()


@pytest.mark.process("5.2")
def test_a_county_on_the_map_leads_to_its_rows_and_back_to_all(house: House) -> None:
    house.application_after("post-approval")
    page = house.client("").page("/matrix")
    says = {link.find("title").text: link.get("href") for link in page.tree.xpath("//svg[@class='map']//a")}
    assert len(says) == len(LCSAS)
    assert says["Kern: 1 organization with access"] == "/matrix?lcsa=Kern"
    assert says["Sierra Nevada (Nevada, Sierra): no organization with access"] == "/matrix?lcsa=Sierra+Nevada"
    [chosen] = house.client("").page("/matrix?lcsa=Kern").tree.xpath("//svg[@class='map']//a[@aria-current]")
    assert (chosen.find("title").text, chosen.get("href")) == (
        "Kern: 1 organization with access; chosen. Show every county",
        "/matrix",
    )


def test_a_file_is_sent_as_it_is_made_and_not_begun_when_the_store_does_not_answer(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for county in ("Alameda", "Kern"):
        house.application_after("identify-requestor", county)
    monkeypatch.setattr(sheets, "PIECE", 1)
    manager = house.client("process-manager")
    for kind in ("csv", "json"):
        pieces = manager.get(f"/tracking.{kind}", buffered=False).iter_encoded()
        begun = next(pieces).decode()
        assert "Kern IV-A" in begun
        assert "Alameda IV-A" not in begun
        assert "Alameda IV-A" in b"".join(pieces).decode()
    folder = house.portal.settings.data / "documents"
    folder.rename(folder.with_name("away"))
    folder.write_text("in the way")
    for address in ("/tracking.csv", "/tracking.json", "/tracking.xlsx"):
        assert manager.get(address).status_code == 503


@pytest.mark.process("6.6.1", "5.2")
def test_the_matrix_never_shows_one_that_was_rejected_or_withdrawn(house: House) -> None:
    document = house.application_before("decide")
    house.take(document["id"], "decide", decision="reject", reason="No authority.")
    house.take(document["id"], "send-decision")
    house.take(house.application_after("identify-requestor", "Alameda")["id"], "withdraw", "Alameda")
    assert approved(house) == []


@pytest.mark.process("5.1", "6.3.1", "6.5.4", "4")
def test_the_tracking_sheet_shows_every_application_with_dates_days_and_who_has_it(house: House) -> None:
    first = house.application_after("identify-requestor")
    house.clock.pass_days(9)  # Wednesday of the week after Thanksgiving, which has two holidays
    house.take(first["id"], "schedule-invitation")
    second = house.application_after("route-application", "San Diego")
    rows = {row["id"]: row for row in csv_of(house, "/tracking.csv", "process-manager")}
    assert set(rows) == {first["id"], second["id"]}
    row = rows[first["id"]]
    assert (row["lcsa"], row["organization"], row["status"]) == ("Kern", "Kern IV-A", "Identified, to be invited")
    assert row["has_it"] == "Process Manager: Send the invitation letter"
    assert (row["identify-requestor"], row["schedule-invitation"]) == ("2026-11-23", "2026-12-02")
    assert (row["send-invitation"], row["send-invitation/days"]) == ("", "5")
    assert rows[second["id"]]["has_it"] == (
        "DCSS Legal: Give the legal opinion; Infrastructure Manager: Test the connection"
    )
    page = house.client("process-manager").page("/tracking")
    assert page.title.startswith("Tracking sheet (2)")
    for words in ("Kern IV-A", "11/23/2026", "12/02/2026", "5 of 15", "DCSS Legal: Give the legal opinion"):
        assert words in page.words("//table"), words
    assert f"/applications/{first['id']}" in page.links("//table")
    assert house.client("process-owner").get("/tracking.json").json == [
        {key: value for key, value in one.items()} for one in house.client("process-manager").get("/tracking.json").json
    ]


@pytest.mark.process("5.1")
def test_the_tracking_sheet_in_excel_has_real_dates_and_numbers(house: House) -> None:
    house.application_after("legal-opinion")
    [row] = xlsx_of(house, "/tracking.xlsx", "process-manager")
    taken = row["Identify a Requestor"]
    assert isinstance(taken, date | datetime)
    assert (taken.year, taken.month, taken.day) == (2026, 11, 23)
    days = next(value for heading, value in row.items() if heading.startswith("Give the legal opinion: working days"))
    assert days == 0
    assert row["Sign the MOU for DCSS"] is None


@pytest.mark.process("5.1")
def test_the_tracking_sheet_is_filtered_alike_on_the_page_and_in_the_files(house: House) -> None:
    house.application_after("identify-requestor")
    house.application_after("route-application", "San Diego")
    for asked, found in {
        "q=diego": ["San Diego IV-A"],
        "status=identified": ["Kern IV-A"],
        "lcsa=Kern": ["Kern IV-A"],
        "q=kern&status=in-review": [],
        "status=nonsense": [],
        "q=": ["San Diego IV-A", "Kern IV-A"],
    }.items():
        rows = csv_of(house, f"/tracking.csv?{asked}", "process-owner")
        assert sorted(row["organization"] for row in rows) == sorted(found), asked
        page = house.client("process-owner").page(f"/tracking?{asked}")
        assert page.title.startswith(f"Tracking sheet ({len(found)})"), asked
        assert len(xlsx_of(house, f"/tracking.xlsx?{asked}", "process-owner")) == len(found), asked
        for link in page.links():
            if link.startswith("/tracking."):
                assert house.client("process-owner").get(link).status_code == 200


@pytest.mark.process("5.1", "4")
def test_a_delay_and_its_reason_stand_in_the_tracking_sheet(house: House) -> None:
    document = house.application_after("route-application")
    house.take(document["id"], "delay-opinion")
    [row] = csv_of(house, "/tracking.csv", "process-manager")
    assert row["legal-opinion/delay"] == "Extensive legal research is necessary"
    assert "Extensive legal research" in house.client("process-manager").page("/tracking").words("//table")


@pytest.mark.process("5.1", "O8.2")
def test_the_tracking_sheet_is_for_process_manager_and_process_owner_alone(house: House) -> None:
    house.application_after("identify-requestor")
    for role in (role.key for role in house.process.roles):
        expected = 200 if role in ("process-manager", "process-owner") else 403
        for address in ("/tracking", "/tracking.xlsx", "/tracking.csv", "/tracking.json"):
            answer = house.client(role).get(address)
            assert answer.status_code == expected, (role, address)
            assert expected == 200 or "Kern" not in answer.get_data(as_text=True).partition("<main")[2]
    assert house.client("process-manager").get("/tracking.exe").status_code == 404
    why = "403: “Tracking sheet” is for the Process Manager and the Process Owner."
    assert {line["why"] for line in refusals(house, "legal@demo.example")} == {why}
