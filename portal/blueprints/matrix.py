"""The approved user account matrix, for everybody [5.2, App. D]."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from flask import Blueprint, Response, render_template, request

from portal import sheets, tables
from portal.process.third_party_access.reference import LCSAS
from portal.rendering import offset_within_reach, the_portal

blueprint = Blueprint("matrix", __name__)

ROWS = 100
"""Rows on one page of the Matrix."""

TITLE = "CSE approved user account matrix"


@blueprint.get("/matrix")
def matrix() -> str:
    """The Matrix: how many accounts each organization may have, and for which term; of one LCSA or of all."""
    portal = the_portal()
    lcsa = request.args.get("lcsa", "")
    lcsa = lcsa if lcsa in LCSAS else ""
    page = tables.matrix_page(portal, lcsa or None, offset_within_reach(ROWS), ROWS)
    return render_template("public/matrix.html", page=page, limit=ROWS, lcsa=lcsa, lcsas=LCSAS)


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
