"""Afterwards: an agreement that is older than the portal gets somebody of its organization who acts here.

A sheet that was read in writes to nobody. So whoever identifies organizations, or keeps the tracking sheet, is asked to
name the contact person, who is then invited as any other Requestor is [6.2, 6.3.3].
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from portal.process.conditions import Not, ReadIn, Taken
from portal.process.document import Json, section, was_read_in
from portal.process.goals import california_day
from portal.process.step import Field, Kind, Situation, Step, Tell
from portal.process.third_party_access.roles import CONTACT, INVITEE, OFFICER, SIGNER

CHAPTER = "afterwards"

INVITED_CONTACT = "person:invite_requestor.contact"
"""The contact person whom this step names."""

INVITED = Taken("invite-requestor", words="the contact person is invited")


def stand_for(document: Json, who: str) -> tuple[str, ...]:
    """Who is meant by a person of the organization, of an agreement that was read in: the contact person who was invited
    in the place of the sheet's; and where the sheet names nobody, whoever acts for the organization.
    """
    if who not in (CONTACT, OFFICER, SIGNER, INVITEE) or not was_read_in(document):
        return (who,)
    if who == CONTACT and "invite_requestor" in document:
        return (INVITED_CONTACT,)
    step, _, prefix = who.removeprefix("person:").partition(".")
    if section(document, step.replace("_", "-")).get(f"{prefix}_email"):
        return (who,)
    return (INVITED_CONTACT, "role:requestor")


def _day_after(document: Mapping[str, Any]) -> date:
    """The day after it was read in: whoever reads in thousands can look at them first, and the digest tells of it."""
    return california_day(document["history"][0]["at"]) + timedelta(days=1)


def _as_in_the_sheet(name: str) -> Any:
    return lambda situation: section(situation.document, "complete-application").get(name)


def _advice(situation: Situation) -> Iterator[str]:
    yield "This agreement was in force before the portal. Until somebody of the organization has an account, nobody there certifies users, answers findings, or learns of its end."
    yield "The person you name gets a link that makes their account. It works once, and for 60 days; after that, send another here."


STEPS = (
    Step(
        key="invite-requestor",
        title="Invite the contact person",
        asks="This agreement is older than the portal: name the organization's contact person, who is invited to act for it here.",
        done="invited the contact person",
        chapter=CHAPTER,
        section="6.3.3",
        opens=ReadIn(),
        repeats=ReadIn(),
        waits=Not(INVITED),
        opens_on=_day_after,
        each_anew=True,
        advice=_advice,
        confirm_label="Invite",
        tells=(Tell((INVITED_CONTACT,), "{organization} has access to the Child Support Enforcement system (CSE). From now on its agreement is kept in this portal: users are certified here every year, audits answered, and its renewal begun. You are invited to act for it.", invites="requestor"),),
        fields=(
            Field("contact_name", "Contact person", example="María Ortega", default=_as_in_the_sheet("contact_name"), autocomplete="off"),
            Field("contact_title", "Title", required=False, default=_as_in_the_sheet("contact_title"), autocomplete="off"),
            Field("contact_phone", "Phone", Kind.PHONE, required=False, default=_as_in_the_sheet("contact_phone"), autocomplete="off"),
            Field("contact_email", "Email", Kind.EMAIL, hint="The link with which they make their account goes here.", default=_as_in_the_sheet("contact_email"), autocomplete="off"),
        ),
    ),
)  # fmt: skip
