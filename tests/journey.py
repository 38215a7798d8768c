"""Answers to every step on the way from identification to active access, as people would give them.

`tests` and nothing else use this; the dates are given relative to the day on which a step is taken.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Answers = dict[str, Any]

IDENTIFICATION: Answers = {
    "organization_name": "Kern IV-A",
    "organization_type": "iv-a",
    "invitee_name": "María Ortega",
    "invitee_title": "Deputy Director",
    "invitee_address": "100 E. California Avenue\nBakersfield, CA 93307",
    "invitee_email": "requestor.kern@demo.example",
    "coordinator_name": "Lee Chen",
    "coordinator_title": "Manager",
    "coordinator_phone": "(661) 555-0110",
    "coordinator_email": "coordinator.kern@demo.example",
    "administrator_name": "Pat Young",
    "administrator_title": "Analyst",
    "administrator_phone": "(661) 555-0111",
    "administrator_email": "administrator.kern@demo.example",
    "recommended_accounts": 3,
    "justification": "Three eligibility workers check support orders at intake.",
}

APPLICATION: Answers = {
    "requestor_name": "Kern County Department of Human Services",
    "contact_name": "María Ortega",
    "contact_title": "Deputy Director",
    "contact_phone": "(661) 555-0100",
    "contact_email": "requestor.kern@demo.example",
    "iso_name": "Sam Rivera",
    "iso_title": "Information Security Officer",
    "iso_phone": "(661) 555-0102",
    "iso_email": "iso.kern@example.org",
    "mou_signer_name": "Dana O'Brooks & Söhne",
    "mou_signer_title": "Director",
    "mou_signer_email": "signer.kern@example.org",
    "statutory_authority": "42 USC 453A(h)(1) and 45 CFR 307.13.",
    "purpose": "Eligibility workers check whether support is ordered and paid <before> granting aid.",
    "users_requested": 3,
    "signature": "María Ortega",
    "attestation": True,
}


def answers_to(step: str, today: date, county: str = "Kern") -> Answers:
    """The answers that move the application on, given on this California date: of that county's IV-A department."""
    day = today.isoformat()
    user = {"job_title": "Eligibility Worker II", "trained_on": day, "statement_signed_on": day}
    account = {"security_profile": "iv-a-read-only", "set_up_on": day}
    given: dict[str, Answers] = {
        "identify-requestor": {**_of(county, IDENTIFICATION), "invitation_date": day},
        "schedule-invitation": {"outcome": "schedule", "invitation_date": day},
        "send-invitation": {},
        "complete-application": {**_of(county, APPLICATION), "signed_on": day},
        "route-application": {"outcome": "complete"},
        "legal-opinion": {
            "opinion": "authorized",
            "authorities": ["45-cfr-307-13", "family-code-17212"],
            "opinion_text": "Authorized for IV-A eligibility.",
        },
        "connectivity-test": {"result": "connects", "point_of_presence": "Bakersfield POP 2", "tested_on": day},
        "send-to-owner": {"summary": "Authorized, and it connects.", "recommended_accounts": 3},
        "decide": {
            "decision": "accept",
            "accounts_granted": 3,
            "justification": "The caseload doubled.",
            "security_profile": "iv-a-read-only",
            "term_months": 36,
        },
        "send-decision": {},
        "sign-mou": {"method": "here", "signature": "Dana O'Brooks & Söhne", "attestation": True, "signed_on": day},
        "certify-users": {
            "users": [
                {"name": "Ana Núñez", "email": "ana@kern.example", **user},
                {"name": "Bo Li", "email": "bo@kern.example", **user},
            ]
        },
        "countersign-mou": {
            "signed_on": day,
            "effective_on": day,
            "expires_on": today.replace(year=today.year + 3, day=min(today.day, 28)).isoformat(),
        },
        "post-approval": {"confirmed": True},
        "file-mou": {"location": "held here"},
        "create-office-id": {"office_id": "KERN-IVA-01"},
        "evaluate-infrastructure": {
            "evaluations": [
                {"entity": entity, "current_environment": "As before.", "recommendation": "None."}
                for entity in ("dts", "county", "third-party")
            ]
        },
        "direct-setup": {"confirmed": True},
        "set-up-accounts": {
            "accounts": [
                {"email": "ana@kern.example", "user_id": "KERN0001", **account},
                {"email": "bo@kern.example", "user_id": "KERN0002", **account},
            ]
        },
        "confirm-access": {"confirmed": True},
        "clarify": {"clarification": "They look up orders and payments, no addresses."},
        "open-audit": {
            "scope": "Training and statements of all users.",
            "period_from": today.replace(year=today.year - 1, day=min(today.day, 28)).isoformat(),
            "period_to": day,
            "occasion": "A yearly sample.",
        },
        "record-finding": {
            "findings": [
                {
                    "severity": "medium",
                    "requirement": "training",
                    "finding": "Bo Li was trained too late.",
                    "answer_by": (today + timedelta(days=30)).isoformat(),
                },
                {
                    "severity": "low",
                    "requirement": "retention",
                    "finding": "One statement could not be produced.",
                    "answer_by": (today + timedelta(days=30)).isoformat(),
                },
            ]
        },
        "respond-to-finding": {
            "responses": [
                {"number": 1, "response": "Bo Li was trained anew."},
                {"number": 2, "response": "It was found in another folder."},
            ]
        },
        "review-response": {
            "reviews": [{"number": 1, "outcome": "cleared"}, {"number": 2, "outcome": "cleared"}],
        },
        "clear-finding": {"findings": [{"number": 1}, {"number": 2}]},
        "close-audit": {"summary": "Two findings."},
        "withdraw": {"reason": "Another county's access will be used."},
        "return-mou": {"reason": "Page 3 is missing."},
        "delay-opinion": {"delay_reason": "extensive-research"},
        "delay-decision": {"delay_reason": "over-uaag"},
        "request-termination": {"reason": "The workers moved to another department."},
        "terminate": {"kind": "at-once", "reason": "Accounts were shared."},
        "decline-termination": {"reason": "The Director withdrew the request."},
        "expire": {},
        "offer-mou": {},
        "report-incident": {
            "what_happened": "A worker let a colleague use their account.",
            "noticed_on": day,
            "people_affected": 12,
            "done_at_once": "The password was changed.",
            "suspend_access": "some-users",
            "accounts": [{"email": "bo@kern.example"}],
        },
        "assess-incident": {
            "incident": 1,
            "severity": "medium",
            "suspend_access": "some-users",
            "accounts": [{"email": "bo@kern.example"}],
            "to_be_done": "Train all users again.",
            "notification": "required",
            "notify": "The twelve people, by the department, within ten days.",
        },
        "acknowledge-incident": {"incident": 1, "confirmed": True},
        "act-on-incident": {"incident": 1, "done": "All were trained again.", "done_on": day},
        "close-incident": {
            "incident": 1,
            "cause": "New workers started before their accounts were set up.",
            "measures": "Accounts are asked for two weeks ahead.",
            "closed_on": day,
        },
        "recertify-users": {
            "users": [
                {"email": f"{name}@kern.example", "trained_on": day, "statement_signed_on": day}
                for name in ("ana", "bo")
            ]
        },
        "change-users": {
            "leaving": [{"email": "bo@kern.example", "left_on": day}],
            "joining": [{"name": "Cy Roe", "email": "cy@kern.example", **user}],
        },
        "suspend-accounts": {
            "accounts": [
                {"email": "ana@kern.example", "user_id": "KERN0001", "suspended_on": day},
                {"email": "bo@kern.example", "user_id": "KERN0002", "suspended_on": day},
            ]
        },
        "say-board-days": {"board_days": 45},
        "renewal-notice": {"confirmed": True},
        "record-standing": {"confirmed": True},
        "hold-renewal": {"confirmed": True},
        "good-standing": {"attestation": True},
        "start-renewal": {
            **{name: value for name, value in _of(county, IDENTIFICATION).items() if "organization" not in name},
            "invitation_date": day,
        },
        "take-effect": {},
        "note-failed-renewal": {},
        "note-termination": {},
        "note-suspensions": {},
        "decide-on-renewal": {"decision": "go-on", "reason": "All users are trained anew."},
        "remove-accounts": {"accounts": [{"email": "bo@kern.example", "user_id": "KERN0002", "removed_on": day}]},
        "invite-requestor": {"contact_name": "Uma Vega", "contact_email": "uma.vega@kern.example"},
        "survey": {
            "name": "Fall 2026",
            "question": "Are your accounts enough?",
            "answer_by": (today + timedelta(days=30)).isoformat(),
        },
        "answer-survey": {"enough": "no", "accounts_needed": 5, "reason": "A second office opens in March."},
    }
    return given[step]


def _of(county: str, answers: Answers) -> Answers:
    """The same answers, of another county's department."""
    key = county.lower().replace(" ", "-")
    return {
        name: value.replace("Kern", county).replace(".kern@", f".{key}@") if isinstance(value, str) else value
        for name, value in answers.items()
    }


WAY = (
    "identify-requestor",
    "schedule-invitation",
    "send-invitation",
    "complete-application",
    "route-application",
    "legal-opinion",
    "connectivity-test",
    "send-to-owner",
    "decide",
    "send-decision",
    "sign-mou",
    "certify-users",
    "countersign-mou",
    "post-approval",
    "file-mou",
    "create-office-id",
    "evaluate-infrastructure",
    "direct-setup",
    "set-up-accounts",
    "confirm-access",
)
"""The steps from identification to active access, in an order in which they can be taken."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Where a step beside the way is open: after this step of it, when these were taken too (with answers other than
    the usual), so many days have passed, and then these were `later` taken.

    With `renewal_after` it is open on the renewal that they began, after this step of its way, when so many days more
    have passed. Of the agreement and its renewal, the steps `on_the_other` were taken last.
    """

    after: str
    then: tuple[tuple[str, Answers], ...] = ()
    days: int = 0
    later: tuple[str, ...] = ()
    renewal_after: str = ""
    renewal_days: int = 0
    on_the_other: tuple[str, ...] = ()
    read_in: bool = False
    """Of an agreement that was read in from a sheet, with what was known of all these steps."""


TO_THE_RENEWAL = ("renewal-notice", "record-standing", "good-standing", "start-renewal")
"""The steps with which an agreement's renewal is begun, on the application that it renews."""

UNTIL_RENEWAL = 920
"""Days from the signatures until less than six months are left of the MOU's term, whatever the months between."""


_REPORTED: tuple[tuple[str, Answers], ...] = (("report-incident", {}),)

BESIDE_THE_WAY = {
    "clarify": Beside(
        "route-application", (("legal-opinion", {"opinion": "clarification", "opinion_text": "Which offices?"}),)
    ),
    "delay-opinion": Beside("route-application"),
    "delay-decision": Beside("send-to-owner"),
    "return-mou": Beside("sign-mou"),
    "withdraw": Beside("identify-requestor"),
    "recertify-users": Beside("confirm-access", days=340),
    "invite-requestor": Beside("confirm-access", days=1, read_in=True),
    "change-users": Beside("confirm-access"),
    "suspend-accounts": Beside("confirm-access", days=366),
    "survey": Beside("confirm-access"),
    "answer-survey": Beside("confirm-access", (("survey", {}),)),
    "remove-accounts": Beside("confirm-access", (("change-users", {}),)),
    **{
        step: Beside("confirm-access", tuple((before, {}) for before in taken))
        for step, taken in {
            "open-audit": (),
            "record-finding": ("open-audit",),
            "close-audit": ("open-audit",),
            "respond-to-finding": ("open-audit", "record-finding"),
            "review-response": ("open-audit", "record-finding", "respond-to-finding"),
            "clear-finding": ("open-audit", "record-finding", "respond-to-finding", "review-response"),
        }.items()
    },
    "say-board-days": Beside("complete-application"),
    **{
        step: Beside("confirm-access", days=UNTIL_RENEWAL, later=TO_THE_RENEWAL[:place])
        for place, step in enumerate(TO_THE_RENEWAL)
    },
    "hold-renewal": Beside(
        "confirm-access",
        (("open-audit", {}), ("record-finding", {})),
        UNTIL_RENEWAL,
        ("renewal-notice", "record-standing"),
    ),
    "take-effect": Beside("confirm-access", (), UNTIL_RENEWAL, TO_THE_RENEWAL, "post-approval", 185),
    "note-failed-renewal": Beside("confirm-access", (), UNTIL_RENEWAL, TO_THE_RENEWAL, on_the_other=("withdraw",)),
    **{
        step: Beside("confirm-access", (), UNTIL_RENEWAL, TO_THE_RENEWAL, "sign-mou", on_the_other=("terminate",))
        for step in ("note-termination", "decide-on-renewal")
    },
    "note-suspensions": Beside("confirm-access", (), UNTIL_RENEWAL, TO_THE_RENEWAL, "sign-mou"),
    "offer-mou": Beside("confirm-access"),
    "request-termination": Beside("confirm-access"),
    "terminate": Beside("confirm-access"),
    "decline-termination": Beside("confirm-access", (("request-termination", {}),)),
    "expire": Beside("confirm-access", days=1097),
    "report-incident": Beside("confirm-access"),
    "assess-incident": Beside("confirm-access", _REPORTED),
    "acknowledge-incident": Beside("confirm-access", (*_REPORTED, ("assess-incident", {}))),
    "act-on-incident": Beside("confirm-access", (*_REPORTED, ("assess-incident", {}), ("acknowledge-incident", {}))),
    "close-incident": Beside(
        "confirm-access",
        (*_REPORTED, ("assess-incident", {}), ("acknowledge-incident", {}), ("act-on-incident", {})),
    ),
}
"""Every step that is not on the way, and where it is open."""


def leaves_a_finding_open(step: str) -> bool:
    """Whether the way to this step beside the way, or the step itself, leaves the organization with an open finding."""
    return "record-finding" in (step, *(before for before, _ in BESIDE_THE_WAY[step].then))
