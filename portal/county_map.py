"""The map of California by LCSA: shapes of its counties, to be drawn as SVG by `macros/county_map.html`.

The shapes are the Census Bureau's, made ready by `tools/county_map.py`. What a page says of each LCSA, it brings.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from portal.process.third_party_access.reference import COUNTIES, LCSAS

_FILE = json.loads((Path(__file__).parent / "counties.json").read_text(encoding="utf-8"))

SIZE: tuple[int, int] = (_FILE["width"], _FILE["height"])
"""Width and height of the map, in the units of its paths."""

ROOM = 17
"""So many units from the border lies the middle of an area that has room for a number."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The area of an LCSA: a path for each of its counties, and where a number has room (None: nowhere)."""

    lcsa: str
    paths: tuple[str, ...]
    number_at: tuple[int, int] | None


class Area(NamedTuple):
    """An LCSA as one map draws it: what it `says` (`Kern: 12 of 20 accounts granted`), the `number` that stands in it,
    how dark it is (`shade`, from 0), and the address that it leads to. `chosen`: it is the one that the page is about.
    """

    shape: Shape
    says: str
    number: str
    shade: int
    url: str
    chosen: bool = False


def _shapes() -> Iterator[Shape]:
    drawn = {one["name"]: one for one in _FILE["counties"]}
    for lcsa in LCSAS:
        own = [drawn[county.name] for county in COUNTIES if county.lcsa == lcsa]
        roomiest = max(own, key=lambda one: int(one["room"]))
        number_at = (roomiest["x"], roomiest["y"]) if roomiest["room"] >= ROOM else None
        yield Shape(lcsa, tuple(one["path"] for one in own), number_at)


SHAPES: tuple[Shape, ...] = tuple(_shapes())
"""Every LCSA's area, by name."""


def areas(about: Callable[[str], tuple[str, str, int, str]], chosen: str = "") -> Sequence[Area]:
    """Every LCSA as `about` gives it: what it says, its number, its shade and its address."""
    return [Area(shape, *about(shape.lcsa), chosen=shape.lcsa == chosen) for shape in SHAPES]


def name_of(lcsa: str) -> str:
    """The LCSA's name, with its counties where it does not bear one's name: `Sierra Nevada (Nevada, Sierra)`."""
    counties = [county.name for county in COUNTIES if county.lcsa == lcsa]
    return lcsa if counties == [lcsa] else f"{lcsa} ({', '.join(counties)})"
