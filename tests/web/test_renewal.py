"""A renewal through the portal, on both stores: two documents in one act, one successor, one row in the Matrix [10.2]."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from portal import daily
from portal.notices import queueing
from portal.process.document import Json
from portal.process.third_party_access.users import accounts_set_up
from portal.store.port import LogSearch
from portal.verify import run as verify
from tests.conftest import House
from tests.journey import answers_to
from tests.web.asking import at_step

pytestmark = pytest.mark.process("10.2")


def started(house: House) -> tuple[Json, Json]:
    """An agreement and its renewal, just started through the form, as it was offered."""
    old = house.where_open("start-renewal")
    owner = house.client("process-owner")
    page = owner.page(at_step(old, "start-renewal"))
    owner.post_form(at_step(old, "start-renewal"), {**page.fields(), "confirm": "yes"}, 303)
    old = house.get(old["id"])
    return old, house.get(old["start_renewal"]["application"])


def in_the_matrix(house: House) -> list[tuple[str, str]]:
    """Each organization of the Matrix, with the end of its term."""
    rows = house.client("").get("/matrix.json").json
    return [(row["user_organization"], row["term_end"]) for row in rows if row["user_organization"]]


def test_the_form_as_it_is_offered_begins_a_renewal_that_names_and_is_named(house_on_each_store: House) -> None:
    house = house_on_each_store
    old, new = started(house)
    assert new["identify_requestor"]["renews"] == old["id"]
    assert (new["organization"], new["lcsa"], new["status"]) == (old["organization"], old["lcsa"], "identified")
    assert old["status"] == "active"
    for one, other in ((old, new), (new, old)):
        page = house.client("requestor").page(f"/applications/{one['id']}")
        assert f"/applications/{other['id']}" in page.links()
    assert verify(house.portal).findings == ()


def test_the_director_for_whom_it_was_begun_has_the_mails_and_stands_on_the_letter(house: House) -> None:
    _, new = started(house)
    queueing.queue_owed(house.portal)
    texts = [mail["text"] for _, mail in house.portal.store.records("mail") if mail["to"].startswith("director.kern")]
    assert any(f"application {new['id']}" in text for text in texts)
    house.take(new["id"], "schedule-invitation")
    entry = house.take(new["id"], "send-invitation")["history"][-1]
    letter = next(letter for letter in entry["letters"] if letter["name"] == "invitation")
    assert [one["email"] for one in letter["cc"]] == ["director.kern@demo.example"]
    assert [one["email"] for one in letter["to"]] == ["requestor.kern@demo.example"]


@dataclass
class _Dying:
    """The real store, whose writer is killed at the nth document that is written."""

    store: Any
    left: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def writing(self) -> Any:
        return _DyingBlock(self, self.store.writing())


class Killed(BaseException):
    """As a kill: nothing that comes after it is done."""


@dataclass
class _DyingBlock:
    dying: _Dying
    block: Any
    inner: Any = None

    def __enter__(self) -> Any:
        self.inner = self.block.__enter__()
        return self

    def __exit__(self, *error: Any) -> Any:
        return self.block.__exit__(*error)

    def __getattr__(self, name: str) -> Any:
        if name in ("add", "replace"):
            self.dying.left -= 1
            if self.dying.left < 0:
                raise Killed
        return getattr(self.inner, name)


@pytest.mark.parametrize("written", [0, 1])
def test_killed_before_or_between_the_two_documents_it_is_started_again_and_there_is_one_successor(
    house_on_each_store: House, written: int
) -> None:
    house = house_on_each_store
    old = house.where_open("start-renewal")
    real = house.portal.store
    object.__setattr__(house.portal, "store", _Dying(real, written))
    with pytest.raises(Killed):
        house.take(old["id"], "start-renewal")
    object.__setattr__(house.portal, "store", real)
    assert house.get(old["id"]) == old
    house.take(old["id"], "start-renewal")
    others = [one for one in real.document_ids() if one != old["id"]]
    assert others == [house.get(old["id"])["start_renewal"]["application"]]
    assert house.get(others[0])["identify_requestor"]["renews"] == old["id"]


def test_the_organization_stands_in_the_matrix_once_with_the_agreement_that_is_in_force(house: House) -> None:
    old, new = started(house)
    house.renewal_after("post-approval", new["id"])
    assert house.get(new["id"])["status"] == "renewing"
    assert in_the_matrix(house) == [("Kern IV-A", old["countersign_mou"]["expires_on"])]
    day = house.get(new["id"])["post_approval"]["in_force_from"]
    house.clock.now = datetime.fromisoformat(f"{day}T18:00:00+00:00")
    assert f"{new['id']} take-effect" in daily.run(house.portal).taken
    assert house.get(new["id"])["status"] == "establishing"
    assert daily.run(house.portal).taken == ()


def test_a_renewal_keeps_its_office_id_in_the_store(house_on_each_store: House) -> None:
    house = house_on_each_store
    old, new = started(house)
    house.renewal_after("file-mou", new["id"])
    manager = house.client("infrastructure-manager")
    page = manager.page(at_step(new, "create-office-id"))
    assert page.fields()["office_id"] == old["create_office_id"]["office_id"]
    manager.take(new["id"], "create-office-id", {"office_id": page.fields()["office_id"]})
    assert house.get(new["id"])["create_office_id"]["held_by"] == old["id"]


def test_what_does_not_hold_of_the_new_application_is_said_by_the_field_and_nothing_is_begun(house: House) -> None:
    old = house.where_open("start-renewal")
    owner = house.client("process-owner")
    fields = {**owner.page(at_step(old, "start-renewal")).fields(), "confirm": "yes"}
    page = owner.post_form(
        at_step(old, "start-renewal"), {**fields, "recommended_accounts": 40, "justification": ""}, 422
    )
    assert set(page.problems) == {"justification"}
    assert list(house.portal.store.document_ids()) == [old["id"]]


def test_a_renewal_under_way_is_not_begun_again(house: House) -> None:
    old, new = started(house)
    answers = answers_to("start-renewal", house.portal.today)
    page = house.client("process-owner").take(old["id"], "start-renewal", answers, 422)
    assert new["id"] in page.words("//*[@role='alert']")
    assert len(list(house.portal.store.document_ids())) == 2


def noted(house: House, document_id: str, step: str) -> list[Json]:
    """What the portal has noted of the other document, each time."""
    return [entry["answers"] for entry in house.get(document_id)["history"] if entry["step"] == step]


def test_a_renewal_that_is_withdrawn_is_known_to_the_agreement_and_another_can_be_started(
    house_on_each_store: House,
) -> None:
    house = house_on_each_store
    old, new = started(house)
    house.take(new["id"], "withdraw")
    assert noted(house, old["id"], "note-failed-renewal") == [{"application": new["id"], "outcome": "withdrawn"}]
    line = house.portal.store.log_found(LogSearch(values={"record": old["id"]}), limit=1)[0]
    assert "by the portal: note-failed-renewal" in line["why"]
    assert at_step(old, "start-renewal") in house.client("process-owner").page("/inbox").links()
    page = house.client("requestor").page(f"/applications/{old['id']}")
    assert "The renewal of its agreement came to nothing" in page.words("//main")
    house.take(old["id"], "start-renewal")
    assert house.get(old["id"])["start_renewal"]["application"] not in ("", new["id"])
    assert verify(house.portal).findings == ()


def test_what_is_wrong_with_no_field_of_a_step_is_said_without_a_link_to_one(house: House) -> None:
    old, new = started(house)
    client = house.client("process-manager")
    said = client.send(at_step(old, "note-failed-renewal"), {"confirm": "yes"}, 422)
    assert said.problems == {"": f"The renewal is on its way: {new['id']}."}
    said = client.send(at_step(new, "note-termination"), {"confirm": "yes"}, 422)
    assert said.problems == {"": f"The agreement before it is not terminated: {old['id']}."}


def test_a_termination_is_known_to_the_renewal_under_way_and_the_owner_has_it_in_the_inbox(
    house_on_each_store: House,
) -> None:
    house = house_on_each_store
    old, new = started(house)
    house.renewal_after("send-decision", new["id"])
    house.take(old["id"], "terminate", reason="Accounts were shared.")
    assert [one["reason"] for one in noted(house, new["id"], "note-termination")] == ["Accounts were shared."]
    assert at_step(new, "decide-on-renewal") in house.client("process-owner").page("/inbox").links()
    assert "Accounts were shared." in house.client("process-owner").page(at_step(new, "decide-on-renewal")).words(
        "//main"
    )
    assert house.client("requestor").get(at_step(new, "sign-mou")).status_code == 409
    house.take(new["id"], "decide-on-renewal")
    assert house.client("requestor").get(at_step(new, "sign-mou")).status_code == 200
    assert verify(house.portal).findings == ()


@pytest.mark.parametrize("written", [0, 1])
def test_killed_before_or_between_the_two_documents_it_is_withdrawn_again_and_noted_once(
    house_on_each_store: House, written: int
) -> None:
    house = house_on_each_store
    old, new = started(house)
    real = house.portal.store
    object.__setattr__(house.portal, "store", _Dying(real, written))
    with pytest.raises(Killed):
        house.take(new["id"], "withdraw")
    object.__setattr__(house.portal, "store", real)
    assert house.get(new["id"]) == new
    house.take(new["id"], "withdraw")
    assert len(noted(house, old["id"], "note-failed-renewal")) == 1


def test_after_a_week_without_a_run_every_account_is_known_to_the_agreement_that_is_in_force(house: House) -> None:
    old, new = started(house)
    house.renewal_after("post-approval", new["id"])
    day = datetime.fromisoformat(f"{house.get(new['id'])['post_approval']['in_force_from']}T18:00:00+00:00")
    house.clock.now = day + timedelta(days=7)
    taken = daily.run(house.portal).taken
    assert {f"{old['id']} expire, due on {day:%Y-%m-%d}", f"{new['id']} take-effect, due on {day:%Y-%m-%d}"} <= {*taken}
    assert house.get(old["id"])["expire"]["successor"] == new["id"]
    assert accounts_set_up(house.get(new["id"])) == accounts_set_up(old)
    page = house.client("administrator").page(f"/applications/{new['id']}")
    assert "KERN0001" in page.words("//main")
    assert verify(house.portal).findings == ()


@pytest.mark.process("10", "10.1")
def test_the_page_says_that_findings_hold_up_the_renewal_rather_than_that_it_can_begin(house: House) -> None:
    document_id = house.where_open("renewal-notice")["id"]
    said = house.client("requestor").page(f"/applications/{document_id}").words("//section[@class='forecast']")
    assert "It can begin now" in said
    house.take(document_id, "open-audit")
    house.take(document_id, "record-finding")
    said = house.client("requestor").page(f"/applications/{document_id}").words("//section[@class='forecast']")
    assert "Audit findings hold it up: the MOU is not renewed until they are cleared." in said
    assert "It can begin now" not in said


@pytest.mark.process("10", "10.2")
def test_of_a_renewal_that_both_have_signed_nothing_is_foretold(house: House) -> None:
    old, new = started(house)
    house.renewal_after("post-approval", new["id"])
    daily.run(house.portal)
    signed_on = "May 31, 2029"
    for one in (old, new):
        said = house.client("requestor").page(f"/applications/{one['id']}").words("//section[@class='forecast']")
        assert f"The one that renews it was signed on {signed_on}." in said
        assert "There is no day without access." in said
        assert "probably" not in said
    assert f"Signed on {signed_on}" in house.client("contract-manager").page("/renewals").words("//main//table")
