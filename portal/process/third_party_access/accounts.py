"""The number of accounts: what is asked and granted, weighed against the user account allocation guide [1.6].

The guide is a guideline: more than it reserves needs a justification, and is never refused for the number alone.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from portal.process.document import Answers, Json, section
from portal.process.errors import Problem
from portal.process.step import Elsewhere, Situation
from portal.process.third_party_access.guide import CHANGES, GUIDE, in_force
from portal.process.third_party_access.reference import row_drawn_on
from portal.process.third_party_access.succession import is_in_place


def reserve_key(lcsa: str, organization_type: str) -> str:
    """The name under which grants that draw on one row of the guide are added up, whether it has that row or not."""
    return row_drawn_on(lcsa, organization_type).key


def reserved(elsewhere: Elsewhere, lcsa: str, organization_type: str) -> int:
    """The accounts that the guide in force reserves for an organization of this type; 0 where it has no row."""
    return in_force(elsewhere.kept(GUIDE, CHANGES)).get(reserve_key(lcsa, organization_type), 0)


def reserve_of(situation: Situation) -> Mapping[str, Any]:
    """The reserve as weighed for this step: `reserved`, `granted` to others already, and `left` (never below 0)."""
    weighed: Mapping[str, Any] = situation.facts.get("reserve", {"reserved": 0, "granted": 0, "left": 0})
    return weighed


def reserve_in_words(situation: Situation) -> str:
    """How many accounts the guide has for this organization, in a sentence."""
    reserve = reserve_of(situation)
    return (
        f"The allocation guide reserves {reserve['reserved']} for this organization; {reserve['granted']} are granted to "
        f"others already, and {reserve['left']} are left. It is a guideline: more needs a justification."
    )


def over_reserve(situation: Situation, answers: Answers, field: str) -> Iterator[Problem]:
    """A problem when more is asked than the guide has left and no justification is given."""
    left = reserve_of(situation)["left"]
    if answers.get(field, 0) > left and not answers.get("justification"):
        yield Problem(
            "justification",
            f"The guide has {left} left for this organization, and {answers[field]} is more. "
            "Say why the organization needs them: the guide is a guideline, and a justification is weighed.",
        )


def granted(document: Mapping[str, Any]) -> int:
    """The accounts granted to this organization; 0 before the decision or when it was rejected."""
    decision = section(document, "decide")
    accounts: int = decision.get("accounts_granted", 0) if decision.get("decision") == "accept" else 0
    return accounts


def holdings(document: Json) -> dict[str, int]:
    """What the document draws on the guide: its granted accounts, until its access has ended.

    While the agreement that it renews holds accounts of its own, only those beyond them: the larger number counts.
    """
    accounts = granted(document)
    if not is_in_place(document):
        accounts = max(0, accounts - section(document, "decide").get("renewed_holds", 0))
    if not accounts or document["status"] in ("rejected", "withdrawn", "ended"):
        return {}
    # An agreement that was read in may not say of which sort the organization is.
    kind = section(document, "identify-requestor").get("organization_type", "other")
    return {reserve_key(document["lcsa"], kind): accounts}
