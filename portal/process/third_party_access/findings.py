"""What audits found: each finding with its number and where it stands, worked out from the history [8].

A finding is open until the organization answers it, then answered; the Information Security Officer reviews the answer,
which opens the finding anew or gives the word on which the Process Owner clears it. It outlives the audit that found it,
and the agreement: it is the organization's, whichever of its applications is in force, and is answered and cleared where
it was recorded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from portal.process.document import Json
from portal.process.goals import california_day, date_in_words
from portal.process.overview import Attached, Cell, Concern, Marked
from portal.process.step import Choice, Elsewhere, Situation


class State(StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    ANSWERED = "answered"
    REVIEWED = "reviewed"
    CLEARED = "cleared"


SEVERITIES = (
    Choice("high", "High", "Somebody has access who should not."),
    Choice("medium", "Medium", "A requirement is not met, and nobody has access because of it who should not."),
    Choice("low", "Low", "A record is missing or late."),
)
REQUIREMENTS = (
    Choice("training", "Security awareness training [2.5]"),
    Choice("statements", "Signed confidentiality statements [2.6]"),
    Choice("roster-over-number", "No more users than the approved number [1.6]"),
    Choice("account-without-user", "Each account belongs to a named user [7.3]"),
    Choice("profile", "The security profile that was granted [6.6]"),
    Choice("retention", "Signed statements kept and produced on request [6.8]"),
    Choice("other", "Another requirement"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding, as the newest entries of the history leave it. Dates are California's.

    `audit` counts the organization's audits from 1; `since_seq` is the number of the entry that brought the finding to
    its state. `why_not` says why the last answer was not enough, while that holds.
    """

    number: int
    audit: int
    severity: str
    requirement: str
    finding: str
    found_on: date
    answer_by: date
    state: State
    since_seq: int
    response: str = ""
    evidence: Json | None = None
    answered_on: date | None = None
    why_not: str = ""
    reviewed_on: date | None = None
    cleared_on: date | None = None

    def is_overdue(self, today: date) -> bool:
        """Whether the date for its answer is past, and it is not answered."""
        return self.state is State.OPEN and self.answer_by < today


def findings(document: Mapping[str, Any]) -> list[Finding]:
    """Every finding of every audit, in the order of their numbers."""
    found: dict[int, Finding] = {}
    audits = 0
    for entry in document["history"]:
        audits += entry["step"] == "open-audit"
        for one in _after(entry, found, audits):
            found[one.number] = one
    return list(found.values())


def _after(entry: Mapping[str, Any], found: Mapping[int, Finding], audit: int) -> Iterator[Finding]:
    """The findings that this entry makes or changes, as it leaves them."""
    answers, on, seq = entry["answers"], california_day(entry["at"]), entry["seq"]
    match entry["step"]:
        case "record-finding":
            for row in answers.get("findings", ()):
                named = {name: row[name] for name in ("number", "severity", "requirement", "finding")}
                until = date.fromisoformat(row["answer_by"])
                yield Finding(**named, audit=audit, found_on=on, answer_by=until, state=State.OPEN, since_seq=seq)
        case "respond-to-finding":
            for row in answers.get("responses", ()):
                said = {"response": row["response"], "evidence": row.get("evidence"), "answered_on": on, "why_not": ""}
                yield replace(found[row["number"]], state=State.ANSWERED, since_seq=seq, **said)
        case "review-response":
            for row in answers.get("reviews", ()):
                one = replace(found[row["number"]], reviewed_on=on, since_seq=seq)
                if row["outcome"] == "cleared":
                    yield replace(one, state=State.REVIEWED)
                else:
                    until = date.fromisoformat(row["answer_by"])
                    yield replace(one, state=State.OPEN, why_not=row["reason"], answer_by=until)
        case "clear-finding":
            for row in answers.get("findings", ()):
                yield replace(found[row["number"]], state=State.CLEARED, since_seq=seq, cleared_on=on)


def open_findings(document: Mapping[str, Any]) -> list[Finding]:
    """The findings that are not cleared, answered or not: what holds up a renewal [10.1]."""
    return [one for one in findings(document) if one.state is not State.CLEARED]


def in_state(document: Mapping[str, Any], state: State) -> list[Finding]:
    """The findings that stand so."""
    return [one for one in findings(document) if one.state is state]


def to_be_answered_by(document: Mapping[str, Any]) -> date | None:
    """The first day by which an open finding is to be answered; None when none is open."""
    return min((one.answer_by for one in in_state(document, State.OPEN)), default=None)


class OnAnother(NamedTuple):
    """A finding that was recorded on another application of the same organization."""

    application: str
    finding: Finding

    @property
    def name(self) -> str:
        """`TPA-2026-0007, no. 2`."""
        return f"{self.application}, no. {self.finding.number}"


FINDINGS_ELSEWHERE = "findings_elsewhere"
"""The fact of every finding on the organization's other applications."""

ASK_ELSEWHERE = frozenset({"record-finding", "renewal-notice", "record-standing", "hold-renewal", "good-standing", "start-renewal", "countersign-mou"})  # fmt: skip
"""Steps that must know of findings on the organization's other applications."""


def open_key(lcsa: str, organization: str) -> str:
    """The name under which an organization's open findings are added up over its applications."""
    return f"findings/{lcsa}/{organization}"


def holdings(document: Mapping[str, Any]) -> dict[str, int]:
    """How many findings are not cleared, to be added up for the organization."""
    number = len(open_findings(document))
    return {open_key(document["lcsa"], document["organization"]): number} if number else {}


def found_elsewhere(elsewhere: Elsewhere, document: Mapping[str, Any]) -> list[OnAnother]:
    """Every finding on the organization's other applications."""
    lcsa, organization = document["lcsa"], document["organization"]
    elsewhere.held(open_key(lcsa, organization))  # asked for its lock: none comes or goes until the step is written
    others = (one for one in elsewhere.documents_of(lcsa, organization) if one["id"] != document["id"])
    return [OnAnother(other["id"], one) for other in others for one in findings(other)]


def open_elsewhere(situation: Situation) -> list[OnAnother]:
    """The findings on the organization's other applications that are not cleared."""
    return [one for one in situation.facts.get(FINDINGS_ELSEWHERE, ()) if one.finding.state is not State.CLEARED]


@dataclass(frozen=True, slots=True)
class SomeFinding:
    """Holds while a finding stands so; since the newest entry that brought one there."""

    state: State
    words: str

    def since(self, document: Mapping[str, Any]) -> int | None:
        """The number of that entry."""
        return max((one.since_seq for one in in_state(document, self.state)), default=None)

    @property
    def steps(self) -> Mapping[str, bool]:
        """None: a finding is brought there in several ways."""
        return {}

    @property
    def in_words(self) -> str:
        """The words given."""
        return self.words


HEADINGS = ("No.", "Severity", "Requirement", "Finding", "Found on", "Answer by", "Where it stands", "Answer", "Evidence", "Cleared on")  # fmt: skip


def rows(document: Json, today: date) -> Iterator[tuple[Cell, ...]]:
    """Each finding as it stands on this date, under `HEADINGS`."""
    for one in findings(document):
        severity, requirement = _label(SEVERITIES, one.severity), _label(REQUIREMENTS, one.requirement)
        evidence = Attached(one.evidence["name"], one.evidence["sha256"]) if one.evidence else None
        yield one.number, severity, requirement, one.finding, one.found_on, one.answer_by, _standing(one, today), one.response, evidence, one.cleared_on  # fmt: skip


def _standing(one: Finding, today: date) -> Cell:
    match one.state:
        case State.OPEN:
            words = f"Open: the answer was not enough. {one.why_not}" if one.why_not else "Open"
            return Marked(f"{words} The answer is overdue." if one.why_not else "Open, and the answer is overdue") if one.is_overdue(today) else words  # fmt: skip
        case State.ANSWERED:
            assert one.answered_on is not None
            return f"Answered on {date_in_words(one.answered_on)}, to be reviewed by the Information Security Officer"
        case State.REVIEWED:
            return "Reviewed: the Information Security Officer says it may be cleared"
        case State.CLEARED:
            return "Cleared"


def concerns(document: Json, today: date) -> Iterator[Concern]:
    """One sentence while findings are not cleared: how many, and how many answers are overdue."""
    still = open_findings(document)
    if not still:
        return
    overdue = sum(one.is_overdue(today) for one in still)
    words = f"{_count(len(still), 'audit finding is', 'audit findings are')} not cleared."
    late = f" {_count(overdue, 'answer is', 'answers are')} overdue." if overdue else ""
    yield Concern(f"{words}{late}", "findings", pressing=bool(overdue))


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _label(choices: tuple[Choice, ...], value: str) -> str:
    return next((choice.label for choice in choices if choice.value == value), value)
