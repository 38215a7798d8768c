"""Drafts: answers kept while they are written, shared by colleagues, seen by nobody else [6.4]."""

import pytest

from portal.process.document import Json
from portal.process.goals import california_date
from portal.process.step import Grant
from tests.clients import PortalClient, sign_in, typed
from tests.conftest import House
from tests.journey import answers_to
from tests.web.asking import at_step, posted

PURPOSE = "Eligibility workers check <orders> & payments."


def a_colleague(house: House, email: str = "colleague@kern.example", organization: str = "Kern IV-A") -> PortalClient:
    """Somebody else who holds the requestor's role, signed in."""
    grant = Grant("requestor", {"lcsa": "Kern", "organization": organization})
    house.portal.people.add(email, "Cleo Park", grant, password="third-party-access")
    client = PortalClient(house.app, use_cookies=True)
    sign_in(client, email)
    return client


@pytest.fixture
def document(house: House) -> Json:
    """An application that waits for its Requestor."""
    return house.application_before("complete-application")


@pytest.fixture
def address(document: Json) -> str:
    """The address of the Requestor's step."""
    return at_step(document, "complete-application")


@pytest.mark.process("6.4")
def test_a_draft_is_kept_by_its_button_and_is_there_again(house: House, document: Json, address: str) -> None:
    requestor = house.client("requestor")
    answer = requestor.send(address, {"purpose": PURPOSE, "users_requested": "some", "save": "draft"})
    assert answer.response.headers["Location"] == "/inbox"
    assert "Your answers are saved. Nothing was sent." in requestor.page("/inbox").words("//main")
    page = requestor.page(address)
    assert page.fields()["purpose"].strip() == PURPOSE
    assert "María Ortega saved on" in page.words("//p[@class='draft-note']")
    assert house.get(document["id"])["version"] == document["version"]


@pytest.mark.process("6.4")
def test_a_draft_that_keeps_itself_answers_204_with_its_revision(house: House, document: Json, address: str) -> None:
    requestor = house.client("requestor")
    for revision in ("1", "2"):
        answer = posted(requestor, f"{address}/draft", {"purpose": PURPOSE, "contact_name": f"C{revision}"})
        assert (answer.status, answer.text) == (204, "")
        assert answer.response.headers["X-Draft-Revision"] == revision
    drawn = requestor.page(address).fields()
    assert (drawn["contact_name"], drawn["draft_revision"]) == ("C2", "2")
    assert house.get(document["id"]) == document


def test_what_could_not_be_understood_is_in_the_draft_as_it_was_typed(house: House, address: str) -> None:
    requestor = house.client("requestor")
    given = {"users_requested": "about five", "signed_on": "next week", "purpose": PURPOSE}
    assert posted(requestor, f"{address}/draft", given).status == 204
    drawn = requestor.page(address).fields()
    assert (drawn["users_requested"], drawn["signed_on"]) == ("about five", "next week")


@pytest.mark.process("6.4", "1.5")
def test_colleagues_share_a_draft_and_the_older_one_does_not_overwrite_the_newer(house: House, address: str) -> None:
    requestor, colleague = house.client("requestor"), a_colleague(house)
    drawn = requestor.page(address).fields()
    posted(colleague, f"{address}/draft", {"purpose": "The colleague's words.", "draft_revision": "0"})
    assert requestor.page(address).fields()["purpose"].strip() == "The colleague's words."
    late = posted(requestor, f"{address}/draft", {"purpose": "Older.", "draft_revision": drawn["draft_revision"]})
    assert late.status == 409
    assert "A colleague saved" in late.text
    assert colleague.page(address).fields()["purpose"].strip() == "The colleague's words."
    kept = requestor.page(address).fields()
    newer = {"purpose": "Both agree.", "draft_revision": kept["draft_revision"]}
    assert posted(requestor, f"{address}/draft", newer).status == 204


@pytest.mark.process("6.4")
def test_the_button_does_not_overwrite_a_colleagues_newer_draft_either(house: House, address: str) -> None:
    requestor, colleague = house.client("requestor"), a_colleague(house)
    drawn = requestor.page(address).fields()
    posted(colleague, f"{address}/draft", {"purpose": "The colleague's words.", "draft_revision": "0"})
    page = requestor.post_form(address, {**drawn, "purpose": "Mine & older.", "save": "draft"}, 409)
    assert page.fields()["purpose"] == "Mine & older."
    assert colleague.page(address).fields()["purpose"].strip() == "The colleague's words."


@pytest.mark.process("O8.2")
def test_nobody_of_another_role_or_organization_sees_a_draft(house: House, document: Json, address: str) -> None:
    posted(house.client("requestor"), f"{address}/draft", {"purpose": "Not ready to be read."})
    here = f"/applications/{document['id']}"
    for role in ("process-manager", "process-owner", "director", "iso"):
        client = house.client(role)
        assert "Not ready" not in client.page(here).text
        assert "Not ready" not in client.get(f"{here}.json").text
    # The Process Manager may enter what came on paper: on a form of their own.
    assert "Not ready" not in house.client("process-manager").page(address).text
    other = a_colleague(house, "other@kern.example", "Kern IV-E")
    other.page(address, 404)
    assert posted(other, f"{address}/draft", {"purpose": "x"}).status == 404


def test_a_draft_is_forgotten_when_the_step_is_taken(house: House, document: Json, address: str) -> None:
    requestor = house.client("requestor")
    posted(requestor, f"{address}/draft", {"purpose": "An early thought."})
    requestor.take(
        document["id"], "complete-application", answers_to("complete-application", california_date(house.clock.now))
    )
    house.take(document["id"], "route-application", outcome="return", correction="Whose phone is this?")
    page = requestor.page(address)
    assert "An early thought." not in page.text
    assert (
        page.fields()["purpose"].strip()
        == "Eligibility workers check whether support is ordered and paid <before> granting aid."
    )
    assert "Whose phone is this?" in page.words("//main")
    assert list(house.portal.store.records("drafts")) == []


@pytest.mark.process("O8.2")
def test_a_social_security_number_is_left_out_of_a_draft(house: House, address: str) -> None:
    requestor = house.client("requestor")
    given = {
        "purpose": "See 078-05-1120.",
        "contact_name": "Ana",
        "note": "078 05 1120",
        "users_requested": "078051120",
    }
    kept = posted(requestor, f"{address}/draft", given)
    assert (kept.status, kept.response.headers["X-Draft-Removed"]) == (204, "yes")
    drawn = requestor.page(address).fields()
    assert drawn["contact_name"] == "Ana"
    assert drawn["purpose"].strip() == "See [removed]."
    assert drawn["note"].strip() == drawn["users_requested"] == "[removed]"


def test_a_draft_of_rows_keeps_them_in_their_order(house: House) -> None:
    document = house.application_before("certify-users")
    requestor, address = house.client("requestor"), at_step(document, "certify-users")
    users = [{"name": f"User {n}", "email": f"u{n}@kern.example"} for n in (3, 1, 2)]
    assert posted(requestor, f"{address}/draft", {"users": users}).status == 204
    drawn = requestor.page(address).fields()
    assert {key: drawn[key] for key in typed({"users": users})} == typed({"users": users})


def test_another_row_is_added_and_taken_out_without_javascript(house: House) -> None:
    document = house.application_before("certify-users")
    requestor, address = house.client("requestor"), at_step(document, "certify-users")
    page = requestor.send(address, {"users-0-name": "Ana", "add": "users"}, 200)
    assert {"users-0-name", "users-1-name"} <= set(page.fields())
    assert page.fields()["users-0-name"] == "Ana"
    page = requestor.post_form(address, {**page.fields(), "users-1-name": "Bo", "remove": "users-0"}, 200)
    assert [value for name, value in page.fields().items() if name.endswith("-name")] == ["Bo"]
    assert house.get(document["id"])["version"] == document["version"]


@pytest.mark.process("9")
def test_a_draft_of_a_list_does_not_hide_who_is_due_besides(house: House) -> None:
    document = house.where_open("recertify-users")
    address = at_step(document, "recertify-users")
    requestor = house.client("requestor")
    drawn = requestor.page(address).fields()
    due = [value for name, value in drawn.items() if name.startswith("users-") and name.endswith("-email")]
    assert len(due) > 1
    first = {
        name: value for name, value in drawn.items() if not name.startswith("users-") or name.startswith("users-0-")
    }
    requestor.post_form(address, {**first, "save": "draft"}, 303)
    again = requestor.page(address).fields()
    assert [again[f"users-{place}-email"] for place in range(len(due))] == due
