"""Tables as files, read back with the csv and json modules and with openpyxl."""

import csv
import json
import zipfile
from datetime import UTC, date, datetime
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from portal.sheets import Row, csv_bytes, csv_pieces, json_bytes, json_pieces, xlsx_bytes

pytestmark = pytest.mark.process("5.1", "5.2")

COLUMNS = ("lcsa", "user_organization", "approved_accounts", "term_start", "changed_at", "online")
ROWS: list[Row] = [
    {
        "lcsa": "Kern",
        "user_organization": 'Núñez & <Søn>, "IV-A"',
        "approved_accounts": 12,
        "term_start": date(2026, 11, 23),
        "changed_at": datetime(2026, 11, 23, 8, 15, tzinfo=UTC),
        "online": True,
    },
    {
        "lcsa": "Siskiyou/Modoc",
        "user_organization": "line one\nline two; tab\there",
        "approved_accounts": -3,
        "term_start": None,
        "changed_at": None,
        "online": False,
    },
]
FORMULAS = [
    "=1+1",
    "+1 916 555 0100",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\N{FULLWIDTH EQUALS SIGN}1+1",
    '=HYPERLINK("http://x.example","y")',
]


def from_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode(), newline="")))


def from_xlsx(content: bytes) -> Worksheet:
    sheet = load_workbook(BytesIO(content)).active
    assert isinstance(sheet, Worksheet)
    return sheet


def test_csv_reads_back_as_it_was_with_names_as_typed() -> None:
    content = csv_bytes(COLUMNS, ROWS)
    assert content.startswith(b"lcsa,user_organization,approved_accounts,term_start,changed_at,online\r\n")
    kern, siskiyou = from_csv(content)
    assert kern == {
        "lcsa": "Kern",
        "user_organization": 'Núñez & <Søn>, "IV-A"',
        "approved_accounts": "12",
        "term_start": "2026-11-23",
        "changed_at": "2026-11-23T08:15:00Z",
        "online": "yes",
    }
    assert siskiyou["user_organization"] == "line one\nline two; tab\there"
    assert (siskiyou["approved_accounts"], siskiyou["term_start"], siskiyou["online"]) == ("-3", "", "no")


@pytest.mark.requirement("ASVS 1.2.10", "NIST SI-10")
@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula(text: str) -> None:
    rows: list[Row] = [{"name": text}]
    assert from_csv(csv_bytes(["name"], rows)) == [{"name": f"'{text}"}]
    cell = from_xlsx(xlsx_bytes("Names", ["name"], rows))["A2"]
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    assert str(cell.value).replace("_x000D_", "\r") == text
    assert json.loads(json_bytes(["name"], rows)) == [{"name": text}]


def test_the_workbook_holds_numbers_dates_and_texts_as_such() -> None:
    sheet = from_xlsx(xlsx_bytes("Matrix", COLUMNS, ROWS, headings={"lcsa": "County"}))
    found: list[tuple[Any, ...]] = list(sheet.iter_rows(values_only=True))
    assert found[0] == ("County", *COLUMNS[1:])
    assert found[1] == (
        "Kern",
        'Núñez & <Søn>, "IV-A"',
        12,
        datetime(2026, 11, 23),
        datetime(2026, 11, 23, 0, 15),
        "yes",
    )
    assert found[2] == ("Siskiyou/Modoc", "line one\nline two; tab\there", -3, None, None, "no")
    assert sheet["D2"].is_date
    assert sheet["D2"].number_format == "yyyy-mm-dd"


def test_the_headings_are_bold_stay_in_sight_and_filter() -> None:
    sheet = from_xlsx(xlsx_bytes("Matrix", COLUMNS, ROWS))
    assert all(cell.font.b for cell in sheet[1])
    assert not any(cell.font.b for cell in sheet[2])
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:F3"
    assert sheet.column_dimensions["B"].width > sheet.column_dimensions["C"].width > 8


def test_a_table_without_rows_still_has_its_columns() -> None:
    assert csv_bytes(["lcsa", "term"], []) == b"lcsa,term\r\n"
    assert json.loads(json_bytes(["lcsa", "term"], [])) == []
    assert list(from_xlsx(xlsx_bytes("Matrix", ["lcsa", "term"], [])).iter_rows(values_only=True)) == [("lcsa", "term")]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Siskiyou/Modoc: who [has] what?", "Siskiyou Modoc  who  has  what"),
        ("'quoted'", "quoted"),
        ("Approved user account matrix of all counties", "Approved user account matrix of"),
        ("///", "Table"),
    ],
)
def test_any_title_makes_a_sheet(title: str, name: str) -> None:
    assert from_xlsx(xlsx_bytes(title, ["lcsa"], [])).title == name


def test_texts_and_dates_that_excel_cannot_hold_are_kept_as_far_as_it_can() -> None:
    rows: list[Row] = [{"text": "x" * 40_000, "day": date(1066, 10, 14)}, {"text": "bell\x07", "day": None}]
    content = xlsx_bytes("Notes", ["text", "day"], rows)
    sheet = from_xlsx(content)
    assert sheet["A2"].value == "x" * 32_766 + "…"
    assert sheet["B2"].value == "1066-10-14"
    assert zipfile.ZipFile(BytesIO(content)).testzip() is None


def test_json_is_a_list_of_objects_in_the_columns_order() -> None:
    content = json_bytes(COLUMNS, ROWS)
    kern, siskiyou = json.loads(content)
    assert list(kern) == list(COLUMNS)
    assert (kern["approved_accounts"], kern["term_start"], kern["online"]) == (12, "2026-11-23", True)
    assert (siskiyou["term_start"], siskiyou["changed_at"]) == (None, None)
    assert "Núñez".encode() in content


def test_a_long_table_comes_in_pieces_that_make_the_whole() -> None:
    rows: list[Row] = [{"lcsa": "Kern", "number": number} for number in range(20_000)]
    pieces = list(csv_pieces(["lcsa", "number"], iter(rows)))
    assert len(pieces) > 2
    assert from_csv(b"".join(pieces))[-1] == {"lcsa": "Kern", "number": "19999"}
    pieces = list(json_pieces(["lcsa", "number"], iter(rows)))
    assert len(pieces) > 2
    assert json.loads(b"".join(pieces)) == rows


@pytest.mark.parametrize("write", [csv_bytes, json_bytes, lambda columns, rows: xlsx_bytes("Matrix", columns, rows)])
def test_a_row_that_lacks_a_column_is_refused(write: Any) -> None:
    with pytest.raises(KeyError, match="lcsa"):
        write(["lcsa"], [{"county": "Kern"}])
