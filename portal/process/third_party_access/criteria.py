"""The eight criteria that must all hold before access is established [2]."""

from collections.abc import Mapping
from typing import Any

from portal.process.conditions import Shown, Taken
from portal.process.step import Criterion
from portal.process.third_party_access.agreement import COUNTERSIGNED
from portal.process.third_party_access.application import AUTHORIZED, CONNECTS
from portal.process.third_party_access.users import accounts_set_up, as_of, is_current, roster

SETUP_DIRECTED = Taken("direct-setup", words="the set-up is directed")


def _users_with(field: str) -> Shown:
    """Every user with an account has this date within a year; before any account, every user named has it."""

    def holds(document: Mapping[str, Any]) -> bool:
        have = {account["email"].casefold() for account in accounts_set_up(document)}
        users = [user for user in roster(document) if not have or user["email"].casefold() in have]
        on = as_of(document)
        return bool(users) and all(is_current(user.get(field), on) for user in users)

    return Shown(f"every user has “{field}”", holds)


CRITERIA = (
    Criterion(1, "The LCSA Director identifies the Requestor and recommends a number of user accounts.", Taken("identify-requestor"), ("identify-requestor",)),
    Criterion(2, "Federal and State law authorize the Requestor's access for its purpose.", AUTHORIZED, ("legal-opinion",)),
    Criterion(3, "The Requestor can connect to a DTS point of presence.", CONNECTS, ("connectivity-test",)),
    Criterion(4, "The Requestor and the State have signed the Memorandum of Understanding.", COUNTERSIGNED, ("sign-mou", "countersign-mou")),
    Criterion(5, "The users have completed security awareness training.", _users_with("trained_on"), ("certify-users",)),
    Criterion(6, "The users have signed confidentiality statements.", _users_with("statement_signed_on"), ("certify-users",)),
    Criterion(7, "The LCSA Director directs the Administrator to set up accounts and provide help desk services.", SETUP_DIRECTED, ("direct-setup",)),
    Criterion(8, "The LCSA Director provides help or training in CSE navigation.", SETUP_DIRECTED, ("direct-setup",)),
)  # fmt: skip
