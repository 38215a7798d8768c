"""After a new version of the portal the tasks that it opens stand on documents that nobody has written since."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from portal import daily, tasks_anew
from portal.process.document import Json
from portal.process.errors import AnswersDoNotHold
from portal.process.step import Process
from portal.process.third_party_access import THIRD_PARTY_ACCESS, succession
from portal.verify import run as verify
from tests.conftest import House

AFTERWARDS = {"recertify-users", "suspend-accounts"}


def older() -> Process:
    """The process as it was before users were certified year by year."""
    steps = tuple(step for step in THIRD_PARTY_ACCESS.steps if step.key not in AFTERWARDS)
    return replace(THIRD_PARTY_ACCESS, steps=steps)


@pytest.mark.process("2.5")
def test_an_application_of_an_older_version_gets_the_tasks_of_the_new_one_once(
    make_house: Callable[..., House],
) -> None:
    before = make_house(processes=(older(),))
    document = before.application_after("confirm-access")
    before.portal.store.close()
    house = make_house()
    assert not {task["step"] for task in house.get(document["id"])["open_tasks"]} & AFTERWARDS
    day = daily.run(house.portal)
    assert not day.problems
    after = house.get(document["id"])
    assert {task["step"] for task in after["open_tasks"]} >= AFTERWARDS
    assert (after["version"], after["history"]) == (document["version"], document["history"])
    assert tasks_anew.bring_up_to_date(house.portal).documents == 0
    assert house.get(document["id"])["revision"] == after["revision"]


@pytest.mark.process("2.5")
def test_whoever_may_take_a_task_that_a_new_version_opens_is_told_in_one_mail(
    make_house: Callable[..., House],
) -> None:
    before = make_house(processes=(older(),))
    document = before.application_after("confirm-access")
    daily.run(before.portal)
    before.portal.store.close()
    before.clock.pass_days(370)
    house = make_house()
    told = daily.run(house.portal).digests
    # The Requestor and the Administrator of Kern IV-A; the ISO for the weeks of the access log, the Process Owner for the
    # yearly review.
    assert (told.mails, told.new) == (4, 4)
    assert all(notice["sent_at"] for notice in house.get(document["id"])["notices"])
    assert daily.run(house.portal).digests.mails == 0


@pytest.mark.process("8")
def test_what_a_new_version_counts_is_counted_on_applications_that_nobody_has_written_since(
    make_house: Callable[..., House],
) -> None:
    counting = THIRD_PARTY_ACCESS.holdings
    before = make_house(processes=(replace(older(), holdings=lambda document: {}),))
    document_id = before.where_open("respond-to-finding")["id"]
    before.portal.store.close()
    house = make_house()
    assert house.portal.store.sums(["findings/Kern/Kern IV-A"]) == {"findings/Kern/Kern IV-A": 0}
    assert [one.what for one in verify(house.portal).findings] == [document_id]
    daily.run(house.portal)
    assert house.portal.store.sums(["findings/Kern/Kern IV-A"]) == {"findings/Kern/Kern IV-A": 2}
    assert house.get(document_id)["holdings"] == counting(house.get(document_id))
    assert verify(house.portal).findings == ()


def test_what_has_its_tasks_already_is_not_written(house: House) -> None:
    document = house.application_after("confirm-access")
    assert tasks_anew.bring_up_to_date(house.portal) == tasks_anew.Renewed(0, ())
    assert house.get(document["id"])["revision"] == document["revision"]


def test_a_damaged_document_is_named_and_the_others_get_their_tasks(make_house: Callable[..., House]) -> None:
    before = make_house(processes=(older(),))
    damaged, whole = (
        before.application_after("set-up-accounts")["id"],
        before.application_before("create-office-id", "Alameda")["id"],
    )
    for step in ("create-office-id", "direct-setup", "set-up-accounts"):
        before.take(whole, step, "Alameda", **({"office_id": "ALAMEDA-01"} if step == "create-office-id" else {}))
    before.portal.store.close()
    house = make_house()
    next((house.portal.settings.data / "documents").glob(f"{damaged}*")).write_text("{", encoding="utf-8")
    renewed = tasks_anew.bring_up_to_date(house.portal)
    assert renewed.documents == 1
    assert damaged in renewed.problems[0]
    assert {task["step"] for task in house.get(whole)["open_tasks"]} >= AFTERWARDS


@pytest.mark.process("10.2")
def test_a_claim_that_an_older_version_kept_is_let_go_of(make_house: Callable[..., House]) -> None:
    """A renewal that was terminated while it waited held on to the agreement that it was to renew."""
    house = make_house(processes=(replace(older(), claims=_every_claim),))
    old = house.where_open("start-renewal")
    renewal = house.take(old["id"], "start-renewal")["start_renewal"]["application"]
    house.renewal_after("post-approval", renewal)
    assert house.take(renewal, "terminate")["claims"]["renews"] == old["id"]
    with pytest.raises(AnswersDoNotHold):
        house.take(old["id"], "start-renewal")
    house.portal.store.close()
    house = make_house(processes=(replace(THIRD_PARTY_ACCESS, title="A new version"),))
    assert not daily.run(house.portal).problems
    assert house.get(renewal)["claims"] == {}
    assert verify(house.portal).findings == ()
    another = house.take(old["id"], "start-renewal")["start_renewal"]["application"]
    assert house.get(another)["claims"] == {"renews": old["id"]}


def _every_claim(document: Json) -> Mapping[str, str]:
    """As it was before a renewal that has come to nothing let go of its claim."""
    return {"renews": succession.renews(document)} if succession.renews(document) else {}
