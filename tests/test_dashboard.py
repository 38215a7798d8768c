"""The dashboard: what waits and for how long, accounts by county, agreements that near their end, the year; in figures."""

import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import portal
from portal import daily, dashboard
from portal.blueprints.dashboard import SHADES, shade_of
from portal.county_map import SHAPES
from portal.process.goals import add_months
from portal.process.third_party_access.reference import COUNTIES, LCSAS
from portal.store.tinydb_store import TinyDBStore
from tests.conftest import House
from tests.importing.made import KERN, workbook
from tests.importing.test_making import imported

ALLOWED = ("process-owner", "process-manager", "contract-manager", "iso", "legal", "infrastructure-manager")


def figures_of(house: House) -> dashboard.Figures:
    """The figures as the daily run works them out now."""
    assert daily.run(house.portal).problems == ()
    found = dashboard.figures(house.portal)
    assert found is not None
    return found


def row(house: House, heading: str, table: str, role: str = "process-manager") -> list[str]:
    """The cells of the row with this heading, of the table with this caption."""
    page = house.client(role).page("/dashboard")
    assert page.tree is not None
    rows = page.tree.xpath(f"//table[caption='{table}']//tr[normalize-space(th)='{heading}']")
    assert len(rows) == 1, (heading, table, len(rows))
    return [" ".join(cell.text_content().split()) for cell in rows[0].findall("td")]


@pytest.mark.process("5.1", "O8.2")
def test_the_dashboard_is_for_the_states_roles_alone(house: House) -> None:
    for role in (role.key for role in house.process.roles):
        page = house.client(role).page("/dashboard", 200 if role in ALLOWED else 403)
        assert ("/dashboard" in house.client(role).page("/account").links("//nav")) == (role in ALLOWED), role
        assert page.h1


@pytest.mark.process("5.1")
def test_before_the_first_daily_run_it_says_what_is_still_to_come_and_shows_what_is_known(house: House) -> None:
    house.application_after("complete-application")
    page = house.client("legal").page("/dashboard")
    assert "Most figures are not worked out yet" in page.text
    assert row(house, "Application being checked", "Applications by status")[0] == "1"
    assert "/applications?status=applying" in page.links()
    assert not page.tree.xpath("//svg[@class='map']")


@pytest.mark.process("4", "5.1", "1.6", "10")
def test_figures_are_worked_out_once_a_day_and_the_page_shows_them(house_on_each_store: House) -> None:
    house = house_on_each_store
    house.application_after("confirm-access")
    house.application_after("route-application", "San Diego")
    found = figures_of(house)
    before = house.portal.store.get_record(dashboard.RECORDS, dashboard.FIGURES)
    assert figures_of(house) == found
    assert house.portal.store.get_record(dashboard.RECORDS, dashboard.FIGURES) == before
    assert found.as_of == house.portal.today
    assert found.accounts["Kern"] == dashboard.Accounts(3, 1)
    assert found.accounts["Los Angeles"] == dashboard.Accounts(0, 172)
    assert (found.granted, found.reserved, len(found.accounts)) == (3, 552, len(LCSAS))
    assert found.waiting["legal"] == dashboard.Waiting(1, 1, 0)
    assert found.steps["legal-opinion"] == dashboard.Took(1, 0, 0)
    assert {event: list(numbers.values())[-1] for event, numbers in found.flow.items()} == {
        "begun": 2,
        "decided": 1,
        "active": 1,
        "ended": 0,
    }
    for role in ALLOWED:
        page = house.client(role).page("/dashboard")
        assert "Kern: 3 of 1 account granted" in page.tree.xpath("//svg//a/title/text()")
        assert ("/tracking" in page.links()) == (role in ("process-manager", "process-owner"))
        assert ("/renewals" in page.links()) == (role in ("process-manager", "process-owner", "contract-manager"))
    assert row(house, "Active", "Applications by status")[0] == "1"
    assert row(house, "DCSS Legal", "Open tasks of each role") == ["1", "", "0"]
    assert row(house, "Kern", "Accounts by LCSA") == ["3", "1"]
    assert row(house, "November 2026", "The year’s flow, month by month") == ["2", "1", "1", "0"]


@pytest.mark.process("4")
def test_what_is_over_its_goal_is_named_as_it_is_now_the_furthest_first(house: House) -> None:
    early = house.application_before("legal-opinion")
    house.clock.pass_days(3)
    late = house.application_before("legal-opinion", "San Diego")
    page = house.client("iso").page("/dashboard")
    assert "Nothing is over its goal or past its day" in page.text
    house.clock.pass_days(27)
    house.clients.clear()
    found = dashboard.longest_overdue(house.portal, 8)
    assert [(one.row.document_id, one.row.task["step"]) for one in found] == [
        (early["id"], "legal-opinion"),
        (late["id"], "legal-opinion"),
    ]
    assert found[0].over > found[1].over > 0
    assert [one.row.document_id for one in dashboard.longest_overdue(house.portal, 1)] == [early["id"]]
    words = house.client("iso").page("/dashboard").words("//ol[@class='overdue']")
    assert f"{found[0].over} working days over Give the legal opinion: Kern IV-A, Kern" in words
    assert figures_of(house).waiting["legal"] == dashboard.Waiting(2, 2, 2)
    assert row(house, "DCSS Legal", "Open tasks of each role", "iso") == ["2", "", "2"]


@pytest.mark.process("5.1")
def test_open_tasks_are_counted_as_they_are_now_and_lead_to_their_list(house_on_each_store: House) -> None:
    house = house_on_each_store
    document = house.application_before("legal-opinion")
    assert row(house, "DCSS Legal", "Open tasks of each role", "iso") == ["1", ""]  # before any daily run
    other = house.application_before("legal-opinion", "San Diego")
    assert figures_of(house).waiting["legal"].open == 2
    house.take(other["id"], "legal-opinion", "San Diego")
    assert row(house, "DCSS Legal", "Open tasks of each role", "iso") == ["1", "", "0"]
    for role in ("legal", "infrastructure-manager"):
        address = f"/dashboard/tasks/{role}"
        assert address in house.client("iso").page("/dashboard").links()
        page = house.client("iso").page(address)
        own = house.client(role).page("/inbox")
        listed = [link for link in page.links("//ul[@class='task-list']//a[@class='task__link']/..")]
        assert [link.partition("/steps/")[0] for link in own.links("//ul[@class='task-list']//a[@class='task__link']/..")] == listed  # fmt: skip
        assert row(house, house.process.role(role).title, "Open tasks of each role", "iso")[0] == str(len(listed))
    page = house.client("iso").page("/dashboard/tasks/legal")
    assert page.h1 == "Open tasks DCSS Legal"
    assert "Give the legal opinion: Kern IV-A" in page.words("//li")
    assert document["id"] in page.words("//li")
    assert "No task found" in house.client("iso").page("/dashboard/tasks/legal?q=alpine").text
    assert "No task is open for this role now" in house.client("iso").page("/dashboard/tasks/coordinator").text
    house.client("iso").page("/dashboard/tasks/nobody", 404)
    for role in (role.key for role in house.process.roles):
        house.client(role).page("/dashboard/tasks/legal", 200 if role in ALLOWED else 403)


@pytest.mark.process("8")
def test_an_organization_with_open_findings_is_marked_in_the_list_of_tasks(house: House) -> None:
    document = house.application_after("confirm-access")
    house.take(document["id"], "open-audit")
    assert "not cleared" not in house.client("legal").page("/dashboard/tasks/iso").words("//li")
    house.take(document["id"], "record-finding")
    page = house.client("process-manager").page("/dashboard/tasks/requestor")
    assert "2 audit findings not cleared" in page.words("//li")


@pytest.mark.process("2.5")
def test_what_is_past_the_day_by_which_it_was_asked_for_is_named_too(house: House) -> None:
    document = house.application_after("confirm-access")
    assert dashboard.longest_overdue(house.portal, 8) == []
    house.clock.pass_days(366 + 6)
    found = {one.row.task["step"]: (one.over, one.has_goal) for one in dashboard.longest_overdue(house.portal, 8)}
    assert found == {"recertify-users": (7, False), "suspend-accounts": (6, False)}
    words = house.client("iso").page("/dashboard").words("//ol[@class='overdue']")
    assert f"6 days late Suspend accounts: {document['organization']}, Kern" in words


@pytest.mark.process("4")
def test_the_goals_own_day_is_within_it_and_the_next_working_day_is_not(house: House) -> None:
    house.application_before("legal-opinion")
    for working_days, over in ((15, 0), (1, 1)):
        until = house.portal.calendar.add(house.portal.today, working_days)
        house.clock.pass_days((until - house.portal.today).days)
        assert figures_of(house).waiting["legal"] == dashboard.Waiting(1, 1, over)
        assert [one.over for one in dashboard.longest_overdue(house.portal, 8) if "legal" in one.roles] == [1] * over


@pytest.mark.process("4")
def test_a_clock_that_stands_still_is_not_over_its_goal(house: House) -> None:
    document = house.application_before("legal-opinion")
    house.take(document["id"], "legal-opinion", opinion="clarification", opinion_text="Which?")
    house.clock.pass_days(60)
    assert dashboard.longest_overdue(house.portal, 8) == []
    assert sum(one.over for one in figures_of(house).waiting.values()) == 0


@pytest.mark.process("4")
def test_days_of_steps_are_working_days_of_the_last_twelve_months(house: House) -> None:
    for wait, county in ((1, "Kern"), (8, "San Diego"), (15, "Alameda")):
        document = house.application_before("legal-opinion", county)
        house.clock.pass_days(wait)
        house.take(document["id"], "legal-opinion", county)
    took = figures_of(house).steps["legal-opinion"]
    assert took == dashboard.Took(3, 4, 11)  # Thanksgiving and the day after it are no working days
    house.clients.clear()
    assert row(house, "Give the legal opinion", "Working days that steps took")[:3] == ["4", "11", "15"]
    house.clock.pass_days(380)
    assert "legal-opinion" not in figures_of(house).steps
    house.clients.clear()
    assert row(house, "Give the legal opinion", "Working days that steps took")[0] == "–"


@pytest.mark.process("1.6", "6.7", "O8.2")
def test_accounts_count_once_the_decisions_letter_is_sent_since_not_all_who_see_it_know_before(house: House) -> None:
    document = house.application_after("decide")
    assert figures_of(house).accounts["Kern"].granted == 0
    house.take(document["id"], "send-decision")
    assert figures_of(house).accounts["Kern"].granted == 3


@pytest.mark.process("5.1")
def test_what_was_read_in_from_a_sheet_counts_its_accounts_and_is_no_work_of_this_year(house: House) -> None:
    imported(house, workbook([KERN]))
    found = figures_of(house)
    assert found.accounts["Kern"].granted == 3
    assert found.steps == {}
    assert {event: sum(months.values()) for event, months in found.flow.items()} == dict.fromkeys(dashboard.EVENTS, 0)


@pytest.mark.process("4", "10.1")
def test_a_task_whose_day_is_still_to_come_is_not_open_yet(house: House) -> None:
    document = house.application_after("confirm-access")
    assert any(task["opens_on"] for task in house.get(document["id"])["open_tasks"])
    now = [task["role"] for task in house.get(document["id"])["open_tasks"] if not task["opens_on"]]
    assert {role: one.open for role, one in figures_of(house).waiting.items()} == Counter(now)


@pytest.mark.process("6.9", "10")
def test_the_flow_counts_an_end_when_it_has_come(house: House) -> None:
    document = house.application_after("confirm-access")
    on_notice = house.application_after("confirm-access", "San Diego")
    house.take(document["id"], "terminate", kind="at-once", reason="Accounts were shared.")
    ends_on = (house.portal.today + timedelta(days=30)).isoformat()
    house.take(on_notice["id"], "terminate", kind="notice", ends_on=ends_on, reason="It is no longer needed.")
    assert sum(figures_of(house).flow["ended"].values()) == 1
    house.clock.pass_days(31)
    assert list(figures_of(house).flow["ended"].values())[-2:] == [1, 1]


@pytest.mark.process("10")
def test_mous_that_end_within_a_year_stand_by_month_with_the_gaps_foretold(house: House) -> None:
    document = house.application_after("confirm-access")
    end = date.fromisoformat(document["countersign_mou"]["expires_on"])
    house.clock.pass_days((end - house.portal.today).days - 100)
    house.clients.clear()
    figures_of(house)
    month = f"{end:%B %Y}"
    assert row(house, month, "MOUs that end, by month")[:3] == ["1", "1", "0"]
    first = house.portal.today.replace(day=1)
    before = f"{add_months(first, 1):%B %Y}"
    assert row(house, before, "MOUs that end, by month")[:3] == ["0", "0", "0"]


@pytest.mark.process("5.1")
def test_the_page_opens_no_application(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.application_after("confirm-access")
    house.application_before("legal-opinion", "San Diego")
    house.clock.pass_days(40)
    figures_of(house)
    manager = house.client("process-manager")
    opened: list[Any] = []
    for name in ("get", "search", "every"):
        monkeypatch.setattr(TinyDBStore, name, lambda *args, **kwargs: opened.append(args))
    assert "working days over" in manager.page("/dashboard").text
    assert opened == []


@pytest.mark.process("1.6")
def test_every_lcsa_is_on_the_map_as_a_link_that_says_its_numbers(house: House) -> None:
    figures_of(house)
    page = house.client("process-owner").page("/dashboard")
    links = page.tree.xpath("//svg[@class='map']//a")
    assert len(links) == len(LCSAS)
    assert len(page.tree.xpath("//svg[@class='map']//a/path")) == len(COUNTIES)
    says = {link.get("href"): link.find("title").text for link in links}
    assert says["/applications?lcsa=Orange"] == "Orange: 0 of 46 accounts granted"
    assert says["/applications?lcsa=Sierra+Nevada"] == "Sierra Nevada (Nevada, Sierra): 0 of 1 account granted"
    assert says["/applications?lcsa=Central+Sierra"] == "Central Sierra (Alpine): 0 accounts granted, none reserved"


def test_every_county_is_drawn_once() -> None:
    assert [shape.lcsa for shape in SHAPES] == list(LCSAS)
    assert sum(len(shape.paths) for shape in SHAPES) == len(COUNTIES)


@pytest.mark.parametrize(
    ("granted", "reserved", "means"),
    [
        (0, 0, "None granted"),
        (0, 5, "None granted"),
        (1, 2, "Up to half of what is reserved"),
        (2, 3, "More than half of it"),
        (3, 3, "All of it"),
        (4, 3, "More than is reserved"),
        (1, 0, "More than is reserved"),
    ],
)
def test_shades_say_how_much_of_the_reserve_is_granted(granted: int, reserved: int, means: str) -> None:
    assert SHADES[shade_of(granted, reserved)] == means


def test_days_are_those_of_cases_that_there_were() -> None:
    assert dashboard._took(Counter({3: 1})) == [1, 3, 3]
    assert dashboard._took(Counter({1: 5, 9: 5})) == [10, 1, 9]
    assert dashboard._took(Counter({1: 9, 40: 1})) == [10, 1, 1]
    assert dashboard._took(Counter({1: 8, 40: 2})) == [10, 1, 40]


def brightness(colour: str) -> float:
    """The relative luminance of `#fff` or `#12ab34`, as WCAG counts it."""
    digits = colour.lstrip("#")
    digits = "".join(one * 2 for one in digits) if len(digits) == 3 else digits
    parts = (int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((brightness(one), brightness(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("place", [0, 1], ids=["light", "dark"])
def test_borders_and_numbers_on_the_map_stand_out_from_every_shade(place: int) -> None:
    css = (Path(portal.__file__).parent / "static" / "portal.css").read_text(encoding="utf-8")
    named = {
        name: re.findall(rf"--map-{name}: (#\w+);", css) for name in ("border", "number", "0", "1", "2", "3", "over")
    }
    assert {len(values) for values in named.values()} == {2}
    for shade in ("0", "1", "2", "3", "over"):
        assert contrast(named["border"][place], named[shade][place]) >= 3, shade
        assert contrast(named["number"][place], named[shade][place]) >= 4.5, shade


def test_the_lists_that_figures_lead_to_say_which_county_they_show(house: House) -> None:
    house.application_after("identify-requestor")
    house.application_after("identify-requestor", "San Diego")
    for role, address in (("legal", "/applications"), ("process-owner", "/tracking")):
        page = house.client(role).page(f"{address}?lcsa=Kern")
        assert page.tree.xpath("//select[@name='lcsa']/option[@selected]/@value") == ["Kern"]
        assert len(page.tree.xpath("//tbody/tr")) == 1
    assert house.client("director").page("/applications").tree.xpath("//select[@name='lcsa']") == []
