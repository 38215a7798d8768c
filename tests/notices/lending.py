"""A made-up process with dates: a book is lent, called in on its day by itself, and written off by itself later."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.process.conditions import AllOf, Condition, Shown, Taken
from portal.process.document import Json, section
from portal.process.policy_table import APPLICATION, ITSELF, Act, Policy, Row
from portal.process.portal_pages import PORTAL_PAGES
from portal.process.step import Field, IfLate, Kind, Process, Role, Step, Tell

ALL = ("librarian", "reader")


WRITTEN_OFF = Tell(("role:reader",), "The book lent to {organization} is written off.")


def _header(document: Json) -> Mapping[str, str]:
    return {"lcsa": "Kern", "organization": section(document, "lend")["borrower"]}


def _back_by(document: Mapping[str, Any]) -> date | None:
    day = section(document, "lend").get("back_by")
    return date.fromisoformat(day) if day else None


def _step(key: str, title: str, opens: Condition, **other: Any) -> Step:
    return Step(key, title, f"{title}, please.", "lending", "2.5", f"took {key}", opens=opens, **other)


def _dated(key: str, title: str, field: str, **other: Any) -> Step:
    """A step that opens on the date which the loan has in this field, if it has one."""
    known = Shown(f"{field} is known", lambda document: bool(section(document, "lend").get(field)))
    return _step(key, title, AllOf(Taken("lend"), known), opens_on=("lend", field), **other)


LENDING = Process(
    key="lending",
    title="Lending",
    prefix="LE",
    roles=(
        Role("librarian", "Librarian", (), "Lends books."),
        Role("reader", "Reader", ("lcsa", "organization"), "Reads them."),
    ),
    chapters=(("lending", "Lending"),),
    statuses=(("lent", "Lent"),),
    steps=(
        Step(
            key="lend",
            title="Lend a book",
            asks="Say to whom, and until when.",
            done="lent a book",
            chapter="lending",
            section="2.5",
            starts=True,
            status="lent",
            fields=(
                Field("borrower", "Borrower"),
                Field("call_on", "Call it in on", Kind.DATE, required=False),
                Field("write_off_on", "Write it off on", Kind.DATE, required=False),
                Field("back_by", "Back by", Kind.DATE, required=False),
                Field("dust_on", "Dust it on", Kind.DATE, required=False),
            ),
        ),
        _dated("call-in", "Call the book in", "call_on"),
        _dated("write-off", "Write the book off", "write_off_on", tells=(WRITTEN_OFF,)),
        _dated("dust", "Dust the book", "dust_on"),
        _step(
            "bring-back",
            "Bring the book back",
            Taken("call-in"),
            remind_after=(3, 5),
            due_on=_back_by,
            if_late=IfLate(2, ("role:librarian",)),
        ),
    ),
    header=_header,
    policy=Policy(
        rows=(
            *PORTAL_PAGES,
            Row(ALL, Act.SEE, APPLICATION, "To lend."),
            Row(("librarian",), Act.TAKE, "lend", "To lend."),
            Row(("librarian",), Act.TAKE, "call-in", "To have it back."),
            Row((ITSELF,), Act.TAKE, "call-in", "To have it back on its day."),
            Row(("librarian",), Act.TAKE, "write-off", "To give it up."),
            Row((ITSELF,), Act.TAKE, "write-off", "To give it up on its day."),
            Row(("reader",), Act.TAKE, "dust", "To keep it clean."),
            Row(("reader",), Act.TAKE, "bring-back", "To bring it back."),
            Row(("librarian",), Act.BE_TOLD, "bring-back", "To miss it.", names=("role:librarian",)),
            Row(("reader",), Act.BE_TOLD, "write-off", "To know it.", names=("role:reader",)),
        )
    ),
)
