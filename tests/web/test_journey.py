"""The whole way through HTTP: one organization, from identification to active access, each role in its own browser."""

import pytest

from portal.process.goals import california_date
from tests.clients import document_id_of
from tests.conftest import House
from tests.journey import WAY, answers_to
from tests.web.asking import at_step


@pytest.mark.process("6.2", "6.3", "6.4", "6.5", "6.6", "6.7", "6.8", "6.9", "7.1", "7.2", "7.3", "2")
def test_an_organization_goes_the_whole_way_each_role_seeing_its_own_tasks(house_on_each_store: House) -> None:
    house = house_on_each_store
    today = california_date(house.clock.now)
    document_id = ""
    for key in WAY:
        step = house.process.step(key)
        client = house.client(step.role)
        if key == "identify-requestor":
            document_id = document_id_of(client.take("", key, answers_to(key, today)))
            continue
        address = f"/applications/{document_id}/steps/{key}"
        inbox = client.page("/inbox")
        assert address in inbox.links(), f"{step.role} does not see {key}"
        client.take(document_id, key, answers_to(key, today))
        if step.waits is None:
            assert address not in client.page("/inbox").links(), f"{key} is still in the inbox"
    document = house.get(document_id)
    assert document["status"] == "active"
    page = house.client("process-manager").page(f"/applications/{document_id}")
    assert page.words("//ol[@class='criteria']").count("Met") == 8


@pytest.mark.process("6.6")
def test_what_the_county_granted_stands_beside_the_decision(house: House) -> None:
    active = house.application_after("post-approval")
    document = house.application_before("decide")
    page = house.client("process-owner").page(at_step(document, "decide"))
    assert page.tree is not None
    rows = [[cell.text_content() for cell in row] for row in page.tree.xpath("//aside//tbody/tr")]
    granted = next(entry for entry in active["history"] if entry["step"] == "decide")["answers"]["accounts_granted"]
    assert [row[:2] for row in rows] == [[active["organization"], str(granted)]]
    elsewhere = house.client("process-owner").page(at_step(house.application_before("decide", "Alameda"), "decide"))
    assert "No other organization has access" in elsewhere.words("//aside")


@pytest.mark.process("6.6", "O8.2")
def test_each_step_says_why_it_exists_and_which_section_it_follows(house: House) -> None:
    page = house.client("process-owner").page(at_step(house.application_before("decide"), "decide"))
    why = page.words("//details[@class='why']")
    purpose = house.process.policy.taking("decide")[0].purpose
    assert f"{purpose} Section 6.6 of the process. It is a step of the Process Owner" in why
    assert "/process/process-owner" in page.links("//details[@class='why']")


@pytest.mark.process("6.9")
def test_whoever_decides_on_an_end_that_is_asked_for_can_also_say_no(house: House) -> None:
    document = house.application_after("confirm-access")
    owner = house.client("process-owner")
    assert "in place of this" not in owner.page(at_step(document, "terminate")).words("//main")
    house.clock.pass_days(3)
    house.clients.clear()
    document = house.take(document["id"], "request-termination", reason="The workers no longer need it.")
    owner = house.client("process-owner")
    assert at_step(document, "decline-termination") in owner.page(at_step(document, "terminate")).links()
    (task,) = (task for task in document["open_tasks"] if task["step"] == "terminate")
    assert task["since"] == document["history"][-1]["at"]
    assert task["opened_by"]["name"] == document["history"][-1]["actor_name"]
