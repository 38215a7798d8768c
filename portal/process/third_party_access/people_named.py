"""Whom to turn to about an application: those whom its steps name."""

from collections.abc import Iterator
from typing import Any

from portal.process.contact import Contact
from portal.process.document import Json, last_entry, section


def people_named(document: Json) -> Iterator[Contact]:
    """Each with what they are to the application, as far as the document's reader may read of them [6.2, App. B]."""
    identified, applied = section(document, "identify-requestor"), section(document, "complete-application")
    invited = section(document, "invite-requestor")
    yield from _named(invited, "contact", "The organization’s contact")
    if applied:
        if not invited:
            yield from _named(applied, "contact", "The organization’s contact")
        yield from _named(applied, "mou_signer", "Signs the MOU for the organization")
        yield from _named(applied, "iso", "The organization’s Information Security Officer")
    else:
        yield from _named(identified, "invitee", "Invited to apply")
    entry = last_entry(document, "identify-requestor")
    if identified.get("director_name"):
        yield Contact("LCSA Director", identified["director_name"], "", "", identified.get("director_email", ""))
    elif entry and entry["role"] == "director":
        yield Contact("LCSA Director", entry["actor_name"], "", "", entry["actor"])
    yield from _named(identified, "coordinator", "LCSA Third Party Access Coordinator")
    yield from _named(identified, "administrator", "LCSA System Administrator")


def _named(answers: dict[str, Any], prefix: str, what: str) -> Iterator[Contact]:
    if name := answers.get(f"{prefix}_name"):
        title, phone, email = (str(answers.get(f"{prefix}_{part}") or "") for part in ("title", "phone", "email"))
        yield Contact(what, str(name), title, phone, email)
