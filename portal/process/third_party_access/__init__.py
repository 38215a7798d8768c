"""Third party access to CSE: this process's roles, steps by chapter, criteria and facts, put together.

The steps stand in the files of their chapters; `reference` holds the tables as printed. Nothing outside this folder
knows what is declared in it.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from portal.process.document import Answers, Json, section
from portal.process.goals import date_in_words
from portal.process.overview import Concern
from portal.process.step import Actor, Elsewhere, Process, Step
from portal.process.third_party_access import (
    access,
    agreement,
    application,
    audits,
    certification,
    contacts,
    ends,
    findings,
    incidents,
    invitation,
    mou_versions,
    renewal,
    seam,
    surveys,
)
from portal.process.third_party_access.accounts import holdings, reserve_key, reserved
from portal.process.third_party_access.criteria import CRITERIA
from portal.process.third_party_access.overviews import OVERVIEWS
from portal.process.third_party_access.people_named import people_named
from portal.process.third_party_access.policy import POLICY
from portal.process.third_party_access.roles import ROLES
from portal.process.third_party_access.standing import standing
from portal.process.third_party_access.succession import (
    FAILED,
    UNDECIDED,
    UNDER_WAY,
    came_to_nothing,
    renewal_of,
    renews,
)
from portal.process.third_party_access.term import TERMINATED

STATUSES = (
    ("identified", "Identified, to be invited"),
    ("invited", "Invited to apply"),
    ("applying", "Application being checked"),
    ("in-review", "In review"),
    ("decided", "Decided, letter to be sent"),
    ("agreeing", "MOU being signed"),
    ("establishing", "Accounts being set up"),
    ("renewing", "Renewed, in force when the MOU before it ends"),
    ("active", "Active"),
    ("ended", "Ended"),
    ("rejected", "Rejected"),
    ("withdrawn", "Withdrawn"),
)


def _concerns(document: Json, today: date) -> Iterator[Concern]:
    yield from incidents.concerns(document, today)
    yield from certification.concerns(document, today)
    yield from findings.concerns(document, today)


def _header(document: Json) -> Mapping[str, str]:
    identified = section(document, "identify-requestor")
    return {"lcsa": identified["lcsa"], "organization": identified["organization_name"]}


def _claims(document: Json) -> Mapping[str, str]:
    """Words that no other application may hold: the office ID, unless it is kept from the agreement before; and which
    agreement it renews, so that there is one successor, unless this one has come to nothing.
    """
    claims, made = {}, section(document, "create-office-id")
    if made.get("office_id") and "held_by" not in made:
        claims["office-id"] = made["office_id"].casefold()
    if renews(document) and not came_to_nothing(document):
        claims["renews"] = renews(document)
    return claims


def _facts(elsewhere: Elsewhere, step: Step, document: Json, answers: Answers, actor: Actor) -> Mapping[str, Any]:
    """What the checks of a step must know of elsewhere: conversion date, reserve, office ID, papers, the MOU's term."""
    facts: dict[str, Any] = {
        "mou_term_months": elsewhere.setting("mou_term_months"),
        "mou_term_from": elsewhere.setting("mou_term_from"),
    }
    lcsa = document.get("lcsa") or next((g.scope["lcsa"] for g in actor.grants if g.role == "director"), "")
    renewed = elsewhere.document(renews(document)) if renews(document) else None
    if renewed is not None:
        facts["renewed"] = renewed
    if step.key in ("identify-requestor", "schedule-invitation", "send-invitation", "start-renewal"):
        facts["conversion_date"] = (elsewhere.kept("conversion-dates", lcsa) or {}).get("converted_on")
    if step.key == "identify-requestor":
        facts["reserves"] = {
            choice.value: weighed(elsewhere, lcsa, choice.value, document.get("id"))["left"]
            for choice in invitation.ORGANIZATION_TYPES
        }
    if step.key in ("identify-requestor", "start-renewal"):
        for role in ("director", "coordinator", "administrator"):
            facts[role] = next(iter(elsewhere.holders(role, lcsa)), {})
    if step.key in ("identify-requestor", "start-renewal", "send-to-owner", "decide"):
        kind = (
            section(document, "identify-requestor").get("organization_type")
            or answers.get("organization_type")
            or "other"
        )
        facts["reserve"] = weighed(elsewhere, lcsa, str(kind), document.get("id"), renewed)
    if step.key in findings.ASK_ELSEWHERE and document.get("history"):
        facts[findings.FINDINGS_ELSEWHERE] = findings.found_elsewhere(elsewhere, document)
    if step.key == "survey":
        facts |= surveys.facts_of_round(elsewhere, document, answers)
    if step.key == "create-office-id" and isinstance(answers.get("office_id"), str):
        holder = elsewhere.holder("office-id", answers["office_id"].casefold())
        kept_from = {renewed["id"], section(renewed, "create-office-id").get("held_by")} if renewed else set()
        facts["office_id_holder"] = holder if holder not in {document["id"], *kept_from} else None
        facts["office_id_kept_from"] = holder if holder in kept_from else None
    if step.key == "start-renewal":
        facts["successor"] = elsewhere.holder("renews", document["id"])
    if step.key in ("note-failed-renewal", "recertify-users") and renewal_of(document):
        facts["renewal"] = elsewhere.document(renewal_of(document))
    if step.key == "countersign-mou":
        signed = section(document, "sign-mou")
        papers = [signed.get("mou_sha256"), signed.get("signed_mou", {}).get("sha256")]
        facts["signed_papers_whole"] = all(elsewhere.is_whole(sha256) for sha256 in papers if sha256)
    if step.key == "offer-mou":
        facts["mou_text"] = elsewhere.text_of("mou")
    if step.key == "expire":
        renewal = elsewhere.holder("renews", document["id"])
        facts["renewal"] = elsewhere.document(renewal) if renewal else None
    return facts


def _holdings(document: Json) -> dict[str, int]:
    """What is granted, for the guide; surveys sent and answered, the texts of MOUs signed, and the organization's open
    findings, to be counted.
    """
    counted = (surveys.holdings(document), mou_versions.holdings(document), findings.holdings(document))
    return {**holdings(document), **{key: number for one in counted for key, number in one.items()}}


def weighed(
    elsewhere: Elsewhere, lcsa: str, organization_type: str, besides: str | None, renewed: Json | None = None
) -> Mapping[str, int]:
    """The guide's reserve for such an organization: what is `reserved`, `granted` to others already, and `left` [1.6].

    What the agreement holds that is `renewed` is the same organization's own.
    """
    reserve, key = reserved(elsewhere, lcsa, organization_type), reserve_key(lcsa, organization_type)
    granted = elsewhere.held(key, besides) - (renewed["holdings"].get(key, 0) if renewed else 0)
    return {"reserved": reserve, "granted": granted, "left": max(0, reserve - granted)}


def _related(document: Json) -> Iterator[tuple[str, str]]:
    """The application whose agreement this one renews, and the one that renews this one's, as far as they are read."""
    if (before := renews(document)) and (noted := section(document, "note-termination")):
        ends_on = date_in_words(date.fromisoformat(noted["ends_on"]))
        decides = (
            "The Process Owner has yet to decide whether this renewal goes on. " if UNDECIDED.since(document) else ""
        )
        yield f"{decides}DCSS has terminated the agreement that it renews, from {ends_on} on:", before
    elif before:
        yield "It renews the agreement of", before
    if after := renewal_of(document):
        if FAILED.since(document) is not None:
            yield "The renewal of its agreement came to nothing:", after
        elif UNDER_WAY.since(document) is not None and TERMINATED.since(document) is not None:
            yield "It was terminated while its renewal was under way, on which the Process Owner decides:", after
        else:
            yield "Its agreement is renewed by", after


THIRD_PARTY_ACCESS = Process(
    key="third-party-access",
    title="Third Party Access",
    prefix="TPA",
    roles=ROLES,
    chapters=(
        ("invitation", "Invitation"),
        ("application", "Application"),
        ("agreement", "Agreement"),
        ("access", "Access"),
        ("afterwards", "Afterwards"),
    ),
    steps=(
        *invitation.STEPS,
        *application.STEPS,
        *agreement.STEPS,
        *access.STEPS,
        *contacts.STEPS,
        *certification.STEPS,
        *audits.STEPS,
        *surveys.STEPS,
        *renewal.STEPS,
        *seam.STEPS,
        *ends.STEPS,
        *incidents.STEPS,
        *mou_versions.STEPS,
    ),
    statuses=STATUSES,
    ended=frozenset({"ended", "rejected", "withdrawn"}),
    behind=frozenset(
        {
            *(step.key for step in invitation.STEPS),
            *(step.key for step in application.STEPS if step.key != "say-board-days"),
            "sign-mou",
            "return-mou",
            "countersign-mou",
            "post-approval",
            "evaluate-infrastructure",
            "direct-setup",
            "confirm-access",
        }
    ),
    arrived=frozenset({"active"}),
    header=_header,
    policy=POLICY,
    criteria=CRITERIA,
    facts=_facts,
    claims=_claims,
    holdings=_holdings,
    overviews=OVERVIEWS,
    concerns=_concerns,
    standing=standing,
    contacts=people_named,
    related=_related,
    stand_for=contacts.stand_for,
)
