"""A long form is asked part by part: one matter on a page, nothing lost between them [6.4]."""

import pytest

from portal.process.document import Json
from portal.process.goals import california_date
from tests.clients import typed
from tests.conftest import House
from tests.journey import answers_to
from tests.web.asking import at_step

WHO = {"contact_name": "Ana Diaz", "contact_title": "Deputy Director", "contact_phone": "(661) 555-0100"}


@pytest.fixture
def document(house: House) -> Json:
    """An application that waits for its Requestor."""
    return house.application_before("complete-application")


@pytest.fixture
def address(document: Json) -> str:
    """The address of the Requestor's step."""
    return at_step(document, "complete-application")


@pytest.mark.process("6.4")
def test_each_part_asks_its_own_questions_and_carries_the_answers_to_the_others(house: House, address: str) -> None:
    requestor = house.client("requestor")
    first = requestor.page(address)
    assert "Part 1 of 6 Your organization and its contact person" in first.words("//h2")
    assert not first.tree.xpath("//*[@name='signature' and not(@type='hidden')]")
    answer = requestor.send(address, {**WHO, "go_on": "1"})
    assert answer.response.headers["Location"] == f"{address}?part=2"
    second = requestor.page(f"{address}?part=2")
    assert "Part 2 of 6 Who answers for information security" in second.words("//h2")
    assert second.fields()["contact_name"] == "Ana Diaz"
    assert second.title.startswith("Who answers for information security (part 2 of 6)")


@pytest.mark.process("6.4")
def test_who_goes_on_is_told_what_does_not_hold_in_this_part_alone(house: House, address: str) -> None:
    requestor = house.client("requestor")
    page = requestor.send(address, {**WHO, "contact_phone": "", "go_on": "1"}, 422)
    assert list(page.problems) == ["contact_phone"]
    assert page.fields()["contact_name"] == "Ana Diaz"


@pytest.mark.process("6.4")
def test_another_part_can_be_looked_at_before_this_one_is_whole_and_nothing_is_lost(
    house: House, document: Json, address: str
) -> None:
    requestor = house.client("requestor")
    answer = requestor.send(address, {"contact_name": "Ana Diaz", "contact_phone": "later", "part": "4"})
    assert answer.response.headers["Location"] == f"{address}?part=4"
    assert requestor.page(f"{address}?part=1").fields()["contact_phone"] == "later"
    assert house.get(document["id"])["version"] == document["version"]


@pytest.mark.process("6.4")
@pytest.mark.parametrize("said", ["0", "7", "-1", "x", "²", "9" * 40, "0000000019", ""])
def test_a_part_that_there_is_not_is_the_first(house: House, address: str, said: str) -> None:
    assert "Part 1 of 6" in house.client("requestor").page(f"{address}?part={said}").words("//h2")


@pytest.mark.process("6.4")
def test_problems_in_one_part_show_that_part_and_problems_in_several_the_whole_form(house: House, address: str) -> None:
    requestor = house.client("requestor")
    whole = {
        name: value
        for name, value in typed(answers_to("complete-application", california_date(house.clock.now))).items()
    }
    in_one = requestor.send(address, {**whole, "iso_email": ""}, 422)
    assert "Part 2 of 6" in in_one.words("//h2")
    assert list(in_one.problems) == ["iso_email"]
    in_two = requestor.send(address, {**whole, "iso_email": "", "signature": ""}, 422)
    assert "Part" not in in_two.words("//h2")
    assert list(in_two.problems) == ["iso_email", "signature"]
    for name in ("iso_email", "signature"):
        assert in_two.tree.xpath(f"//*[@id='{name}']")


@pytest.mark.process("6.4")
def test_the_answers_are_checked_part_by_part_and_each_leads_back(house: House, document: Json, address: str) -> None:
    requestor = house.client("requestor")
    whole = typed(answers_to("complete-application", california_date(house.clock.now)))
    check = requestor.send(address, whole, 200)
    assert check.h1.endswith("Check your answers")
    assert [button.get("value") for button in check.tree.xpath("//button[@name='part']")] == list("123456")
    answer = requestor.post_form(address, {**check.fields(), "part": "3"}, 303)
    assert answer.response.headers["Location"] == f"{address}?part=3"
    assert requestor.page(f"{address}?part=3").fields()["signature"] == whole["signature"]
    requestor.post_form(address, {**check.fields(), "confirm": "yes"}, 303)
    assert house.get(document["id"])["history"][-1]["step"] == "complete-application"


@pytest.mark.process("6.2")
def test_what_came_on_paper_is_entered_on_one_page_as_the_paper_has_it(house: House, address: str) -> None:
    page = house.client("process-manager").page(address)
    assert "Part 1" not in page.words("//main")
    assert page.tree.xpath("//*[@name='signature' and not(@type='hidden')]")
