"""The user account allocation guide in force: as printed [1.6], with what the Process Owner has changed since [9].

Changes are kept in one record, the oldest first, and only ever added to: the newest that names a row says its number. A
row that is not printed is in the guide once a change names it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from portal.process.document import Json
from portal.process.step import Actor
from portal.process.third_party_access.reference import UAAG, UAAG_NOT_PRINTED, UaagRow

GUIDE, CHANGES = "guide", "changes"
"""The kind and the key of the record that holds the changes."""

EVERY_COUNTY = "every-county"
"""What stands for all rows that reserve for whatever third party a county may have: they are changed together."""

MOST = 5000
"""The largest number that a row can reserve."""


def in_force(kept: Mapping[str, Any] | None) -> dict[str, int]:
    """The number that each row of the guide reserves, by the row's key, given the record of the changes (None: there are
    none).
    """
    numbers = {row.key: row.reserved for row in UAAG}
    for change in kept["changes"] if kept else ():
        numbers |= {one["row"]: one["after"] for one in change["rows"]}
    return numbers


def rows_of(choice: str) -> tuple[UaagRow, ...]:
    """The rows that this names: one by its key, printed or one that can be added, or those of `EVERY_COUNTY`, which are
    printed; none when there are no such rows.
    """
    if choice == EVERY_COUNTY:
        return tuple(row for row in UAAG if not row.user_organization)
    return tuple(row for row in (*UAAG, *UAAG_NOT_PRINTED) if row.key == choice)


def with_change(
    kept: Mapping[str, Any] | None, rows: Sequence[UaagRow], reserved: int, reason: str, actor: Actor, at: str
) -> Json:
    """The record with one more change: these rows reserve so many from now on. Rows that do so already are left out."""
    numbers, before = in_force(kept), kept["changes"] if kept else []
    change = {
        "seq": len(before) + 1,
        "rows": [
            {"row": row.key, "before": numbers.get(row.key, 0), "after": reserved}
            for row in rows
            if numbers.get(row.key, 0) != reserved
        ],
        "reason": reason,
        "by": actor.email,
        "by_name": actor.name,
        "at": at,
    }
    return {"changes": [*before, change]}
