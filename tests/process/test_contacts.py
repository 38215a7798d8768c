"""An agreement that is older than the portal gets somebody of its organization who acts here."""

from datetime import timedelta

import pytest

from portal.notices import queueing
from portal.process.errors import OutOfScope
from portal.process.step import Grant
from tests.conftest import House, email_of
from tests.importing.made import FOSTER, KERN, workbook
from tests.importing.test_making import documents, imported
from tests.process.case import Case, after, person, read_in

pytestmark = pytest.mark.process("6.2", "6.3.3")


def older() -> Case:
    """Kern IV-A, whose agreement was read in from a sheet today."""
    case = after("confirm-access")
    case.document = read_in(case.document)
    return case


def mailed(house: House) -> dict[str, str]:
    """The mails that wait to go out, by whom they are for."""
    queueing.queue_owed(house.portal)
    found: dict[str, str] = {}
    for _, mail in house.portal.store.records("mail"):
        found[mail["to"]] = found.get(mail["to"], "") + mail["text"]
    return found


def test_from_the_day_after_somebody_has_the_task_of_naming_whom_to_invite() -> None:
    case = older()
    assert case.to_come["invite-requestor"] == (case.today + timedelta(days=1)).isoformat()
    case.pass_days(1)
    assert [task["role"] for task in case.document["open_tasks"] if task["step"] == "invite-requestor"] == [
        "director",
        "coordinator",
        "process-manager",
    ]
    assert "invite-requestor" not in case.take("invite-requestor", person("process-manager")).waiting
    case.take("invite-requestor", contact_email="another@kern.example")  # another, or a new link


def test_it_is_no_task_of_an_agreement_that_was_made_here() -> None:
    assert "invite-requestor" not in after("confirm-access").pass_days(400).possible


def test_the_form_starts_with_the_contact_person_of_the_sheet() -> None:
    case = older()
    email = case.process.step("invite-requestor").field("contact_email")
    assert email.default is not None
    assert email.default(case.situation({})) == "requestor.kern@demo.example"


def invited(house: House, row: dict[str, object]) -> str:
    """The id of an agreement that was read in, whose contact person the Process Manager has invited the day after."""
    imported(house, workbook([row]))
    (document,) = documents(house).values()
    house.clock.pass_days(1)
    house.clients.clear()
    answers = {"contact_name": "Uma Vega", "contact_email": "uma.vega@county.example", "confirm": "yes"}
    address = f"/applications/{document['id']}/steps/invite-requestor"
    client = house.client("process-manager")
    assert address in client.page("/inbox").links()
    client.send(address, answers, 303)
    return str(document["id"])


def test_who_is_invited_gets_a_link_that_makes_their_account_and_finds_the_tasks(house: House) -> None:
    invited(house, FOSTER)
    text = mailed(house)["uma.vega@county.example"]
    assert "Make your account with this link, as Requestor." in text
    assert "/invitation/" in text


@pytest.mark.parametrize("row", [FOSTER, KERN], ids=["little", "much"])
def test_what_dcss_tells_the_organization_reaches_whom_was_invited(house: House, row: dict[str, object]) -> None:
    document_id = invited(house, row)
    grant = Grant("requestor", {"lcsa": str(row["lcsa"]), "organization": str(row["organization"])})
    house.portal.people.add("colleague@county.example", "Kim Lo", grant)
    house.take(document_id, "open-audit")
    told = mailed(house)
    assert "The DCSS Information Security Officer audits" in told["uma.vega@county.example"]
    assert "The DCSS Information Security Officer audits" in told["colleague@county.example"]  # no officer is named
    house.take(document_id, "terminate", kind="notice", ends_on="2027-02-01")
    letter = house.get(document_id)["history"][-1]["letters"][0]
    assert [one["email"] for one in letter["to"]] == ["uma.vega@county.example"]
    assert "no longer in force from February 1, 2027 on" in mailed(house)["uma.vega@county.example"]


def test_whom_the_sheet_names_is_told_as_long_as_nobody_else_was_invited(house: House) -> None:
    imported(house, workbook([KERN]))
    (document,) = documents(house).values()
    house.take(document["id"], "open-audit")
    assert "audits Kern IV-A" in mailed(house)[email_of("requestor")]


def test_where_nobody_is_named_whoever_acts_for_the_organization_is_told(house: House) -> None:
    imported(house, workbook([FOSTER]))
    (document,) = documents(house).values()
    grant = Grant("requestor", {"lcsa": "Alameda", "organization": "Alameda Foster Services"})
    house.portal.people.add("kim.lo@county.example", "Kim Lo", grant)
    house.take(document["id"], "open-audit")
    assert "audits Alameda Foster Services" in mailed(house)["kim.lo@county.example"]


def test_nobody_of_another_lcsa_names_the_contact_person() -> None:
    case = older().pass_days(1)
    with pytest.raises(OutOfScope):
        case.take("invite-requestor", person("director", "Alameda"))
