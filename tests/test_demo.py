"""The demo's agreements over the years: each state of the chapter Afterwards is there to be looked at."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from portal import daily, demo, demo_living, forecast, mou_campaign, organizations, publishing, surveys
from portal.demo_years import LIVES, SURVEY_ASKED
from portal.process.document import Json
from portal.process.third_party_access.findings import State, findings
from portal.process.third_party_access.incidents import incidents
from portal.verify import run as verify
from tests.conftest import House


def made(house: House, place: int) -> Json:
    """The application at this place of the demo."""
    record = house.portal.store.get_record(demo.MADE, str(place))
    assert record is not None
    return house.get(record["document"])


def waiting(house: House, document: Json) -> set[str]:
    """The steps that somebody can take today."""
    today = house.portal.today.isoformat()
    return {task["step"] for task in document["open_tasks"] if (task["opens_on"] or "") <= today}


@pytest.mark.process("2.5", "8", "9", "10.1", "10.2")
def test_the_demo_shows_life_after_access_in_each_of_its_states(house: House) -> None:
    assert demo_living.live(house.portal, 60) == sum(life.applications for life in LIVES)
    assert demo_living.live(house.portal, 60) == 0
    day = daily.run(house.portal)
    assert (day.problems, day.taken) == ((), ())
    assert verify(house.portal).findings == ()
    audited, incident, lapsed = (made(house, place) for place in (26, 27, 28))
    assert [one.state for one in findings(audited)] == [State.OPEN, State.REVIEWED, State.ANSWERED]
    assert waiting(house, audited) >= {"recertify-users", "respond-to-finding", "review-response", "clear-finding", "answer-survey"}  # fmt: skip
    assert [one.closed for one in incidents(incident)] == [False] or not incidents(incident)[0].closed
    assert "act-on-incident" in waiting(house, incident)
    assert "suspend-accounts" in waiting(house, lapsed)
    statuses = {place: made(house, place)["status"] for place in range(26, 43)}
    assert (statuses[29], statuses[30]) == ("active", "in-review")  # a renewal under way
    assert (statuses[33], statuses[34]) == ("active", "renewing")  # one that waits
    assert (statuses[37], statuses[38]) == ("ended", "active")  # one that has taken effect
    assert made(house, 31)["record_standing"]["standing"] == "findings-open"
    assert made(house, 39)["terminate"]["kind"] == "notice"
    assert [statuses[place] for place in (35, 39, 40, 42)] == ["ended", "active", "ended", "ended"]
    assert "remove-accounts" in waiting(house, made(house, 40))
    of_old = made(house, 37)
    this = (of_old["lcsa"], of_old["organization"])
    assert organizations.open_findings_of(house.portal, [this]) == {this: 1}

    (asked,) = surveys.all_rounds(house.portal)
    progress = surveys.progress(house.portal, asked.key)
    assert progress.sent == asked.total >= 10
    assert 0.3 < progress.answered / progress.sent < 0.7
    assert asked.at[:10] >= f"{house.portal.today.year}"

    due = publishing.review_due(house.portal)
    assert due is not None
    assert timedelta(0) < house.portal.today - due < timedelta(days=30)
    assert len(publishing.letters(house.portal)) == 1
    kept = forecast.kept(house.portal)
    assert kept.as_of == house.portal.today
    assert kept.gaps >= 2
    assert all(kept.statistics[stage.key].is_measured for stage in forecast.STAGES)
    now = mou_campaign.standing(house.portal)
    newer, older = now.versions
    assert (newer.is_todays, older.is_todays) == (True, False)
    assert newer.signed > 0
    assert older.signed > 0
    assert now.unknown == 0


def test_its_histories_are_in_the_order_of_their_dates_and_the_same_every_time(
    make_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_living, "LIVES", LIVES[:1])
    bodies = []
    for name in ("first", "second"):
        house = make_house(name=name)
        demo_living.live(house.portal, 60)
        bodies.append(made(house, 26))
    assert bodies[0] == bodies[1]
    at = [entry["at"] for entry in bodies[0]["history"]]
    assert at == sorted(at)
    assert "survey" in {entry["step"] for entry in bodies[0]["history"]}
    assert SURVEY_ASKED < 30


def test_the_demos_requestors_have_what_the_years_bring_in_their_inbox(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_living, "LIVES", LIVES[:2])
    demo_living.live(house.portal, 60)
    audited = made(house, 26)
    links = house.client("requestor", "San Diego").page("/inbox").links()
    for step in ("respond-to-finding", "recertify-users", "answer-survey"):
        assert f"/applications/{audited['id']}/steps/{step}" in links
    assert f"/applications/{made(house, 27)['id']}/steps/act-on-incident" in house.client("requestor", "Alameda").page("/inbox").links()  # fmt: skip


def test_a_smaller_demo_is_as_it_was(house: House) -> None:
    assert demo_living.live(house.portal, LIVES[0].place) == 0
