"""The chapter Afterwards: how an application ends before both have signed, and an agreement by its date or by notice."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from portal.process.conditions import AllOf, AnyOf, Later, Never, Not, Shown, Taken
from portal.process.document import Answers, Json, section
from portal.process.errors import Problem
from portal.process.goals import date_in_words
from portal.process.step import Choice, Field, Kind, Letter, Passing, Situation, Step, Tell, When
from portal.process.third_party_access.agreement import ACCEPTANCE_SENT, COUNTERSIGNED
from portal.process.third_party_access.application import DECIDED
from portal.process.third_party_access.roles import CONTACT, WHO_IDENTIFIED
from portal.process.third_party_access.succession import (
    UNDER_WAY,
    in_force_from,
    renewal_of,
    tell_the_one_before,
    tell_the_other,
)
from portal.process.third_party_access.suspensions import tell_the_successor
from portal.process.third_party_access.term import APPROVED, NOTICE_GIVEN, TERMINATED, TERMINATED_AT_ONCE, ends_from

CHAPTER = "afterwards"

NOTICE = timedelta(days=30)
"""How long before the end notice is given, at the least; days of the calendar, not working days."""

EXPIRED = Taken("expire", words="the agreement has ended on its date")
END_REQUESTED = Later(Taken("request-termination", words="the end is asked for"), Taken("decline-termination"))
"""Somebody asks for the end of the agreement, and the Process Owner has not answered yet."""
_END_DECLINED = Later(Taken("decline-termination", words="the Process Owner keeps the agreement"), Taken("request-termination"))  # fmt: skip
_RENEWED = Shown("a renewal is in force", lambda document: bool(section(document, "expire").get("successor")))
_NOT_RENEWED = Shown("no renewal is in force", lambda document: not section(document, "expire").get("successor"))


def _record_successor(situation: Situation, answers: Answers) -> Json:
    """The id of the application that renews this one, if its agreement is in force from the day of the end on; nothing
    otherwise, also when one was approved since: the day counts, not that on which the end is recorded.
    """
    renewal, over_from = situation.facts.get("renewal"), ends_from(situation.document)
    if renewal is None or over_from is None or renewal["status"] not in APPROVED:
        return {"successor": ""}
    from_day = in_force_from(renewal)
    return {"successor": renewal["id"] if from_day and from_day <= over_from else ""}


def _tell_the_others(document: Json) -> Iterator[Passing]:
    """The agreement before, when this one came to nothing; the one after, when an incident here asked for something."""
    yield from tell_the_one_before(document)
    yield from tell_the_successor(document)


def _check_termination(situation: Situation, answers: Answers) -> Iterator[Problem]:
    """Notice is given 30 days ahead, for a day before the MOU would end by itself."""
    if answers["kind"] != "notice":
        return
    ends_on, earliest = date.fromisoformat(answers["ends_on"]), situation.today + NOTICE
    expires_on = date.fromisoformat(section(situation.document, "countersign-mou")["expires_on"])
    if earliest >= expires_on:
        yield Problem(
            "kind", f"The MOU ends by itself on {date_in_words(expires_on)}, before 30 days’ notice could end it"
        )
    elif ends_on < earliest:
        yield Problem("ends_on", f"Notice is 30 days: {date_in_words(earliest)} at the earliest")
    elif ends_on >= expires_on:
        yield Problem("ends_on", f"The MOU ends by itself on {date_in_words(expires_on)}: this is not before")


def _advice_on_termination(situation: Situation) -> Iterator[str]:
    document = situation.document
    expires_on = date.fromisoformat(section(document, "countersign-mou")["expires_on"])
    yield f"The MOU is in force until {date_in_words(expires_on)}. With notice it can end on {date_in_words(situation.today + NOTICE)} at the earliest."
    if UNDER_WAY.since(document) is not None:
        yield f"Its renewal is under way ({renewal_of(document)}): you are then asked whether it goes on."
    if END_REQUESTED.since(document) is not None:
        yield from _request_in_words(document)


def _request_in_words(document: Mapping[str, Any]) -> Iterator[str]:
    """What was asked for, and why."""
    asked = section(document, "request-termination")
    wished = f" on {date_in_words(date.fromisoformat(asked['wished_on']))}" if asked.get("wished_on") else ""
    yield f"Its end{wished} is asked for. The reason: {asked['reason']}"


def _check_request(situation: Situation, answers: Answers) -> Iterator[Problem]:
    """The wished day lies in the term."""
    expires_on = section(situation.document, "countersign-mou")["expires_on"]
    if answers.get("wished_on", "") > expires_on:
        yield Problem("wished_on", f"The MOU ends by itself on {date_in_words(date.fromisoformat(expires_on))}")


STEPS = (
    Step(
        key="request-termination",
        title="Ask for the end of the agreement",
        asks="Ask DCSS to end the agreement before its term is over.",
        done="asked for the end of the agreement",
        chapter=CHAPTER,
        section="6.9",
        opens=COUNTERSIGNED,
        repeats=_END_DECLINED,
        closed_by=TERMINATED,
        waits=Never(),
        each_anew=True,
        check=_check_request,
        check_first=True,
        confirm_label="Ask for the end",
        fields=(
            Field("reason", "Why it should end", Kind.LONG_TEXT, example="The department’s workers no longer need access."),
            Field("wished_on", "From when access is no longer needed", Kind.DATE, required=False, not_before_today=True),
        ),
    ),
    Step(
        key="terminate",
        instead=("decline-termination",),
        title="Terminate the MOU",
        asks="Decide on the end of the agreement: at once for cause, or with 30 days’ notice.",
        done="terminated the MOU",
        done_when=((When("kind", ("at-once",)), "terminated the MOU at once"), (When("kind", ("notice",)), "gave notice of the end of the MOU")),
        chapter=CHAPTER,
        section="6.9",
        opens=COUNTERSIGNED,
        closed_by=TERMINATED,
        waits=END_REQUESTED,
        check=_check_termination,
        advice=_advice_on_termination,
        check_first=True,
        confirm_label="Terminate the MOU",
        status_when=((TERMINATED_AT_ONCE, "ended"),),
        passes_on=tell_the_other,
        letters=(Letter("letter-of-termination", "Letter of termination", (CONTACT,), (WHO_IDENTIFIED, "role:contract-manager")),),
        tells=(
            Tell((CONTACT, WHO_IDENTIFIED, "role:administrator", "role:process-manager", "role:iso"), "DCSS has terminated the Memorandum of Understanding of {organization} at once. Its users’ accounts in CSE are removed.", TERMINATED_AT_ONCE),
            Tell((CONTACT, WHO_IDENTIFIED, "role:administrator", "role:process-manager", "role:iso"), "DCSS has given notice: the Memorandum of Understanding of {organization} is no longer in force from {ends_on} on. Its users’ accounts in CSE are removed then.", NOTICE_GIVEN),
        ),
        fields=(
            Field("kind", "How does it end?", Kind.CHOICE, choices=(Choice("at-once", "At once, for cause", "Access ends today."), Choice("notice", "With 30 days’ notice", "The agreement is in force until then."))),
            Field("ends_on", "The first day on which it is no longer in force", Kind.DATE, hint="30 days from today at the earliest.", only_when=When("kind", ("notice",)), default=lambda situation: (situation.today + NOTICE).isoformat()),
            Field("reason", "The reason", Kind.LONG_TEXT, hint="It stands in the letter of termination.", example="Accounts were used by people who were neither trained nor named."),
        ),
    ),
    Step(
        key="decline-termination",
        title="Keep the agreement in force",
        asks="Say why the agreement stays in force though its end is asked for.",
        done="kept the agreement in force",
        chapter=CHAPTER,
        section="6.9",
        opens=END_REQUESTED,
        closed_by=TERMINATED,
        waits=Never(),
        each_anew=True,
        advice=lambda situation: _request_in_words(situation.document),
        tells=(Tell((CONTACT, "actor:request-termination"), "The agreement of {organization} stays in force: {reason}"),),
        fields=(Field("reason", "Why it stays in force", Kind.LONG_TEXT, example="The Director withdrew the request by telephone."),),
    ),
    Step(
        key="expire",
        title="End the agreement on its date",
        asks="The MOU is no longer in force: end the agreement. The portal does it by itself, every day.",
        done="ended the agreement on its date",
        chapter=CHAPTER,
        section="10.1",
        opens=AnyOf(COUNTERSIGNED, NOTICE_GIVEN),
        opens_on=ends_from,
        records=_record_successor,
        passes_on=_tell_the_others,
        status="ended",
        confirm_label="End the agreement",
        tells=(
            Tell((CONTACT, WHO_IDENTIFIED, "role:process-manager"), "The agreement of {organization} has ended, and none was in force from that day on. Its users’ accounts in CSE are removed; under a later agreement they are set up anew.", _NOT_RENEWED),
            Tell((CONTACT, WHO_IDENTIFIED, "role:process-manager"), "The agreement of {organization} has ended. The one that renews it is in force: {successor}.", _RENEWED),
        ),
    ),
    Step(
        key="withdraw",
        title="Withdraw the application",
        asks="Withdraw the application. It is then closed; its record stays.",
        done="withdrew the application",
        chapter=CHAPTER,
        section="6.4",
        opens=Taken("identify-requestor"),
        closed_by=AnyOf(AllOf(DECIDED, Not(ACCEPTANCE_SENT)), COUNTERSIGNED),
        waits=Never(),
        status="withdrawn",
        passes_on=tell_the_one_before,
        check_first=True,
        confirm_label="Withdraw the application",
        tells=(
            Tell(("role:process-manager", "actor:identify-requestor"), "The application of {organization} was withdrawn."),
            Tell(("person:complete_application.contact",), "The application of {organization} was withdrawn.", Taken("complete-application")),
        ),
        fields=(Field("reason", "Why it is withdrawn", Kind.LONG_TEXT, example="The organization will use another county's access."),),
    ),
)  # fmt: skip
