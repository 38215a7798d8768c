"""The seam between an agreement and its renewal: what was done on the one that has to be known on the other.

The portal notes it there by itself, in the same write (`Step.passes_on`).
"""

from collections.abc import Iterator

from portal.process.conditions import AllOf, Never, Provided, Shown, Taken
from portal.process.document import Answers, Json, section
from portal.process.errors import Problem
from portal.process.goals import date_in_words
from portal.process.step import Choice, Field, Kind, Situation, Step, Tell, When
from portal.process.third_party_access.agreement import COUNTERSIGNED
from portal.process.third_party_access.roles import CONTACT
from portal.process.third_party_access.succession import (
    RENEWS,
    STARTED,
    TERMINATED_BEFORE,
    came_to_nothing,
    renewal_of,
    renews,
    tell_the_one_before,
)
from portal.process.third_party_access.suspensions import to_hand_over
from portal.process.third_party_access.taking_over import SUSPENSIONS
from portal.process.third_party_access.term import TERMINATED, ends_from

CHAPTER = "afterwards"

_STOPPED = Taken("decide-on-renewal", "decision", ("stop",), "the Process Owner stops the renewal")
_GOES_ON = Taken("decide-on-renewal", "decision", ("go-on",), "the Process Owner lets the renewal go on")


def _check_failed(situation: Situation, answers: Answers) -> Iterator[Problem]:
    renewal = situation.facts.get("renewal")
    if renewal and not came_to_nothing(renewal):
        yield Problem("", f"The renewal is on its way: {renewal['id']}.")


def _record_failed(situation: Situation, answers: Answers) -> Json:
    """Which renewal it was, and what became of it: `rejected`, `withdrawn` or `ended`."""
    renewal = situation.facts.get("renewal") or {}
    return {"application": renewal_of(situation.document), "outcome": renewal.get("status", "")}


def _check_terminated(situation: Situation, answers: Answers) -> Iterator[Problem]:
    renewed = situation.facts.get("renewed")
    if renewed is None or TERMINATED.since(renewed) is None:
        yield Problem("", f"The agreement before it is not terminated: {renews(situation.document)}.")


def _record_terminated(situation: Situation, answers: Answers) -> Json:
    """How that agreement ends, the first day on which it is not in force, and why."""
    renewed = situation.facts["renewed"]
    terminated, from_day = section(renewed, "terminate"), ends_from(renewed)
    return {
        "kind": terminated["kind"],
        "ends_on": from_day.isoformat() if from_day else "",
        "reason": terminated["reason"],
    }


def _advice_on_renewal(situation: Situation) -> Iterator[str]:
    noted, day = section(situation.document, "note-termination"), ends_from(situation.facts["renewed"])
    if day:
        yield f"The agreement that it renews ({renews(situation.document)}) is no longer in force from {date_in_words(day)} on."
    yield f"The reason for its termination: {noted['reason']}"
    yield "Until you decide, nobody can sign this one, post its approval or put it in force."


STEPS = (
    Step(
        key="note-failed-renewal",
        title="Note that the renewal came to nothing",
        asks="The renewal that was started is rejected, withdrawn or ended: note it, so that another can be started.",
        done="noted that the renewal came to nothing",
        chapter=CHAPTER,
        section="10.2",
        opens=STARTED,
        repeats=STARTED,
        waits=Never(),
        each_anew=True,
        check=_check_failed,
        records=_record_failed,
        confirm_label="Note it",
        fields=(
            Field("application", "The renewal", by_portal=True),
            Field("outcome", "What became of it", Kind.CHOICE, by_portal=True, choices=(Choice("rejected", "It was rejected"), Choice("withdrawn", "It was withdrawn"), Choice("ended", "It has ended before it was in force"), Choice("", "Not known"))),
        ),
        tells=(Tell(("role:contract-manager",), "The renewal of the agreement of {organization} came to nothing: {application}. The agreement stays in force until its end, and the Process Owner can start another."),),
    ),
    Step(
        key="note-termination",
        title="Note that the agreement before is terminated",
        asks="DCSS has terminated the agreement that this one renews: note it, so that the Process Owner decides whether the renewal goes on.",
        done="noted that the agreement before is terminated",
        chapter=CHAPTER,
        section="6.9",
        opens=RENEWS,
        repeats=RENEWS,
        waits=Never(),
        each_anew=True,
        check=_check_terminated,
        records=_record_terminated,
        confirm_label="Note it",
        fields=(
            Field("kind", "How it ends", Kind.CHOICE, by_portal=True, choices=(Choice("at-once", "At once, for cause"), Choice("notice", "With 30 days’ notice"))),
            Field("ends_on", "The first day on which it is no longer in force", Kind.DATE, by_portal=True),
            Field("reason", "The reason", Kind.LONG_TEXT, by_portal=True),
        ),
        tells=(Tell(("role:process-manager", "role:contract-manager"), "DCSS has terminated the agreement that {organization} is renewing. The Process Owner decides whether the renewal goes on; until then nobody can sign it."),),
    ),
    Step(
        key="note-suspensions",
        title="Note whose access an incident before asks to suspend",
        asks="An incident was reported under the agreement before this one: note whose access it asks to suspend, until it is closed there.",
        done="noted whose access an incident under the agreement before asks to suspend",
        chapter=CHAPTER,
        section="8",
        opens=RENEWS,
        repeats=RENEWS,
        waits=Never(),
        each_anew=True,
        records=lambda situation, answers: {"suspensions": to_hand_over(situation.facts["renewed"])},
        confirm_label="Note it",
        fields=(SUSPENSIONS,),
        tells=(Tell(("role:administrator",), "An incident of {organization}, reported under the agreement before, asks that access be suspended until it is closed: see whose, and suspend the accounts in CSE.", Shown("an incident before asks for it", lambda document: bool(section(document, "note-suspensions").get("suspensions"))), task="suspend-accounts"),),
    ),
    Step(
        key="decide-on-renewal",
        title="Decide whether the renewal goes on",
        asks="DCSS has terminated the agreement that this one renews: decide whether the renewal goes on.",
        done="decided on the renewal",
        done_when=((When("decision", ("go-on",)), "let the renewal go on"), (When("decision", ("stop",)), "stopped the renewal")),
        chapter=CHAPTER,
        section="6.9",
        opens=TERMINATED_BEFORE,
        each_anew=True,
        advice=_advice_on_renewal,
        check_first=True,
        confirm_label="Record the decision",
        status_when=((AllOf(_STOPPED, Provided(COUNTERSIGNED)), "ended"), (_STOPPED, "withdrawn")),
        passes_on=tell_the_one_before,
        tells=(
            Tell((CONTACT,), "DCSS has terminated the agreement of {organization}, and lets its renewal go on: {reason}", AllOf(_GOES_ON, Provided(Taken("complete-application")))),
            Tell(("role:director", "role:process-manager", "role:contract-manager"), "DCSS has terminated the agreement of {organization}, and lets its renewal go on: {reason}", _GOES_ON),
            Tell((CONTACT,), "DCSS has terminated the agreement of {organization}, and stops its renewal: {reason}", AllOf(_STOPPED, Provided(Taken("complete-application")))),
            Tell(("role:director", "role:process-manager", "role:contract-manager"), "DCSS has terminated the agreement of {organization}, and stops its renewal: {reason}", _STOPPED),
        ),
        fields=(
            Field("decision", "Does the renewal go on?", Kind.CHOICE, choices=(Choice("go-on", "It goes on", "It takes effect on its day, as it is signed."), Choice("stop", "It is stopped", "Its record stays."))),
            Field("reason", "The reason", Kind.LONG_TEXT, example="The accounts that were shared are gone, and all users are trained anew."),
        ),
    ),
)  # fmt: skip
