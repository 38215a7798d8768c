"""Which agreement another renews, and from when on the new one is in force in its place [10.2].

An organization has one agreement in force: the one before until its end, then the one that renews it. What the new one
draws on the guide, whether the Matrix shows it, and what it may take over are asked here.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.process.conditions import Shown
from portal.process.document import section


def renews(document: Mapping[str, Any]) -> str:
    """The id of the application whose agreement this one renews; empty when it renews none."""
    return str(section(document, "identify-requestor").get("renews", ""))


def in_force_from(document: Mapping[str, Any]) -> date | None:
    """The day on which it takes the place of the agreement before; None when it need not wait for that one's end."""
    day = section(document, "post-approval").get("in_force_from")
    return date.fromisoformat(day) if day else None


def waits_for_the_one_before(document: Mapping[str, Any]) -> bool:
    """Whether it is approved, and the agreement that it renews is still in force."""
    return in_force_from(document) is not None and "take_effect" not in document


def is_in_place(document: Mapping[str, Any]) -> bool:
    """Whether it stands by itself: it renews nothing, or it is approved and the agreement before has ended."""
    return not renews(document) or ("post_approval" in document and not waits_for_the_one_before(document))


RENEWS = Shown("it renews another agreement", lambda document: bool(renews(document)))
WAITS_FOR_THE_ONE_BEFORE = Shown("the agreement that it renews is still in force", waits_for_the_one_before)
