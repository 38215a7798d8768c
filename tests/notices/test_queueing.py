"""Each step tells whom it concerns, once, in plain words, with a link straight to the task; and no mail is lost."""

import re
import shutil
from collections.abc import Callable
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest

from portal.notices import queueing
from portal.process.document import Json
from portal.process.step import Grant
from tests.clients import PortalClient
from tests.conftest import Clock, House, email_of
from tests.journey import WAY
from tests.notices.conftest import Received, free_port

MakeHouse = Callable[..., House]


@pytest.fixture
def clock() -> Clock:
    """The clock of the test's portal."""
    return Clock()


def queued(house: House) -> list[Json]:
    """The mails that were queued by now, by address."""
    queueing.queue_owed(house.portal)
    return sorted((mail for _, mail in house.portal.store.records("mail")), key=lambda mail: str(mail["to"]))


def outbox(house: House) -> list[EmailMessage]:
    """Every mail of the outbox, as mail programs read it."""
    while house.portal.mail.deliver():
        pass
    folder = house.portal.settings.data / "outbox"
    mails = [BytesParser(policy=policy.default).parsebytes(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]
    assert all(isinstance(mail, EmailMessage) for mail in mails)
    return mails


def text_of(mail: EmailMessage) -> str:
    """What a person reads."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def address_of(mail: EmailMessage) -> str:
    """To whom it goes."""
    return str(mail["To"].addresses[0].addr_spec)


def follow(house: House, link: str, email: str) -> int:
    """The status with which this person, signed in, gets to where the link leads."""
    role, _, rest = email.partition("@")[0].partition(".")
    if "/invitation/" in link:
        role = ""  # for one who has no account yet
    client = house.client(role, rest.replace("-", " ").title() or "Kern")
    return client.get(link.removeprefix(house.portal.settings.base_url)).status_code


@pytest.mark.process("6.2", "6.3", "6.5", "6.6", "6.7", "6.8", "6.9", "7.1", "7.3")
def test_every_step_tells_whom_it_concerns_once_with_a_link_that_they_can_follow(house: House) -> None:
    document: Json = {"id": ""}
    told: dict[str, list[str]] = {}
    for key in WAY:
        seen = {mail["message_id"] for mail in queued(house)}
        document = house.take(document["id"], key)
        new = [mail for mail in queued(house) if mail["message_id"] not in seen]
        told[key] = [mail["to"] for mail in new]
        assert len(told[key]) == len(set(told[key])), key
        for mail in new:
            for link in re.findall(r"http\S+", mail["text"]):
                assert follow(house, link, mail["to"]) == 200, (key, mail["to"], link)
            assert "{" not in mail["text"], mail["text"]
            assert mail["text"].startswith(f"{mail['name']},\n")
            assert document["id"] in mail["subject"]
    to = {key: {address.partition("@")[0] for address in found} for key, found in told.items()}
    assert to["identify-requestor"] == {"process-manager", "coordinator.kern", "administrator.kern"}
    assert {"requestor.kern", "director.kern"} <= to["send-invitation"]
    assert "process-manager" in to["complete-application"]
    assert {"legal", "infrastructure-manager"} <= to["route-application"]
    assert "process-owner" in to["send-to-owner"]
    assert {"requestor.kern", "director.kern", "signer.kern"} <= to["send-decision"]
    assert {"requestor.kern", "infrastructure-manager", "contract-manager"} <= to["post-approval"]
    assert {"process-manager", "requestor.kern", "administrator.kern"} <= to["create-office-id"]
    assert {"coordinator.kern"} <= to["set-up-accounts"]
    assert {"requestor.kern", "process-manager", "director.kern"} <= to["confirm-access"]


def test_one_who_holds_two_roles_is_told_of_a_step_once(house: House) -> None:
    house.portal.people.grant(email_of("legal"), Grant("infrastructure-manager"))
    document = house.application_before("route-application")
    queueing.queue_owed(house.portal)
    seen = {mail["message_id"] for mail in queued(house)}
    house.take(document["id"], "route-application")
    new = [mail for mail in queued(house) if mail["message_id"] not in seen]
    [both] = [mail for mail in new if mail["to"] == email_of("legal")]
    assert at(house, document, "legal-opinion") in both["text"]
    assert at(house, document, "connectivity-test") in both["text"]


def at(house: House, document: Json, step: str) -> str:
    """The link to a step."""
    return f"{house.portal.settings.base_url}/applications/{document['id']}/steps/{step}"


def an_invited_newcomer(house: House) -> Json:
    """An application whose invitee has no account yet, invited."""
    document = house.take("", "identify-requestor", invitee_email="zoe@kern.example", invitee_name="Zoë O'Neill & Co")
    for step in ("schedule-invitation", "send-invitation"):
        document = house.take(document["id"], step)
    return document


def invitation_links(house: House) -> list[str]:
    """The links in the mails to the newcomer, in the order in which they were sent."""
    mails = [mail for mail in queued(house) if mail["to"] == "zoe@kern.example"]
    mails.sort(key=lambda mail: str(mail["number"]))
    found = [re.findall(r"http\S+/invitation/\S+", mail["text"]) for mail in mails]
    assert all(len(links) == 1 for links in found)
    return [links[0].removeprefix(house.portal.settings.base_url) for links in found]


@pytest.mark.process("6.3.3", "App. A")
def test_the_invitation_is_mailed_with_its_letters_and_a_link_that_makes_an_account(house: House) -> None:
    document = an_invited_newcomer(house)
    [link] = invitation_links(house)
    [mail] = [mail for mail in outbox(house) if address_of(mail) == "zoe@kern.example"]
    assert mail["To"].addresses[0].display_name == "Zoë O'Neill & Co"
    names = {part.get_filename() for part in mail.iter_attachments()}
    assert {"invitation.docx", "confidentiality-statement-sample.docx", "mou-sample.docx"} <= names
    for part in mail.iter_attachments():
        assert part.get_content().startswith(b"PK")
    assert link in text_of(mail)
    assert "once, and for 60 days" in text_of(mail)
    client = PortalClient(house.app, use_cookies=True)
    assert "Zoë O'Neill & Co" in client.page(link).text.replace("&#39;", "'").replace("&amp;", "&")
    password = "a long pass phrase here"
    client.send(link, {"name": "Zoë O'Neill", "password": password, "password_again": password})
    client.page(f"/applications/{document['id']}/steps/complete-application")


@pytest.mark.process("6.3.3")
def test_a_new_invitation_ends_the_older_link(house: House) -> None:
    document = an_invited_newcomer(house)
    [first] = invitation_links(house)
    house.clock.pass_days(1)
    house.take(document["id"], "send-invitation")
    first_again, second = invitation_links(house)
    assert first_again == first != second
    client = PortalClient(house.app, use_cookies=True)
    assert "newer link" in client.page(first, 410).words("//main")
    client.page(second)


def test_a_mail_server_that_is_down_delays_mail_and_loses_none(
    make_house: MakeHouse, serve: Callable[..., int], received: Received
) -> None:
    port = free_port()
    house = make_house(smtp=f"smtp://127.0.0.1:{port}")
    house.application_after("schedule-invitation")
    expected = sorted(mail["to"] for mail in queued(house))
    assert expected
    assert house.portal.mail.deliver() == 0
    assert received.subjects() == []
    house.application_after("identify-requestor", "Alameda")
    expected = sorted(mail["to"] for mail in queued(house))
    serve(port)
    house.clock.pass_days(0.1)
    while house.portal.mail.deliver():
        pass
    assert sorted(to for recipients, _ in list(received.taken.queue) for to in recipients) == expected
    assert house.portal.mail.waiting() == []


def test_a_crash_between_queueing_and_marking_makes_one_mail(make_house: MakeHouse) -> None:
    house = make_house()
    an_invited_newcomer(house)
    owed = kept_documents(house)
    links = invitation_links(house)
    assert all(notice["sent_at"] for notice in house.get("TPA-2026-0001")["notices"])
    count = len(queued(house))
    put_back(house, owed)
    again = make_house()
    assert [notice["sent_at"] for notice in again.get("TPA-2026-0001")["notices"]].count(None) > 0
    assert len(queued(again)) == count
    assert invitation_links(again) == links
    assert all(notice["sent_at"] for notice in again.get("TPA-2026-0001")["notices"])
    PortalClient(again.app, use_cookies=True).page(links[0])
    assert len(outbox(again)) == count
    put_back(again, owed)
    later = make_house()
    queueing.queue_owed(later.portal)
    assert len(outbox(later)) == count


def kept_documents(house: House) -> Any:
    """A copy of the documents' folder as it is."""
    data = house.portal.settings.data
    return shutil.copytree(data / "documents", data.parent / "documents-before")


def put_back(house: House, documents: Any) -> None:
    """What a crash leaves behind: the mails are queued, the documents do not know it."""
    house.portal.store.close()
    shutil.copytree(documents, house.portal.settings.data / "documents", dirs_exist_ok=True)


def test_nobody_is_told_of_a_step_that_was_refused(house: House) -> None:
    document = house.application_before("connectivity-test")
    count = len(queued(house))
    house.client("infrastructure-manager").take(
        document["id"], "connectivity-test", {"result": "", "tested_on": ""}, 422
    )
    assert len(queued(house)) == count


def test_a_letter_that_is_not_there_keeps_nobody_else_from_being_told(house: House) -> None:
    lost, told = (house.application_before("send-invitation", county) for county in ("Alameda", "Kern"))
    queued(house)
    invited = house.take(lost["id"], "send-invitation", "Alameda")["history"][-1]["letters"]
    house.take(told["id"], "send-invitation")
    files = {path.name: path for path in (house.portal.settings.data / "files").rglob("*") if path.is_file()}
    kept = {files[letter["sha256"]]: files[letter["sha256"]].read_bytes() for letter in invited}
    for path in kept:
        path.unlink()
    subjects = [mail["subject"] for mail in queued(house)]
    assert any(told["id"] in subject and "invitation" in subject for subject in subjects)
    assert list(queueing.owing(house.portal)) == [lost["id"]]
    for path, content in kept.items():
        path.write_bytes(content)
    assert len(queued(house)) > len(subjects)
    assert list(queueing.owing(house.portal)) == []
