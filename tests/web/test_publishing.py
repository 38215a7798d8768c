"""The CSS letter to all Directors, as it is written, sent once and kept; and the yearly review of the process [6.1, 1.2]."""

import hashlib
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from portal import daily, publishing, verify
from portal.audit import Act, Filters
from portal.people.person import Grant
from portal.process.third_party_access.reference import LCSAS
from portal.store.errors import Conflict
from tests.clients import Page
from tests.conftest import House, email_of
from tests.letters.reading import text_of, write_template
from tests.web.asking import posted
from tests.web.test_guide import rows

LETTER = {
    "number": "26-01",
    "reason": "initiated-by-dcss",
    "subject": "Third Party Access Process",
    "body": "It is published.\n\nDirectors name organizations.",
}
REVIEW = {
    "reviewed_on": "2026-11-23",
    "what": "Goals, guide, letters.",
    "changes": "yes",
    "next_step": "Shorten the form.",
}


def send(house: House, status: int = 303, **other: Any) -> Page:
    """The answer to sending the letter on its page."""
    return house.client("process-owner").send("/publishing/new", {**LETTER, "confirm": "yes", **other}, status)


def sent_mails(house: House) -> list[Any]:
    """Every mail with a CSS letter that went out."""
    while house.portal.mail.deliver():
        pass
    files = sorted((house.portal.settings.data / "outbox").glob("*.eml"))
    read = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    return [one for one in read if "CSS letter" in one["Subject"]]


@pytest.mark.process("6.1")
def test_the_letter_starts_filled_in_and_a_preview_sends_nothing(house: House) -> None:
    owner = house.client("process-owner")
    form = owner.page("/publishing/new").fields()
    assert form["number"] == "26-01"
    assert "Directors identify the organizations" in form["body"]
    preview = owner.post("/publishing/new", data={**form, **LETTER, "preview": "yes"})
    assert preview.status_code == 200
    assert "attachment" in preview.headers["Content-Disposition"]
    assert "Directors name organizations." in text_of(preview.data)
    assert f"{house.portal.settings.base_url}/process" in text_of(preview.data)
    check = owner.post_form("/publishing/new", {**form, **LETTER}, 200)
    assert "The letter goes to 3 Directors" in check.words("//main")
    again = owner.post_form("/publishing/new", {**check.fields(), "change": "yes"}, 200)
    assert again.fields()["subject"] == LETTER["subject"]
    daily.run(house.portal)
    assert (publishing.letters(house.portal), sent_mails(house)) == ([], [])


@pytest.mark.process("6.1")
def test_the_check_names_the_lcsas_whose_directors_have_no_account(house: House) -> None:
    owner, people = house.client("process-owner"), house.portal.people

    def not_reached() -> tuple[str, list[str], list[str]]:
        """What the check page says of them, and their names: all, and those that fold."""
        page = owner.send("/publishing/new", LETTER, 200)
        assert page.tree is not None
        names = "//h2[.='Who does not get it']/following-sibling::{}/li/text()"
        folded = page.tree.xpath(names.format("details/ul"))
        return page.words("//main"), folded or page.tree.xpath(names.format("ul")), folded

    reached = {grant.scope["lcsa"] for person in people.with_role("director") for grant in person.grants}
    words, named, folded = not_reached()
    assert named == folded == [lcsa for lcsa in LCSAS if lcsa not in reached]
    assert f"{len(LCSAS) - len(reached)} of {len(LCSAS)} local child support agencies have no Director" in words
    for place, lcsa in enumerate(named[5:]):
        people.add(f"director-{place}@county.example", "A Director", Grant("director", {"lcsa": lcsa}))
    assert not_reached()[1:] == (named[:5], [])
    for place, lcsa in enumerate(named[:4]):
        people.add(f"other-{place}@county.example", "A Director", Grant("director", {"lcsa": lcsa}))
    assert f"1 of {len(LCSAS)} local child support agencies has no Director" in not_reached()[0]
    people.add("last@county.example", "A Director", Grant("director", {"lcsa": named[4]}))
    assert "Who does not get it" not in not_reached()[0]


@pytest.mark.process("6.1")
def test_every_director_gets_the_letter_once_and_it_is_kept_as_sent(house: House) -> None:
    page = send(house)
    assert page.response.headers["Location"].endswith("/publishing/letters/26-01")
    for _ in range(3):
        daily.run(house.portal)
    mails = sent_mails(house)
    directors = sorted(person.email for person in house.portal.people.with_role("director"))
    assert sorted(mail["To"].addresses[0].addr_spec for mail in mails) == directors
    as_sent = house.client("process-owner").get("/publishing/letters/26-01.docx").data
    [kept] = publishing.letters(house.portal)
    assert hashlib.sha256(as_sent).hexdigest() == kept["sha256"]
    for mail in mails:
        [attached] = list(mail.iter_attachments())
        assert (attached.get_filename(), attached.get_content()) == ("css-letter-26-01.docx", as_sent)
        assert f"{house.portal.settings.base_url}/process" in mail.get_body().get_content()
    house.clock.pass_days(20)
    house.clients.clear()
    assert house.client("process-owner").get("/publishing/letters/26-01.docx").data == as_sent


@pytest.mark.process("6.1")
def test_who_got_the_letter_is_listed_with_how_the_mail_stands(house: House) -> None:
    house.portal.people.add("x@" + "y" * 250 + ".example", "Far Away", Grant("director", {"lcsa": "Kern"}))
    send(house)
    address = "/publishing/letters/26-01"
    assert {line[3] for line in rows(house.client("process-owner").page(address))} == {"Waiting to go out"}
    daily.run(house.portal)
    stands = {line[2]: (line[1], line[3]) for line in rows(house.client("process-owner").page(address))}
    assert stands[email_of("director")] == ("Kern", "Mailed")
    assert len(stands) == 4
    overview = rows(house.client("process-owner").page("/publishing"))
    assert overview[0][2:5] == ["Third Party Access Process", "Initiated by DCSS", "4 Directors"]


@pytest.mark.process("6.1")
def test_a_number_is_used_once(house: House) -> None:
    send(house)
    page = send(house, 409)
    assert "CSS letter 26-01 was sent already" in page.problems["number"]
    assert house.client("process-owner").page("/publishing/new").fields()["number"] == "26-02"
    owner = house.portal.people.require(email_of("process-owner"))
    with pytest.raises(Conflict):
        publishing.send(house.portal, publishing.CssLetter(**LETTER), owner, Act(owner.email, "send a CSS letter"))
    daily.run(house.portal)
    assert len(sent_mails(house)) == 3


@pytest.mark.process("6.1")
@pytest.mark.parametrize(
    ("other", "field", "words"),
    [
        ({"number": "1"}, "number", "like 26-01"),
        ({"number": "26-1/../x"}, "number", "like 26-01"),
        ({"number": ""}, "number", "Enter"),
        ({"reason": ""}, "reason", "Choose the reason for this transmittal"),
        ({"reason": "because"}, "reason", "valid choice"),
        ({"subject": " "}, "subject", "Enter"),
        ({"body": " "}, "body", "Enter"),
        ({"body": "Case of 123-45-6789"}, "body", "social security number"),
    ],
)
def test_what_does_not_hold_is_said_at_the_field(house: House, other: dict[str, str], field: str, words: str) -> None:
    page = posted(house.client("process-owner"), "/publishing/new", {**LETTER, "confirm": "yes", **other})
    assert page.status == 422
    assert words in page.problems[field]
    assert publishing.letters(house.portal) == []


@pytest.mark.process("6.1")
def test_a_template_of_ones_own_that_cannot_be_filled_is_refused_by_name(house: House) -> None:
    write_template(house.portal.settings.data / "letter-templates", "css-letter", "{{ css_letter.enclosures }}")
    page = send(house, 422)
    assert "css_letter.enclosures" in page.words("//main")
    assert publishing.letters(house.portal) == []


@pytest.mark.process("6.1")
def test_without_directors_nothing_is_sent(house: House) -> None:
    for person in house.portal.people.with_role("director"):
        for grant in person.grants:
            house.portal.people.withdraw(person.email, grant)
    assert "nobody to send it to" in send(house, 422).problems["number"]
    assert publishing.letters(house.portal) == []


@pytest.mark.process("6.1", "O8.2")
def test_verification_finds_a_letter_that_is_not_there_any_more(house: House) -> None:
    send(house)
    [kept] = publishing.letters(house.portal)
    assert verify.run(house.portal).findings == ()
    file = next((house.portal.settings.data / "files").rglob(f"*{kept['sha256'][8:]}*"))
    file.unlink()
    assert [finding.what for finding in verify.run(house.portal).findings] == ["CSS letter 26-01"]


@pytest.mark.process("6.1")
def test_a_letter_that_cannot_be_read_holds_up_nothing_else_and_goes_out_once_it_is_restored(house: House) -> None:
    send(house)
    [kept] = publishing.letters(house.portal)
    content = house.portal.store.get_file(kept["sha256"])
    file = next((house.portal.settings.data / "files").rglob(f"*{kept['sha256'][8:]}*"))
    file.unlink()
    daily.run(house.portal)
    assert sent_mails(house) == []
    file.write_bytes(content)
    daily.run(house.portal)
    assert len(sent_mails(house)) == 3


@pytest.mark.process("O8.2")
def test_the_access_log_tells_of_the_letter_and_who_read_it(house: House) -> None:
    send(house)
    house.client("process-owner").get("/publishing/letters/26-01.docx")
    lines = {line["did"]: line for line in house.portal.log.matching(Filters(who=email_of("process-owner")))}
    [kept] = publishing.letters(house.portal)
    assert lines["send a CSS letter"]["why"] == f"to 3, SHA-256 {kept['sha256'][:16]}"
    assert lines["read a CSS letter"]["record"] == "26-01"
    house.client("process-owner").page("/publishing/letters/26-99", 404)


def review(house: House, status: int = 303, **other: Any) -> Page:
    """The answer to recording a review on its page."""
    return house.client("process-owner").send("/publishing/review", {**REVIEW, **other}, status)


@pytest.mark.process("1.2")
def test_the_review_falls_due_a_year_after_the_first_application(house: House) -> None:
    assert publishing.review_due(house.portal) is None
    house.application_after("identify-requestor")
    assert str(publishing.review_due(house.portal)) == "2027-11-23"
    house.clock.pass_days(364)
    house.clients.clear()
    assert "/publishing/review" not in house.client("process-owner").page("/inbox").links()
    house.clock.pass_days(1)
    house.clients.clear()
    assert "/publishing/review" in house.client("process-owner").page("/inbox").links()
    assert "/publishing/review" not in house.client("process-manager").page("/inbox").links()


@pytest.mark.process("1.2")
def test_a_review_is_kept_with_those_before_and_the_next_falls_due_a_year_later(house: House) -> None:
    house.application_after("identify-requestor")
    house.clock.pass_days(370)
    day = house.portal.today.isoformat()
    review(house, reviewed_on=day)
    assert str(publishing.review_due(house.portal)) == f"{house.portal.today.year + 1}{day[4:]}"
    assert "/publishing/review" not in house.client("process-owner").page("/inbox").links()
    house.clock.pass_days(10)
    house.clients.clear()
    review(house, reviewed_on=house.portal.today.isoformat(), changes="no", what="Again.", next_step="None.")
    page = house.client("process-owner").page("/publishing/review")
    assert [line[1:4] for line in rows(page)] == [
        ["Again.", "No", "None."],
        [REVIEW["what"], "Yes", REVIEW["next_step"]],
    ]


@pytest.mark.process("1.2")
@pytest.mark.parametrize(
    ("other", "field", "words"),
    [
        ({"reviewed_on": "2026-11-24"}, "reviewed_on", "still to come"),
        ({"reviewed_on": "2025-01-01"}, "reviewed_on", "later review"),
        ({"reviewed_on": "x"}, "reviewed_on", "date"),
        ({"what": ""}, "what", "Enter"),
        ({"changes": ""}, "changes", "whether something changes"),
        ({"next_step": ""}, "next_step", "Enter"),
    ],
)
def test_a_review_that_does_not_hold_is_not_kept(house: House, other: dict[str, str], field: str, words: str) -> None:
    before = (house.portal.today - timedelta(days=1)).isoformat()
    review(house, reviewed_on=before)
    page = posted(house.client("process-owner"), "/publishing/review", {**REVIEW, "version": "1", **other})
    assert page.status == 422
    assert words in page.problems[field]
    assert len(publishing.reviews(house.portal)) == 1


@pytest.mark.process("1.2")
def test_the_same_review_sent_twice_is_kept_once(house: House) -> None:
    owner = house.client("process-owner")
    form = {**owner.page("/publishing/review").fields(), **REVIEW}
    owner.post_form("/publishing/review", form, 303)
    again = owner.post_form("/publishing/review", form, 409)
    assert "recorded since you opened this page" in again.problems["what"]
    assert len(publishing.reviews(house.portal)) == 1


def test_what_is_missing_is_said_in_words_of_the_field(house: House) -> None:
    owner = house.client("process-owner")
    review = posted(owner, "/publishing/review", {})
    assert (review.status, review.problems["what"]) == (422, "Enter what was reviewed.")
    letter = posted(owner, "/publishing/new", {})
    assert letter.problems["number"] == "Enter the CSS letter number."
    assert letter.problems["reason"] == "Choose the reason for this transmittal."
