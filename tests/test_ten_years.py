"""Ten years of one county, day by day, through the real steps and `flask daily`; and the history tells that story."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from portal import actions, daily, forecast
from portal.forms import starting_answers
from portal.process.document import Json
from portal.process.errors import OutOfTurn
from portal.process.goals import CALIFORNIA, california_date
from portal.process.open_tasks import waits_since
from portal.process.step import Field, Kind
from portal.process.third_party_access.users import accounts_in_use, accounts_set_up
from portal.verify import run as verify
from tests.conftest import House
from tests.journey import answers_to

LEISURELY = {"complete-application": 6, "sign-mou": 9, "legal-opinion": 8, "decide": 5, "countersign-mou": 7}
"""Days after which people take a step when it waits for them; the others take three."""

OF_A_ROW: dict[str, Any] = {
    "response": "It was mended.",
    "outcome": "cleared",
    "user_id": "KERN-",
    "current_environment": "As before.",
    "recommendation": "None.",
}
"""What is written into the blank fields of a row that a form offers; dates are that day's."""


@dataclass
class Kern:
    """The county and the state's people, who look into their inboxes every day and leave some things undone."""

    house: House
    left_undone: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)

    @property
    def today(self) -> date:
        """California's date."""
        return california_date(self.house.clock.now)

    def documents(self) -> list[Json]:
        """Every application of the county, the oldest first."""
        return [self.house.get(document_id) for document_id in self.house.portal.store.document_ids()]

    def live_until(self, day: date) -> None:
        """Day after day: `flask daily` runs in the morning, then people take what waits for them."""
        while self.today < day:
            self.house.clock.pass_days(1)
            self.house.clock.now = datetime.combine(self.today, time(10), CALIFORNIA)
            done = daily.run(self.house.portal)
            assert done.problems == (), self.today
            self.told += [f"{self.today} {one}" for one in done.taken]
            for document in self.documents():
                self.work_on(document["id"])

    def work_on(self, document_id: str) -> None:
        """Takes every step that has waited as long as people let it wait."""
        for task in self.house.get(document_id)["open_tasks"]:
            step = task["step"]
            if step in self.left_undone or (task["opens_on"] or "") > self.today.isoformat():
                continue
            if (self.today - waits_since(task)).days >= LEISURELY.get(step, 3) and self.is_open(document_id, task):
                self.take(document_id, step, task["role"])

    def is_open(self, document_id: str, task: Json) -> bool:
        """Whether another step that was just taken has not closed it."""
        return any(
            (one["step"], one["role"]) == (task["step"], task["role"])
            for one in self.house.get(document_id)["open_tasks"]
        )

    def take(self, document_id: str, step: str, role: str = "", **other: Any) -> Json:
        """Takes the step as its form is offered, with what is left blank filled in."""
        portal, process = self.house.portal, self.house.process
        actor = self.house.actor(role or process.step(step).role)
        turning = actions.turn_to(portal, document_id, step, actor)
        offered = starting_answers(turning.step, turning.situation)
        usual = answers_to(step, self.today)
        for one in turning.step.fields:
            if one.kind is Kind.ENTRIES and offered.get(one.name):
                usual[one.name] = [dict(filled(one, row, self.today)) for row in offered[one.name]]
            elif offered.get(one.name):
                usual[one.name] = offered[one.name]
        return actions.take(portal, document_id, step, actor, {**usual, **other})


def filled(entries: Field, row: Mapping[str, Any], today: date) -> Iterator[tuple[str, Any]]:
    """The row with its blank fields filled in."""
    for one in entries.fields:
        if row.get(one.name):
            yield one.name, row[one.name]
        elif one.kind is Kind.DATE:
            yield one.name, today.isoformat()
        elif one.name in OF_A_ROW:
            yield one.name, OF_A_ROW[one.name] + (row["email"] if one.name == "user_id" else "")


def told_by(document: Json, *steps: str) -> list[tuple[str, str]]:
    """When each of these steps was taken, in the history's order: the month, and the step."""
    return [(entry["at"][:7], entry["step"]) for entry in document["history"] if entry["step"] in steps]


def with_access(document: Json) -> list[str]:
    """The users who can sign in to CSE, by the first part of their address."""
    return sorted(account["email"].partition("@")[0] for account in accounts_in_use(document))


def in_the_matrix(house: House) -> list[str]:
    """The organizations of the county that the Matrix shows."""
    rows = house.client("").get("/matrix.json").json
    return [row["user_organization"] for row in rows if row["lcsa"] == "Kern" and row["user_organization"]]


def day_of(document: Json, step: str, field_name: str) -> date:
    """A date that the step recorded last."""
    return date.fromisoformat(document[step.replace("-", "_")][field_name])


@pytest.fixture
def kern(make_house: Callable[..., House]) -> Iterator[Kern]:
    """Kern in November 2026. Its data lie in memory where the machine has such a folder: 3,650 days are many writes."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        house = make_house(data=Path(folder) / "data")
        yield Kern(house)
        house.portal.store.close()


@pytest.mark.process("2.5", "2.6", "8", "10.1", "10.2")
def test_ten_years_of_a_county(kern: Kern) -> None:
    house = kern.house
    first = house.take("", "identify-requestor")["id"]
    kern.live_until(date(2027, 3, 1))
    assert (house.get(first)["status"], with_access(house.get(first))) == ("active", ["ana", "bo"])
    end = day_of(house.get(first), "countersign-mou", "expires_on")
    assert end == date(2030, 1, 10)

    # The first year is nearly over, and nobody is trained anew: the accounts are suspended until they are.
    kern.left_undone = {"recertify-users"}
    kern.live_until(date(2028, 1, 15))
    assert with_access(house.get(first)) == []
    kern.left_undone = set()
    kern.live_until(date(2028, 3, 1))
    assert with_access(house.get(first)) == ["ana", "bo"]

    # The second year is certified in time. In the third an auditor finds something that the Requestor leaves open.
    kern.live_until(date(2029, 3, 1))
    kern.take(first, "open-audit")
    kern.take(first, "record-finding")
    kern.left_undone = {"respond-to-finding"}
    kern.live_until(date(2029, 11, 15))
    assert house.get(first)["record_standing"]["standing"] == "findings-open"
    with pytest.raises(OutOfTurn):
        kern.take(first, "start-renewal")

    # The gap is foretold before it happens, and comes.
    foretold = forecast.of_document(house.portal, house.get(first))
    assert foretold is not None
    assert foretold.gap > 0
    (kept,) = forecast.page(house.portal, 0).rows
    assert (kept.document_id, kept.gap) == (first, foretold.gap)
    kern.left_undone = set()
    kern.live_until(end + timedelta(days=4))
    assert (house.get(first)["status"], with_access(house.get(first)), in_the_matrix(house)) == ("ended", [], [])
    kern.live_until(date(2030, 6, 1))
    _, second = kern.documents()
    assert (second["identify_requestor"]["renews"], second["status"]) == (first, "active")
    assert (with_access(second), in_the_matrix(house)) == (["ana", "bo"], ["Kern IV-A"])
    gap = (day_of(second, "countersign-mou", "effective_on") - end).days
    assert 0 < gap <= foretold.gap_late

    # The second time everybody is in time: there is no day without access.
    ends_on = day_of(second, "countersign-mou", "expires_on")
    kern.live_until(ends_on)
    _, second, third = kern.documents()
    assert (with_access(second), in_the_matrix(house)) == (["ana", "bo"], ["Kern IV-A"])
    foretold = forecast.of_document(house.portal, second)
    assert foretold is None or foretold.gap == 0
    kern.live_until(ends_on + timedelta(days=1))
    assert house.get(second["id"])["status"] == "ended"
    assert (house.get(third["id"])["status"], with_access(house.get(third["id"]))) == ("active", ["ana", "bo"])
    assert in_the_matrix(house) == ["Kern IV-A"]
    assert house.get(second["id"])["expire"]["successor"] == third["id"]
    assert told_by(house.get(second["id"]), "remove-accounts", "suspend-accounts") == []

    # It is terminated with notice, and nobody has access from the day of the notice on.
    kern.live_until(date(2035, 2, 1))
    kern.take(third["id"], "terminate", kind="notice", reason="The work moved to another county.")
    kern.live_until(date(2035, 3, 2))
    assert in_the_matrix(house) == ["Kern IV-A"]
    kern.live_until(date(2036, 11, 23))
    assert (house.get(third["id"])["status"], in_the_matrix(house)) == ("ended", [])
    assert accounts_set_up(house.get(third["id"])) == []
    assert [document["open_tasks"] for document in kern.documents()] == [[], [], []]

    # The history tells that story.
    afterwards = [step.key for step in house.process.steps if step.chapter == "afterwards"]
    assert [told_by(document, *afterwards) for document in kern.documents()] == STORY
    assert verify(house.portal).findings == ()


STORY = [
    [
        ("2028-01", "suspend-accounts"),
        ("2028-01", "recertify-users"),
        ("2028-12", "recertify-users"),
        ("2029-03", "open-audit"),
        ("2029-03", "record-finding"),
        ("2029-03", "close-audit"),
        ("2029-07", "renewal-notice"),
        ("2029-07", "record-standing"),
        ("2029-07", "hold-renewal"),
        ("2029-11", "respond-to-finding"),
        ("2029-11", "review-response"),
        ("2029-11", "recertify-users"),
        ("2029-11", "clear-finding"),
        ("2029-11", "record-standing"),
        ("2029-11", "good-standing"),
        ("2029-12", "start-renewal"),
        ("2030-01", "expire"),
        ("2030-01", "remove-accounts"),
    ],
    [
        ("2030-10", "recertify-users"),
        ("2031-09", "recertify-users"),
        ("2032-07", "renewal-notice"),
        ("2032-07", "record-standing"),
        ("2032-07", "good-standing"),
        ("2032-07", "start-renewal"),
        ("2032-09", "recertify-users"),
        ("2033-01", "expire"),
    ],
    [
        ("2033-01", "take-effect"),
        ("2033-08", "recertify-users"),
        ("2034-07", "recertify-users"),
        ("2035-02", "terminate"),
        ("2035-03", "expire"),
        ("2035-03", "remove-accounts"),
    ],
]
"""What was done afterwards, by month, on the agreement and on the two that renewed it."""
