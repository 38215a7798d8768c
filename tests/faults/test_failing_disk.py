"""Each call of a step that writes, syncs or renames fails in turn: the person gets 503 with every answer on the page, the
store is as before to the byte, and the same step then succeeds.
"""

import errno
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.faults.places import Place
from tests.faults.steps_that_fail import SentStep, fails_in_turn
from tests.faults.system_calls import SHORT, FailingDisk
from tests.journey import WAY
from tests.soak import Trials


@dataclass(frozen=True, slots=True)
class Way:
    """How a disk fails: once with this error, or from then on."""

    name: str
    error: int
    on: bool = False


BROKEN, FULL_ONCE, FULL = (
    Way("EIO", errno.EIO),
    Way("ENOSPC", errno.ENOSPC),
    Way("ENOSPC from then on", errno.ENOSPC, on=True),
)
SHORT_WRITES = Way("short write", SHORT)
STEPS = ("identify-requestor", "complete-application", "sign-mou")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every step in full runs. Those that send letters draw them anew at each try, which takes its time: they fail in two
    ways.
    """
    steps = WAY if metafunc.config.getoption("soak") else STEPS
    ways = (BROKEN, FULL_ONCE, FULL, SHORT_WRITES)
    every = [(step, way) for step in steps for way in (ways[:3:2] if step.startswith("send-") else ways)]
    metafunc.parametrize(("step", "way"), every, ids=[f"{step}-{way.name}" for step, way in every])


def test_a_disk_that_fails_at_any_call_of_a_step_leaves_all_as_before_and_the_answers_on_the_page(
    send: Callable[[Place, str], SentStep], folder: Place, step: str, way: Way, trials: Trials
) -> None:
    sent = send(folder, step)
    outcome = fails_in_turn(sent, lambda nth: FailingDisk(folder.data, nth, way.error, way.on))
    trials.note("Each write, sync and rename of a step failing in turn", folder.kind, outcome.figures)
    failed = set(outcome.failed)
    assert failed >= {"write documents", "write access-log", "write changes"}
    if way != SHORT_WRITES:  # a second write takes the rest, where a file is written; a line is refused
        assert outcome.refused > 0, "nothing that the step needs has failed"
    if way in (BROKEN, FULL_ONCE):
        assert failed >= {"fsync documents", "rename documents", "fsync access-log", "open .lock"}
        keeps_files = bool(sent.house.process.step(step).letters) or sent.paper
        assert ("rename files" in failed) == keeps_files
