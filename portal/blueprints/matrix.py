"""The public tables: the approved user account matrix [5.2, App. D] and the user account allocation guide [1.6]."""

from flask import Blueprint, Response, render_template

from portal import sheets, tables
from portal.access import public
from portal.process.third_party_access.reference import UAAG
from portal.rendering import the_portal

blueprint = Blueprint("matrix", __name__)

TITLE = "CSE approved user account matrix"


@blueprint.get("/matrix")
@public
def matrix() -> str:
    """The Matrix: how many accounts each organization may have, and for which term."""
    return render_template("public/matrix.html", rows=tables.matrix(the_portal()))


@blueprint.get("/matrix.csv")
@public
def matrix_csv() -> Response:
    """The Matrix as .csv."""
    return as_file(sheets.csv_bytes(tables.MATRIX_COLUMNS, tables.matrix(the_portal())), sheets.CSV_TYPE, "matrix.csv")


@blueprint.get("/matrix.xlsx")
@public
def matrix_xlsx() -> Response:
    """The Matrix as an Excel workbook."""
    content = sheets.xlsx_bytes(TITLE, tables.MATRIX_COLUMNS, tables.matrix(the_portal()), tables.MATRIX_HEADINGS)
    return as_file(content, sheets.XLSX_TYPE, "matrix.xlsx")


@blueprint.get("/matrix.json")
@public
def matrix_json() -> Response:
    """The Matrix as .json."""
    return Response(
        sheets.json_bytes(tables.MATRIX_COLUMNS, tables.matrix(the_portal())), content_type=sheets.JSON_TYPE
    )


@blueprint.get("/uaag")
@public
def uaag() -> str:
    """The guide, row by row as printed."""
    return render_template("public/uaag.html", rows=UAAG)


@blueprint.get("/uaag.csv")
@public
def uaag_csv() -> Response:
    """The guide as .csv."""
    return as_file(sheets.csv_bytes(tables.UAAG_COLUMNS, tables.uaag()), sheets.CSV_TYPE, "uaag.csv")


def as_file(content: bytes, content_type: str, name: str) -> Response:
    """A file to be saved under this name."""
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type=content_type, headers=disposition)
