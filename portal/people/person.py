"""A person with an account, as the store keeps it under kind "people" and the address in lower case."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.people.errors import NotAnAddress
from portal.people.rules import Confirmation
from portal.process.document import at_utc, moment
from portal.process.step import Actor, Grant

KIND = "people"

_ADDRESS = re.compile(r"[^@\s,;<>()\"]+@[^@\s,;<>()\"]+\.[^@\s,;<>()\"]+")


def address(given: str) -> str:
    """An email address in the form in which it names an account: lower case, no spaces around. Raises `NotAnAddress`.

    No narrower than what a step's email field takes: whom a step invites can be invited.
    """
    email = given.strip().lower()
    if _ADDRESS.fullmatch(email) is None or not email.isprintable():
        raise NotAnAddress(given)
    return email


@dataclass(frozen=True, slots=True)
class Person:
    """One account. `links_used` holds the digests of the links that it has accepted, so that each works once.

    `recovery_codes` are hashed; `demo` marks an account made while the demo was on, which cannot sign in once it is
    off; `confirmations` are those of the rules and penalties, the oldest first. `vouched` says that a session of
    theirs began with the second factor of the OpenID Connect provider; `provider_issuer` and `provider_subject` are
    what it called them when they first came from there: an address may be given to somebody else, these are not.
    """

    email: str
    name: str
    title: str = ""
    phone: str = ""
    grants: tuple[Grant, ...] = ()
    password_hash: str = ""
    totp_secret: str = ""
    last_time_step: int = 0
    recovery_codes: tuple[str, ...] = ()
    active: bool = True
    demo: bool = False
    signed_in_at: datetime | None = None
    created_at: datetime | None = None
    links_used: tuple[str, ...] = ()
    confirmations: tuple[Confirmation, ...] = ()
    vouched: bool = False
    provider_issuer: str = ""
    provider_subject: str = ""

    @property
    def actor(self) -> Actor:
        """The person as the core knows them."""
        return Actor(self.email, self.name, self.grants)

    def holds(self, role: str) -> bool:
        """Whether the person holds this role, in whatever scope."""
        return any(grant.role == role for grant in self.grants)

    @property
    def has_second_factor(self) -> bool:
        """Whether a second factor was set up and confirmed."""
        return bool(self.totp_secret)

    # What Flask-Login asks of whoever is signed in.

    @property
    def is_authenticated(self) -> bool:
        """True: a Person is only ever loaded for one who signed in."""
        return True

    @property
    def is_active(self) -> bool:
        """Whether the account may be used."""
        return self.active

    @property
    def is_anonymous(self) -> bool:
        """False."""
        return False

    def get_id(self) -> str:
        """What the session remembers the person by."""
        return self.email


def to_record(person: Person) -> dict[str, Any]:
    """The person as JSON can carry it."""
    return {
        "email": person.email,
        "name": person.name,
        "title": person.title,
        "phone": person.phone,
        "grants": [{"role": grant.role, "scope": dict(grant.scope)} for grant in person.grants],
        "password_hash": person.password_hash,
        "totp_secret": person.totp_secret,
        "last_time_step": person.last_time_step,
        "recovery_codes": list(person.recovery_codes),
        "active": person.active,
        "demo": person.demo,
        "signed_in_at": at_utc(person.signed_in_at) if person.signed_in_at else None,
        "created_at": at_utc(person.created_at) if person.created_at else None,
        "links_used": list(person.links_used),
        "confirmations": [
            {"at": at_utc(one.at), "version": one.version, "sha256": one.sha256, "name": one.name}
            for one in person.confirmations
        ],
        "vouched": person.vouched,
        "provider_issuer": person.provider_issuer,
        "provider_subject": person.provider_subject,
    }


def from_record(record: Mapping[str, Any]) -> Person:
    """The person whom `to_record` wrote down."""
    return Person(
        email=record["email"],
        name=record["name"],
        title=record["title"],
        phone=record["phone"],
        grants=tuple(Grant(grant["role"], grant["scope"]) for grant in record["grants"]),
        password_hash=record["password_hash"],
        totp_secret=record["totp_secret"],
        last_time_step=record["last_time_step"],
        recovery_codes=tuple(record["recovery_codes"]),
        active=record["active"],
        demo=record["demo"],
        signed_in_at=moment(record["signed_in_at"]) if record["signed_in_at"] else None,
        created_at=moment(record["created_at"]) if record["created_at"] else None,
        links_used=tuple(record["links_used"]),
        # Accounts of before there were confirmations carry none.
        confirmations=tuple(
            Confirmation(moment(one["at"]), one["version"], one["sha256"], one["name"])
            for one in record.get("confirmations", ())
        ),
        vouched=record.get("vouched", False),
        provider_issuer=record.get("provider_issuer", ""),
        provider_subject=record.get("provider_subject", ""),
    )
