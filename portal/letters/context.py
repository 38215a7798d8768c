"""The names that a letter template may use, worked out from an application's document. Table in docs/letters.md.

What is not known is left out, so that a letter which needs it is refused by name. What no letter may quote (Legal's
advice, the Process Manager's summary, why the guide was exceeded) is not in the document that comes here
(`policy.quotable`): no template can send it.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.process.document import is_read_in, last_entry, section, was_read_in
from portal.process.goals import date_in_words

Json = dict[str, Any]

PROFILES = {
    "iv-a-read-only": "IV-A, read only",
    "iv-e-read-only": "IV-E, read only",
    "other-read-only": "other authorized purpose, read only",
}
"""Security profiles [6.6] in words."""

REASONS_FOR_TRANSMITTAL = (
    ("state-law", "State Law or Regulation Change"),
    ("federal-law", "Federal Law or Regulation Change"),
    ("court-order", "Court Order or Settlement Change"),
    ("clarification", "Clarification requested by One or More Counties"),
    ("initiated-by-dcss", "Initiated by DCSS"),
)
"""The boxes of a CSS letter, of which one is ticked [L]."""

BLANK_WORDS = {
    "accounts.granted": "number of user accounts",
    "accounts.security_profile": "security profile",
    "application.id": "application number",
    "application.lcsa": "LCSA",
    "application.organization": "name of organization",
    "complete_application.requestor_name": "name of Requestor",
    "complete_application.purpose": "purpose stated in the application",
    "complete_application.statutory_authority": "statutory authority stated in the application",
    "letter.date": "date",
    "mou.dcss_signer_name": "name",
    "mou.signer_name": "name of person signing for Requestor",
    "mou.signer_title": "title",
    "mou.term_months": "number of",
    "process_owner.name": "name",
    "process_owner.title": "Process Owner",
}
"""What a specimen prints in square brackets in place of a field; of any other, its own name."""

BY_OFFICE = {
    "identify_requestor": {"invitee_address": "By email"},
    "complete_application": {
        "contact_name": "Contact person",
        "contact_title": "Third party access to CSE",
        "iso_name": "Information Security Officer",
        "iso_title": "Third party access to CSE",
        "mou_signer_name": "Signer of the Memorandum of Understanding",
        "mou_signer_title": "Third party access to CSE",
    },
}
"""How a letter addresses people of an agreement that was read in from a sheet which does not name them."""

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def context(
    document: Mapping[str, Any],
    *,
    people: Mapping[str, Mapping[str, Any]],
    office: Mapping[str, Any],
    today: date,
    portal_url: str = "",
) -> Json:
    """Everything that a template may name, for this document as letters may quote it, on this date (California's).

    `people` holds `process_manager` and `process_owner`, each with name, title, email, phone (who has no email or phone
    of their own has the office's), and the LCSA's `director`, whom a letter names about an agreement that was read
    in. The Process Owner of a decided application is whoever decided it [6.6].
    """
    known = _by_office(document) if was_read_in(document) else document
    names: Json = {key: _with_dates(value) for key, value in known.items() if isinstance(value, Mapping)}
    identified, decided = section(document, "identify-requestor"), section(document, "decide")
    owner = _with_office(people.get("process_owner", {}), "Process Owner", office)
    decider = _actor_name(document, "decide")
    if decider:
        owner["name"] = decider
    return {
        **names,
        "application": {"id": document["id"], "lcsa": document["lcsa"], "organization": document["organization"]},
        "letter": {"date": date_in_words(today), "on": today.isoformat()},
        "accounts": {
            "recommended": accounts_in_words(identified.get("recommended_accounts")),
            "requested": accounts_in_words(section(document, "complete-application").get("users_requested")),
            "granted": accounts_in_words(decided.get("accounts_granted")),
            "security_profile": PROFILES.get(decided.get("security_profile", ""), decided.get("security_profile")),
        },
        "director": _director(document, people),
        "coordinator": _person(identified, "coordinator"),
        "administrator": _person(identified, "administrator"),
        "process_manager": _with_office(people.get("process_manager", {}), "Process Manager", office),
        "process_owner": owner,
        "auditor": {"name": _actor_name(document, "record-finding")},
        "mou": _mou(document, owner),
        "office": dict(office),
        "portal": {"url": portal_url},
    }


def context_of_css_letter(
    letter: Mapping[str, Any],
    *,
    owner: Mapping[str, Any],
    office: Mapping[str, Any],
    today: date,
    portal_url: str = "",
) -> Json:
    """Everything that the CSS letter's template may name: `letter` has its number, reason, subject and body; `owner` is
    the Process Owner who signs it.
    """
    return {
        "css_letter": dict(letter),
        "letter": {"date": date_in_words(today), "on": today.isoformat()},
        "process_owner": _with_office(owner, "Process Owner, Third Party Access", office),
        "office": dict(office),
        "portal": {"url": portal_url},
    }


def _by_office(document: Mapping[str, Any]) -> Json:
    """The document with people addressed by their office where it does not name them."""
    offices = {**BY_OFFICE["complete_application"], "requestor_name": document["organization"]}
    told = {**BY_OFFICE, "complete_application": offices}
    return {**document, **{key: {**words, **document.get(key, {})} for key, words in told.items()}}


def accounts_in_words(number: int | None) -> str | None:
    """`1 user account`, `5 user accounts`; None when the number is not known."""
    if number is None:
        return None
    return f"{number} user account" if number == 1 else f"{number:,} user accounts"


def _with_dates(value: Any) -> Any:
    """The same, and beside each ISO date `..._on` the date in words as `..._on_in_words`, inside lists too."""
    if isinstance(value, list):
        return [_with_dates(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    known = {name: _with_dates(each) for name, each in value.items()}
    words = {f"{name}_in_words": _words_of(each) for name, each in value.items()}
    return {**known, **{name: each for name, each in words.items() if each}}


def _words_of(value: Any) -> str | None:
    if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
        return None
    try:
        return date_in_words(date.fromisoformat(value))
    except ValueError:  # looks like a date and is none: it has no words
        return None


def _person(found: Mapping[str, Any], who: str) -> Json:
    return {part: found.get(f"{who}_{part}") for part in ("name", "title", "phone", "email")}


def _with_office(person: Mapping[str, Any], title: str, office: Mapping[str, Any]) -> Json:
    return {
        **person,
        "title": person.get("title") or title,
        "email": person.get("email") or office.get("email"),
        "phone": person.get("phone") or office.get("phone"),
    }


def _director(document: Mapping[str, Any], people: Mapping[str, Mapping[str, Any]]) -> Json:
    entry = last_entry(document, "identify-requestor")
    if entry is None:
        return {}
    if is_read_in(entry):  # whoever read it in is no Director
        return {"name": "LCSA Director", "title": document["lcsa"], **_known(people.get("director", {}))}
    identified = section(document, "identify-requestor")
    if entry.get("on_behalf_of") and identified.get("director_name"):  # a renewal, that DCSS begins for the Director
        return {"name": identified["director_name"], "title": "Director", "email": identified["director_email"]}
    return {
        "name": entry["actor_name"],
        "title": "Director" if entry["role"] == "director" else "for the Director",
        "email": entry["actor"],
    }


def _known(person: Mapping[str, Any]) -> Json:
    return {part: value for part, value in person.items() if value}


def _actor_name(document: Mapping[str, Any], step_key: str) -> str | None:
    entry = last_entry(document, step_key)
    return entry["actor_name"] if entry and not is_read_in(entry) else None


def _mou(document: Mapping[str, Any], owner: Mapping[str, Any]) -> Json:
    applied, signed = section(document, "complete-application"), section(document, "sign-mou")
    countersigned = section(document, "countersign-mou")
    return {
        "term_months": section(document, "decide").get("term_months"),
        "signer_name": applied.get("mou_signer_name"),
        "signer_title": applied.get("mou_signer_title"),
        "dcss_signer_name": _actor_name(document, "countersign-mou") or owner.get("name"),
        "requestor_signed_on": _words_of(signed.get("signed_on")),
        "signed_on": _words_of(countersigned.get("signed_on")),
        "effective_on": _words_of(countersigned.get("effective_on")),
        "expires_on": _words_of(countersigned.get("expires_on")),
    }
