"""Publishing the process: the CSS letter to all Directors with the link to it [6.1], and its yearly review [1.2]."""

import re
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from portal.audit import Act
from portal.letters.context import REASONS_FOR_TRANSMITTAL, context_of_css_letter
from portal.notices.announcements import announce, key_of_mail
from portal.notices.queueing import SIGNED
from portal.parts import Portal
from portal.people import Person
from portal.process.document import Json, at_utc
from portal.process.goals import add_months, california_day
from portal.process.third_party_access.reference import LCSAS
from portal.store.errors import Conflict, Damaged, NotFound

LETTERS, REVIEWS = "css-letters", "process-reviews"
"""The kinds of records that hold the letters sent, by their number, and the yearly reviews."""

REASONS = dict(REASONS_FOR_TRANSMITTAL)
"""The boxes of the letter, of which one is ticked, with their words."""

SUBJECT = "Third Party Access Process for the Child Support Enforcement System"

BODY = """\
This letter publishes the Third Party Access Process. It is the way in which county welfare departments, foster \
care departments, district attorneys and child abduction units obtain access to the Child Support Enforcement (CSE) \
system, where the law allows it.

Local child support agency (LCSA) Directors identify the organizations in their counties that should have access, \
and recommend how many user accounts each needs. The User Account Allocation Guide says how many accounts are \
reserved for each county. It is a guideline: more are granted where a justification holds.

Each LCSA names a Third Party Access Coordinator, who is the contact for everything that concerns access in the \
county, and a System Administrator, who sets up user accounts and removes them.

The process runs online. Directors sign in to identify an organization and to follow each application from there; \
every step, who takes it, and the time in which DCSS means to take it are published at the address below."""
"""What the letter says unless the Process Owner writes something else."""

_NUMBER = re.compile(r"\d{2}-\d{2,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class CssLetter:
    """A letter as the Process Owner writes it: `reason` is the key of the box that is ticked."""

    number: str
    reason: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """A Director to whom a letter went, and how its mail stands: `Mailed`, `Waiting to go out`, `Refused`."""

    name: str
    email: str
    lcsa: str
    mail: str


class NobodyToTell(ValueError):
    """No Director has an account."""


def is_number(number: str) -> bool:
    """Whether this can be a letter's number: the year's two digits, and a number within it, `26-01`."""
    return _NUMBER.fullmatch(number) is not None


def next_number(portal: Portal) -> str:
    """The first number of this year after those of the letters sent here; DCSS may have given it to another letter."""
    year = f"{portal.today:%y}"
    taken = [int(one["number"].partition("-")[2]) for one in letters(portal) if one["number"].startswith(f"{year}-")]
    return f"{year}-{max(taken, default=0) + 1:02}"


def letters(portal: Portal) -> list[Json]:
    """Every letter as it was sent, the newest first."""
    return sorted((one for _, one in portal.store.records(LETTERS)), key=lambda one: str(one["at"]), reverse=True)


def letter(portal: Portal, number: str) -> Json | None:
    """The letter of this number as it was sent, or None."""
    return portal.store.get_record(LETTERS, number) if is_number(number) else None


def directors(portal: Portal) -> list[Person]:
    """Whom a letter goes to: everybody who holds the role of Director."""
    return portal.people.with_role("director")


def lcsas_without_director(portal: Portal) -> list[str]:
    """The LCSAs no Director of which has an account: a letter does not go there."""
    reached = {lcsa for person in directors(portal) for lcsa in _lcsas(person)}
    return [lcsa for lcsa in LCSAS if lcsa not in reached]


def draw(portal: Portal, written: CssLetter, owner: Person) -> bytes:
    """The letter as a .docx, as it would go out today over this Process Owner's name.

    Raises `MissingFields`, `TemplateBroken`.
    """
    words = context_of_css_letter(
        asdict(written),
        owner={"name": owner.name, "title": owner.title, "email": owner.email, "phone": owner.phone},
        office=portal.office,
        today=portal.today,
        portal_url=portal.settings.base_url,
    )
    return portal.letters.draw("css-letter", words)


def send(portal: Portal, written: CssLetter, owner: Person, act: Act) -> Json:
    """Keeps the letter as it goes out, with whom it goes to, and has it mailed to every Director, each once.

    Raises `MissingFields`, `TemplateBroken`, `NobodyToTell`; `Conflict` when a letter of this number was sent already;
    `Unavailable`. After any of them nothing was sent.
    """
    told = [
        {"name": person.name, "email": person.email, "lcsa": ", ".join(_lcsas(person))} for person in directors(portal)
    ]
    if not told:
        raise NobodyToTell("No Director has an account: there is nobody to send it to.")
    sha256 = portal.store.put_file(draw(portal, written, owner))  # before the record that names it
    record: Json = {
        **asdict(written),
        "sha256": sha256,
        "to": told,
        "by": owner.email,
        "by_name": owner.name,
        "at": at_utc(portal.clock()),
    }
    with portal.log.telling(act) as tell, portal.store.writing() as writing:
        if kept := portal.store.get_record(LETTERS, written.number):
            raise Conflict(f"{LETTERS}/{written.number}", 0, kept["revision"])
        tell(writing, why=f"to {len(told)}, SHA-256 {sha256[:16]}")
        announce(
            portal,
            _announcement(written.number),
            (LETTERS, written.number, 1),
            told,
            f"CSS letter {written.number}: {written.subject}",
            _mail(portal, written),
            [{"name": f"css-letter-{written.number}.docx", "sha256": sha256}],
        )
        kept = portal.store.put_record(LETTERS, written.number, record, expected_revision=0)
    portal.wake()
    return kept


def recipients(portal: Portal, sent: Json) -> list[Recipient]:
    """Who got a letter, and how each mail stands."""
    unsent = {
        **{mail.key: "Waiting to go out" for mail in portal.mail.waiting()},
        **{mail.key: "Refused" for mail in portal.mail.failed()},
    }
    announced = portal.store.get_record("announcements", _announcement(sent["number"])) is not None
    return [
        Recipient(
            one["name"],
            one["email"],
            one["lcsa"],
            unsent.get(
                key_of_mail(_announcement(sent["number"]), one["email"]), "Waiting to go out" if announced else "Mailed"
            ),
        )
        for one in sent["to"]
    ]


def _announcement(number: str) -> str:
    return f"css-letter/{number}"


def _lcsas(person: Person) -> list[str]:
    return [grant.scope["lcsa"] for grant in person.grants if grant.role == "director"]


def _mail(portal: Portal, written: CssLetter) -> list[str]:
    return [
        f"CSS letter {written.number} is attached: {written.subject}.",
        "",
        "The process:",
        f"{portal.settings.base_url}/process",
        "",
        SIGNED,
    ]


# The yearly review.


def reviews(portal: Portal) -> list[Json]:
    """Every review of the process, the newest first."""
    found = [one for _, one in portal.store.records(REVIEWS)]
    return sorted(found, key=lambda one: (str(one["reviewed_on"]), str(one["at"])), reverse=True)


def review_due(portal: Portal) -> date | None:
    """The day on which the next review falls due: a year after the last, or after the portal's first application.

    None while there is no application.
    """
    last = next(iter(reviews(portal)), None)
    begun = date.fromisoformat(last["reviewed_on"]) if last else _begun_on(portal)
    return add_months(begun, 12) if begun else None


def _begun_on(portal: Portal) -> date | None:
    """The California date on which the first application was begun, found by its number."""
    first = min((one.rpartition("-")[0] for one in portal.store.ids_given()), key=lambda one: one[-4:], default=None)
    if first is None:
        return None
    try:
        return california_day(portal.store.get(f"{first}-0001")["history"][0]["at"])
    except (NotFound, Damaged):
        return date(int(first[-4:]), 1, 1)


def record_review(portal: Portal, review: dict[str, Any], owner: Person, act: Act, drawn_from: int) -> Json:
    """Keeps a review: `reviewed_on`, `what`, `changes` (whether something changes) and `next_step`.

    `drawn_from` is how many reviews there were when the form was drawn. Raises `Conflict` when there are others now.
    """
    with portal.log.telling(act) as tell, portal.store.writing() as writing:
        number = sum(1 for _ in portal.store.records(REVIEWS))
        if number != drawn_from:
            raise Conflict(REVIEWS, drawn_from, number)
        tell(writing, why=f"review {number + 1}")
        kept = {**review, "by": owner.email, "by_name": owner.name, "at": at_utc(portal.clock())}
        return portal.store.put_record(REVIEWS, f"{number + 1:04}", kept, expected_revision=0)
