"""Each call of a step that writes, syncs or renames fails in turn: the person gets 503 with every answer on the page, the
store is as before to the byte, and the same step then succeeds.
"""

import errno
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import pytest

from tests.faults.places import Place
from tests.faults.steps_that_fail import SentStep, fails_in_turn
from tests.faults.system_calls import SHORT, FailingDisk


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


def fails(sent: SentStep, way: Way) -> set[str]:
    """What failed in turn."""
    outcome = fails_in_turn(sent, lambda nth: FailingDisk(sent.place.data, nth, way.error, way.on))
    assert outcome.refused > 0 or way == SHORT_WRITES, "nothing that the step needs has failed"
    return set(outcome.failed)


@pytest.mark.parametrize(
    ("step", "way"),
    [*product(STEPS, (BROKEN, FULL_ONCE, FULL, SHORT_WRITES))],
    ids=lambda value: value.name if isinstance(value, Way) else value,
)
def test_a_disk_that_fails_at_any_call_of_a_step_leaves_all_as_before_and_the_answers_on_the_page(
    send: Callable[[Place, str], SentStep], folder: Place, step: str, way: Way
) -> None:
    failed = fails(send(folder, step), way)
    assert failed >= {"write documents", "write access-log", "write changes"}
    if way in (BROKEN, FULL_ONCE):
        assert failed >= {"fsync documents", "rename documents", "fsync access-log", "open .lock"}
        assert ("fsync files" in failed) == (step == "sign-mou")
