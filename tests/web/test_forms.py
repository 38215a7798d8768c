"""From declared fields to a page, and from what was typed to answers, on a made-up step with every kind of field."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.datastructures import FileStorage, MultiDict

from portal.forms import (
    StepForm,
    answers_from,
    as_typed,
    change_rows,
    form_for,
    form_from_answers,
    form_from_request,
    note_from,
    show_problems,
)
from portal.process.errors import Problem
from portal.process.step import Field, Step
from tests.web.gallery import ANSWERS, EVERY_KIND, gallery_app, keep_pdf

Element = Any


@pytest.fixture
def app() -> Flask:
    made = gallery_app()
    made.config["WTF_CSRF_ENABLED"] = False
    return made


@pytest.fixture(autouse=True)
def in_a_request(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def sent(typed: dict[str, Any], files: dict[str, FileStorage] | None = None) -> StepForm:
    """The form as a browser sends it with these inputs."""
    return form_from_request(form_for(EVERY_KIND), MultiDict(typed), MultiDict(files or {}))


def a_pdf(name: str = "mou.pdf", content: bytes = b"%PDF-1.7 signed") -> FileStorage:
    return FileStorage(io.BytesIO(content), filename=name, content_type="application/pdf")


def page_of(answer: Any) -> Element:
    return html.fromstring(answer.get_data(as_text=True))


def one(page: Element, path: str) -> Element:
    found = page.xpath(path)
    assert len(found) == 1, f"{path} is there {len(found)} times"
    return found[0]


def inputs_of(page: Element) -> MultiDict[str, str]:
    """What a browser would send from the page's form, but its buttons."""
    pairs = []
    for element in page.xpath("//main//form//*[@name and not(self::button)]"):
        if element.get("type") in ("radio", "checkbox") and element.get("checked") is None:
            continue
        if element.tag == "select":
            value = "".join(element.xpath("./option[@selected]/@value"))
        elif element.tag == "textarea":
            value = (element.text or "").removeprefix("\n")
        else:
            value = element.get("value", "")
        if element.get("type") != "file":
            pairs.append((element.get("name"), value))
    return MultiDict(pairs)


# What was typed becomes answers


def test_answers_come_out_as_the_values_that_json_takes() -> None:
    form = sent(
        {
            "organization_name": "  Kern IV-A ",
            "purpose": "One.\r\nTwo.\r\n",
            "users_requested": "1,200",
            "signed_on": "11/23/2026",
            "decision": "accept",
            "authorities": ["family-code-17212", "42-usc-453a-f"],
            "attestation": "yes",
            "note": " Thanks. ",
        }
    )
    answers, problems = answers_from(form)
    assert problems == []
    assert answers == {
        "organization_name": "Kern IV-A",
        "purpose": "One.\nTwo.",
        "users_requested": 1200,
        "signed_on": "2026-11-23",
        "decision": "accept",
        "authorities": ["family-code-17212", "42-usc-453a-f"],
        "attestation": True,
    }
    assert note_from(form) == "Thanks."


def test_blank_answers_are_absent_and_a_box_not_ticked_is_false() -> None:
    assert answers_from(sent({"organization_name": " \t ", "users_requested": "", "authorities": [""]})) == (
        {"attestation": False},
        [],
    )


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("users_requested", "a dozen", "whole number"),
        ("users_requested", "3.5", "whole number"),
        ("users_requested", "1,2", "whole number"),
        ("users_requested", "٣", "whole number"),
        ("users_requested", "9" * 5000, "too large"),
        ("signed_on", "soon", "date like 11/23/2026"),
        ("signed_on", "2026-02-30", "in the calendar"),
        ("signed_on", "0000-01-01", "in the calendar"),
        ("users-0-trained_on", "23.11.2026", "date like 11/23/2026"),
    ],
)
def test_what_cannot_be_understood_is_named_and_stays_as_typed(name: str, typed: str, words: str) -> None:
    form = sent({name: typed})
    answers, problems = answers_from(form)
    show_problems(form, problems)
    assert [(problem.field, words in problem.message) for problem in form.problems] == [(name, True)]
    assert all(value in ([{}], False) or isinstance(value, list) for value in answers.values())
    assert next(bound.data for _, bound in form.all_fields() if bound.name == name) == typed


def test_control_and_invisible_characters_do_not_come_through() -> None:
    answers, _ = answers_from(
        sent({"organization_name": "Ke\x00rn\u202e\u200b IV-A\n & <Søn’s>", "purpose": "a\x07b\nc"})
    )
    assert answers["organization_name"] == "Kern IV-A  & <Søn’s>"
    assert answers["purpose"] == "ab\nc"


def test_empty_rows_are_dropped_and_problems_still_find_the_row_they_mean() -> None:
    form = sent({"users-0-name": "", "users-2-name": "Bo Li", "users-7-name": "Cy", "users-7-email": "x"})
    answers, _ = answers_from(form)
    assert [row["name"] for row in answers["users"]] == ["Bo Li", "Cy"]
    show_problems(form, [Problem("users-1-email", "Enter an email address"), Problem("users", "Too many users")])
    assert form.problems_of("users-2-email") == ["Enter an email address"]
    assert [form.target_of(problem) for problem in form.problems] == ["users", "users-2-email"]


@pytest.mark.parametrize("row", ["99999999999999999999", "²", "-1", "x"])
def test_row_numbers_that_nobody_draws_are_no_rows(row: str) -> None:
    assert "users" not in answers_from(sent({f"users-{row}-name": "Bo Li"}))[0]


def test_a_row_counts_when_its_only_answer_is_zero() -> None:
    rows = Step("s", "S", "?", "r", "c", "1", "d", fields=(EVERY_KIND.field("users"),))
    number = Field("count", "Count", EVERY_KIND.field("users_requested").kind)
    step = Step("s", "S", "?", "r", "c", "1", "d", fields=(_with_fields(rows.fields[0], number),))
    form = form_from_request(form_for(step), MultiDict({"users-0-count": "0"}))
    assert answers_from(form)[0] == {"users": [{"count": 0}]}


def _with_fields(field: Field, *inner: Field) -> Field:
    return Field(field.name, field.label, field.kind, fields=inner)


def test_a_row_that_comes_back_as_the_portal_filled_it_in_is_not_answered() -> None:
    offered = {"users": [{"email": "bo@kern.example", "name": "Bo"}, {"email": "cy@kern.example", "name": "Cy"}]}
    form = form_from_answers(form_for(EVERY_KIND), offered, offered=offered)
    typed: dict[str, Any] = {}
    for row in form["users"].entries:
        typed |= {row[name].name: row[name].data for name in ("name", "email", "offered")}
    typed["users-1-trained_on"] = "2026-11-02"
    answers, _ = answers_from(sent(typed))
    assert [row["email"] for row in answers["users"]] == ["cy@kern.example"]


def test_a_step_cannot_have_a_field_that_the_form_itself_needs() -> None:
    for name in ("note", "version", "data", "errors"):
        step = Step("s", "S", "?", "r", "c", "1", "d", fields=(Field(name, "Label"),))
        with pytest.raises(ValueError, match=name):
            form_for(step)


def test_what_came_on_paper_asks_one_question_more() -> None:
    assert "received_on" not in form_for(EVERY_KIND)()
    assert "received_on" in form_for(EVERY_KIND, on_behalf=True)()


# Files


def test_an_upload_is_kept_and_a_page_shown_again_sends_it_again(client: FlaskClient) -> None:
    first = client.post("/form", data={"version": "7", "signed_mou": (io.BytesIO(b"%PDF-1.7 x"), "mou.pdf")})
    assert first.status_code == 422
    again = inputs_of(page_of(first))
    assert again["version"] == "7"
    form = form_from_request(form_for(EVERY_KIND), again)
    assert answers_from(form)[0]["signed_mou"] == {"name": "mou.pdf", "sha256": "0" * 64, "size": 10}


def test_a_file_kept_before_can_be_left_out_or_replaced() -> None:
    kept = form_from_answers(form_for(EVERY_KIND), ANSWERS)["signed_mou"].kept_token
    left_out = sent({"signed_mou-kept": kept, "signed_mou-remove": "yes"})
    assert "signed_mou" not in answers_from(left_out, keep_pdf)[0]
    replaced = sent({"signed_mou-kept": kept}, {"signed_mou": a_pdf("new.pdf")})
    assert answers_from(replaced, keep_pdf)[0]["signed_mou"]["name"] == "new.pdf"


def test_the_note_of_a_kept_file_holds_only_unaltered_and_for_its_own_question() -> None:
    form = form_from_answers(form_for(EVERY_KIND), ANSWERS)
    token = form["signed_mou"].kept_token
    assert "signed_mou" in answers_from(sent({"signed_mou-kept": token}))[0]
    assert "signed_mou" not in answers_from(sent({"signed_mou-kept": token[:-2] + "xx"}))[0]
    assert "users" not in answers_from(sent({"users-0-statement-kept": token}))[0]


def test_what_is_no_pdf_is_a_problem_of_its_field() -> None:
    form = sent({}, {"users-0-statement": a_pdf(content=b"MZ")})
    _, problems = answers_from(form, keep_pdf)
    [problem] = problems
    assert problem.field == "users-0-statement"
    assert problem.message.endswith(": choose a PDF. This file is of another kind")


# The page


def test_every_input_has_a_label_and_ids_are_there_once(client: FlaskClient) -> None:
    page = page_of(client.get("/form"))
    ids = page.xpath("//@id")
    assert sorted(ids) == sorted(set(ids))
    for element in page.xpath("//main//*[self::input or self::select or self::textarea][not(@type='hidden')]"):
        assert page.xpath(f"//label[@for='{element.get('id')}']"), element.get("name")
    for described in page.xpath("//@aria-describedby"):
        assert set(described.split()) <= set(ids)


def test_names_are_those_of_the_declarations(client: FlaskClient) -> None:
    names = set(page_of(client.get("/form")).xpath("//main//form//*[not(self::button)]/@name"))
    rows = {f"users-0-{field.name}" for field in EVERY_KIND.field("users").fields}
    single = {field.name for field in EVERY_KIND.fields if not field.on_behalf_only} - {"users"}
    assert names == single | rows | {"version", "note"}


def test_optional_questions_and_conditions_say_so_in_words(client: FlaskClient) -> None:
    page = page_of(client.get("/form"))
    assert one(page, "//label[@for='contact_phone']").text_content().strip().endswith("(optional)")
    assert "optional" not in one(page, "//label[@for='organization_name']").text_content()
    assert one(page, "//*[@id='reason-when']").text_content() == "Answer this if “Decision” is Reject."
    asked_when = one(page, "//label[@for='reason']/ancestor::*[@data-only-when-field]")
    assert (asked_when.get("data-only-when-field"), asked_when.get("data-only-when-values")) == ("decision", "reject")
    in_row = one(page, "//label[@for='users-0-left_on']/ancestor::*[@data-only-when-field]")
    assert in_row.get("data-only-when-field") == "users-0-left"


def test_the_error_summary_names_each_field_and_leads_to_it(client: FlaskClient) -> None:
    typed = {
        "users_requested": "many <b>",
        "organization_name": "A & “B”",
        "users-1-name": " ",
        "users-4-trained_on": "soon",
        "confirm": "yes",
    }
    answer = client.post("/form", data=typed)
    assert answer.status_code == 422
    page = page_of(answer)
    summary = one(page, "//*[@role='alert']")
    targets = [link.removeprefix("#") for link in summary.xpath(".//a/@href")]
    assert {"users_requested", "users-1-trained_on", "decision-0", "authorities-0", "attestation"} <= set(targets)
    for target in targets:
        assert page.xpath(f"//*[@id='{target}']"), target
    number = one(page, "//*[@id='users_requested']")
    assert number.get("value") == "many <b>"
    assert number.get("aria-invalid") == "true"
    error = one(page, f"//*[@id='{number.get('aria-describedby').split()[-1]}']")
    assert "enter a whole number" in error.text_content()
    assert one(page, "//*[@id='organization_name']").get("value") == "A & “B”"
    # A date that is no date is shown in an input that can show it.
    date = one(page, "//*[@id='users-1-trained_on']")
    assert (date.get("type"), date.get("value")) == ("text", "soon")


def test_a_form_filled_with_answers_sends_the_same_answers(app: Flask, client: FlaskClient) -> None:
    page = page_of(client.get("/filled"))
    form = form_from_request(form_for(EVERY_KIND), inputs_of(page))
    assert answers_from(form) == (ANSWERS, [])
    assert note_from(form) == "Sent from home."


def test_the_page_on_which_answers_are_checked_sends_all_of_them_again(client: FlaskClient) -> None:
    page = page_of(client.post("/form", data=inputs_of(page_of(client.get("/filled")))))
    assert one(page, "//h1").text_content() == "Check your answers"
    assert answers_from(form_from_request(form_for(EVERY_KIND), inputs_of(page))) == (ANSWERS, [])
    words = one(page, "//dl").text_content()
    for shown in (
        "Kern IV-A & Søns <script>",
        "November 23, 2026",
        "Reject",
        "Los Angeles",
        "Family Code 17212",
        "2.1 MB",
    ):
        assert shown in words
    assert client.post("/form", data={**inputs_of(page).to_dict(), "confirm": "yes"}).status_code == 303


def test_rows_are_added_and_removed_without_javascript(client: FlaskClient) -> None:
    typed = {"users-0-name": "Bo", "users-1-name": "Cy", "signed_on": "soon"}
    added = page_of(client.post("/form", data={**typed, "add": "users"}))
    assert added.xpath("//fieldset[@data-row]/@id") == ["users-0", "users-1", "users-2"]
    assert one(added, "//*[@id='signed_on']").get("value") == "soon"
    removed = page_of(client.post("/form", data={**typed, "remove": "users-0"}))
    assert removed.xpath("//fieldset[@data-row]/@id") == ["users-0"]
    assert one(removed, "//*[@id='users-0-name']").get("value") == "Cy"
    emptied = sent({"users-0-name": "Bo"})
    assert change_rows(emptied, {"remove": "users-0"}) == "users"
    assert [row["name"].data for row in emptied["users"].entries] == [None]


def test_the_enter_key_does_not_remove_a_row(client: FlaskClient) -> None:
    """A browser presses a form's first button when somebody presses Enter in a field."""
    first = page_of(client.get("/form")).xpath("//main//form//button")[0]
    assert first.get("name") not in ("add", "remove", "save")


def test_a_draft_keeps_what_could_not_be_understood_as_well() -> None:
    form = sent(
        {"users_requested": "many", "users-2-name": "Bo", "users-2-trained_on": "soon", "signed_on": "11/2/2026"}
    )
    again = form_from_answers(form_for(EVERY_KIND), as_typed(form))
    assert again["users_requested"].data == "many"
    assert again["users"].entries[0]["trained_on"].data == "soon"
    assert again["signed_on"].data == "2026-11-02"


def test_what_was_typed_can_be_read_on_a_page_without_the_form() -> None:
    form = sent(
        {"users_requested": "many", "decision": "reject", "users-4-email": "bo@", "attestation": "yes", "note": "N"}
    )
    assert form.typed_in_words() == [
        ("Number of users", "many"),
        ("Decision", "Reject"),
        ("I am the person named above, and this is my signature.", "Yes"),
        ("User 1: Email", "bo@"),
        ("Note", "N"),
    ]


@pytest.mark.parametrize("status", [401, 403, 404, 409, 413, 415, 422, 429, 500, 503])
def test_an_error_page_says_what_happened_and_keeps_what_was_typed(client: FlaskClient, status: int) -> None:
    page = page_of(client.get(f"/error/{status}"))
    assert one(page, "//h1").text_content() in one(page, "//title").text_content()
    assert "a <b> & c" in one(page, "//main").text_content()
    assert "7f3a-0192" in one(page, "//main").text_content()


def test_nothing_on_a_page_is_inline(client: FlaskClient) -> None:
    for address in ("/", "/form", "/filled", "/error/500"):
        page = page_of(client.get(address))
        assert page.xpath("//@style | //style | //script[not(@src)]") == []
        assert [name for element in page.iter() for name in element.attrib if name.startswith("on")] == []
