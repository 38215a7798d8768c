"""What the rows of this process's policy are written with: roles by name, who belongs together, and a function for each
kind of row.
"""

from portal.process.conditions import AnyOf, Condition, ReadIn, Taken
from portal.process.policy_table import GIVEN, LETTERS, Act, Row
from portal.process.step import When

OWNER, MANAGER, LEGAL = "process-owner", "process-manager", "legal"
DIRECTOR, COORDINATOR, ADMINISTRATOR = "director", "coordinator", "administrator"
REQUESTOR, INFRASTRUCTURE, CONTRACTS, ISO = "requestor", "infrastructure-manager", "contract-manager", "iso"
PORTAL_ADMINISTRATOR = "portal-administrator"

LCSA = (DIRECTOR, COORDINATOR, ADMINISTRATOR)
DECIDERS = (MANAGER, OWNER)
REVIEWERS = (LEGAL, MANAGER, OWNER)
"""Those for whom Legal's advice is [O8.2]."""
OTHERS = (*LCSA, REQUESTOR, INFRASTRUCTURE, CONTRACTS, ISO)
EVERYBODY = (*REVIEWERS, *OTHERS)
"""All who see an application."""
QUOTED = (*EVERYBODY, LETTERS)
"""The same, and what letters may quote."""

DECISION_SENT = Taken("send-decision", words="the decision is sent")
DECISION_KNOWN = AnyOf(DECISION_SENT, ReadIn())
"""What was decided is no secret: its letter went out, or it was in force before the portal."""
PAPER = "To enter for the Requestor what came by mail or fax; the history says so."
A_QUESTION = When("opinion", ("clarification",))


def may(
    act: Act, step: str, roles: str | tuple[str, ...], purpose: str, section: str, provided: Condition | None = None
) -> Row:
    return Row((roles,) if isinstance(roles, str) else roles, act, step, purpose, section, provided=provided)


def takes(
    step: str, roles: str | tuple[str, ...], purpose: str, section: str, provided: Condition | None = None
) -> Row:
    return may(Act.TAKE, step, roles, purpose, section, provided)


def enters(step: str, purpose: str, section: str) -> Row:
    return may(Act.ENTER, step, MANAGER, purpose, section)


def reads(
    part: str,
    roles: tuple[str, ...],
    names: str,
    purpose: str,
    section: str = "",
    provided: Condition | None = None,
    when: When | None = None,
) -> Row:
    return Row(roles, Act.READ, part, purpose, section, tuple(names.split()), provided=provided, when=when)


def gives(giver: str, roles: str, purpose: str) -> Row:
    return Row((giver,), Act.GIVE, GIVEN, purpose, "1.5", tuple(roles.split()))


def told(step: str, whom: str, roles: str | tuple[str, ...], purpose: str, section: str = "") -> Row:
    return Row((roles,) if isinstance(roles, str) else roles, Act.BE_TOLD, step, purpose, section, tuple(whom.split()))
