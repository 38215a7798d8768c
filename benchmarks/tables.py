"""How figures are printed: tables of Markdown, which are read as they are."""

from collections.abc import Sequence


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The table, its columns aligned."""
    widths = [max(len(row[place]) for row in [headings, *rows]) for place in range(len(headings))]
    lines = [_line(headings, widths), "| " + " | ".join("-" * width for width in widths) + " |"]
    return "\n".join([*lines, *(_line(row, widths) for row in rows)])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"


def ms(value: float) -> str:
    """Milliseconds."""
    return f"{value:.2f} ms" if value < 10 else f"{value:.1f} ms"


def times(value: float) -> str:
    """A ratio."""
    return f"{value:.2f} ×"


def held(value: float, aim: float) -> str:
    """Whether the aim is met."""
    return "met" if value <= aim else f"missed by {(value / aim - 1) * 100:.0f} %"
