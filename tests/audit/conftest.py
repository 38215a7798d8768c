"""An access log in a real store, with what is made of it, and a clock that the test moves."""

import pytest

from portal.audit import AccessLog, Auditing
from portal.store.port import Store
from tests.people.conftest import clock, store
from tests.people.premises import Clock

__all__ = ["clock", "store"]

SECRET = "a secret of the tests of the log"


@pytest.fixture
def log(store: Store, clock: Clock) -> AccessLog:
    return AccessLog(store, clock)


@pytest.fixture
def auditing(store: Store, log: AccessLog, clock: Clock) -> Auditing:
    return Auditing(store, log, clock, SECRET)
