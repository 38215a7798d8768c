"""An application's page: where it is, who has it, for how long, what comes next, what is still missing."""

import pytest

from tests.clients import Page
from tests.conftest import Clock, House


def way_of(page: Page, state: str) -> str:
    """The titles of the steps on the way that stand so."""
    return page.words(f"//li[contains(@class, 'way__step--{state}')]/*[@class='way__title']")


def test_the_head_says_who_has_it_since_when_and_what_comes_next(house: House) -> None:
    document = house.application_before("send-to-owner")
    page = house.client("process-manager").page(f"/applications/{document['id']}")
    said = page.words("//section[@aria-labelledby='now']")
    assert "Waits for the Process Manager since November 23, 2026: Send the application to the Process Owner." in said
    assert "Next: Decide the application (the Process Owner)." in said
    assert f"/applications/{document['id']}/steps/send-to-owner" in page.links("//section[@aria-labelledby='now']")
    other = house.client("director").page(f"/applications/{document['id']}")
    assert not [link for link in other.links() if link.endswith("/steps/send-to-owner")]


@pytest.mark.process("6.5")
def test_steps_that_are_open_side_by_side_are_each_named(house: House) -> None:
    document = house.application_before("legal-opinion")
    said = (
        house.client("process-owner").page(f"/applications/{document['id']}").words("//section[@aria-labelledby='now']")
    )
    assert "Waits for 2 steps, side by side:" in said
    assert "DCSS Legal since November 23, 2026: Give the legal opinion" in said
    assert "Infrastructure Manager since November 23, 2026: Test the connection" in said
    assert said.count("Next: Send the application to the Process Owner") == 1


@pytest.mark.process("2")
def test_what_is_missing_is_told_and_all_criteria_are_a_click_away(house: House) -> None:
    document = house.application_before("send-to-owner")
    page = house.client("process-manager").page(f"/applications/{document['id']}")
    assert "3 of 8 criteria met" in page.words("//h2")
    assert len(page.tree.xpath("//ul[@class='missing']/li")) == 5
    assert len(page.tree.xpath("//details//ol[@class='criteria']/li")) == 8
    requestor = house.client("requestor").page(f"/applications/{document['id']}")
    assert "2 of 8 criteria met" in requestor.words("//h2")


def test_the_whole_way_shows_what_is_done_what_is_open_and_what_is_to_come(house: House) -> None:
    document = house.application_before("legal-opinion")
    page = house.client("legal").page(f"/applications/{document['id']}")
    assert way_of(page, "now") == "Give the legal opinion Test the connection"
    assert way_of(page, "done").endswith("Complete the application Check and route the application")
    assert way_of(page, "to-come").startswith("Send the application to the Process Owner Decide the application")
    assert way_of(page, "to-come").endswith("Confirm access")
    assert "Invitation: done, 3 steps" in page.words("//main//summary")
    assert "Paul Merritt routed the application to Legal and Infrastructure, November 23, 2026" in page.words(
        "//ol[@class='way']"
    )


@pytest.mark.process("6.7")
def test_after_a_rejection_nothing_more_is_to_come_for_those_who_may_know_of_it(house: House) -> None:
    document = house.application_before("decide")
    house.take(document["id"], "decide", decision="reject", reason="No authority.")
    address = f"/applications/{document['id']}"
    owner = house.client("process-owner").page(address)
    assert way_of(owner, "to-come") == ""
    assert "Next:" not in owner.words("//section[@aria-labelledby='now']")
    assert "Sign the Memorandum of Understanding" in way_of(house.client("director").page(address), "to-come")
    house.take(document["id"], "send-decision")
    closed = house.client("director").page(address)
    assert "Closed: rejected." in closed.words("//section[@aria-labelledby='now']")
    assert way_of(closed, "to-come") == ""


def test_what_was_returned_is_to_come_again(house: House) -> None:
    document = house.application_before("route-application")
    house.take(document["id"], "route-application", outcome="return", correction="The purpose is missing.")
    page = house.client("process-manager").page(f"/applications/{document['id']}")
    assert way_of(page, "now") == "Complete the application"
    assert "Give the legal opinion" in way_of(page, "to-come")


def test_the_requestor_is_told_what_to_do_or_that_there_is_nothing_to_do(house: House) -> None:
    document = house.application_before("complete-application")
    address = f"/applications/{document['id']}"
    said = house.client("requestor").page(address).words("//section[@aria-labelledby='now']")
    assert "What happens now It is your turn. Fill in the application for access to CSE and send it." in said
    for step in ("complete-application", "route-application"):
        house.take(document["id"], step)
    said = house.client("requestor").page(address).words("//section[@aria-labelledby='now']")
    assert (
        "You need to do nothing now. DCSS Legal has it since November 23, 2026: Give the legal opinion; the goal is December 16, 2026."
        in said
    )
    assert "You get an email when it is your turn." in said


@pytest.mark.process("6.2")
def test_contacts_are_those_whom_the_steps_name_as_far_as_the_reader_may_read(house: House) -> None:
    document = house.application_before("schedule-invitation")
    address = f"/applications/{document['id']}"
    said = house.client("process-manager").page(address).words("//ul[@class='contacts']")
    assert "Invited to apply" in said
    assert "LCSA Director" in said
    document = house.application_before("route-application", "Alameda")
    said = (
        house.client("administrator", "Alameda")
        .page(f"/applications/{document['id']}")
        .words("//ul[@class='contacts']")
    )
    for what in (
        "The organization’s contact",
        "Signs the MOU",
        "Information Security Officer",
        "LCSA System Administrator",
    ):
        assert what in said


@pytest.mark.process("10.1")
def test_on_an_active_agreement_the_next_date_is_told(house: House, clock: Clock) -> None:
    document = house.application_after("confirm-access")
    page = house.client("coordinator").page(f"/applications/{document['id']}")
    said = page.words("//section[@aria-labelledby='now']")
    assert "Nobody has anything to do now. The next step has a date: Certify users for another year" in said
    assert "8 of 8 criteria met Nothing is missing." in page.words("//section[@aria-labelledby='criteria']")
    assert "Certify users for another year" in way_of(page, "dated")


def facts_of(page: Page) -> dict[str, str]:
    """How the agreement stands, by label."""
    assert page.tree is not None
    facts = page.tree.xpath("//dl[@class='standing']/div")
    return {fact.findtext("dt"): " ".join(fact.find("dd").text_content().split()) for fact in facts}


def test_of_an_agreement_in_force_the_head_says_how_it_stands(house: House, clock: Clock) -> None:
    document = house.application_after("confirm-access")
    address = f"/applications/{document['id']}"
    on_its_way = house.application_before("legal-opinion", "Alameda")
    assert facts_of(house.client("iso").page(f"/applications/{on_its_way['id']}")) == {}
    for role in ("iso", "requestor", "director", "administrator", "legal"):
        assert facts_of(house.client(role).page(address)) == {
            "In force until": "November 23, 2029",
            "Users": "2 of 3 granted",
            "Accounts": "2 in use",
            "Certified until": "November 23, 2027",
            "Audit findings": "None open",
        }, role
    house.take(document["id"], "open-audit")
    house.take(document["id"], "record-finding")
    house.take(document["id"], "report-incident")
    clock.pass_days(370)
    house.clients.clear()  # sessions have ended meanwhile
    page = house.client("iso").page(address)
    said = facts_of(page)
    assert said["Certified until"] == "2 in use, not certified"
    assert said["Audit findings"] == "2 open, 2 overdue"
    assert said["Incidents"] == "1 open"
    assert set(page.links("//dl[@class='standing']")) == {"#roster", "#findings", "#incidents", "#forecast"}


def test_of_an_agreement_that_has_ended_the_head_says_whether_accounts_are_left(house: House) -> None:
    document = house.application_after("confirm-access")
    house.take(document["id"], "terminate")
    address = f"/applications/{document['id']}"
    assert facts_of(house.client("director").page(address))["Accounts"] == "2 still to be removed"
    rows = [
        {"email": one["email"], "user_id": one["user_id"], "removed_on": house.portal.today.isoformat()}
        for one in house.get(document["id"])["set_up_accounts"]["accounts"]
    ]
    house.take(document["id"], "remove-accounts", accounts=rows)
    assert facts_of(house.client("director").page(address))["Accounts"] == "None left"


def test_ones_own_tasks_stand_there_and_those_of_others_are_folded(house: House) -> None:
    document = house.application_after("confirm-access")
    house.take(document["id"], "report-incident")
    address = f"/applications/{document['id']}"
    page = house.client("iso").page(address)
    now = "//section[@aria-labelledby='now']"
    assert page.words(f"{now}/h2") == "Your tasks"
    assert page.links(f"{now}/ul") == [f"{address}/steps/assess-incident"]
    assert page.words(f"{now}//summary") == "2 tasks of others: LCSA System Administrator, Process Owner"
    assert "Acknowledge an incident" in page.words(f"{now}//details")
    page = house.client("legal").page(address)
    assert "Nothing waits for you here." in page.words(now)
    assert page.words(f"{now}//summary").startswith("3 tasks: ")


def test_every_place_that_the_contents_name_is_on_the_page(house: House) -> None:
    document = house.application_after("confirm-access")
    page = house.client("requestor").page(f"/applications/{document['id']}")
    links = page.links("//nav[@class='contents']")
    assert "#roster" in links
    assert "#history" in links
    assert page.tree is not None
    assert [link for link in links if not page.tree.xpath(f"//main//*[@id='{link[1:]}']")] == []


def test_what_is_on_record_folds_by_chapter_and_the_history_by_year(house: House, clock: Clock) -> None:
    document = house.application_after("confirm-access")
    clock.pass_days(345)
    house.take(document["id"], "recertify-users")
    house.take(document["id"], "report-incident")
    page = house.client("requestor").page(f"/applications/{document['id']}")
    folds = page.words("//h2[@id='record']/following-sibling::details/summary")
    assert "Agreement, " in folds
    assert "What was recorded" not in folds
    entries = len(house.get(document["id"])["history"])
    assert f"2026, {entries - 5} earlier entries" in folds
    assert page.words("//h2[@id='history']/following-sibling::ol/li[1]/h3").endswith(" reported an incident")


@pytest.mark.process("6.4")
def test_a_withdrawn_application_came_to_no_later_chapter_and_nothing_is_still_missing(house: House) -> None:
    document = house.application_after("complete-application")
    house.take(document["id"], "withdraw")
    page = house.client("director").page(f"/applications/{document['id']}")
    main = page.words("//main")
    assert "Invitation Done Application Done Agreement Not yet Access Not yet" in main.replace("✓ ", "")
    assert "Not met when it was closed:" in main
    assert "Still missing" not in main
