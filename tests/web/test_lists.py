"""Lists of applications: who has each of them now."""

import pytest

from tests.conftest import House


@pytest.mark.process("4", "5.1")
def test_a_list_names_each_role_that_can_act_today_once_and_none_whose_day_is_to_come(house: House) -> None:
    document_id = house.application_after("confirm-access")["id"]
    owner = house.client("process-owner")
    assert (
        len(house.get(document_id)["open_tasks"]) >= 4
    )  # certification, suspension, renewal and end, all on their date
    assert owner.page("/applications").words("//td[@data-label='Who has it now']") == "Nobody"
    for step in ("open-audit", "record-finding", "survey"):
        house.take(document_id, step)
    said = owner.page("/applications").words("//td[@data-label='Who has it now']")
    assert sorted(said.split(", ")) == ["DCSS Information Security Officer", "Requestor"]


@pytest.mark.process("8")
def test_a_table_leaves_out_a_column_in_which_nothing_stands(house: House) -> None:
    document_id = house.where_open("respond-to-finding")["id"]
    table = "//main//table[caption='Audit findings']//th"
    page = house.client("iso").page(f"/applications/{document_id}")
    assert "Where it stands" in page.words(table)
    assert "Cleared on" not in page.words(table)
    for step in ("respond-to-finding", "review-response", "clear-finding"):
        house.take(document_id, step)
    assert "Cleared on" in house.client("iso").page(f"/applications/{document_id}").words(table)
