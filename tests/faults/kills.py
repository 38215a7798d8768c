"""Servers killed at random moments while clerks take steps, and what must be true after each kill."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.clerks import Clerk, Office
from tests.faults.nursery import ROOT, Nursery
from tests.faults.places import Place
from tests.faults.wholeness import Ledger, nothing_is_half_taken, nothing_is_lost, verify_is_content

MOST_STEPS = 4
"""After how many steps, at most, somebody is killed."""

LONGEST_WAIT = 0.08
"""Seconds, at most, from the sending of a step to the kill: longer than most take."""


@dataclass(slots=True)
class Figures:
    """What a run of kills came to."""

    kills: int = 0
    steps: int = 0
    cut_off: int = 0
    cut_off_and_taken: int = 0
    refused: int = 0
    documents: int = 0
    files: int = 0
    lost: int = 0

    def add(self, other: "Figures") -> None:
        """Together with those of another run."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def a_round(
    nursery: Nursery,
    place: Place,
    kills: int,
    chance: random.Random,
    clerks: int = 4,
    servers: int = 2,
    also: Callable[[int], bool] = lambda _: False,
) -> Figures:
    """Kills the servers of a place so many times; after each kill, everything that was acknowledged is there.

    `also` is asked at each kill, by its number, and may do another harm in its place: then it returns True.
    """
    fleet = [nursery.server(place).start() for _ in range(servers)]
    office = Office([server.port for server in fleet]).open()
    staff = [Clerk(office, number) for number in range(clerks)]
    watching = place.portal()
    try:
        for clerk in staff:
            clerk.start()
        for number in range(kills):
            assert office.ledger.wait_for_tries(chance.randint(1, MOST_STEPS), timeout=60) or office.wrong
            time.sleep(chance.random() * LONGEST_WAIT)
            told, all_dead = office.ledger.so_far, False
            if not also(number):
                killed = chance.sample(fleet, chance.randint(1, servers))
                for server in killed:
                    server.kill()
                all_dead = len(killed) == servers
            # What is asked for below was told before it is looked for.
            before = told()
            _is_whole(place, watching, before, nobody_writes=all_dead)
            for server in fleet:
                if not server.pid:
                    server.start()
            assert not office.wrong, office.wrong
    finally:
        office.stopping.set()
        for clerk in staff:
            clerk.join(60)
        for server in fleet:
            server.stop()
    assert not office.wrong, office.wrong
    _is_whole(place, watching, office.ledger, nobody_writes=True)
    report = verify_is_content(watching)
    watching.store.close()
    verify_as_a_command(place)
    return Figures(
        kills=kills,
        steps=len(office.ledger.taken),
        cut_off=len(office.ledger.cut_off),
        cut_off_and_taken=sum(clerk.was_there for clerk in staff),
        refused=len(office.ledger.refused),
        documents=report.documents,
        files=report.files,
    )


def _is_whole(place: Place, watching, told: Ledger, nobody_writes: bool) -> None:
    anew = place.portal()
    try:
        for portal in (watching, anew):
            assert portal.store.damaged() == []
            nothing_is_lost(portal.store, told)
            if nobody_writes:
                nothing_is_half_taken(portal)
        verify_is_content(anew)
    finally:
        anew.store.close()


def verify_as_a_command(place: Place) -> str:
    """`flask verify` in a process of its own, which must find everything whole."""
    finished = flask(place, "verify")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def flask(place: Place, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """One of the portal's commands, run to its end."""
    return subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        cwd=ROOT,
        env={**os.environ, **place.environment},
        capture_output=True,
        text=True,
    )
