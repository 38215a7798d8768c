"""Whatever is sent as a sheet, from whichever address: what people typed stays text in it."""

import csv
import io

import pytest
from openpyxl import load_workbook

from portal.process.step import Grant
from tests.conftest import House
from tests.policy.every_route import ROLES, an_accepted_application_with_a_paper, ways

STARTS = ("=", "+", "-", "@", "\t", "\r")
TYPED = '=HYPERLINK("http://x.example";"a")'


@pytest.mark.requirement("ASVS 1.2.10", "NIST SI-10")
@pytest.mark.process("O8.2", "5.1")
def test_no_cell_of_any_sheet_begins_like_a_formula(house: House) -> None:
    people = house.portal.people
    for place, start in enumerate(STARTS):
        people.add(
            f"p{place}@kern.example", f"{start}SUM(A1)", Grant("requestor", {"lcsa": "Kern", "organization": TYPED})
        )
    for start in "=+-":
        people.add(f"{start}cmd@kern.example", "Formula", Grant("legal"))
    first = house.take(
        "", "identify-requestor", organization_name=TYPED, invitee_name="+1", coordinator_name="@SUM(A1)"
    )
    document, sha256 = an_accepted_application_with_a_paper(house)
    house.take(first["id"], "schedule-invitation")
    sheets: set[str] = set()
    for way in ways(house, document["id"], sha256):
        for role in ("", *ROLES):
            if way.method != "GET" or way.step or way.comes_in(role, True) != 200:
                continue
            answer = house.client(role).get(way.address, buffered=True)
            if answer.mimetype == "text/csv":
                sheets.add(way.address)
                cells = [cell for row in csv.reader(io.StringIO(answer.get_data(as_text=True))) for cell in row]
                assert not [cell for cell in cells if cell.startswith(STARTS)], way.address
            elif answer.mimetype.endswith("spreadsheetml.sheet"):
                sheets.add(way.address)
                book = load_workbook(io.BytesIO(answer.data))
                assert book.active is not None
                kinds = {cell.data_type for row in book.active.iter_rows() for cell in row}
                assert kinds <= {"s", "n", "d"}, way.address
                book.close()
            break
    assert {
        "/matrix.csv",
        "/matrix.xlsx",
        "/uaag.csv",
        "/tracking.csv",
        "/tracking.xlsx",
        "/access-log.csv",
        "/policy.csv",
    } <= sheets
    tracking = house.client("process-manager").get("/tracking.csv").get_data(as_text=True)
    assert f"'{TYPED}" in [row["organization"] for row in csv.DictReader(io.StringIO(tracking))]
