"""An access log in a real store, with a clock that the test moves."""

import pytest

from portal.audit import AccessLog
from portal.store.port import Store
from tests.people.conftest import clock, store
from tests.people.premises import Clock

__all__ = ["clock", "store"]


@pytest.fixture
def log(store: Store, clock: Clock) -> AccessLog:
    return AccessLog(store, clock)
