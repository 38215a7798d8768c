"""The chapter Agreement: both sign the MOU, users are trained and certified, the approval is posted [6.8, 6.9]."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from portal.process.conditions import AllOf, AnyOf, Begun, Earlier, Later, Never, Not, Provided, ReadIn, Shown, Taken
from portal.process.document import Answers, Json, last_entry, section
from portal.process.errors import Problem
from portal.process.goals import add_months, california_day, date_in_words
from portal.process.step import Choice, Field, Goal, Kind, Letter, Situation, Step, Tell, When
from portal.process.third_party_access.application import ACCEPTED, RECEIVED, check_paper_date, received
from portal.process.third_party_access.findings import open_elsewhere
from portal.process.third_party_access.succession import UNDECIDED, WAITS_FOR_THE_ONE_BEFORE, is_in_place, renews
from portal.process.third_party_access.term import ends_from
from portal.process.third_party_access.users import (
    advice_on_roster,
    as_of,
    check_roster,
    is_certified,
    never_set_up,
    roster,
    roster_as_known,
)

CHAPTER = "agreement"

ACCEPTANCE_SENT = AllOf(Provided(ACCEPTED), Taken("send-decision", words="the acceptance is sent"))
SIGNED = Taken("sign-mou", words="the Requestor has signed the MOU")
COUNTERSIGNED = Taken("countersign-mou", words="DCSS has signed the MOU")
POSTED = Taken("post-approval", words="the approval is posted")
MOU_RETURNED = Later(Taken("return-mou", words="the Process Owner returns the MOU"), SIGNED)


def _all_certified(document: Mapping[str, Any]) -> bool:
    """In a renewal as of the day on which they were named: until it takes the place of the agreement before, users are
    certified anew under that one, and asked once.
    """
    named = last_entry(document, "certify-users")
    on = as_of(document) if is_in_place(document) or named is None else california_day(named["at"])
    return bool(roster(document)) and all(is_certified(user, on) for user in never_set_up(document))


ALL_CERTIFIED = Shown("every named user without an account is trained and has signed", _all_certified)

OFFERED = Taken("offer-mou", words="the MOU's new text is sent")
SIGNED_ANEW = Later(SIGNED, POSTED)
"""Both sides sign again, while what they signed before stays in force."""

MOU_GOAL = Goal(
    15,
    after=SIGNED,
    starts_on=lambda document, start: received(document, "sign-mou", start),
    trigger="receipt of the MOU signed by the Requestor",
)
POSTING_GOAL = replace(MOU_GOAL, after=Earlier(SIGNED, POSTED), starts_on=lambda document, start: start if SIGNED_ANEW.since(document) is not None else received(document, "sign-mou", start))  # fmt: skip
"""The same, and it stands when both sign again later."""


def sent_mou(document: Json) -> Json | None:
    """The MOU as it was sent last, with the acceptance or in a new text: name and SHA-256."""
    sent = [letter for key in ("send-decision", "offer-mou") for letter in (last_entry(document, key) or {}).get("letters", []) if letter["name"] == "mou"]  # fmt: skip
    return sent[-1] if sent else None


def _check_signature(situation: Situation, answers: Answers) -> Iterator[Problem]:
    for field in ("received_on", "signed_on"):
        offered = OFFERED.since(situation.document) is not None
        yield from check_paper_date(situation, answers, field, "offer-mou" if offered else "send-decision")
    signer = str(section(situation.document, "complete-application").get("mou_signer_name", ""))
    if answers["method"] == "here" and situation.on_behalf:
        yield Problem("method", "You enter what came on paper: choose the scan. Only the signer signs here.")
        return
    if answers["method"] == "here" and _plain(answers["signature"]) != _plain(signer):
        yield Problem(
            "signature", f"The application names {signer} as the one who signs the MOU. Their full name goes here."
        )


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _record_signature(situation: Situation, answers: Answers) -> Json:
    """Which text was signed: the SHA-256 of the MOU that was sent."""
    sent = sent_mou(situation.document)
    return {"mou_sha256": sent["sha256"]} if sent else {}


def _advice_on_countersignature(situation: Situation) -> Iterator[str]:
    """What the agreement before was terminated for: nobody signs its renewal without knowing."""
    before, decided = (section(situation.document, step) for step in ("note-termination", "decide-on-renewal"))
    if before and decided:
        yield f"DCSS has terminated the agreement that it renews: {before['reason']}"
        yield f"The Process Owner lets the renewal go on: {decided['reason']}"


def _check_countersignature(situation: Situation, answers: Answers) -> Iterator[Problem]:
    document = situation.document
    signed, sent = section(document, "sign-mou"), sent_mou(document)
    if sent is None or signed.get("mou_sha256") != sent["sha256"] or not situation.facts.get("signed_papers_whole"):
        yield Problem(
            "signed_on",
            "What the Requestor signed is not the text that was sent, or is no longer as it was signed. Return it to be signed anew.",
        )
    if answers["signed_on"] < signed.get("signed_on", ""):
        yield Problem("signed_on", "DCSS signs after the Requestor, not before")
    if renews(document) and "countersign_mou" not in document and open_elsewhere(situation):
        yield Problem(
            "signed_on", "Not yet: an audit finding is open, and the MOU is renewed when all are cleared [10.1]"
        )
    effective, expires = date.fromisoformat(answers["effective_on"]), date.fromisoformat(answers["expires_on"])
    months = section(document, "decide").get("term_months", 36)
    in_force = section(document, "countersign-mou")
    if answers["effective_on"] < signed.get("signed_on", "") and answers["effective_on"] != in_force.get(
        "effective_on"
    ):
        yield Problem("effective_on", "It takes effect when it is signed, not before")
    if expires < situation.today:  # one that ends today is in force today: it ends the day after its last [10.1]
        yield Problem("expires_on", "This date is past: the MOU would have ended already")
    elif expires <= effective:
        yield Problem("expires_on", "The MOU ends after it takes effect")
    elif expires > add_months(effective, months):
        latest = date_in_words(add_months(effective, months))
        yield Problem(
            "expires_on", f"The decision gave a term of {months} months: the MOU ends on {latest} at the latest"
        )
    elif in_force and answers["expires_on"] > in_force["expires_on"]:
        end = date_in_words(date.fromisoformat(in_force["expires_on"]))
        yield Problem("expires_on", f"A new text does not lengthen the term, which ends on {end}: that takes a renewal")


def _end_of_the_one_before(situation: Situation) -> date | None:
    """The last day of the agreement that this one renews, by its term or by the notice given, until the day after it."""
    renewed = situation.facts.get("renewed")
    if not renewed or renewed["status"] == "ended":
        return None
    over_from = ends_from(renewed)
    return over_from - timedelta(days=1) if over_from and over_from >= situation.today else None


def _record_posting(situation: Situation, answers: Answers) -> Json:
    """From when on it takes the place of the agreement before, which stays in force until its end [10.2]."""
    end = _end_of_the_one_before(situation)
    return {"in_force_from": (end + timedelta(days=1)).isoformat()} if end else {}


def _advice_on_posting(situation: Situation) -> Iterator[str]:
    end = _end_of_the_one_before(situation)
    if end:
        yield f"The MOU before it ({renews(situation.document)}) is in force until {end.strftime('%B %-d, %Y')}: the Matrix shows that one until then, and this one after it."


def _named_users(situation: Situation) -> list[Json]:
    """Those named already; in a renewal at first the users of the agreement before."""
    renewed = situation.facts.get("renewed")
    return roster_as_known(situation) or (roster(renewed) if renewed else [])


def _effective(situation: Situation) -> str:
    in_force = section(situation.document, "countersign-mou")
    if in_force:  # signed anew: the term stays
        return str(in_force["effective_on"])
    end = _end_of_the_one_before(situation)
    if end:  # one term after the other
        return (end + timedelta(days=1)).isoformat()
    if situation.facts.get("mou_term_from") == "requestor":
        return str(section(situation.document, "sign-mou").get("signed_on", situation.today.isoformat()))
    return situation.today.isoformat()


def _expires(situation: Situation) -> str:
    in_force = section(situation.document, "countersign-mou")
    if in_force:
        return str(in_force["expires_on"])
    months = section(situation.document, "decide").get("term_months", 36)
    return add_months(date.fromisoformat(_effective(situation)), months).isoformat()


def _today(situation: Situation) -> str:
    return situation.today.isoformat()


def _signer(situation: Situation) -> str:
    return str(section(situation.document, "complete-application").get("mou_signer_name", "the signer"))


STEPS = (
    Step(
        key="sign-mou",
        title="Sign the Memorandum of Understanding",
        asks="Have the Memorandum of Understanding signed, here or on paper.",
        done="signed the MOU",
        chapter=CHAPTER,
        section="6.8",
        opens=AnyOf(ACCEPTANCE_SENT, Taken("return-mou", words="the Process Owner returns the MOU"), OFFERED),
        closed_by=UNDECIDED,
        each_anew=True,
        check=_check_signature,
        advice=lambda situation: [f"The application names {_signer(situation)} as the one who signs."],
        records=_record_signature,
        template="sign_mou.html",
        fields=(
            Field("method", "How is it signed?", Kind.CHOICE, choices=(Choice("here", "Here, by typing the signer's name"), Choice("scan", "On paper: a scan of the signed MOU as PDF"))),
            Field("signature", "Signature", only_when=When("method", ("here",)), hint="The signer named in the application types their full name. It stands for their signature.", example="Dana Brooks", autocomplete="off"),
            Field("attestation", "I have read the Memorandum of Understanding that DCSS sent, I may bind the organization, and I sign it", Kind.TICK, only_when=When("method", ("here",))),
            Field("signed_mou", "The signed MOU", Kind.FILE, only_when=When("method", ("scan",)), hint="All pages in one PDF file, 20 MB at the most."),
            Field("signed_on", "Signed on", Kind.DATE, not_after_today=True, default=_today),
            *RECEIVED,
        ),
    ),
    Step(
        key="return-mou",
        title="Return the MOU to be signed anew",
        asks="Return the signed MOU when it is not the text that was sent, or not properly signed.",
        done="returned the MOU",
        chapter=CHAPTER,
        section="6.9",
        opens=SIGNED,
        closed_by=Later(COUNTERSIGNED, SIGNED),
        waits=Never(),
        fields=(Field("reason", "What is wrong with it", Kind.LONG_TEXT, example="Page 3 is missing from the scan."),),
    ),
    Step(
        key="certify-users",
        title="Name and certify users",
        asks="Name the people who are to have accounts, and enter when each was trained and signed the confidentiality statement.",
        done="certified users",
        chapter=CHAPTER,
        section="6.8",
        opens=AnyOf(ACCEPTANCE_SENT, ReadIn()),
        repeats=Provided(ACCEPTED),
        waits=Not(ALL_CERTIFIED),
        check=check_roster,
        advice=advice_on_roster,
        keeps_draft=True,
        template="beside.html",
        fields=(
            Field(
                "users",
                "Users",
                Kind.ENTRIES,
                hint="Never more than the accounts granted. Leave a date blank until it has happened: that user gets no account before.",
                key="email",
                default=_named_users,
                fields=(
                    Field("name", "Name", example="Ana Núñez", autocomplete="off"),
                    Field("email", "Email", Kind.EMAIL, example="name@county.ca.gov", autocomplete="off"),
                    Field("job_title", "Job title", example="Eligibility Worker II", autocomplete="off"),
                    Field("trained_on", "Security awareness training completed on", Kind.DATE, required=False, not_after_today=True),
                    Field("statement_signed_on", "Confidentiality statement signed on", Kind.DATE, required=False, not_after_today=True),
                    Field("statement", "The signed statement", Kind.FILE, required=False, accepts=("pdf", "docx", "png", "jpeg"), hint="If you want to keep it here: a PDF, a photograph or scan (PNG, JPEG), or a Word file (.docx), 20 MB at the most. Otherwise keep it so that you can produce it on request."),
                ),
            ),
        ),
    ),
    Step(
        key="countersign-mou",
        title="Sign the MOU for DCSS",
        asks="The Requestor has signed the MOU: look at it and sign for DCSS.",
        done="signed the MOU for DCSS",
        chapter=CHAPTER,
        section="6.9",
        opens=SIGNED,
        closed_by=AnyOf(MOU_RETURNED, UNDECIDED),
        each_anew=True,
        shows=("sign-mou", "decide"),
        goal=MOU_GOAL,
        check=_check_countersignature,
        advice=_advice_on_countersignature,
        check_first=True,
        confirm_label="Sign for DCSS",
        template="beside.html",
        letters=(Letter("signed-mou", "Memorandum of Understanding, signed", ("person:complete_application.contact",), ("role:contract-manager",), template="mou", in_text_of="mou", sample=True),),
        fields=(
            Field("signed_on", "Signed on", Kind.DATE, not_after_today=True, default=_today),
            Field("effective_on", "In effect from", Kind.DATE, default=_effective),
            Field("expires_on", "In effect until", Kind.DATE, hint="The term that was decided, counted from the date above.", default=_expires),
        ),
    ),
    Step(
        key="post-approval",
        title="Post the approval",
        asks="Post the approval: the Matrix shows it, and Infrastructure is told to make the office ID.",
        done="posted the approval",
        chapter=CHAPTER,
        section="6.9",
        opens=Begun("countersign-mou", "DCSS has signed the MOU"),
        closed_by=UNDECIDED,
        goal=POSTING_GOAL,
        status="establishing",
        status_when=((WAITS_FOR_THE_ONE_BEFORE, "renewing"),),
        records=_record_posting,
        advice=_advice_on_posting,
        confirm_label="Post the approval",
        tells=(Tell(("person:complete_application.contact",), "DCSS has signed the Memorandum of Understanding of {organization}. The signed MOU is kept with your application."),),
        fields=(Field("confirmed", "The Matrix may show this organization and its accounts, and Infrastructure may make the office ID", Kind.TICK),),
    ),
    Step(
        key="file-mou",
        title="File the signed MOU",
        asks="Retain the signed MOU, and record where the original is.",
        done="filed the MOU",
        chapter=CHAPTER,
        section="6.9",
        opens=AllOf(POSTED, COUNTERSIGNED),
        template="beside.html",
        fields=(Field("location", "Where is the original?", hint="The place of the paper original, or “held here” when there is none besides this one.", example="held here", default=lambda situation: "held here"),),
    ),
)  # fmt: skip
