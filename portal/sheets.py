"""Tables as files: .csv, .xlsx and .json of the same rows. The one file that imports xlsxwriter.

A table is a list of columns, by name, and rows that have a cell under each name. What a cell holds decides how it is
written: a number stays a number and a date a date; a text stays a text whatever it begins with, so that no name that
somebody typed becomes a formula on the reader's machine. Moments are UTC in .csv and .json, California's time in .xlsx.

Knows nothing of steps, stores or the web.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import StringIO
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from portal.process.document import at_utc
from portal.process.goals import CALIFORNIA

Cell = str | int | float | date | datetime | None
Row = Mapping[str, Cell]

CSV_TYPE = "text/csv; charset=utf-8"
JSON_TYPE = "application/json"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

PIECE = 64 * 1024
"""About how many characters a streamed piece has."""

LONGEST_TEXT = 32_767
"""Excel holds no longer text in a cell."""

FIRST_YEAR = 1900
"""Excel knows no date before this year."""

NARROWEST, WIDEST = 8, 60
"""Column widths, in characters."""

# What a spreadsheet program takes for the start of a formula, in ASCII and in full width.
_FORMULA_STARTS = tuple(
    "=+-@\t\r\n\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
)


def csv_pieces(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """The table as .csv, piece by piece: UTF-8 without a byte order mark, a header line, CRLF at each line's end.

    A text that a spreadsheet would run as a formula gets an apostrophe before it. Raises KeyError when a row lacks a
    column.
    """
    buffer = StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([_harmless(column) for column in columns])
    for row in rows:
        writer.writerow([_as_text(row[column]) for column in columns])
        if buffer.tell() >= PIECE:
            yield _taken_from(buffer)
    yield _taken_from(buffer)


def csv_bytes(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """The table as .csv, whole; see `csv_pieces`."""
    return b"".join(csv_pieces(columns, rows))


def json_pieces(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """The table as .json, piece by piece: a list with an object for each row, its keys in the order of the columns.

    Texts stand as they are: a formula is no danger here. Raises KeyError when a row lacks a column.
    """
    buffer = StringIO()
    buffer.write("[")
    between = "\n"
    for row in rows:
        buffer.write(between)
        json.dump({column: _as_json(row[column]) for column in columns}, buffer, ensure_ascii=False, allow_nan=False)
        between = ",\n"
        if buffer.tell() >= PIECE:
            yield _taken_from(buffer)
    buffer.write("\n]\n")
    yield _taken_from(buffer)


def json_bytes(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """The table as .json, whole; see `json_pieces`."""
    return b"".join(json_pieces(columns, rows))


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a workbook: its name, its columns and rows, and the words for columns that shall not show their own
    name.
    """

    title: str
    columns: Sequence[str]
    rows: Iterable[Row]
    headings: Mapping[str, str] = field(default_factory=dict)


def xlsx_file(
    title: str, columns: Sequence[str], rows: Iterable[Row], headings: Mapping[str, str] | None = None
) -> BinaryIO:
    """The table as an Excel workbook of one sheet; see `book_file`."""
    return book_file(title, [Table(title, columns, rows, headings or {})])


def book_file(title: str, tables: Iterable[Table]) -> BinaryIO:
    """An Excel workbook with a sheet for each table: headings that stay in sight, a filter on each column, real dates.

    A sheet is called by its table's title, as far as Excel allows. The workbook is made on the disk, row by row: it may
    have a hundred thousand. The file is gone when it is closed. Raises KeyError when a row lacks a column.
    """
    file = TemporaryFile()  # noqa: SIM115 - the caller closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    workbook = Workbook(file, options)
    workbook.set_properties({"title": title})
    formats = _formats(workbook)
    try:
        for table in tables:
            _add_sheet(workbook, table, formats)
    except BaseException:
        workbook.close()
        file.close()
        raise
    workbook.close()
    file.seek(0)
    return file


def _add_sheet(workbook: Workbook, table: Table, formats: Mapping[str, Format]) -> None:
    sheet, number = workbook.add_worksheet(_sheet_name(table.title)), 0
    shown = [table.headings.get(column, column) for column in table.columns]
    for place, heading in enumerate(shown):
        sheet.write_string(0, place, heading, formats["heading"])
    widths = [_width(heading) for heading in shown]
    for number, row in enumerate(table.rows, start=1):
        for place, column in enumerate(table.columns):
            _write_cell(sheet, number, place, row[column], formats)
            widths[place] = max(widths[place], _width(_as_text(row[column])))
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.autofilter(0, 0, number, len(table.columns) - 1)


def xlsx_bytes(
    title: str, columns: Sequence[str], rows: Iterable[Row], headings: Mapping[str, str] | None = None
) -> bytes:
    """The table as an Excel workbook, whole; see `xlsx_file`."""
    with xlsx_file(title, columns, rows, headings) as file:
        return file.read()


def _taken_from(buffer: StringIO) -> bytes:
    """What the buffer holds; it is empty afterwards."""
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _harmless(text: str) -> str:
    """The text, with an apostrophe before it if a spreadsheet would take it for a formula, spaces or not."""
    return f"'{text}" if text.lstrip(" \N{NO-BREAK SPACE}").startswith(_FORMULA_STARTS) else text


def _as_text(cell: Cell) -> str:
    """The cell as .csv has it: yes or no, dates in ISO 8601, nothing for None."""
    if isinstance(cell, str):
        return _harmless(cell)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    plain = _as_json(cell)
    return "" if plain is None else str(plain)


def _as_json(cell: Cell) -> Any:
    """The cell as .json has it: dates and moments in ISO 8601, moments with a time zone in UTC, all else as it is."""
    if isinstance(cell, datetime) and cell.tzinfo is not None:
        return at_utc(cell)
    return cell.isoformat() if isinstance(cell, date) else cell


def _formats(workbook: Workbook) -> dict[str, Format]:
    top = {"valign": "top"}
    return {
        "heading": workbook.add_format({"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#E7ECF2", **top}),
        "text": workbook.add_format({"text_wrap": True, **top}),
        "number": workbook.add_format(top),
        "date": workbook.add_format({"num_format": "yyyy-mm-dd", "align": "left", **top}),
        "moment": workbook.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left", **top}),
    }


def _write_cell(sheet: Worksheet, row: int, column: int, cell: Cell, formats: Mapping[str, Format]) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, bool):
        sheet.write_string(row, column, _as_text(cell), formats["text"])
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell, formats["number"])
    elif isinstance(cell, date) and cell.year >= FIRST_YEAR:
        if isinstance(cell, datetime) and cell.tzinfo is not None:
            cell = cell.astimezone(CALIFORNIA).replace(tzinfo=None)
        kind = "moment" if isinstance(cell, datetime) else "date"
        sheet.write_datetime(row, column, cell, formats[kind])
    else:
        text = cell if isinstance(cell, str) else cell.isoformat()
        # Past the limit the library leaves the cell empty; a text that was cut says so.
        kept = text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
        sheet.write_string(row, column, kept, formats["text"])


def _width(text: str) -> int:
    """A column's width for the text's longest line, within bounds; the filter's arrow needs three characters more."""
    longest = max((len(line) for line in text.splitlines()), default=0)
    return max(NARROWEST, min(WIDEST, longest + 3))


def _sheet_name(title: str) -> str:
    """The title without what Excel refuses in a sheet's name, 31 characters at most."""
    allowed = "".join(" " if character in "[]:*?/\\" else character for character in title)
    return allowed.strip("' ")[:31].strip("' ") or "Table"
