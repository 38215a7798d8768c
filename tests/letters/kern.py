"""An application that was accepted, as the portal keeps it, and the people and the office around it."""

from datetime import date
from typing import Any

from portal.letters.context import context
from portal.process.policy import quotable
from portal.process.third_party_access import THIRD_PARTY_ACCESS

TODAY = date(2026, 11, 23)
OFFICE = {
    "name": "Department of Child Support Services",
    "box": "P.O. Box 419064",
    "mailstop": "Mailstop 40",
    "city": "Rancho Cordova, California 95741-9064",
    "fax": "(916) 464-5335",
    "email": "ccsasaccess@dcss.ca.gov",
    "phone": "(916) 464-5300",
}
PEOPLE = {
    "process_manager": {"name": "Renée O’Neill", "title": "Process Manager", "email": "", "phone": ""},
    "process_owner": {"name": "Somebody Else", "title": "Process Owner"},
}

NOTHING_RECORDED: dict[str, Any] = {"answers": {}, "note": "", "previous": "", "hash": ""}


def kern(**changes: dict[str, Any] | None) -> dict[str, Any]:
    """The document; each change is laid over a section (`None` takes the section away)."""
    document: dict[str, Any] = {
        "id": "TPA-2026-0007",
        "version": 9,
        "process": "third-party-access",
        "lcsa": "Kern",
        "organization": "Kern IV-A",
        "status": "agreeing",
        "identify_requestor": {
            "organization_name": "Kern IV-A",
            "organization_type": "iv-a",
            "invitee_name": "José Núñez-Okafor",
            "invitee_title": "Assistant Director, Eligibility & Benefits",
            "invitee_address": "100 East California Avenue, 2nd floor\nBakersfield, CA 93307",
            "invitee_email": "requestor.kern@demo.example",
            "coordinator_name": "Mai Xiong",
            "coordinator_title": "Third Party Access Coordinator",
            "coordinator_phone": "(661) 555-0142",
            "coordinator_email": "coordinator.kern@demo.example",
            "administrator_name": "Ana Ruiz",
            "administrator_title": "System Administrator",
            "administrator_phone": "(661) 555-0143",
            "administrator_email": "administrator.kern@demo.example",
            "recommended_accounts": 5,
            "justification": "said by the Director to DCSS alone",
            "invitation_date": "2026-11-23",
        },
        "complete_application": {
            "requestor_name": "Kern County Department of Human Services <IV-A>",
            "contact_name": "José Núñez-Okafor",
            "contact_title": "Assistant Director, Eligibility & Benefits",
            "contact_phone": "(661) 555-0100",
            "contact_fax": "(661) 555-0101",
            "contact_email": "requestor.kern@demo.example",
            "iso_name": 'Dana "D." O\'Hara',
            "iso_title": "Information Security Officer",
            "iso_phone": "(661) 555-0102",
            "iso_email": "security@demo.example",
            "mou_signer_name": "Lakshmi Venkataraman",
            "mou_signer_title": "Director of Human Services",
            "mou_signer_email": "director@demo.example",
            "statutory_authority": "42 USC 453A(f) and California Family Code section 17212(c), as the county’s "
            "welfare department.",
            "purpose": "To verify child support income & payments when eligibility for CalWORKs is determined or "
            "reviewed.",
            "users_requested": 5,
            "signature": "José Núñez-Okafor",
            "attestation": True,
            "signed_on": "2026-11-25",
        },
        "legal_opinion": {"opinion": "authorized", "opinion_text": "advice that is for DCSS alone"},
        "send_to_owner": {"summary": "a summary that is for DCSS alone", "recommended_accounts": 5},
        "decide": {
            "decision": "accept",
            "accounts_granted": 5,
            "security_profile": "iv-a-read-only",
            "term_months": 36,
            "justification": "weighed by DCSS alone",
        },
        "record_finding": {
            "findings": [
                {
                    "number": 3,
                    "severity": "medium",
                    "requirement": "training",
                    "finding": "Two of five users were not trained within the last 365 days.\nTheir accounts were in use.",
                    "answer_by": "2026-12-18",
                },
                {
                    "number": 4,
                    "severity": "low",
                    "requirement": "retention",
                    "finding": "One signed statement <2025> could not be produced.",
                    "answer_by": "2026-12-31",
                },
            ]
        },
        "history": [
            {
                "step": "identify-requestor",
                "role": "director",
                "actor": "director.kern@demo.example",
                "actor_name": "Patricia O’Malley",
                **NOTHING_RECORDED,
            },
            {
                "step": "decide",
                "role": "process-owner",
                "actor": "process-owner@demo.example",
                "actor_name": "Grace Lindqvist",
                **NOTHING_RECORDED,
            },
            {
                "step": "record-finding",
                "role": "iso",
                "actor": "iso@demo.example",
                "actor_name": "Tomás Adeyemi",
                **NOTHING_RECORDED,
            },
        ],
    }
    for section, change in changes.items():
        if change is None:
            del document[section]
        else:
            document[section] = {**document.get(section, {}), **change}
    return document


def kern_context(**changes: dict[str, Any] | None) -> dict[str, Any]:
    """What templates may name, for that document."""
    quoted = quotable(THIRD_PARTY_ACCESS, kern(**changes))
    return context(quoted, people=PEOPLE, office=OFFICE, today=TODAY, portal_url="https://access.dcss.example")
