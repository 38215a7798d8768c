"""The chapter Invitation: a Director identifies an organization, the Process Manager invites it [6.2, 6.3, 3]."""

from collections.abc import Callable, Iterator
from datetime import date

from portal.process.conditions import Later, Not, Taken
from portal.process.document import Answers, Json, section
from portal.process.errors import Problem
from portal.process.goals import add_months, date_in_words
from portal.process.step import Choice, Field, Goal, Grant, Kind, Letter, Situation, Step, Tell, When
from portal.process.third_party_access.accounts import over_reserve
from portal.process.third_party_access.succession import renews

CHAPTER = "invitation"
MONTHS_AFTER_CONVERSION = 2
INVITEE = "Whom to invite"
COORDINATOR = "Third Party Access Coordinator"

ORGANIZATION_TYPES = (
    Choice("iv-a", "Welfare department (IV-A)"),
    Choice("iv-e", "Foster care department (IV-E)"),
    Choice("district-attorney", "District attorney"),
    Choice("child-abduction", "Child abduction unit"),
    Choice("other", "Another organization"),
)


def earliest_invitation(conversion_date: str) -> date:
    """The first date on which an LCSA's Requestors may be invited: two months after its conversion to CSE [3]."""
    return add_months(date.fromisoformat(conversion_date), MONTHS_AFTER_CONVERSION)


def _lcsa(situation: Situation) -> str:
    """The LCSA for which the step is taken: the document's, or the one that the Director directs."""
    if situation.document.get("lcsa"):
        return str(situation.document["lcsa"])
    grants = situation.actor.grants if situation.actor else ()
    return next((grant.scope["lcsa"] for grant in grants if grant.role == "director"), "")


def _too_early(situation: Situation, answers: Answers) -> Iterator[Problem]:
    converted = situation.facts.get("conversion_date")
    if converted and date.fromisoformat(answers["invitation_date"]) < (earliest := earliest_invitation(converted)):
        yield Problem(
            "invitation_date",
            f"{_lcsa(situation)} converted to CSE on {date_in_words(date.fromisoformat(converted))}. Invitations go out two months after that at the earliest: "
            f"from {earliest.strftime('%B %-d, %Y')} on.",
        )


def _names_themselves(situation: Situation, answers: Answers) -> Iterator[Problem]:
    """Whoever is named gets the role: nobody gives one to themselves [1.5]."""
    actor = situation.actor
    for who, role in (("invitee", "requestor"), ("coordinator", "coordinator"), ("administrator", "administrator")):
        own = actor is not None and answers[f"{who}_email"].casefold() == actor.email.casefold()
        limits = {"lcsa": _lcsa(situation)}
        if role == "requestor":
            limits["organization"] = answers["organization_name"]
        if own and actor is not None and Grant(role, limits) not in actor.grants:
            yield Problem(
                f"{who}_email", "This is your own address, and nobody gives a role to themselves. Name somebody else."
            )


def check_identification(situation: Situation, answers: Answers) -> Iterator[Problem]:
    yield from _names_themselves(situation, answers)
    yield from _too_early(situation, answers)
    yield from over_reserve(situation, answers, "recommended_accounts")


def _advice_on_identification(situation: Situation) -> Iterator[str]:
    """When the LCSA's Requestors may be invited."""
    converted = situation.facts.get("conversion_date")
    if converted:
        earliest = date_in_words(earliest_invitation(converted))
        yield f"{_lcsa(situation)} converted to CSE on {date_in_words(date.fromisoformat(converted))}: invitations can go out from {earliest} on."
    else:
        yield f"The date on which {_lcsa(situation)} converted to CSE is not on record yet. The Process Manager enters it before the invitation is scheduled."
    left = situation.facts.get("reserves")
    if left:
        words = "; ".join(f"{choice.label}: {left[choice.value]}" for choice in ORGANIZATION_TYPES)
        yield f"What the allocation guide has left for {_lcsa(situation)}: {words}. It is a guideline: more needs a justification."


def _advice_on_schedule(situation: Situation) -> Iterator[str]:
    """What the Director asked for, and when it may be at the earliest."""
    asked = section(situation.document, "identify-requestor").get("invitation_date")
    if asked:
        yield f"The Director asked for {date_in_words(date.fromisoformat(asked))}."
    yield from _advice_on_identification(situation)


def _record_identification(situation: Situation, answers: Answers) -> Json:
    """The LCSA and its earliest invitation; in a renewal what it renews, and for which Director it was entered."""
    recorded = {"lcsa": _lcsa(situation), **_record_earliest(situation, answers)}
    if renewed := renews(situation.document):
        recorded["renews"] = renewed
    if situation.on_behalf and (director := situation.facts.get("director")):
        recorded |= {"director_name": director["name"], "director_email": director["email"]}
    return recorded


def _record_earliest(situation: Situation, answers: Answers) -> Json:
    """The first date on which the LCSA may be invited, as known today: the goal counts from then [4]."""
    converted = situation.facts.get("conversion_date")
    return {"earliest_invitation": earliest_invitation(converted).isoformat()} if converted else {}


def _check_schedule(situation: Situation, answers: Answers) -> Iterator[Problem]:
    if answers["outcome"] != "schedule":
        return
    if not situation.facts.get("conversion_date"):
        yield Problem(
            "invitation_date",
            f"The date on which {_lcsa(situation)} converted to CSE is not on record. Enter it under “Conversion dates” first: "
            "invitations go out two months after it at the earliest.",
        )
    yield from _too_early(situation, answers)


def _check_sending(situation: Situation, answers: Answers) -> Iterator[Problem]:
    """The conversion date may have been put right after the invitation was scheduled."""
    converted = situation.facts.get("conversion_date")
    if converted and situation.today < (earliest := earliest_invitation(converted)):
        yield Problem(
            "",
            f"{_lcsa(situation)} converted to CSE on {date_in_words(date.fromisoformat(converted))}: the invitation goes out from "
            f"{earliest.strftime('%B %-d, %Y')} on. Schedule it anew.",
        )


def _not_before_conversion(document: Json, start: date) -> date:
    """Two months after conversion as last recorded: the Process Manager may enter the date after the identification."""
    known = (entry["answers"].get("earliest_invitation") for entry in reversed(document["history"]))
    earliest = next((day for day in known if day), None)
    return max(start, date.fromisoformat(earliest)) if earliest else start


def _asked_date(situation: Situation) -> str | None:
    """The date that the Director asked for, or today once it has passed."""
    asked = section(situation.document, "identify-requestor").get("invitation_date")
    return max(str(asked), situation.today.isoformat()) if asked else None


def _contact(who: str, group: str, does: str) -> tuple[Field, ...]:
    """Name, title, phone and email of somebody of the LCSA: as the portal knows them, until they are changed."""

    def known(part: str) -> Callable[[Situation], object]:
        return lambda situation: situation.facts.get(who, {}).get(part) or None

    return (
        Field(f"{who}_name", "Name", hint=does, default=known("name"), autocomplete="off", group=group),
        Field(f"{who}_title", "Title", example="Staff Services Manager", default=known("title"), group=group),
        Field(f"{who}_phone", "Phone", Kind.PHONE, example="(916) 555-0100", default=known("phone"), group=group),
        Field(f"{who}_email", "Email", Kind.EMAIL, example="name@county.ca.gov", default=known("email"), group=group),
    )


COORDINATOR_ACTS = Taken("identify-requestor", "coordinator_acts", (True,), "the Director lets the Coordinator act")
SCHEDULED = Taken("schedule-invitation", "outcome", ("schedule",), "the invitation is scheduled")

SENT_BY_GOAL = Goal(
    15,
    after=Taken("identify-requestor"),
    starts_on=_not_before_conversion,
    trigger="identification, or two months after the LCSA's conversion to CSE if that is later",
)

STEPS = (
    Step(
        key="identify-requestor",
        title="Identify a Requestor",
        asks="Identify an organization that should have access, and say how many accounts you recommend.",
        done="identified the organization",
        chapter=CHAPTER,
        section="6.2",
        starts=True,
        opens=Taken("schedule-invitation", "outcome", ("return",), "the Process Manager returns it"),
        check=check_identification,
        advice=_advice_on_identification,
        records=_record_identification,
        status="identified",
        check_first=True,
        confirm_label="Identify this organization",
        tells=(
            Tell(("person:identify_requestor.coordinator",), "{lcsa}'s Director names you as the Third Party Access Coordinator for the access of {organization} to CSE.", invites="coordinator"),
            Tell(("person:identify_requestor.administrator",), "{lcsa}'s Director names you as the System Administrator who sets up the accounts of {organization} in CSE.", invites="administrator"),
        ),
        fields=(
            Field("organization_name", "Name of the organization", hint="As it should stand in the Matrix and on letters.", example="Kern IV-A"),
            Field("organization_type", "What sort of organization is it?", Kind.CHOICE, choices=ORGANIZATION_TYPES),
            Field("invitee_name", "Name", group=INVITEE, hint="The person at the organization to whom the invitation letter goes.", example="María Ortega"),
            Field("invitee_title", "Title", group=INVITEE, example="Deputy Director"),
            Field("invitee_address", "Postal address", Kind.LONG_TEXT, group=INVITEE, hint="As it should stand on the letter, one line below the other.", example="100 E. California Avenue, Bakersfield, CA 93307", longest=500),
            Field("invitee_email", "Email", Kind.EMAIL, group=INVITEE, hint="The link with which they make their account goes here.", example="name@county.ca.gov"),
            *_contact("coordinator", COORDINATOR, "The LCSA's contact for everything about this access. Whoever is not yet your LCSA's Coordinator becomes it, and gets an email."),
            Field("coordinator_acts", "The Coordinator may act for me on this application", Kind.TICK, group=COORDINATOR, required=False, hint="They can then direct the account set-up and withdraw the application in your place."),
            *_contact("administrator", "LCSA System Administrator", "Sets up the organization's user accounts. Whoever is not yet your LCSA's System Administrator becomes it, and gets an email."),
            Field("recommended_accounts", "Number of user accounts you recommend", Kind.NUMBER, hint="How many people at the organization should be able to look things up in CSE.", example="5", minimum=1, maximum=5000),
            Field("justification", "Why the organization needs this many", Kind.LONG_TEXT, required=False, hint="Asked for when the allocation guide has fewer left. Describe the work and how many people do it.", example="Five eligibility workers in two offices check child support orders for about 300 intake interviews a month."),
            Field("invitation_date", "When should the invitation letter be sent?", Kind.DATE, hint="Two months after your LCSA's conversion to CSE at the earliest.", not_before_today=True),
        ),
    ),
    Step(
        key="schedule-invitation",
        title="Schedule the invitation",
        asks="Set the date on which the invitation letter goes out, or return the identification to the Director.",
        done="scheduled the invitation",
        done_when=((When("outcome", ("return",)), "returned the identification"),),
        chapter=CHAPTER,
        section="6.3",
        opens=Taken("identify-requestor"),
        repeats=SCHEDULED,
        closed_by=Taken("complete-application"),
        waits=Not(SCHEDULED),
        goal=SENT_BY_GOAL,
        check=_check_schedule,
        records=_record_earliest,
        advice=_advice_on_schedule,
        status="identified",
        tells=(
            Tell(("actor:identify-requestor",), "The invitation of {organization} is scheduled.", SCHEDULED),
        ),
        fields=(
            Field("outcome", "What happens with it?", Kind.CHOICE, choices=(Choice("schedule", "Schedule the invitation"), Choice("return", "Return it to the Director"))),
            Field("invitation_date", "Date of the invitation letter", Kind.DATE, only_when=When("outcome", ("schedule",)), hint="The letter goes out on this date by itself.", not_before_today=True, default=_asked_date),
            Field("reason", "What the Director should change", Kind.LONG_TEXT, only_when=When("outcome", ("return",)), hint="The Director sees this with the form.", example="Please give the name of one person rather than a department."),
        ),
    ),
    Step(
        key="send-invitation",
        title="Send the invitation letter",
        asks="Look at the invitation letter and send it. It goes out by itself on its date otherwise.",
        done="sent the invitation letter",
        chapter=CHAPTER,
        section="6.3",
        opens=SCHEDULED,
        repeats=SCHEDULED,
        closed_by=Taken("post-approval"),
        waits=Later(SCHEDULED, Taken("send-invitation")),
        check=_check_sending,
        opens_on=("schedule-invitation", "invitation_date"),
        goal=SENT_BY_GOAL,
        status_when=((Not(Taken("complete-application")), "invited"),),
        template="send_letters.html",
        confirm_label="Send the invitation",
        letters=(
            Letter("invitation", "Invitation letter", ("person:identify_requestor.invitee",), ("actor:identify-requestor",)),
            Letter("application-form", "Application form, to send by mail or fax", ("person:identify_requestor.invitee",), template="application", specimen=True),
            Letter("confidentiality-statement-sample", "Confidentiality statement, for review", ("person:identify_requestor.invitee",), template="confidentiality-statement", specimen=True, sample=True),
            Letter("mou-sample", "Memorandum of Understanding, for review", ("person:identify_requestor.invitee",), template="mou", specimen=True, sample=True),
        ),
        tells=(
            Tell(("person:identify_requestor.invitee",), "{lcsa}'s Director has identified {organization} for access to the Child Support Enforcement system (CSE). You are invited to apply.", invites="requestor", task="complete-application"),
            Tell(("actor:identify-requestor",), "The invitation letter to {organization} was sent. This is your copy (cc)."),
        ),
    ),
)  # fmt: skip
