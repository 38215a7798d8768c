"""The roster against the approved number and the accounts: what an auditor looks at first, with what is not as it should
be marked [8].
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from portal.process.document import Json, section
from portal.process.overview import Attached, Cell, Marked
from portal.process.third_party_access.accounts import granted
from portal.process.third_party_access.gaps import looked_at_on, profile_words, renewed_by
from portal.process.third_party_access.users import (
    A_YEAR,
    accounts_in_use,
    accounts_set_up,
    accounts_to_remove,
    is_certified,
    lapses,
    older_of,
    roster,
)

HEADINGS = ("User", "Email", "Trained on", "Statement signed on", "Signed statement", "Certified until", "Account", "What stands out")  # fmt: skip


def rows(document: Json, today: date) -> Iterator[tuple[Cell, ...]]:
    """Each user on the roster, then each account of one who is not on it, under `HEADINGS`."""
    accounts = {account["email"].casefold(): account for account in accounts_set_up(document)}
    statements = signed_statements(document)
    profile = section(document, "decide").get("security_profile")
    on, ended = looked_at_on(document, today), bool(accounts_to_remove(document)) and document["status"] == "ended"
    for user in roster(document):
        account = accounts.pop(user["email"].casefold(), None)
        older = older_of(user)
        yield (
            user["name"],
            user["email"],
            _day(user.get("trained_on")),
            _day(user.get("statement_signed_on")),
            _statement(statements.get((user["email"].casefold(), user.get("statement_signed_on", "")))),
            older + A_YEAR if older else None,
            _state(account),
            _marked(_of_user(user, account, on), _of_account(account, profile, ended)),
        )
    for account in accounts.values():
        stranger = ["The account has no user on the list: it is to be removed"]
        yield "", account["email"], None, None, None, None, _state(account), _marked(stranger, _of_account(account, profile, False))  # fmt: skip


def signed_statements(document: Mapping[str, Any]) -> dict[tuple[str, str], Json]:
    """The signed statements that are kept here, by the user's email in small letters and the day of the signature: one
    that is kept of another year is no proof of this year's.
    """
    kept: dict[tuple[str, str], Json] = {}
    for entry in document["history"]:
        if entry["step"] in ("certify-users", "recertify-users", "change-users"):
            rows = [row for name in ("users", "joining") for row in entry["answers"].get(name) or ()]
            kept |= {(row["email"].casefold(), row["statement_signed_on"]): row["statement"] for row in rows if row.get("statement") and row.get("statement_signed_on")}  # fmt: skip
    return kept


def _statement(file: Json | None) -> Cell:
    """The signed statement, to be opened; nothing when the organization keeps it itself."""
    return Attached(file["name"], file["sha256"]) if file else None


def _of_user(user: Mapping[str, Any], account: Mapping[str, Any] | None, today: date) -> Iterator[str]:
    """What is wrong with the user's certification, and since when."""
    if is_certified(user, today):
        return
    older = older_of(user)
    if older is not None and older + A_YEAR < today:
        yield f"The year was over on {older + A_YEAR:%B} {(older + A_YEAR).day}, {(older + A_YEAR).year}"
    else:
        yield from (words[:1].upper() + words[1:] for words in lapses({**user, "name": "the user"}, today))
    if account is not None and "suspended_on" not in account:
        yield "The account is in use nevertheless"


def _of_account(account: Mapping[str, Any] | None, profile: str | None, ended: bool) -> Iterator[str]:
    if account is not None and ended:
        yield "The agreement has ended: the account is to be removed"
    if account is not None and profile and account["security_profile"] != profile:
        yield f"The security profile is {profile_words(account['security_profile'])}; granted was {profile_words(profile)}"


def _marked(*reasons: Iterator[str] | list[str]) -> Cell:
    found = [words for several in reasons for words in several]
    return Marked(". ".join(found)) if found else ""


def _state(account: Mapping[str, Any] | None) -> Cell:
    """The account's user ID, and whether it is in use."""
    if account is None:
        return "None"
    if "suspended_on" in account:
        day = date.fromisoformat(account["suspended_on"])
        return f"{account['user_id']}, suspended on {day:%B} {day.day}, {day.year}"
    return f"{account['user_id']}, in use"


def _day(day: str | None) -> Cell:
    return date.fromisoformat(day) if day else None


def summary(document: Json, today: date) -> Iterator[str | Marked]:
    """The numbers: granted, users, accounts; and what does not agree with the number that was approved."""
    limit, users, accounts = granted(document), roster(document), accounts_set_up(document)
    used = len(accounts_in_use(document))
    yield f"Accounts granted: {limit}. Users named: {len(users)}. Accounts set up: {len(accounts)}, of which {used} in use and {len(accounts) - used} suspended."
    for what, number in (("user", len(users)), ("account", len(accounts))):
        if number > limit:
            there = f"There is 1 {what}" if number == 1 else f"There are {number} {what}s"
            yield Marked(f"{there}, and {limit} {'account was' if limit == 1 else 'accounts were'} granted.")
    if renewed_by(document):
        yield f"The agreement has ended, and {renewed_by(document)} is in its place: what is said here is as of its last day."
        return
    late = sum(not is_certified(user, today) for user in users)
    if late:
        yield Marked(f"{late} {'user is' if late == 1 else 'users are'} not certified today.")
