"""Papers are what their content is: PDF, Word, PNG, JPEG, whole, and nothing more than paper."""

import zipfile
from collections.abc import Callable

import pytest
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject

from portal.papers import NotAPaper, PaperRefused, PaperTooLarge, checked, kind_of, pictures, word
from portal.process.step import PAPERS
from tests.papers.made import (
    MAIN,
    a_docx,
    a_pdf,
    a_picture,
    a_zip_that_says_less,
    an_action,
    clicking,
    opened_by,
    opening_with,
    repacked,
    replaced,
    upload,
    with_part,
    with_relation,
)

ALL = tuple(PAPERS)
SOUND = {"pdf": a_pdf(), "docx": a_docx(), "png": a_picture("PNG"), "jpeg": a_picture("JPEG")}
ENDINGS = {"pdf": ".pdf", "docx": ".docx", "png": ".png", "jpeg": ".jpg"}


@pytest.mark.requirement("ASVS 5.2.2", "NIST SI-10")
@pytest.mark.parametrize("kind", ALL)
def test_a_paper_is_taken_for_what_it_is_and_named_so(kind: str) -> None:
    for name in ("signed.pdf", "signed.docx", "signed.png", "signed.jpeg", "signed.exe", "signed", ""):
        paper = checked(upload(SOUND[kind], name), ALL)
        assert paper.kind.key == kind
        assert paper.name.endswith(paper.kind.endings), name
        assert paper.content == SOUND[kind]
    assert checked(upload(SOUND[kind], "signed.docx.png"), (kind,)).name.endswith(ENDINGS[kind])


@pytest.mark.requirement("ASVS 5.2.2", "NIST SI-10")
@pytest.mark.parametrize("kind", ALL)
def test_only_the_kinds_that_are_asked_for_are_taken(kind: str) -> None:
    others = tuple(other for other in ALL if other != kind)
    with pytest.raises(NotAPaper, match="not a file of the kind asked for"):
        checked(upload(SOUND[kind]), others)


@pytest.mark.parametrize("kind", ALL)
def test_a_paper_that_was_cut_short_is_refused(kind: str) -> None:
    whole = SOUND[kind]
    for length in (len(whole) // 2, len(whole) // 3, 12):
        with pytest.raises(NotAPaper):
            checked(upload(whole[:length]), ALL)


@pytest.mark.requirement("ASVS 5.2.2", "NIST SI-10")
@pytest.mark.parametrize("kind", ["pdf", "png", "jpeg"])
def test_a_file_of_two_kinds_at_once_is_refused(kind: str) -> None:
    with pytest.raises(NotAPaper, match="two kinds at once"):
        checked(upload(SOUND[kind] + SOUND["docx"]), ALL)


OTHERS = {
    "text": b"Dear Sir or Madam",
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a page before a PDF": b"<script>alert(1)</script>" + SOUND["pdf"],
    "a drawing with a script": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "a program": b"MZ\x90\x00" + bytes(200),
    "a GIF": b"GIF89a" + bytes(200),
    "an old Word file": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "rich text": b"{\\rtf1 signed}",
}


@pytest.mark.requirement("ASVS 5.2.2", "NIST SI-10")
@pytest.mark.parametrize("what", OTHERS)
def test_what_is_none_of_the_kinds_is_refused_whatever_it_is_called(what: str) -> None:
    for name in ("signed.pdf", "signed.docx", "signed.png", "signed.jpg"):
        with pytest.raises(NotAPaper):
            checked(upload(OTHERS[what], name), ALL)


@pytest.mark.requirement("ASVS 5.2.1", "NIST SC-5")
def test_sizes_have_a_limit() -> None:
    with pytest.raises(PaperTooLarge, match="larger than 20 MB"):
        checked(upload(SOUND["pdf"] + bytes(20 * 1024 * 1024)), ALL)
    with pytest.raises(NotAPaper, match="empty"):
        checked(upload(b""), ALL)


# PDF


def with_named_program(writer: PdfWriter) -> None:
    """A change for `a_pdf`: it names a program, as older tools do."""
    names = DictionaryObject({NameObject("/JavaScript"): DictionaryObject()})
    writer.root_object[NameObject("/Names")] = names


ACTIVE = {
    "runs a program when opened": opening_with(an_action("/JavaScript", JS="app.alert(1)")),
    "starts another program": opening_with(an_action("/Launch", F="cmd.exe")),
    "runs a program when clicked": clicking(an_action("/JavaScript", JS="app.alert(1)")),
    "has programs by name": with_named_program,
    "carries another file": lambda writer: writer.add_attachment("virus.exe", b"MZ"),
}


@pytest.mark.requirement("NIST SC-18", "NIST SI-3")
@pytest.mark.parametrize("what", ACTIVE)
def test_a_pdf_that_does_more_than_paper_is_refused(what: str) -> None:
    with pytest.raises(NotAPaper, match=r"This PDF carries (programs|other files)"):
        checked(upload(a_pdf(ACTIVE[what])), ALL)


def test_a_pdf_with_a_link_or_that_opens_at_a_page_is_a_paper() -> None:
    for change in (opening_with(an_action("/GoTo")), clicking(an_action("/URI", URI="https://dcss.example"))):
        assert checked(upload(a_pdf(change)), ALL).kind.key == "pdf"


# Word

_BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
_FILE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


NOT_PAPER: dict[str, dict[str, Callable[[dict[str, bytes]], object]]] = {
    "carries a program": {
        "macros": with_part("word/vbaProject.bin"),
        "macros under another name": replaced(
            "[Content_Types].xml",
            "</Types>",
            '<Override PartName="/x" ContentType="application/vnd.ms-office.vbaProject"/></Types>',
        ),
        "a .docm": replaced("[Content_Types].xml", MAIN, "application/vnd.ms-word.document.macroEnabled.main+xml"),
        "a field that starts a program": replaced(
            "word/document.xml",
            "<w:body>",
            "<w:body><w:p><w:r><w:instrText>DD</w:instrText><w:instrText>EAUTO cmd</w:instrText></w:r></w:p>",
        ),
        "a control": with_part("word/activeX/activeX1.bin"),
        "a file of another program": with_part("word/embeddings/oleObject1.bin"),
    },
    "takes something from elsewhere": {
        "a template from elsewhere": with_relation("attachedTemplate", "http://x.example/evil.dotm"),
        "a picture from elsewhere": with_relation("image", "http://x.example/seen.png"),
        "entities that grow": opened_by(_BOMB),
        "an entity from a file": opened_by(_FILE),
        "a DTD from elsewhere": opened_by(b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://x.example/x.dtd">'),
    },
    "damaged": {
        "XML that is none": opened_by(b"<a>"),
        "a part beside the folder": with_part("../../etc/cron.d/x"),
        "two parts of one name": with_part("WORD/document.xml"),
    },
}


@pytest.mark.requirement("NIST SC-18", "NIST SI-3")
@pytest.mark.parametrize(("why", "what"), [(why, what) for why, some in NOT_PAPER.items() for what in some])
def test_a_word_file_that_does_more_than_paper_is_refused(why: str, what: str) -> None:
    with pytest.raises(NotAPaper, match=why):
        checked(upload(repacked(SOUND["docx"], NOT_PAPER[why][what]), "signed.docx"), ALL)


def test_a_word_file_with_a_link_is_a_paper() -> None:
    content = repacked(SOUND["docx"], with_relation("hyperlink", "https://dcss.example/"))
    assert checked(upload(content), ALL).kind.key == "docx"


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts.pop("word/document.xml"),
        lambda parts: parts.pop("[Content_Types].xml"),
        replaced("[Content_Types].xml", MAIN, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
        lambda parts: parts.clear(),
    ],
)  # fmt: skip
def test_a_zip_without_a_document_is_no_word_file(change: Callable[[dict[str, bytes]], None]) -> None:
    content = repacked(SOUND["docx"], change)
    with pytest.raises(NotAPaper):
        checked(upload(content, "signed.docx"), ALL)


@pytest.mark.requirement("ASVS 5.2.3", "NIST SC-5")
def test_a_word_file_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    content = repacked(SOUND["docx"], with_part("word/media/image9.bin", bytes(word.LARGEST_UNPACKED)))
    assert len(content) < 200_000
    with pytest.raises(PaperTooLarge, match="unpacked"):
        checked(upload(content), ALL)
    many = repacked(SOUND["docx"], lambda parts: parts.update({f"x/{n}": b"" for n in range(word.MOST_PARTS)}))
    with pytest.raises(PaperTooLarge, match="unpacked"):
        checked(upload(many), ALL)


@pytest.mark.requirement("ASVS 5.2.3", "NIST SC-5")
def test_a_word_file_whose_parts_are_larger_than_they_say_is_refused() -> None:
    with pytest.raises(NotAPaper, match="damaged"):
        checked(upload(a_zip_that_says_less(7_654_321)), ALL)


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_word_file_that_is_packed_as_word_never_does_is_refused(how: int) -> None:
    with pytest.raises(NotAPaper):
        checked(upload(repacked(SOUND["docx"], lambda _: None, how)), ALL)


# Pictures


@pytest.mark.requirement("ASVS 5.2.6", "NIST SC-5")
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_with_too_many_pixels_is_refused_before_it_is_unpacked(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", 100_000)
    with pytest.raises(PaperTooLarge, match="pixels"):
        checked(upload(a_picture(kind)), ALL)


def test_a_picture_that_says_it_is_enormous_is_refused() -> None:
    wide = (60_000).to_bytes(4, "big")
    content = SOUND["png"][:16] + wide + wide + SOUND["png"][24:]
    with pytest.raises(PaperRefused):
        checked(upload(content), ALL)


def test_a_byte_changed_in_a_png_is_found() -> None:
    content = bytearray(SOUND["png"])
    content[len(content) // 2] ^= 1
    with pytest.raises(NotAPaper):
        checked(upload(bytes(content)), ALL)


# Names

NAMES = {
    "../../etc/passwd": "passwd.pdf",
    "C:\\Users\\ana\\signed.pdf": "signed.pdf",
    "a\r\nSet-Cookie: x=1.pdf": "aSet-Cookie x=1.pdf",
    "sig\u202efdp.exe": "sigfdp.exe.pdf",
    "\0\0": "paper.pdf",
    "...": "paper.pdf",
    ".pdf": "pdf.pdf",
    'x"; filename="evil.html': "x; filename=evil.html.pdf",
    "Ünsigned <1>.pdf": "Ünsigned 1.pdf",
    "half \udc80.pdf": "half .pdf",
    "x" * 5000: "x" * 100 + ".pdf",
}


@pytest.mark.requirement("ASVS 5.3.2", "ASVS 5.4.2", "NIST SI-10")
@pytest.mark.parametrize("name", NAMES)
def test_a_persons_name_for_a_file_is_made_harmless(name: str) -> None:
    assert checked(upload(SOUND["pdf"], name), ALL).name == NAMES[name]


def test_each_kind_the_core_knows_can_be_checked() -> None:
    assert {kind: kind_of(content).key for kind, content in SOUND.items() if kind_of(content)} == dict(
        zip(ALL, ALL, strict=True)
    )  # type: ignore[union-attr]
