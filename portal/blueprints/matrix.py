"""The approved user account matrix, for everybody [5.2, App. D]."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from flask import Blueprint, Response, render_template, request, url_for

from portal import sheets, tables
from portal.county_map import SIZE, areas, name_of
from portal.process.document import at_utc
from portal.process.no_case_data import find_ssn
from portal.process.third_party_access.reference import LCSAS
from portal.rendering import REACH, offset_within_reach, page_or_block, the_portal
from portal.words import count

blueprint = Blueprint("matrix", __name__)

ROWS = 100
"""Rows on one page of the Matrix."""

SHADES = ("No organization", "One organization", "Two or three organizations", "Four or more organizations")
"""What it means how dark an LCSA is drawn on the map, from the lightest on."""

COLUMNS = ("lcsa", "user_organization", "approved_accounts", "term_end")
"""The columns by which the Matrix is put in order."""

TITLE = "CSE approved user account matrix"


@blueprint.get("/matrix")
def matrix() -> str:
    """The Matrix: how many accounts each organization may have, and for which term; by county, words and order. With
    `every` as the form of Appendix D, blank rows and all.
    """
    portal = the_portal()
    counts = portal.store.count_by_lcsa(tables.APPROVED)
    if "every" in request.args:
        page = tables.matrix_page(portal, None, 0, REACH)
        return render_template("public/matrix_form.html", page=page, now=at_utc(portal.clock()), reach=REACH)
    lcsa, typed = request.args.get("lcsa", ""), request.args.get("q", "").strip()[:100]
    lcsa, typed = lcsa if lcsa in LCSAS else "", "" if find_ssn(typed) else typed
    order = _order()
    return page_or_block(
        "public/matrix.html",
        "results",
        page=tables.approved_page(portal, lcsa or None, typed.split(), order, offset_within_reach(ROWS), ROWS),
        limit=ROWS,
        q=typed,
        lcsa=lcsa,
        lcsas=LCSAS,
        order=order,
        sorted_at_most=tables.SORTED,
        headings=[(name, tables.MATRIX_HEADINGS[name], *_sort(name, order, typed, lcsa)) for name in COLUMNS],
        without=[name for name in LCSAS if name not in counts],
        now=at_utc(portal.clock()),
        areas=areas(lambda name: _area(name, counts.get(name, 0), lcsa), lcsa),
        map_size=SIZE,
        shades=SHADES,
    )


def _order() -> tables.Order:
    """The order that is asked for: `approved_accounts`, or `-approved_accounts` downwards; by county otherwise."""
    asked = request.args.get("sort", "")
    column = asked.removeprefix("-")
    return tables.Order(column, asked.startswith("-")) if column in COLUMNS else tables.Order()


def _sort(column: str, order: tables.Order, typed: str, lcsa: str) -> tuple[str, str]:
    """The address that puts the rows in order by this column (the other way round, if they are by now), and how they
    are: `ascending`, `descending`, or nothing.
    """
    is_now = order.column == column
    wanted = f"-{column}" if is_now and not order.downwards else column
    now = ("descending" if order.downwards else "ascending") if is_now else ""
    return url_for("matrix.matrix", q=typed or None, lcsa=lcsa or None, sort=wanted), now


def _area(lcsa: str, organizations: int, chosen: str) -> tuple[str, str, int, str]:
    """An LCSA on the map: `Kern: 3 organizations with access`, the number, how dark, and its rows; of the one that is
    chosen, the way back to all.
    """
    says = (
        f"{name_of(lcsa)}: {count(organizations, 'organization') if organizations else 'no organization'} with access"
    )
    number = f"{organizations:,}" if organizations else ""
    shade = min(organizations, 1) + (organizations > 1) + (organizations > 3)
    if lcsa == chosen:
        return f"{says}; chosen. Show every county", number, shade, url_for("matrix.matrix")
    return says, number, shade, url_for("matrix.matrix", lcsa=lcsa)


@blueprint.get("/matrix.csv")
def matrix_csv() -> Response:
    """The Matrix as .csv."""
    pieces = sheets.csv_pieces(tables.MATRIX_COLUMNS, tables.matrix(the_portal()))
    return as_file(as_it_is_made(pieces), sheets.CSV_TYPE, "matrix.csv")


@blueprint.get("/matrix.xlsx")
def matrix_xlsx() -> Response:
    """The Matrix as an Excel workbook."""
    file = sheets.xlsx_file(TITLE, tables.MATRIX_COLUMNS, tables.matrix(the_portal()), tables.MATRIX_HEADINGS)
    return as_open_file(file, sheets.XLSX_TYPE, "matrix.xlsx")


@blueprint.get("/matrix.json")
def matrix_json() -> Response:
    """The Matrix as .json."""
    pieces = sheets.json_pieces(tables.MATRIX_COLUMNS, tables.matrix(the_portal()))
    return Response(as_it_is_made(pieces), content_type=sheets.JSON_TYPE)


def as_it_is_made(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, of which the first is made now: the store must be known to answer before the answer begins."""
    first = next(pieces, b"")
    return chain([first], pieces)


def as_open_file(file: BinaryIO, content_type: str, name: str) -> Response:
    """An open file, to be saved under this name. It is closed when it is read, or when nobody wants to read it."""
    response = as_file(_pieces_of(file), content_type, name)
    response.call_on_close(file.close)
    return response


def _pieces_of(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(sheets.PIECE):
            yield piece


def as_file(content: bytes | Iterable[bytes], content_type: str, name: str) -> Response:
    """A file to be saved under this name."""
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type=content_type, headers=disposition)
