"""Sheets that the portal gives out: the rows that were left, each with what is wrong beside it; and a sample."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, BinaryIO

from portal import sheets
from portal.importing.columns import USERS, WRONG, Column, organization_columns, plain, user_columns
from portal.process.step import Kind, Process


def left_file(plan: Mapping[str, Any], missed: Sequence[tuple[int, str]] = ()) -> BinaryIO:
    """The rows that were left as an Excel workbook under their own headings, to be put right and sent again.

    `missed` are rows that held when the sheet was checked, and no longer when their turn came: they are named in a
    sheet of their own.
    """
    tables = [_table(plan["sheet"]["name"], plan["sheet"], plan["left"])]
    if plan["left_users"]:
        tables.append(_table(USERS, plan["users_sheet"], plan["left_users"]))
    if missed:
        rows: list[sheets.Row] = [{"Row": row, WRONG: why} for row, why in missed]
        tables.append(sheets.Table("Not made", ("Row", WRONG), rows))
    return sheets.book_file("Rows that were left", tables)


def _table(name: str, sheet: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> sheets.Table:
    headings = {place: str(words) for place, words in sheet["headings"]}
    # A cell without a heading comes back too; what was said to be wrong the last time does not.
    places = {*headings, *(place for row in rows for place, _ in row["cells"])}
    places -= {place for place, words in headings.items() if plain(words) == plain(WRONG)}
    columns = [str(place) for place in sorted(places)]
    words = {str(place): headings.get(place, "") for place in places}
    return sheets.Table(name, (WRONG, *columns), _cells(rows, columns), words)


def _cells(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    for row in rows:
        found = {str(place): _value(value) for place, value in row["cells"]}
        wrong = "\n".join(f"{one['cell']}: {one['message']}" for one in row["problems"])
        shown = {column: found.get(column) for column in columns}
        yield {WRONG: wrong or "Left with its organization, or with one of its users", **shown}


def _value(value: Any) -> Any:
    return date.fromisoformat(value["date"]) if isinstance(value, dict) else value


def sample_file(process: Process) -> BinaryIO:
    """A workbook with every column that is read, one organization and one user: to be filled in."""
    organizations = [one for one in organization_columns(process) if one.field is not None]
    tables = [_sample("Organizations", organizations), _sample(USERS, user_columns(process))]
    return sheets.book_file("Organizations with access", tables)


def _sample(name: str, columns: Sequence[Column]) -> sheets.Table:
    row = {column.key: _example(column) for column in columns}
    return sheets.Table(name, tuple(row), [row], {column.key: column.heading for column in columns})


def _example(column: Column) -> Any:
    if column.example and column.field is not None and column.field.kind is Kind.DATE:
        return date.fromisoformat(str(column.example))
    return column.example or None
