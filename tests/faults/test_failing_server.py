"""PostgreSQL's own writes and syncs fail beneath a step: it refuses the statement or ends and recovers, the person gets
503 with every answer on the page, and the step is there whole or not at all.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.failing_server import SYNCS, WRITES, FailingServer
from tests.faults.places import Place
from tests.faults.steps_that_fail import SentStep, fails_in_turn
from tests.journey import WAY
from tests.soak import Trials

STEPS = ("sign-mou",)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every third step in full runs: after most failures PostgreSQL has to recover."""
    metafunc.parametrize("step", WAY[::3] if metafunc.config.getoption("soak") else STEPS)


@pytest.mark.parametrize(("calls", "error"), [(WRITES, "ENOSPC"), (SYNCS, "EIO")], ids=["ENOSPC", "EIO"])
def test_a_server_whose_disk_is_full_or_broken_keeps_a_step_whole_or_not_at_all_and_goes_on(
    send: Callable[[Place, str], SentStep],
    own_database: Place,
    tmp_path: Path,
    step: str,
    calls: str,
    error: str,
    trials: Trials,
) -> None:
    sent = send(own_database, step)
    stores = sent.house.portal.store, sent.beside.store
    outcome = fails_in_turn(
        sent,
        lambda nth: FailingServer(own_database.url, nth, calls, error, tmp_path, stores),
        may_be_kept=calls == SYNCS,
    )
    trials.note("PostgreSQL's own writes and syncs failing in turn", own_database.kind, outcome.figures)
    assert outcome.failed.keys() <= set(calls.split(","))
    assert outcome.refused > 0
