"""Letting people in: the password, then the second factor; wrong tries counted, nothing said about which was wrong."""

import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from portal.people import passwords
from portal.people.errors import AnotherAtProvider, PasswordRefused, SignInRefused
from portal.people.person import Person
from portal.people.rules import NOTICE, RULES, WARNED_BEFORE, Confirmation, Wording, require_confirmed, until
from portal.people.second_factor import (
    hash_recovery_code,
    keyed,
    matching_time_step,
    new_recovery_codes,
    secret_to_enrol,
)
from portal.people.tries import TRIES, WAIT, Tries
from portal.process.document import at_utc
from portal.store.port import Store

TRIES_IN_DEMO = 100
WORDINGS = "rule-wordings"
"""The kind of record that keeps each wording that somebody confirmed or acknowledged, by its checksum."""


class SigningIn:
    """What has to be shown to be let in. `change` and `get` are those of `People`."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        secret_key: str,
        demo: bool,
        change: Callable[[str, Callable[[Person], Person]], Person],
        get: Callable[[str], Person | None],
        tries: int = TRIES,
        wait: timedelta = WAIT,
    ) -> None:
        self._store, self._clock, self._secret_key, self._demo = store, clock, secret_key, demo
        self._change, self._get = change, get
        self.tries = Tries(store, clock, secret_key, TRIES_IN_DEMO if demo else tries, wait)

    def check_password(self, email: str, password: str) -> Person:
        """The person whose address and password these are; not yet signed in.

        Takes as long whether the address has an account or not. Raises `SignInRefused`, also for one whose second
        factor is the provider's (see `must_use_provider`), and `TooManyTries`.
        """
        return self._check_password(email, password, signs_in=True)

    def _check_password(self, email: str, password: str, signs_in: bool) -> Person:
        email = email.strip().lower()
        self.tries.begin(email)
        person = self._get(email)
        right = passwords.matches(person.password_hash if person else "", password)
        if person is None or not right:
            raise SignInRefused(email, "wrong password" if person else "no such account")
        if not self.may_sign_in(person):
            raise SignInRefused(
                email, "the account is closed" if not person.active else "a demo account, and the demo is off"
            )
        if signs_in and self.must_use_provider(person):
            raise SignInRefused(email, "the second factor is the provider's: the password alone does not sign in")
        self.tries.take_back(email)
        if passwords.is_dated(person.password_hash):
            newer = passwords.hash_password(password)
            person = self._change(email, lambda kept: replace(kept, password_hash=newer))
        return person

    def check_code(self, email: str, code: str) -> Person:
        """The person, whose app shows this code now or whose recovery code it is. Either works once.

        Raises `SignInRefused`, `TooManyTries`.
        """
        self.tries.begin(email)
        now = self._clock()

        def used(person: Person) -> Person:
            step = matching_time_step(person.totp_secret, code, now) if person.totp_secret else None
            if step is not None and step > person.last_time_step:
                return replace(person, last_time_step=step)
            hashed = hash_recovery_code(self._secret_key, person.email, code)
            left = tuple(kept for kept in person.recovery_codes if not hmac.compare_digest(kept, hashed))
            if len(left) == len(person.recovery_codes):
                raise SignInRefused(email, "a code that was used" if step is not None else "wrong code")
            return replace(person, recovery_codes=left)

        person = self._change(email, used)
        self.tries.take_back(email)
        return person

    def signed_in(self, email: str, vouched: bool = False) -> Person:
        """Everything was right: notes the time, forgets the wrong tries, and keeps the notice that was acknowledged.

        `vouched` says that the provider asked for a second factor itself.
        """
        self._keep_wording(NOTICE)
        now = self._clock()
        self.tries.clear(email)
        return self._change(email, lambda person: replace(person, signed_in_at=now, vouched=person.vouched or vouched))

    def known_at_provider(self, email: str, issuer: str, subject: str) -> Person:
        """The person, whom this provider calls so: kept the first time. Raises `AnotherAtProvider`.

        Another issuer is another provider, which the portal's settings name now: what the one before said is over.
        """

        def known(person: Person) -> Person:
            if person.provider_issuer == issuer and person.provider_subject != subject:
                raise AnotherAtProvider(email)
            return replace(person, provider_issuer=issuer, provider_subject=subject)

        person = self._get(email)
        if person is not None and (person.provider_issuer, person.provider_subject) == (issuer, subject):
            return person
        return self._change(email, known)

    def change_password(self, email: str, old: str, new: str) -> Person:
        """The person with the new password; every other session of theirs ends.

        Raises `SignInRefused` when the old one is wrong, `TooManyTries`, `PasswordRefused`.
        """
        person = self._check_password(email, old, signs_in=False)
        organizations = tuple(value for grant in person.grants for value in grant.scope.values())
        passwords.require_good(new, person.email, person.name, organizations)
        if passwords.matches(person.password_hash, new):
            raise PasswordRefused("It is the password that you have now. Choose another.")
        newer = passwords.hash_password(new)
        return self._change(email, lambda kept: replace(kept, password_hash=newer))

    # The second factor

    def secret_to_enrol(self, person: Person) -> str:
        """What the person's app is to be set up with, in base32; the same until it is confirmed."""
        return secret_to_enrol(self._secret_key, person)

    def enrol(self, email: str, code: str) -> tuple[Person, tuple[str, ...]]:
        """Sets up the second factor once the app shows the right code: the person, and recovery codes to show once.

        Raises `SignInRefused` when the code is not the one, `TooManyTries`.
        """
        self.tries.begin(email)
        now, codes = self._clock(), new_recovery_codes()

        def enrolled(person: Person) -> Person:
            secret = self.secret_to_enrol(person)
            step = matching_time_step(secret, code, now)
            if step is None:
                raise SignInRefused(email, "wrong code while setting up the second factor")
            hashed = tuple(hash_recovery_code(self._secret_key, person.email, one) for one in codes)
            return replace(person, totp_secret=secret, last_time_step=step, recovery_codes=hashed)

        person = self._change(email, enrolled)
        self.tries.take_back(email)
        return person, codes

    # Sessions

    def session_mark(self, person: Person) -> str:
        """What a session carries to show that it began with this password and second factor: a new one ends it."""
        return keyed(self._secret_key, "session", person.email, person.password_hash, person.totp_secret).hex()[:32]

    def is_mark_of(self, person: Person, mark: str) -> bool:
        """Whether a session with this mark is still the person's."""
        return hmac.compare_digest(self.session_mark(person), mark)

    # The rules and the penalties

    def confirm_rules(self, email: str, ticked: set[str], name: str) -> Person:
        """The person, who has now confirmed the rules as they are worded today. The wording is kept beside.

        Raises `NotConfirmed` when a part is left out or the name is another.
        """
        now = self._clock()
        self._keep_wording(RULES)

        def confirmed(person: Person) -> Person:
            require_confirmed(ticked, name, person.name)
            given = Confirmation(now, RULES.version, RULES.sha256, name)
            return replace(person, confirmations=(*person.confirmations, given))

        return self._change(email, confirmed)

    def must_confirm(self, person: Person) -> bool:
        """Whether the rules are to be confirmed before anything else opens.

        An account of the demo confirmed them when it was made, and is not asked again while the demo is on.
        """
        if self._demo and person.demo:
            return False
        good_until = until(person.confirmations)
        return good_until is None or good_until <= self._clock()

    def confirm_by(self, person: Person) -> datetime | None:
        """When the confirmation ends, if that is within 30 days; None when nothing has to be done yet."""
        good_until = until(person.confirmations)
        if good_until is None or (self._demo and person.demo) or good_until - self._clock() > WARNED_BEFORE:
            return None
        return good_until

    def wording_confirmed(self, sha256: str) -> str | None:
        """The wording of the rules or of the notice with this checksum: today's, or one that somebody acknowledged."""
        for wording in (RULES, NOTICE):
            if wording.sha256 == sha256:
                return wording.text
        record = self._store.get_record(WORDINGS, sha256)
        return record["text"] if record else None

    def _keep_wording(self, wording: Wording) -> None:
        if self._store.get_record(WORDINGS, wording.sha256) is None:
            self._store.put_record(WORDINGS, wording.sha256, {"text": wording.text, "kept_at": at_utc(self._clock())})

    # Who may

    def may_sign_in(self, person: Person) -> bool:
        """Whether the account is open; one that was made in the demo is open in the demo alone."""
        return person.active and (self._demo or not person.demo)

    def needs_second_factor(self, person: Person) -> bool:
        """Whether a second factor must be set up before anything else opens: always, outside the demo."""
        return not self._demo and not person.has_second_factor

    def must_use_provider(self, person: Person) -> bool:
        """Whether the person's second factor is the provider's alone: then a password, which has none, lets nobody in.

        Until they set up one of their own, signed in through the provider, or an administrator's link resets it.
        """
        return person.vouched and self.needs_second_factor(person)
