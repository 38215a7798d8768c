"""The tables that the process keeps, worked out from documents: the Matrix [5.2], the guide [1.6], the tracking sheet
[5.1].
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from heapq import merge
from operator import itemgetter
from typing import Any

from portal.guide import rows_in_force
from portal.parts import Portal
from portal.process import explain
from portal.process.document import Json, section
from portal.process.overview import Concern
from portal.process.policy import published, readable
from portal.process.policy_table import ANYBODY, APPLICATION
from portal.process.step import Actor, Process
from portal.process.third_party_access.findings import open_findings
from portal.process.third_party_access.reference import LCSAS
from portal.process.third_party_access.term import IN_FORCE, NOTICE_GIVEN, ends_from
from portal.process.third_party_access.users import accounts_set_up
from portal.sheets import Row
from portal.store.port import Page, Search

MATRIX_COLUMNS = ("lcsa", "user_organization", "approved_accounts", "term_start", "term_end")
MATRIX_HEADINGS = {
    "lcsa": "County (LCSA)",
    "user_organization": "User organization",
    "approved_accounts": "Approved user accounts",
    "term_start": "Term from",
    "term_end": "Term until",
}
UAAG_COLUMNS = ("lcsa", "user_organization", "pre_conversion_users", "reserved", "as_printed")
APPROVED = Search(process="third-party-access", statuses=IN_FORCE, by_name=True)
"""What the Matrix lists, in its order."""


def matrix(portal: Portal) -> Iterator[Row]:
    """The Matrix: each LCSA in order, with its approved organizations, or once with blanks when it has none."""
    without = sorted({*LCSAS} - portal.store.count_by_lcsa(APPROVED).keys())
    approved = (_matrix_row(portal, document) for document in portal.store.every(APPROVED))
    return merge(approved, map(_blank_row, without), key=itemgetter("lcsa"))


def matrix_page(portal: Portal, lcsa: str | None, offset: int, limit: int) -> Page[Row]:
    """A page of the Matrix, of one LCSA or of all; nothing but its own rows is read."""
    counts = portal.store.count_by_lcsa(replace(APPROVED, lcsa=lcsa))
    places: list[tuple[str, bool]] = []  # of each row before the page's end: its LCSA, and whether it is a blank one
    for name in [lcsa] if lcsa else sorted({*LCSAS, *counts}):
        places += [(name, name not in counts)] * min(counts.get(name, 1), offset + limit)
        if len(places) >= offset + limit:
            break
    before, here = places[:offset], places[offset : offset + limit]
    skipped = sum(not blank for _, blank in before)
    wanted = sum(not blank for _, blank in here)
    found = portal.store.search(replace(APPROVED, lcsa=lcsa), skipped, wanted).rows if wanted else []
    approved = iter([_matrix_row(portal, document) for document in found])
    rows = [_blank_row(name) if blank else next(approved, None) for name, blank in here]
    total = sum(counts.values()) + (len({*LCSAS} - counts.keys()) if lcsa is None else lcsa not in counts)
    return Page([row for row in rows if row is not None], offset, total)


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the Matrix: by one of its columns, upwards or downwards."""

    column: str = "lcsa"
    downwards: bool = False

    @property
    def is_by_county(self) -> bool:
        """Whether the store has its rows in this order."""
        return self.column == "lcsa"


SORTED = 500
"""So many rows of the Matrix can be put in another order than that of the counties, or found by words: each is read."""


def approved_page(
    portal: Portal, lcsa: str | None, words: Sequence[str], order: Order, offset: int, limit: int
) -> Page[Row]:
    """A page of the Matrix without blank rows: of one LCSA or of all, those in which all words occur, in this order.

    Never more than `SORTED` rows are read. With `more`, of more than these the first by county are put in order, and of
    more that words find, the last changed.
    """
    search = replace(APPROVED, lcsa=lcsa)
    if not words and order.is_by_county:
        return _by_county(portal, search, order.downwards, offset, limit)
    found = portal.store.search(replace(search, words=tuple(words), by_name=not words), 0, SORTED)
    rows = [row for document in found.rows if _has(row := _matrix_row(portal, document), words)]
    rows.sort(key=lambda row: (row["lcsa"], row["user_organization"]))
    rows.sort(key=lambda row: (row[order.column] is not None, row[order.column] or 0), reverse=order.downwards)
    more = bool(rows) and (found.more or found.total > SORTED)
    return Page(rows[offset : offset + limit], offset, len(rows), more)


def _by_county(portal: Portal, search: Search, downwards: bool, offset: int, limit: int) -> Page[Row]:
    """In the store's own order, or that from its end."""
    if not downwards:
        found = portal.store.search(search, offset, limit)
        return Page([_matrix_row(portal, document) for document in found.rows], offset, found.total)
    total = sum(portal.store.count_by_lcsa(search).values())
    end = max(0, total - offset)
    first = max(0, end - limit)
    rows = portal.store.search(search, first, end - first).rows if end else []
    return Page([_matrix_row(portal, document) for document in reversed(rows)], offset, total)


def _has(row: Row, words: Sequence[str]) -> bool:
    """Whether all words occur in what is public of it: the store also finds by an application's number."""
    public = f"{row['lcsa']}\n{row['user_organization']}".casefold()
    return all(word.casefold() in public for word in words)


def _blank_row(lcsa: str) -> Row:
    return {"lcsa": lcsa, "user_organization": "", "approved_accounts": None, "term_start": None, "term_end": None}


def _matrix_row(portal: Portal, document: Json) -> Row:
    process = portal.process_of(document)
    heads = process.policy.shown((ANYBODY,), APPLICATION, document, {})
    signed = published(process, document, "countersign-mou")
    return {
        "lcsa": document["lcsa"] if "lcsa" in heads else "",
        "user_organization": document["organization"] if "organization" in heads else "",
        "approved_accounts": published(process, document, "decide").get("accounts_granted"),
        "term_start": _date(signed.get("effective_on")),
        "term_end": _last_day(document) if _may_publish_the_end(process, document) else None,
    }


def _may_publish_the_end(process: Process, document: Json) -> bool:
    """Whether anybody may read what ends the agreement: its term, or the notice that DCSS has given."""
    if NOTICE_GIVEN.since(document) is not None:
        return "ends_on" in published(process, document, "terminate")
    return "expires_on" in published(process, document, "countersign-mou")


def _last_day(document: Json) -> date | None:
    """The last day on which the agreement is in force: of its term, or before that by its termination."""
    end = ends_from(document)
    return end - timedelta(days=1) if end else None


def uaag(portal: Portal) -> list[Row]:
    """The guide in force, for a file, with the number that is printed."""
    return [
        {
            "lcsa": one.row.lcsa,
            "user_organization": one.row.user_organization,
            "pre_conversion_users": one.row.pre_conversion_users,
            "reserved": one.reserved,
            "as_printed": None if one.row.added_for else one.row.reserved,
        }
        for one in rows_in_force(portal)
    ]


def tracking_columns(process: Process) -> tuple[list[str], dict[str, str]]:
    """The sheet's columns and their headings: the application, who has it now, then each step's date and days of its
    goal.
    """
    headings = {
        "id": "Application",
        "lcsa": "LCSA",
        "organization": "Organization",
        "status": "Status",
        "has_it": "Who has it now",
        "recommended_accounts": "Accounts recommended",
        "users_requested": "Users requested",
        "accounts_granted": "Accounts granted",
        "accounts_set_up": "Accounts set up",
        "office_id": "Office ID",
        "term_start": "Term from",
        "term_end": "Term until",
        "open_findings": "Open audit findings",
    }
    for step in process.steps:
        headings[step.key] = step.title
        if step.goal is not None:
            headings[f"{step.key}/days"] = (
                f"{step.title}: working days used of {step.goal.in_words.removesuffix(' working days')}"
            )
        if process.may_be_delayed(step.key):
            headings[f"{step.key}/delay"] = f"{step.title}: reason for delay"
    return list(headings), headings


def tracking_row(portal: Portal, process: Process, document: Json, actor: Actor) -> dict[str, Any]:
    """One application's row as this person may read it: dates are California's; days are working days used, also of a
    step not taken yet.
    """
    shown = readable(process, document, actor)
    row: dict[str, Any] = {
        "id": shown["id"],
        "lcsa": shown["lcsa"],
        "organization": shown["organization"],
        "status": process.status_title(shown["status"]),
        "has_it": "; ".join(has_it(process, shown, portal.today)),
        "recommended_accounts": section(shown, "identify-requestor").get("recommended_accounts"),
        "users_requested": section(shown, "complete-application").get("users_requested"),
        "accounts_granted": section(shown, "decide").get("accounts_granted"),
        "accounts_set_up": len(accounts_set_up(shown)) or None,
        "office_id": section(shown, "create-office-id").get("office_id", ""),
        "term_start": _date(section(shown, "countersign-mou").get("effective_on")),
        "term_end": _last_day(shown),
        "open_findings": len(open_findings(shown)) or None,
    }
    for step in explain.steps_of(process, document, shown, portal.calendar):
        key = step.step.key
        row[key] = step.taken_on
        row[f"{key}/days"] = step.days_used(portal.today, portal.calendar)
        row[f"{key}/delay"] = step.delay_reason
    return row


def findings_elsewhere(document: Json, of_organization: int) -> Iterator[Concern]:
    """A sentence when some of the organization's open findings, so many in all, stand on another application."""
    if elsewhere := of_organization - len(open_findings(document)):
        words = "1 audit finding is" if elsewhere == 1 else f"{elsewhere} audit findings are"
        yield Concern(f"{words} not cleared on another application of the organization.", "findings")


def has_it(process: Process, document: Json, today: date) -> list[str]:
    """Who has the application on this day, and for which step: `DCSS Legal: Give the legal opinion`."""
    return [
        f"{process.role(task['role']).title}: {process.step(task['step']).title}"
        for task in document["open_tasks"]
        if not task["opens_on"] or date.fromisoformat(task["opens_on"]) <= today
    ]


def _date(iso: str | None) -> Any:
    return date.fromisoformat(iso) if iso else None
