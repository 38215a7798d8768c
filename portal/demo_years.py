"""The demo's agreements over the years: certified and lapsed, audited, renewed, ended, made through the real steps.

Each life is the way of one organization from its first application on, counted back from today; those of all together
are lived day by day, since a survey goes to those who have access on its day.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from portal.process.goals import CALIFORNIA, WorkingDays

Answers = Mapping[str, Any]

NEWER_TEXT = 400
"""Days since which the MOU has its present text: what was sent before is in the older one."""

SURVEY_ASKED = 12
"""Days since the survey went out."""

WAY = (
    "identify-requestor", "schedule-invitation", "send-invitation", "complete-application", "route-application",
    "connectivity-test", "legal-opinion", "send-to-owner", "decide", "send-decision", "certify-users", "sign-mou",
    "countersign-mou", "post-approval", "file-mou", "create-office-id", "direct-setup", "evaluate-infrastructure",
    "set-up-accounts", "confirm-access",
)  # fmt: skip
"""From identification to active access."""

TAKES = (0, 3, 2, 12, 2, 9, 6, 2, 8, 3, 9, 4, 9, 2, 1, 3, 2, 5, 6, 3)
"""Days that each of these steps takes, more or less."""


@dataclass(frozen=True, slots=True)
class Act:
    """One step: so many days ago, with answers other than the usual, on the organization's first application or on the
    renewal. What the portal takes by itself is taken on the very day, be it a weekend.
    """

    ago: int
    step: str
    other: Answers
    on_renewal: bool = False
    by_itself: bool = False


@dataclass(frozen=True, slots=True)
class Life:
    """The organization at this place of the demo over the years, in `applications` of them, the renewal included."""

    place: int
    acts: tuple[Act, ...]
    applications: int = 1

    def moment(self, act: Act, today: date, calendar: WorkingDays) -> datetime:
        """When the act is taken: on a working day, at an hour of the organization's own."""
        day = today - timedelta(days=act.ago)
        while not act.by_itself and day < today and not calendar.is_working_day(day):
            day += timedelta(days=1)
        return datetime.combine(day, time(9 + self.place % 8, self.place % 60), CALIFORNIA)


def lived(lives: Iterable[Life], today: date, calendar: WorkingDays) -> list[tuple[datetime, Life, Act]]:
    """All acts of these lives in the order of their moments; of one moment in that of each life."""
    acts = ((life.moment(act, today, calendar), life, act) for life in lives for act in life.acts)
    return sorted(acts, key=lambda one: one[0])


def _agreed(until: int, expires_on: int | None = None, **other: Answers) -> Iterator[Act]:
    """The whole way to active access, which is confirmed so many days ago; the MOU ends so many days ago (a negative
    number: in so many days).
    """
    ago = until + sum(TAKES)
    for step, takes in zip(WAY, TAKES, strict=True):
        ago -= takes
        answers = dict(other.get(step.replace("-", "_"), {}))
        if step == "countersign-mou" and expires_on is not None:
            answers["expires_on"] = Ago(expires_on)
        yield Act(ago, step, answers)


def _certified_until(agreed: Sequence[Act], until: int) -> Iterator[Act]:
    """The users certified anew, year by year, up to so many days ago."""
    ago = next(act.ago for act in agreed if act.step == "certify-users") - 345
    while ago >= until:
        yield Act(ago, "recertify-users", {})
        ago -= 345


@dataclass(frozen=True, slots=True)
class Ago:
    """In an answer, the date of so many days ago; a negative number is a day to come."""

    days: int


def dated(answer: Any, today: date) -> Any:
    """The answer with its dates."""
    match answer:
        case Ago(days):
            return (today - timedelta(days=days)).isoformat()
        case dict():
            return {name: dated(value, today) for name, value in answer.items()}
        case list():
            return [dated(value, today) for value in answer]
        case _:
            return answer


def _finding(severity: str, requirement: str, finding: str, answer_by: int) -> Answers:
    return {"severity": severity, "requirement": requirement, "finding": finding, "answer_by": Ago(answer_by)}


_NO_CERTIFICATE = (
    "medium",
    "training",
    "For one of three users there is no certificate of the training that is on record.",
)
_STATEMENT_MISSING = ("low", "retention", "One signed statement of last year could not be produced.")
_SHARED = ("high", "account-without-user", "Two workers used the account of a third during the move to the new office.")

_RENEWAL = ("renewal-notice", "record-standing", "good-standing", "start-renewal")


def _renewal_begun(ago: int, *, board_days: int = 0) -> Iterator[Act]:
    """The renewal of an agreement: its notice so many days ago, then good standing, and the new application begun."""
    if board_days:
        yield Act(ago + 30, "say-board-days", {"board_days": board_days})
    for place, step in enumerate(_RENEWAL):
        yield Act(ago - 5 * place, step, {})


def _on_renewal(steps: Sequence[str], begun: int, until: int) -> Iterator[Act]:
    """Steps on the renewal, evenly from the first day to the last, so many days ago."""
    for place, step in enumerate(steps, start=1):
        yield Act(begun - (begun - until) * place // len(steps), step, {}, on_renewal=True)


def _survey_answer(ago: int, enough: str, **other: Any) -> Act:
    return Act(ago, "answer-survey", {"enough": enough, **other})


def _showcase() -> Iterator[Act]:
    """An audit with findings in every state, users whose year is nearly over, a survey that waits for its answer."""
    yield from _agreed(300)
    yield Act(52, "open-audit", {"occasion": "Yearly sample of three organizations."})
    findings = [_finding(*_NO_CERTIFICATE, 3), _finding(*_STATEMENT_MISSING, -20), _finding(*_SHARED, -9)]
    yield Act(45, "record-finding", {"findings": findings})
    statement = "It was found in the folder of the former office, and is now kept with the others."
    shared = "Both workers were trained on the day, and have accounts of their own since."
    yield Act(18, "respond-to-finding", {"responses": [{"number": 2, "response": statement}]})
    yield Act(9, "review-response", {"reviews": [{"number": 2, "outcome": "cleared"}]})
    yield Act(6, "respond-to-finding", {"responses": [{"number": 3, "response": shared}]})


def _lapsing() -> Iterator[Act]:
    """The year of all users is over in three weeks: the Requestor is asked to certify them."""
    yield from _agreed(325)
    yield _survey_answer(5, "yes")


def _lapsed() -> Iterator[Act]:
    """The year of all users is over, and the accounts are in use nevertheless: they are to be suspended."""
    yield from _agreed(362)
    yield _survey_answer(
        8, "too-many", accounts_needed=3, reason="Two of the workers were moved to another department."
    )


def _incident() -> Iterator[Act]:
    """An incident that is assessed and acknowledged, for which the Requestor is to say what was done."""
    yield from _agreed(210)
    yield _survey_answer(7, "no", accounts_needed=9, reason="A second intake office opens in March, with four workers.")
    yield Act(4, "report-incident", {
        "what_happened": "A worker left a workstation unlocked at the counter for an hour, signed in to CSE.",
        "noticed_on": Ago(4), "happened_on": Ago(4), "people_affected": 3, "suspend_access": "none",
        "done_at_once": "The screen was locked and the password changed; the supervisor was told.",
    })  # fmt: skip
    yield Act(3, "acknowledge-incident", {"incident": 1, "confirmed": True})
    yield Act(2, "assess-incident", {
        "incident": 1, "severity": "medium", "suspend_access": "none", "notification": "not-required",
        "to_be_done": "Have workstations at counters lock after five minutes, and say since when they do.",
    })  # fmt: skip


def _renewal_under_way() -> Iterator[Act]:
    """A renewal that is in review, of an agreement in the older text of the MOU that ends in three months."""
    agreed = list(_agreed(940, expires_on=-90))
    yield from agreed
    yield from _certified_until(agreed, 30)
    yield from _renewal_begun(85)
    yield from _on_renewal(WAY[1:6], 66, 14)
    yield _survey_answer(10, "yes")


def _renewal_waits() -> Iterator[Act]:
    """A renewal that both have signed, and that waits for the end of the agreement before it in 25 days."""
    agreed = list(_agreed(1010, expires_on=-25))
    yield from agreed
    yield from _certified_until(agreed, 5)
    yield from _renewal_begun(165, board_days=30)
    yield from _on_renewal(WAY[1:14], 145, 9)
    yield _survey_answer(4, "yes")


def _held_up() -> Iterator[Act]:
    """A renewal that audit findings hold up, of an agreement that ends in two months: a gap is foretold."""
    agreed = list(_agreed(990, expires_on=-58))
    yield from agreed
    yield from _certified_until(agreed, 30)
    yield Act(170, "open-audit", {"occasion": "Renewal is due within the year."})
    yield Act(160, "record-finding", {"findings": [_finding(*_SHARED, 100), _finding(*_STATEMENT_MISSING, 100)]})
    yield Act(150, "close-audit", {})
    yield Act(118, "renewal-notice", {})
    yield Act(112, "record-standing", {})
    yield Act(108, "hold-renewal", {})
    yield Act(20, "respond-to-finding", {"responses": [{"number": 1, "response": "The workers have accounts of their own since April."}]})  # fmt: skip
    reason = "Please say who trained them, and on which day."
    yield Act(11, "review-response", {"reviews": [{"number": 1, "outcome": "not-enough", "reason": reason, "answer_by": Ago(-10)}]})  # fmt: skip


def _renewed() -> Iterator[Act]:
    """An agreement that has ended and was renewed in time, with a finding on it that is still open."""
    agreed = list(_agreed(1060, expires_on=24))
    yield from agreed
    yield from _certified_until(agreed, 60)
    yield from _renewal_begun(205)
    yield from _on_renewal(WAY[1:19], 185, 40)
    yield Act(36, "open-audit", {})
    yield Act(33, "record-finding", {"findings": [_finding(*_STATEMENT_MISSING, -5)]})
    yield Act(30, "close-audit", {})
    yield Act(23, "expire", {}, by_itself=True)
    yield Act(23, "take-effect", {}, on_renewal=True, by_itself=True)
    yield Act(21, "confirm-access", {}, on_renewal=True)


def _in_notice() -> Iterator[Act]:
    """An agreement that DCSS ends with notice, at the Director's wish: it is in force for another two weeks."""
    agreed = list(_agreed(600))
    yield from agreed
    yield from _certified_until(agreed, 20)
    yield Act(24, "request-termination", {"reason": "The unit moves to the state’s own staff at the end of the month."})
    reason = "The county asks for it: the unit’s work moves to the state’s own staff."
    yield Act(21, "terminate", {"kind": "notice", "ends_on": Ago(-14), "reason": reason})


def _expired() -> Iterator[Act]:
    """An agreement that has ended without a renewal: its accounts are to be removed."""
    agreed = list(_agreed(1020, expires_on=7))
    yield from agreed
    yield from _certified_until(agreed, 15)
    yield Act(6, "expire", {}, by_itself=True)


def _expired_long_ago() -> Iterator[Act]:
    """An agreement that has ended without a renewal, whose accounts are removed."""
    agreed = list(_agreed(1200, expires_on=190))
    yield from agreed
    yield from _certified_until(agreed, 200)
    yield Act(189, "expire", {}, by_itself=True)
    yield Act(186, "remove-accounts", {})


def _terminated() -> Iterator[Act]:
    """An agreement that DCSS terminated at once, for cause; its accounts are removed."""
    yield from _agreed(300)
    reason = "Accounts were used by people who were neither trained nor named."
    yield Act(75, "terminate", {"kind": "at-once", "reason": reason})
    yield Act(74, "remove-accounts", {})


def _gap_foretold() -> Iterator[Act]:
    """An agreement that ends in six weeks, whose renewal nobody has begun."""
    agreed = list(_agreed(1000, expires_on=-44))
    yield from agreed
    yield from _certified_until(agreed, 30)


def _older_text() -> Iterator[Act]:
    """An agreement in the older text of the MOU, of which a user has left: the account is to be removed."""
    agreed = list(_agreed(700))
    yield from agreed
    yield from _certified_until(agreed, 30)
    yield _survey_answer(9, "yes")
    yield Act(3, "change-users", {})


LIVES = (
    Life(26, tuple(_showcase())),
    Life(27, tuple(_incident())),
    Life(28, tuple(_lapsed())),
    Life(29, tuple(_renewal_under_way()), applications=2),
    Life(31, tuple(_held_up())),
    Life(32, tuple(_lapsing())),
    Life(33, tuple(_renewal_waits()), applications=2),
    Life(35, tuple(_terminated())),
    Life(36, tuple(_gap_foretold())),
    Life(37, tuple(_renewed()), applications=2),
    Life(39, tuple(_in_notice())),
    Life(40, tuple(_expired())),
    Life(41, tuple(_older_text())),
    Life(42, tuple(_expired_long_ago())),
)
"""One after the other from the twenty-seventh place on; a renewal takes the next one's place among the applications."""
