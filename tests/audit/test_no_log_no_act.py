"""If the access log cannot be written, the act does not happen [O8.2]: nothing changed, nothing shown, nothing typed lost."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from portal import daily
from portal.process.goals import california_date
from portal.process.step import Kind
from portal.store.errors import Unavailable
from tests.audit.out_of_order import everything_but_the_log, log_that_cannot_be_written
from tests.clients import PortalClient, document_id_of, typed
from tests.conftest import House, email_of
from tests.journey import WAY, answers_to

pytestmark = pytest.mark.process("O8.2")


@pytest.mark.requirement("ASVS 16.5.3", "NIST AU-5")
def test_no_step_is_taken_that_cannot_be_logged(house_on_each_store: House) -> None:
    house = house_on_each_store
    document_id = ""
    for step in WAY:
        address = f"/applications/{document_id}/steps/{step}" if document_id else "/applications/new"
        client = house.client(house.process.step(step).role)
        answers = answers_to(step, california_date(house.clock.now))
        sent = {**client.page(address).fields(), **typed(answers), "confirm": "yes"}
        before, newest = everything_but_the_log(house), house.portal.log.newest()
        with log_that_cannot_be_written(house):
            refused = client.post_form(address, sent, 503)
        after = everything_but_the_log(house)
        if step == "identify-requestor":  # a number may be lost, and what notes it for the form
            assert after["documents"] == before["documents"] == {}
        else:
            assert after == before, step
        assert house.portal.log.newest() == newest
        for text in _texts_typed(house, step, answers):
            assert text in refused.text or text in refused.words("//main"), f"{step}: {text} is lost"
        done = client.post_form(address, sent, 303)
        document_id = document_id or document_id_of(done)
        assert house.get(document_id)["history"][-1]["step"] == step
    assert house.portal.auditing.verify().faults == ()
    taken = [line for line in house.portal.store.log_lines() if line["did"].startswith("take ")]
    assert [(line["did"], line["why"], line["outcome"]) for line in taken] == [
        (f"take {step}", f"entry {number}", "done") for number, step in enumerate(WAY, start=1)
    ]
    history = house.get(document_id)["history"]
    assert [(line["who"], line["role"], line["record"]) for line in taken] == [
        (entry["actor"], entry["role"], document_id) for entry in history
    ]


def _texts_typed(house: House, step: str, answers: dict[str, Any]) -> list[str]:
    kinds = {field.name: field.kind for field in house.process.step(step).fields}
    return [
        value
        for name, value in answers.items()
        if isinstance(value, str)
        and kinds.get(name) in (Kind.TEXT, Kind.LONG_TEXT)
        and "\n" not in value
        and "<" not in value
    ]


def test_what_the_date_brings_waits_for_the_log(house_on_each_store: House) -> None:
    house = house_on_each_store
    daily.run(house.portal)
    document = house.application_before("send-invitation")
    before = everything_but_the_log(house)
    with log_that_cannot_be_written(house), pytest.raises(Unavailable):
        daily.run(house.portal)
    assert everything_but_the_log(house) == before
    assert daily.run(house.portal).taken == (f"{document['id']} send-invitation",)
    line = next(line for line in house.portal.store.log_lines() if line["did"] == "take send-invitation")
    assert (line["where"], line["outcome"]) == ("the portal itself", "done")


READ = (
    ("process-owner", "/applications/{id}"),
    ("process-owner", "/applications/{id}.json"),
    ("process-owner", "/applications/{id}/letters/invitation.docx"),
    ("process-owner", "/applications/{id}/steps/countersign-mou"),
    ("requestor", "/applications/{id}"),
    ("process-manager", "/tracking"),
    ("process-manager", "/tracking.xlsx"),
    ("process-manager", "/tracking.csv"),
    ("process-manager", "/tracking.json"),
    ("contract-manager", "/applications/{id}/evidence.zip"),
    ("iso", "/evidence.zip"),
    ("iso", "/access-log.csv"),
    ("iso", "/confirmations.csv"),
    ("portal-administrator", "/confirmations.csv"),
    ("requestor", "/applications/{id}/steps/decide"),
    ("legal", "/people"),
    ("director", "/applications/TPA-1999-0001"),
)
"""Who opens what; the last three are refused, which cannot be logged either."""


@pytest.mark.requirement("ASVS 16.5.3", "NIST AU-5")
@pytest.mark.parametrize("fragment", [False, True], ids=["page", "fragment"])
def test_nothing_is_read_or_refused_that_cannot_be_logged(house_on_each_store: House, fragment: bool) -> None:
    house = house_on_each_store
    document = house.application_before("countersign-mou")
    heads = {"HX-Request": "true"} if fragment else {}
    clients = {role: house.client(role) for role, _ in READ}
    with log_that_cannot_be_written(house):
        for role, address in READ:
            answer = clients[role].get(address.format(id=document["id"]), headers=heads)
            assert answer.status_code == 503, f"{role} {address}: {answer.status_code}"
            assert b"Bakersfield" not in answer.data
            assert b"Rivera" not in answer.data
    for role, address in READ:
        assert clients[role].get(address.format(id=document["id"]), headers=heads).status_code in (200, 403, 404)


@dataclass(frozen=True)
class Sent:
    """A form that changes something: who sends it, from which page, and what is typed into it."""

    role: str
    page: str
    typed: dict[str, str] = field(default_factory=dict)
    action: str = ""  # where its form leads, when the page has several

    @property
    def address(self) -> str:
        return self.action or self.page


SENT = (
    Sent("portal-administrator", "/people/new", {"name": "Zo", "email": "zo@kern.example", "role": "legal", "lcsa": ""}),
    Sent("portal-administrator", f"/people/{email_of('legal')}", {"role": "iso", "lcsa": ""}, f"/people/{email_of('legal')}/roles"),
    Sent("portal-administrator", f"/people/{email_of('legal')}", {"role": "legal"}, f"/people/{email_of('legal')}/roles/withdraw"),
    Sent("portal-administrator", f"/people/{email_of('legal')}", {}, f"/people/{email_of('legal')}/link"),
    Sent("portal-administrator", f"/people/{email_of('legal')}", {}, f"/people/{email_of('legal')}/deactivate"),
    Sent("portal-administrator", f"/people/{email_of('legal')}", {}, f"/people/{email_of('legal')}/reactivate"),
    Sent("process-manager", "/conversion-dates", {"lcsa": "Kern", "converted_on": "2026-01-05"}),
    Sent("process-owner", "/uaag/change", {"row": "uaag/Kern/", "reserved": "3", "reason": "The survey asked for more.", "version": "0", "confirm": "yes"}),
    Sent("process-owner", "/publishing/new", {"number": "26-01", "reason": "initiated-by-dcss", "subject": "The process", "body": "It is published.", "confirm": "yes"}),
    Sent("process-owner", "/publishing/review", {"reviewed_on": "2026-11-23", "what": "All of it.", "changes": "no", "next_step": "None.", "version": "0"}),
    Sent("requestor", "/account", {"name": "Another Name", "title": "Chief", "phone": "(661) 555-0199"}),
    Sent("requestor", "/account/password", {"old_password": "third-party-access", "password": "another good one", "password_again": "another good one"}),
)  # fmt: skip


@pytest.mark.requirement("ASVS 16.5.3", "NIST AU-5")
def test_nothing_is_changed_that_cannot_be_logged(house_on_each_store: House) -> None:
    house = house_on_each_store
    house.application_after("confirm-access")  # on PostgreSQL every statement is prepared by now
    for sent in SENT:
        client = house.client(sent.role)
        token = client.page(sent.page).fields()["csrf_token"]
        form = {**sent.typed, "csrf_token": token}
        before = everything_but_the_log(house)
        with log_that_cannot_be_written(house):
            refused = client.post_form(sent.address, form, 503)
        assert everything_but_the_log(house) == before, sent
        for name, text in sent.typed.items():
            assert (text in refused.text) == ("password" not in name), f"{sent.address}: {name}"
        done = client.post(sent.address, data=form)
        assert done.status_code in (200, 303), f"{sent.address}: {done.status_code}"
        assert everything_but_the_log(house) != before, sent
    assert house.portal.auditing.verify().faults == ()


@pytest.mark.requirement("ASVS 16.5.3", "NIST AU-5")
def test_nobody_signs_in_who_cannot_be_logged_and_whoever_signs_out_is_out_all_the_same(
    house_on_each_store: House,
) -> None:
    house = house_on_each_store
    client = PortalClient(house.app, use_cookies=True)
    form = {**client.page("/sign-in").fields(), "email": email_of("legal"), "password": "third-party-access"}
    with log_that_cannot_be_written(house):
        refused = client.post_form("/sign-in", form, 503)
        assert "third-party-access" not in refused.text
    client.page("/inbox", 302)
    client.post_form("/sign-in", {**form, "csrf_token": client.page("/sign-in").fields()["csrf_token"]}, 303)
    token = client.page("/account").fields()["csrf_token"]
    with log_that_cannot_be_written(house):
        client.post_form("/sign-out", {"csrf_token": token}, 503)
    client.page("/inbox", 302)


def test_what_fails_after_it_was_logged_is_said_to_have_failed(house: House) -> None:
    document = house.application_before("schedule-invitation")
    folder = house.portal.settings.data / "documents"
    folder.rename(folder.with_name("away"))
    folder.write_text("no folder")
    try:
        with pytest.raises(Unavailable):
            house.take(document["id"], "identify-requestor")
    finally:
        folder.unlink()
        folder.with_name("away").rename(folder)
    lines = list(house.portal.store.log_lines())[-2:]
    assert [(line["did"], line["outcome"]) for line in lines] == [
        ("take identify-requestor", "done"),
        ("take identify-requestor", "failed"),
    ]
    assert "not kept" in lines[1]["why"]
