"""What a renewal takes over on the day on which it takes the place of the agreement before: its users, with the later of
the dates recorded under either, and every account that there is [10.2, 7.3].

Until that day users come, go and are certified under the agreement before, which is in force.
"""

from collections.abc import Mapping
from typing import Any

from portal.process.document import Answers, Json, entries, last_entry, section
from portal.process.step import PAPERS, Field, Kind, Situation
from portal.process.third_party_access.accounts import granted
from portal.process.third_party_access.application import SECURITY_PROFILES
from portal.process.third_party_access.suspensions import to_hand_over
from portal.process.third_party_access.users import accounts_removed, accounts_set_up, roster, with_later_dates

_EMAIL = Field("email", "Email", Kind.EMAIL)
_USER_ID = Field("user_id", "User ID in CSE", required=False)

SUSPENSIONS = Field(
    "suspensions",
    "Access that open incidents under the agreement before ask to suspend",
    Kind.ENTRIES,
    required=False,
    by_portal=True,
    fields=(
        Field("application", "Application"),
        Field("incident", "Incident", Kind.NUMBER),
        Field("reported_on", "Reported on", Kind.DATE),
        Field("since", "To be suspended since", Kind.DATE),
        Field("email", "Email, unless it is of all users", Kind.EMAIL, required=False),
    ),
)

TAKEN_OVER = (
    Field(
        "users",
        "Users from that day on",
        Kind.ENTRIES,
        by_portal=True,
        fields=(
            Field("name", "Name", required=False),
            _EMAIL,
            Field("job_title", "Job title", required=False),
            Field("trained_on", "Security awareness training completed on", Kind.DATE, required=False),
            Field("statement_signed_on", "Confidentiality statement signed on", Kind.DATE, required=False),
            Field("statement", "The signed statement", Kind.FILE, required=False, accepts=tuple(PAPERS)),
        ),
    ),
    Field(
        "accounts_left",
        "Accounts that go on from the agreement before",
        Kind.ENTRIES,
        by_portal=True,
        fields=(
            _EMAIL,
            _USER_ID,
            Field("security_profile", "Security profile", Kind.CHOICE, required=False, choices=SECURITY_PROFILES),
            Field("set_up_on", "Set up on", Kind.DATE, required=False),
            Field("suspended_on", "Suspended on", Kind.DATE, required=False),
        ),
    ),
    Field(
        "accounts_gone",
        "Accounts recorded here that the agreement before has removed, or is to remove",
        Kind.ENTRIES,
        by_portal=True,
        fields=(_EMAIL, _USER_ID),
    ),
    SUSPENSIONS,
)
"""What `take-effect` records, asked of nobody."""


def record_taking_over(situation: Situation, answers: Answers) -> Json:
    """Who the users are, which accounts go on, which of those recorded here were removed under the agreement before, and
    whose access its open incidents ask to suspend.
    """
    document, renewed = situation.document, situation.facts.get("renewed")
    if renewed is None:
        return {"users": roster(document), "accounts_left": [], "accounts_gone": []}
    left, asked = _accounts_left(document, renewed), to_hand_over(renewed)
    return {
        **({"suspensions": asked} if asked else {}),
        "users": _users(document, renewed),
        "accounts_left": left,
        "accounts_gone": _accounts_gone(document, renewed, {account["email"].casefold() for account in left}),
    }


def _users(document: Json, renewed: Json) -> list[Json]:
    """Those named here, without those who left meanwhile, and with those who joined, as far as the number granted
    lets.
    """
    before = roster(renewed)
    there = {user["email"].casefold() for user in before}
    named_at = (last_entry(document, "certify-users") or {"at": ""})["at"]
    since = [entry["answers"] for entry in entries(renewed, "change-users") if entry["at"] >= named_at]
    left = {row["email"].casefold() for answers in since for row in answers.get("leaving", ())} - there
    joined = {row["email"].casefold() for answers in since for row in answers.get("joining", ())}
    users = [user for user in roster(document) if user["email"].casefold() not in left]
    named = {user["email"].casefold() for user in users}
    new = [user for user in before if user["email"].casefold() in joined - named]
    return with_later_dates([*users, *new[: max(0, granted(document) - len(users))]], before)


def _hands_over(renewed: Mapping[str, Any], successor: str) -> bool:
    """Whether its accounts go on under this successor: it is in force, or has ended with it in its place."""
    return renewed["status"] != "ended" or section(renewed, "expire").get("successor") == successor


def _accounts_left(document: Json, renewed: Json) -> list[Json]:
    """The accounts of the agreement before: as they were recorded here, if they were, and suspended if they are."""
    if not _hands_over(renewed, document["id"]):
        return []
    own = {account["email"].casefold(): account for account in accounts_set_up(document)}
    return [_going_on(account, own.get(account["email"].casefold())) for account in accounts_set_up(renewed)]


def _going_on(account: Json, own: Json | None) -> Json:
    suspended = account.get("suspended_on", "")
    if own is None or suspended < own["set_up_on"]:
        return own or account
    return {**own, "suspended_on": suspended}


def _accounts_gone(document: Json, renewed: Json, left: set[str]) -> list[Json]:
    """The accounts recorded here that are not this one's: removed under the agreement before, or to be removed there."""
    removed, still = accounts_removed(renewed), {one["email"].casefold() for one in accounts_set_up(renewed)} - left
    return [
        {"email": account["email"], "user_id": account["user_id"]}
        for account in accounts_set_up(document)
        if (email := account["email"].casefold()) in still or removed.get(email, "") >= account["set_up_on"]
    ]
