"""`kill -9` at random moments while people take steps: what they were told stays true."""

import random

from tests.faults.kills import a_round
from tests.faults.nursery import Nursery
from tests.faults.places import Place

KILLS = 15


def test_servers_killed_at_random_moments_lose_no_step_that_somebody_was_told_is_taken(
    nursery: Nursery, place: Place
) -> None:
    figures = a_round(nursery, place, KILLS, random.Random(3))
    assert figures.kills == KILLS
    assert figures.steps > KILLS
    assert figures.cut_off > 0, "no kill came in mid-step"
