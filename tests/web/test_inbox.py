"""The inbox: what to do first stands first, tasks are found and looked at without leaving the list, and the next one is at
hand.
"""

from datetime import date

import pytest

from portal.words import date_in_words
from tests.clients import Page, PortalClient
from tests.conftest import Clock, House

AS_HTMX = {"HX-Request": "true"}


def steps_in(page: Page) -> list[str]:
    """The keys of the steps to which the rows lead, in their order."""
    return [link.rsplit("/", 1)[-1] for link in page.links("//*[@id='tasks']") if "/steps/" in link]


def organizations_in(page: Page) -> str:
    """Of whom the rows are."""
    return page.words("//*[@id='tasks']//*[@class='task__who']")


@pytest.mark.process("4")
def test_tasks_are_grouped_by_how_pressing_they_are(house: House, clock: Clock) -> None:
    house.application_before("legal-opinion")
    clock.pass_days(9)
    house.application_before("legal-opinion", "Alameda")
    clock.pass_days(16)
    house.application_before("legal-opinion", "San Diego")
    house.clients.clear()
    page = house.client("legal").page("/inbox")
    assert page.words("//main//h2") == "Over the goal (1) Close to the goal (1) Within the goal (1)"
    assert organizations_in(page) == "Kern IV-A Alameda IV-A San Diego IV-A"
    assert (
        page.words("//*[@class='goal__words']")
        == "2 working days over the goal of 15 12 of 15 working days 0 of 15 working days"
    )
    assert "3 tasks for you to take, the most pressing first." in page.words("//main")


@pytest.mark.process("8", "2.5")
def test_what_is_asked_for_by_a_day_stands_by_that_day_among_the_rest(house: House, clock: Clock) -> None:
    document = house.application_after("confirm-access")
    house.take(document["id"], "open-audit")
    house.take(document["id"], "record-finding")
    due_on = next(task["due_on"] for task in house.get(document["id"])["open_tasks"] if task["due_on"] < "2027")
    page = house.client("requestor").page("/inbox")
    assert page.words("//main//h2[contains(@class, 'inbox__group')]") == "Before the day (1)"
    assert f"By {date_in_words(due_on)}" in page.words("//li[contains(@class, 'task')]")
    clock.pass_days((date.fromisoformat(due_on) - house.portal.today).days)
    house.clients.clear()
    page = house.client("requestor").page("/inbox")
    assert page.words("//main//h2[contains(@class, 'inbox__group')]") == "Close to the day (1)"
    assert "By today" in page.words("//li[contains(@class, 'task')]")
    clock.pass_days(6)
    house.clients.clear()
    page = house.client("requestor").page("/inbox")
    assert page.words("//main//h2[contains(@class, 'inbox__group')]") == "Past the day (1)"
    assert f"By {date_in_words(due_on)}: 6 days late" in page.words("//li[contains(@class, 'task')]")
    assert page.words(f"//a[@href='/applications/{document['id']}']") is not None


@pytest.mark.process("8")
def test_an_incident_is_to_be_seen_to_at_once_and_stands_before_everything_else(house: House, clock: Clock) -> None:
    for county in ("Alameda", "Kern"):
        house.application_before("decide", county)
    clock.pass_days(60)
    active = house.application_after("confirm-access", "San Diego")
    house.take(active["id"], "report-incident", "San Diego")
    house.clients.clear()
    page = house.client("process-owner").page("/inbox")
    assert page.words("//main//h2[contains(@class, 'inbox__group')]").startswith("Over the goal, or past the day (")
    assert "At once Since" in page.words("//li[contains(., 'Acknowledge an incident')]")
    clock.pass_days(1)
    house.clients.clear()
    page = house.client("process-owner").page("/inbox")
    assert "At once: 1 day late" in page.words("//li[contains(., 'Acknowledge an incident')]")


@pytest.mark.process("8")
def test_an_organization_with_open_findings_is_marked_in_every_inbox_that_it_stands_in(house: House) -> None:
    document = house.application_after("confirm-access")
    house.take(document["id"], "open-audit")
    house.take(document["id"], "record-finding")
    house.take(document["id"], "change-users")
    row = house.client("administrator").page("/inbox").words("//li[contains(., 'Remove accounts')]")
    assert "audit findings not cleared" in row or "audit finding not cleared" in row


@pytest.mark.process("7.3")
def test_what_was_late_as_it_came_counts_from_its_day(house: House, clock: Clock) -> None:
    document = house.application_after("confirm-access")
    clock.pass_days(6)
    gone = {"email": "bo@kern.example", "left_on": "2026-11-24"}
    house.take(document["id"], "change-users", leaving=[gone], joining=[])
    page = house.client("administrator").page("/inbox")
    assert "At once: 5 days late" in page.words("//li[contains(., 'Remove accounts')]")


def test_a_row_says_what_is_asked_of_whom_since_when_and_from_whom_it_came(house: House, clock: Clock) -> None:
    house.application_before("legal-opinion")
    clock.pass_days(2)
    row = house.client("legal").page("/inbox").words("//li[contains(@class, 'task')]")
    for words in (
        "Give the legal opinion",
        "Review the application for legal authority",
        "Kern IV-A",
        "Kern · TPA-2026-0001",
        "From Paul Merritt, Process Manager",
        "Since November 23, 2026",
        "Goal: 2 of 15 working days",
    ):
        assert words in row


@pytest.mark.process("6.5.3")
def test_a_task_that_waits_for_two_steps_comes_from_whoever_took_the_later_one(house: House, clock: Clock) -> None:
    document = house.application_before("legal-opinion")
    clock.pass_days(1)
    house.take(document["id"], "connectivity-test")
    clock.pass_days(1)
    house.take(document["id"], "legal-opinion")
    row = house.client("process-manager").page("/inbox").words("//li[contains(@class, 'task')]")
    assert "From Lena Ng, DCSS Legal" in row
    assert "Since November 25, 2026" in row


def test_a_task_that_its_date_opened_came_from_nobody(house: House, clock: Clock) -> None:
    house.where_open("recertify-users")
    row = house.client("requestor").page("/inbox").words("//li[contains(@class, 'task')]")
    assert "Certify users for another year" in row
    assert "From" not in row


@pytest.fixture
def many(house: House) -> PortalClient:
    """The Process Manager, for whom eight tasks wait: two to route, six invitations to schedule."""
    for county in ("Kern", "Alameda"):
        house.application_before("route-application", county)
        for _ in range(3):
            house.take("", "identify-requestor", county)
    return house.client("process-manager")


def test_an_inbox_is_narrowed_to_a_task_a_county_and_words(many: PortalClient) -> None:
    page = many.page("/inbox")
    assert page.title.startswith("Inbox (8)")
    assert page.tree.xpath("//form[@role='search']//option[@value='route-application']")
    page = many.page("/inbox?step=route-application")
    assert (page.title[:9], set(steps_in(page))) == ("Inbox (2)", {"route-application"})
    page = many.page("/inbox?lcsa=Kern")
    assert (page.title[:9], set(organizations_in(page).split())) == ("Inbox (4)", {"Kern", "IV-A"})
    page = many.page("/inbox?q=alameda&step=route-application&lcsa=Alameda")
    assert (page.title[:9], organizations_in(page)) == ("Inbox (1)", "Alameda IV-A")
    page = many.page("/inbox?q=alameda&lcsa=Kern")
    assert "No task of yours is like that" in page.words("//main")
    assert "/inbox" in page.links()
    assert many.page("/inbox?q=123-45-6789").tree.xpath("//input[@type='search']/@value") == [""]


def test_what_is_typed_comes_back_as_a_block_of_the_same_page_and_is_announced(many: PortalClient) -> None:
    block = Page(many.get("/inbox?q=kern&step=route-application", headers=AS_HTMX))
    assert block.text.startswith("<title>Inbox (1)")
    assert "<h1" not in block.text
    assert block.words("//*[@data-spoken]") == "1 task found."
    assert steps_in(block) == ["route-application"]
    form = many.page("/inbox").tree.xpath("//form[@role='search']")[0]
    assert (form.get("method"), form.get("hx-get"), form.get("hx-push-url")) == ("get", "/inbox", "true")


def test_few_tasks_need_no_search(house: House) -> None:
    house.application_before("legal-opinion")
    assert not house.client("legal").page("/inbox").tree.xpath("//form[@role='search']")


def test_of_a_long_inbox_each_page_has_groups_of_its_own(house: House) -> None:
    for _ in range(26):
        house.take("", "identify-requestor")
    manager = house.client("process-manager")
    assert manager.page("/inbox").words("//main//h2") == "Within the goal (25 on this page)"
    page = manager.page("/inbox?from=25")
    assert page.words("//main//h2") == "Within the goal (1 on this page)"
    assert "26 to 26 of 26 tasks" in page.words("//nav[@aria-label='Pages']")
    assert "/inbox?lcsa=Kern&from=25" in manager.page("/inbox?lcsa=Kern").links("//nav[@aria-label='Pages']")


def test_a_task_is_looked_at_without_leaving_the_list(house: House) -> None:
    document = house.application_before("send-to-owner")
    manager = house.client("process-manager")
    page = manager.page("/inbox")
    (look,) = page.tree.xpath("//details//*[@hx-get]")
    assert look.get("hx-get") == f"/applications/{document['id']}"
    assert f"/applications/{document['id']}" in page.links("//details")
    block = Page(manager.get(look.get("hx-get"), headers=AS_HTMX))
    assert "<title" not in block.text
    assert "<h1" not in block.text
    for words in (
        "Waits for the Process Manager since November 23, 2026: Send the application to the Process Owner.",
        "Next: Decide the application (the Process Owner).",
        "3 of 8 criteria met",
        "The users have signed confidentiality statements.",
        "gave the legal opinion",
    ):
        assert words in block.words("//*")
    assert not [link for link in block.links("//*") if "/steps/" in link]
    lines = [line["did"] for line in house.portal.store.log(limit=3).rows]
    assert "read it" in lines


def test_what_is_looked_at_says_no_more_than_its_reader_may_read(house: House) -> None:
    document = house.application_before("send-to-owner")
    address = f"/applications/{document['id']}"
    requestor = Page(house.client("requestor").get(address, headers=AS_HTMX))
    assert "2 of 8 criteria met" in requestor.words("//*")
    assert house.client("requestor", "Alameda").get(address, headers=AS_HTMX).status_code == 404


def test_after_a_step_the_next_task_is_at_hand(house: House) -> None:
    first, second = (
        house.application_before("route-application"),
        house.application_before("route-application", "Alameda"),
    )
    manager = house.client("process-manager")
    taken = manager.send(f"/applications/{first['id']}/steps/route-application", {"outcome": "complete"})
    page = manager.page(taken.response.headers["Location"])
    assert "Next task: Check and route the application, Alameda IV-A" in page.words("//main")
    panel = page.words("//section[@aria-labelledby='happens-next']")
    assert panel.startswith(
        "What happens next DCSS Legal: Give the legal opinion, by December 16, 2026 if all goes as it"
    )
    assert f"Its number is {first['id']}." in panel
    assert f"/applications/{second['id']}/steps/route-application" in page.links()
    assert "Next task" not in manager.page(taken.response.headers["Location"]).text
    taken = manager.send(f"/applications/{second['id']}/steps/route-application", {"outcome": "complete"})
    assert "Nothing else waits for you now." in manager.page(taken.response.headers["Location"]).words("//main")


def test_an_empty_inbox_says_what_opens_the_next_task(house: House) -> None:
    page = house.client("legal").page("/inbox").words("//main")
    assert "Nothing waits for you" in page
    assert (
        "Give the legal opinion comes when the application is complete and routed or the Requestor answered Legal's question."
        in page
    )


@pytest.mark.process("10.1")
def test_an_empty_inbox_says_what_will_come_on_which_date(house: House) -> None:
    document = house.application_after("confirm-access")
    page = house.client("requestor").page("/inbox")
    assert "What will come" in page.words("//main//h2")
    assert "2027 Certify users for another year: Kern IV-A, Kern" in page.words("//ul[@class='coming']")
    assert f"/applications/{document['id']}" in page.links()
    assert "What will come" not in house.client("requestor", "Alameda").page("/inbox").words("//main//h2")


def test_the_same_inbox_is_drawn_from_each_store(house_on_each_store: House) -> None:
    house = house_on_each_store
    house.application_before("legal-opinion")
    house.application_before("legal-opinion", "Alameda")
    legal = house.client("legal")
    assert organizations_in(legal.page("/inbox?q=alameda&step=legal-opinion&lcsa=Alameda")) == "Alameda IV-A"
    assert "Nothing waits for you" in house.client("iso").page("/inbox").words("//main")
