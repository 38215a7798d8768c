"""Opening a workbook: its cells as they are, row by row. The one file that imports openpyxl.

openpyxl reads XML through defusedxml where that is installed, as it is here: entities are refused. It reads on only as
far as rows are asked for, so that a sheet is never in memory as a tree. It is imported when the first workbook is read:
every start would wait for it.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from portal.importing.problems import SheetRefused

MOST_ROWS = 20_000
"""Of one sheet."""

MOST_COLUMNS = 200
LAST_ROW = 1_048_576
"""Excel knows no further one."""

warnings.filterwarnings("ignore", module="openpyxl")  # of styles and validations, which are not read

Value = str | int | float | date


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that holds a formula: what it came to when it was last worked out is not taken for what it says."""

    text: str


@dataclass(frozen=True, slots=True)
class Cells:
    """A row of a sheet: its number, and what stands in each column that is not blank, from 0."""

    number: int
    values: dict[int, Value | Formula]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, the first row that is not blank, those after it, and which cells are merged: `A2:A5`."""

    name: str
    headings: Cells
    rows: list[Cells]
    merged: tuple[str, ...]

    def address(self, row: int, column: int) -> str:
        """`D12`, from the row's number and the column from 0."""
        from openpyxl.utils import get_column_letter

        return f"{get_column_letter(column + 1)}{row}"


def read(content: bytes) -> list[Sheet]:
    """Every sheet of the workbook, hidden ones too. Raises `SheetRefused`."""
    import openpyxl

    if not openpyxl.DEFUSEDXML:
        raise ImportError("openpyxl does not find defusedxml: it would expand entities")
    try:
        book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheets = [_read(sheet, content) for sheet in book.worksheets]
    except SheetRefused:
        raise
    except Exception as error:  # whatever the library makes of a file that no program wrote
        raise SheetRefused("This workbook is damaged and cannot be read. Save it again as .xlsx.") from error
    if not any(sheet.headings.values for sheet in sheets):
        raise SheetRefused("There is nothing in this workbook. Its first sheet has to hold the organizations.")
    return sheets


def merged_cells(sheet: Sheet) -> Iterator[tuple[str, int, int]]:
    """Each range of merged cells, with the first and the last of its rows."""
    from openpyxl.utils.cell import range_boundaries

    for cells in sheet.merged:
        _, first, _, last = range_boundaries(cells)
        yield cells, int(first or 1), int(last or LAST_ROW)


def _read(sheet: Any, content: bytes) -> Sheet:
    sheet.reset_dimensions()  # what a file says of its own size is not believed
    headings = Cells(1, {})
    rows: list[Cells] = []
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
        values = {place: value for place, cell in enumerate(row) if (value := _value(cell)) is not None}
        if not values:
            if number > LAST_ROW:
                raise SheetRefused(f"The sheet “{sheet.title}” has more rows than Excel knows.")
        elif not headings.values:
            headings = Cells(number, values)
        elif len(rows) == MOST_ROWS:
            raise SheetRefused(f"The sheet “{sheet.title}” has more than {MOST_ROWS:,} rows. Divide it into several.")
        else:
            rows.append(Cells(number, values))
    return Sheet(sheet.title, headings, rows, _merged(sheet, content))


def _value(cell: Any) -> Value | Formula | None:
    value = cell.value
    if value is None:
        return None
    if cell.data_type in ("f", "e"):
        return Formula(str(getattr(value, "text", value)))
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, bool) or not isinstance(value, str | int | float | date):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if value != "" else None


_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*[\"']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})[\"']")
_PIECE, _OVERLAP = 1 << 20, 200


def _merged(sheet: Any, content: bytes) -> tuple[str, ...]:
    """Which cells are merged. openpyxl does not say when it reads row by row; it stands after the rows."""
    found: dict[str, None] = {}
    with zipfile.ZipFile(BytesIO(content)) as packed, packed.open(sheet._worksheet_path) as part:
        before = b""
        while piece := part.read(_PIECE):
            found |= dict.fromkeys(one.decode("ascii") for one in _MERGED.findall(before + piece))
            before = piece[-_OVERLAP:]
    return tuple(found)
