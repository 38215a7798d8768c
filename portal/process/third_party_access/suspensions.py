"""Whose access is suspended for an incident: as its report asks, then as the Information Security Officer's assessment
says, until the incident is closed [8].

An incident stays on the agreement under which it was reported. When a renewal takes that one's place it takes over what
its open incidents ask for, and whatever is said of them later is noted there (`note-suspensions`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.process.document import Json, section
from portal.process.goals import california_day
from portal.process.step import Passing


@dataclass(frozen=True, slots=True)
class Suspension:
    """What one open incident asks: no access for these users (their addresses, casefolded), or for all, since a day;
    and the day on which the incident was reported, before which nobody was suspended for it. Days are California's.
    `application` is that of the agreement before, where the incident is one of that; else empty.
    """

    incident: int
    reported_on: date
    since: date
    of_all: bool
    emails: frozenset[str]
    application: str = ""

    @property
    def name(self) -> str:
        """`incident 2`, or `incident 2 of TPA-2026-0007`."""
        return f"incident {self.incident}" + (f" of {self.application}" if self.application else "")

    def concerns(self, email: str) -> bool:
        """Whether the user of this address is to have no access."""
        return self.of_all or email.casefold() in self.emails


def suspensions(document: Mapping[str, Any]) -> list[Suspension]:
    """What each open incident asks for, those of the agreement before first, then in the order of their numbers; of one
    that asks for none there is nothing.
    """
    before: list[Suspension] = []
    asked: dict[int, Suspension | None] = {}
    reported: dict[int, date] = {}
    for entry in document["history"]:
        answers = entry["answers"]
        match entry["step"]:
            case "report-incident":
                number = len(asked) + 1
                reported[number] = california_day(entry["at"])
                asked[number] = _asked(number, reported[number], entry)
            case "assess-incident" if "suspend_access" in answers:
                number = answers["incident"]
                asked[number] = _asked(number, reported[number], entry)
            case "close-incident" if "incident" in answers:
                asked[answers["incident"]] = None
            case "take-effect" | "note-suspensions":
                before = _taken_over(answers.get("suspensions", ()))
    return [*before, *(one for one in asked.values() if one is not None)]


def to_hand_over(renewed: Json) -> list[Json]:
    """What the open incidents of this agreement ask for, to be recorded by the one that renews it: a row for each user,
    or one without an address for all.
    """
    return [
        {
            "application": one.application or renewed["id"],
            "incident": one.incident,
            "reported_on": one.reported_on.isoformat(),
            "since": one.since.isoformat(),
            **({"email": email} if email else {}),
        }
        for one in suspensions(renewed)
        for email in ([""] if one.of_all else sorted(one.emails))
    ]


def tell_the_successor(document: Json) -> Iterator[Passing]:
    """Once another agreement has taken its place: whose access its incidents ask to suspend, or no longer ask to, is to
    be known there.
    """
    successor = section(document, "expire").get("successor")
    if successor and any(entry["answers"].get("suspend_access", "none") != "none" for entry in document["history"]):
        yield Passing(successor, "note-suspensions")


def _taken_over(rows: Iterable[Json]) -> list[Suspension]:
    """The rows of `to_hand_over`, those of an incident together."""
    found: dict[tuple[str, int], Suspension] = {}
    for row in rows:
        email = row.get("email", "").casefold()
        which = (row["application"], row["incident"])
        known = found[which].emails if which in found else frozenset[str]()
        reported_on, since = (date.fromisoformat(row[name]) for name in ("reported_on", "since"))
        emails = known | {email} if email else known
        found[which] = Suspension(row["incident"], reported_on, since, not email, emails, row["application"])
    return list(found.values())


def _asked(incident: int, reported_on: date, entry: Mapping[str, Any]) -> Suspension | None:
    answers = entry["answers"]
    emails = frozenset(row["email"].casefold() for row in answers.get("accounts", ()))
    match answers.get("suspend_access"):
        case "all-users":
            return Suspension(incident, reported_on, california_day(entry["at"]), True, frozenset())
        case "some-users":
            return Suspension(incident, reported_on, california_day(entry["at"]), False, emails)
    return None


def suspended_for(document: Mapping[str, Any], email: str) -> Suspension | None:
    """The first open incident for which the user of this address is to have no access, or None."""
    return next((one for one in suspensions(document) if one.concerns(email)), None)
