"""A sheet is checked cell by cell: what does not hold is named with its address, and nothing is kept that may not be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from portal.importing import SheetRefused
from portal.importing.checking import Checked, check
from portal.importing.columns import organization_columns, user_columns
from portal.importing.reading import read
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.importing.made import ANA, FOSTER, KERN, Change, workbook

pytestmark = pytest.mark.process("5.1")


@dataclass
class World:
    """What the sheet is read into: what a test says is there."""

    today: date = date(2026, 11, 23)
    term_from_requestor: bool = False
    there: dict[tuple[str, str], str] = field(default_factory=dict)
    office_ids: dict[str, str] = field(default_factory=dict)

    def under_way(self, lcsa: str, organization: str) -> str:
        return self.there.get((lcsa, organization), "")

    def office_id_holders(self, office_ids: Any) -> Mapping[str, str]:
        return {one: self.office_ids[one] for one in office_ids if one in self.office_ids}


def checked(content: bytes, world: World | None = None) -> Checked:
    return check(THIRD_PARTY_ACCESS, read(content), world or World())


def problems(*rows: Mapping[str, Any], users: Any = (), world: World | None = None, change: Change = lambda _: None) -> dict[str, str]:  # fmt: skip
    """What is wrong, by the heading over each cell and the row (`term_end 3`)."""
    sheets = read(workbook(rows, users, change))
    headings = {
        (sheet.name, sheet.address(sheet.headings.number, place)[:-1]): str(words)
        for sheet in sheets
        for place, words in sheet.headings.values.items()
    }
    found = {}
    for one in check(THIRD_PARTY_ACCESS, sheets, world or World()).problems:
        letters = one.cell.rstrip("0123456789")
        words = headings.get((one.sheet, letters), letters)
        found[f"{words} {one.cell[len(letters) :]}"] = one.message
    return found


def refused(content: bytes) -> SheetRefused:
    with pytest.raises(SheetRefused) as error:
        checked(content)
    return error.value


def test_a_row_says_what_it_says_and_no_more() -> None:
    sheet = checked(workbook([KERN, FOSTER], [ANA]))
    assert (len(sheet.holding), sheet.left, sheet.problems) == (2, [], [])
    kern, foster = sheet.holding
    assert foster == {
        "row": 3,
        "users": [],
        "values": {
            "lcsa": "Alameda",
            "organization": "Alameda Foster Services",
            "accounts_granted": 1,
            "term_start": "2026-01-05",
            "term_end": "2029-01-05",
        },
    }
    assert [user["email"] for user in kern["users"]] == ["ana.nunez@county.example"]
    assert kern["values"]["organization_type"] == "iv-a"  # its name says so
    assert kern["values"]["security_profile"] == "iv-a-read-only"


def test_headings_may_be_the_tracking_sheet_s_words_or_the_columns_keys() -> None:
    for name in ("key", "heading"):
        columns = {column.key: getattr(column, name) for column in organization_columns(THIRD_PARTY_ACCESS)}
        of_users = {column.key: getattr(column, name) for column in user_columns(THIRD_PARTY_ACCESS)}
        row = {columns[key]: value for key, value in KERN.items()}
        user = {of_users[key].upper(): value for key, value in ANA.items()}
        assert len(checked(workbook([row], [user])).holding) == 1


def test_dates_and_numbers_may_be_written_as_text() -> None:
    row = {**KERN, "term_start": "7/1/2025", "term_end": "2028-07-01", "accounts_granted": " 3 "}
    assert checked(workbook([row])).holding == checked(workbook([KERN])).holding


@pytest.mark.parametrize(
    ("changed", "column", "words"),
    [
        ({"lcsa": "Kernn"}, "lcsa", "There is no LCSA called “Kernn”"),
        ({"lcsa": None}, "lcsa", "cannot be blank"),
        ({"organization": None}, "organization", "cannot be blank"),
        ({"accounts_granted": None}, "accounts_granted", "cannot be blank"),
        ({"accounts_granted": 0}, "accounts_granted", "1 or more"),
        ({"accounts_granted": 2.5}, "accounts_granted", "whole number"),
        ({"accounts_set_up": 4}, "accounts_set_up", "4 are more than the 3 granted"),
        ({"term_end": date(2025, 7, 1)}, "term_end", "ends before it starts"),
        ({"term_end": date(2026, 11, 22)}, "term_end", "This term is over"),
        ({"term_start": date(2026, 12, 1)}, "term_start", "has not begun"),
        ({"term_start": "soon"}, "term_start", "Enter a date"),
        ({"term_start": 45000}, "term_start", "a number, and no date"),
        ({"term_start": date(1907, 1, 1)}, "term_start", "1907 cannot be right"),
        ({"sign-mou": date(2025, 7, 2), "countersign-mou": None}, "sign-mou", "signed after it came into effect"),
        ({"countersign-mou": date(2025, 7, 2)}, "countersign-mou", "signed after it came into effect"),
        ({"countersign-mou": date(2025, 6, 1)}, "countersign-mou", "before “Sign the Memorandum of Understanding”"),
        ({"decide": date(2025, 1, 1)}, "decide", "before “Identify a Requestor”"),
        ({"confirm-access": date(2026, 12, 24)}, "confirm-access", "still to come"),
        ({"office_id": "KERN IVA!"}, "office_id", "2 to 20 letters, digits and hyphens"),
        ({"organization_type": "club"}, "organization_type", "Choose one of: iv-a"),
        ({"contact_email": "maria"}, "contact_email", "enter an email address"),
        ({"status": "Ended"}, "status", "Only organizations with access today"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_named_by_its_cell(changed: dict[str, Any], column: str, words: str) -> None:
    found = problems(FOSTER, {**KERN, **changed})
    assert list(found) == [f"{column} 3"]
    assert words in found[f"{column} 3"]


def test_an_agreement_is_in_force_on_its_last_day() -> None:
    assert problems({**KERN, "term_end": World().today}) == {}


def test_dcss_signs_after_the_term_begins_where_it_runs_from_the_requestor_s_signature() -> None:
    late = {**KERN, "countersign-mou": date(2025, 7, 2)}
    assert problems(late, world=World(term_from_requestor=True)) == {}


def test_nobody_is_read_in_twice() -> None:
    twice = problems(KERN, {**KERN, "organization": "kern  iv–a", "office_id": "other-01"}, {**FOSTER, "office_id": "Kern-iva-01"})  # fmt: skip
    assert twice == {
        "organization 3": "This organization is in row 2 already, as “Kern IV-A”",
        "office_id 4": "This office ID is in row 2 already",
    }
    there = World(there={("Kern", "Kern IV-A"): "TPA-2026-0003 (active)"}, office_ids={"kern-iva-01": "TPA-2026-0004"})
    assert problems(KERN, world=there) == {
        "organization 2": "This organization is here already: TPA-2026-0003 (active)",
        "office_id 2": "The office ID KERN-IVA-01 is taken already. Choose another.",
    }


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Kern Child Abduction Unit", "kern child  abduction unit."),
        ("Kern Child Abduction Unit", "KERN CHILD ABDUCTION UNIT"),
        ("Kern District Attorney's Office", "Kern District Attorney’s Office"),
        ("Kern, D.A. (Main)", "Kern DA Main"),
        ("Kern IV-A", "Kern IV–A"),
        ("Kern IV-A", "Kern IV A"),
    ],
)
def test_a_name_that_differs_in_case_spaces_or_punctuation_is_the_same_organization(name: str, other: str) -> None:
    rows = [{**FOSTER, "lcsa": "Kern", "organization": one} for one in (name, other)]
    assert problems(*rows) == {"organization 3": f"This organization is in row 2 already, as “{name}”"}


def test_names_that_differ_in_a_word_or_in_the_lcsa_are_others() -> None:
    names = (("Kern", "Kern IV-A"), ("Kern", "Kern IV-E"), ("Kern", "Kern IV-A 2"), ("Alameda", "Kern IV-A"))
    assert problems(*({**FOSTER, "lcsa": lcsa, "organization": name} for lcsa, name in names)) == {}


@pytest.mark.process("2.5", "7.3")
@pytest.mark.parametrize(
    ("users", "cell", "words"),
    [
        ([{**ANA, "trained_on": date(2026, 12, 1)}], "trained_on 2", "still to come"),
        ([ANA, {**ANA, "user_id": "K2"}], "email 3", "This user is in row 2 already"),
        ([ANA, {**ANA, "email": "b@county.example"}], "user_id 3", "This user ID is in row 2 already"),
        ([{**ANA, "set_up_on": None}], "set_up_on 2", "has a user ID and the date"),
        ([{**ANA, "organization": "Kern IV-E"}], "organization 2", "is not in the first sheet"),
        ([{**ANA, "job_title": None}], "job_title 2", "cannot be blank"),
        ([{**ANA, "email": f"{one}@county.example", "user_id": f"K{one}"} for one in range(4)], "accounts_granted 2", "4 users are named"),
    ],
)  # fmt: skip
def test_users_are_checked_with_their_organization(users: list[dict[str, Any]], cell: str, words: str) -> None:
    found = problems(KERN, users=users)
    assert list(found) == [cell]
    assert words in found[cell]
    sheet = checked(workbook([KERN, FOSTER], users))
    stays = 2 if "first sheet" in words else 1  # a user of nobody leaves the organizations as they are
    assert len(sheet.holding) == stays


def test_an_account_needs_a_security_profile_that_is_known() -> None:
    of_foster = {**ANA, "lcsa": "Alameda", "organization": "Alameda Foster Services"}
    assert "security profile" in problems(FOSTER, users=[of_foster])["user_id 2"]
    assert problems({**FOSTER, "security_profile": "IV-E, read only"}, users=[of_foster]) == {}


def test_formulas_merged_cells_and_cells_without_a_heading_do_not_count() -> None:
    def change(book: Any) -> None:
        sheet = book["Organizations"]
        sheet["C2"] = "=1+2"
        sheet["Z3"] = "What is this?"
        sheet.merge_cells("A4:A5")

    found = problems(KERN, FOSTER, {**KERN, "organization": "Kern IV-E", "office_id": None}, {**KERN, "organization": "x"}, change=change)  # fmt: skip
    assert found["accounts_granted 2"].startswith("This cell holds a formula")
    assert found["Z 3"] == "There is no heading over this cell."
    assert found["lcsa 4"].startswith("A4:A5 are merged")
    assert "lcsa 5" in found


def test_wrong_headings_are_all_named() -> None:
    def change(book: Any) -> None:
        sheet = book["Organizations"]
        sheet["A1"], sheet["B1"] = "County", "Office ID"

    error = refused(workbook([KERN], change=change))
    words = {one.cell: one.message for one in error.problems}
    assert "“County” is no column of this sheet" in next(one.message for one in error.problems if one.cell == "A1")
    assert "there twice" in words["D1"]
    assert {one.message for one in error.problems if "missing" in one.message} == {
        "The column “LCSA” is missing in this row.",
        "The column “Organization” is missing in this row.",
    }


@pytest.mark.process("O8.2")
@pytest.mark.parametrize("where", ["A2", "C2", "A1", "other"])
def test_nothing_is_kept_of_a_sheet_with_what_looks_like_a_social_security_number(where: str) -> None:
    def change(book: Any) -> None:
        sheet = book.create_sheet("Notes") if where == "other" else book["Organizations"]
        sheet["B7" if where == "other" else where] = 123456789 if where == "C2" else "SSN 123-45-6789"

    error = refused(workbook([KERN], change=change))
    assert [one.cell for one in error.problems] == ["B7" if where == "other" else where]
    assert "6789" not in str(error) + error.problems[0].message


def test_what_is_no_workbook_inside_is_refused_in_words() -> None:
    assert "damaged" in str(refused(b"PK\x03\x04 and nothing else"))
    assert "nothing in this workbook" in str(refused(workbook([])))
    assert "no organization" in str(refused(workbook([dict.fromkeys(KERN)])))
