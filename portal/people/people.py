"""The people who have accounts: found, added, given roles, and let in."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from portal.people.errors import (
    AccountClosed,
    AlreadyThere,
    LastAdministrator,
    LinkApart,
    LinkExpired,
    LinkUsed,
    NoSuchPerson,
    NotTheInvitee,
    RolesApart,
)
from portal.people.forgotten import MINUTES, Forgotten
from portal.people.invitations import Invitation, Invitations
from portal.people.passwords import hash_password, require_good
from portal.people.person import KIND, Person, address, from_record, to_record
from portal.people.records import change_record
from portal.people.rules import RULES, Confirmation
from portal.people.second_factor import keyed
from portal.people.sessions import IDLE, LONGEST, Session, Sessions
from portal.people.signing_in import SigningIn
from portal.people.tries import TRIES, WAIT
from portal.process.document import Json
from portal.process.step import Grant
from portal.store.port import Page, Store

ADMINISTRATOR = "portal-administrator"


class People:
    """Everybody with an account. `clock` gives the time in UTC; `secret_key` is the portal's own.

    While `demo` is on, accounts that are made are marked so, and no second factor is asked for.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        secret_key: str,
        demo: bool = False,
        *,
        tries: int = TRIES,
        wait: timedelta = WAIT,
        idle: timedelta = IDLE,
        longest: timedelta = LONGEST,
    ) -> None:
        self._store, self._clock, self._secret_key, self.demo = store, clock, secret_key, demo
        self.invitations = Invitations(store, clock)
        self.signing_in = SigningIn(store, clock, secret_key, demo, self.change, self.get, tries, wait)
        self.forgotten = Forgotten(store, clock, secret_key, demo)
        self.sessions = Sessions(store, clock, idle, longest)

    # Finding

    def get(self, email: str) -> Person | None:
        """The person of this address, active or not, or None."""
        key = email.strip().lower()
        record = self._store.get_record(KIND, key) if key else None
        return from_record(record) if record else None

    def get_with_session(self, email: str, word: str) -> tuple[Person | None, Session | None]:
        """The person of this address, as `get`, and the session of this cookie, as `Sessions.find`: one question."""
        kind, key = self.sessions.place_of(word)
        account, session = self._store.get_records([(KIND, email.strip().lower()), (kind, key)])
        return from_record(account) if account else None, self.sessions.lasting(key, session)

    def require(self, email: str) -> Person:
        """The person of this address, active or not. Raises `NoSuchPerson`."""
        found = self.get(email)
        if found is None:
            raise NoSuchPerson(email)
        return found

    def require_open(self, email: str) -> None:
        """Returns when the account is open. Raises `AccountClosed`, `NoSuchPerson`."""
        if not self.require(email).active:
            raise AccountClosed(email)

    def everyone(self) -> list[Person]:
        """Everybody, by address."""
        return [from_record(record) for _, record in self._store.records(KIND)]

    def search(self, words: str = "", offset: int = 0, limit: int = 25) -> Page[Person]:
        """Those in whose name, address or grants every word occurs, by name."""
        wanted = words.casefold().split()
        found = [person for person in self.everyone() if all(word in _searchable(person) for word in wanted)]
        found.sort(key=lambda person: (person.name.casefold(), person.email))
        return Page(found[offset : offset + limit], offset, len(found))

    def with_role(self, role: str, lcsa: str | None = None, organization: str | None = None) -> list[Person]:
        """The active people who hold the role, by address: for this LCSA and organisation, where theirs is limited."""
        given = {"lcsa": lcsa, "organization": organization}
        wanted = {name: value for name, value in given.items() if value is not None}
        return [
            person
            for person in self.everyone()
            if person.active and any(covers(grant, role, wanted) for grant in person.grants)
        ]

    # Accounts and roles

    def add(self, email: str, name: str, *grants: Grant, title: str = "", password: str = "") -> Person:
        """A new account; without a password, until its owner makes one through a link.

        Raises `AlreadyThere`, `NotAnAddress`, `RolesApart`. A password given here is not weighed: it is for the demo's
        accounts.
        """
        _require_apart(email, grants)
        person = Person(
            address(email),
            name,
            title=title,
            grants=tuple(grants),
            password_hash=hash_password(password) if password else "",
            demo=self.demo,
            created_at=self._clock(),
            confirmations=self._confirmed_in_demo(name),
        )

        def added(record: Json | None) -> Json:
            if record is not None:
                raise AlreadyThere(person.email)
            return to_record(person)

        return from_record(change_record(self._store, KIND, person.email, added))

    def _confirmed_in_demo(self, name: str) -> tuple[Confirmation, ...]:
        """In the demo an account comes with the rules confirmed, so that whoever looks around goes straight to work."""
        return (Confirmation(self._clock(), RULES.version, RULES.sha256, name),) if self.demo else ()

    def change(self, email: str, make: Callable[[Person], Person]) -> Person:
        """The person as `make` makes them; asked again if another write came between. Raises `NoSuchPerson`."""

        def changed(record: Json | None) -> Json:
            if record is None:
                raise NoSuchPerson(email)
            return to_record(make(from_record(record)))

        return from_record(change_record(self._store, KIND, email.strip().lower(), changed))

    def describe(self, email: str, name: str, title: str, phone: str) -> Person:
        """The person with this name, title and telephone number, as letters print them."""
        return self.change(email, lambda person: replace(person, name=name, title=title, phone=phone))

    def grant(self, email: str, grant: Grant) -> Person:
        """The person holds the role too. Once is enough. Raises `RolesApart`."""
        return self.change(email, lambda person: replace(person, grants=_with(person, grant)))

    def withdraw(self, email: str, grant: Grant) -> Person:
        """The person holds the role no more, in this scope. Raises `LastAdministrator`."""
        if grant.role == ADMINISTRATOR:
            self._require_another_administrator(email)
        changed = self.change(
            email, lambda person: replace(person, grants=tuple(held for held in person.grants if held != grant))
        )
        self._withdraw_links(changed.email, grant)
        if grant.role == ADMINISTRATOR and not self.with_role(ADMINISTRATOR):
            # Two withdrew each other at the same moment.
            self.grant(email, grant)
            raise LastAdministrator(email)
        return changed

    def deactivate(self, email: str) -> Person:
        """The account is closed: nobody signs in with it, and its sessions end for good. Raises `LastAdministrator`."""
        administers = self.require(email).holds(ADMINISTRATOR)
        if administers:
            self._require_another_administrator(email)
        changed = self.change(email, lambda person: replace(person, active=False))
        self.sessions.end_all(changed.email)
        self._withdraw_links(changed.email)
        if administers and not self.with_role(ADMINISTRATOR):
            self.reactivate(email)
            raise LastAdministrator(email)
        return changed

    def reactivate(self, email: str) -> Person:
        """The account is open again, with the roles that it had."""
        return self.change(email, lambda person: replace(person, active=True))

    def _withdraw_links(self, email: str, grant: Grant | None = None) -> None:
        """Ends the links that were made for the person, and those that they made: of this grant, or all.

        With a role ends what it let them give: every link that they made within its scope.
        """
        for invitation in list(self.invitations.standing()):
            for_them = invitation.email == email and (grant is None or invitation.grant == grant)
            by_them = invitation.made_by == email and (grant is None or _is_within(invitation.grant, grant))
            if for_them or by_them:
                self.invitations.withdraw(invitation)

    def _require_another_administrator(self, email: str) -> None:
        if not any(person.email != email for person in self.with_role(ADMINISTRATOR)):
            raise LastAdministrator(email)

    def forget_old(self) -> int:
        """Drops the wrong tries and the sessions that are over; how many. For the daily command."""
        return self.signing_in.tries.forget_old() + self.sessions.forget_old()

    # Links

    def end_links_about(self, document_id: str) -> None:
        """The links that were sent about a document which has ended work no more."""
        for invitation in list(self.invitations.standing()):
            if invitation.about == document_id:
                self.invitations.withdraw(invitation)

    def invite(
        self,
        email: str,
        name: str,
        grant: Grant,
        *,
        days: int = 60,
        made_by: str = "",
        about: str | None = None,
        key: str | None = None,
        once: str = "",
    ) -> str:
        """The token of a link with which the invitee makes an account that holds the grant, or adds it to theirs.

        Good once, for so many days [6.3.3]; a newer one with the same key (address and grant, unless given) ends it.
        The same words in `once` give the same link: for one who may be cut off between making it and mailing it.
        """
        token = urlsafe_b64encode(keyed(self._secret_key, "invitation", once)).decode().rstrip("=") if once else ""
        return self.invitations.make(email, name, grant, days=days, made_by=made_by, about=about, key=key, token=token)

    def password_link(self, email: str, *, made_by: str, days: int = 7, resets_second_factor: bool = False) -> str:
        """The token of a link with which the person makes a new password. Raises `NoSuchPerson`."""
        person = self.require(email)
        return self.invitations.make(
            person.email,
            person.name,
            None,
            days=days,
            made_by=made_by,
            sort="password",
            resets_second_factor=resets_second_factor,
        )

    def forgotten_link(self, person: Person, once: str) -> str:
        """The token of a link for one who asked for a new password themselves, good for half an hour.

        It ends no link that somebody else made for them. The same words in `once` give the same link.
        """
        token = urlsafe_b64encode(keyed(self._secret_key, "forgotten", once)).decode().rstrip("=")
        return self.invitations.make(
            person.email,
            person.name,
            None,
            days=MINUTES / (24 * 60),
            made_by="forgotten",
            sort="password",
            key=f"forgotten/{person.email}",
            token=token,
        )

    def look_up(self, token: str) -> Invitation:
        """What the link is for. Raises `LinkUnknown`, `LinkUsed`, `LinkReplaced`, `LinkExpired`."""
        try:
            invitation = self.invitations.look_up(token)
        except LinkExpired as expired:
            # A used link says so, whatever happened since: its owner then knows that the account is there.
            if expired.invitation is not None:
                self._require_unused(expired.invitation)
            raise
        self._require_unused(invitation)
        return invitation

    def _require_unused(self, invitation: Invitation) -> None:
        person = self.get(invitation.email)
        if person is None:
            if invitation.sort == "password":
                raise LinkExpired("The account that this link was for is not there any more.", invitation)
            return
        _require_unused_by(person, invitation)
        if not person.active:
            raise LinkExpired("The account that this link was for is closed.", invitation)

    def accept(self, token: str, name: str = "", password: str = "", signed_in_as: str | None = None) -> Person:
        """The person as the link leaves them: with an account and the grant, or with the new password. One write.

        An account that has a password keeps it: its owner has to be signed in, and gains the grant. Raises as `look_up`
        does, `NotTheInvitee` and `PasswordRefused`.
        """
        invitation = self.look_up(token)
        keeps_password = self.must_sign_in_for(invitation)
        if keeps_password and signed_in_as != invitation.email:
            raise NotTheInvitee(
                f"There is an account for {invitation.email} already. Sign in with it to accept.", invitation
            )
        password_hash = ""
        if not keeps_password:
            require_good(password, invitation.email, name, _organizations(invitation.grant, self.get(invitation.email)))
            password_hash = hash_password(password)

        def accepted(record: Json | None) -> Json:
            person = (
                from_record(record)
                if record
                else Person(
                    invitation.email,
                    name,
                    demo=self.demo,
                    created_at=self._clock(),
                    confirmations=self._confirmed_in_demo(name),
                )
            )
            _require_unused_by(person, invitation)
            if invitation.sort == "invitation" and person.password_hash and not keeps_password:
                raise NotTheInvitee(
                    f"There is an account for {invitation.email} already. Sign in with it to accept.", invitation
                )
            return to_record(_after(invitation, person, name, password_hash))

        try:
            person = from_record(change_record(self._store, KIND, invitation.email, accepted))
        except RolesApart as apart:
            raise LinkApart(str(apart), invitation) from apart
        if invitation.sort == "password":
            self._withdraw_links_for_passwords(person.email)
        return person

    def _withdraw_links_for_passwords(self, email: str) -> None:
        """A new password was made: other links that would make another end."""
        for other in list(self.invitations.standing()):
            if other.email == email and other.sort == "password":
                self.invitations.withdraw(other)

    def must_sign_in_for(self, invitation: Invitation) -> bool:
        """Whether the invitee has an account already and accepts signed in, in place of making one."""
        person = self.get(invitation.email)
        return invitation.sort == "invitation" and person is not None and bool(person.password_hash)


def _require_unused_by(person: Person, invitation: Invitation) -> None:
    if invitation.digest in person.links_used:
        raise LinkUsed("This link was used already; it works once.", invitation)


def _after(invitation: Invitation, person: Person, name: str, password_hash: str) -> Person:
    """The person once the link is accepted."""
    person = replace(person, links_used=(*person.links_used, invitation.digest))
    if invitation.grant is not None:
        person = replace(person, grants=_with(person, invitation.grant))
    if password_hash:
        person = replace(person, password_hash=password_hash, name=name or person.name)
    if invitation.resets_second_factor:
        person = replace(person, totp_secret="", recovery_codes=(), vouched=False)
        person = replace(person, provider_issuer="", provider_subject="")
    return person


def _organizations(grant: Grant | None, person: Person | None) -> tuple[str, ...]:
    """The names of the counties and organizations for which somebody works: words that others would try."""
    grants = [*([grant] if grant else []), *(person.grants if person else ())]
    return tuple(value for one in grants for value in one.scope.values())


def _with(person: Person, grant: Grant) -> tuple[Grant, ...]:
    """The person's grants and this one. Raises `RolesApart`."""
    if grant in person.grants:
        return person.grants
    _require_apart(person.email, (*person.grants, grant))
    return (*person.grants, grant)


def _is_within(given: Grant | None, grant: Grant) -> bool:
    """Whether what a link gives lies within the scope of this grant; one that gives a password lies within all."""
    scope = given.scope if given else {}
    return all(scope.get(name) == value for name, value in grant.scope.items())


def _require_apart(email: str, grants: Sequence[Grant]) -> None:
    roles = {grant.role for grant in grants}
    if ADMINISTRATOR in roles and len(roles) > 1:
        raise RolesApart(email)


def covers(grant: Grant, role: str, wanted: dict[str, str]) -> bool:
    """Whether the grant is of this role, and of these values where it is limited."""
    return grant.role == role and all(grant.scope.get(name, value) == value for name, value in wanted.items())


def _searchable(person: Person) -> str:
    words = [person.name, person.email, person.title]
    for grant in person.grants:
        words += [grant.role, *grant.scope.values()]
    return " ".join(words).casefold()
