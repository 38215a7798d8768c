"""Each write of a step fails in turn in PostgreSQL, at its statement and at its COMMIT: the person gets 503 with every
answer on the page, the tables are as before, and the same step then succeeds.
"""

from collections.abc import Callable

import pytest

from tests.faults.failing_writes import COMMIT, DISK_FULL, IO_ERROR, STATEMENT, FailingWrites
from tests.faults.places import Place
from tests.faults.steps_that_fail import SentStep, fails_in_turn
from tests.journey import WAY
from tests.soak import Trials

STEPS = ("identify-requestor", "sign-mou")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every step in full runs."""
    metafunc.parametrize("step", WAY if metafunc.config.getoption("soak") else STEPS)


@pytest.mark.parametrize("when", [STATEMENT, COMMIT])
def test_a_database_that_fails_at_any_write_of_a_step_leaves_all_as_before_and_the_answers_on_the_page(
    send: Callable[[Place, str], SentStep], database: Place, step: str, when: str, trials: Trials
) -> None:
    states = (DISK_FULL, IO_ERROR)
    sent = send(database, step)
    outcome = fails_in_turn(sent, lambda nth: FailingWrites(database.url, nth, states[nth % 2], when))
    trials.note("Each writing statement and COMMIT of a step failing in turn", database.kind, outcome.figures)
    # Of a COMMIT the first row tells: that of a step's own may be of any table.
    tables = {"access_log", "documents", "task_counts"} if when == STATEMENT else set()
    if sent.house.process.step(step).letters or sent.paper:
        tables.add("files")
    if not sent.document_id:
        tables.add("numbers")
    assert {f"{table} {when}" for table in tables} <= outcome.failed.keys()
    assert outcome.refused > 0, "nothing that the step needs has failed"
