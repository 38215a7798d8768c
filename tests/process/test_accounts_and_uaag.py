"""The number of accounts, weighed against the user account allocation guide with everything granted already [1.6]."""

import pytest

from portal.process.document import Json
from portal.process.step import Situation
from portal.process.third_party_access import weighed
from portal.process.third_party_access.accounts import granted, holdings, reserve_in_words, reserve_key
from tests.process.case import MONDAY, Case, World, before

pytestmark = pytest.mark.process("1.6")


def of_county(lcsa: str, organization_type: str = "iv-a", granted_elsewhere: int = 0) -> Case:
    """An application about to be begun in a county where so many of its row are granted to others."""
    case = Case(lcsa=lcsa)
    case.world.granted_elsewhere[reserve_key(lcsa, organization_type)] = granted_elsewhere
    return case


@pytest.mark.parametrize(
    ("lcsa", "organization_type", "held", "expected"),
    [
        ("Alameda", "iv-a", 0, (5, 0, 5)),
        ("Alameda", "iv-a", 3, (5, 3, 2)),
        ("Alameda", "iv-a", 9, (5, 9, 0)),
        ("Kern", "iv-a", 0, (1, 0, 1)),
        ("Kern", "iv-a", 1, (1, 1, 0)),
        ("Los Angeles", "iv-a", 20, (22, 20, 2)),
        ("Los Angeles", "iv-e", 0, (150, 0, 150)),
        ("Los Angeles", "other", 0, (0, 0, 0)),
        ("Butte", "district-attorney", 0, (0, 0, 0)),
        ("Orange", "district-attorney", 0, (0, 0, 0)),
    ],
)
def test_a_reserve_is_weighed_with_everything_granted_already(
    lcsa: str, organization_type: str, held: int, expected: tuple[int, int, int]
) -> None:
    world = World(granted_elsewhere={reserve_key(lcsa, organization_type): held})
    found = weighed(world, lcsa, organization_type, None)
    assert (found["reserved"], found["granted"], found["left"]) == expected


def test_the_weighing_leaves_out_the_application_itself() -> None:
    asked: list[str | None] = []

    class Listening(World):
        def held(self, key: str, besides: str | None = None) -> int:
            asked.append(besides)
            return 0

    case = before("decide")
    case.world = Listening()
    case.take("decide")
    assert set(asked) == {case.document["id"]}


@pytest.mark.process("6.2")
@pytest.mark.parametrize(("recommended", "problems"), [(5, set()), (6, {"justification"})])
def test_a_director_justifies_more_than_the_guide_has_left(recommended: int, problems: set[str]) -> None:
    case = of_county("Alameda")
    found = case.problems("identify-requestor", recommended_accounts=recommended, justification="")
    assert set(found) == problems
    assert case.problems("identify-requestor", recommended_accounts=recommended, justification="Intake.") == {}


@pytest.mark.process("6.2")
def test_what_others_were_granted_counts_at_identification() -> None:
    found = of_county("Alameda", granted_elsewhere=3).problems(
        "identify-requestor", recommended_accounts=3, justification=""
    )
    assert "2 left" in found["justification"]


@pytest.mark.process("6.6")
@pytest.mark.parametrize(
    ("held", "accounts", "problems"), [(0, 1, set()), (0, 2, {"justification"}), (1, 1, {"justification"})]
)
def test_the_owner_justifies_more_than_the_guide_has_left(held: int, accounts: int, problems: set[str]) -> None:
    case = before("decide")
    case.world.granted_elsewhere["uaag/Kern/"] = held
    assert set(case.problems("decide", accounts_granted=accounts, justification="")) == problems
    assert case.problems("decide", accounts_granted=accounts, justification="Caseload.") == {}


@pytest.mark.process("6.6")
def test_a_rejection_weighs_no_number() -> None:
    case = before("decide")
    case.world.granted_elsewhere["uaag/Kern/"] = 100
    assert case.problems("decide", decision="reject", reason="No authority.", justification="") == {}


@pytest.mark.process("6.4")
def test_a_requestor_justifies_more_than_the_director_recommended() -> None:
    case = before("complete-application")
    assert set(case.problems("complete-application", users_requested=4)) == {"justification"}
    assert case.problems("complete-application", users_requested=4, justification="A second office.") == {}
    assert case.problems("complete-application", users_requested=3) == {}


@pytest.mark.parametrize("organization_type", ["iv-a", "iv-e", "district-attorney", "child-abduction", "other"])
def test_all_organizations_of_a_county_with_a_blank_row_draw_on_it(organization_type: str) -> None:
    assert reserve_key("Kern", organization_type) == "uaag/Kern/"


def test_organizations_with_a_row_of_their_own_draw_on_that() -> None:
    assert reserve_key("Los Angeles", "iv-e") == "uaag/Los Angeles/IV-E"
    assert reserve_key("Los Angeles", "other") == "uaag/Los Angeles/none/other"
    assert reserve_key("Nowhere", "iv-a") == "uaag/Nowhere/none/iv-a"


def granted_three() -> Json:
    """A document on which three accounts are granted."""
    return before("decide").take("decide").document


def test_a_document_holds_what_it_was_granted_from_the_decision_on() -> None:
    assert before("decide").document["holdings"] == {}
    assert granted_three()["holdings"] == {"uaag/Kern/": 3}
    assert before("confirm-access").take("confirm-access").document["holdings"] == {"uaag/Kern/": 3}
    assert granted(granted_three()) == 3


@pytest.mark.process("6.6.1")
def test_a_rejected_application_holds_nothing() -> None:
    case = before("decide").take("decide", decision="reject", reason="No authority.")
    assert case.document["holdings"] == {}
    assert case.take("send-decision").document["holdings"] == {}
    assert granted(case.document) == 0


def test_a_withdrawn_application_holds_nothing() -> None:
    assert before("decide").take("withdraw").document["holdings"] == {}


@pytest.mark.parametrize("status", ["ended", "rejected", "withdrawn"])
def test_accounts_go_back_to_the_guide_when_access_has_ended(status: str) -> None:
    assert holdings({**granted_three(), "status": status}) == {}


def test_the_weighing_is_said_in_a_sentence() -> None:
    situation = Situation({}, {"reserve": {"reserved": 5, "granted": 3, "left": 2}}, MONDAY)
    assert "reserves 5" in reserve_in_words(situation)
    assert "2 are left" in reserve_in_words(situation)
