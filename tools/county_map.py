"""Makes the map of California's counties that the portal draws: `python -m tools.county_map counties-10m.json`.

Reads the counties of the United States as the npm package us-atlas has them (TopoJSON, made of the Census Bureau's
boundary files for maps), and writes portal/counties.json: for each county of California its name, an SVG path, and
where a number has room. Borders are shared in TopoJSON, and each is simplified once: neighbours fit as before.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import pairwise
from math import cos, hypot, radians, sin, sqrt
from pathlib import Path
from typing import Any

CALIFORNIA = "06"
"""The state's number in the Census Bureau's (FIPS): counties' numbers begin with it."""

KEPT = Path(__file__).parent.parent / "portal" / "counties.json"

WIDTH = 1000
"""Of the map, in the units of its paths; its height follows."""

TOO_SMALL = 5.0
"""Square units. A corner that cuts off less is left out, and so is an island with less than a few times that."""

ISLAND = 40.0

Point = tuple[float, float]
Line = list[Point]


def albers(longitude: float, latitude: float) -> Point:
    """California's own equal-area projection (Albers, by 34 and 40.5 degrees north, as its agencies use it), on a
    sphere of radius 1; y grows downwards.
    """
    first, second = radians(34), radians(40.5)
    n = (sin(first) + sin(second)) / 2
    c = cos(first) ** 2 + 2 * n * sin(first)
    rho = sqrt(c - 2 * n * sin(radians(latitude))) / n
    turned = n * radians(longitude + 120)
    return rho * sin(turned), rho * cos(turned)


def arcs_of(atlas: dict[str, Any]) -> list[Line]:
    """Every border line, as longitude and latitude: in the file each point is the step from the one before."""
    scale, move = atlas["transform"]["scale"], atlas["transform"]["translate"]
    lines = []
    for arc in atlas["arcs"]:
        x = y = 0
        line = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            line.append((x * scale[0] + move[0], y * scale[1] + move[1]))
        lines.append(line)
    return lines


def triangle(a: Point, b: Point, c: Point) -> float:
    """The area between three points."""
    return abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2


def simplified(line: Line, too_small: float) -> Line:
    """The line without the corners that cut off less than this (Visvalingam's way); its ends stay."""
    before, after = [i - 1 for i in range(len(line))], [i + 1 for i in range(len(line))]
    gone: set[int] = set()
    areas = {i: triangle(*line[i - 1 : i + 2]) for i in range(1, len(line) - 1)}
    heap = [(area, i) for i, area in areas.items()]
    heapify(heap)
    while heap:
        area, i = heappop(heap)
        if i in gone or area != areas[i]:
            continue
        if area >= too_small or len(line) - len(gone) <= 3:
            break
        gone.add(i)
        before[after[i]], after[before[i]] = before[i], after[i]
        for j in (before[i], after[i]):
            if 0 < j < len(line) - 1:
                # never smaller than what went before it: a long bend goes as a whole
                areas[j] = max(area, triangle(line[before[j]], line[j], line[after[j]]))
                heappush(heap, (areas[j], j))
    return [point for i, point in enumerate(line) if i not in gone]


def area_of(ring: Sequence[Point]) -> float:
    """What the ring encloses."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*ring, ring[0]]))) / 2


def _distance(point: Point, a: Point, b: Point) -> float:
    """From the point to the line between two others."""
    (x, y), (ax, ay), (bx, by) = point, a, b
    length = (bx - ax) ** 2 + (by - ay) ** 2
    along = 0.0 if not length else max(0.0, min(1.0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length))
    return hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay))


def _is_inside(point: Point, ring: Sequence[Point]) -> bool:
    x, y = point
    inside = False
    for (ax, ay), (bx, by) in pairwise([*ring, ring[0]]):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside


def middle_of(ring: Sequence[Point]) -> tuple[float, float, float]:
    """The point inside that is far from the border and near the middle, and how far from the border: there a number has
    room.
    """
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    middle = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    best, best_score = (xs[0], ys[0], 0.0), -1e9
    for column in range(1, 60):
        for row in range(1, 60):
            point = min(xs) + (max(xs) - min(xs)) * column / 60, min(ys) + (max(ys) - min(ys)) * row / 60
            if _is_inside(point, ring):
                room = min(_distance(point, a, b) for a, b in pairwise([*ring, ring[0]]))
                score = room - hypot(point[0] - middle[0], point[1] - middle[1]) / 4
                if score > best_score:
                    best, best_score = (*point, room), score
    return best


def path_of(rings: Sequence[Sequence[Point]]) -> str:
    """An SVG path in whole units, each point as the step from the one before."""
    words = []
    for ring in rings:
        at = (round(ring[0][0]), round(ring[0][1]))
        steps = []
        start = at
        for point in ring[1:]:
            to = (round(point[0]), round(point[1]))
            if to not in (at, start):
                steps.append(f"{to[0] - at[0]} {to[1] - at[1]}")
                at = to
        words.append(f"M{start[0]} {start[1]}l{' '.join(steps)}z".replace(" -", "-"))
    return "".join(words)


@dataclass(frozen=True, slots=True)
class County:
    """A county's name and its rings, in the order of the file."""

    name: str
    rings: list[list[int]]


def counties_of(atlas: dict[str, Any]) -> Iterator[County]:
    """California's counties by name, each ring as the numbers of its arcs."""
    found = [one for one in atlas["objects"]["counties"]["geometries"] if str(one["id"]).startswith(CALIFORNIA)]
    for one in sorted(found, key=lambda one: str(one["properties"]["name"])):
        polygons = one["arcs"] if one["type"] == "MultiPolygon" else [one["arcs"]]
        yield County(one["properties"]["name"], [ring for polygon in polygons for ring in polygon])


def ring_of(arcs: dict[int, Line], numbers: list[int]) -> Line:
    """The ring's points, the last of them not the first again. A number below zero is an arc that is gone backwards."""
    points: Line = []
    for number in numbers:
        line = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += line[:-1]
    return points


def county_map(atlas: dict[str, Any]) -> dict[str, Any]:
    """The map as it is kept."""
    counties = list(counties_of(atlas))
    used = {number if number >= 0 else ~number for one in counties for ring in one.rings for number in ring}
    lines = arcs_of(atlas)
    projected = {number: [albers(*point) for point in lines[number]] for number in used}
    xs = [x for line in projected.values() for x, _ in line]
    ys = [y for line in projected.values() for _, y in line]
    scale = (WIDTH - 8) / (max(xs) - min(xs))
    arcs = {
        number: simplified([((x - min(xs)) * scale + 4, (y - min(ys)) * scale + 4) for x, y in line], TOO_SMALL)
        for number, line in projected.items()
    }
    kept = []
    for one in counties:
        rings = sorted((ring_of(arcs, ring) for ring in one.rings), key=area_of, reverse=True)
        rings = [ring for place, ring in enumerate(rings) if place == 0 or area_of(ring) >= ISLAND]
        x, y, room = middle_of(rings[0])
        kept.append({"name": one.name, "path": path_of(rings), "x": round(x), "y": round(y), "room": round(room)})
    return {"width": WIDTH, "height": round((max(ys) - min(ys)) * scale + 8), "counties": kept}


if __name__ == "__main__":
    made = county_map(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    lines = ",\n".join(f"  {json.dumps(one, separators=(',', ':'))}" for one in made["counties"])
    KEPT.write_text(
        f'{{"width":{made["width"]},"height":{made["height"]},"counties":[\n{lines}\n]}}\n', encoding="utf-8"
    )
    print(f"{KEPT.name}: {len(made['counties'])} counties, {KEPT.stat().st_size / 1000:.0f} KB")
