"""Afterwards, before the end: renewal is due, the organization is in good standing, and the agreement is renewed [10]."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from portal.process.conditions import AllOf, AnyOf, Later, Not, Provided, Shown, Taken
from portal.process.document import Answers, Json, section
from portal.process.errors import Problem
from portal.process.goals import add_months, date_in_words
from portal.process.step import Beginning, Field, Kind, Situation, Step, Tell, When
from portal.process.third_party_access.accounts import granted, reserve_in_words
from portal.process.third_party_access.agreement import POSTED
from portal.process.third_party_access.application import board_days
from portal.process.third_party_access.findings import Finding, open_elsewhere, open_findings
from portal.process.third_party_access.invitation import STEPS as INVITATION
from portal.process.third_party_access.invitation import check_identification
from portal.process.third_party_access.roles import CONTACT, OFFICER
from portal.process.third_party_access.succession import (
    FAILED,
    STARTED,
    UNDECIDED,
    WAITS_FOR_THE_ONE_BEFORE,
    in_force_from,
    renewal_of,
)
from portal.process.third_party_access.taking_over import TAKEN_OVER, record_taking_over
from portal.process.third_party_access.term import TERMINATED, last_day_of_term

CHAPTER = "afterwards"
MONTHS_AHEAD = 6

NOTICED = Taken("renewal-notice", words="renewal is due")
FINDINGS_ON_RECORD = Taken("record-standing", "standing", ("findings-open",), "audit findings are on record as open")
A_FINDING_IS_OPEN = Shown("an audit finding is open", lambda document: bool(open_findings(document)))
HELD_ELSEWHERE = Shown("an audit finding on another application of the organization is on record as open", lambda document: bool(section(document, "record-standing").get("elsewhere")))  # fmt: skip
NOTHING_OPEN = AllOf(Not(A_FINDING_IS_OPEN), Not(HELD_ELSEWHERE))
RECORDED_GOOD = Taken("record-standing", "standing", ("good",), "no audit finding is on record as open")
ALL_CLEARED = AllOf(
    Provided(NOTICED), Provided(Not(A_FINDING_IS_OPEN)), Taken("clear-finding", words="all findings are cleared")
)
ANOTHER_FINDING = AllOf(Provided(NOTICED), Taken("record-finding", words="another finding is recorded"))
IN_GOOD_STANDING = Later(Taken("good-standing", words="the organization is in good standing"), Taken("record-finding"))
"""An attestation older than a finding says nothing of it, though it is cleared."""


def notice_on(document: Mapping[str, Any]) -> date | None:
    """The day of the renewal notice: six months before the MOU's end, and the days earlier that the board needs
    [10.1].
    """
    end = last_day_of_term(document)
    return add_months(end, -MONTHS_AHEAD) - timedelta(days=board_days(document) or 0) if end else None


def _advice_on_notice(situation: Situation) -> Iterator[str]:
    end, days = last_day_of_term(situation.document), board_days(situation.document)
    if end:
        yield f"The MOU ends on {date_in_words(end)}."
    if days:
        yield f"The organization's board needs {days} days: the notice is so much earlier than six months before that."
    yield from _advice_on_findings(situation)


def _advice_on_findings(situation: Situation) -> Iterator[str]:
    elsewhere = open_elsewhere(situation)
    match len(open_findings(situation.document)) + len(elsewhere):
        case 0:
            yield "No audit finding is open: the organization is in good standing."
        case 1:
            yield "1 audit finding is open. The MOU is not renewed until it is cleared."
        case number:
            yield f"{number} audit findings are open. The MOU is not renewed until all are cleared."
    if elsewhere:
        yield f"Recorded on another application of the organization: {'; '.join(one.name for one in elsewhere)}."


def _open_findings(situation: Situation) -> Json:
    """The numbers of the findings that are open here, and the names of those on the organization's other applications,
    if any is.
    """
    here = [one.number for one in open_findings(situation.document)]
    elsewhere = [one.name for one in open_elsewhere(situation)]
    return {**({"findings": here} if here else {}), **({"elsewhere": elsewhere} if elsewhere else {})}


def _record_notice(situation: Situation, answers: Answers) -> Json:
    """The end of the term, and the findings that the ISO has open: they come with the notice."""
    end = last_day_of_term(situation.document)
    return {**({"expires_on": end.isoformat()} if end else {}), **_open_findings(situation)}


def _record_standing(situation: Situation, answers: Answers) -> Json:
    findings = _open_findings(situation)
    return {"standing": "findings-open" if findings else "good", **findings}


def _record_hold(situation: Situation, answers: Answers) -> Json:
    """The findings for which the renewal waits, in the words of the mail that tells of them."""
    here = [_in_a_line(f"No. {one.number}", one) for one in open_findings(situation.document)]
    elsewhere = [_in_a_line(one.name, one.finding) for one in open_elsewhere(situation)]
    return {"findings": "\n".join([*here, *elsewhere])}


def _in_a_line(name: str, one: Finding) -> str:
    return f"{name}, to be answered by {date_in_words(one.answer_by)}: {one.finding}"


def _check_standing(situation: Situation, answers: Answers) -> Iterator[Problem]:
    if open_findings(situation.document) or open_elsewhere(situation):
        yield Problem(
            "attestation", "An audit finding is open: the organization is in good standing when all are cleared"
        )


_IDENTIFY = next(step for step in INVITATION if step.key == "identify-requestor")
_THE_SAME = ("organization_name", "organization_type")
"""What a renewal does not ask: it is the same organization."""


def _identified(situation: Situation, answers: Answers) -> Answers:
    """What the new application's identification records: these answers, for the same organization."""
    # An agreement that was read in may not say of which sort the organization is.
    before = {"organization_type": "other", **section(situation.document, "identify-requestor")}
    return {**{name: before[name] for name in _THE_SAME}, **answers}


def _as_known(name: str) -> Callable[[Situation], object]:
    """What the form starts with: the people as they are known today, the number of accounts that they have now."""
    who, _, part = name.partition("_")

    def known(situation: Situation) -> object:
        document = situation.document
        before, applied = section(document, "identify-requestor"), section(document, "complete-application")
        if name == "recommended_accounts":
            return granted(document)
        if name == "invitation_date":
            return situation.today.isoformat()
        if who == "invitee" and f"contact_{part}" in applied:
            return applied[f"contact_{part}"]
        holder = situation.facts.get(who) or {}
        if holder and holder["email"].casefold() != before.get(f"{who}_email", "").casefold():
            return holder.get(part)  # somebody else holds the role today: nothing of the one before is theirs
        return holder.get(part) or before.get(name)

    return known


def _check_start(situation: Situation, answers: Answers) -> Iterator[Problem]:
    successor = situation.facts.get("successor")
    if successor and successor == renewal_of(situation.document):
        yield Problem("", f"The renewal is on its way already: {successor}.")
        return
    if elsewhere := open_elsewhere(situation):
        yield Problem("", f"An audit finding of the organization is open: {elsewhere[0].name}.")
    yield from check_identification(situation, _identified(situation, answers))


def _advice_on_start(situation: Situation) -> Iterator[str]:
    end, days = last_day_of_term(situation.document), board_days(situation.document)
    if end:
        yield f"The MOU ends on {date_in_words(end)}, and stays in force until then."
    if days:
        yield f"The organization's board needs {days} days."
    if FAILED.since(situation.document) is not None:
        yield f"The renewal that was started before came to nothing: {renewal_of(situation.document)}."
    yield reserve_in_words(situation)


def _begin_renewal(situation: Situation, answers: Answers) -> Beginning:
    document = situation.document
    return Beginning(
        about={
            "lcsa": document["lcsa"],
            "organization": document["organization"],
            "identify_requestor": {"renews": document["id"]},
        },
        answers=_identified(situation, answers),
        claim=("renews", document["id"]),
    )


def _record_start(situation: Situation, answers: Answers) -> Json:
    begun = situation.facts.get("begun")
    return {"application": begun} if begun else {}


STEPS = (
    Step(
        key="renewal-notice",
        title="Give notice that renewal is due",
        asks="The MOU nears its end: tell the Process Manager that it is due for renewal.",
        done="gave notice that renewal is due",
        chapter=CHAPTER,
        section="10.1",
        opens=POSTED,
        closed_by=TERMINATED,
        opens_on=notice_on,
        advice=_advice_on_notice,
        template="audit.html",
        overviews=("findings",),
        records=_record_notice,
        confirm_label="Tell the Process Manager",
        fields=(Field("confirmed", "This Memorandum of Understanding is due for renewal", Kind.TICK),),
    ),
    Step(
        key="record-standing",
        title="Record the organization's standing",
        asks="The MOU is due for renewal: record whether an audit finding is open. The portal takes the findings from the ISO's audits.",
        done="recorded that no audit finding is open",
        done_when=((When("standing", ("findings-open",)), "recorded that audit findings are open"),),
        chapter=CHAPTER,
        section="10.1",
        opens=AnyOf(NOTICED, ALL_CLEARED, ANOTHER_FINDING),
        repeats=HELD_ELSEWHERE,
        closed_by=AnyOf(STARTED, TERMINATED),
        template="audit.html",
        overviews=("findings",),
        advice=_advice_on_findings,
        records=_record_standing,
        confirm_label="Record the standing",
        fields=(Field("confirmed", "This is what the ISO's audits have on record today", Kind.TICK),),
    ),
    Step(
        key="hold-renewal",
        title="Tell the Requestor that findings hold up the renewal",
        asks="Audit findings are open: tell the Requestor which, and that the MOU is not renewed until all are cleared.",
        done="told the Requestor that audit findings hold up the renewal",
        chapter=CHAPTER,
        section="10.1",
        opens=FINDINGS_ON_RECORD,
        closed_by=AnyOf(NOTHING_OPEN, STARTED, TERMINATED),
        template="audit.html",
        overviews=("findings",),
        records=_record_hold,
        confirm_label="Tell the Requestor",
        tells=(Tell((OFFICER, CONTACT), "The Memorandum of Understanding of {organization} is due for renewal. DCSS will not renew it until all audit findings are cleared. These are open:\n\n{findings}\n\nPlease answer them in the portal, so that they can be reviewed and cleared."),),
        fields=(Field("confirmed", "The Requestor is told which findings are open, and that the renewal waits for them", Kind.TICK),),
    ),
    Step(
        key="good-standing",
        title="Attest good standing",
        asks="No audit finding is open: attest that the organization is in good standing for renewal.",
        done="attested good standing for renewal",
        chapter=CHAPTER,
        section="10.1",
        opens=RECORDED_GOOD,
        closed_by=AnyOf(A_FINDING_IS_OPEN, STARTED, TERMINATED),
        check=_check_standing,
        confirm_label="Attest good standing",
        fields=(Field("attestation", "No audit finding is open, and the organization is in good standing for renewal", Kind.TICK),),
    ),
    Step(
        key="start-renewal",
        title="Start the renewal",
        asks="Start the renewal of the MOU: the organization is in good standing, and none is on its way. The new application is filled in with what is known.",
        done="started the renewal",
        chapter=CHAPTER,
        section="10.2",
        opens=AnyOf(IN_GOOD_STANDING, STARTED, FAILED),
        repeats=STARTED,
        closed_by=AnyOf(A_FINDING_IS_OPEN, TERMINATED),
        waits=AnyOf(Not(STARTED), FAILED),
        each_anew=True,
        check=_check_start,
        advice=_advice_on_start,
        begins=_begin_renewal,
        records=_record_start,
        check_first=True,
        confirm_label="Start the renewal",
        tells=(Tell(("role:director", "role:coordinator"), "DCSS starts the renewal of the Memorandum of Understanding of {organization}: application {application}. The one that there is stays in force until its end."),),
        fields=tuple(replace(field, default=_as_known(field.name)) for field in _IDENTIFY.fields if field.name not in _THE_SAME),
    ),
    Step(
        key="take-effect",
        title="Put the renewed agreement in force",
        asks="The MOU before this one has ended: this one takes its place, in the Matrix too. It happens by itself on the day.",
        done="put the renewed agreement in force",
        chapter=CHAPTER,
        section="10.2",
        opens=AllOf(POSTED, Provided(WAITS_FOR_THE_ONE_BEFORE)),
        closed_by=UNDECIDED,
        opens_on=in_force_from,
        records=record_taking_over,
        status="establishing",
        status_when=((Taken("confirm-access"), "active"),),
        confirm_label="Put it in force",
        fields=TAKEN_OVER,
        tells=(Tell(("role:process-manager", "person:complete_application.contact"), "The renewed Memorandum of Understanding of {organization} is in force, in the place of the one before."),),
    ),
)  # fmt: skip
