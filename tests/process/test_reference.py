"""The reference tables say what the source prints."""

import hashlib
import json

import pytest

from portal.process.third_party_access.reference import (
    AUTHORITIES,
    COUNTIES,
    DCSS_GOALS,
    LCSA_TABLE,
    LCSAS,
    UAAG,
    UaagRow,
    uaag_row,
)


@pytest.mark.process("1.6")
def test_the_guide_has_its_59_rows_as_printed() -> None:
    assert len(UAAG) == 59
    assert len({row.key for row in UAAG}) == 59
    assert sum(row.pre_conversion_users or 0 for row in UAAG) == 1281
    assert sum(row.reserved for row in UAAG) == 552
    printed = json.dumps([[row.lcsa, row.user_organization, row.pre_conversion_users, row.reserved] for row in UAAG])
    assert (
        hashlib.sha256(printed.encode()).hexdigest()
        == "ff9eec3e4b4e0d37ede16249676aa309c8afc58b2612452e9278138240cb6a51"
    )


@pytest.mark.process("1.6")
def test_odd_rows_of_the_guide_stay_as_printed() -> None:
    assert UAAG[0] == UaagRow("Alameda", "IV-A", 5, 5)
    assert UAAG[2] == UaagRow("Butte", "District Attorney for PC270 cases", 2, 0)
    assert UAAG[17:19] == (UaagRow("Los Angeles", "IV-A", 22, 22), UaagRow("Los Angeles", "IV-E", 150, 150))
    assert UaagRow("San Diego", "IV-A", 800, 100) in UAAG
    assert UaagRow("Monterey", "IV-A", 30, 1) in UAAG
    assert UAAG[-1] == UaagRow("Yuba", "", None, 1)
    assert [row.lcsa for row in UAAG if row.lcsa.startswith("Siskiyou")] == ["Siskiyou/Modoc", "Siskiyou"]
    assert [row.user_organization for row in UAAG if row.lcsa == "Sacramento"] == ["Child Abduction", "IV-A"]


@pytest.mark.process("1.6")
@pytest.mark.parametrize(
    ("lcsa", "organization_type", "key"),
    [
        ("Los Angeles", "iv-a", "uaag/Los Angeles/IV-A"),
        ("Los Angeles", "iv-e", "uaag/Los Angeles/IV-E"),
        ("Los Angeles", "other", None),
        ("Orange", "district-attorney", "uaag/Orange/DA"),
        ("Butte", "district-attorney", "uaag/Butte/District Attorney for PC270 cases"),
        ("Butte", "iv-a", None),
        ("Merced", "child-abduction", "uaag/Merced/Child Abduction"),
        ("Kern", "iv-a", "uaag/Kern/"),
        ("Kern", "other", "uaag/Kern/"),
        ("Siskiyou/Modoc", "iv-e", "uaag/Siskiyou/Modoc/"),
        ("Siskiyou", "iv-e", "uaag/Siskiyou/"),
        ("Central Sierra", "iv-a", None),
        ("Nowhere", "iv-a", None),
    ],
)
def test_a_requestor_draws_on_its_own_row_or_on_the_countys_reserve(
    lcsa: str, organization_type: str, key: str | None
) -> None:
    row = uaag_row(lcsa, organization_type)
    assert (row and row.key) == key


@pytest.mark.process("App. D")
def test_every_lcsa_of_either_table_is_there_once() -> None:
    assert len(LCSAS) == 56
    assert list(LCSAS) == sorted(set(LCSAS))
    assert {row.lcsa for row in UAAG} == {lcsa.name for lcsa in LCSA_TABLE if lcsa.in_uaag}
    assert [lcsa.name for lcsa in LCSA_TABLE if not lcsa.in_uaag] == ["Central Sierra"]
    assert [lcsa.name for lcsa in LCSA_TABLE if not lcsa.in_appendix_d] == ["Yuba"]
    assert {"Eastern Sierra", "Sierra Nevada", "Santa Cruz San Benito", "Siskiyou/Modoc", "Siskiyou"} <= set(LCSAS)


@pytest.mark.process("4")
def test_the_five_goals_are_the_sources() -> None:
    assert [(goal.working_days, goal.at_least) for goal in DCSS_GOALS] == [(15, None)] * 4 + [(45, 30)]
    assert DCSS_GOALS[0].trigger.endswith("elapse of 2 months following CSE conversion, whichever occurs later")
    assert DCSS_GOALS[1].comment.startswith("Action may be delayed if: purpose statement is unclear;")
    assert DCSS_GOALS[4].action == "Establish Access"
    assert DCSS_GOALS[4].comment == ""


@pytest.mark.process("2.2")
def test_the_authorities_are_those_that_the_criteria_name() -> None:
    assert {authority.key: authority.citation for authority in AUTHORITIES} == {
        "42-usc-453a-f": "42 USC 453A(f)",
        "42-usc-453a-g": "42 USC 453A(g)",
        "42-usc-453a-h": "42 USC 453A(h)",
        "45-cfr-302-35": "45 CFR 302.35",
        "45-cfr-307-10": "45 CFR 307.10",
        "45-cfr-307-11": "45 CFR 307.11",
        "45-cfr-307-13": "45 CFR 307.13",
        "family-code-17212": "California Family Code section 17212",
        "other": "Another authority",
    }


@pytest.mark.process("1.6", "App. D")
def test_each_of_the_58_counties_has_one_lcsa_and_each_lcsa_a_county() -> None:
    assert len(COUNTIES) == len({county.name for county in COUNTIES}) == 58
    assert {county.lcsa for county in COUNTIES} == set(LCSAS)
    regions = {county.name: county.lcsa for county in COUNTIES if county.lcsa != county.name}
    assert regions == {
        "Alpine": "Central Sierra",
        "Inyo": "Eastern Sierra",
        "Modoc": "Siskiyou/Modoc",
        "Nevada": "Sierra Nevada",
        "San Benito": "Santa Cruz San Benito",
        "Santa Cruz": "Santa Cruz San Benito",
        "Sierra": "Sierra Nevada",
    }
