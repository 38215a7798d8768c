"""Reads letters back as Word would show them, and writes small templates of a test's own."""

import io
from pathlib import Path

import docx
from docx.document import Document
from docx.oxml import parse_xml


def opened(letter: bytes) -> Document:
    """The letter, opened."""
    return docx.Document(io.BytesIO(letter))


def text_of(letter: bytes) -> str:
    """Everything a reader sees: heads and feet of the pages, paragraphs, tables, footnotes; one paragraph on a line."""
    document = opened(letter)
    section = document.sections[0]
    around = (section.first_page_header, section.header, section.first_page_footer, section.footer)
    lines = [paragraph.text for part in around for paragraph in part.paragraphs]
    lines += [paragraph.text for paragraph in document.paragraphs]
    lines += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    for part in document.part.package.parts:
        if part.partname.endswith("footnotes.xml"):
            notes = parse_xml(part.blob)
            lines += ["".join(node.text or "" for node in note.iter() if node.tag.endswith("}t")) for note in notes]
    return "\n".join(lines)


def write_template(folder: Path, name: str, *paragraphs: str, header: str = "") -> Path:
    """A template with these paragraphs, as staff would write one; returns its folder."""
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.sections[0].header.paragraphs[0].text = header
    folder.mkdir(exist_ok=True)
    document.save(str(folder / f"{name}.docx"))
    return folder
