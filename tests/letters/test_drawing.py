"""What drawing promises of any template: nothing missing, nothing dangerous, the same bytes for the same letter."""

import io
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest

from portal.letters import Letters, MissingFields, NoSuchLetter, TemplateBroken
from portal.letters.context import context
from portal.letters.drawing import SHIPPED
from tests.letters.kern import OFFICE, PEOPLE, TODAY, kern, kern_context
from tests.letters.reading import opened, text_of, write_template
from tests.papers.made import Change, opened_by, repacked, replaced, with_part, with_relation


def drawn(folder: Path, *paragraphs: str, header: str = "", **given: Any) -> str:
    """What a template with these paragraphs becomes."""
    letters = Letters(write_template(folder, "note", *paragraphs, header=header))
    return text_of(letters.draw("note", given or kern_context()))


@pytest.mark.process("6.7.1")
def test_every_missing_field_is_named_not_only_the_first() -> None:
    bare = context(
        kern(identify_requestor={"invitee_address": ""}, complete_application=None, decide=None),
        people={"process_manager": {"name": None}},
        office={**OFFICE, "fax": None},
        today=TODAY,
    )
    missing = ("office.fax", "identify_requestor.invitee_address", "portal.url", "process_manager.name")
    assert set(Letters(None).check("invitation", bare)) == set(missing)
    with pytest.raises(MissingFields) as refused:
        Letters(None).draw("invitation", bare)
    assert refused.value.letter == "invitation"
    assert set(refused.value.fields) == set(missing)
    assert "portal.url" in str(refused.value)


def test_a_section_that_was_never_recorded_and_a_misspelt_field_are_missing(tmp_path: Path) -> None:
    letters = Letters(write_template(tmp_path, "note", "{{ survey.answer }} {{ decide.reasn|upper }} {{ nothing }}"))
    assert letters.check("note", kern_context()) == ("survey.answer", "decide.reasn", "nothing")


def test_a_field_that_only_a_condition_asks_for_may_be_missing(tmp_path: Path) -> None:
    text = "{% if decide.reason %}Because {{ decide.reason }}{% else %}No reason{% endif %}"
    assert "No reason" in drawn(tmp_path, text)
    letters = Letters(tmp_path)
    assert letters.fields("note") == {"decide.reason"}


def test_the_fields_of_a_template_are_found_in_its_head_and_its_footnotes_too() -> None:
    fields = Letters(None).fields("invitation")
    assert {"application.id", "office.fax", "identify_requestor.invitee_name", "accounts.recommended"} <= fields


def test_a_loop_prints_its_rows_and_its_own_names_are_no_fields(tmp_path: Path) -> None:
    row = "{% for user in certify_users.users %}{{ user.name }}, trained {{ user.trained_on_in_words }}; {% endfor %}"
    users = [{"name": "Ana & Co", "trained_on": "2026-02-01"}, {"name": "Béa", "trained_on": "2026-02-03"}]
    text = drawn(tmp_path, row, **kern_context(certify_users={"users": users}))
    assert "Ana & Co, trained February 1, 2026; Béa, trained February 3, 2026;" in text
    assert Letters(tmp_path).fields("note") == {"certify_users.users"}


@pytest.mark.requirement("ASVS 1.3.7", "NIST SI-10")
@pytest.mark.parametrize(
    "value",
    [
        "O’Neill & Söhne <IV-A> \"x\" 'y'",
        "{{ 7*7 }} {% if a %} {# note #} {_{ }_} {%p endif %}",
        "</w:t></w:r></w:p><w:p>",
        "日本 Ñandú \U0001f600 \u200bz",
    ],
)
def test_whatever_stands_in_a_value_stays_plain_text(tmp_path: Path, value: str) -> None:
    paragraphs = ("Name: {{ application.organization }}.", "{{ application.organization }}")
    given = {"application": {"organization": value}}
    text = drawn(tmp_path, *paragraphs, header="{{ application.organization }}", **given)
    assert text.count(value) == 3
    assert f"Name: {value}." in text


def test_control_characters_in_a_value_break_no_letter(tmp_path: Path) -> None:
    text = drawn(tmp_path, "[{{ a.b }}]", a={"b": "one\x00\x07\x0c\x1b two\r\nthree\ud800 "})
    assert "[one two\nthree]" in text


def test_lines_stay_lines_and_paragraphs_are_made_where_asked(tmp_path: Path) -> None:
    folder = write_template(tmp_path, "note", "{{ a.b }}", "{{ a.b|paragraphs }}")
    letter = opened(Letters(folder).draw("note", {"a": {"b": "one\ntwo\n\nthree"}}))
    assert [paragraph.text for paragraph in letter.paragraphs] == ["one\ntwo\n\nthree", "one", "two", "three"]


def test_values_in_footnotes_are_not_read_as_templates_however_many_sections_a_template_has(tmp_path: Path) -> None:
    shipped = docx.Document("portal/letters/templates/invitation.docx")
    for part in shipped.part.package.parts:
        if part.partname.endswith("footnotes.xml"):
            part._blob = part.blob.replace(b"42 USC", b"{{ application.organization }}")
    shipped.add_section()
    shipped.save(str(tmp_path / "invitation.docx"))
    given = {**kern_context(), "application": {**kern_context()["application"], "organization": "{{ 7*7 }}"}}
    text = text_of(Letters(tmp_path).draw("invitation", given))
    assert text.count("{{ 7*7 }}") == 2


@pytest.mark.requirement("ASVS 1.3.7", "NIST SI-10")
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{ application.__class__ }}", "__class__"),
        ("{{ ''.__class__.__mro__ }}", "__mro__"),
        ("{{ application.id.format() }}", "a call"),
        ("{{ cycler.__init__.__globals__ }}", "__globals__"),
        ("{{ application['id'] }}", "square brackets"),
        ("{{ 'a' * 1000000000 }}", "mul"),
        ("{% for x in range(9) %}{% endfor %}", "a call"),
        ("{% include '/etc/passwd' %}", "include"),
        ("{{ application.id|attr('__class__') }}", "attr"),
        ("{{ application.id.upper }}", "not a field"),
        ("{{ application }}", "the section application"),
        ("{{ self.__init__ }}", "__init__"),
        ("{{ lipsum.__globals__.os }}", "__globals__"),
        ("{{ application.id|map('upper') }}", "map"),
        ("{% set x = application.id %}", "a variable of its own"),
        ("{% macro x() %}{% endmacro %}", "macro"),
        ("{% import 'os' as os %}", "import"),
        ("{% extends '/etc/passwd' %}", "extends"),
        ("{% for a in users %}{% for b in users %}{% for c in users %}x{% endfor %}{% endfor %}{% endfor %}", "loops"),
        ("{% for a in users recursive %}{{ loop(users) }}{% endfor %}", "a call"),
        ("{{ application.id ~ application.id }}", "concat"),
        ("{{ application.id", "cannot be understood"),
        ("{% if application.id %}", "cannot be understood"),
    ],
)
def test_a_template_that_does_more_than_a_letter_may_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(TemplateBroken) as refused:
        drawn(tmp_path, text)
    assert refused.value.letter == "note"
    assert why in refused.value.why


def test_a_file_that_word_cannot_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mou.docx").write_bytes(b"%PDF-1.7")
    with pytest.raises(TemplateBroken):
        Letters(tmp_path).draw("mou", kern_context())


TRICKS: dict[str, tuple[Change, str]] = {
    "a macro": (with_part("word/vbaProject.bin"), "a program"),
    "an embedded file": (with_part("word/embeddings/oleObject1.bin"), "a program"),
    "a control": (with_part("word/activeX/activeX1.xml"), "a program"),
    "a field that starts a program": (
        replaced("word/document.xml", "<w:body>", "<w:body><w:p><w:r><w:instrText>DDEAUTO c</w:instrText></w:r></w:p>"),
        "a program",
    ),
    "a template from elsewhere": (with_relation("attachedTemplate", "http://x.example/a.dotm"), "elsewhere"),
    "a frame from elsewhere": (with_relation("frame", "http://x.example/a"), "elsewhere"),
    "an entity from a file": (
        opened_by(b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), "elsewhere"
    ),
    "entities that grow": (opened_by(b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaa">]>'), "elsewhere"),
    "a bomb": (with_part("word/media/image9.bin", bytes(101 * 1024 * 1024)), "unpacked"),
}  # fmt: skip


@pytest.mark.requirement("ASVS 1.5.1", "ASVS 5.2.3", "NIST SI-10")
@pytest.mark.parametrize("what", TRICKS)
def test_a_template_that_carries_more_than_a_letter_is_refused(tmp_path: Path, what: str) -> None:
    change, why = TRICKS[what]
    (tmp_path / "mou.docx").write_bytes(repacked((SHIPPED / "mou.docx").read_bytes(), change))
    with pytest.raises(TemplateBroken, match=why) as refused:
        Letters(tmp_path).draw("mou", kern_context())
    assert refused.value.letter == "mou"
    assert Letters(tmp_path / "none").draw("mou", kern_context())


def test_a_template_that_fetches_something_from_elsewhere_is_refused(tmp_path: Path) -> None:
    document = docx.Document()
    picture = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
    document.part.relate_to("https://elsewhere.example/pixel.png", picture, is_external=True)
    document.save(str(tmp_path / "mou.docx"))
    with pytest.raises(TemplateBroken, match="elsewhere"):
        Letters(tmp_path).draw("mou", kern_context())


@pytest.mark.parametrize("name", ["no-such-letter", "../secret", "MOU", ""])
def test_a_name_that_is_no_letter_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(NoSuchLetter):
        Letters(tmp_path).draw(name, kern_context())


def test_staffs_own_template_goes_before_the_shipped_one(tmp_path: Path) -> None:
    write_template(tmp_path, "mou", "Our own text for {{ application.organization }}")
    own, shipped = Letters(tmp_path), Letters(None)
    assert "Our own text for Kern IV-A" in text_of(own.draw("mou", kern_context()))
    assert "SAMPLE" in text_of(shipped.draw("mou", kern_context()))
    assert own.draw("invitation", kern_context()) == shipped.draw("invitation", kern_context())


def test_staffs_template_may_be_edited_in_word_so_that_a_tag_is_split_and_has_curly_quotes(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph()
    for piece in ("{", "{ application", ".id }", "} {% if decide.decision == “accept” %}yes{% endif %}"):
        paragraph.add_run(piece)
    document.save(str(tmp_path / "note.docx"))
    assert "TPA-2026-0007 yes" in text_of(Letters(tmp_path).draw("note", kern_context()))


@pytest.mark.process("6.7.1")
def test_the_same_letter_has_the_same_bytes_and_another_one_has_not(tmp_path: Path) -> None:
    first = Letters(None).draw("mou", kern_context())
    assert Letters(tmp_path).draw("mou", kern_context()) == first
    assert Letters(None).draw("mou", kern_context(decide={"accounts_granted": 6})) != first
    with zipfile.ZipFile(io.BytesIO(first)) as parts:
        assert {entry.date_time for entry in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_letters_file_names_the_department_and_not_who_edited_the_template(tmp_path: Path) -> None:
    document = docx.Document()
    document.core_properties.author = document.core_properties.last_modified_by = "Somebody's Laptop"
    document.save(str(tmp_path / "note.docx"))
    properties = opened(Letters(tmp_path).draw("note", kern_context())).core_properties
    assert (properties.author, properties.last_modified_by) == (OFFICE["name"], OFFICE["name"])
    assert properties.subject == "TPA-2026-0007"
    assert properties.created is not None
    assert properties.created.date() == TODAY


@pytest.mark.process("O8.2")
@pytest.mark.parametrize(
    "field",
    [
        "legal_opinion.opinion_text",
        "send_to_owner.summary",
        "decide.justification",
        "identify_requestor.justification",
        "history",
        "decide.note",
    ],
)
def test_what_is_for_dcss_alone_can_be_put_into_no_letter(tmp_path: Path, field: str) -> None:
    letters = Letters(write_template(tmp_path, "note", f"{{{{ {field} }}}}"))
    assert letters.check("note", kern_context()) == (field,)


def test_numbers_of_accounts_are_phrases_and_dates_are_words() -> None:
    words = context(kern(decide={"accounts_granted": 1}), people=PEOPLE, office=OFFICE, today=TODAY)
    assert words["accounts"]["granted"] == "1 user account"
    assert words["accounts"]["recommended"] == "5 user accounts"
    assert words["identify_requestor"]["invitation_date_in_words"] == "November 23, 2026"
    assert words["letter"]["date"] == "November 23, 2026"


def test_who_acted_for_the_director_is_named_as_such() -> None:
    document = kern()
    document["history"][0] |= {"role": "coordinator", "actor_name": "Mai Xiong"}
    named = context(document, people=PEOPLE, office=OFFICE, today=TODAY)["director"]
    assert (named["name"], named["title"]) == ("Mai Xiong", "for the Director")
