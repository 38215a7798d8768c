"""The policy's rows for the steps of the chapter Afterwards, by the files in which the steps are declared."""

from portal.process.third_party_access.invitation import COORDINATOR_ACTS
from portal.process.third_party_access.policy_rows import (
    ADMINISTRATOR,
    CONTACT,
    COORDINATOR,
    DIRECTOR,
    EVERYBODY,
    MANAGER,
    QUOTED,
    REQUESTOR,
    WHO_IDENTIFIED,
    reads,
    takes,
    told,
)

_CERTIFICATION = (
    takes("recertify-users", REQUESTOR, "To say, every year, when each user was trained and signed anew.", "2.5"),
    reads("recertify-users", QUOTED, "users", "To see that every user with an account is certified.", "2.5"),
    reads("recertify-users", EVERYBODY, "note", "To read what the Requestor adds.", "2.5"),
    takes("change-users", REQUESTOR, "To say who leaves and who joins.", "6.8.2"),
    reads("change-users", QUOTED, "leaving joining", "To take and give accounts as users leave and join.", "6.8.2"),
    reads("change-users", EVERYBODY, "note", "To read what the Requestor adds.", "6.8.2"),
    takes("suspend-accounts", ADMINISTRATOR, "To suspend the accounts of users whose year is over.", "2.5"),
    reads("suspend-accounts", QUOTED, "accounts", "To see that nobody has access whose certification has lapsed.", "2.5"),
    reads("suspend-accounts", EVERYBODY, "note", "To read what the Administrator adds.", "2.5"),
    takes("remove-accounts", ADMINISTRATOR, "To remove the accounts of users who left, or whose agreement has ended.", "7.3"),
    reads("remove-accounts", QUOTED, "accounts", "To see that nobody has access who should not.", "7.3"),
    reads("remove-accounts", EVERYBODY, "note", "To read what the Administrator adds.", "7.3"),
)  # fmt: skip

_ENDS = (
    takes("withdraw", REQUESTOR, "To withdraw an application before it is decided.", "6.4"),
    takes("withdraw", DIRECTOR, "To withdraw an organization that the Director identified.", "6.4"),
    takes("withdraw", COORDINATOR, "To act for the Director, who lets them on this application.", "1.5", COORDINATOR_ACTS),
    reads("withdraw", EVERYBODY, "reason note", "To know why it was withdrawn.", "6.4"),
    told("withdraw", "role:process-manager", MANAGER, "To know that nothing more is to be done.", "6.4"),
    told("withdraw", CONTACT, REQUESTOR, "To know that the application is closed.", "6.4"),
    told("withdraw", WHO_IDENTIFIED, DIRECTOR, "To know that the application is closed.", "6.4"),
)  # fmt: skip

AFTERWARDS = (*_CERTIFICATION, *_ENDS)
"""All of them."""
