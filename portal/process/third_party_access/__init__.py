"""Third party access to CSE: this process's roles, steps by chapter, criteria and facts, put together.

The steps stand in the files of their chapters; `reference` holds the tables as printed. Nothing outside this folder
knows what is declared in it.
"""

from collections.abc import Mapping
from typing import Any

from portal.process.document import Answers, Json, section
from portal.process.step import Actor, Elsewhere, Process, Step
from portal.process.third_party_access import (
    access,
    agreement,
    application,
    audits,
    certification,
    ends,
    findings,
    invitation,
    surveys,
)
from portal.process.third_party_access.accounts import holdings, reserve_key, reserved
from portal.process.third_party_access.criteria import CRITERIA
from portal.process.third_party_access.overviews import OVERVIEWS
from portal.process.third_party_access.policy import POLICY
from portal.process.third_party_access.roles import ROLES

STATUSES = (
    ("identified", "Identified, to be invited"),
    ("invited", "Invited to apply"),
    ("applying", "Application being checked"),
    ("in-review", "In review"),
    ("decided", "Decided, letter to be sent"),
    ("agreeing", "MOU being signed"),
    ("establishing", "Accounts being set up"),
    ("active", "Active"),
    ("ended", "Ended"),
    ("rejected", "Rejected"),
    ("withdrawn", "Withdrawn"),
)


def _header(document: Json) -> Mapping[str, str]:
    identified = section(document, "identify-requestor")
    return {"lcsa": identified["lcsa"], "organization": identified["organization_name"]}


def _claims(document: Json) -> Mapping[str, str]:
    office_id = section(document, "create-office-id").get("office_id")
    return {"office-id": office_id.casefold()} if office_id else {}


def _facts(elsewhere: Elsewhere, step: Step, document: Json, answers: Answers, actor: Actor) -> Mapping[str, Any]:
    """What the checks of a step must know of elsewhere: conversion date, reserve, office ID, papers, the MOU's term."""
    facts: dict[str, Any] = {
        "mou_term_months": elsewhere.setting("mou_term_months"),
        "mou_term_from": elsewhere.setting("mou_term_from"),
    }
    lcsa = document.get("lcsa") or next((g.scope["lcsa"] for g in actor.grants if g.role == "director"), "")
    if step.key in ("identify-requestor", "schedule-invitation", "send-invitation"):
        facts["conversion_date"] = (elsewhere.kept("conversion-dates", lcsa) or {}).get("converted_on")
    if step.key == "identify-requestor":
        facts["reserves"] = {
            choice.value: weighed(elsewhere, lcsa, choice.value, document.get("id"))["left"]
            for choice in invitation.ORGANIZATION_TYPES
        }
        for role in ("coordinator", "administrator"):
            facts[role] = next(iter(elsewhere.holders(role, lcsa)), {})
    if step.key in ("identify-requestor", "send-to-owner", "decide"):
        kind = section(document, "identify-requestor").get("organization_type") or answers.get("organization_type", "")
        facts["reserve"] = weighed(elsewhere, lcsa, str(kind), document.get("id"))
    if step.key == "survey":
        facts |= surveys.facts_of_round(elsewhere, document, answers)
    if step.key == "create-office-id" and isinstance(answers.get("office_id"), str):
        holder = elsewhere.holder("office-id", answers["office_id"].casefold())
        facts["office_id_holder"] = holder if holder != document["id"] else None
    if step.key == "countersign-mou":
        signed = section(document, "sign-mou")
        papers = [signed.get("mou_sha256"), signed.get("signed_mou", {}).get("sha256")]
        facts["signed_papers_whole"] = all(elsewhere.is_whole(sha256) for sha256 in papers if sha256)
    return facts


def _holdings(document: Json) -> dict[str, int]:
    """What is granted, for the guide; and the surveys sent and answered, to be counted."""
    return {**holdings(document), **surveys.holdings(document)}


def weighed(elsewhere: Elsewhere, lcsa: str, organization_type: str, besides: str | None) -> Mapping[str, int]:
    """The guide's reserve for such an organization: what is `reserved`, `granted` to others already, and `left` [1.6]."""
    reserve = reserved(elsewhere, lcsa, organization_type)
    granted = elsewhere.held(reserve_key(lcsa, organization_type), besides)
    return {"reserved": reserve, "granted": granted, "left": max(0, reserve - granted)}


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
        *certification.STEPS,
        *audits.STEPS,
        *surveys.STEPS,
        *ends.STEPS,
    ),
    statuses=STATUSES,
    ended=frozenset({"ended", "rejected", "withdrawn"}),
    arrived=frozenset({"active"}),
    header=_header,
    policy=POLICY,
    criteria=CRITERIA,
    facts=_facts,
    claims=_claims,
    holdings=_holdings,
    overviews=OVERVIEWS,
    concerns=findings.concerns,
)
