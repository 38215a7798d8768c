"""Versions of the MOU's text: each agreement says in which it is signed, and a campaign has the new one signed."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal import daily, letters_of_steps, mou_campaign, verify
from portal.process.document import Json
from portal.process.third_party_access.mou_versions import offered_text, signed_text
from tests.conftest import House
from tests.letters.reading import text_of
from tests.process.case import MONDAY, Case, after
from tools.letter_templates.agreement import mou as mou_template

pytestmark = pytest.mark.process("6.8.1")


def new_text(house: House, words: str = "A new article.") -> str:
    """Staff put another text of the MOU in place; its SHA-256."""
    paper = mou_template()
    paper.paragraph(words)
    folder = house.portal.settings.data / "letter-templates"
    folder.mkdir(exist_ok=True)
    (folder / "mou.docx").write_bytes(paper.as_bytes())
    return letters_of_steps.text_today(house.portal, "mou")


def start_campaign(house: House) -> None:
    """As the Process Owner does on the page."""
    client = house.client("process-owner")
    form = {**client.page("/mou-versions").fields(), "reason": "The law has changed."}
    client.post_form("/mou-versions/campaign", form, 303)


def sign_anew(house: House, document_id: str) -> Json:
    """Both sides sign what was sent."""
    in_force = house.get(document_id)["countersign_mou"]
    house.take(document_id, "sign-mou")
    term = {name: in_force[name] for name in ("effective_on", "expires_on")}
    return house.take(document_id, "countersign-mou", **term)


# One application, purely


def offered() -> Case:
    """Kern IV-A with access, a year later, when the new text was sent to it."""
    return after("confirm-access").on(MONDAY + timedelta(days=200)).take("offer-mou")


def test_a_new_text_opens_the_signature_again_and_access_goes_on_meanwhile() -> None:
    case = offered()
    assert case.status == "active"
    assert "sign-mou" in case.waiting
    assert "post-approval" not in case.possible
    assert case.document["holdings"].keys() == after("confirm-access").document["holdings"].keys()
    case.take("sign-mou")
    assert {"countersign-mou"} <= case.waiting
    assert case.status == "active"
    in_force = case.document["countersign_mou"]
    case.take("countersign-mou", **{name: in_force[name] for name in ("effective_on", "expires_on")})
    assert case.status == "active"
    assert "file-mou" in case.waiting
    assert not case.waiting & {"sign-mou", "countersign-mou", "post-approval", "create-office-id"}
    assert case.to_come["expire"] == "2029-11-24"


def test_it_is_sent_only_to_an_agreement_in_force_that_is_not_to_end() -> None:
    after("countersign-mou").out_of_turn("offer-mou")
    notice = (MONDAY + timedelta(days=60)).isoformat()
    after("confirm-access").take("terminate", kind="notice", ends_on=notice).out_of_turn("offer-mou")


def test_what_is_signed_anew_keeps_its_term_and_does_not_lengthen_it() -> None:
    case = offered().take("sign-mou")
    in_force = case.document["countersign_mou"]
    start = {"effective_on": in_force["effective_on"]}
    assert case.problems("countersign-mou", **start, expires_on=in_force["expires_on"]) == {}
    assert set(case.problems("countersign-mou")) == {"expires_on"}
    field = case.process.step("countersign-mou").field("expires_on")
    assert field.default is not None
    assert field.default(case.situation({})) == in_force["expires_on"]


def test_a_new_text_that_is_not_signed_as_sent_is_returned_while_the_old_stays_in_force() -> None:
    case = offered().take("sign-mou").take("return-mou")
    assert case.status == "active"
    assert "sign-mou" in case.waiting
    case.out_of_turn("countersign-mou")
    assert "countersign-mou" in case.take("sign-mou").waiting


def test_a_signature_on_the_text_before_does_not_count_for_the_new_one() -> None:
    case = after("confirm-access").pass_days(10)
    case.take("offer-mou")
    case.out_of_turn("countersign-mou")


def test_the_goal_of_posting_stands_when_both_sign_again() -> None:
    before = next(iter(after("confirm-access").document["history"]))
    case = offered().take("sign-mou")
    assert before == case.document["history"][0]
    assert case.task("countersign-mou")["goal_from"] == case.today.isoformat()


# Kept


def test_each_agreement_says_in_which_text_it_is_signed_and_the_text_is_kept(house: House) -> None:
    document = house.application_after("confirm-access")
    text = signed_text(document)
    assert text == letters_of_steps.text_today(house.portal, "mou")
    assert house.portal.store.get_file(text) == house.portal.letters.text("mou")
    assert document["holdings"][f"mou-signed/{text}"] == 1
    assert house.portal.store.get_record(letters_of_steps.TEXTS, text) is not None
    assert not verify.run(house.portal).findings


def test_the_signed_mou_is_in_the_text_that_was_sent_though_the_template_has_changed(house: House) -> None:
    document = house.application_before("countersign-mou")
    before = letters_of_steps.text_today(house.portal, "mou")
    new_text(house)
    kept = house.take(document["id"], "countersign-mou")
    letter = next(one for one in kept["history"][-1]["letters"] if one["name"] == "signed-mou")
    assert letter["text_sha256"] == before
    assert "A new article." not in text_of(house.portal.store.get_file(letter["sha256"]))


def test_the_new_text_goes_out_unsigned_and_is_signed_by_both_in_that_text(house: House) -> None:
    document = house.application_after("confirm-access")
    text = new_text(house)
    kept = house.take(document["id"], "offer-mou")
    letter = kept["history"][-1]["letters"][0]
    said = text_of(house.portal.store.get_file(letter["sha256"]))
    assert "A new article." in said
    assert "Signed electronically in the Third Party Access portal:" not in said
    assert offered_text(kept) == text
    signed = sign_anew(house, document["id"])
    assert (signed["status"], signed_text(signed), offered_text(signed)) == ("active", text, "")
    assert not verify.run(house.portal).findings


def test_a_campaign_sends_the_new_text_once_to_each_agreement_on_an_older_one(
    make_house: Callable[..., House],
) -> None:
    house = make_house()
    kern = house.application_after("confirm-access")["id"]
    new_text(house)
    now = mou_campaign.standing(house.portal)
    assert (now.in_force, now.behind, now.to_be_offered) == (1, 1, 1)
    assert daily.run(house.portal).taken == ()
    start_campaign(house)
    assert f"{kern} offer-mou" in daily.run(house.portal).taken
    assert f"{kern} offer-mou" not in daily.run(house.portal).taken
    now = mou_campaign.standing(house.portal)
    assert (now.behind, now.todays.offered, now.to_be_offered) == (1, 1, 0)
    sign_anew(house, kern)
    now = mou_campaign.standing(house.portal)
    assert (now.behind, now.todays.signed, now.todays.offered) == (0, 1, 0)


def test_a_campaign_waits_when_the_text_changes_again(house: House) -> None:
    house.application_after("confirm-access")
    new_text(house)
    start_campaign(house)
    new_text(house, "Another article.")
    day = daily.run(house.portal)
    assert not [one for one in day.taken if "offer-mou" in one]
    assert any("text has changed since the campaign began" in problem for problem in day.problems)


def test_the_page_says_who_signed_which_names_versions_and_starts_and_ends_a_campaign(house: House) -> None:
    document = house.application_after("confirm-access")
    text = signed_text(document)
    manager = house.client("process-manager")
    csrf: dict[str, Any] = {"csrf_token": manager.page("/mou-versions").fields()["csrf_token"]}
    manager.post_form(f"/mou-versions/{text}/name", {**csrf, "name": "MOU of 2008"}, 303)
    manager.post_form(f"/mou-versions/{'0' * 64}/name", {**csrf, "name": "MOU of 1999"}, 404)
    new_text(house)
    page = house.client("contract-manager").page("/mou-versions")
    assert "MOU of 2008" in page.words("//main")
    assert "Kern IV-A" in page.text
    assert "Kern IV-A" in house.client("process-owner").page(f"/mou-versions?lcsa=Kern&text={text}").text
    assert "Kern IV-A" not in house.client("process-owner").page("/mou-versions?text=not-known").text
    assert "Kern IV-A" not in house.client("process-owner").page("/mou-versions?lcsa=Alameda").text
    start_campaign(house)
    assert "The law has changed." in house.client("process-owner").page("/mou-versions").text
    owner = house.client("process-owner")
    token = {"csrf_token": owner.page("/mou-versions").fields()["csrf_token"]}
    owner.post_form("/mou-versions/campaign", {**token, "reason": "Once more."}, 409)
    owner.post_form("/mou-versions/campaign/end", token, 303)
    owner.post_form("/mou-versions/campaign/end", token, 409)


def test_no_campaign_is_needed_while_all_are_on_the_text_that_is_sent(house: House) -> None:
    house.application_after("confirm-access")
    owner = house.client("process-owner")
    token = {"csrf_token": owner.page("/account").fields()["csrf_token"]}
    page = owner.post_form("/mou-versions/campaign", {**token, "reason": "To see."}, 409)
    assert "signed in this text already" in page.text
    owner.post_form("/mou-versions/campaign", {**token, "reason": ""}, 422)


def test_texts_are_kept_in_a_backup_like_letters(house: House, tmp_path: Path) -> None:
    document = house.application_after("send-decision")
    sent = [letter for entry in document["history"] for letter in entry.get("letters", ())]
    assert {letter["text_sha256"] for letter in sent} <= set(house.portal.store.file_ids())
