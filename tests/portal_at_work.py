"""A portal in which everything is going on at once: every step is open somewhere, and every page has something to show.

It is made once for all tests that look at every page. Whoever changes something in it takes a copy.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

import pytest
from flask import Flask

from portal import actions, create_app
from portal.audit import Act, Outcome
from portal.audit.unusual import MANY_REFUSALS
from portal.demo_many import Bulk
from portal.process.document import Json
from portal.process.errors import NotYourTurn, OutOfTurn
from portal.process.goals import california_date
from portal.process.step import Actor, Grant
from portal.settings import Settings
from tests.clients import PortalClient
from tests.conftest import MORNING, Clock, House, email_of
from tests.importing.made import FOSTER, KERN, workbook
from tests.journey import BESIDE_THE_WAY, WAY, Answers, Beside, answers_to
from tests.process.case import read_in
from tests.web.asking import a_pdf, posted, upload
from tools.every_page import EACH_IS_READ, Found, Shown, like_no_other, main_of, pages_of

REJECTED: tuple[tuple[str, Answers], ...] = (
    ("decide", {"decision": "reject", "reason": "The law does not allow it."}),
    ("send-decision", {}),
)
DOOR = "/invitation/"

IN_EVERY_STATUS = ("process-owner", "requestor")
"""Those as whom an application's page is looked at in every status."""


@dataclass(frozen=True)
class EveryPage:
    """What each role found in a portal: `found` by role ("" is nobody), and which of those pages are like no other."""

    house: House
    found: dict[str, Found]

    @cached_property
    def main_parts(self) -> set[str]:
        """The main part of every page that anybody found."""
        return {main_of(page) for one in self.found.values() for page in one.pages}

    def looked_at_as(self, role: str) -> list[Shown]:
        """The pages of this role that are worth a look of their own: no role before it has found the same main part.

        An application is looked at in every status as those who see it first and as the Requestor; as others, in two.
        """
        new = like_no_other(self.found)[role]
        of_applications = [page for page in new if page.endpoint == EACH_IS_READ]
        most = len(of_applications) if role in IN_EVERY_STATUS else 2
        return [page for page in new if page not in of_applications[most:]]


@pytest.fixture(scope="session")
def every_page(people_at_work: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EveryPage]:
    """Every page of a portal at work, as each role finds it."""
    with _open(shutil.copytree(people_at_work, tmp_path_factory.mktemp("at-work") / "data")) as house:
        link = set_to_work(house)
        yield EveryPage(house, found_by_each(house, link))


@pytest.fixture(scope="session")
def every_empty_page(people_at_work: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EveryPage]:
    """Every page of a portal in which people have accounts, and nothing has been asked for."""
    with _open(shutil.copytree(people_at_work, tmp_path_factory.mktemp("empty") / "data")) as house:
        yield EveryPage(house, found_by_each(house))


@pytest.fixture
def copy_of() -> Iterator[Callable[[House, Path], House]]:
    """A copy of a portal, in which a test may do what it likes; a browser that has signed in to the one is known to both."""
    with ExitStack() as stack:
        yield lambda house, folder: stack.enter_context(_open(shutil.copytree(house.portal.settings.data, folder)))


@contextmanager
def _open(data: Path) -> Iterator[House]:
    clock = Clock()
    settings = Settings(secret_key="a secret of the tests", data=data, demo=True)
    app: Flask = create_app(settings, clock=clock, background=False)
    house = House(app, clock)
    yield house
    house.portal.store.close()


def found_by_each(house: House, link: str = "") -> dict[str, Found]:
    """What nobody in particular and who holds each role find; `link` is one that was mailed."""
    found = {"": pages_of(house.app, house.client(""), None, (link,) if link else ())}
    for role in house.process.roles:
        found[role.key] = pages_of(house.app, house.client(role.key), house.actor(role.key))
    return found


def set_to_work(house: House) -> str:
    """Fills the portal: an application for each step that is not open on another already, then all other things.

    Returns the address of a link with which somebody makes an account.
    """
    house.clock.now = MORNING - timedelta(days=10)
    _use_the_log(house)
    house.clock.now = MORNING
    bulk, paper = Bulk(house.portal), house.portal.store.put_file(a_pdf())
    for step, beside in reversed(BESIDE_THE_WAY.items()):
        if not is_open(house, step):
            _make(house, bulk, paper, beside)
    for step in reversed(WAY[1:]):
        if not is_open(house, step):
            _make(house, bulk, paper, Beside(WAY[WAY.index(step) - 1]))
    _make(house, bulk, paper, Beside("send-to-owner", REJECTED))
    _make(house, bulk, paper, Beside("identify-requestor", (("withdraw", {}),)))
    _do_the_rest(house)
    return DOOR + house.portal.people.invite(
        "new.person@demo.example", "New Person", Grant("coordinator", {"lcsa": "Kern"})
    )


def is_open(house: House, step: str) -> bool:
    """Whether the step can be taken on some application by who holds its role."""
    actor = house.actor(house.process.step(step).role)
    for document_id in house.portal.store.document_ids():
        try:
            actions.turn_to(house.portal, document_id, step, actor)
        except (NotYourTurn, OutOfTurn):
            continue
        return True
    return False


def _make(house: House, bulk: Bulk, paper: str, beside: Beside) -> None:
    """Makes an application that has come so far this morning, its steps taken so long before as they must have been.

    A renewal is begun and taken on as people do it; all before it in bulk, for speed.
    """
    begun = MORNING - timedelta(days=beside.days + beside.renewal_days)
    later = begun + timedelta(days=beside.days)
    with house.portal.store.writing() as writing:
        document: Json = {"id": writing.new_id(house.process.prefix, house.portal.today.year)}
    renews = beside.later.index("start-renewal") if "start-renewal" in beside.later else len(beside.later)
    way: list[tuple[str, Answers, datetime]] = [(step, {}, begun) for step in WAY[: WAY.index(beside.after) + 1]]
    then = [(step, answers, begun) for step, answers in beside.then]
    for step, answers, now in [*way, *then, *((step, {}, later) for step in beside.later[:renews])]:
        document = bulk.take(document, *_turn(house, document, step, now, paper, answers))
    bulk.hand_over([document])
    if beside.read_in:
        with house.portal.store.writing() as writing:
            kept = writing.get(document["id"])
            document = writing.replace(read_in(kept), kept["revision"])
    for step in beside.later[renews:]:
        document = _take(house, document, step, later, paper)
    renewal: Json = house.get(document["start_renewal"]["application"]) if "start_renewal" in document else {}
    if beside.renewal_after:
        for step in WAY[1 : WAY.index(beside.renewal_after) + 1]:
            renewal = _take(house, renewal, step, later, paper)
    for step in beside.on_the_other:
        _take(house, document if beside.renewal_after else renewal, step, MORNING, paper)


def _turn(house: House, document: Json, step: str, now: datetime, paper: str, other: Answers) -> tuple[str, Actor, Answers, datetime]:  # fmt: skip
    """The step with who takes it, what they answer besides the usual, and when."""
    answers = {**answers_to(step, california_date(now)), **other}
    if step == "create-office-id":
        answers["office_id"] = document["id"]  # no two applications share one
    if step == "certify-users":
        answers["users"][0]["statement"] = {"name": "statement.pdf", "sha256": paper, "size": len(a_pdf())}
    return step, house.actor(house.process.step(step).role), answers, now


def _take(house: House, document: Json, step: str, now: datetime, paper: str) -> Json:
    _, actor, answers, _ = _turn(house, document, step, now, paper, {})
    return actions.take(house.portal, document["id"], step, actor, answers, now=now)


def _use_the_log(house: House) -> None:
    """A week of the access log that nobody has signed off, with unusual use in it."""
    act = Act(email_of("legal"), "read it", "TPA-2026-0001", "legal")
    for _ in range(MANY_REFUSALS):
        house.portal.log.write(act, Outcome.REFUSED)
    house.portal.auditing.weeks.keep()


def _do_the_rest(house: House) -> None:
    """What is no step of an application: a sheet read in, a CSS letter, a round of the survey, people invited."""
    owner, director = house.client("process-owner"), house.client("director")
    sheet = upload(workbook([KERN, {**FOSTER, "lcsa": "Nowhere"}]), "access.xlsx")
    _done(posted(house.client("process-manager"), "/import", sheet=sheet).status)
    letter = {"number": "26-01", "reason": "initiated-by-dcss", "subject": "Third party access", "body": "It is here."}
    owner.send("/publishing/new", {**letter, "confirm": "yes"})
    owner.send("/surveys/new", {"name": "Fall", "question": "Enough?", "answer_by": "2026-12-31", "confirm": "yes"})
    for role, client in (("process-manager", owner), ("coordinator", director)):
        lcsa = "Kern" if role == "coordinator" else ""
        invited = {"role": role, "lcsa": lcsa, "name": "Nora Lind", "email": f"nora.{role}@demo.example"}
        _done(posted(client, "/assignments", invited).status)
    colleague = Grant("requestor", {"lcsa": "Kern", "organization": "Kern IV-A"})
    house.portal.people.invite("bo@kern.example", "Bo Li", colleague)


def _done(status: int) -> None:
    assert status == 303, status


def session_of(client: PortalClient) -> tuple[str, str]:
    """The cookie of who has signed in here, name and value, for another browser."""
    name = client.application.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie, "nobody has signed in here"
    return name, str(cookie.value)
