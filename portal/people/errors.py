"""What the accounts refuse; each message says what to do about it."""

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.people.invitations import Invitation


class PeopleError(Exception):
    """The base of everything that this room raises."""


class NoSuchPerson(PeopleError):
    """Nobody has an account under this address."""

    def __init__(self, email: str) -> None:
        super().__init__(f"There is no account for {email}.")
        self.email = email


class AlreadyThere(PeopleError):
    """The address has an account already."""

    def __init__(self, email: str) -> None:
        super().__init__(f"There is an account for {email} already.")
        self.email = email


class NotAnAddress(PeopleError):
    """What was given is not an e-mail address that mail can be sent to."""

    def __init__(self, given: str) -> None:
        super().__init__("Enter an email address like name@example.org.")
        self.given = given


class PasswordRefused(PeopleError):
    """The password is too easy to guess; the message says why."""


class SignInRefused(PeopleError):
    """The address, the password or the code is wrong, or the account may not sign in: never which of them."""

    def __init__(self, email: str, why: str) -> None:
        super().__init__("That did not match an account. Check what you typed and try again.")
        self.email, self.why = email, why  # `why` is for the access log alone


class TooManyTries(PeopleError):
    """The account waits: too many wrong tries. The same for an address that has no account."""

    def __init__(self, email: str, until: datetime) -> None:
        super().__init__("There were too many wrong tries for this address.")
        self.email, self.until = email, until


class AnotherAtProvider(PeopleError):
    """The provider shows somebody with the account's address who is not the one who came with it before."""

    why = "another person at the provider (sub) than the one who came with this address before"
    """For the access log."""

    def __init__(self, email: str) -> None:
        super().__init__(f"{email} was somebody else at the provider before.")
        self.email = email


class LastAdministrator(PeopleError):
    """Without this person nobody could look after the portal's accounts."""

    def __init__(self, email: str) -> None:
        super().__init__(f"{email} is the last Portal Administrator. Give somebody else the role first.")
        self.email = email


class AccountClosed(PeopleError):
    """The account was closed: it gains nothing until the Portal Administrator has opened it again."""

    def __init__(self, email: str) -> None:
        super().__init__("The account of this address is closed. The Portal Administrator can open it again.")
        self.email = email


class RolesApart(PeopleError):
    """A Portal Administrator holds no other role: who gives roles has no part in what they are for [1.5]."""

    def __init__(self, email: str) -> None:
        super().__init__(
            f"{email} would be Portal Administrator and hold another role. One account never does both: "
            "use another address."
        )
        self.email = email


class LinkRefused(PeopleError):
    """A link that does not work; `invitation` is what it was, when that is known."""

    status = 410
    why = "the link does not work"
    """For the access log."""

    def __init__(self, message: str, invitation: "Invitation | None" = None) -> None:
        super().__init__(message)
        self.invitation = invitation


class LinkUnknown(LinkRefused):
    """No such link was ever made, or it was damaged on its way."""

    status = 404
    why = "no such link"


class LinkUsed(LinkRefused):
    """The link has done what it was for."""

    why = "the link was used already"


class LinkExpired(LinkRefused):
    """The link's days are over."""

    why = "the link has expired"


class LinkReplaced(LinkExpired):
    """A newer link was made in its place, or it was withdrawn."""

    why = "the link was replaced or withdrawn"


class LinkApart(LinkRefused):
    """The link's role is not for one who is Portal Administrator, or the other way round."""

    status = 403
    why = "the role cannot be held beside the one that the account holds"


class NotTheInvitee(LinkRefused):
    """The address has an account, and only its owner, signed in, can accept."""

    status = 403
    why = "the link is for another person"
