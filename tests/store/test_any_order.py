"""Whatever is done to a store, in any order and by two who have it open: it keeps and finds what a plain model does."""

import itertools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from portal.store import open_store
from portal.store.port import Store
from tests.soak import Figures, Trials, long_or_short
from tests.store.machine import StoreMachine
from tools.postgres import Server

MEMORY = Path("/dev/shm")  # nothing here asks what a disk keeps, so it need not wait for one


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that is quick to sync."""
    if not MEMORY.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="portal-any-order-", dir=MEMORY) as made:
        yield Path(made)


@pytest.fixture(params=["tinydb", "postgresql"])
def empty_store(request: pytest.FixtureRequest, folder: Path) -> tuple[str, Callable[[], Callable[[], Store]]]:
    """The store's name, and what makes an empty one and gives what opens it."""
    if request.param == "tinydb":
        numbers = itertools.count()

        def in_a_new_folder() -> Callable[[], Store]:
            data = folder / str(next(numbers))
            return lambda: open_store("tinydb:", data)

        return "TinyDB", in_a_new_folder
    server: Server = request.getfixturevalue("postgres_server")
    url: str = request.getfixturevalue("postgres_url")

    def emptied() -> Callable[[], Store]:
        server.empty(url)
        return lambda: open_store(url, folder)

    return "PostgreSQL", emptied


def test_whatever_is_done_in_any_order_the_store_keeps_and_finds_what_the_model_does(
    empty_store: tuple[str, Callable[[], Callable[[], Store]]], trials: Trials, pytestconfig: pytest.Config
) -> None:
    name, make = empty_store
    machines: list[StoreMachine] = []

    def machine() -> StoreMachine:
        machines.append(StoreMachine(make()))
        return machines[-1]

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=long_or_short(pytestconfig, 400, 40 if name == "TinyDB" else 15),
            stateful_step_count=long_or_short(pytestconfig, 60, 30),
            derandomize=not trials.in_full,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    documents = sum(len(machine.model.documents) for machine in machines)
    figures = Figures(acknowledged=sum(machine.acts for machine in machines), documents=documents)
    trials.note(f"{len(machines)} runs of acts in any order, compared with a model", name, figures)
