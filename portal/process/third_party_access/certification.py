"""Afterwards, year by year: users are certified anew, come and go, and lose the accounts they may no longer have [2.5,
2.6].
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from portal.process.conditions import AllOf, AnyOf, Begun, Never, Not, ReadIn, Shown, Taken
from portal.process.document import Answers, Json
from portal.process.errors import Problem
from portal.process.goals import california_day, date_in_words
from portal.process.overview import Concern
from portal.process.step import Field, IfLate, Kind, Situation, Step
from portal.process.third_party_access.accounts import granted
from portal.process.third_party_access.succession import USERS_ARE_THE_ONE_BEFORES, waits_for_the_one_before
from portal.process.third_party_access.suspensions import suspensions
from portal.process.third_party_access.term import ends_from
from portal.process.third_party_access.users import (
    A_YEAR,
    CERTIFIED_BY,
    accounts_in_use,
    accounts_set_up,
    accounts_to_remove,
    is_certified,
    lapses,
    last_days,
    older_of,
    roster,
    suspended_for_incidents,
    users_to_choose,
    users_with_account,
)

CHAPTER = "afterwards"
AHEAD = timedelta(days=30)
"""So long before a user's year is over the Requestor is asked to certify them anew."""
STILL_IN_USE = timedelta(days=14)
"""So long after an account was to be suspended or removed the ISO and the Director are told that it was not."""
LAST_CALL = timedelta(days=7)
"""So long before it is over they are reminded again."""

ACCOUNTS_BEGUN = AnyOf(Begun("set-up-accounts", "the first accounts are set up"), Begun("take-effect", "the agreement before it has ended"), ReadIn())  # fmt: skip
_SOMEBODY_HAS_ACCESS = Shown("a user has an account", lambda document: bool(users_with_account(document)))
_AN_ACCOUNT_IN_USE = Shown("a user has an account in use", lambda document: suspended_from(document) is not None)
_TO_REMOVE = Shown("there is an account of one who left, or of an agreement that ended", lambda document: bool(accounts_to_remove(document)))  # fmt: skip

_AN_INCIDENT_ASKS = Shown("an open incident asks for it", lambda document: bool(suspended_for_incidents(document)))


def recertify_from(document: Mapping[str, Any]) -> date | None:
    """The day from which the Requestor is asked to certify users anew: 30 days before the first one's year is over."""
    first = _first_year_over(document, users_with_account(document))
    return first - AHEAD if first else None


def recertify_by(document: Mapping[str, Any]) -> date | None:
    """The day on which the first user's year is over: until then they can be certified without losing the account."""
    return _first_year_over(document, users_with_account(document))


def removed_from(document: Mapping[str, Any]) -> date | None:
    """The last day of the first of those whose account is to be removed: of the user, or of the agreement."""
    left = last_days(document)
    last = ends_from(document) if document["status"] == "ended" else None
    days = (left.get(account["email"].casefold(), last) for account in accounts_to_remove(document))
    return min((day for day in days if day is not None), default=None)


def lapsed_from(document: Mapping[str, Any]) -> date | None:
    """The first day on which a user with an account in use is no longer certified; None when there is none."""
    first = _first_year_over(document, _in_use_and_named(document))
    return first + timedelta(days=1) if first else None


def suspended_from(document: Mapping[str, Any]) -> date | None:
    """The first day on which an account in use is to be suspended: for an incident, or because a year is over; None when
    there is none.
    """
    accounts = suspended_for_incidents(document)
    asked = [one.since for one in suspensions(document) if any(one.concerns(each["email"]) for each in accounts)]
    lapsed = lapsed_from(document)
    return min([*asked, *([lapsed] if lapsed else [])], default=None)


def _first_year_over(document: Mapping[str, Any], users: list[Json]) -> date | None:
    """The earliest last day of a year of certification among these users."""
    # Read in so: it was over on that day, and stays so whatever is recorded later.
    without = [california_day(document["history"][0]["at"]) for user in users if older_of(user) is None]
    return min([*without, *(older + A_YEAR for user in users if (older := older_of(user)))], default=None)


def _in_use_and_named(document: Mapping[str, Any]) -> list[Json]:
    """The users on the roster whose account is in use."""
    have = {account["email"].casefold() for account in accounts_in_use(document)}
    return [user for user in roster(document) if user["email"].casefold() in have]


def due_for_certification(document: Mapping[str, Any], today: date) -> list[Json]:
    """The users with an account whose year is over within 30 days, or was over already."""
    return [
        user
        for user in users_with_account(document)
        if (older := older_of(user)) is None or older + A_YEAR - AHEAD <= today
    ]


def lapsed_accounts(document: Mapping[str, Any], today: date) -> list[Json]:
    """The accounts in use whose user is on the roster and not certified on this date."""
    lapsed = {user["email"].casefold() for user in roster(document) if not is_certified(user, today)}
    return [account for account in accounts_in_use(document) if account["email"].casefold() in lapsed]


def concerns(document: Json, today: date) -> Iterator[Concern]:
    """A pressing sentence while accounts are in use of users whose year is over: how many, and since when."""
    if document["status"] == "ended" or waits_for_the_one_before(document):
        return  # the accounts are to be removed, or go on under another agreement, which says it
    lapsed, since = lapsed_accounts(document, today), lapsed_from(document)
    if lapsed and since is not None and since <= today:
        accounts = "1 account" if len(lapsed) == 1 else f"{len(lapsed)} accounts"
        yield Concern(f"{accounts} in use whose year is over, since {date_in_words(since)}.", "roster", pressing=True)


def accounts_to_suspend(document: Mapping[str, Any], today: date) -> list[Json]:
    """The accounts in use whose user is not certified on this date, or is to have none while an incident is open."""
    those = [*lapsed_accounts(document, today), *suspended_for_incidents(document)]
    return list({account["email"].casefold(): account for account in those}.values())


def _rows_to_certify(situation: Situation) -> list[Json]:
    """Those who are due, with the dates that a renewal under way has of them, where those are later."""
    renewal = situation.facts.get("renewal")
    known = {user["email"].casefold(): user for user in (roster(renewal) if renewal else [])}
    rows = []
    for user in due_for_certification(situation.document, situation.today):
        later = known.get(user["email"].casefold(), {})
        dates = {name: later[name] for name in CERTIFIED_BY if later.get(name, "") > user.get(name, "")}
        rows.append({"name": user["name"], "email": user["email"], **dates})
    return rows


def _advice_on_certification(situation: Situation) -> Iterator[str]:
    for user in due_for_certification(situation.document, situation.today):
        older = older_of(user)
        if older is None:
            continue
        until = older + A_YEAR
        over = "was over on" if until < situation.today else "is over on"
        yield f"{user['name']}: the year {over} {until.strftime('%B %-d, %Y')}."


def _check_certification(situation: Situation, answers: Answers) -> Iterator[Problem]:
    """Only users on the roster, with dates that count today and do not go back behind those on record."""
    named = {user["email"].casefold(): user for user in roster(situation.document)}
    left = last_days(situation.document)
    for place, row in enumerate(answers["users"]):
        known, last_day = named.get(row["email"].casefold()), left.get(row["email"].casefold())
        if known is None:
            advice = (
                f"has left; the last day was {date_in_words(last_day)}. Take this row out."
                if last_day
                else "is not among the users. Add them under “Change users”."
            )
            yield Problem(f"users-{place}-email", f"{row['email']} {advice}")
            continue
        for field in CERTIFIED_BY:
            if row[field] < known.get(field, ""):
                yield Problem(f"users-{place}-{field}", f"Of {known['name']} a later date is on record already")
            elif situation.today - date.fromisoformat(row[field]) > A_YEAR:
                yield Problem(
                    f"users-{place}-{field}", f"For {known['name']} this is more than 365 days ago: it no longer counts"
                )


def _check_changes(situation: Situation, answers: Answers) -> Iterator[Problem]:
    """Who leaves is on the roster, who joins is not, and there are never more users than accounts granted."""
    leaving, joining = answers.get("leaving", []), answers.get("joining", [])
    if not leaving and not joining:
        yield Problem("leaving", "Enter who leaves, or who joins")
    named = {user["email"].casefold() for user in roster(situation.document)}
    gone = {row["email"].casefold() for row in leaving}
    set_up = {account["email"].casefold(): account["set_up_on"] for account in accounts_set_up(situation.document)}
    left = last_days(situation.document)
    for place, row in enumerate(leaving):
        email = row["email"].casefold()
        if email in left:
            words = f"{row['email']} left already; the last day was {date_in_words(left[email])}"
            yield Problem(f"leaving-{place}-email", words)
        elif row["left_on"] < set_up.get(email, ""):
            yield Problem(f"leaving-{place}-left_on", f"The account of {row['email']} was set up later than this")
    for place, row in enumerate(joining):
        if row["email"].casefold() in named - gone:
            yield Problem(f"joining-{place}-email", f"{row['email']} is among the users already")
        elif row["email"].casefold() in gone:
            yield Problem(f"joining-{place}-email", f"{row['email']} cannot leave and join at once")
    limit = granted(situation.document)
    if joining and len(named - gone) + len(joining) > limit:
        yield Problem(
            "joining", f"These would make {len(named - gone) + len(joining)} users, and {limit} accounts were granted"
        )


def _advice_on_changes(situation: Situation) -> Iterator[str]:
    named, limit = roster(situation.document), granted(situation.document)
    yield f"{limit} {'account is' if limit == 1 else 'accounts are'} granted, and {len(named)} {'user is' if len(named) == 1 else 'users are'} named."
    yield "Whoever leaves is taken off the list at once, and your System Administrator is asked to remove the account."


def _rows_to_suspend(situation: Situation) -> list[Json]:
    return [
        _about(account, "suspended_on", situation)
        for account in accounts_to_suspend(situation.document, situation.today)
    ]


def _rows_to_remove(situation: Situation) -> list[Json]:
    return [_about(account, "removed_on", situation) for account in accounts_to_remove(situation.document)]


def _about(account: Mapping[str, Any], day: str, situation: Situation) -> Json:
    return {"email": account["email"], "user_id": account["user_id"], day: situation.today.isoformat()}


def _advice_on_suspension(situation: Situation) -> Iterator[str]:
    lapsed = {account["email"].casefold() for account in lapsed_accounts(situation.document, situation.today)}
    for user in roster(situation.document):
        if user["email"].casefold() in lapsed:
            yield from (f"{why}." for why in lapses(user, situation.today))
    barred = suspended_for_incidents(situation.document)
    for one in suspensions(situation.document):
        if emails := ", ".join(account["email"] for account in barred if one.concerns(account["email"])):
            yield f"No access until {one.name} is closed: {emails}."


class _Earliest(NamedTuple):
    """The first day that can be recorded of an account, and why none before it."""

    day: date
    why: str


def _check_suspension(situation: Situation, answers: Answers) -> Iterator[Problem]:
    """None before the day from which it was due: a gap in certification stays on record, however late it is seen to."""
    document, today = situation.document, situation.today
    those = accounts_to_suspend(document, today)
    due = {account["email"].casefold(): [*_suspended_for(document, account["email"], today)] for account in those}
    why_not = "has no account in use that is to be suspended"
    yield from _check_accounts(answers, those, "suspended_on", why_not, due)


def _suspended_for(document: Mapping[str, Any], email: str, today: date) -> Iterator[_Earliest]:
    """What the account of this user is to be suspended for, and since when that is so."""
    for user in roster(document):
        older = older_of(user)
        # Of one read in without dates it is not known when the year was over.
        if user["email"].casefold() == email.casefold() and older is not None and not is_certified(user, today):
            until = older + A_YEAR
            why = f"{user['name']} was certified until {date_in_words(until)}: this is not after it"
            yield _Earliest(until + timedelta(days=1), why)
    for one in suspensions(document):
        if one.concerns(email):
            why = (
                f"{one.name[:1].upper()}{one.name[1:]} was reported on {date_in_words(one.reported_on)}: this is before"
            )
            yield _Earliest(one.reported_on, why)


def _check_removal(situation: Situation, answers: Answers) -> Iterator[Problem]:
    """None before the user's last day, or the agreement's."""
    document = situation.document
    those, left = accounts_to_remove(document), last_days(document)
    over_from = ends_from(document) if document["status"] == "ended" else None
    due: dict[str, list[_Earliest]] = {account["email"].casefold(): [] for account in those}
    for email, reasons in due.items():
        if email in left:
            reasons.append(
                _Earliest(left[email], f"The last day of {email} was {date_in_words(left[email])}: this is before")
            )
        if over_from is not None:
            last = over_from - timedelta(days=1)
            reasons.append(_Earliest(last, f"The agreement’s last day was {date_in_words(last)}: this is before"))
    yield from _check_accounts(answers, those, "removed_on", "has no account that is to be removed", due)


def _check_accounts(
    answers: Answers, those: list[Json], day: str, why_not: str, due: Mapping[str, list[_Earliest]]
) -> Iterator[Problem]:
    """Each row names one of those accounts, by its user's address and its user ID, and a day on which it was there, and
    was `due` for one of these reasons already.
    """
    by_email = {account["email"].casefold(): account for account in those}
    for place, row in enumerate(answers["accounts"]):
        email = row["email"].casefold()
        account, earliest = by_email.get(email), min(due.get(email, ()), default=None)
        if account is None:
            yield Problem(f"accounts-{place}-email", f"{row['email']} {why_not}")
        elif row["user_id"].casefold() != account["user_id"].casefold():
            yield Problem(f"accounts-{place}-user_id", f"The user ID of this account is {account['user_id']}")
        elif row[day] < account["set_up_on"]:
            since = date_in_words(date.fromisoformat(account["set_up_on"]))
            yield Problem(
                f"accounts-{place}-{day}", f"The account of {account['email']} was set up on {since}: this is before"
            )
        elif earliest is not None and row[day] < earliest.day.isoformat():
            yield Problem(f"accounts-{place}-{day}", earliest.why)


_STATEMENT = Field("statement", "The signed statement", Kind.FILE, required=False, accepts=("pdf", "docx", "png", "jpeg"), hint="If you want to keep it here, 20 MB at the most. Otherwise keep it so that you can produce it on request.")  # fmt: skip
_EMAIL = Field("email", "Email", Kind.EMAIL, example="name@county.ca.gov", autocomplete="off")
_USER_EMAIL = Field("email", "User's email", Kind.EMAIL, fixed=True)
_USER_ID = Field("user_id", "User ID in CSE", longest=40, fixed=True)

STEPS = (
    Step(
        key="recertify-users",
        title="Certify users for another year",
        asks="A year of training and statement is nearly over: enter when each user was trained and signed anew.",
        done="certified users for another year",
        chapter=CHAPTER,
        section="2.5",
        opens=ACCOUNTS_BEGUN,
        repeats=ACCOUNTS_BEGUN,
        closed_by=USERS_ARE_THE_ONE_BEFORES,
        waits=_SOMEBODY_HAS_ACCESS,
        opens_on=recertify_from,
        due_on=recertify_by,
        remind_after=(14, (AHEAD - LAST_CALL).days),
        each_anew=True,
        check=_check_certification,
        advice=_advice_on_certification,
        keeps_draft=True,
        template="beside.html",
        shows=("certify-users", "set-up-accounts"),
        fields=(
            Field(
                "users",
                "Users",
                Kind.ENTRIES,
                hint="A few at a time is fine: take out whoever is not trained or has not signed yet. Whose year is over loses the account until they are certified again.",
                key="email",
                default=_rows_to_certify,
                fields=(
                    Field("name", "Name", required=False, autocomplete="off"),
                    _EMAIL,
                    Field("trained_on", "Security awareness training completed on", Kind.DATE, not_after_today=True),
                    Field("statement_signed_on", "Confidentiality statement signed on", Kind.DATE, not_after_today=True),
                    _STATEMENT,
                ),
            ),
        ),
    ),
    Step(
        key="change-users",
        title="Change users",
        asks="Say who leaves and who joins, within the number of accounts granted.",
        done="changed the users",
        chapter=CHAPTER,
        section="6.8",
        opens=ACCOUNTS_BEGUN,
        repeats=ACCOUNTS_BEGUN,
        closed_by=USERS_ARE_THE_ONE_BEFORES,
        waits=Never(),
        each_anew=True,
        check=_check_changes,
        advice=_advice_on_changes,
        template="audit.html",
        overviews=("roster",),
        keeps_draft=True,
        check_first=True,
        confirm_label="Change the users",
        fields=(
            Field(
                "leaving",
                "Users who leave",
                Kind.ENTRIES,
                hint="Whoever left, or no longer needs access for their work.",
                required=False,
                key="email",
                one_called="user who leaves",
                fields=(Field("email", "User", Kind.EMAIL, choices_from=lambda situation: users_to_choose(situation.document, roster(situation.document))), Field("left_on", "Last day", Kind.DATE, not_after_today=True)),
            ),
            Field(
                "joining",
                "Users who join",
                Kind.ENTRIES,
                hint="No account is set up before both dates are on record.",
                required=False,
                key="email",
                one_called="user who joins",
                fields=(
                    Field("name", "Name", example="Ana Núñez", autocomplete="off"),
                    _EMAIL,
                    Field("job_title", "Job title", example="Eligibility Worker II", autocomplete="off"),
                    Field("trained_on", "Security awareness training completed on", Kind.DATE, required=False, not_after_today=True),
                    Field("statement_signed_on", "Confidentiality statement signed on", Kind.DATE, required=False, not_after_today=True),
                    _STATEMENT,
                ),
            ),
        ),
    ),
    Step(
        key="suspend-accounts",
        title="Suspend accounts",
        asks="A user's year of training or statement is over, or an incident asks for it: suspend the account in CSE.",
        done="suspended accounts",
        chapter=CHAPTER,
        section="2.5",
        opens=ACCOUNTS_BEGUN,
        repeats=ACCOUNTS_BEGUN,
        closed_by=AllOf(USERS_ARE_THE_ONE_BEFORES, Not(_AN_INCIDENT_ASKS)),
        waits=_AN_ACCOUNT_IN_USE,
        opens_on=suspended_from,
        due_on=suspended_from,
        if_late=IfLate(STILL_IN_USE.days, ("role:iso", "role:director")),
        each_anew=True,
        check=_check_suspension,
        advice=_advice_on_suspension,
        confirm_label="Record the suspension",
        fields=(
            Field(
                "accounts",
                "Accounts",
                Kind.ENTRIES,
                hint="Those whose year is over, and those that an open incident names. Suspend each in CSE first, then record it here.",
                key="email",
                default=_rows_to_suspend,
                fields=(_USER_EMAIL, _USER_ID, Field("suspended_on", "Suspended on", Kind.DATE, not_after_today=True)),
            ),
        ),
    ),
    Step(
        key="remove-accounts",
        title="Remove accounts",
        asks="Remove the accounts in CSE of users who have left, or whose agreement has ended, and record it.",
        done="removed accounts",
        chapter=CHAPTER,
        section="7.3",
        opens=AnyOf(ACCOUNTS_BEGUN, Taken("change-users", words="a user has left"), Taken("take-effect", words="the agreement before it has ended"), Taken("terminate", "kind", ("at-once",), "DCSS terminates the MOU at once"), Taken("expire", words="the agreement has ended on its date")),
        repeats=_TO_REMOVE,
        waits=_TO_REMOVE,
        due_on=removed_from,
        if_late=IfLate(STILL_IN_USE.days, ("role:iso", "role:director")),
        closed_by=AnyOf(Shown("no account is left to remove", lambda document: not accounts_to_remove(document)), USERS_ARE_THE_ONE_BEFORES),
        after_end=True,
        each_anew=True,
        check=_check_removal,
        confirm_label="Record the removal",
        fields=(
            Field(
                "accounts",
                "Accounts",
                Kind.ENTRIES,
                hint="Remove each in CSE first, then record it here.",
                key="email",
                default=_rows_to_remove,
                fields=(_USER_EMAIL, _USER_ID, Field("removed_on", "Removed on", Kind.DATE, not_after_today=True)),
            ),
        ),
    ),
)  # fmt: skip
