"""Papers of every kind for the tests, sound and not."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

from docx import Document
from PIL import Image
from pypdf import PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import DictionaryObject, NameObject, TextStringObject
from werkzeug.datastructures import FileStorage

Change = Callable[[dict[str, bytes]], Any]

MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def upload(content: bytes, name: str = "signed.pdf") -> FileStorage:
    """A file as a browser sends it."""
    return FileStorage(io.BytesIO(content), name)


def a_pdf(change: Callable[[PdfWriter], Any] = lambda _: None) -> bytes:
    """A PDF of one blank page, after `change`."""
    writer = PdfWriter()
    writer.add_blank_page(612, 792)
    change(writer)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def a_docx(text: str = "I will look up no case of my own.") -> bytes:
    """A Word file with a paragraph."""
    document, written = Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(written)
    return written.getvalue()


def a_picture(kind: str, size: tuple[int, int] = (400, 300)) -> bytes:
    """A picture of this kind."""
    written = io.BytesIO()
    Image.effect_noise(size, 64).save(written, kind)
    return written.getvalue()


def repacked(content: bytes, change: Callable[[dict[str, bytes]], Any], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The same zip with its parts, by name, as `change` leaves them."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    change(parts)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", how) as new:
        for name, part in parts.items():
            new.writestr(name, part)
    return written.getvalue()


def replaced(name: str, old: str, new: str) -> Callable[[dict[str, bytes]], None]:
    """A change for `repacked`: one text for another in this part."""

    def change(parts: dict[str, bytes]) -> None:
        assert old.encode() in parts[name], old
        parts[name] = parts[name].replace(old.encode(), new.encode(), 1)

    return change


def with_part(name: str, content: bytes = b"x") -> Callable[[dict[str, bytes]], None]:
    """A change for `repacked`: one part more."""
    return lambda parts: parts.update({name: content})


def with_relation(kind: str, target: str) -> Callable[[dict[str, bytes]], None]:
    """A change for `repacked`: the document names something outside of it."""
    one = f'<Relationship Id="x1" Type="http://x.example/{kind}" Target="{target}" TargetMode="External"/>'
    return replaced("word/_rels/document.xml.rels", "</Relationships>", f"{one}</Relationships>")


def an_action(kind: str, **more: str) -> DictionaryObject:
    """What a PDF does when this is opened or clicked."""
    given = {NameObject("/S"): NameObject(kind)}
    given |= {NameObject(f"/{key}"): TextStringObject(value) for key, value in more.items()}
    return DictionaryObject(given)


def opening_with(action: DictionaryObject) -> Callable[[PdfWriter], None]:
    """A change for `a_pdf`: this happens when it is opened."""
    return lambda writer: writer.root_object.update({NameObject("/OpenAction"): action})


def clicking(action: DictionaryObject) -> Callable[[PdfWriter], None]:
    """A change for `a_pdf`: this happens when a note on the page is clicked."""

    def change(writer: PdfWriter) -> None:
        note = FreeText(text="Click", rect=(50, 550, 200, 650))
        note[NameObject("/A")] = action
        writer.add_annotation(0, note)

    return change


def a_zip_that_says_less(size: int) -> bytes:
    """A Word file one part of which unpacks to far more than its entry says."""
    content = repacked(a_docx(), with_part("word/media/image9.bin", b"\0" * size))
    field = size.to_bytes(4, "little")
    assert len(re.findall(re.escape(field), content)) >= 2
    return content.replace(field, (1000).to_bytes(4, "little"))


def opened_by(before: bytes) -> Callable[[dict[str, bytes]], None]:
    """A change for `repacked`: this stands where the document's XML declaration stood."""

    def change(parts: dict[str, bytes]) -> None:
        parts["word/document.xml"] = before + parts["word/document.xml"].split(b"?>", 1)[1]

    return change
