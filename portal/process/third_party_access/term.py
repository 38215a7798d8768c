"""The agreement's term: what ends it, when, and which statuses say that it is in force [6.9, 10.1].

Whoever asks when an agreement ends, or whether it is in force, asks here.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from portal.process.conditions import Taken
from portal.process.document import last_entry, section
from portal.process.goals import california_day

IN_FORCE = ("establishing", "active")
"""Statuses of an application whose agreement is in force: it is approved, waits for none before it, and has not ended."""
APPROVED = ("renewing", *IN_FORCE)
"""The same, and of one that is approved and waits for the end of the agreement that it renews."""

TERMINATED = Taken("terminate", words="DCSS has terminated the MOU")
TERMINATED_AT_ONCE = Taken("terminate", "kind", ("at-once",), "DCSS terminates the MOU at once")
NOTICE_GIVEN = Taken("terminate", "kind", ("notice",), "DCSS gives notice")


def last_day_of_term(document: Mapping[str, Any]) -> date | None:
    """The last day of the term that both have signed, whether or not DCSS ends the agreement before it; None before
    DCSS has signed.
    """
    day = section(document, "countersign-mou").get("expires_on")
    return date.fromisoformat(day) if day else None


def ends_from(document: Mapping[str, Any]) -> date | None:
    """The first day on which the agreement is no longer in force: that of its termination at once, that of the notice,
    or the day after its term; None before both have signed.
    """
    terminated = last_entry(document, "terminate")
    if terminated is not None and TERMINATED_AT_ONCE.matches(terminated):
        return california_day(terminated["at"])
    if terminated is not None:
        return date.fromisoformat(terminated["answers"]["ends_on"])
    end = last_day_of_term(document)
    return end + timedelta(days=1) if end else None
