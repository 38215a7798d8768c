"""Places in which faults are tried: each test that asks for one runs on both stores."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from portal import create_app, demo
from portal.settings import Settings
from portal.store import open_store
from tests.conftest import CheckedStore, Clock, House
from tests.faults.nursery import Nursery
from tests.faults.places import SECRET, TINYDB, Place
from tools.postgres import NoPostgres, Server, find

if TYPE_CHECKING:
    from tests.faults.steps_that_fail import SentStep

pytest.register_assert_rewrite(
    "tests.faults.wholeness", "tests.faults.clerks", "tests.faults.kills", "tests.faults.steps_that_fail"
)


@pytest.fixture(scope="session")
def database_with_people(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a database in which the demo's people have accounts, and nothing else is kept."""
    url = postgres_server.new_database()
    settings = Settings(secret_key=SECRET, data=tmp_path_factory.mktemp("database"), store=url, demo=True)
    portal = create_app(settings, background=False).extensions["portal"]
    demo.make(portal, 0)
    portal.store.close()
    return url


@pytest.fixture
def make_place(request: pytest.FixtureRequest, tmp_path: Path, people_at_work: Path) -> Callable[[str], Place]:
    """Makes a place with the store of this kind, `tinydb` or `postgresql`."""

    def make(kind: str) -> Place:
        data = tmp_path / "data"
        if kind == "tinydb":
            shutil.copytree(people_at_work, data)
            return Place(data, TINYDB)
        server: Server = request.getfixturevalue("postgres_server")
        return Place(data, server.new_database(like=request.getfixturevalue("database_with_people")))

    return make


@pytest.fixture(params=["tinydb", "postgresql"])
def place(request: pytest.FixtureRequest, make_place: Callable[[str], Place]) -> Place:
    """A place with the demo's people in it and no application: in turn with each store."""
    return make_place(request.param)


@pytest.fixture
def folder(make_place: Callable[[str], Place]) -> Place:
    """A place whose store is a data folder."""
    return make_place("tinydb")


@pytest.fixture
def database(make_place: Callable[[str], Place]) -> Place:
    """A place whose store is a database."""
    return make_place("postgresql")


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A PostgreSQL that the test may stop and start again, or break."""
    try:
        server = Server(find())
    except NoPostgres as error:
        pytest.fail(str(error), pytrace=False)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def own_database(own_server: Server, tmp_path: Path) -> Place:
    """A place in that server, with the demo's people in it."""
    place = Place(tmp_path / "data", own_server.new_database())
    portal = place.portal()
    demo.make(portal, 0)
    portal.store.close()
    return place


@pytest.fixture
def make_house(clock: Clock) -> Iterator[Callable[[Place], House]]:
    """Opens a portal in a place, in this process, by the test's clock."""
    opened: list[House] = []

    def make(place: Place) -> House:
        settings = place.settings
        store = CheckedStore(open_store(settings.store, settings.data), create_processes())
        app = create_app(settings, clock=clock, store=store, background=False)
        house = House(app, clock)
        opened.append(house)
        return house

    yield make
    for house in opened:
        house.portal.store.close()


def create_processes() -> tuple:
    """The processes that the portal runs."""
    from portal.process.third_party_access import THIRD_PARTY_ACCESS

    return (THIRD_PARTY_ACCESS,)


@pytest.fixture
def house(make_house: Callable[[Place], House], place: Place) -> House:
    """A portal in this process: in turn with each store."""
    return make_house(place)


@pytest.fixture
def send(make_house: Callable[[Place], House]) -> "Iterator[Callable[[Place, str], SentStep]]":
    """Opens a portal in a place, with an application on which this step is open, its form filled in."""
    from tests.faults.steps_that_fail import SentStep

    opened: list[SentStep] = []

    def make(place: Place, step: str) -> SentStep:
        opened.append(SentStep(make_house(place), place, step))
        return opened[-1]

    yield make
    for sent in opened:
        sent.beside.store.close()


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Starts web servers quickly, for as many kills as are wanted."""
    with Nursery(tmp_path_factory.mktemp("servers")) as nursery:
        yield nursery
