"""Who names whom: each role, for each other, in its own LCSA and another [1.5]."""

import pytest

from portal.process import policy
from portal.process.errors import MayNotGive
from portal.process.step import Actor, Grant
from portal.process.third_party_access import THIRD_PARTY_ACCESS

ROLES = tuple(role.key for role in THIRD_PARTY_ACCESS.roles)

EXPECTED = {
    "process-owner": {"process-manager"},
    "director": {"coordinator", "administrator"},
    "requestor": {"requestor"},
    "portal-administrator": set(ROLES),
}
"""Whom each role names, in its own scope; every other role names nobody."""


def scope_of(role: str, lcsa: str) -> dict[str, str]:
    names = THIRD_PARTY_ACCESS.role(role).scope
    return {name: {"lcsa": lcsa, "organization": f"{lcsa} IV-A"}[name] for name in names}


@pytest.mark.process("1.5")
def test_each_role_names_whom_the_process_says_within_its_own_scope_and_nobody_else() -> None:
    for giver in ROLES:
        actor = Actor("giver@kern.example", "Giver", (Grant(giver, scope_of(giver, "Kern")),))
        for role in ROLES:
            for lcsa in ("Kern", "Alameda"):
                grant = Grant(role, scope_of(role, lcsa))
                in_scope = not THIRD_PARTY_ACCESS.role(giver).scope or lcsa == "Kern"
                expected = role in EXPECTED.get(giver, set()) and in_scope
                assert policy.may_give(THIRD_PARTY_ACCESS, actor, grant) == expected, (giver, role, lcsa)


@pytest.mark.process("1.5")
def test_a_requestor_names_nobody_of_another_organization_of_the_same_lcsa() -> None:
    actor = Actor("rea@kern.example", "Rea", (Grant("requestor", {"lcsa": "Kern", "organization": "Kern IV-A"}),))
    other = Grant("requestor", {"lcsa": "Kern", "organization": "Kern IV-E"})
    assert not policy.may_give(THIRD_PARTY_ACCESS, actor, other)


@pytest.mark.process("1.5")
def test_nobody_names_themselves_whatever_they_hold_and_however_the_address_is_written() -> None:
    everything = tuple(Grant(role, scope_of(role, "Kern")) for role in ROLES)
    actor = Actor("all@dcss.example", "All", everything)
    for grant in everything:
        for email in ("all@dcss.example", "ALL@dcss.example", " all@DCSS.example "):
            with pytest.raises(MayNotGive, match="Nobody gives a role to themselves"):
                policy.require_giving(THIRD_PARTY_ACCESS, actor, email, grant)
        policy.require_giving(THIRD_PARTY_ACCESS, actor, "other@dcss.example", grant)
