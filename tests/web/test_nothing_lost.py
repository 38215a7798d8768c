"""Work is not lost to a session that ended, a page that is old, or a form that is sent twice."""

from typing import Any

import pytest

from portal.process.goals import california_date
from portal.step_form import sent_in_words
from tests.clients import PortalClient, document_id_of, sign_in, typed
from tests.conftest import House, email_of
from tests.journey import answers_to
from tests.web.asking import at_step, posted


def identification(house: House, **other: Any) -> dict[str, Any]:
    """What a Director sends, the page on which it is checked included."""
    return {**typed(answers_to("identify-requestor", california_date(house.clock.now))), "confirm": "yes", **other}


@pytest.mark.process("6.2")
def test_one_who_was_signed_out_meanwhile_finds_what_was_typed_and_sends_it_after_signing_in(house: House) -> None:
    client = PortalClient(house.app, use_cookies=True)
    sign_in(client, email_of("director"))
    drawn = client.page("/applications/new").fields()
    house.clock.pass_days(1)
    sent = {**drawn, **identification(house)}
    late = client.post_form("/applications/new", sent, 401)
    assert "Kern IV-A" in late.words("//main")
    again = late.fields()
    assert again["organization_name"].strip() == "Kern IV-A"
    assert "csrf_token" not in again
    sign_in(client, email_of("director"))
    old = client.post_form("/applications/new", again, 400)
    assert "send it again" in old.words("//main")
    done = client.post_form("/applications/new", {**old.fields(), "confirm": "yes"}, 303)
    assert house.get(document_id_of(done))["organization"] == "Kern IV-A"


@pytest.mark.process("6.2")
def test_what_was_typed_is_told_by_its_questions_and_in_words(house: House) -> None:
    sent = {**identification(house), "unheard-of": "x", "coordinator-x-name": "y"}
    late = PortalClient(house.app, use_cookies=True).post_form("/applications/new", sent, 401)
    assert late.tree is not None
    pairs = [
        (" ".join(one.xpath("string(dt)").split()), " ".join(one.xpath("string(dd)").split()))
        for one in late.tree.xpath("//dl[@class='summary']/div")
    ]
    assert ("Name of the organization", "Kern IV-A") in pairs
    assert ("What sort of organization is it?", "Welfare department (IV-A)") in pairs
    assert {label for label, _ in pairs} & {"Whom to invite: name", "Whom to invite: email"}
    assert not [label for label, _ in pairs if "_" in label or "-x-" in label or "unheard" in label]


@pytest.mark.process("6.8.2", "6.5.1")
def test_what_was_typed_in_rows_and_chosen_of_several_is_told_so_too(house: House) -> None:
    step = house.process.step
    users = [("users-0-name", "Ana Núñez"), ("users-0-job_title", ""), ("users-1-email", "bo@kern.example")]
    assert sent_in_words(step("certify-users"), users) == [
        ("User 1: Name", "Ana Núñez"),
        ("User 2: Email", "bo@kern.example"),
    ]
    authorities = [("authorities", "42-usc-453a-f"), ("authorities", "family-code-17212"), ("users-x-name", "z")]
    assert sent_in_words(step("legal-opinion"), [*authorities, ("note", "Soon.")]) == [
        ("Authorities on which the opinion rests", "42 USC 453A(f), California Family Code section 17212"),
        ("Note", "Soon."),
    ]


@pytest.mark.process("6.2")
def test_the_same_form_sent_twice_makes_one_application_and_with_other_answers_another(house: House) -> None:
    director = house.client("director")
    drawn = director.page("/applications/new").fields()
    first = director.post_form("/applications/new", {**drawn, **identification(house)}, 303)
    twice = director.post_form("/applications/new", {**drawn, **identification(house)}, 303)
    other = {**drawn, **identification(house, organization_name="Kern IV-E")}
    second = director.post_form("/applications/new", other, 303)
    assert document_id_of(first) == document_id_of(twice) != document_id_of(second)
    assert house.get(document_id_of(second))["organization"] == "Kern IV-E"


@pytest.mark.process("2", "2.5", "2.6")
def test_access_is_not_confirmed_while_a_criterion_is_unmet(house: House) -> None:
    document = house.application_before("confirm-access")
    house.clock.pass_days(400)
    coordinator = house.client("coordinator")
    house.clients.clear()
    page = house.client("coordinator").take(document["id"], "confirm-access", {"confirmed": True}, 422)
    assert "more than 365 days ago" in page.problems["confirmed"]
    assert house.get(document["id"])["status"] == "establishing"
    assert coordinator is not house.client("coordinator")


@pytest.mark.process("6.3.3")
def test_a_link_works_no_more_once_the_application_has_ended(house: House) -> None:
    from portal.notices import queueing

    document = house.take("", "identify-requestor", invitee_email="zoe@kern.example")
    for step in ("schedule-invitation", "send-invitation"):
        document = house.take(document["id"], step)
    queueing.queue_owed(house.portal)
    texts = [str(mail["text"]) for _, mail in house.portal.store.records("mail") if mail["to"] == "zoe@kern.example"]
    [link] = [word for text in texts for word in text.split() if "/invitation/" in word]
    address = link.removeprefix(house.portal.settings.base_url)
    assert PortalClient(house.app).get(address).status_code == 200
    house.client("director").take(document["id"], "withdraw", {"reason": "The address was wrong."})
    assert PortalClient(house.app).get(address).status_code == 410


@pytest.mark.process("6.7.2")
def test_the_decision_is_mailed_with_its_letters_to_those_whom_they_name(house: House) -> None:
    from portal.notices import queueing

    document = house.application_after("send-decision")
    queueing.queue_owed(house.portal)
    mails = {mail["to"]: mail for key, mail in house.portal.store.records("mail") if f"/{document['version']}/" in key}
    sent = {to: {file["name"] for file in mail["attachments"]} for to, mail in mails.items()}
    package = {"conditional-acceptance", "mou", "confidentiality-statement", "security-awareness-training"}
    assert sent[email_of("requestor")] == {f"{name}.docx" for name in package}
    assert sent[email_of("director")] == {"conditional-acceptance.docx"}


def test_the_decision_stands_with_the_opinion_and_the_test_in_sight(house: House) -> None:
    document = house.application_before("decide")
    page = house.client("process-owner").page(at_step(document, "decide"))
    assert page.tree is not None
    opened = [" ".join(one.text_content().split()) for one in page.tree.xpath("//details[@open]/summary")]
    assert "Give the legal opinion" in opened
    assert "Test the connection" in opened


@pytest.mark.process("8")
def test_what_is_wrong_stands_at_the_head_of_the_page_above_what_is_known(house: House) -> None:
    document = house.application_after("confirm-access")
    document = house.take(document["id"], "open-audit")
    page = posted(house.client("iso"), at_step(document, "close-audit"), {"version": document["version"]})
    assert page.status == 422
    assert page.tree is not None
    [first, *_] = page.tree.xpath("//main/h1/following-sibling::*")
    assert first.get("role") == "alert"
