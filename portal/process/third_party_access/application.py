"""The chapter Application: the Requestor applies, Legal and Infrastructure answer, the Process Owner decides [6.4 to 6.7]."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from portal.process.conditions import AllOf, AnyOf, Begun, Later, Never, Not, Provided, Shown, Taken
from portal.process.document import Answers, Json, last_entry, moment, section
from portal.process.errors import Problem
from portal.process.goals import california_date
from portal.process.step import Choice, Field, Goal, Kind, Letter, Situation, Step, Tell, When
from portal.process.third_party_access.accounts import over_reserve, reserve_in_words, reserve_key
from portal.process.third_party_access.reference import AUTHORITIES
from portal.process.third_party_access.succession import tell_the_one_before

CHAPTER = "application"

ROUTED = Taken("route-application", "outcome", ("complete",), "the application is complete and routed")
CLARIFICATION = Taken("legal-opinion", "opinion", ("clarification",), "Legal asks for a clarification")
OPINION_ON_FILE = Taken("legal-opinion", "opinion", ("authorized", "not-authorized"), "Legal's opinion is on file")
AUTHORIZED = Taken("legal-opinion", "opinion", ("authorized",), "Legal finds the access authorized")
CONNECTS = Taken("connectivity-test", "result", ("connects",), "the connection works")
ACCEPTED = Taken("decide", "decision", ("accept",), "the application is accepted")
REJECTED = Taken("decide", "decision", ("reject",), "the application is rejected")
DECIDED = Taken("decide", words="the application is decided")

AWAITS_OPINION = Shown(
    "Legal's opinion is awaited",
    lambda document: any(task["step"] == "legal-opinion" for task in document.get("open_tasks", ())),
)

SECURITY_PROFILES = (
    Choice("iv-a-read-only", "IV-A, read only"),
    Choice("iv-e-read-only", "IV-E, read only"),
    Choice("other-read-only", "Other, read only"),
)
DELAY_REASONS = (
    Choice("purpose-unclear", "The purpose statement is unclear"),
    Choice("security-role-inadequate", "The CSE security role is inadequate for the purpose"),
    Choice("extensive-research", "Extensive legal research is necessary"),
)
PAPER = (Choice("mail", "Mail"), Choice("fax", "Fax"), Choice("email", "Email"))

PAPER_MAY_BE_OLDER = timedelta(days=90)
"""So much older than what asked for it may a date on paper be: a board may have met before the letter came."""

RECEIVED = (
    Field("received_by", "How did it reach you?", Kind.CHOICE, choices=PAPER, on_behalf_only=True, hint="The history says that you entered it for the Requestor."),
    Field("received_on", "Received on", Kind.DATE, on_behalf_only=True, not_after_today=True, hint="DCSS's goal counts from this date."),
)  # fmt: skip
"""Asked of the Process Manager who enters what came on paper [6.2]."""


def _came_on(answers: Answers, entered: date) -> date:
    """The date on which it reached DCSS: when the paper came, or when it was entered."""
    on_paper = answers.get("received_on")
    return min(entered, date.fromisoformat(on_paper)) if on_paper else entered


OPINION_GOAL = Goal(
    15,
    after=Taken("complete-application"),
    starts_on=lambda document, start: received(document, "complete-application", start),
    paused_by=CLARIFICATION,
    resumed_by="clarify",
    resumed_on=_came_on,
    trigger="receipt of the application",
)
DECISION_GOAL = Goal(15, after=OPINION_ON_FILE, trigger="Legal's opinion")


def received(document: Json, step_key: str, start: date) -> date:
    """The date on which it reached DCSS: when it was sent here, or when the paper came."""
    return _came_on(section(document, step_key), start)


def check_paper_date(situation: Situation, answers: Answers, field: str, asked_by: str) -> Iterator[Problem]:
    """A date on paper cannot lie long before the step `asked_by` asked for the paper."""
    said, asked = answers.get(field), last_entry(situation.document, asked_by)
    if not said or asked is None:
        return
    asked_on = california_date(moment(asked["at"]))
    if date.fromisoformat(said) < asked_on - PAPER_MAY_BE_OLDER:
        yield Problem(field, f"This cannot be right: it was asked for on {asked_on.strftime('%B %-d, %Y')}")


def _check_application(situation: Situation, answers: Answers) -> Iterator[Problem]:
    yield from check_paper_date(situation, answers, "received_on", "send-invitation")
    recommended = section(situation.document, "identify-requestor").get("recommended_accounts", 0)
    if answers["users_requested"] > recommended and not answers.get("justification"):
        yield Problem(
            "justification",
            f"The LCSA Director recommended {recommended}, and {answers['users_requested']} is more. Say why you need them.",
        )


def _check_decision(situation: Situation, answers: Answers) -> Iterator[Problem]:
    if answers["decision"] != "accept":
        return
    if AUTHORIZED.since(situation.document) is None:
        yield Problem("decision", "It cannot be accepted: DCSS Legal did not find the access authorized [2.2].")
    if CONNECTS.since(situation.document) is None:
        yield Problem(
            "decision",
            "It cannot be accepted: the connection to a point of presence did not work when last tested [2.3].",
        )
    yield from over_reserve(situation, answers, "accounts_granted")


def _advice_on_decision(situation: Situation) -> Iterator[str]:
    """What stands against an acceptance, and how the number weighs against the guide."""
    if AUTHORIZED.since(situation.document) is None:
        yield "DCSS Legal did not find the access authorized: the application can only be rejected [2.2]."
    if CONNECTS.since(situation.document) is None:
        yield "The connection did not work when last tested: the application can only be rejected, until a new test works [2.3]."
    yield reserve_in_words(situation)


def _invited(name: str) -> Callable[[Situation], object]:
    """The form starts with what the Director said of the organization."""
    return lambda situation: section(situation.document, "identify-requestor").get(name)


def _as_before(field: Field) -> Field:
    """The same field; in a renewal the form starts with what the application before said [10.2]. Who is to be reached,
    and for how many users, the invitation to renew says.
    """
    offered = field.default
    if field.name in _GIVEN_ANEW or (offered is not None and field.name != "requestor_name"):
        return field

    def known(situation: Situation) -> object:
        before = section(situation.facts.get("renewed", {}), "complete-application").get(field.name)
        return before if before is not None or offered is None else offered(situation)

    return replace(field, default=known)


def _board_days(situation: Situation) -> int | None:
    return board_days(situation.facts["renewed"]) if situation.facts.get("renewed") else None


def board_days(document: Mapping[str, Any]) -> int | None:
    """How many days the organization's board needs to approve an agreement, as last said; None when it never was."""
    for entry in reversed(document["history"]):
        if entry["step"] in ("complete-application", "say-board-days") and "board_days" in entry["answers"]:
            days: int = entry["answers"]["board_days"]
            return days
    return None


BOARD_DAYS = Field(
    "board_days",
    "How many days does your board need to approve an agreement?",
    Kind.NUMBER,
    required=False,
    minimum=0,
    maximum=730,
    example="45",
    hint="From when it has the papers to its vote. The renewal then begins so many days earlier.",
)

_GIVEN_ANEW = ("justification", "received_by", "received_on", "signature", "attestation", "signed_on", "board_days")
"""Answers to an application that a renewal does not take over as they are."""


def _record_decision(situation: Situation, answers: Answers) -> Json:
    """The term; and in a renewal how many accounts the agreement before holds, which are drawn on the guide already."""
    if answers["decision"] != "accept":
        return {}
    term = {"term_months": answers.get("term_months", situation.facts.get("mou_term_months", 36))}
    renewed = situation.facts.get("renewed")
    if not renewed:
        return term
    key = reserve_key(renewed["lcsa"], section(renewed, "identify-requestor").get("organization_type", "other"))
    return {**term, "renewed_holds": renewed["holdings"].get(key, 0)}


def _profile(situation: Situation) -> str | None:
    kind = section(situation.document, "identify-requestor").get("organization_type")
    return {"iv-a": "iv-a-read-only", "iv-e": "iv-e-read-only"}.get(str(kind), "other-read-only")


def _recommended(situation: Situation) -> int | None:
    sent = section(situation.document, "send-to-owner").get("recommended_accounts")
    accounts: int | None = sent or section(situation.document, "identify-requestor").get("recommended_accounts")
    return accounts


def _today(situation: Situation) -> str:
    return situation.today.isoformat()


_WHO = "Your organization and its contact person"
_SECURITY = "Who answers for information security"
_SIGNER = "Who will sign the agreement"
_WHY = "Legal authority and purpose"
_HOW_MANY = "How many users"
_SIGN = "Sign the application"

STEPS = (
    Step(
        key="complete-application",
        title="Complete the application",
        asks="Fill in the application for access to CSE and send it.",
        done="sent the application",
        chapter=CHAPTER,
        section="6.4",
        opens=AnyOf(Begun("send-invitation"), Taken("route-application", "outcome", ("return",), "the Process Manager returns it for correction")),
        closed_by=Later(Taken("schedule-invitation"), Taken("send-invitation")),
        check=_check_application,
        status="applying",
        check_first=True,
        keeps_draft=True,
        confirm_label="Send the application",
        tells=(Tell(("person:complete_application.contact",), "The application of {organization} was sent to DCSS. You hear from us when there is something for you to do.", invites="requestor"),),
        fields=tuple(map(_as_before, (
            Field("requestor_name", "Name of Requestor", hint="The organization filing this application.", example="Kern County Department of Human Services", default=_invited("organization_name"), autocomplete="organization", part=_WHO),
            Field("contact_name", "Name", group="Contact person for this request", example="María Ortega", default=_invited("invitee_name"), autocomplete="off", part=_WHO),
            Field("contact_title", "Title", group="Contact person for this request", example="Deputy Director", default=_invited("invitee_title"), part=_WHO),
            Field("contact_phone", "Phone", Kind.PHONE, group="Contact person for this request", example="(661) 555-0100", part=_WHO),
            Field("contact_fax", "Fax", Kind.PHONE, group="Contact person for this request", required=False, example="(661) 555-0101", part=_WHO),
            Field("contact_email", "Email", Kind.EMAIL, group="Contact person for this request", example="name@county.ca.gov", default=_invited("invitee_email"), part=_WHO),
            Field("iso_name", "Name", group="Information Security Officer", hint="The person at your organization who answers for information security. Audit findings go to them.", example="Sam Rivera", part=_SECURITY),
            Field("iso_title", "Title", group="Information Security Officer", example="Information Security Officer", part=_SECURITY),
            Field("iso_phone", "Phone", Kind.PHONE, group="Information Security Officer", example="(661) 555-0102", part=_SECURITY),
            Field("iso_email", "Email", Kind.EMAIL, group="Information Security Officer", example="name@county.ca.gov", part=_SECURITY),
            Field("mou_signer_name", "Name", group="Who will sign the Memorandum of Understanding", hint="Somebody who may bind your organization.", example="Dana Brooks", part=_SIGNER),
            Field("mou_signer_title", "Title", group="Who will sign the Memorandum of Understanding", example="Director", part=_SIGNER),
            Field("mou_signer_email", "Email", Kind.EMAIL, group="Who will sign the Memorandum of Understanding", example="name@county.ca.gov", part=_SIGNER),
            Field("statutory_authority", "The statutory authority that allows disclosure of child support information to you", Kind.LONG_TEXT, hint="Name the federal or state law and section. DCSS Legal weighs it.", example="42 USC 453A(h)(1) and 45 CFR 307.13: the county welfare department verifies child support income for eligibility under Title IV-A.", part=_WHY),
            Field("purpose", "For what purpose will you use child support information?", Kind.LONG_TEXT, hint="What is looked up, by whom, for which decision. No names or numbers from any case.", example="Eligibility workers check whether child support is ordered and paid when they determine CalWORKs eligibility and grant amounts.", part=_WHY),
            Field("users_requested", "Number of users requested", Kind.NUMBER, example="5", minimum=1, maximum=5000, default=_invited("recommended_accounts"), part=_HOW_MANY),
            Field("justification", "Why you need this many users", Kind.LONG_TEXT, required=False, hint="Asked for when you request more than the LCSA Director recommended.", example="A second office opens in March with three eligibility workers.", part=_HOW_MANY),
            replace(BOARD_DAYS, default=_board_days, part=_HOW_MANY),
            *RECEIVED,
            Field("signature", "Signature of Requestor or designee", on_behalf_label="The paper is signed by", hint="Type your full name. It stands for your signature.", example="María Ortega", autocomplete="off", part=_SIGN),
            Field("attestation", "I am authorized to file this application, and what it says is true to the best of my knowledge", Kind.TICK, on_behalf_label="The paper is signed, and I have entered what it says", part=_SIGN),
            Field("signed_on", "Date", Kind.DATE, not_after_today=True, default=_today, part=_SIGN),
        ))),
    ),
    Step(
        key="route-application",
        title="Check and route the application",
        asks="Check that the application is complete. It then goes to Legal and to Infrastructure at once.",
        done="routed the application to Legal and Infrastructure",
        done_when=((When("outcome", ("return",)), "returned the application for correction"),),
        chapter=CHAPTER,
        section="6.5",
        opens=Taken("complete-application"),
        status_when=((Taken("route-application", "outcome", ("return",)), "applying"),),
        status="in-review",
        template="beside.html",
        fields=(
            Field("outcome", "Is the application complete?", Kind.CHOICE, choices=(Choice("complete", "Complete: send it to Legal and Infrastructure"), Choice("return", "Return it to the Requestor for correction"))),
            Field("correction", "What the Requestor should correct", Kind.LONG_TEXT, only_when=When("outcome", ("return",)), hint="The Requestor sees this with the application, which they can then change and send again.", example="Please give the phone number of the information security officer."),
        ),
    ),
    Step(
        key="legal-opinion",
        delays="legal-opinion",
        title="Give the legal opinion",
        asks="Review the application for legal authority for the purpose that it describes.",
        done="gave the legal opinion",
        done_when=((When("opinion", ("clarification",)), "asked the Requestor for a clarification"),),
        chapter=CHAPTER,
        section="6.5",
        opens=AnyOf(ROUTED, Taken("clarify")),
        closed_by=DECIDED,
        goal=OPINION_GOAL,
        template="beside.html",
        keeps_draft=True,
        fields=(
            Field("opinion", "Is access authorized by law for this purpose?", Kind.CHOICE, choices=(Choice("authorized", "Authorized"), Choice("not-authorized", "Not authorized"), Choice("clarification", "The Requestor must clarify something first"))),
            Field("authorities", "Authorities on which the opinion rests", Kind.CHOICES, required=When("opinion", ("authorized",)), choices=tuple(Choice(authority.key, authority.citation) for authority in AUTHORITIES)),
            Field("opinion_text", "The opinion, or what the Requestor must clarify", Kind.LONG_TEXT, hint="An opinion is read by Legal, the Process Manager and the Process Owner only. A question is read by the Requestor too.", example="Access for IV-A eligibility is authorized under 45 CFR 307.13(a) and Family Code 17212(c)."),
            Field("delay_reason", "If this took longer than the goal: why", Kind.CHOICE, required=False, choices=DELAY_REASONS),
        ),
    ),
    Step(
        key="delay-opinion",
        delays="legal-opinion",
        title="Say why the opinion takes longer",
        asks="Record which of the three reasons delays the opinion.",
        done="said why the opinion takes longer",
        chapter=CHAPTER,
        section="4",
        opens=Provided(ROUTED),
        repeats=Provided(ROUTED),
        closed_by=Not(AWAITS_OPINION),
        waits=Never(),
        fields=(Field("delay_reason", "Reason", Kind.CHOICE, choices=DELAY_REASONS),),
    ),
    Step(
        key="clarify",
        title="Answer Legal's question",
        check=lambda situation, answers: check_paper_date(situation, answers, "received_on", "legal-opinion"),
        asks="DCSS Legal asks you to clarify something in the application.",
        done="answered Legal's question",
        chapter=CHAPTER,
        section="6.5",
        opens=CLARIFICATION,
        template="beside.html",
        keeps_draft=True,
        fields=(
            Field("clarification", "Your answer", Kind.LONG_TEXT, hint="No names or numbers from any case.", example="The workers look up whether an order exists and what was paid; they do not look up addresses."),
            *RECEIVED,
        ),
    ),
    Step(
        key="connectivity-test",
        title="Test the connection",
        asks="Test whether the Requestor can connect to a DTS point of presence.",
        done="tested the connection",
        done_when=((When("result", ("does-not-connect",)), "tested the connection: it does not connect"), (When("result", ("connects",)), "tested the connection: it connects")),
        chapter=CHAPTER,
        section="6.5",
        opens=ROUTED,
        repeats=Taken("connectivity-test", "result", ("does-not-connect",), "the last test failed"),
        closed_by=DECIDED,
        template="beside.html",
        fields=(
            Field("result", "Does the Requestor connect?", Kind.CHOICE, choices=(Choice("connects", "It connects"), Choice("does-not-connect", "It does not connect", "It can be tested again."))),
            Field("point_of_presence", "DTS point of presence", hint="The point of presence tested.", example="Bakersfield POP 2"),
            Field("tested_on", "Tested on", Kind.DATE, not_after_today=True, default=_today),
            Field("findings", "Findings", Kind.LONG_TEXT, required=When("result", ("does-not-connect",)), hint="What was tested and what was found; when it does not connect, what the Requestor should do.", example="The county firewall blocks port 443 to the POP. The county's network team was told."),
        ),
    ),
    Step(
        key="send-to-owner",
        title="Send the application to the Process Owner",
        asks="The opinion and the test are on file: sum up the application for the Process Owner's decision.",
        done="sent the application to the Process Owner",
        chapter=CHAPTER,
        section="6.5",
        advice=lambda situation: [reserve_in_words(situation)],
        opens=AllOf(ROUTED, Provided(OPINION_ON_FILE), Provided(Taken("connectivity-test", words="a connectivity test is on file"))),
        template="decision.html",
        fields=(
            Field("summary", "Summary for the Process Owner", Kind.LONG_TEXT, hint="Authority, connection, number of accounts, and anything unusual.", example="Legal finds the access authorized; the connection works. The Director recommends 5 accounts, the guide reserves 1."),
            Field("recommended_accounts", "Number of accounts to recommend", Kind.NUMBER, minimum=0, maximum=5000, default=_recommended),
        ),
    ),
    Step(
        key="decide",
        title="Decide the application",
        asks="Accept or reject the application, and say how many accounts are granted.",
        done="decided the application",
        done_when=((When("decision", ("accept",)), "accepted the application"), (When("decision", ("reject",)), "rejected the application")),
        chapter=CHAPTER,
        section="6.6",
        opens=Taken("send-to-owner"),
        shows=("send-to-owner", "legal-opinion", "connectivity-test"),
        goal=DECISION_GOAL,
        check=_check_decision,
        advice=_advice_on_decision,
        status="decided",
        template="decision.html",
        check_first=True,
        confirm_label="Record the decision",
        fields=(
            Field("decision", "Decision", Kind.CHOICE, choices=(Choice("accept", "Accept, on the conditions of the acceptance letter"), Choice("reject", "Reject"))),
            Field("reason", "Reason for the rejection", Kind.LONG_TEXT, only_when=When("decision", ("reject",)), hint="It stands in the notice to the Requestor, with a copy to the LCSA Director.", example="The purpose described is not one for which federal or state law allows disclosure."),
            Field("accounts_granted", "Number of accounts granted", Kind.NUMBER, only_when=When("decision", ("accept",)), minimum=1, maximum=5000, default=_recommended),
            Field("justification", "Why more are granted than the guide has left", Kind.LONG_TEXT, required=False, only_when=When("decision", ("accept",)), hint="Asked for when the number is over the guide's reserve.", example="The county's caseload doubled since the guide was drawn up; system load allows it."),
            Field("security_profile", "Security profile", Kind.CHOICE, only_when=When("decision", ("accept",)), choices=SECURITY_PROFILES, default=_profile),
            Field("term_months", "Term of the MOU in months", Kind.NUMBER, required=False, only_when=When("decision", ("accept",)), minimum=1, maximum=120, default=lambda situation: situation.facts.get("mou_term_months", 36)),
        ),
        records=_record_decision,
    ),
    Step(
        key="delay-decision",
        delays="decide",
        title="Say why the decision takes longer",
        asks="Record why the decision is delayed.",
        done="said why the decision takes longer",
        chapter=CHAPTER,
        section="4",
        opens=Provided(Taken("send-to-owner")),
        repeats=Provided(Taken("send-to-owner")),
        closed_by=DECIDED,
        waits=Never(),
        fields=(Field("delay_reason", "Reason", Kind.CHOICE, choices=(Choice("over-uaag", "More users are requested than the guide reserves, and their justification must be approved"), Choice("priorities", "Higher priority assignments"))),),
    ),
    Step(
        key="send-decision",
        title="Send the decision",
        asks="Look at the letter and send it to the Requestor.",
        done="sent the decision",
        chapter=CHAPTER,
        section="6.7",
        opens=DECIDED,
        passes_on=tell_the_one_before,
        goal=DECISION_GOAL,
        status="agreeing",
        status_when=((REJECTED, "rejected"),),
        template="send_letters.html",
        confirm_label="Send",
        letters=(
            Letter("conditional-acceptance", "Conditional acceptance", ("person:complete_application.contact",), ("actor:identify-requestor",), when=ACCEPTED),
            Letter("mou", "Memorandum of Understanding", ("person:complete_application.contact",), when=ACCEPTED, sample=True),
            Letter("confidentiality-statement", "Confidentiality statement", ("person:complete_application.contact",), when=ACCEPTED, sample=True),
            Letter("security-awareness-training", "Security awareness training", ("person:complete_application.contact",), when=ACCEPTED, sample=True),
            Letter("notice-of-rejection", "Notice of rejection", ("person:complete_application.contact",), ("actor:identify-requestor",), when=REJECTED),
        ),
        tells=(
            Tell(("person:complete_application.contact", "actor:identify-requestor"), "DCSS conditionally accepts the application of {organization}. The letter says what is to be done.", ACCEPTED),
            Tell(("person:complete_application.mou_signer",), "DCSS conditionally accepts the application of {organization}. It names you as the one who signs the Memorandum of Understanding.", ACCEPTED, invites="requestor", task="sign-mou"),
            Tell(("person:complete_application.contact", "actor:identify-requestor"), "DCSS has rejected the application of {organization}. The letter gives the reason.", REJECTED),
        ),
    ),
    Step(
        key="say-board-days",
        title="Say how long your board needs",
        asks="Say how many days your board needs to approve an agreement, so that its renewal begins early enough.",
        done="said how long the board needs",
        chapter=CHAPTER,
        section="10.1",
        opens=Taken("complete-application"),
        repeats=Taken("complete-application"),
        waits=Never(),
        advice=lambda situation: [f"On record: {days} days." if (days := board_days(situation.document)) is not None else "Nothing is on record yet."],
        fields=(replace(BOARD_DAYS, required=True, default=lambda situation: board_days(situation.document)),),
    ),
)  # fmt: skip
