"""Reading in the spreadsheet of organizations that have access today, as agreements in force.

`columns` says what a sheet may hold; `reading` opens it; `checking` finds what does not hold, cell by cell; `making`
makes documents of the rows that do, in pieces that survive a kill; `giving_back` writes the rows that were left as a
sheet again. What is kept is what was read, never the file itself.

May import the core, the store's port, organizations, papers, sheets and tables; knows no
pages.
"""

from portal.importing.giving_back import left_file, sample_file
from portal.importing.making import (
    MayNotImport,
    NoSuchImport,
    NotBegun,
    begin,
    find,
    go_on,
    plan_of,
    problems_in,
    receive,
    recent,
)
from portal.importing.problems import CellProblem, SheetRefused

__all__ = [
    "CellProblem",
    "MayNotImport",
    "NoSuchImport",
    "NotBegun",
    "SheetRefused",
    "begin",
    "find",
    "go_on",
    "left_file",
    "plan_of",
    "problems_in",
    "receive",
    "recent",
    "sample_file",
]
