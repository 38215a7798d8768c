"""Afterwards, from time to time: the Information Security Officer audits an organization, and what was found is answered
and cleared [8].
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from portal.process.conditions import Later, Never, Taken
from portal.process.document import Answers, Json
from portal.process.errors import Problem
from portal.process.step import Choice, Field, IfLate, Kind, Letter, Situation, Step, Tell, When
from portal.process.third_party_access.application import RECEIVED, check_paper_date
from portal.process.third_party_access.certification import ACCOUNTS_BEGUN
from portal.process.third_party_access.findings import (
    FINDINGS_ELSEWHERE,
    REQUIREMENTS,
    SEVERITIES,
    SomeFinding,
    State,
    findings,
    in_state,
    to_be_answered_by,
)
from portal.process.third_party_access.findings import open_findings as open_findings
from portal.process.third_party_access.roles import CONTACT, OFFICER

CHAPTER = "afterwards"

AUDIT_OPEN = Later(Taken("open-audit", words="an audit is open"), Taken("close-audit"))
_NOTHING_RECORDED_YET = Later(AUDIT_OPEN, Taken("record-finding"))
_TO_ANSWER = SomeFinding(State.OPEN, "a finding is open")
_TO_REVIEW = SomeFinding(State.ANSWERED, "a finding is answered")
_TO_CLEAR = SomeFinding(State.REVIEWED, "the Information Security Officer has given the word on a finding")
_NOT_ENOUGH = When("outcome", ("not-enough",))


def _check_period(situation: Situation, answers: Answers) -> Iterator[Problem]:
    if answers["period_from"] > answers["period_to"]:
        yield Problem("period_to", "The period ends before it begins")


def _numbered(situation: Situation, answers: Answers) -> Json:
    """Each new finding with its number, counted over all audits of the organization, on whichever application."""
    own = [one.number for one in findings(situation.document)]
    elsewhere = [one.finding.number for one in situation.facts.get(FINDINGS_ELSEWHERE, ())]
    known = max([*own, *elsewhere], default=0)
    rows = enumerate(answers["findings"], start=known + 1)
    return {"findings": [{"number": number, **row} for number, row in rows]}


def _numbers_of(state: State) -> Callable[[Situation], list[Json]]:
    """What a form starts with: a row for each finding that stands so."""
    return lambda situation: [{"number": one.number} for one in in_state(situation.document, state)]


def _check_rows(situation: Situation, name: str, answers: Answers, state: State, why_not: str) -> Iterator[Problem]:
    """Each row names a finding that stands so."""
    numbers = {one.number for one in in_state(situation.document, state)}
    known = {one.number for one in findings(situation.document)}
    for place, row in enumerate(answers[name]):
        if row["number"] not in known:
            yield Problem(f"{name}-{place}-number", f"There is no finding {row['number']}")
        elif row["number"] not in numbers:
            yield Problem(f"{name}-{place}-number", f"Finding {row['number']} {why_not}")


def _check_responses(situation: Situation, answers: Answers) -> Iterator[Problem]:
    yield from check_paper_date(situation, answers, "received_on", "record-finding")
    yield from _check_rows(situation, "responses", answers, State.OPEN, "is answered already")


def _check_reviews(situation: Situation, answers: Answers) -> Iterator[Problem]:
    yield from _check_rows(situation, "reviews", answers, State.ANSWERED, "has no answer to review")


def _check_clearing(situation: Situation, answers: Answers) -> Iterator[Problem]:
    why_not = "can be cleared only on the word of the Information Security Officer, which is not given"
    yield from _check_rows(situation, "findings", answers, State.REVIEWED, why_not)


_NUMBER = Field("number", "Number of the finding", Kind.NUMBER, minimum=1, fixed=True)

STEPS = (
    Step(
        key="open-audit",
        title="Open an audit",
        asks="Audit the organization's security awareness training and certification.",
        done="opened an audit",
        chapter=CHAPTER,
        section="8",
        opens=ACCOUNTS_BEGUN,
        repeats=ACCOUNTS_BEGUN,
        closed_by=AUDIT_OPEN,
        waits=Never(),
        each_anew=True,
        check=_check_period,
        template="audit.html",
        overviews=("roster", "gaps", "findings"),
        tells=(Tell((OFFICER, CONTACT, "role:process-owner"), "The DCSS Information Security Officer audits {organization}. What is audited: {scope}"),),
        fields=(
            Field("scope", "What is audited", Kind.LONG_TEXT, example="Yearly training and statements of all users, and the retention of signed statements."),
            Field("period_from", "Period from", Kind.DATE, not_after_today=True),
            Field("period_to", "Period until", Kind.DATE, not_after_today=True),
            Field("occasion", "Why it is audited", Kind.LONG_TEXT, hint="Read by the Information Security Officer and the Process Owner alone.", example="Yearly sample."),
        ),
    ),
    Step(
        key="record-finding",
        title="Record audit findings",
        asks="Compare the users with the approved number and their dates, and record what is not as it should be.",
        done="recorded audit findings",
        chapter=CHAPTER,
        section="8",
        opens=AUDIT_OPEN,
        repeats=AUDIT_OPEN,
        waits=_NOTHING_RECORDED_YET,
        after_end=True,
        each_anew=True,
        records=_numbered,
        template="audit.html",
        overviews=("roster", "gaps", "findings"),
        check_first=True,
        keeps_draft=True,
        confirm_label="Record and send the findings",
        letters=(Letter("audit-findings", "Audit findings", (OFFICER,), (CONTACT,)),),
        tells=(
            Tell((OFFICER,), "The audit of {organization} has findings, which your organization is asked to answer.", invites="requestor", task="respond-to-finding"),
            Tell((CONTACT,), "The audit of {organization} has findings, which your organization is asked to answer."),
            Tell(("role:process-owner",), "The audit of {organization} has findings. They were sent to its Information Security Officer."),
        ),
        fields=(
            Field(
                "findings",
                "Findings",
                Kind.ENTRIES,
                hint="Each gets a number. They are sent to the organization's Information Security Officer, its contact person and the Process Owner.",
                one_called="finding",
                fields=(
                    Field("number", "No.", Kind.NUMBER, by_portal=True),
                    Field("severity", "Severity", Kind.CHOICE, choices=SEVERITIES),
                    Field("requirement", "Requirement", Kind.CHOICE, choices=REQUIREMENTS),
                    Field("finding", "What was found", Kind.LONG_TEXT, example="Two of twelve users were not trained within the last 365 days."),
                    Field("answer_by", "Answer by", Kind.DATE, not_before_today=True),
                ),
            ),
        ),
    ),
    Step(
        key="respond-to-finding",
        title="Answer audit findings",
        asks="Say for each finding what was done about it, with evidence where there is some.",
        done="answered audit findings",
        chapter=CHAPTER,
        section="8",
        opens=_TO_ANSWER,
        repeats=_TO_ANSWER,
        due_on=to_be_answered_by,
        if_late=IfLate(1, ("role:iso",)),
        after_end=True,
        each_anew=True,
        check=_check_responses,
        template="audit.html",
        overviews=("findings",),
        keeps_draft=True,
        confirm_label="Send the answers",
        fields=(
            RECEIVED[0],
            replace(RECEIVED[1], hint=""),
            Field(
                "responses",
                "Answers",
                Kind.ENTRIES,
                hint="Some now and some later is fine: take out those that you do not answer yet.",
                key="number",
                one_called="answer",
                default=_numbers_of(State.OPEN),
                fields=(
                    _NUMBER,
                    Field("response", "What was done", Kind.LONG_TEXT, example="Both users were trained on November 12."),
                    Field("evidence", "Evidence", Kind.FILE, required=False, accepts=("pdf", "docx", "png", "jpeg"), hint="20 MB at the most. Nothing about a child support case."),
                ),
            ),
        ),
    ),
    Step(
        key="review-response",
        title="Review answers to audit findings",
        asks="Say of each answer whether the finding may be cleared, or what is still missing.",
        done="reviewed answers to audit findings",
        chapter=CHAPTER,
        section="8",
        opens=_TO_REVIEW,
        repeats=_TO_REVIEW,
        after_end=True,
        each_anew=True,
        check=_check_reviews,
        template="audit.html",
        overviews=("findings", "roster"),
        confirm_label="Record the review",
        tells=(Tell((OFFICER, CONTACT), "The DCSS Information Security Officer has reviewed your organization's answers to audit findings."),),
        fields=(
            Field(
                "reviews",
                "Reviews",
                Kind.ENTRIES,
                key="number",
                one_called="review",
                default=_numbers_of(State.ANSWERED),
                fields=(
                    _NUMBER,
                    Field("outcome", "Is the answer enough?", Kind.CHOICE, choices=(Choice("cleared", "Yes: the finding may be cleared"), Choice("not-enough", "No: the finding is open again"))),
                    Field("reason", "What is still missing", Kind.LONG_TEXT, required=_NOT_ENOUGH, only_when=_NOT_ENOUGH),
                    Field("answer_by", "New answer by", Kind.DATE, required=_NOT_ENOUGH, only_when=_NOT_ENOUGH, not_before_today=True),
                ),
            ),
        ),
    ),
    Step(
        key="clear-finding",
        title="Clear audit findings",
        asks="Clear the findings on which the Information Security Officer has given the word.",
        done="cleared audit findings",
        chapter=CHAPTER,
        section="8",
        opens=_TO_CLEAR,
        repeats=_TO_CLEAR,
        after_end=True,
        each_anew=True,
        check=_check_clearing,
        template="audit.html",
        overviews=("findings",),
        confirm_label="Clear these findings",
        tells=(Tell((OFFICER, CONTACT, "role:iso"), "The Process Owner has cleared audit findings of {organization}."),),
        fields=(
            Field(
                "findings",
                "Findings to clear",
                Kind.ENTRIES,
                hint="Those on which the Information Security Officer has given the word. Take out any that is to wait.",
                key="number",
                one_called="finding to clear",
                default=_numbers_of(State.REVIEWED),
                fields=(_NUMBER,),
            ),
        ),
    ),
    Step(
        key="close-audit",
        title="Close the audit",
        asks="Close the audit once all that was found is recorded. Findings stay open until they are cleared.",
        done="closed the audit",
        chapter=CHAPTER,
        section="8",
        opens=AUDIT_OPEN,
        after_end=True,
        each_anew=True,
        template="audit.html",
        overviews=("findings",),
        confirm_label="Close the audit",
        tells=(Tell((OFFICER, CONTACT, "role:process-owner"), "The audit of {organization} is closed. {summary}"),),
        fields=(Field("summary", "What the audit comes to", Kind.LONG_TEXT, example="Ten of twelve users were certified throughout. Two findings, both being answered."),),
    ),
)  # fmt: skip
