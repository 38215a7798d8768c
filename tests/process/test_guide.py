"""The allocation guide as it is in force: the print, with what the Process Owner has changed since [1.6, 9]."""

import pytest

from portal.process.document import Json
from portal.process.third_party_access import weighed
from portal.process.third_party_access.accounts import reserve_in_words
from portal.process.third_party_access.guide import CHANGES, EVERY_COUNTY, GUIDE, in_force, rows_of, with_change
from portal.process.third_party_access.reference import LCSAS, UAAG, UAAG_NOT_PRINTED
from tests.process.case import Case, World, before, person

pytestmark = pytest.mark.process("9", "1.6")

OWNER = person("process-owner")
NOON = "2026-11-23T20:00:00Z"


def changed(*changes: tuple[str, int]) -> Json:
    """The record after these changes, one after the other: a choice of rows, and what they reserve from then on."""
    kept: Json = {"changes": []}
    for choice, reserved in changes:
        kept = with_change(kept, rows_of(choice), reserved, "The survey.", OWNER, NOON)
    return kept


def test_without_a_change_the_guide_is_as_printed() -> None:
    assert in_force(None) == {row.key: row.reserved for row in UAAG}


def test_the_newest_change_of_a_row_is_in_force_and_all_of_them_stay() -> None:
    kept = changed(("uaag/Kern/", 4), ("uaag/Alameda/IV-A", 7), ("uaag/Kern/", 2))
    assert in_force(kept) == {**in_force(None), "uaag/Kern/": 2, "uaag/Alameda/IV-A": 7}
    assert [change["rows"] for change in kept["changes"]] == [
        [{"row": "uaag/Kern/", "before": 1, "after": 4}],
        [{"row": "uaag/Alameda/IV-A", "before": 5, "after": 7}],
        [{"row": "uaag/Kern/", "before": 4, "after": 2}],
    ]
    assert {(change["reason"], change["by"], change["at"]) for change in kept["changes"]} == {
        ("The survey.", OWNER.email, NOON)
    }
    assert [change["seq"] for change in kept["changes"]] == [1, 2, 3]


def test_every_countys_reserve_is_changed_at_once_and_no_organizations_own_row() -> None:
    kept = changed(("uaag/Kern/", 2), (EVERY_COUNTY, 2))
    numbers = in_force(kept)
    assert {row.key for row in UAAG if numbers[row.key] != row.reserved} == {
        row.key for row in UAAG if not row.user_organization
    }
    assert "uaag/Kern/" not in [one["row"] for one in kept["changes"][-1]["rows"]]


@pytest.mark.parametrize("choice", ["", "uaag/Nowhere/", "uaag/Kern/none/iv-a"])
def test_what_is_no_row_of_the_guide_names_none(choice: str) -> None:
    assert rows_of(choice) == ()


def test_the_number_in_force_is_what_is_weighed() -> None:
    world = World(granted_elsewhere={"uaag/Kern/": 3}, records={(GUIDE, CHANGES): changed(("uaag/Kern/", 4))})
    assert weighed(world, "Kern", "iv-a", None) == {"reserved": 4, "granted": 3, "left": 1}
    assert weighed(world, "Alameda", "iv-a", None)["reserved"] == 5


def test_identification_and_decision_go_by_the_number_in_force() -> None:
    case = Case()
    assert set(case.problems("identify-requestor", justification="")) == {"justification"}
    case.world.records[GUIDE, CHANGES] = changed(("uaag/Kern/", 3))
    assert case.problems("identify-requestor", justification="") == {}
    decision = before("decide")
    decision.world = World(records={(GUIDE, CHANGES): changed(("uaag/Kern/", 3))})
    assert decision.problems("decide", justification="") == {}
    decision.world.records[GUIDE, CHANGES] = changed(("uaag/Kern/", 3), ("uaag/Kern/", 0))
    assert set(decision.problems("decide", justification="")) == {"justification"}
    facts = decision.process.facts(
        decision.world, decision.process.step("decide"), decision.document, {}, decision.who("process-owner")
    )
    assert "reserves 0" in reserve_in_words(decision.situation(facts))


@pytest.mark.parametrize(
    ("kind", "key", "name"),
    [
        ("iv-e", "uaag/Alameda/none/iv-e", "IV-E"),
        ("district-attorney", "uaag/Alameda/none/district-attorney", "DA"),
        ("other", "uaag/Alameda/none/other", ""),
    ],
)
def test_a_row_is_added_for_a_type_of_organization_for_which_none_is_printed(kind: str, key: str, name: str) -> None:
    [row] = rows_of(key)
    assert (row.lcsa, row.user_organization, row.reserved, row.pre_conversion_users) == ("Alameda", name, 0, None)
    assert key not in in_force(None)
    kept = changed((key, 4))
    assert kept["changes"][0]["rows"] == [{"row": key, "before": 0, "after": 4}]
    assert in_force(kept) == {**in_force(None), key: 4}
    world = World(granted_elsewhere={key: 3}, records={(GUIDE, CHANGES): kept})
    assert weighed(world, "Alameda", kind, None) == {"reserved": 4, "granted": 3, "left": 1}


def test_what_can_be_added_is_what_the_print_lacks_each_once() -> None:
    keys = [row.key for row in UAAG_NOT_PRINTED]
    assert len(keys) == len(set(keys))
    assert not set(keys) & {row.key for row in UAAG}
    assert {row.lcsa for row in UAAG_NOT_PRINTED} == {
        lcsa for lcsa in LCSAS if not any(row.lcsa == lcsa and not row.user_organization for row in UAAG)
    }
