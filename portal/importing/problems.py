"""What is wrong with a sheet: with which cell, in words for whoever sent it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with one cell, and what to do about it. `sheet` is the sheet's name, `cell` its address: `D12`."""

    sheet: str
    cell: str
    message: str


class SheetRefused(ValueError):
    """Nothing can be read in from this file; `problems` says why, by cell where it is about one."""

    def __init__(self, message: str, problems: Sequence[CellProblem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)
