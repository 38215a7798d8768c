"""What the pages on which roles are given share: whether one may, and the log's line when not."""

from portal.access import current_actor
from portal.audit import Outcome
from portal.audit.from_request import log_request
from portal.process import policy
from portal.process.errors import MayNotGive
from portal.process.step import Actor, Grant
from portal.rendering import role_titles, the_portal


def require_giving(email: str, grant: Grant) -> None:
    """Returns when whoever is signed in may give this role to this address. Raises `MayNotGive`, which is logged."""
    try:
        policy.require_giving(the_portal().process, current_actor(), email, grant)
    except MayNotGive as refused:
        log_request("give a role", email, Outcome.REFUSED, f"{in_words(grant)}: {refused}")
        raise


def in_words(grant: Grant) -> str:
    """`LCSA Director, Kern`."""
    return role_titles(the_portal(), Actor("", "", (grant,)))[0]
