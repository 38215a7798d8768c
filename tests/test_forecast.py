"""The gap forecast: from how long the stages have really taken, for every MOU that nears its end, the worst first."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal import daily, forecast
from portal.forecast import ENOUGH, STAGES, Agreement, DatesContradict, Duration, milestones, statistics_of
from portal.process.goals import add_months
from portal.process.third_party_access.renewal import notice_on
from tests.conftest import House
from tests.journey import WAY
from tests.process.case import MONDAY, Case, after, renewal_after
from tests.web.asking import at_step

pytestmark = pytest.mark.process("10")

DAYS = {"apply": 40, "opinion": 20, "decide": 10, "send": 2, "sign": 30, "countersign": 8}
"""Days of each stage, 110 in all."""
STATISTICS = {"begin": Duration(9, 0, 0), **{key: Duration(9, days, 2 * days) for key, days in DAYS.items()}}
"""Where renewals are begun on the day of their notice."""
TODAY = date(2029, 3, 1)


def ending(day: date, board_days: int = 0) -> Agreement:
    """An agreement in force until this day."""
    notice = add_months(day, -6) - timedelta(days=board_days)
    return Agreement("TPA-2026-0007", "Kern", "Kern IV-A", day, notice, board_days)


def walked(stop: str, days: int = 3) -> Case:
    """An application on which this step was the last, each step so many days after the one before."""
    case = Case()
    for step in WAY[: WAY.index(stop) + 1]:
        case.take(step).pass_days(days)
    return case


# How long the stages take


def test_milestones_are_read_from_the_history_in_californias_dates() -> None:
    found = milestones(walked("countersign-mou").document)
    steps = ("identify-requestor", "complete-application", "legal-opinion", "decide", "send-decision", "sign-mou")
    assert found == [MONDAY + timedelta(days=3 * WAY.index(step)) for step in (*steps, "countersign-mou")]


def test_what_was_returned_is_not_reached() -> None:
    assert len(milestones(walked("complete-application").document)) == 2
    returned = walked("complete-application").take("route-application", outcome="return", correction="Which?")
    assert len(milestones(returned.document)) == 1
    assert len(milestones(walked("sign-mou").document)) == 6
    assert len(milestones(walked("sign-mou").take("return-mou").document)) == 5


def test_what_both_sides_sign_anew_in_force_is_no_part_of_the_way() -> None:
    case = walked("confirm-access")
    on_the_way = milestones(case.document)
    term = {name: case.document["countersign_mou"][name] for name in ("effective_on", "expires_on")}
    case.pass_days(700).take("offer-mou").pass_days(20)
    assert milestones(case.document) == on_the_way
    case.take("sign-mou").take("countersign-mou", **term)
    assert milestones(case.document) == on_the_way


def test_a_question_of_legals_is_no_opinion() -> None:
    asked = walked("route-application").take("legal-opinion", opinion="clarification", opinion_text="Which?")
    assert len(milestones(asked.document)) == 2


def test_an_application_that_ended_on_the_way_still_tells_of_the_stages_that_it_went_through() -> None:
    case = walked("send-to-owner").take("decide", decision="reject", reason="No.").take("send-decision")
    assert case.status == "rejected"
    assert [stage for stage, _ in forecast.days_of_stages(milestones(case.document))] == [
        "apply",
        "opinion",
        "decide",
        "send",
    ]


def test_dates_that_contradict_each_other_are_refused() -> None:
    document = walked("legal-opinion").document
    earlier = {**document["history"][0], "at": "2027-12-01T18:00:00Z"}
    with pytest.raises(DatesContradict, match="2027-12-01"):
        milestones({**document, "history": [earlier, *document["history"][1:]]})
    signed = after("post-approval").document
    backwards = {**signed["countersign_mou"], "effective_on": "2030-01-01"}
    with pytest.raises(DatesContradict, match="takes effect on 2030-01-01"):
        forecast.agreement_of({**signed, "countersign_mou": backwards})


@pytest.mark.parametrize(
    ("days", "half", "nine_of_ten"),
    [
        ([5, 1, 3, 2, 4], 3, 5),
        ([1, 2, 3, 4, 5, 6], 4, 6),
        (list(range(1, 11)), 6, 9),
        (list(range(1, 21)), 11, 18),
        ([7] * 100, 7, 7),
        ([0, 0, 0, 0, 400], 0, 400),
    ],
)
def test_half_and_nine_of_ten_are_whole_days(days: list[int], half: int, nine_of_ten: int) -> None:
    assert statistics_of({"opinion": days})["opinion"] == Duration(len(days), half, nine_of_ten)


@pytest.mark.parametrize("number", [0, 1, ENOUGH - 1])
def test_with_too_few_cases_the_goals_stand_in(number: int) -> None:
    found = statistics_of({"opinion": [1] * number})["opinion"]
    assert (found.cases, found.half, found.nine_of_ten, found.is_measured) == (number, 21, 21, False)
    assert statistics_of({"opinion": [1] * ENOUGH})["opinion"].is_measured


# When the successor is signed


@pytest.mark.parametrize(
    ("ends", "gap", "gap_late"),
    [
        (date(2029, 12, 31), 0, 35),  # notice on June 30: 110 days to October 18, 220 to February 5
        (date(2029, 8, 31), 0, 36),  # notice was on February 28: counted from today, to June 19 and October 7
        (date(2029, 6, 19), 0, 109),
        (date(2029, 6, 18), 0, 110),
        (date(2029, 6, 17), 1, 111),
        (date(2029, 3, 1), 109, 219),
    ],
)
def test_without_a_successor_the_renewal_counts_from_its_notice_or_from_today(
    ends: date, gap: int, gap_late: int
) -> None:
    found = forecast.forecast(ending(ends), STATISTICS, TODAY)
    assert (found.gap, found.gap_late, found.stage, found.successor) == (gap, gap_late, "", "")


@pytest.mark.process("10.1")
@pytest.mark.parametrize(
    ("ends", "signed", "late"),
    [
        (date(2029, 12, 31), date(2029, 6, 30) + timedelta(20 + 110), date(2029, 6, 30) + timedelta(50 + 220)),
        (date(2029, 8, 25), date(2029, 2, 25) + timedelta(20 + 110), date(2029, 2, 25) + timedelta(50 + 220)),
        (date(2029, 7, 1), TODAY + timedelta(110), date(2029, 1, 1) + timedelta(50 + 220) + timedelta(9)),
    ],
)
def test_a_renewal_is_begun_as_long_after_its_notice_as_others_were_but_not_before_today(
    ends: date, signed: date, late: date
) -> None:
    statistics = {**STATISTICS, "begin": Duration(9, 20, 50)}
    found = forecast.forecast(ending(ends), statistics, TODAY)
    assert (found.signed_on, found.signed_late) == (signed, late)


@pytest.mark.process("10.1")
def test_how_long_it_takes_to_begin_counts_from_the_notice_or_from_when_the_agreement_was_read_in(
    house: House,
) -> None:
    document_id = near_its_end(house)
    assert forecast.days_to_begin(house.get(document_id)) is None
    for step in ("renewal-notice", "record-standing", "good-standing"):
        house.take(document_id, step)
    house.clock.pass_days(5)
    since = forecast.days_to_begin(house.take(document_id, "start-renewal"))
    assert since == (house.portal.today - notice_on(house.get(document_id))).days  # type: ignore[operator]
    daily.run(house.portal)
    assert forecast.kept(house.portal).statistics["begin"].cases == 1
    [stage] = (
        house.client("process-manager").page("/renewals").words("//tr[th[contains(., 'renewal notice')]]").split("\n")
    )
    assert "30 days: there is no goal" in stage


def test_a_leap_day_counts() -> None:
    agreement = ending(date(2028, 8, 31))
    assert agreement.notice_on == date(2028, 2, 29)
    found = forecast.forecast(agreement, STATISTICS, date(2028, 2, 1))
    assert (found.begins_on, found.signed_on) == (date(2028, 2, 29), date(2028, 6, 18))


def test_the_boards_days_come_on_top_and_begin_so_much_earlier() -> None:
    plain, board = ending(date(2030, 3, 1)), ending(date(2030, 3, 1), 45)
    one, other = (forecast.forecast(agreement, STATISTICS, TODAY) for agreement in (plain, board))
    assert other.begins_on == one.begins_on - timedelta(days=45)
    assert other.signed_on == one.signed_on
    late = ending(date(2029, 3, 31), 45)  # its notice is long past
    assert forecast.forecast(late, STATISTICS, TODAY).signed_on == TODAY + timedelta(days=110 + 45)


@pytest.mark.parametrize(("place", "left"), [(1, 110), (2, 70), (3, 50), (4, 40), (5, 38), (6, 8)])
def test_a_successor_under_way_counts_from_where_it_is(place: int, left: int) -> None:
    reached = [TODAY] * place
    found = forecast.forecast(ending(date(2029, 6, 1)), STATISTICS, TODAY, "TPA-2029-0001", reached)
    assert found.signed_on == TODAY + timedelta(days=left)
    assert found.stage == STAGES[place - 1].title


def test_days_that_a_stage_has_taken_already_are_not_counted_again() -> None:
    reached = [TODAY - timedelta(days=60), TODAY - timedelta(days=15)]
    found = forecast.forecast(ending(date(2029, 6, 1)), STATISTICS, TODAY, "TPA-2029-0001", reached)
    assert found.signed_on == TODAY + timedelta(days=5 + 50)


def test_a_stage_that_takes_longer_than_it_does_is_over_today_at_the_earliest() -> None:
    reached = [TODAY - timedelta(days=900)]
    found = forecast.forecast(ending(date(2029, 6, 1)), STATISTICS, TODAY, "TPA-2029-0001", reached)
    assert found.signed_on == TODAY + timedelta(days=70)
    assert found.signed_late >= found.signed_on


def test_a_successor_that_is_signed_leaves_what_it_left() -> None:
    reached = [date(2029, 1, 1)] * 6 + [date(2029, 2, 20)]
    found = forecast.forecast(ending(date(2029, 2, 10)), STATISTICS, TODAY, "TPA-2029-0001", reached)
    assert (found.signed_on, found.signed_late, found.gap, found.stage) == (date(2029, 2, 20), date(2029, 2, 20), 9, "")


def test_the_worst_stands_first() -> None:
    one = forecast.forecast(ending(date(2029, 6, 1)), STATISTICS, TODAY)
    rows = [
        replace(one, document_id=name, gap=gap, gap_late=late)
        for name, gap, late in (("a", 0, 0), ("b", 0, 9), ("c", 3, 4), ("d", 3, 9))
    ]
    assert [row.document_id for row in forecast.the_worst_first(rows)] == ["d", "c", "b", "a"]


@pytest.mark.parametrize(
    ("ends", "foretold"), [(date(2031, 3, 1), True), (date(2031, 3, 2), False), (date(2029, 3, 1), True)]
)
def test_what_ends_within_two_years_is_foretold(ends: date, foretold: bool) -> None:
    assert forecast.is_foretold(ending(ends), TODAY) == foretold


def test_a_successor_that_was_rejected_is_none() -> None:
    case = renewal_after("send-to-owner")
    assert forecast.renews_now(case.document) == "TPA-2026-0007"
    case.take("decide", decision="reject", reason="No purpose.")
    assert forecast.renews_now(case.document) == ""
    assert forecast.renews_now(case.take("send-decision").document) == ""


# Kept, and shown


def near_its_end(house: House) -> str:
    """The id of an agreement of which 100 days are left, and no renewal is begun."""
    document = house.application_after("confirm-access")
    house.clock.pass_days((date(2029, 11, 23) - house.portal.today).days - 100)
    house.clients.clear()
    return str(document["id"])


def test_the_forecast_is_kept_once_a_day_and_read_by_the_page(house_on_each_store: House) -> None:
    house = house_on_each_store
    document_id = near_its_end(house)
    assert "Nothing is worked out yet" in house.client("process-manager").page("/renewals").text
    daily.run(house.portal)
    before = dict(house.portal.store.records(forecast.RECORDS))
    assert daily.run(house.portal).problems == ()
    assert dict(house.portal.store.records(forecast.RECORDS)) == before
    head = forecast.kept(house.portal)
    assert (head.as_of, head.total, head.gaps) == (house.portal.today, 1, 1)
    for role in ("process-manager", "contract-manager", "process-owner"):
        page = house.client(role).page("/renewals")
        assert f"/applications/{document_id}" in page.links()
        assert "43 days" in page.words("//table")
        assert "Too few cases" in page.words("//main")
        assert "/renewals" in house.client(role).page("/inbox").links("//main")
    for role in ("legal", "director", "requestor"):
        house.client(role).page("/renewals", 403)
        assert "/renewals" not in house.client(role).page("/inbox").links("//main")


def test_the_file_has_every_row(house: House) -> None:
    document_id = near_its_end(house)
    daily.run(house.portal)
    head, row = house.client("contract-manager").get("/renewals.csv").get_data(as_text=True).splitlines()
    named = dict(zip(head.split(","), row.split(","), strict=True))
    assert (named["document_id"], named["days_without"], named["term_end"]) == (document_id, "43", "2029-11-23")


def test_a_page_of_a_long_forecast_is_one_record_and_pages_that_are_no_more_are_gone(house: House) -> None:
    one = forecast.forecast(ending(date(2029, 6, 1)), STATISTICS, TODAY)
    rows = [replace(one, document_id=f"TPA-2026-{number:04}") for number in range(60)]
    forecast._keep(house.portal, STATISTICS, rows, TODAY)
    assert [len(forecast.page(house.portal, offset).rows) for offset in (0, 25, 50, 75)] == [25, 25, 10, 0]
    assert [row.document_id for row in forecast.every_row(house.portal)] == [row.document_id for row in rows]
    forecast._keep(house.portal, STATISTICS, rows[:3], TODAY)
    assert [len(forecast.page(house.portal, offset).rows) for offset in (0, 25, 50)] == [3, 0, 0]


def test_the_organization_reads_in_plain_words_what_is_to_be_expected_and_what_it_can_do(house: House) -> None:
    document_id = near_its_end(house)
    words = house.client("requestor").page(f"/applications/{document_id}").words("//section[@class='forecast']")
    assert "ends on November 23, 2029" in words
    assert "43 days without access" in words
    assert "say how many days it needs" in words
    for step in ("renewal-notice", "record-standing", "good-standing", "start-renewal"):
        house.take(document_id, step)
    new_id = house.get(document_id)["start_renewal"]["application"]
    house.renewal_after("send-invitation", new_id)
    page = house.client("requestor").page(f"/applications/{document_id}")
    assert at_step({"id": new_id}, "complete-application") in page.links("//section[@class='forecast']")
    page = house.client("requestor").page(f"/applications/{new_id}")
    assert f"/applications/{document_id}" in page.links("//section[@class='forecast']")


def ended_before_its_renewal(house: House, stop: str) -> tuple[str, str]:
    """The ids of an agreement that ended four days ago and of its renewal, on which this step was the last."""
    old_id = house.where_open("start-renewal")["id"]
    new_id = house.take(old_id, "start-renewal")["start_renewal"]["application"]
    house.renewal_after(stop, new_id)
    house.clock.pass_days((date(2029, 11, 27) - house.portal.today).days)
    house.clients.clear()
    daily.run(house.portal)
    assert house.get(old_id)["status"] == "ended"
    return old_id, new_id


@pytest.mark.parametrize("stop", ["send-invitation", "countersign-mou"])
def test_a_gap_that_has_begun_stands_first_until_the_renewal_is_approved(house: House, stop: str) -> None:
    old_id, new_id = ended_before_its_renewal(house, stop)
    [row] = forecast.page(house.portal, 0).rows
    assert (row.document_id, row.successor, row.without_since) == (old_id, new_id, date(2029, 11, 24))
    assert row.gap >= 4
    head = forecast.kept(house.portal)
    assert (head.total, head.gaps, head.without, head.by_month) == (1, 1, 1, {})
    manager = house.client("process-manager")
    assert "Without access since November 24, 2029" in manager.page("/renewals").words("//table")
    assert "Kern IV-A is without access since November 24, 2029" in manager.page("/inbox").words("//main")
    assert "1 organization without access now" in manager.page("/dashboard").words("//main")
    for one in (old_id, new_id):
        said = house.client("requestor").page(f"/applications/{one}").words("//section[@class='forecast']")
        assert "without access since November 24, 2029" in said
    for step in WAY[WAY.index(stop) + 1 : WAY.index("post-approval") + 1]:
        house.take(new_id, step)
    daily.run(house.portal)
    head = forecast.kept(house.portal)
    assert (head.gaps, head.without) == (0, 0)
    assert "without access since" not in house.client("requestor").page(f"/applications/{old_id}").words("//main")


def test_a_gap_that_has_begun_is_none_any_more_when_its_renewal_comes_to_nothing(house: House) -> None:
    _, new_id = ended_before_its_renewal(house, "complete-application")
    assert forecast.kept(house.portal).without == 1
    house.take(new_id, "withdraw")
    daily.run(house.portal)
    assert (forecast.kept(house.portal).total, forecast.kept(house.portal).without) == (0, 0)


def test_an_agreement_that_was_terminated_is_no_gap(house: House) -> None:
    old_id = house.where_open("start-renewal")["id"]
    new_id = house.take(old_id, "start-renewal")["start_renewal"]["application"]
    house.take(old_id, "terminate", kind="at-once", reason="Accounts were shared.")
    assert (house.get(old_id)["status"], forecast.renews_now(house.get(new_id))) == ("ended", old_id)
    daily.run(house.portal)
    assert forecast.kept(house.portal).total == 0


def test_gaps_that_have_begun_stand_before_longer_ones_that_are_foretold() -> None:
    one = forecast.forecast(ending(date(2029, 6, 1)), STATISTICS, TODAY)
    rows = [replace(one, document_id="a", gap=90), replace(one, document_id="b", gap=9, has_ended=True)]
    assert [row.document_id for row in forecast.the_worst_first(rows)] == ["b", "a"]


@pytest.mark.process("10.1")
def test_a_renewal_that_is_not_begun_says_that_it_waits_for_open_findings(house: House) -> None:
    document_id = near_its_end(house)
    daily.run(house.portal)
    row = f"//tr[.//a[@href='/applications/{document_id}']]"
    manager, waits = house.client("process-manager"), "not before the findings are cleared"
    assert "Not begun; reckoned from" in manager.page("/renewals").words(row)
    assert waits not in manager.page("/renewals").words(row)
    house.take(document_id, "open-audit")
    house.take(document_id, "record-finding")
    assert waits in manager.page("/renewals").words(row)


def test_what_is_not_near_its_end_is_not_foretold(house: House) -> None:
    document = house.application_after("post-approval")
    assert not house.client("requestor").page(f"/applications/{document['id']}").words("//section[@class='forecast']")
