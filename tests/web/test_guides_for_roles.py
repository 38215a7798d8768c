"""Each role has a guide of two minutes, drawn from the tables of steps and of the policy."""

import pytest

from portal.process.policy_table import Act
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from portal.role_guide import guide_of
from tests.conftest import House
from tests.journey import WAY

WORDS_A_MINUTE = 200
ROLES = [role.key for role in THIRD_PARTY_ACCESS.roles]


@pytest.mark.process("1.5")
@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_a_guide_with_every_step_that_it_may_take_and_its_section(house: House, role: str) -> None:
    page = house.client("").page(f"/process/{role}")
    said = page.words("//main")
    for step in THIRD_PARTY_ACCESS.steps:
        rows = [row for row in THIRD_PARTY_ACCESS.policy.taking(step.key) if role in row.roles]
        assert (f"{step.title} [{step.section}]" in said) == bool(rows), step.key
        assert all(any(row.purpose.rstrip(".") in said for row in rows) for _ in rows[:1])
    assert THIRD_PARTY_ACCESS.role(role).does in said
    assert "Whom to ask" in said


@pytest.mark.process("1.2")
def test_the_steps_of_all_guides_together_are_the_way(house: House) -> None:
    guides = [guide_of(THIRD_PARTY_ACCESS, role) for role in THIRD_PARTY_ACCESS.roles]
    mine = {step.key for guide in guides for step in guide.on_the_way}
    assert mine == set(WAY)
    for guide in guides:
        keys = [step.key for step in guide.on_the_way]
        assert keys == [key for key in WAY if key in keys]


def test_a_guide_says_what_opens_a_step_its_goal_and_what_to_have_at_hand(house: House) -> None:
    said = house.client("").page("/process/legal").words("//main")
    assert "It opens when the application is complete and routed or the Requestor answered Legal's question." in said
    assert "Goal: 15 working days from receipt of the application." in said
    assert "It comes from: Process Manager. After you it goes on to: Process Manager." in said
    said = house.client("").page("/process/requestor").words("//main")
    assert "Who will sign the Memorandum of Understanding (name, title, email)" in said


@pytest.mark.parametrize("role", ROLES)
def test_a_guide_is_read_in_two_minutes_and_more_is_folded(house: House, role: str) -> None:
    tree = house.client("").page(f"/process/{role}").tree
    assert tree is not None
    [main] = tree.xpath("//main")
    for folded in main.xpath(".//nav | .//details/*[not(self::summary)]"):
        folded.getparent().remove(folded)
    assert len(main.text_content().split()) <= 2 * WORDS_A_MINUTE


def test_steps_for_one_purpose_are_told_in_one_line() -> None:
    guide = guide_of(THIRD_PARTY_ACCESS, THIRD_PARTY_ACCESS.role("process-manager"))
    [on_paper] = guide.alike
    assert on_paper.why.startswith("To enter for the Requestor what came by mail or fax")
    assert [step.key for step in on_paper.steps] == [
        "complete-application",
        "clarify",
        "sign-mou",
        "respond-to-finding",
    ]
    assert not {step.key for step in on_paper.steps} & {step.key for step in guide.besides}


def test_a_guide_is_reached_from_the_process_and_from_the_inbox_of_the_role(house: House) -> None:
    assert "/process/legal" in house.client("").page("/process").links()
    links = house.client("legal").page("/inbox").links()
    assert "/process/legal" in links
    assert "/process/requestor" not in links
    house.client("").page("/process/nobody", 404)


def test_pages_of_a_role_are_those_that_the_policy_opens_to_it() -> None:
    guide = guide_of(THIRD_PARTY_ACCESS, THIRD_PARTY_ACCESS.role("iso"))
    assert {row.title for row in guide.pages} == {
        row.title for row in THIRD_PARTY_ACCESS.policy.rows if row.act is Act.OPEN and "iso" in row.roles
    }
