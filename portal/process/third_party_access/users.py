"""The organization's users: who may have an account, and who has one [2.5, 2.6, 7.3]."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from portal.process.document import Answers, Json, entries, moment, section
from portal.process.errors import Problem
from portal.process.goals import california_date, date_in_words
from portal.process.step import Choice, Situation
from portal.process.third_party_access.accounts import granted
from portal.process.third_party_access.succession import waits_for_the_one_before
from portal.process.third_party_access.suspensions import suspended_for, suspensions

A_YEAR = timedelta(days=365)
"""For how long a training and a signed statement count."""
CERTIFIED_BY = ("trained_on", "statement_signed_on")
"""The dates by which a user is certified."""


def roster(document: Mapping[str, Any]) -> list[Json]:
    """The users that the Requestor has named and that have not left, each with the dates last certified."""
    users: dict[str, Json] = {}
    for entry in document["history"]:
        answers = entry["answers"]
        match entry["step"]:
            case "certify-users":
                users = _by_email(answers.get("users", []))  # a sheet that was read in may name none
            case "recertify-users":
                for email, row in _by_email(answers["users"]).items():
                    users[email] = {**users[email], **row}
            case "change-users":
                for email in _by_email(answers.get("leaving", [])):
                    del users[email]
                users |= _by_email(answers.get("joining", []))
            case "take-effect" if "users" in answers:
                users = _by_email(answers["users"])
    return list(users.values())


def last_days(document: Mapping[str, Any]) -> dict[str, date]:
    """The last day of each user who has left and has not come back, by their address (casefolded)."""
    left = {
        email: date.fromisoformat(row["left_on"])
        for entry in entries(document, "change-users")
        for email, row in _by_email(entry["answers"].get("leaving", [])).items()
    }
    named = _by_email(roster(document))
    return {email: day for email, day in left.items() if email not in named}


def with_later_dates(users: list[Json], others: list[Json]) -> list[Json]:
    """The users, each with the dates under which the other list has them where those are later: a training counts
    under whichever agreement it was recorded.
    """
    known = _by_email(others)
    return [_later(user, known.get(user["email"].casefold(), {})) for user in users]


def _later(user: Json, known: Json) -> Json:
    later = {name: known[name] for name in CERTIFIED_BY if known.get(name, "") > user.get(name, "")}
    if "statement_signed_on" in later:  # the paper goes with its date
        user = {name: value for name, value in user.items() if name != "statement"}
        later |= {"statement": known["statement"]} if "statement" in known else {}
    return user | later


def roster_as_known(situation: Situation) -> list[Json]:
    """The roster; of a renewal with the dates that are recorded under the agreement before it."""
    renewed = situation.facts.get("renewed")
    return with_later_dates(roster(situation.document), roster(renewed) if renewed else [])


def accounts_set_up(document: Mapping[str, Any]) -> list[Json]:
    """The accounts that there are in CSE: set up, and not removed. A suspended one has `suspended_on`."""
    accounts: dict[str, Json] = {}
    for entry in document["history"]:
        answers = entry["answers"]
        match entry["step"]:
            case "set-up-accounts":
                before, accounts = accounts, _by_email(answers.get("accounts", []))
                # A suspended account is in use again only when its row is another than before.
                accounts |= {email: old for email, old in before.items() if as_set_up(old) == accounts.get(email)}
            case "suspend-accounts":
                for email, row in _by_email(answers["accounts"]).items():
                    accounts[email] = {**accounts[email], "suspended_on": row["suspended_on"]}
            case "remove-accounts":
                for email in _by_email(answers["accounts"]):
                    del accounts[email]
            case "take-effect":
                for email in _by_email(answers.get("accounts_gone", [])):
                    del accounts[email]
                accounts |= _by_email(answers["accounts_left"])
    return list(accounts.values())


def users_to_choose(document: Mapping[str, Any], those: list[Json]) -> list[Choice]:
    """These users or accounts to choose from, by their addresses: `Ana Núñez (ana@kern.example)`."""
    named = _by_email(roster(document))
    found = []
    for one in those:
        name = named.get(one["email"].casefold(), {}).get("name")
        found.append(Choice(one["email"], f"{name} ({one['email']})" if name else one["email"]))
    return found


def as_set_up(account: Mapping[str, Any]) -> Json:
    """The account's row as its set-up recorded it."""
    return {name: value for name, value in account.items() if name != "suspended_on"}


def accounts_in_use(document: Mapping[str, Any]) -> list[Json]:
    """The accounts with which somebody can sign in to CSE: set up, neither suspended nor removed."""
    return [account for account in accounts_set_up(document) if "suspended_on" not in account]


def accounts_to_remove(document: Mapping[str, Any]) -> list[Json]:
    """The accounts of those who have left; all of them once the agreement has ended without a successor, but for those
    that are another agreement's.
    """
    if document["status"] == "ended":
        if section(document, "expire").get("successor"):
            return []
        others = held_before(document) if waits_for_the_one_before(document) else set()
        return [account for account in accounts_set_up(document) if account["email"].casefold() not in others]
    named = {user["email"].casefold() for user in roster(document)}
    return [account for account in accounts_set_up(document) if account["email"].casefold() not in named]


def held_before(document: Mapping[str, Any]) -> set[str]:
    """Whose accounts a renewal has recorded that were there under the agreement before: they are that one's until this
    one takes its place.
    """
    return {email for entry in document["history"] for email in entry["answers"].get("held_before", ())}


def accounts_removed(document: Mapping[str, Any]) -> dict[str, str]:
    """When the account of each user was removed last, by email, for those who have none now."""
    there = _by_email(accounts_set_up(document))
    rows = [row for entry in entries(document, "remove-accounts") for row in entry["answers"]["accounts"]]
    return {email: row["removed_on"] for email, row in _by_email(rows).items() if email not in there}


def _by_email(rows: list[Json]) -> dict[str, Json]:
    return {row["email"].casefold(): row for row in rows}


def as_of(document: Mapping[str, Any]) -> date:
    """The California date of the newest entry: what the document says holds as of that day."""
    return california_date(moment(document["history"][-1]["at"]))


def is_certified(user: Mapping[str, Any], on: date) -> bool:
    """Whether the user is on record as trained and with a signed statement within the 365 days before this date."""
    return not list(lapses(user, on))


def is_current(day: str | None, on: date) -> bool:
    """Whether this training or signature counts on this date: not older than 365 days, and not still to come."""
    return bool(day) and timedelta(0) <= on - date.fromisoformat(str(day)) <= A_YEAR


def lapses(user: Mapping[str, Any], on: date) -> Iterator[str]:
    """Why this user may have no account on this date, in words; nothing when they may."""
    for field, what in (
        ("trained_on", "security awareness training"),
        ("statement_signed_on", "a signed confidentiality statement"),
    ):
        day = user.get(field)
        if not day:
            yield f"{user['name']} has no {what.removeprefix('a ')} on record"
        elif date.fromisoformat(day) > on:
            yield f"{user['name']} has {what} only from {date_in_words(date.fromisoformat(day))}"
        elif on - date.fromisoformat(day) > A_YEAR:
            yield f"{user['name']} has {what} from {date_in_words(date.fromisoformat(day))}: more than 365 days ago"


def older_of(user: Mapping[str, Any]) -> date | None:
    """The day of the older of training and statement, from which the user's year counts [2.5, 2.6]; None when either
    is not on record.
    """
    days = (user.get("trained_on"), user.get("statement_signed_on"))
    return min(date.fromisoformat(str(day)) for day in days) if all(days) else None


def users_with_account(document: Mapping[str, Any]) -> list[Json]:
    """The users on the roster who have an account in use or suspended."""
    have = {account["email"].casefold() for account in accounts_set_up(document)}
    return [user for user in roster(document) if user["email"].casefold() in have]


def never_set_up(document: Mapping[str, Any]) -> list[Json]:
    """The users on the roster who have no account, be it in use or suspended."""
    have = {account["email"].casefold() for account in accounts_set_up(document)}
    return [user for user in roster(document) if user["email"].casefold() not in have]


def without_account(document: Mapping[str, Any]) -> list[Json]:
    """Certified users who may have access and have none: no account is set up, or it is suspended, and no incident for
    which it is to stay so is open.
    """
    have = {account["email"].casefold() for account in accounts_in_use(document)}
    on, barred = as_of(document), suspensions(document)
    return [
        user
        for user in roster(document)
        if is_certified(user, on)
        and user["email"].casefold() not in have
        and not any(one.concerns(user["email"]) for one in barred)
    ]


def suspended_for_incidents(document: Mapping[str, Any]) -> list[Json]:
    """The accounts in use of users who are to have none while an incident is open."""
    barred = suspensions(document)
    return [account for account in accounts_in_use(document) if any(one.concerns(account["email"]) for one in barred)]


def advice_on_roster(situation: Situation) -> Iterator[str]:
    """How many accounts there are for how many users."""
    named, limit = len(roster(situation.document)), granted(situation.document)
    yield f"{'1 account is' if limit == 1 else f'{limit} accounts are'} granted; {named} {'user is' if named == 1 else 'users are'} named so far."
    for user in roster(situation.document):
        for why in lapses(user, situation.today):
            yield f"No account yet: {why}."


def advice_on_accounts(situation: Situation) -> Iterator[str]:
    """How many accounts are set up of how many granted, and which users cannot have one yet, and why."""
    document = situation.document
    yield f"{len(accounts_set_up(document))} of {granted(document)} accounts granted are set up."
    for user in roster(document):
        for why in lapses(user, situation.today):
            yield f"No account yet: {why}."
    for one in suspensions(document):
        whose = (
            "all users have"
            if one.of_all
            else f"{', '.join(sorted(one.emails))} {'have' if len(one.emails) > 1 else 'has'}"
        )
        yield f"No account before {one.name} is closed: {whose} no access until then."


def check_roster(situation: Situation, answers: Answers) -> Iterator[Problem]:
    """Never more users than accounts; a user with an account stays on the roster, certified, until it is removed."""
    users, limit = answers["users"], granted(situation.document)
    if len(users) > limit:
        accounts = "1 account" if limit == 1 else f"{limit} accounts"
        yield Problem("users", f"These are {len(users)} users, and {accounts} were granted. Take some out.")
    named = {user["email"].casefold(): (place, user) for place, user in enumerate(users)}
    for account in accounts_set_up(situation.document):
        place, user = named.get(account["email"].casefold(), (0, None))
        if user is not None:
            for field in ("trained_on", "statement_signed_on"):
                if not user.get(field):
                    yield Problem(f"users-{place}-{field}", f"{user['name']} has an account in CSE: the date stays")
        else:
            yield Problem(
                "users",
                f"{account['email']} has an account in CSE, and stays on the list until the LCSA's System Administrator has removed it.",
            )


def accounts_before(situation: Situation) -> list[Json]:
    """The accounts of the agreement that this one renews, while it waits for that one's end."""
    renewed = situation.facts.get("renewed")
    return accounts_set_up(renewed) if renewed and waits_for_the_one_before(situation.document) else []


def record_held_before(situation: Situation, answers: Answers) -> Json:
    """Whose accounts are there already, under the agreement before."""
    emails = {account["email"].casefold() for account in accounts_before(situation)}
    held = sorted(emails & {account["email"].casefold() for account in answers["accounts"]})
    return {"held_before": held} if held else {}


def check_accounts(situation: Situation, answers: Answers) -> Iterator[Problem]:
    """Only users who are trained and signed within the last 365 days, one account each, never more than granted."""
    document = situation.document
    by_email = {user["email"].casefold(): user for user in roster_as_known(situation)}
    profile = section(document, "decide").get("security_profile")
    emails = {account["email"].casefold() for account in accounts_set_up(document)}
    user_ids = {account["user_id"].casefold(): account["email"].casefold() for account in accounts_set_up(document)}
    before = {one["email"].casefold(): one["user_id"] for one in accounts_before(situation)}
    renewed = situation.facts.get("renewed")
    applications = [document, *([renewed] if renewed else [])]
    for place, account in enumerate(answers["accounts"]):
        name, email = f"accounts-{place}-", account["email"].casefold()
        emails.add(email)
        user = by_email.get(email)
        if user is None:
            yield Problem(f"{name}email", f"{account['email']} is not among the users that the Requestor has named")
        else:
            for on in {date.fromisoformat(account["set_up_on"]), situation.today}:
                for why in lapses(user, on):
                    yield Problem(f"{name}email", f"{why}. No account can be set up until it is.")
                    break
                else:
                    continue
                break
            for one in applications:
                if (incident := suspended_for(one, email)) is not None:
                    which = "" if one is document or incident.application else f" of {one['id']}"
                    yield Problem(
                        f"{name}email", f"{user['name']} is to have no access before {incident.name}{which} is closed"
                    )
                    break
        if profile and account["security_profile"] != profile:  # a sheet that was read in may not say which
            yield Problem(f"{name}security_profile", "DCSS granted another security profile to this organization")
        if before.get(email, account["user_id"]).casefold() != account["user_id"].casefold():
            yield Problem(
                f"{name}user_id", f"The account that {account['email']} has goes on, with the user ID {before[email]}"
            )
        holder = user_ids.setdefault(account["user_id"].casefold(), email)
        if holder != email:
            yield Problem(f"{name}user_id", f"The user ID {account['user_id']} is another user's already")
    if len(emails) > granted(document):
        yield Problem("accounts", f"These make {len(emails)} accounts, and {granted(document)} were granted")
