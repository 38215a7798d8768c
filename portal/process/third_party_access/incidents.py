"""The chapter Afterwards: incidents. The Requestor reports one, and the ISO follows it to its end.

Several can be open at once: each has a number of its own on its application, and whoever goes on with one names it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from textwrap import shorten
from typing import Any

from portal.process.conditions import AnyOf, Never, Shown, Taken
from portal.process.document import Answers, Json, section
from portal.process.errors import Problem
from portal.process.goals import california_day, date_in_words
from portal.process.overview import Attached, Cell, Concern, Marked, Particulars
from portal.process.step import Choice, Field, IfLate, Kind, Situation, Step, Tell, When
from portal.process.third_party_access.certification import ACCOUNTS_BEGUN
from portal.process.third_party_access.suspensions import tell_the_successor
from portal.process.third_party_access.users import accounts_set_up, users_to_choose

CHAPTER = "afterwards"

NOT_ASSESSED = timedelta(days=2)
"""So long after an incident was reported the Process Owner is told that it is not assessed yet."""
NOTHING_DONE = timedelta(days=14)
"""So long after an incident was assessed the ISO is told that nothing is known of what was done."""

HEADINGS = ("Incident", "Reported on", "Noticed on", "Severity", "Where it stands")

SUSPENSIONS = (
    Choice("none", "No"),
    Choice("some-users", "Yes, of the users concerned"),
    Choice("all-users", "Yes, of all users"),
)
SEVERITIES = (
    Choice("low", "Low", "No information was seen or used by anybody who may not."),
    Choice("medium", "Medium", "Information may have been seen; harm is not likely."),
    Choice("high", "High", "Information was seen or used by somebody who may not, or people may come to harm."),
)
NOTIFICATIONS = (
    Choice("required", "Yes, the law asks for it"),
    Choice("not-required", "No"),
    Choice("to-be-clarified", "To be clarified: assess it again then"),
)


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as its application's history tells it. The numbers `..._in` are those of the newest entries."""

    number: int
    reported: Json
    reported_on: date
    assessed: Json | None = None
    assessed_in: int = 0
    acknowledged: bool = False
    answered: Json | None = None
    answered_in: int = 0
    end: Json | None = None

    @property
    def closed(self) -> bool:
        """Whether the ISO has closed it."""
        return self.end is not None

    @property
    def is_settled(self) -> bool:
        """Whether it is assessed, and known whether the law asks for notification."""
        return self.assessed is not None and self.assessed["notification"] != "to-be-clarified"

    @property
    def standing(self) -> str:
        """Where it stands, in words."""
        if self.closed:
            return "Closed"
        if self.assessed is None:
            return "Not assessed yet"
        return "Measures are awaited" if self.waits_for_measures else "Measures are taken, not closed yet"

    @property
    def waits_for_assessment(self) -> bool:
        """Whether the ISO has not said yet what it is and what must be done."""
        return not self.closed and self.assessed is None

    @property
    def waits_for_acknowledgement(self) -> bool:
        """Whether the Process Owner has not said yet that they know of it."""
        return not self.closed and not self.acknowledged

    @property
    def waits_for_measures(self) -> bool:
        """Whether the Requestor has not answered since it was assessed last."""
        return not self.closed and self.assessed_in > self.answered_in

    @property
    def waits_for_its_end(self) -> bool:
        """Whether the Requestor has answered all that was asked, so that the ISO can close it or ask for more."""
        return not self.closed and 0 < self.assessed_in < self.answered_in


def incidents(document: Mapping[str, Any]) -> list[Incident]:
    """Every incident of the application, in the order in which they were reported."""
    found: dict[int, Incident] = {}
    for entry in document["history"]:
        answers, seq = entry["answers"], entry["seq"]
        match entry["step"]:
            case "report-incident":
                number = len(found) + 1
                found[number] = Incident(number, answers, california_day(entry["at"]))
            case "assess-incident" if "incident" in answers:
                one = found[answers["incident"]]
                found[one.number] = replace(one, assessed=answers, assessed_in=seq)
            case "acknowledge-incident" if "incident" in answers:
                found[answers["incident"]] = replace(found[answers["incident"]], acknowledged=True)
            case "act-on-incident" if "incident" in answers:
                one = found[answers["incident"]]
                found[one.number] = replace(one, answered=answers, answered_in=seq)
            case "close-incident" if "incident" in answers:
                found[answers["incident"]] = replace(found[answers["incident"]], end=answers)
    return list(found.values())


Which = Callable[[Incident], bool]


def open_incidents(document: Mapping[str, Any]) -> list[Incident]:
    """Those that are not closed."""
    return [one for one in incidents(document) if not one.closed]


def _waits_since(
    which: Which, entry: Callable[[Incident], int] | None = None
) -> Callable[[Mapping[str, Any]], date | None]:
    """When the first of these incidents was reported, or when the entry of this number was made of it: whatever is to be
    done about an incident is to be done at once.
    """

    def day(document: Mapping[str, Any]) -> date | None:
        those = filter(which, incidents(document))
        days = (
            california_day(document["history"][entry(one) - 1]["at"]) if entry else one.reported_on for one in those
        )
        return min(days, default=None)

    return day


def concerns(document: Json, today: date) -> Iterator[Concern]:
    """A sentence for each open incident: pressing until the ISO has assessed it."""
    for one in open_incidents(document):
        words = f"Incident {one.number} is open: reported on {date_in_words(one.reported_on)}, {one.standing.lower()}."
        yield Concern(words, "incidents", pressing=one.waits_for_assessment)


def rows(document: Json, today: date) -> Iterator[tuple[Cell, ...]]:
    """Each incident, as far as its reader may read of it."""
    for one in incidents(document):
        standing: Cell = Marked(one.standing) if one.waits_for_assessment else one.standing
        severity = _label(SEVERITIES, (one.assessed or {}).get("severity"))
        yield one.number, one.reported_on, _day(one.reported, "noticed_on"), severity, standing


def particulars(document: Json, today: date) -> Iterator[Particulars]:
    """Of each incident what its reader may read, in the order in which it was said."""
    for one in incidents(document):
        pairs = ((label, cell) for label, cell in _said_of(one) if cell not in (None, ""))
        yield Particulars(str(one.number), f"Incident {one.number}", _in_short(one), tuple(pairs))


def _in_short(one: Incident) -> str:
    """`Incident 2, reported on November 3, 2026: A worker left a workstation …`; as much of it as its reader may read."""
    happened = one.reported.get("what_happened", "")
    which = f"Incident {one.number}, reported on {date_in_words(one.reported_on)}"
    return f"{which}: {shorten(happened, 80, placeholder=' …')}" if happened else which


def _said_of(one: Incident) -> Iterator[tuple[str, Cell]]:
    reported, assessed, answered, end = one.reported, one.assessed or {}, one.answered or {}, one.end or {}
    yield "What happened", reported.get("what_happened")
    yield "Noticed on", _day(reported, "noticed_on")
    yield "Happened on", _day(reported, "happened_on")
    if "people_affected" in reported:
        yield "People whose information may be affected", f"{reported['people_affected']:,}"
    yield "Done at once", reported.get("done_at_once")
    yield "Access", _asked_of_access(one)
    yield "Severity", _label(SEVERITIES, assessed.get("severity"))
    yield "What must be done", assessed.get("to_be_done")
    yield "Notification by law", _label(NOTIFICATIONS, assessed.get("notification"))
    yield "Who is to be notified", assessed.get("notify")
    if "what_happened" in reported:
        yield "Known to the Process Owner", "Yes" if one.acknowledged else "Not acknowledged yet"
    yield "What was done", answered.get("done")
    yield "Done on", _day(answered, "done_on")
    if evidence := answered.get("evidence"):
        yield "Evidence", Attached(evidence["name"], evidence["sha256"])
    yield "The cause", end.get("cause")
    yield "What keeps it from happening again", end.get("measures")
    yield "Closed on", _day(end, "closed_on")


def _day(answers: Answers, name: str) -> date | None:
    return date.fromisoformat(answers[name]) if answers.get(name) else None


def _label(choices: tuple[Choice, ...], value: str | None) -> str | None:
    return next((choice.label for choice in choices if choice.value == value), value)


def _asked_of_access(one: Incident) -> str | None:
    """Whose access is asked to be suspended, by whoever said it last."""
    said = one.assessed if one.assessed is not None and "suspend_access" in one.assessed else one.reported
    who = "the Information Security Officer" if said is one.assessed else "the Requestor"
    match said.get("suspend_access"):
        case "some-users":
            return f"To be suspended, {who} asks, of {', '.join(row['email'] for row in said['accounts'])}"
        case "all-users":
            return f"To be suspended, {who} asks, of all users"
        case "none":
            return "Not to be suspended"
    return None


def _some(words: str, which: Which) -> Shown:
    return Shown(words, lambda document: any(which(one) for one in incidents(document)))


def _which(waits: Which, may: Which) -> Field:
    """The incident that a step is about, among those with which it can go on: that which waits longest, if any does."""

    def choices(situation: Situation) -> list[Choice]:
        return [Choice(str(one.number), _in_short(one)) for one in filter(may, incidents(situation.document))]

    def number(situation: Situation) -> int | None:
        those = incidents(situation.document)
        return next((one.number for one in [*filter(waits, those), *filter(may, those)]), None)

    return Field("incident", "Incident", Kind.NUMBER, minimum=1, default=number, choices_from=choices)


def _is_open(one: Incident) -> bool:
    return not one.closed


def _is_assessed(one: Incident) -> bool:
    return not one.closed and one.assessed is not None


def _not_acknowledged(one: Incident) -> bool:
    return one.waits_for_acknowledgement


def _may_be_closed(one: Incident) -> bool:
    return not one.closed and one.is_settled and one.acknowledged and not one.waits_for_measures


def _check_report(situation: Situation, answers: Answers) -> Iterator[Problem]:
    """It happened before it was noticed; access is suspended of users who have some."""
    if answers.get("happened_on", "") > answers["noticed_on"]:
        yield Problem("happened_on", "It cannot have happened after it was noticed")
    yield from _check_suspension(situation, answers)


def _check_suspension(situation: Situation, answers: Answers) -> Iterator[Problem]:
    """Of an agreement that has ended without a successor no access is left to suspend."""
    document = situation.document
    has_ended = document["status"] == "ended" and not section(document, "expire").get("successor")
    if answers["suspend_access"] != "none" and has_ended:
        yield Problem("suspend_access", "The agreement has ended: no account is left under it that could be suspended")


def _record_number(situation: Situation, answers: Answers) -> Json:
    return {"number": len(incidents(situation.document)) + 1 if situation.document.get("history") else 1}


def _check_action(situation: Situation, answers: Answers) -> Iterator[Problem]:
    yield from _not_before_it_was_noticed(situation, answers, "done_on")


def _check_end(situation: Situation, answers: Answers) -> Iterator[Problem]:
    """It is closed when nothing of it is left open, and not before it was noticed."""
    number = answers["incident"]
    if not any(one.number == number and _may_be_closed(one) for one in incidents(situation.document)):
        yield Problem("incident", f"Incident {number} cannot be closed: it is to be assessed, notification settled, acknowledged by the Process Owner, and answered by the Requestor first")  # fmt: skip
    yield from _not_before_it_was_noticed(situation, answers, "closed_on")


def _not_before_it_was_noticed(situation: Situation, answers: Answers, field: str) -> Iterator[Problem]:
    for one in incidents(situation.document):
        if one.number == answers["incident"] and answers[field] < one.reported["noticed_on"]:
            noticed_on = date_in_words(date.fromisoformat(one.reported["noticed_on"]))
            yield Problem(field, f"The incident was noticed on {noticed_on}: this is before")


_SUSPENDED_FOR_IT = (
    Field("suspend_access", "Is access to be suspended?", Kind.CHOICE, hint="The LCSA's System Administrator has it as a task at once. The accounts are set up again once the incident is closed.", choices=SUSPENSIONS),
    Field("accounts", "Whose", Kind.ENTRIES, key="email", one_called="user", only_when=When("suspend_access", ("some-users",)), fields=(Field("email", "User", Kind.EMAIL, hint="One who has an account.", choices_from=lambda situation: users_to_choose(situation.document, accounts_set_up(situation.document))),)),
)  # fmt: skip


def _asks_for_it(step: str) -> AnyOf:
    """The step's newest entry asks that access be suspended."""
    return AnyOf(*(Taken(step, "suspend_access", (choice.value,), "access is to be suspended") for choice in SUSPENSIONS[1:]))  # fmt: skip


REPORTED = Taken("report-incident", words="an incident is reported")
ASSESSED = Taken("assess-incident", words="the ISO assesses an incident")

STEPS = (
    Step(
        key="report-incident",
        title="Report an incident",
        asks="Report what happened as soon as you notice it.",
        done="reported an incident",
        chapter=CHAPTER,
        section="8",
        opens=ACCOUNTS_BEGUN,
        repeats=ACCOUNTS_BEGUN,
        waits=Never(),
        after_end=True,
        passes_on=tell_the_successor,
        each_anew=True,
        check=_check_report,
        advice=lambda situation: [
            "Report it now, with what you know. What you learn later you add when the Information Security Officer asks for measures.",
            "Name no child support case, and nobody whose information it is: how many they are is enough.",
        ],
        records=_record_number,
        check_first=True,
        confirm_label="Report the incident",
        tells=(
            Tell(("role:iso", "role:process-owner"), "{organization} reports an incident: number {number}."),
            Tell(("role:process-manager", "actor:identify-requestor"), "{organization} reports an incident. The Information Security Officer assesses it."),
            Tell(("role:administrator",), "{organization} reports an incident, and asks that access be suspended: see whose, and suspend the accounts in CSE.", _asks_for_it("report-incident"), task="suspend-accounts"),
        ),
        fields=(
            Field("what_happened", "What happened", Kind.LONG_TEXT, hint="In a few sentences. No child support case, no names of people whose information it is.", example="A worker let a colleague without an account use theirs for an afternoon."),
            Field("noticed_on", "Noticed on", Kind.DATE, not_after_today=True, default=lambda situation: situation.today.isoformat()),
            Field("happened_on", "Happened on", Kind.DATE, required=False, hint="If it is known: the first day.", not_after_today=True),
            Field("people_affected", "How many people’s information may be affected", Kind.NUMBER, hint="Your best estimate. 0 if nobody’s is.", minimum=0, maximum=10_000_000),
            Field("done_at_once", "What was done at once", Kind.LONG_TEXT, example="The password was changed, and the worker’s supervisor told."),
            *_SUSPENDED_FOR_IT,
        ),
    ),
    Step(
        key="assess-incident",
        title="Assess an incident",
        asks="An incident is reported: say how severe it is, what must be done, and whether the law asks for notification.",
        done="assessed an incident",
        chapter=CHAPTER,
        section="8",
        opens=REPORTED,
        repeats=_some("an incident is open", _is_open),
        waits=_some("an incident is not assessed", lambda one: one.waits_for_assessment),
        due_on=_waits_since(lambda one: one.waits_for_assessment),
        if_late=IfLate(NOT_ASSESSED.days, ("role:process-owner",)),
        after_end=True,
        passes_on=tell_the_successor,
        each_anew=True,
        check=_check_suspension,
        template="incident.html",
        overviews=("incidents",),
        tells=(
            Tell(("person:complete_application.contact",), "The Information Security Officer has assessed incident {incident}."),
            Tell(("role:administrator",), "The Information Security Officer asks that access be suspended until incident {incident} of {organization} is closed: see whose, and suspend the accounts in CSE.", _asks_for_it("assess-incident"), task="suspend-accounts"),
        ),
        fields=(
            _which(lambda one: one.waits_for_assessment, _is_open),
            Field("severity", "How severe is it?", Kind.CHOICE, choices=SEVERITIES),
            *_SUSPENDED_FOR_IT,
            Field("to_be_done", "What must be done", Kind.LONG_TEXT, hint="The Requestor reads it, and answers.", example="Train all users again on not sharing accounts, and send the list of who attended."),
            Field("notification", "Does the law ask that somebody be notified?", Kind.CHOICE, choices=NOTIFICATIONS, hint="For one, Civil Code section 1798.29, or IRS Publication 1075 where federal tax information is concerned."),
            Field("notify", "Who is to be notified, by whom and by when", Kind.LONG_TEXT, only_when=When("notification", ("required",))),
        ),
    ),
    Step(
        key="acknowledge-incident",
        title="Acknowledge an incident",
        asks="An incident is reported: read it, and confirm that you know of it.",
        done="acknowledged an incident",
        chapter=CHAPTER,
        section="8",
        opens=REPORTED,
        repeats=_some("an incident is not acknowledged", _not_acknowledged),
        closed_by=Shown("every incident is acknowledged", lambda document: not any(map(_not_acknowledged, incidents(document)))),
        due_on=_waits_since(lambda one: one.waits_for_acknowledgement),
        after_end=True,
        each_anew=True,
        template="incident.html",
        overviews=("incidents",),
        confirm_label="Acknowledge",
        fields=(
            _which(_not_acknowledged, _not_acknowledged),
            Field("confirmed", "I know of this incident", Kind.TICK),
        ),
    ),
    Step(
        key="act-on-incident",
        title="Say what was done about an incident",
        asks="The Information Security Officer says what must be done about an incident: say what was done.",
        done="said what was done about an incident",
        chapter=CHAPTER,
        section="8",
        opens=ASSESSED,
        repeats=_some("an assessed incident is open", _is_assessed),
        closed_by=Shown("no assessed incident is open", lambda document: not any(map(_is_assessed, incidents(document)))),
        waits=_some("measures wait for an answer", lambda one: one.waits_for_measures),
        due_on=_waits_since(lambda one: one.waits_for_measures, lambda one: one.assessed_in),
        if_late=IfLate(NOTHING_DONE.days, ("role:iso",)),
        after_end=True,
        each_anew=True,
        check=_check_action,
        template="incident.html",
        overviews=("incidents",),
        fields=(
            _which(lambda one: one.waits_for_measures, _is_assessed),
            Field("done", "What was done", Kind.LONG_TEXT, example="All eight users attended the training again; the list of attendance is enclosed."),
            Field("done_on", "Done on", Kind.DATE, not_after_today=True, default=lambda situation: situation.today.isoformat()),
            Field("evidence", "Evidence", Kind.FILE, required=False, accepts=("pdf", "docx", "png", "jpeg"), hint="If there is a paper that shows it, 20 MB at the most."),
        ),
    ),
    Step(
        key="close-incident",
        title="Close an incident",
        asks="The Requestor says what was done about an incident: close it, or assess it again and say what is missing.",
        done="closed an incident",
        chapter=CHAPTER,
        section="8",
        opens=ASSESSED,
        repeats=_some("an assessed incident is open", _is_assessed),
        closed_by=Shown("no assessed incident is open", lambda document: not any(map(_is_assessed, incidents(document)))),
        waits=_some("an incident is answered", lambda one: one.waits_for_its_end),
        due_on=_waits_since(lambda one: one.waits_for_its_end, lambda one: one.answered_in),
        after_end=True,
        passes_on=tell_the_successor,
        each_anew=True,
        check=_check_end,
        template="incident.html",
        overviews=("incidents",),
        tells=(Tell(("person:complete_application.contact", "role:process-owner", "role:process-manager", "actor:identify-requestor"), "Incident {incident} of {organization} is closed."),),
        fields=(
            _which(lambda one: one.waits_for_its_end, _is_assessed),
            Field("cause", "The cause", Kind.LONG_TEXT, example="New workers started before their own accounts were set up."),
            Field("measures", "What was done, and what keeps it from happening again", Kind.LONG_TEXT, example="Accounts are now asked for two weeks before a worker starts."),
            Field("closed_on", "Closed on", Kind.DATE, not_after_today=True, default=lambda situation: situation.today.isoformat()),
        ),
    ),
)  # fmt: skip
