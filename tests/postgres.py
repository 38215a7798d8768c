"""A real PostgreSQL for the tests that want one: one server a session, and databases that are empty."""

from collections.abc import Callable, Iterator

import pytest

from portal.store import open_store
from tools.postgres import NoPostgres, Server, find


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A server of this session's own. Without one its tests fail, and say what to install."""
    try:
        server = Server(find())
    except NoPostgres as error:
        pytest.fail(str(error), pytrace=False)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def _kept_database(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the store's tables, for one test after the other."""
    url = postgres_server.new_database()
    open_store(url, tmp_path_factory.getbasetemp()).close()
    return url


@pytest.fixture
def postgres_url(postgres_server: Server, _kept_database: str) -> str:
    """The URL of a database in which nothing is kept yet."""
    # Emptied rather than made anew, in a tenth of the time.
    postgres_server.empty(_kept_database)
    return _kept_database


@pytest.fixture
def new_database(postgres_server: Server) -> Callable[[], str]:
    """Makes a database that has never been used, and returns its URL."""
    return postgres_server.new_database
