"""Whose access is suspended for an incident: as its report asks, then as the Information Security Officer's assessment
says, until the incident is closed [8].
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.process.goals import california_day


@dataclass(frozen=True, slots=True)
class Suspension:
    """What one open incident asks: no access for these users (their addresses, casefolded), or for all, since a day;
    and the day on which the incident was reported, before which nobody was suspended for it. Days are California's.
    """

    incident: int
    reported_on: date
    since: date
    of_all: bool
    emails: frozenset[str]

    def concerns(self, email: str) -> bool:
        """Whether the user of this address is to have no access."""
        return self.of_all or email.casefold() in self.emails


def suspensions(document: Mapping[str, Any]) -> list[Suspension]:
    """What each open incident asks for, in the order of their numbers; of one that asks for none there is nothing."""
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
    return [one for one in asked.values() if one is not None]


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
