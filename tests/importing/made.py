"""Sheets of organizations with access for the tests, as a spreadsheet program writes them."""

import io
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from openpyxl import Workbook

Change = Callable[[Workbook], Any]

KERN: dict[str, Any] = {
    "lcsa": "Kern",
    "organization": "Kern IV-A",
    "accounts_granted": 3,
    "office_id": "KERN-IVA-01",
    "term_start": date(2025, 7, 1),
    "term_end": date(2028, 7, 1),
    "identify-requestor": date(2025, 2, 3),
    "decide": date(2025, 5, 5),
    "sign-mou": date(2025, 6, 2),
    "countersign-mou": date(2025, 6, 30),
    "confirm-access": date(2025, 8, 4),
    "contact_name": "María Ortega",
    "contact_email": "requestor.kern@demo.example",
}
"""An agreement of which nearly everything is known."""

FOSTER: dict[str, Any] = {
    "lcsa": "Alameda",
    "organization": "Alameda Foster Services",
    "accounts_granted": 1,
    "term_start": date(2026, 1, 5),
    "term_end": date(2029, 1, 5),
}
"""One of which no more is known than must be."""

ANA: dict[str, Any] = {
    "lcsa": "Kern",
    "organization": "Kern IV-A",
    "name": "Ana Núñez",
    "email": "ana.nunez@county.example",
    "job_title": "Eligibility Worker II",
    "trained_on": date(2026, 3, 2),
    "statement_signed_on": date(2026, 3, 3),
    "user_id": "KERN0417",
    "set_up_on": date(2025, 7, 30),
}
"""A user with an account."""


def workbook(
    rows: Iterable[Mapping[str, Any]], users: Iterable[Mapping[str, Any]] = (), change: Change = lambda _: None
) -> bytes:
    """A workbook of these organizations and users, headed by the columns' keys, after `change`."""
    book, users = Workbook(), list(users)
    sheet = book.active
    assert sheet is not None
    sheet.title = "Organizations"
    _fill(sheet, list(rows))
    if users:
        _fill(book.create_sheet("Users"), users)
    change(book)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _fill(sheet: Any, rows: list[Mapping[str, Any]]) -> None:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    sheet.append(columns)
    for row in rows:
        sheet.append([row.get(column) for column in columns])


def many(number: int) -> list[dict[str, Any]]:
    """So many organizations of Kern, each with an office ID."""
    return [{**KERN, "organization": f"Kern Office {one}", "office_id": f"OFFICE-{one}"} for one in range(number)]
