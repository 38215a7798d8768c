"""Links that make an account or a password: random, kept as a digest alone, good once and for a number of days [6.3.3].

A link is used when the account of its address says so (`Person.links_used`): accepting is one write, so that it either
happened or did not. Each link belongs to a key; making a newer one for the key ends the older.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from portal.people.errors import LinkExpired, LinkReplaced, LinkUnknown
from portal.people.person import address
from portal.process.document import Json, at_utc, moment
from portal.process.step import Grant
from portal.store.port import Store

KIND = "invitations"
CURRENT = "invitation-keys"
WITHDRAWN = "withdrawn"

Sort = Literal["invitation", "password"]


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link is for. `about` is the application that it leads to.

    `sort` "password" gives no role, only a new password. `made_by` is the address of who invites; what is no address
    names the portal itself. `resets_second_factor` has the second factor set up again.
    """

    digest: str
    key: str
    sort: Sort
    email: str
    name: str
    grant: Grant | None
    made_by: str
    about: str | None
    made_at: datetime
    expires_at: datetime
    resets_second_factor: bool = False


class Invitations:
    """The links that were made."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock

    def make(
        self,
        email: str,
        name: str,
        grant: Grant | None,
        *,
        days: float,
        made_by: str,
        about: str | None = None,
        key: str | None = None,
        sort: Sort = "invitation",
        resets_second_factor: bool = False,
        token: str = "",
    ) -> str:
        """A new link's token: 256 random bits, unless one as good is given. Only its SHA-256 is kept.

        Making a link of the same token again changes nothing about it. Raises `NotAnAddress`.
        """
        email, now, token = address(email), self._clock(), token or secrets.token_urlsafe(32)
        digest, key = _digest(token), _digest(key or _own_key(sort, email, grant))
        if self._store.get_record(KIND, digest) is not None:
            self._finish(key, digest)
            return token
        self._store.put_record(
            KIND,
            digest,
            {
                "key": key,
                "sort": sort,
                "email": email,
                "name": name,
                "grant": {"role": grant.role, "scope": dict(grant.scope)} if grant else None,
                "made_by": made_by,
                "about": about,
                "made_at": at_utc(now),
                "expires_at": at_utc(now + timedelta(days=days)),
                "resets_second_factor": resets_second_factor,
            },
            expected_revision=0,
        )
        # Only now: a crash before this line leaves the older link working.
        self._store.put_record(CURRENT, key, {"digest": digest})
        return token

    def _finish(self, key: str, digest: str) -> None:
        """Makes a link that is kept its key's latest, if a crash came between; never in place of a newer one."""
        current, mine = self._store.get_record(CURRENT, key), self._store.get_record(KIND, digest)
        other = self._store.get_record(KIND, current["digest"]) if current else None
        if current is None or (mine and other and other["made_at"] < mine["made_at"]):
            self._store.put_record(CURRENT, key, {"digest": digest})

    def look_up(self, token: str) -> Invitation:
        """What the link is for; whether it was used, the account says. Raises `LinkUnknown`, `LinkExpired`."""
        digest = _digest(token)
        record = self._store.get_record(KIND, digest)
        if record is None:
            raise LinkUnknown("Perhaps it was cut in two on its way: copy the whole of it into your browser.")
        invitation = _from_record(digest, record)
        current = self._store.get_record(CURRENT, invitation.key)
        if current is None or current["digest"] != digest:
            withdrawn = current is not None and current["digest"] == WITHDRAWN
            raise LinkReplaced(
                "This link was withdrawn."
                if withdrawn
                else "A newer link was sent in place of this one. Look for the latest message.",
                invitation,
            )
        if invitation.expires_at <= self._clock():
            raise LinkExpired("The days for which this link was good are over.", invitation)
        return invitation

    def standing(self) -> Iterator[Invitation]:
        """The links that are the latest of their key and whose days are not over; those that were used, too."""
        now, current = self._clock(), {key: record["digest"] for key, record in self._store.records(CURRENT)}
        for digest, record in self._store.records(KIND):
            invitation = _from_record(digest, record)
            if current.get(invitation.key) == digest and invitation.expires_at > now:
                yield invitation

    def withdraw(self, invitation: Invitation) -> None:
        """The link works no more."""
        self._store.put_record(CURRENT, invitation.key, {"digest": WITHDRAWN})


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def _own_key(sort: Sort, email: str, grant: Grant | None) -> str:
    scope = "/".join(f"{name}={value}" for name, value in sorted(grant.scope.items())) if grant else ""
    return f"{sort}/{email}/{grant.role if grant else ''}/{scope}"


def _from_record(digest: str, record: Json) -> Invitation:
    grant = record["grant"]
    return Invitation(
        digest=digest,
        key=record["key"],
        sort=record["sort"],
        email=record["email"],
        name=record["name"],
        grant=Grant(grant["role"], grant["scope"]) if grant else None,
        made_by=record["made_by"],
        about=record["about"],
        made_at=moment(record["made_at"]),
        expires_at=moment(record["expires_at"]),
        resets_second_factor=record["resets_second_factor"],
    )
