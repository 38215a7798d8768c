"""What every room's tests share: a portal of one's own, people who work in it, applications at a step of one's choice.

Rooms keep their own fixtures beside their tests.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask import Flask

from portal import actions, create_app, demo
from portal.parts import Portal
from portal.process.document import Json
from portal.process.goals import california_date
from portal.process.schema import schema_of
from portal.process.step import Actor, Process
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from portal.process.third_party_access.findings import Finding, findings
from portal.settings import Settings
from portal.store import open_store
from portal.store.port import Writing
from tests.clients import PortalClient, sign_in
from tests.journey import BESIDE_THE_WAY, WAY, answers_to
from tests.process.case import read_in
from tools.postgres import Server

pytest_plugins = ["tests.portal_at_work", "tests.postgres", "tests.sections", "tests.soak"]

MORNING = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
"""Monday, 10 am in California: when tests begin unless they say otherwise."""


@dataclass
class Clock:
    """A clock that stands until it is moved. The portal gets the time from here."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now

    def pass_days(self, days: float) -> None:
        """Moves on by so many days, weekends and all."""
        self.now += timedelta(days=days)


class _CheckedWriting:
    """A store's writing that holds every document to the published schema before it is kept. The store is the real
    one.
    """

    def __init__(self, writing: Writing, validators: dict[str, Any]) -> None:
        self._writing, self._validators = writing, validators

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writing, name)

    def add(self, document: Json) -> Json:
        return self._checked(self._writing.add(document))

    def replace(self, document: Json, expected_revision: int) -> Json:
        return self._checked(self._writing.replace(document, expected_revision))

    def _checked(self, kept: Json) -> Json:
        self._validators[kept["process"]].validate(kept)
        return kept


class CheckedStore:
    """The real store, which besides holds every document that is written to the JSON Schema of its process."""

    def __init__(self, store: Any, processes: tuple[Process, ...]) -> None:
        self._store = store
        self._validators = {process.key: jsonschema.Draft202012Validator(schema_of(process)) for process in processes}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def writing(self) -> Any:
        return _CheckedBlock(self._store.writing(), self._validators)


@dataclass
class _CheckedBlock:
    block: Any
    validators: dict[str, Any]

    def __enter__(self) -> _CheckedWriting:
        return _CheckedWriting(self.block.__enter__(), self.validators)

    def __exit__(self, *error: Any) -> Any:
        return self.block.__exit__(*error)


@dataclass
class House:
    """A portal of one's own: its application, its parts, its clock, and whoever works in it."""

    app: Flask
    clock: Clock
    clients: dict[str, PortalClient] = field(default_factory=dict)

    @property
    def portal(self) -> Portal:
        """The portal's parts."""
        parts: Portal = self.app.extensions["portal"]
        return parts

    @property
    def process(self) -> Process:
        """The process that new documents follow."""
        return self.portal.process

    def actor(self, role: str, county: str = "Kern") -> Actor:
        """Who holds the role, for this county where it is a county's."""
        return self.portal.people.require(email_of(role, county)).actor

    def client(self, role: str, county: str = "Kern") -> PortalClient:
        """A browser in which this person has signed in; "" for nobody."""
        email = email_of(role, county) if role else ""
        if email not in self.clients:
            client = PortalClient(self.app, use_cookies=True)
            if email:
                sign_in(client, email)
            self.clients[email] = client
        return self.clients[email]

    def take(self, document_id: str, step: str, county: str = "Kern", **other: Any) -> Json:
        """Takes the step as its own role would, with the usual answers except for those given."""
        answers = answers_to(step, california_date(self.clock.now), county)
        if step == "create-office-id" and document_id != f"TPA-{MORNING.year}-0001":  # no two applications share one
            answers["office_id"] = document_id
        if any(inner.fixed for field in self.process.step(step).fields for inner in field.fields):
            _count_on(answers, findings(self.get(document_id)))
        answers |= other
        role = self.process.step(step).role
        if step == "identify-requestor":
            return actions.begin(self.portal, self.actor(role, county), answers)
        return actions.take(self.portal, document_id, step, self.actor(role, county), answers)

    def application_before(self, step: str, county: str = "Kern") -> Json:
        """An application on which every step before this one is taken, so that this one is open."""
        return self.application_after(WAY[WAY.index(step) - 1], county)

    def application_after(self, step: str, county: str = "Kern") -> Json:
        """An application on which this step is the last that was taken."""
        document: Json = {"id": ""}
        for key in WAY[: WAY.index(step) + 1]:
            document = self.take(document["id"], key, county)
        return document

    def where_open(self, step: str) -> Json:
        """A new application on which this step is open: on the way, or beside it. Days may pass until it is."""
        if step in WAY:
            return self.application_before(step)
        beside = BESIDE_THE_WAY[step]
        document = self.application_after(beside.after)
        if beside.read_in:
            with self.portal.store.writing() as writing:
                document = writing.replace(read_in(document), document["revision"])
        for key, answers in beside.then:
            document = self.take(document["id"], key, **answers)
        if beside.days:
            self.clock.pass_days(beside.days)
            self.clients.clear()  # their sessions have ended
        for key in beside.later:
            document = self.take(document["id"], key)
        other = document.get("start_renewal", {}).get("application", "")
        if beside.renewal_after:
            document, other = self.renewal_after(beside.renewal_after, other), document["id"]
            self.clock.pass_days(beside.renewal_days)
            self.clients.clear()
        for key in beside.on_the_other:
            self.take(other, key)
        return self.get(document["id"])

    def renewal_after(self, step: str, document_id: str) -> Json:
        """The renewal that was begun, when this step of the way is the last that was taken on it."""
        for key in WAY[1 : WAY.index(step) + 1]:
            self.take(document_id, key)
        return self.get(document_id)

    def get(self, document_id: str) -> Json:
        """The document as it is kept now."""
        return self.portal.store.get(document_id)


def _count_on(answers: Json, recorded: Sequence[Finding]) -> None:
    """Has the usual answers to the first findings say the numbers that these have: numbers are the organization's."""
    for rows in answers.values():
        for row in rows if isinstance(rows, list) and recorded else ():
            row["number"] += recorded[0].number - 1


def email_of(role: str, county: str = "Kern") -> str:
    """The demo's address for who holds this role."""
    if role in ("director", "coordinator", "administrator", "requestor"):
        return f"{role}.{demo.key_of(county)}@demo.example"
    return f"{role}@demo.example"


@pytest.fixture(scope="session")
def people_at_work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which the demo's people have accounts and the counties their conversion dates, and nothing
    else.
    """
    data = tmp_path_factory.mktemp("people") / "data"
    _make_people(Settings(secret_key="", data=data, demo=True))
    return data


def _make_people(settings: Settings) -> None:
    app = create_app(settings, clock=Clock(), background=False)
    demo.make(app.extensions["portal"], 0)
    app.extensions["portal"].store.close()


@pytest.fixture(scope="session")
def people_in_postgres(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Makes a PostgreSQL database with what `people_at_work` has, and returns its URL."""
    made = postgres_server.new_database()
    data = tmp_path_factory.mktemp("people-in-postgres")
    _make_people(Settings(secret_key="", data=data, demo=True, store=made))
    return lambda: postgres_server.new_database(like=made)


@pytest.fixture
def clock() -> Clock:
    """The clock of the test's portal: it stands until it is moved."""
    return Clock()


@pytest.fixture
def make_house(tmp_path: Path, people_at_work: Path, clock: Clock) -> Iterator[Callable[..., House]]:
    """Makes a portal of one's own in the test's folder: `make_house(processes=..., smtp=...)`."""
    opened: list[House] = []

    def make(processes: tuple[Process, ...] = (THIRD_PARTY_ACCESS,), name: str = "data", **settings: Any) -> House:
        given = Settings(**{"secret_key": "a secret of the tests", "data": tmp_path / name, "demo": True, **settings})
        if not given.data.exists():
            shutil.copytree(people_at_work, given.data)
        store = CheckedStore(open_store(given.store, given.data), processes)
        app = create_app(given, processes=processes, clock=clock, store=store, background=False)
        app.config["TESTING"] = False
        house = House(app, clock)
        opened.append(house)
        return house

    yield make
    for house in opened:
        house.portal.store.close()


@pytest.fixture
def house(make_house: Callable[..., House]) -> House:
    """A portal of one's own, with the demo's people in it and no application."""
    return make_house()


@pytest.fixture(params=["tinydb", "postgresql"])
def house_on_each_store(request: pytest.FixtureRequest, make_house: Callable[..., House]) -> House:
    """As `house`, once on each store."""
    if request.param == "tinydb":
        return make_house()
    return make_house(store=request.getfixturevalue("people_in_postgres")())
