"""Accounts in a real store, with a clock that the test moves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.people import People
from portal.store import open_store
from portal.store.port import Store
from tests.people.premises import SECRET_KEY, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store("tinydb:", tmp_path)
    yield store
    store.close()


@pytest.fixture
def people(store: Store, clock: Clock) -> People:
    return People(store, clock, SECRET_KEY)
