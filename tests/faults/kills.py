"""Harm done at random moments while clerks take steps, servers killed for one, and what must be true after each."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from portal import verify
from portal.parts import Portal
from portal.verify import Finding
from tests.faults.clerks import Clerk, Office
from tests.faults.nursery import ROOT, Nursery, WebServer
from tests.faults.places import Place
from tests.faults.wholeness import Ledger, lost_in, nothing_is_half_taken
from tests.soak import Figures

MOST_STEPS = 4
"""After how many steps, at most, harm is done."""

LONGEST_WAIT = 0.08
"""Seconds, at most, from the sending of a step to the harm: longer than most take."""


Harm = Callable[[Sequence[WebServer], random.Random], bool]
"""Does some harm to these servers, or to what is beneath them; whether nobody can write now."""


def kill_some(fleet: Sequence[WebServer], chance: random.Random) -> bool:
    """Kills some of them, or all."""
    killed = chance.sample(fleet, chance.randint(1, len(fleet)))
    for server in killed:
        server.kill()
    return len(killed) == len(fleet)


def a_round(
    nursery: Nursery,
    place: Place,
    faults: int,
    chance: random.Random,
    harm: Harm = kill_some,
    clerks: int = 4,
    servers: int = 2,
    goes_on: bool = False,
) -> tuple[Figures, list[BaseException]]:
    """Does harm so many times while clerks work, and counts each time what was acknowledged and is not there.

    With `goes_on` somebody must be told that a step is taken before the next harm is done: the portal has come back.
    Also returned is what made clerks give up: an answer that no fault explains. Raises AssertionError for a step that
    was taken by halves.
    """
    fleet = [nursery.server(place).start() for _ in range(servers)]
    office = Office([server.port for server in fleet]).open()
    staff = [Clerk(office, number) for number in range(clerks)]
    watching = place.portal()
    check = _Check(place, watching)
    try:
        for clerk in staff:
            clerk.start()
        done = 0
        while done < faults and not office.wrong:
            assert not goes_on or office.ledger.wait_for_taken(1, timeout=60) or office.wrong
            assert office.ledger.wait_for_tries(chance.randint(1, MOST_STEPS), timeout=60) or office.wrong
            time.sleep(chance.random() * LONGEST_WAIT)
            nobody_writes = harm(fleet, chance)
            done += 1
            # What is asked for was told before it is looked for.
            check.look(office.ledger.so_far(), nobody_writes)
            killed = [server for server in fleet if not server.pid]
            for server in killed:
                server.begin()
            for server in killed:
                server.wait()
    finally:
        office.stopping.set()
        for clerk in staff:
            clerk.join(60)
        for server in fleet:
            server.stop()
    documents = check.look(office.ledger, nobody_writes=True)
    watching.store.close()
    figures = Figures(
        faults=done,
        acknowledged=len(office.ledger.taken),
        cut_off=len(office.ledger.cut_off),
        refused=len(office.ledger.refused),
        lost=len(check.lost),
        documents=documents,
        findings=len(check.findings),
    )
    return figures, office.wrong


@dataclass
class _Check:
    """Looks at a place, through a portal that has it open all along and through one that opens it anew."""

    place: Place
    watching: Portal
    lost: dict[str, tuple[str, str]] = field(default_factory=dict)
    findings: set[Finding] = field(default_factory=set)

    def look(self, told: Ledger, nobody_writes: bool) -> int:
        """Notes what was told and is not there, and what `flask verify` finds; returns how many documents there are."""
        anew = self.place.reopened(self.watching)
        try:
            for portal in (self.watching, anew):
                self.lost |= lost_in(portal.store, told)
                if nobody_writes and not self.lost:
                    nothing_is_half_taken(portal)
            report = verify.run(anew)
        finally:
            anew.store.close()
        self.findings |= set(report.findings)
        return report.documents


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
