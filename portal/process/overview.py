"""What a document says at a glance, as tables that are worked out from it: users with their dates, gaps, findings.

A process declares them; pages, forms and the evidence package draw the same ones. Concerns are what stands out on a
document, in a sentence each, for the head of its page.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from portal.process.document import Json


@dataclass(frozen=True, slots=True)
class Marked:
    """Words that stand out: something is not as it should be."""

    words: str

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that an answer names: its name as it was sent, and its SHA-256."""

    name: str
    sha256: str

    def __str__(self) -> str:
        return self.name


Cell = str | int | date | Marked | Attached | None
"""What stands in a cell: text, a number, a day (California's), what stands out, a file, or nothing."""


@dataclass(frozen=True, slots=True)
class Particulars:
    """All that is on record of what one row is about: its `key` and `name`, what it is in a few words (`title`), each
    part by its label.
    """

    key: str
    name: str
    title: str
    pairs: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of how a document stands, for the head of its page, and the overview that says more."""

    label: str
    cell: Cell
    overview: str = ""


Rows = Callable[[Json, date], Iterable[tuple[Cell, ...]]]
Sentences = Callable[[Json, date], Iterable[str | Marked]]


@dataclass(frozen=True, slots=True)
class Overview:
    """One table: its rows on a date, each with a cell under each heading, and the sentences that sum it up.

    `rows` and `summary` are given the document as the reader may read it. `on_page` has it stand on the document's page
    once it has rows. `empty` says what it means that it has none. `particulars` are those of each row, in the order of
    the rows; without pairs where the reader may read none.
    """

    key: str
    title: str
    headings: tuple[str, ...]
    rows: Rows
    empty: str
    summary: Sentences = lambda document, today: ()
    on_page: bool = False
    particulars: Callable[[Json, date], Iterable[Particulars]] = lambda document, today: ()

    def shown(self, rows: Sequence[tuple[Cell, ...]]) -> list[bool]:
        """Of each heading, whether any of these rows has something under it."""
        return [any(row[place] not in (None, "") for row in rows) for place in range(len(self.headings))]


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that whoever opens the document should know first, and the overview that says more."""

    words: str
    overview: str
    pressing: bool = False
