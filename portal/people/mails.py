"""What the accounts write to people, in plain words: (subject, text)."""

from portal.people.invitations import Invitation

SIGNED = "DCSS Third Party Access\nDepartment of Child Support Services, State of California"

Mail = tuple[str, str]


def account_made(name: str, link: str, role: str, days: int) -> Mail:
    """To one who was given an account."""
    return "Your account for Third Party Access", _letter(
        name,
        f"You were given an account for DCSS Third Party Access, as {role}.",
        f"Choose your password with this link. It works once, and for {days} days:",
        link,
    )


def colleague_invited(name: str, inviter: str, organization: str, link: str, days: int) -> Mail:
    """To a colleague whom a Requestor invites [6.3.3]."""
    return f"{inviter} invites you to Third Party Access", _letter(
        name,
        f"{inviter} invites you to work on the access of {organization} to the Child Support Enforcement system.",
        f"Make your account with this link. It works once, and for {days} days:",
        link,
        f"If you do not know {inviter}, do not use the link, and tell us.",
    )


def role_offered(name: str, giver: str, role: str, link: str, days: int) -> Mail:
    """To one whom somebody names for a role, and who has no account yet."""
    return f"{giver} names you {role} in Third Party Access", _letter(
        name,
        f"{giver} names you {role} for third party access to the Child Support Enforcement system.",
        f"Make your account with this link. It works once, and for {days} days:",
        link,
        f"If you do not know {giver}, do not use the link, and tell us.",
    )


def role_ended(name: str, role: str) -> Mail:
    """To one who holds a role no more."""
    return f"You are no longer {role} in Third Party Access", _letter(
        name, f"Your account no longer holds this role: {role}. What you did stays on record."
    )


def role_given(name: str, role: str, address: str) -> Mail:
    """To one who has an account and holds another role now."""
    return f"You are now {role} in Third Party Access", _letter(
        name, f"Your account holds another role: {role}.", "Sign in here:", address
    )


def password_link(name: str, link: str, days: int, resets_second_factor: bool) -> Mail:
    """To one who needs a new password."""
    also = ["You will also set up your second factor again."] if resets_second_factor else []
    return "A new password for Third Party Access", _letter(
        name,
        f"The Portal Administrator made a link to choose a new password. It works once, and for {days} days:",
        link,
        *also,
        "If you did not ask for it, do not use it, and tell the Portal Administrator. Your password has not changed.",
    )


def password_forgotten(name: str, link: str, minutes: int) -> Mail:
    """To one who asked for a new password on the page for signing in, or for whom somebody did."""
    return "A new password for Third Party Access", _letter(
        name,
        "Somebody asked for a new password for your account, on the page where one signs in. "
        f"If it was you, choose one with this link. It works once, and for {minutes} minutes:",
        link,
        "If it was not you, do nothing. Your password has not changed.",
    )


def sign_in_through_provider(name: str, sign_in: str) -> Mail:
    """To one who asked for a new password, and whose second factor is the provider's."""
    return "Signing in to Third Party Access", _letter(
        name,
        "Somebody asked for a new password for your account, on the page where one signs in. You sign in through the "
        "department's own provider, with its second factor, and need no password here:",
        sign_in,
        "If you cannot sign in there any more, ask the Portal Administrator. If it was not you, do nothing.",
    )


def account_changed(name: str, what: str) -> Mail:
    """To the owner of an account whose password or second factor changed, by their own hand or another's."""
    return f"Your account: {what}", _letter(
        name, f"In your account for DCSS Third Party Access, {what}.", "If it was not you, tell us at once."
    )


def whom_to_ask(invitation: Invitation | None, mail_from: str) -> str:
    """Who can make a new link in place of one that does not work."""
    if invitation is None or "@" not in invitation.made_by:
        return mail_from
    return invitation.made_by


def _letter(name: str, *parts: str) -> str:
    return "\n\n".join([f"{name},", *parts, SIGNED])
