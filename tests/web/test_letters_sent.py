"""Letters: previewed before they go, frozen once sent, from staff's own templates where there are some [6.3, 6.7]."""

import hashlib
from pathlib import Path

import pytest

from portal.notices import queueing
from portal.process.document import Json, last_entry
from portal.process.goals import california_date
from tests.conftest import House
from tests.journey import answers_to
from tests.letters.reading import text_of, write_template
from tests.web.asking import at_step, kept_in


def letter(house: House, document: Json, name: str, role: str = "process-manager", status: int = 200) -> bytes:
    """The letter as this role gets it."""
    answer = house.client(role).get(f"/applications/{document['id']}/letters/{name}", buffered=True)
    assert answer.status_code == status
    return bytes(answer.data)


def sent(house: House, document: Json, step: str) -> dict[str, Json]:
    """What the history records of the letters that the step sent, by name."""
    entry = last_entry(house.get(document["id"]), step)
    assert entry is not None
    return {one["name"]: one for one in entry["letters"]}


def own_templates(house: House) -> Path:
    """The folder of staff's own templates."""
    return Path(house.portal.settings.data / "letter-templates")


@pytest.mark.process("6.3.3", "App. A")
def test_the_invitation_is_previewed_then_frozen_then_mailed_as_it_was_sent(house: House) -> None:
    document = house.application_before("send-invitation")
    manager = house.client("process-manager")
    before = kept_in(house.portal.settings.data / "files") if (house.portal.settings.data / "files").exists() else {}
    page = manager.page(at_step(document, "send-invitation"))
    previews = [link for link in page.links() if "/letters/" in link]
    assert len(previews) == 4
    preview = letter(house, document, "invitation?preview=")
    for words in ("María Ortega", "Kern IV-A", "Daniel Okafor", "3 user accounts"):
        assert words in text_of(preview), words
    letter(house, document, "invitation", "director", 404)  # a preview is for whoever may send it
    assert kept_in(house.portal.settings.data / "files") == before
    manager.take(document["id"], "send-invitation", {})
    record = sent(house, document, "send-invitation")["invitation"]
    assert [one["email"] for one in record["to"]] == ["requestor.kern@demo.example"]
    assert [one["email"] for one in record["cc"]] == ["director.kern@demo.example"]
    frozen = letter(house, document, "invitation")
    assert hashlib.sha256(frozen).hexdigest() == record["sha256"]
    assert text_of(frozen) == text_of(preview)
    write_template(own_templates(house), "invitation", "Other words.")
    assert letter(house, document, "invitation", "requestor") == frozen
    shown = house.client("director").page(f"/applications/{document['id']}")
    assert "copy (cc) to Daniel Okafor" in shown.words("//ul[@class='letters-sent']")
    queueing.queue_owed(house.portal)
    [mail] = [m for key, m in house.portal.store.records("mail") if key.endswith("requestor.kern@demo.example")]
    assert record["sha256"] in [file["sha256"] for file in mail["attachments"]]


@pytest.mark.process("6.7.1", "6.7.2", "6.6.2", "App. C")
def test_the_conditional_acceptance_goes_with_its_package(house: House) -> None:
    document = house.application_before("send-decision")
    manager = house.client("process-manager")
    preview = text_of(letter(house, document, "conditional-acceptance?preview="))
    assert "Process Owner" in preview
    manager.take(document["id"], "send-decision", {})
    records = sent(house, document, "send-decision")
    assert set(records) == {"conditional-acceptance", "mou", "confidentiality-statement", "security-awareness-training"}
    assert [one["name"] for one in records["conditional-acceptance"]["cc"]] == ["Daniel Okafor"]
    for name, record in records.items():
        content = letter(house, document, name, "requestor")
        assert hashlib.sha256(content).hexdigest() == record["sha256"], name
    assert text_of(letter(house, document, "conditional-acceptance")) == preview
    assert "3" in preview


@pytest.mark.process("6.6.1", "6.7.1")
def test_a_rejection_goes_out_with_its_reason_and_a_copy_to_the_director(house: House) -> None:
    document = house.application_before("decide")
    house.take(document["id"], "decide", decision="reject", reason="The purpose isn't one of <those> & that is that.")
    house.client("process-manager").take(document["id"], "send-decision", {})
    records = sent(house, document, "send-decision")
    assert set(records) == {"notice-of-rejection"}
    assert [one["email"] for one in records["notice-of-rejection"]["cc"]] == ["director.kern@demo.example"]
    assert "The purpose isn't one of <those> & that is that." in text_of(letter(house, document, "notice-of-rejection"))
    closed = house.get(document["id"])
    assert (closed["status"], closed["open_tasks"]) == ("rejected", [])
    for role in ("requestor", "director", "legal"):
        assert "The purpose isn't one of <those>" in house.client(role).page(f"/applications/{document['id']}").words(
            "//main"
        )


@pytest.mark.process("6.3", "6.7")
def test_a_template_that_needs_a_field_the_application_cannot_fill_is_refused_by_its_name(house: House) -> None:
    document = house.application_before("send-invitation")
    write_template(
        own_templates(house), "invitation", "Dear {{ application.invitee_name }}, call {{ office.hotline }}.",
        "Yours, {{ application.shoe_size }}",
    )  # fmt: skip
    manager, address = house.client("process-manager"), at_step(document, "send-invitation")
    before = kept_in(house.portal.settings.data, "log", "lock")
    page = manager.page(address, 422)
    assert "office.hotline" in page.words("//main")
    assert "application.shoe_size" in page.words("//main")
    assert letter(house, document, "invitation?preview=", status=422)
    own_templates(house).rename(own_templates(house).with_name("aside"))
    drawn = manager.page(address).fields()
    own_templates(house).with_name("aside").rename(own_templates(house))
    page = manager.post_form(address, {**drawn, "confirm": "yes"}, 422)
    assert "office.hotline" in page.words("//main")
    assert kept_in(house.portal.settings.data, "log", "lock") == before
    assert house.get(document["id"])["version"] == document["version"]


@pytest.mark.process("6.3", "6.7")
def test_a_template_that_is_no_word_file_is_refused_in_words(house: House) -> None:
    document = house.application_before("send-invitation")
    own_templates(house).mkdir()
    (own_templates(house) / "invitation.docx").write_bytes(b"not a Word file")
    page = house.client("process-manager").page(at_step(document, "send-invitation"), 422)
    assert "invitation" in page.words("//main")
    assert house.get(document["id"])["version"] == document["version"]


@pytest.mark.process("6.9")
def test_a_letter_that_cannot_be_filled_leaves_the_answers_of_its_step_on_the_page(house: House) -> None:
    document = house.application_after("confirm-access")
    write_template(own_templates(house), "letter-of-termination", "Signed in {{ mou.town }}.")
    given = {**answers_to("terminate", california_date(house.clock.now)), "note": "At last & finally."}
    page = house.client("process-owner").take(document["id"], "terminate", given, 422)
    assert "mou.town" in page.problems[""]
    assert page.fields()["note"].strip() == "At last & finally."
    assert house.get(document["id"])["version"] == document["version"]


@pytest.mark.process("6.3")
def test_staffs_own_template_goes_before_the_shipped_one(house: House) -> None:
    document = house.application_before("send-invitation")
    shipped = letter(house, document, "invitation?preview=")
    words = "Staff's own words to {{ identify_requestor.invitee_name }}, with {{ accounts.recommended }}."
    write_template(own_templates(house), "invitation", words)
    assert "Staff's own words to María Ortega, with 3 user accounts." in text_of(
        letter(house, document, "invitation?preview=")
    )
    house.client("process-manager").take(document["id"], "send-invitation", {})
    assert text_of(letter(house, document, "invitation", "requestor")).strip() == (
        "Staff's own words to María Ortega, with 3 user accounts."
    )
    assert "Staff's own words" not in text_of(shipped)
