"""What the people of the demo answer to each step: made-up organizations, people and reasons."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from portal.process.document import Json, section
from portal.process.goals import add_months
from portal.process.third_party_access.users import accounts_to_remove, roster

Answers = dict[str, Any]

_FIRST = ("Ana", "José", "Mei", "Dana", "Robert", "Fatima", "Zoë", "Sean", "Priya", "Günter", "Lucía", "Omar")
_LAST = (
    "Núñez",
    "Smith & Young",
    "O’Brien",
    "Tran",
    "García",
    "Müller",
    "Johnson",
    "Patel",
    "Brooks",
    "Kowalski",
    "Lee",
)
_KINDS = (
    ("IV-E", "iv-e", "foster care eligibility"),
    ("District Attorney", "district-attorney", "child abduction prosecution"),
    ("Adoptions Bureau", "iv-e", "adoption assistance"),
    ("Child Abduction Unit", "child-abduction", "locating abducted children"),
    ("Welfare Fraud Unit", "other", "IV-A program integrity"),
)


_REQUESTORS = {
    "Alameda": ("Alice Fournier", "requestor.alameda@demo.example"),
    "San Diego": ("Sam O’Neill", "requestor.san-diego@demo.example"),
}
WITH_ACCOUNT = (26, 27, 29, 33)
"""Places of organizations whose contact person is the county's demo Requestor: what the years bring waits for them."""


@dataclass(frozen=True, slots=True)
class Organization:
    """A made-up organization that applies."""

    county: str
    name: str
    kind: str
    work: str
    invitee_name: str
    email: str
    accounts: int


def organization(place: int) -> Organization:
    """The organization of the application at this place in the demo: the same one every time."""
    county = ("Alameda", "Kern", "San Diego")[place % 3]
    label, kind, work = _KINDS[place // 3 % len(_KINDS)]
    office = place // (3 * len(_KINDS))
    name = f"{county} {label}" if office == 0 else f"{county} {label}, Office {office + 1}"
    if place in WITH_ACCOUNT:
        invitee, email = _REQUESTORS[county]
        return Organization(county, name, kind, work, invitee, email, 2 + place % 5)
    if place in (0, 2):  # the two that the demo's own requestors belong to
        invitee, email = _REQUESTORS[county]
        return Organization(county, f"{county} IV-A", "iv-a", "CalWORKs eligibility", invitee, email, 4)
    first, last = _FIRST[place % len(_FIRST)], _LAST[place % len(_LAST)]
    return Organization(
        county, name, kind, work, f"{first} {last}", f"contact-{place}@applicants.example", 2 + place % 5
    )


def answers_to(step_key: str, one: Organization, today: date, document: Json, renewed: Json | None = None) -> Answers:
    """The usual answers to a step on this California date; `renewed` is the application whose agreement this one
    renews.
    """
    day = today.isoformat()
    given = _GIVEN.get(step_key)
    answers: Answers = dict(given) if given else {}
    match step_key:
        case "identify-requestor":
            return {**_identification(one), "invitation_date": day}
        case "schedule-invitation":
            return {"outcome": "schedule", "invitation_date": day}
        case "complete-application":
            return {**_application(one), "signed_on": day}
        case "send-to-owner":
            return {
                "summary": f"Authorized, and it connects. The Director recommends {one.accounts}.",
                "recommended_accounts": one.accounts,
            }
        case "decide":
            profile = {"iv-a": "iv-a-read-only", "iv-e": "iv-e-read-only"}.get(one.kind, "other-read-only")
            return {"decision": "accept", "accounts_granted": one.accounts, "security_profile": profile, "term_months": 36,
                    "justification": "The Director's reasons hold, and system load allows it."}  # fmt: skip
        case "certify-users":
            return {"users": [_user(one, number, day) for number in range(min(one.accounts, 3))]}
        case "countersign-mou":
            begins = _day_after(renewed, today) if renewed else today
            return {
                "signed_on": day,
                "effective_on": begins.isoformat(),
                "expires_on": add_months(begins, 36).isoformat(),
            }
        case "create-office-id" if renewed:
            return {"office_id": renewed["create_office_id"]["office_id"]}
        case "create-office-id":
            return {"office_id": f"{one.county[:4].upper().strip()}-{number_of(document)}"}
        case "set-up-accounts":
            profile = section(document, "decide")["security_profile"]
            users = section(document, "certify-users")["users"]
            first = renewed or document  # who has an account keeps their user ID
            return {"accounts": [
                {"email": user["email"], "user_id": f"{one.county[:4].upper().strip()}{number_of(first)}{number}", "security_profile": profile, "set_up_on": day}
                for number, user in enumerate(users)
            ]}  # fmt: skip
        case "recertify-users":
            return {"users": [{"email": user["email"], "trained_on": day, "statement_signed_on": day} for user in roster(document)]}  # fmt: skip
        case "change-users":
            return {"leaving": [{"email": roster(document)[0]["email"], "left_on": day}]}
        case "remove-accounts":
            return {"accounts": [{"email": account["email"], "user_id": account["user_id"], "removed_on": day} for account in accounts_to_remove(document)]}  # fmt: skip
        case "open-audit":
            return {**answers, "period_from": add_months(today, -12).isoformat(), "period_to": day}
        case "start-renewal":
            asked = {name: answer for name, answer in _identification(one).items() if "organization" not in name}
            return {**asked, "invitation_date": day}
        case "sign-mou" | "connectivity-test":
            return {**answers, **({"signed_on": day} if step_key == "sign-mou" else {"tested_on": day})}
    return answers


def _day_after(renewed: Json, today: date) -> date:
    """The day after the end of the agreement before; today when that is past."""
    end = date.fromisoformat(section(renewed, "countersign-mou")["expires_on"])
    return max(today, end + timedelta(days=1))


def number_of(document: Json) -> str:
    """Year and number of the document's id: `260007` of `TPA-2026-0007`, longer from the ten thousandth on."""
    _, year, number = document["id"].split("-")
    return f"{year[2:]}{number}"


def _identification(one: Organization) -> Answers:
    return {
        "organization_name": one.name,
        "organization_type": one.kind,
        "invitee_name": one.invitee_name,
        "invitee_title": "Deputy Director",
        "invitee_address": f"100 Main Street\n{one.county}, California 90000",
        "invitee_email": one.email,
        "coordinator_name": "Third Party Access Coordinator",
        "coordinator_title": "Program Manager",
        "coordinator_phone": "(555) 555-0110",
        "coordinator_email": f"coordinator.{one.county.lower().replace(' ', '-')}@demo.example",
        "coordinator_acts": one.accounts % 2 == 0,
        "administrator_name": "System Administrator",
        "administrator_title": "Information Systems Analyst",
        "administrator_phone": "(555) 555-0111",
        "administrator_email": f"administrator.{one.county.lower().replace(' ', '-')}@demo.example",
        "recommended_accounts": one.accounts,
        "justification": f"{one.accounts} workers in two offices do {one.work} and now ask the LCSA by phone for each case.",
    }


def _application(one: Organization) -> Answers:
    return {
        "requestor_name": one.name,
        "contact_name": one.invitee_name,
        "contact_title": "Deputy Director",
        "contact_phone": "(555) 555-0120",
        "contact_email": one.email,
        "iso_name": "Sam Rivera",
        "iso_title": "Information Security Officer",
        "iso_phone": "(555) 555-0122",
        "iso_email": "security@applicants.example",
        "mou_signer_name": "Dana Brooks",
        "mou_signer_title": "Director",
        "mou_signer_email": "signer@applicants.example",
        "statutory_authority": "42 USC 453A(h)(1) and 45 CFR 307.13.",
        "purpose": f"Workers check whether child support is ordered and paid, for {one.work}.",
        "users_requested": one.accounts,
        "signature": one.invitee_name,
        "attestation": True,
    }


def _user(one: Organization, number: int, day: str) -> Answers:
    trained = (date.fromisoformat(day) - timedelta(days=number)).isoformat()
    first, last = _FIRST[(number * 5 + one.accounts) % len(_FIRST)], _LAST[(number * 3 + one.accounts) % len(_LAST)]
    return {
        "name": f"{first} {last}",
        "email": f"worker-{number + 1}@{one.email.split('@')[0]}.example",
        "job_title": "Eligibility Worker II",
        "trained_on": trained,
        "statement_signed_on": trained,
    }


_GIVEN: dict[str, Answers] = {
    "route-application": {"outcome": "complete"},
    "legal-opinion": {
        "opinion": "authorized",
        "authorities": ["45-cfr-307-13", "family-code-17212"],
        "opinion_text": "Access for the purpose described is authorized under 45 CFR 307.13 and Family Code 17212.",
    },
    "clarify": {"clarification": "Only whether an order exists and what was paid. No addresses are looked up."},
    "connectivity-test": {
        "result": "connects",
        "point_of_presence": "Sacramento POP 1",
        "findings": "Works at 100 Mbit/s.",
    },
    "sign-mou": {"method": "here", "signature": "Dana Brooks", "attestation": True},
    "post-approval": {"confirmed": True},
    "file-mou": {"location": "held here"},
    "direct-setup": {"confirmed": True},
    "evaluate-infrastructure": {
        "evaluations": [
            {
                "entity": entity,
                "current_environment": "Workstations behind the county firewall.",
                "recommendation": "No change.",
            }
            for entity in ("dts", "county", "third-party")
        ]
    },
    "confirm-access": {"confirmed": True},
    "open-audit": {
        "scope": "Training and signed statements of all users, accounts in use, and how statements are kept.",
        "occasion": "Yearly sample.",
    },
    "close-audit": {"summary": "Two findings, both to be answered. All else is as it should be."},
    "renewal-notice": {"confirmed": True},
    "record-standing": {"confirmed": True},
    "hold-renewal": {"confirmed": True},
    "good-standing": {"attestation": True},
    "withdraw": {"reason": "The organization will use another county's access."},
}
