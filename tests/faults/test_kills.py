"""`kill -9` at random moments while people take steps, of the portal's servers and of PostgreSQL: what they were told
stays true.
"""

import random
import time
from collections.abc import Sequence

import pytest

from tests.faults.kills import Harm, a_round, kill_some, verify_as_a_command
from tests.faults.nursery import Nursery, WebServer
from tests.faults.places import Place
from tests.soak import Trials, long_or_short
from tools.postgres import Server

KILLS = 15
KILLS_IN_FULL = 1000
RESTARTS = 4
RESTARTS_IN_FULL = 60
IN_A_ROUND = 50
"""More than so many begin in a new place, so that looking at everything after each stays quick."""


def rounds(config: pytest.Config, long: int, short: int) -> list[int]:
    """How many faults each round has."""
    whole = long_or_short(config, long, short)
    return [min(IN_A_ROUND, whole - done) for done in range(0, whole, IN_A_ROUND)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each round."""
    for name, long, short in (("kills", KILLS_IN_FULL, KILLS), ("restarts", RESTARTS_IN_FULL, RESTARTS)):
        if name in metafunc.fixturenames:
            each = list(enumerate(rounds(metafunc.config, long, short)))
            metafunc.parametrize(name, each, ids=[f"round {number}" for number, _ in each])


def lose_nothing(
    nursery: Nursery,
    place: Place,
    faults: int,
    seed: int,
    trials: Trials,
    name: str,
    harm: Harm = kill_some,
    goes_on: bool = False,
) -> None:
    """Runs a round, notes what it came to, and holds that nothing is lost."""
    figures, wrong = a_round(nursery, place, faults, random.Random(seed), harm, goes_on=goes_on)
    trials.note(name, place.kind, figures)
    assert (figures.lost, figures.findings) == (0, 0), figures
    assert not wrong, wrong
    assert figures.acknowledged >= faults
    verify_as_a_command(place)


def test_servers_killed_at_random_moments_lose_no_step_that_somebody_was_told_is_taken(
    nursery: Nursery, place: Place, kills: tuple[int, int], trials: Trials
) -> None:
    number, faults = kills
    lose_nothing(nursery, place, faults, number, trials, "Servers killed (kill -9) while clerks work")
    cut_off = sum(figures.cut_off for (name, _), figures in trials.found.items() if name.startswith("Servers killed"))
    assert cut_off > 0, "no kill came in mid-step"


def test_postgresql_stopped_killed_and_started_again_while_people_work_loses_nothing_and_the_portal_goes_on(
    nursery: Nursery, own_server: Server, own_database: Place, restarts: tuple[int, int], trials: Trials
) -> None:
    number, faults = restarts
    ways = [own_server.stop, lambda: own_server.stop(at_once=True), own_server.kill]

    def restart(_: Sequence[WebServer], chance: random.Random) -> bool:
        ways.append(ways.pop(0))
        ways[0]()
        time.sleep(chance.random() * 0.4)
        own_server.start()
        return False

    name = "PostgreSQL stopped, stopped at once, killed; started again"
    lose_nothing(nursery, own_database, faults, number, trials, name, restart, goes_on=True)
    assert trials.found[name, "PostgreSQL"].refused > 0, "nobody was told that the store is away"
