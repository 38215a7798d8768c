"""The chapter Access: the office ID, the infrastructure, the accounts, and the day on which users can sign in [7]."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from portal.process.conditions import AllOf, AnyOf, Begun, Not, Provided, ReadIn, Shown, Taken
from portal.process.document import Answers, Json, section
from portal.process.errors import Problem
from portal.process.step import Choice, Field, Goal, Kind, Situation, Step, Tell
from portal.process.third_party_access.accounts import granted
from portal.process.third_party_access.agreement import POSTED
from portal.process.third_party_access.application import SECURITY_PROFILES
from portal.process.third_party_access.criteria import CRITERIA, SETUP_DIRECTED
from portal.process.third_party_access.succession import WAITS_FOR_THE_ONE_BEFORE
from portal.process.third_party_access.users import (
    accounts_set_up,
    advice_on_accounts,
    as_set_up,
    check_accounts,
    lapses,
    record_held_before,
    roster_as_known,
    without_account,
)

CHAPTER = "access"

ENTITIES = (
    Choice("dts", "Department of Technology Services (DTS)"),
    Choice("county", "County"),
    Choice("third-party", "Third party"),
)
ACCOUNTS_SET_UP = Taken("set-up-accounts", words="accounts are set up")
ACCOUNTS_GO_ON = AllOf(
    Taken("take-effect", words="the agreement before it has ended"),
    Provided(Shown("accounts go on from it", lambda document: bool(accounts_set_up(document)))),
)
ALL_EVALUATED = Shown("all three entities are evaluated", lambda document: {row["entity"] for row in _evaluations(document)} == {entity.value for entity in ENTITIES})  # fmt: skip

ACCESS_GOAL = Goal(45, after=POSTED, at_least=30, trigger="the notice that the Requestor is approved")

_OFFICE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{1,19}")


def _evaluations(document: Mapping[str, Any]) -> list[Json]:
    rows: list[Json] = section(document, "evaluate-infrastructure").get("evaluations", [])
    return rows


def _check_office_id(situation: Situation, answers: Answers) -> Iterator[Problem]:
    if not _OFFICE_ID.fullmatch(answers["office_id"]):
        yield Problem("office_id", "2 to 20 letters, digits and hyphens, like KERN-IVA-01")
    elif situation.facts.get("office_id_holder"):
        yield Problem("office_id", f"The office ID {answers['office_id']} is taken already. Choose another.")


def _office_id_before(situation: Situation) -> str | None:
    """In a renewal the organization keeps its office ID."""
    office_id: str | None = section(situation.facts.get("renewed", {}), "create-office-id").get("office_id")
    return office_id


def _record_office_id(situation: Situation, answers: Answers) -> Json:
    """In a renewal that keeps the office ID: the application that holds it, since no two can."""
    holder = situation.facts.get("office_id_kept_from")
    return {"held_by": holder} if holder else {}


def _check_access(situation: Situation, answers: Answers) -> Iterator[Problem]:
    """Access is established only when all eight criteria hold [2], for every user with an account, on this day."""
    document = situation.document
    for criterion in CRITERIA:
        if criterion.met.since(document) is None:
            yield Problem("confirmed", f"Not yet: criterion {criterion.number} is not met. {criterion.words}")
    have = {account["email"].casefold() for account in accounts_set_up(document)}
    for user in roster_as_known(situation):
        if user["email"].casefold() in have:
            for why in lapses(user, situation.today):
                yield Problem("confirmed", f"Not yet: {why}.")


def _rows_to_evaluate(situation: Situation) -> list[Json]:
    known = {row["entity"]: row for row in _evaluations(situation.document)}
    return [known.get(entity.value, {"entity": entity.value}) for entity in ENTITIES]


def _accounts_to_set_up(situation: Situation) -> list[Json]:
    """A row for each certified user without an account in use, with what is still to be said left blank: the user ID,
    or of a suspended account, and of one under the agreement that this one renews, the day on which it is set up again.
    """
    profile = section(situation.document, "decide").get("security_profile")
    renewed = situation.facts.get("renewed")
    there = [*(accounts_set_up(renewed) if renewed else ()), *accounts_set_up(situation.document)]
    known = {account["email"].casefold(): account["user_id"] for account in there}
    rows = []
    for user in without_account(situation.document):
        user_id = known.get(user["email"].casefold())
        rest = {"user_id": user_id} if user_id else {"set_up_on": situation.today.isoformat()}
        rows.append({"email": user["email"], "security_profile": profile, **rest})
    return rows


STEPS = (
    Step(
        key="create-office-id",
        title="Make the office ID",
        asks="The Requestor is approved: make its office ID in CSE and record it.",
        done="made the office ID",
        chapter=CHAPTER,
        section="7.1",
        opens=POSTED,
        goal=ACCESS_GOAL,
        repeats=Not(Taken("confirm-access")),
        waits=Not(Taken("create-office-id")),
        check=_check_office_id,
        records=_record_office_id,
        tells=(
            Tell(("role:process-manager", "person:complete_application.contact", "role:administrator"), "The office ID of {organization} is made: {office_id}."),
        ),
        fields=(Field("office_id", "Office ID", hint="2 to 20 letters, digits and hyphens. No two organizations share one.", example="KERN-IVA-01", longest=20, autocomplete="off", default=_office_id_before),),
    ),
    Step(
        key="evaluate-infrastructure",
        title="Evaluate the infrastructure",
        asks="Evaluate the infrastructure of DTS, the county and the third party. It can go on beside the rest.",
        done="evaluated the infrastructure",
        chapter=CHAPTER,
        section="7.2",
        opens=POSTED,
        repeats=POSTED,
        waits=Not(ALL_EVALUATED),
        keeps_draft=True,
        fields=(
            Field(
                "evaluations",
                "Evaluations",
                Kind.ENTRIES,
                hint="One for each of the three. You can record them one at a time.",
                key="entity",
                adds=True,
                default=_rows_to_evaluate,
                fields=(
                    Field("entity", "Entity", Kind.CHOICE, choices=ENTITIES),
                    Field("current_environment", "Current environment", Kind.LONG_TEXT, example="Ten workstations behind the county firewall, a 100 Mbit/s line to the POP."),
                    Field("recommendation", "Recommendation", Kind.LONG_TEXT, example="No change needed."),
                    Field("tested_on", "Tested on", Kind.DATE, required=False, not_after_today=True),
                    Field("implemented_on", "Implemented on", Kind.DATE, required=False, not_after_today=True),
                ),
            ),
        ),
    ),
    Step(
        key="direct-setup",
        title="Direct the account set-up",
        asks="Direct your System Administrator to set up the accounts, and arrange help desk and CSE navigation help.",
        done="directed the set-up",
        chapter=CHAPTER,
        section="2.7",
        opens=Begun("create-office-id", "the office ID is made"),
        confirm_label="Direct the set-up",
        fields=(Field("confirmed", "The System Administrator is directed to set up the accounts; help desk services and help with CSE navigation are arranged for the users", Kind.TICK),),
    ),
    Step(
        key="set-up-accounts",
        title="Set up user accounts",
        asks="Set up the certified users' accounts in CSE, and record each with its user ID.",
        done="set up accounts",
        chapter=CHAPTER,
        section="7.3",
        opens=AllOf(Begun("create-office-id", "the office ID is made"), AnyOf(SETUP_DIRECTED, ReadIn())),
        repeats=AnyOf(
            Shown("fewer are set up than were granted", lambda document: len(accounts_set_up(document)) < granted(document)),
            Shown("a suspended user is certified again", lambda document: bool(without_account(document))),
            Not(Taken("confirm-access")),
        ),
        waits=Shown("a certified user has no account", lambda document: bool(without_account(document))),
        check=check_accounts,
        records=record_held_before,
        advice=advice_on_accounts,
        template="beside.html",
        fields=(
            Field(
                "accounts",
                "Accounts",
                Kind.ENTRIES,
                hint="Follow the CCSAS End User ID Procedures (CDL TM 080). A few users at a time is fine: take out the rows that are not set up yet.",
                key="email",
                adds=True,
                lays_over=lambda situation: [as_set_up(account) for account in accounts_set_up(situation.document)],
                default=_accounts_to_set_up,
                fields=(
                    Field("email", "User's email", Kind.EMAIL, hint="As the Requestor named the user.", example="name@county.ca.gov", autocomplete="off"),
                    Field("user_id", "User ID in CSE", example="KERN0417", longest=40, autocomplete="off"),
                    Field("security_profile", "Security profile", Kind.CHOICE, choices=SECURITY_PROFILES),
                    Field("set_up_on", "Set up on", Kind.DATE, not_after_today=True),
                ),
            ),
        ),
    ),
    Step(
        key="confirm-access",
        title="Confirm access",
        asks="Ask the users whether they can sign in to CSE, and confirm that they can.",
        done="confirmed access",
        chapter=CHAPTER,
        section="7.3",
        opens=AnyOf(ACCOUNTS_SET_UP, ACCOUNTS_GO_ON),
        closed_by=Taken("confirm-access"),
        goal=ACCESS_GOAL,
        check=_check_access,
        status="active",
        status_when=((WAITS_FOR_THE_ONE_BEFORE, "renewing"),),
        confirm_label="Confirm access",
        tells=(Tell(("person:complete_application.contact", "role:process-manager", "actor:identify-requestor"), "Access is established: the users of {organization} can sign in to CSE."),),
        fields=(Field("confirmed", "The users can sign in to CSE, and know whom to ask for help", Kind.TICK),),
    ),
)  # fmt: skip
