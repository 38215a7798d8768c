"""Gaps, worked out from the history: days on which an account could be used though its user was not certified or had
left, or the agreement had ended [2.5, 2.6, 7.3].
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from portal.process.document import Json, section
from portal.process.goals import california_day
from portal.process.overview import Cell, Marked
from portal.process.third_party_access.application import SECURITY_PROFILES
from portal.process.third_party_access.succession import in_force_from, waits_for_the_one_before
from portal.process.third_party_access.term import ends_from
from portal.process.third_party_access.users import A_YEAR, accounts_to_remove, as_set_up, held_before

A_DAY = timedelta(days=1)
_OF_ACCOUNTS = {
    "set-up-accounts": "accounts",
    "suspend-accounts": "accounts",
    "remove-accounts": "accounts",
    "take-effect": "accounts_left",
}
"""The steps that say something of accounts, and the list in which each says it."""


class Days(NamedTuple):
    """Days on end: the first and the last of them."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Gap:
    """Days on end on which an account was in use and should not have been, and why; `goes_on` when it still is."""

    name: str
    email: str
    user_id: str
    days: Days
    why: str
    goes_on: bool


@dataclass(slots=True)
class Account:
    """One account from its set-up to its end, as recorded. It is in use from the day of its set-up to the day before it
    is suspended or removed; `in_use` has those days, the last of them open while nothing ended it. Of one that was read
    in from a sheet only the days since then are known. The days `..._recorded_on` are those on which it was said here.
    """

    email: str
    user_id: str
    security_profile: str | None
    set_up_on: date
    suspended_on: date | None = None
    suspension_recorded_on: date | None = None
    removed_on: date | None = None
    removal_recorded_on: date | None = None
    in_use: list[tuple[date, date | None]] = field(default_factory=list)

    def begin(self, day: date) -> None:
        """It is in use from this day on."""
        self.suspended_on = self.suspension_recorded_on = None
        self.in_use.append((day, None))

    def end(self, day: date) -> None:
        """It is not in use any more from this day on."""
        if self.in_use and self.in_use[-1][1] is None:
            self.in_use[-1] = (self.in_use[-1][0], day - A_DAY)

    def days_in_use(self, today: date) -> list[Days]:
        """The days of its use up to this one."""
        return [Days(first, until) for first, last in self.in_use if first <= (until := min(last or today, today))]


def accounts_ever(document: Mapping[str, Any]) -> list[Account]:
    """Every account that was ever set up, the oldest first; one that was removed and set up again stands there twice."""
    every: list[Account] = []
    there: dict[str, tuple[Account, Json]] = {}
    for entry in document["history"]:
        for row in entry["answers"].get("accounts_gone", ()):
            every.remove(there.pop(row["email"].casefold())[0])
        for row in entry["answers"].get(_OF_ACCOUNTS.get(entry["step"], ""), ()):
            email = row["email"].casefold()
            account, as_before = there.get(email, (None, None))
            match entry["step"]:
                case "set-up-accounts" if account is None or as_set_up(row) != as_before:
                    day = date.fromisoformat(row["set_up_on"])
                    if account is None:
                        account = Account(row["email"], row["user_id"], row["security_profile"], day)
                        every.append(account)
                    if account.suspended_on or not account.in_use:
                        account.begin(max(day, california_day(entry["at"])) if "read_in" in entry else day)
                    account.user_id, account.security_profile = row["user_id"], row["security_profile"]
                    there[email] = (account, as_set_up(row))
                case "take-effect":
                    if account is None:
                        day = date.fromisoformat(row["set_up_on"])
                        account = Account(row["email"], row["user_id"], row["security_profile"], day)
                        every.append(account)
                    there[email] = (account, as_set_up(row))
                    account.in_use = []  # what was before is told under the agreement before
                    if "suspended_on" in row:
                        account.suspended_on = date.fromisoformat(row["suspended_on"])
                    else:
                        account.begin(in_force_from(document) or california_day(entry["at"]))
                case "suspend-accounts" if account is not None:
                    account.suspended_on = date.fromisoformat(row["suspended_on"])
                    account.suspension_recorded_on = california_day(entry["at"])
                    account.end(account.suspended_on)
                case "remove-accounts" if account is not None:
                    account.removed_on = date.fromisoformat(row["removed_on"])
                    account.removal_recorded_on = california_day(entry["at"])
                    account.end(account.removed_on)
                    del there[email]
    return every


@dataclass(slots=True)
class _Record:
    """What is on record of one user: when trained, when signed, and the days on which they were none of the users."""

    name: str = ""
    trained_on: set[date] = field(default_factory=set)
    signed_on: set[date] = field(default_factory=set)
    away: list[tuple[date, date | None]] = field(default_factory=list)

    def certified(self, row: Mapping[str, Any]) -> None:
        """Notes the dates of a row, and the name if it gives one."""
        self.name = row.get("name") or self.name
        for days, name in ((self.trained_on, "trained_on"), (self.signed_on, "statement_signed_on")):
            if row.get(name):
                days.add(date.fromisoformat(row[name]))


def _records(document: Mapping[str, Any]) -> dict[str, _Record]:
    """What is on record of every user that was ever named. What `certify-users` corrects does not count."""
    found: dict[str, _Record] = {}
    for entry in document["history"]:
        answers, on = entry["answers"], california_day(entry["at"])
        match entry["step"]:
            case "certify-users":
                for row in answers.get("users", ()):
                    found[row["email"].casefold()] = record = _Record()
                    record.certified(row)
            case "recertify-users":
                for row in answers.get("users", ()):
                    found[row["email"].casefold()].certified(row)
            case "change-users":
                for row in answers.get("leaving", ()):
                    left = date.fromisoformat(row["left_on"])
                    found[row["email"].casefold()].away.append((left + A_DAY, None))
                for row in answers.get("joining", ()):
                    record = found.setdefault(row["email"].casefold(), _Record())
                    record.certified(row)
                    if record.away and record.away[-1][1] is None:
                        record.away[-1] = (record.away[-1][0], on - A_DAY)
            case "take-effect":
                since = in_force_from(document) or on
                users = {row["email"].casefold(): row for row in answers.get("users", ())}
                for email, row in users.items():
                    found.setdefault(email, _Record()).certified(row)
                for row in answers.get("accounts_left", ()):
                    if row["email"].casefold() not in users:
                        found.setdefault(row["email"].casefold(), _Record()).away.append((since, None))
    return found


def _ended_from(document: Mapping[str, Any]) -> date | None:
    """The first day on which the agreement was no longer in force; None while it is."""
    return ends_from(document) if document["status"] == "ended" else None


def renewed_by(document: Mapping[str, Any]) -> str:
    """The id of the application in whose agreement the users of this one go on; empty when there is none."""
    return str(section(document, "expire").get("successor", ""))


def looked_at_on(document: Mapping[str, Any], today: date) -> date:
    """The day for which its users are to be certified: today, or the last day before a renewal took its place."""
    ended = _ended_from(document)
    return min(today, ended - A_DAY) if ended and renewed_by(document) else today


def gaps(document: Mapping[str, Any], today: date) -> list[Gap]:
    """Every gap up to this day, the oldest first: accounts in use of users who had left, whose training or statement
    was more than 365 days old or not on record, or whose agreement had ended without another in its place.
    """
    records, ended, last_day = _records(document), _ended_from(document), looked_at_on(document, today)
    found: list[Gap] = []
    others = held_before(document) if waits_for_the_one_before(document) else set()
    for account in accounts_ever(document):
        if account.email.casefold() in others:
            continue  # it is told under the agreement before, whose account it is
        user = records.get(account.email.casefold(), _Record())
        in_use = account.days_in_use(last_day)
        after_end = [Days(ended, last_day)] if ended and ended <= last_day else []
        away = [Days(first, last or last_day) for first, last in user.away if first <= (last or last_day)]
        away = list(_without(away, after_end))
        here = list(_without(in_use, [*away, *after_end]))
        untrained = list(_without(here, _years(user.trained_on)))
        unsigned = list(_without(here, _years(user.signed_on)))
        why = {days: "Training was not current" for days in untrained}
        for days in unsigned:
            why[days] = "Training and statement were not current" if days in why else "The statement was not current"
        why |= {days: "The user had left" for days in _both(in_use, away)}
        why |= {days: "The agreement had ended" for days in _both(in_use, after_end)}
        still = account.in_use != [] and account.in_use[-1][1] is None
        found.extend(
            Gap(user.name or account.email, account.email, account.user_id, days, words, still and days.last == today)
            for days, words in why.items()
        )
    return sorted(found, key=lambda gap: (gap.days, gap.email))


def _years(since: Iterable[date]) -> list[Days]:
    """The days on which these trainings or signatures count."""
    return [Days(day, day + A_YEAR) for day in since]


def _without(days: Iterable[Days], others: Iterable[Days]) -> Iterator[Days]:
    """What is left of the days without those others, the oldest first."""
    others = sorted(others)
    for first, last in sorted(days):
        for other in others:
            if other.first > last or first > last:
                break
            if other.last < first:
                continue
            if first < other.first:
                yield Days(first, other.first - A_DAY)
            first = other.last + A_DAY
        if first <= last:
            yield Days(first, last)


def _both(days: Iterable[Days], others: Iterable[Days]) -> list[Days]:
    """The days that are among both."""
    others = list(others)
    return [
        Days(max(one.first, other.first), min(one.last, other.last))
        for one in days
        for other in others
        if max(one.first, other.first) <= min(one.last, other.last)
    ]


GAP_HEADINGS = ("User", "Email", "User ID", "From", "Until", "Days", "Why the account should not have been in use")


def gap_rows(document: Json, today: date) -> Iterator[tuple[Cell, ...]]:
    """Each gap, under `GAP_HEADINGS`; one that goes on says so in place of its end."""
    for gap in gaps(document, today):
        days = (gap.days.last - gap.days.first).days + 1
        until: Cell = Marked("Today: it goes on") if gap.goes_on else gap.days.last
        yield gap.name, gap.email, gap.user_id, gap.days.first, until, days, gap.why


def profile_words(value: str | None) -> str:
    """What a security profile is called; "not known" of an account that was read in without it."""
    return next((choice.label for choice in SECURITY_PROFILES if choice.value == value), value or "not known")


ACCOUNT_HEADINGS = ("Email", "User ID", "Security profile", "Set up on", "Suspended on", "Suspension recorded on", "Removed on", "Removal recorded on", "State")  # fmt: skip


def account_rows(document: Json, today: date) -> Iterator[tuple[Cell, ...]]:
    """Every account that was ever set up, under `ACCOUNT_HEADINGS`."""
    to_remove = {account["email"].casefold() for account in accounts_to_remove(document)}
    for account in accounts_ever(document):
        state: Cell = "Removed" if account.removed_on else "Suspended" if account.suspended_on else "In use"
        if not account.removed_on and account.email.casefold() in to_remove:
            state = Marked(f"{state}, and to be removed")
        profile = profile_words(account.security_profile)
        yield (
            account.email,
            account.user_id,
            profile,
            account.set_up_on,
            account.suspended_on,
            account.suspension_recorded_on,
            account.removed_on,
            account.removal_recorded_on,
            state,
        )
