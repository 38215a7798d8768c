"""From a mail's link to done no step takes a person more than three pages: the form, the check of the answers where
there is one, and the page that says what happens next. The Requestor's application is asked part by part instead.
"""

import pytest

from portal.notices import queueing
from portal.process.goals import california_date
from portal.process.step import Step
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.clients import Page, PortalClient, typed
from tests.conftest import House, email_of
from tests.journey import WAY, answers_to

MOST = 3
IN_PARTS = "complete-application"


@pytest.mark.parametrize("step", THIRD_PARTY_ACCESS.steps, ids=lambda step: step.key)
def test_no_step_is_declared_with_more_pages(step: Step) -> None:
    forms = len({field.part for field in step.fields}) or 1
    assert (forms + step.check_first + 1 <= MOST) == (step.key != IN_PARTS)


@pytest.mark.process("6.3", "6.5", "6.6", "6.7", "6.8", "6.9", "7.1", "7.2", "7.3")
def test_who_follows_the_mails_link_is_done_within_three_pages_all_the_way(house: House) -> None:
    today = california_date(house.clock.now)
    document_id = house.take("", WAY[0])["id"]
    counted: dict[str, int] = {}
    for key in WAY[1:]:
        role, link = house.process.step(key).role, f"/applications/{document_id}/steps/{key}"
        if not house.process.step(key).by_itself:  # else nobody need be asked
            assert f"{house.portal.settings.base_url}{link}" in mailed(house, role), f"no mail leads to {key}"
        if key == IN_PARTS:
            house.take(document_id, key)
            continue
        counted[key] = pages_to(house.client(role), link, typed(answers_to(key, today)))
    assert house.get(document_id)["status"] == "active"
    assert max(counted.values()) <= MOST, counted
    assert counted["decide"] == MOST, "an irrevocable answer is shown once more before it counts"


def mailed(house: House, role: str) -> list[str]:
    """The words of every mail to who holds this role."""
    queueing.queue_owed(house.portal)
    texts = [str(mail["text"]) for _, mail in house.portal.store.records("mail") if mail["to"] == email_of(role)]
    return " ".join(texts).split()


def pages_to(client: PortalClient, address: str, answers: dict[str, str]) -> int:
    """How many pages it takes to answer the form at this address, the page on which that ends included."""
    drawn, pages = client.page(address), 1
    sent = {**drawn.fields(), **answers}
    answer = client.post(address, data=sent, content_type="multipart/form-data")
    while answer.status_code == 200:
        pages += 1
        assert pages <= MOST, f"{address} goes on and on"
        fields = {**Page(answer).fields(), "confirm": "yes"}
        answer = client.post(address, data=fields, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    client.page(answer.headers["Location"])
    return pages + 1
