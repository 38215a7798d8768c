"""The map of the counties is made so that neighbours fit, and is as small as it may be."""

import json
from itertools import pairwise

from portal.county_map import SHAPES, SIZE
from portal.process.third_party_access.reference import COUNTIES
from tools.county_map import KEPT, albers, area_of, county_map, middle_of, path_of, simplified


def test_a_corner_that_cuts_off_little_goes_and_the_ends_stay() -> None:
    line = [(0.0, 0.0), (10.0, 0.1), (20.0, 0.0), (20.0, 30.0), (40.0, 30.0)]
    assert simplified(line, 5) == [(0.0, 0.0), (20.0, 0.0), (20.0, 30.0), (40.0, 30.0)]
    assert simplified(line, 0) == line
    assert len(simplified(line, 1e9)) == 3
    assert simplified(line[:2], 1e9) == line[:2]


def test_a_path_is_in_steps_of_whole_units() -> None:
    assert path_of([[(0.2, 0.0), (10.4, 0.0), (10.0, -5.0), (0.0, -5.0)]]) == "M0 0l10 0 0-5-10 0z"


def test_a_number_stands_inside() -> None:
    ring = [(0.0, 0.0), (90.0, 0.0), (90.0, 30.0), (30.0, 30.0), (30.0, 90.0), (0.0, 90.0)]
    x, y, room = middle_of(ring)
    assert 0 < x < 90
    assert 0 < y < 90
    assert x < 30 or y < 30
    assert 0 < room <= 16
    assert area_of(ring) == 90 * 30 + 30 * 60


def test_the_projection_keeps_areas_and_has_north_above() -> None:
    def degree(longitude: float, latitude: float) -> float:
        corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
        return area_of([albers(longitude + east, latitude + north) for east, north in corners])

    assert abs(degree(-123, 36) / degree(-116, 36) - 1) < 1e-9
    assert albers(-120, 40)[1] < albers(-120, 34)[1]
    assert albers(-121, 37)[0] < 0 < albers(-119, 37)[0]


def test_neighbours_share_their_border_to_the_unit() -> None:
    atlas = {
        "transform": {"scale": [0.001, 0.001], "translate": [-120.5, 36.0]},
        "arcs": [
            [[500, 0], [7, 500], [-7, 500]],  # the border between them, from south to north
            [[500, 1000], [-500, 0], [0, -1000], [500, 0]],
            [[500, 0], [500, 0], [0, 1000], [-500, 0]],
        ],
        "objects": {
            "counties": {
                "geometries": [
                    {"type": "Polygon", "id": "06001", "properties": {"name": "West"}, "arcs": [[0, 1]]},
                    {"type": "MultiPolygon", "id": "06003", "properties": {"name": "East"}, "arcs": [[[2, -1]]]},
                    {"type": "Polygon", "id": "32001", "properties": {"name": "Elsewhere"}, "arcs": [[0, 1]]},
                ]
            }
        },
    }
    made = county_map(atlas)
    assert [one["name"] for one in made["counties"]] == ["East", "West"]
    east, west = (corners(one["path"]) for one in made["counties"])
    border = {frozenset(side) for side in pairwise(east)} & {frozenset(side) for side in pairwise(west)}
    assert border


def corners(path: str) -> list[tuple[int, int]]:
    """The points of a path of one ring, the first again at its end."""
    start, _, steps = path.strip("Mz").partition("l")
    x, y = map(int, start.replace("-", " -").split())
    found = [(x, y)]
    numbers = list(map(int, steps.replace("-", " -").split()))
    for step_x, step_y in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = x + step_x, y + step_y
        found.append((x, y))
    return [*found, found[0]]


def test_the_kept_map_has_every_county_and_is_small() -> None:
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    assert [one["name"] for one in kept["counties"]] == [county.name for county in COUNTIES]
    assert KEPT.stat().st_size < 20_000
    for shape in SHAPES:
        for x, y in [shape.number_at] if shape.number_at else []:
            assert 0 < x < SIZE[0]
            assert 0 < y < SIZE[1]
