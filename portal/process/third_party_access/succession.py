"""Which agreement another renews, and from when on the new one is in force in its place [10.2].

An organization has one agreement in force: the one before until its end, then the one that renews it. What the new one
draws on the guide, whether the Matrix shows it, and what it may take over are asked here.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from portal.process.conditions import AllOf, Later, Not, Shown, Taken
from portal.process.document import Json, section
from portal.process.step import Passing


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


def came_to_nothing(document: Mapping[str, Any]) -> bool:
    """Whether it renews another agreement and never takes its place: it was rejected or withdrawn, or has ended while
    it waited.
    """
    ended = document["status"] == "ended" and not is_in_place(document)
    return bool(renews(document)) and (ended or document["status"] in ("rejected", "withdrawn"))


def renewal_of(document: Mapping[str, Any]) -> str:
    """The id of the application that was started last to renew this one's agreement; empty when none was."""
    return str(section(document, "start-renewal").get("application", ""))


def tell_the_one_before(document: Json) -> Iterator[Passing]:
    """When it has come to nothing the agreement that it was to renew knows, so that another renewal can be started."""
    if came_to_nothing(document):
        yield Passing(renews(document), "note-failed-renewal")


def tell_the_other(document: Json) -> Iterator[Passing]:
    """When its agreement is terminated: the renewal that was started knows; and the agreement before, when it waited."""
    yield from tell_the_one_before(document)
    if renewal_of(document):
        yield Passing(renewal_of(document), "note-termination")


STARTED = Taken("start-renewal", words="the renewal is started")
FAILED = Later(Taken("note-failed-renewal", words="the renewal has come to nothing"), STARTED)
UNDER_WAY = AllOf(STARTED, Not(FAILED))
"""A renewal was started, and has not come to nothing."""
TERMINATED_BEFORE = Taken("note-termination", words="the agreement that it renews is terminated")
UNDECIDED = Later(TERMINATED_BEFORE, Taken("decide-on-renewal"))
"""The agreement that it renews is terminated, and the Process Owner has not said yet whether the renewal goes on."""

RENEWS = Shown("it renews another agreement", lambda document: bool(renews(document)))
WAITS_FOR_THE_ONE_BEFORE = Shown("the agreement that it renews is still in force", waits_for_the_one_before)
USERS_ARE_THE_ONE_BEFORES = Shown(
    "the agreement that it renews is still in force, and its users come, go and are certified there",
    lambda document: document["status"] != "ended" and waits_for_the_one_before(document),
)
