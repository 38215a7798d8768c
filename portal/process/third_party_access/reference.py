"""The reference data of the process as printed: UAAG [1.6], LCSAs [1.6, App. D], goals [4], legal authorities [2.2]; and which
county has which LCSA.

The tables are the files in `reference/`, word for word as in the source, read once. What staff change later (a raised
reserve [9], conversion dates) is kept by the portal and laid over these; the print stays.

Standard library only.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

FOLDER = files(__package__) / "reference"

PRINTED_AS = {
    "iv-a": ("IV-A",),
    "iv-e": ("IV-E",),
    "district-attorney": ("DA", "District Attorney for PC270 cases"),
    "child-abduction": ("Child Abduction",),
}
"""How the UAAG prints each `organization_type`; "other" has no name of its own there."""

TYPES = (*PRINTED_AS, "other")


@dataclass(frozen=True, slots=True)
class UaagRow:
    """One row of the user account allocation guide: a number of accounts, by LCSA and user organisation [1.6].

    `user_organization` is empty where the guide reserves for whatever third party the county may have, and
    `pre_conversion_users` is then None: nothing is printed there. A row that is not printed at all is for organizations
    of the type `added_for`.
    """

    lcsa: str
    user_organization: str
    pre_conversion_users: int | None
    reserved: int
    added_for: str = ""

    @property
    def key(self) -> str:
        """The row's name in a document's `holdings`: `uaag/Kern/`, `uaag/Los Angeles/IV-A`, `uaag/Alameda/none/iv-e`."""
        return f"uaag/{self.lcsa}/{f'none/{self.added_for}' if self.added_for else self.user_organization}"


@dataclass(frozen=True, slots=True)
class Lcsa:
    """A local child support agency, in which of the two tables it is printed, and what is odd about that."""

    name: str
    in_uaag: bool
    in_appendix_d: bool
    note: str


@dataclass(frozen=True, slots=True)
class County:
    """A county, and the LCSA that is there for it: of its own name where the tables print one, else the region's."""

    name: str
    lcsa: str


@dataclass(frozen=True, slots=True)
class DcssGoal:
    """One row of the timeline: what sets DCSS to work, at what, and in which time it means to be done [4]."""

    trigger: str
    action: str
    goal: str
    comment: str

    @property
    def working_days(self) -> int:
        """The goal's number of working days; of a range, the upper end."""
        return max(self._numbers())

    @property
    def at_least(self) -> int | None:
        """The lower end, in working days, where the goal is a range."""
        return min(self._numbers()) if len(self._numbers()) > 1 else None

    def _numbers(self) -> list[int]:
        return [int(number) for number in re.findall(r"[0-9]+", self.goal)]


@dataclass(frozen=True, slots=True)
class Authority:
    """A law that allows disclosure, by the value that `legal-opinion` records under `authorities` [2.2]."""

    key: str
    citation: str


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


UAAG: tuple[UaagRow, ...] = tuple(
    UaagRow(
        row["lcsa"],
        row["user_organization"],
        int(row["pre_conversion_users"]) if row["pre_conversion_users"] else None,
        int(row["reserved"]),
    )
    for row in _rows("uaag.csv")
)
"""The guide's 59 rows in the printed order. A row printed without a county belongs to the county above it."""

LCSA_TABLE: tuple[Lcsa, ...] = tuple(
    Lcsa(row["lcsa"], row["in_uaag"] == "yes", row["in_appendix_d"] == "yes", row["note"]) for row in _rows("lcsas.csv")
)
"""Every LCSA that either table prints, once, by name."""

LCSAS: tuple[str, ...] = tuple(lcsa.name for lcsa in LCSA_TABLE)
"""The names alone, in order."""

COUNTIES: tuple[County, ...] = tuple(County(row["county"], row["lcsa"]) for row in _rows("counties.csv"))
"""California's 58 counties, by name. Every LCSA has one, a region's two: Nevada and Sierra, Santa Cruz and San Benito."""

DCSS_GOALS: tuple[DcssGoal, ...] = tuple(DcssGoal(**row) for row in _rows("goals.csv"))
"""The timeline's five rows: invitation, legal opinion, decision, countersigned MOU, access."""

AUTHORITIES: tuple[Authority, ...] = tuple(Authority(**row) for row in _rows("authorities.csv"))
"""The laws that the process names, and "other" at the end."""


def row_drawn_on(lcsa: str, organization_type: str) -> UaagRow:
    """The row that a requestor of this type draws on, or where the guide prints none the one that can be added for it."""
    name = next(iter(PRINTED_AS.get(organization_type, ())), "")
    return uaag_row(lcsa, organization_type) or UaagRow(lcsa, name, None, 0, added_for=organization_type)


def uaag_row(lcsa: str, organization_type: str) -> UaagRow | None:
    """The row that a requestor of this type draws on: its own, else the county's small reserve for others, else None.

    "DCSS [...] reserved a small number of user accounts for other third party users in each county" [1.6]: the row
    without a user organisation. None where the guide prints neither: nothing is reserved, all needs a justification.
    """
    printed = {row.user_organization: row for row in UAAG if row.lcsa == lcsa}
    for name in (*PRINTED_AS.get(organization_type, ()), ""):
        if name in printed:
            return printed[name]
    return None


UAAG_NOT_PRINTED: tuple[UaagRow, ...] = tuple(
    row for lcsa in LCSAS for kind in TYPES if (row := row_drawn_on(lcsa, kind)).added_for
)
"""The rows that can be added to the guide: for each LCSA the types of organizations for which it prints none."""
