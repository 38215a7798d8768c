"""The allocation guide on its pages: in force beside the print, its history, and how the Process Owner changes it [9]."""

from email import message_from_bytes, policy
from typing import Any

import pytest

from portal import daily, guide
from portal.audit import Act, Filters
from portal.notices.announcements import KIND, announce, queue_announced
from portal.process.third_party_access.guide import EVERY_COUNTY
from portal.store.errors import Conflict
from tests.clients import Page
from tests.conftest import House, email_of
from tests.journey import WAY
from tests.web.asking import posted

pytestmark = pytest.mark.process("9", "1.6")

KERN = {"row": "uaag/Kern/", "reserved": "3", "reason": "The survey of fall 2026 asked for more."}


def change(house: House, status: int = 303, **other: Any) -> Page:
    """The answer to a change of Kern's row, made on its page, with these answers in place of the usual."""
    return house.client("process-owner").send("/uaag/change", {**KERN, "confirm": "yes", **other}, status)


def rows(page: Page) -> list[list[str]]:
    """The words of each cell of the page's table, row by row."""
    assert page.tree is not None
    return [[" ".join(cell.text_content().split()) for cell in row] for row in page.tree.xpath("//tbody/tr")]


def mails(house: House) -> list[dict[str, str]]:
    """Every mail that went out: to whom, and its text."""
    while house.portal.mail.deliver():
        pass
    files = sorted((house.portal.settings.data / "outbox").glob("*.eml"))
    read = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    return [{"to": one["To"].addresses[0].addr_spec, "text": one.get_body().get_content()} for one in read]


def test_a_change_is_shown_in_force_beside_the_print_with_its_history(house: House) -> None:
    change(house)
    change(house, row="uaag/Kern/", reserved="2", reason="Load on the system.")
    public = house.client("")
    assert ["Kern", "", "2 (changed)", "1", ""] in rows(public.page("/uaag"))
    row = next(line for line in public.get("/uaag.csv").get_data(as_text=True).splitlines() if "Kern" in line)
    assert row == "Kern,,,2,1"
    name = house.portal.people.require(email_of("process-owner")).name
    assert [line[1:] for line in rows(public.page("/uaag/history"))] == [
        ["Kern, third parties", "3", "2", "Load on the system.", name],
        ["Kern, third parties", "1", "3", KERN["reason"], name],
    ]


def test_before_it_changes_the_page_says_what_it_means_and_who_is_told(house: House) -> None:
    house.application_after("decide")
    client = house.client("process-owner")
    page = client.send("/uaag/change?row=uaag/Kern/", {**KERN, "reserved": "2"}, 200)
    assert rows(page) == [["Kern", "", "1", "2", "3", "0 (1 over the guide)"]]
    assert "More is granted already" in page.words("//main")
    assert email_of("director") in page.words("//main")
    assert email_of("director", "Alameda") not in page.words("//main")
    assert guide.changes(house.portal) == []
    again = client.post_form("/uaag/change", {**page.fields(), "change": "yes"}, 200)
    assert again.fields()["reason"].strip() == KERN["reason"]
    client.post_form("/uaag/change", {**page.fields(), "confirm": "yes"}, 303)
    assert [one["rows"] for one in guide.changes(house.portal)] == [[{"row": "uaag/Kern/", "before": 1, "after": 2}]]


def test_the_director_of_the_lcsa_is_told_once_by_mail(house: House) -> None:
    change(house)
    for _ in range(3):
        daily.run(house.portal)
    [mail] = mails(house)
    assert mail["to"] == email_of("director")
    assert "3 reserved from now on, 1 before. 0 granted already, 3 left." in mail["text"]
    assert KERN["reason"] in mail["text"]


def test_all_directors_are_told_of_a_change_over_every_county(house: House) -> None:
    change(house, row=EVERY_COUNTY, reserved="2")
    daily.run(house.portal)
    told = sorted(mail["to"] for mail in mails(house))
    assert told == sorted(person.email for person in house.portal.people.with_role("director"))
    assert len(told) == 3
    assert "rows" in house.client("").page("/uaag/history").words("//summary")


def test_a_crash_between_the_announcement_and_the_change_tells_nobody(house: House) -> None:
    to = [{"name": "Dee", "email": email_of("director")}]
    announce(house.portal, "guide/1", ("guide", "changes", 1), to, "The guide has changed", ["Kern: 9"])
    assert queue_announced(house.portal) == 0
    change(house)
    assert queue_announced(house.portal) == 1
    assert list(house.portal.store.records(KIND)) == []
    [mail] = mails(house)
    assert "Kern: 9" not in mail["text"]


def test_a_crash_while_mails_are_queued_queues_the_others_and_none_twice(house: House) -> None:
    change(house, row=EVERY_COUNTY, reserved="2")
    [(key, announcement)] = list(house.portal.store.records(KIND))
    assert queue_announced(house.portal) == 3
    house.portal.store.put_record(KIND, key, announcement)
    assert queue_announced(house.portal) == 0
    assert len(mails(house)) == 3


def test_a_form_drawn_before_somebody_elses_change_is_refused_and_keeps_what_was_entered(house: House) -> None:
    client = house.client("process-owner")
    stale = {**client.page("/uaag/change").fields(), **KERN, "confirm": "yes"}
    change(house, row="uaag/Alameda/IV-A", reserved="9")
    page = client.post_form("/uaag/change", stale, 409)
    assert "has changed since you opened this page" in page.problems["row"]
    assert page.fields()["reason"].strip() == KERN["reason"]
    client.post_form("/uaag/change", {**page.fields(), "confirm": "yes"}, 303)
    assert len(guide.changes(house.portal)) == 2


def test_of_two_changes_at_the_same_moment_one_is_refused(house: House) -> None:
    owner = house.actor("process-owner")
    act = Act(owner.email, "change the guide")
    guide.change(house.portal, "uaag/Kern/", 3, "One.", owner, act, 0)
    with pytest.raises(Conflict):
        guide.change(house.portal, "uaag/Kern/", 4, "Other.", owner, act, 0)
    assert [one["reason"] for one in guide.changes(house.portal)] == ["One."]


@pytest.mark.parametrize(
    ("other", "field", "words"),
    [
        ({"row": ""}, "row", "Choose a row"),
        ({"row": "uaag/Nowhere/"}, "row", "valid choice"),
        ({"reserved": "some"}, "reserved", "whole number"),
        ({"reserved": "-1"}, "reserved", "from 0 to 5,000"),
        ({"reserved": "5001"}, "reserved", "from 0 to 5,000"),
        ({"reserved": ""}, "reserved", "whole number"),
        ({"reserved": "1"}, "reserved", "reserves 1 there already"),
        ({"reason": " "}, "reason", "Enter"),
        ({"reason": "123-45-6789"}, "reason", "social security number"),
    ],
)
def test_what_does_not_hold_is_said_at_the_field(house: House, other: dict[str, str], field: str, words: str) -> None:
    page = posted(house.client("process-owner"), "/uaag/change", {**KERN, "version": "0", "confirm": "yes", **other})
    assert page.status == 422
    assert words in page.problems[field]
    assert guide.changes(house.portal) == []


def test_a_decision_goes_by_the_number_in_force_at_its_moment(house: House) -> None:
    document = house.application_before("decide")
    change(house)
    owner = house.client("process-owner")
    advice = owner.page(f"/applications/{document['id']}/steps/decide").words("//main")
    assert "reserves 3 for this organization" in advice
    change(house, reserved="2")
    decision = {"decision": "accept", "accounts_granted": "3", "justification": "", "security_profile": "iv-a-read-only", "term_months": "36"}  # fmt: skip
    page = owner.take(document["id"], "decide", decision, 422)
    assert "2 left" in page.problems["justification"]


NEW = {"row": "uaag/Alameda/none/iv-e", "reserved": "4", "reason": "The survey of fall 2026 asked for a row."}


def test_an_organization_with_access_for_which_none_is_printed_gets_a_row_with_a_reason_and_a_history(
    house: House,
) -> None:
    over = {"justification": "The guide has no row for it."}
    document = house.take("", "identify-requestor", "Alameda", organization_type="iv-e", **over)
    for step in WAY[1 : WAY.index("decide")]:
        house.take(document["id"], step, "Alameda")
    house.take(document["id"], "decide", "Alameda", **over)
    owner = house.client("process-owner")
    assert NEW["row"] not in [line[0] for line in rows(owner.page("/uaag"))]
    page = owner.page(f"/uaag/change?row={NEW['row']}")
    assert page.fields()["row"] == NEW["row"]
    assert "Alameda, IV-E (a new row)" in page.words("//main//select")
    assert "No row: this adds it" in page.words("//main")
    check = owner.send(f"/uaag/change?row={NEW['row']}", NEW, 200)
    assert rows(check) == [["Alameda", "IV-E", "0", "4", "3", "1"]]
    change(house, **NEW)
    public = house.client("")
    assert [line for line in rows(public.page("/uaag")) if line[0] in ("Alameda", "Amador")] == [
        ["Alameda", "IV-A", "5", "5", "5"],
        ["Alameda", "IV-E", "4 (changed)", "Not printed", ""],
        ["Amador", "", "1", "1", ""],
    ]
    assert "Alameda,IV-E,,4," in public.get("/uaag.csv").get_data(as_text=True).splitlines()
    assert rows(public.page("/uaag/history"))[0][1:4] == ["Alameda, IV-E", "0", "4"]
    assert queue_announced(house.portal) == 1
    assert "Alameda, IV-E: 4 reserved from now on, 0 before. 3 granted already, 1 left." in mails(house)[0]["text"]
    assert "(a new row)" not in owner.page("/uaag/change").words("//main//select")


def test_a_row_that_nobody_with_access_needs_is_not_offered(house: House) -> None:
    page = posted(house.client("process-owner"), "/uaag/change", {**NEW, "version": "0", "confirm": "yes"})
    assert (page.status, list(page.problems)) == (422, ["row"])
    assert guide.changes(house.portal) == []


def test_only_the_process_owner_changes_the_guide(house: House) -> None:
    for role in ("process-manager", "director", "iso"):
        house.client(role).page("/uaag/change", 403)
        assert posted(house.client(role), "/uaag/change", {**KERN, "version": "0", "confirm": "yes"}).status == 403
        assert "Change" not in house.client(role).page("/uaag").words("//main//a")
    assert guide.changes(house.portal) == []


@pytest.mark.process("O8.2")
def test_the_access_log_tells_of_the_change(house: House) -> None:
    change(house)
    [line] = list(house.portal.log.matching(Filters(did="change the guide")))
    assert (line["who"], line["role"], line["record"], line["why"], line["outcome"]) == (
        email_of("process-owner"),
        "process-owner",
        "uaag/Kern/",
        "change 1",
        "done",
    )
