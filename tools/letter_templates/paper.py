"""The Department's paper: letterhead, margins, styles, and the parts that letters are made of.

In texts `**so**` is bold and `^^` stands where the footnote's number goes; `{{ ... }}` and `{% ... %}` are the
template's own language (docs/letters.md).
"""

import io
import re
from datetime import datetime
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Inches, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from portal.letters.word_template import without_times
from tools.letter_templates import word

FONT = "Times New Roman"
BUILT = datetime(2026, 1, 2)
"""The date that templates carry as their own, whenever they are built."""


class Paper:
    """A template in the making."""

    def __init__(self, title: str, size: float = 11.5, sample: str = "") -> None:
        """`sample`: what the template is a sample of, if its wording is one: it then says so on every page."""
        self.title, self.sample = title, sample
        self.document = docx.Document()
        self._drop_what_the_library_adds()
        self._set_styles(size)
        section = self.document.sections[0]
        section.page_width, section.page_height = Inches(8.5), Inches(11)
        section.left_margin = section.right_margin = Inches(1)
        section.top_margin = section.bottom_margin = Inches(0.9)
        section.header_distance = section.footer_distance = Inches(0.45)
        section.different_first_page_header_footer = True

    # The head and the foot of the page.

    def letterhead(self) -> None:
        """The Department's name and address at the head of the first page, its mail and fax at the foot."""
        header = self.document.sections[0].first_page_header
        agency = header.paragraphs[0]
        if self.sample:
            self._sample_mark(agency)
            agency = header.add_paragraph()
        self.write(agency, "STATE OF CALIFORNIA \u2013 HEALTH AND HUMAN SERVICES AGENCY", size=8)
        name = header.add_paragraph()
        self.write(name, "**CALIFORNIA {{ office.name|upper }}**", size=14)
        address = header.add_paragraph()
        self.write(address, "{{ office.box }}, {{ office.mailstop }}, {{ office.city }}", size=9)
        word.border(address, "bottom", size=12)
        for paragraph in (agency, name, address):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.paragraph_format.space_after = Pt(2)
        address.paragraph_format.space_after = Pt(14)
        foot = self.document.sections[0].first_page_footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self.write(foot, "Third Party Access \u00b7 {{ office.email }} \u00b7 Fax {{ office.fax }}", size=8.5)

    def running_head(self, words: str, page: bool = True) -> None:
        """What stands at the head of the second page and on, with the page's number unless the foot has it."""
        head = self.document.sections[0].header.paragraphs[0]
        self._tabs(head)
        self.write(head, f"{words}\tPage " if page else words, size=9)
        if page:
            word.page_number(head, 9)
        word.border(head, "bottom", size=4)
        head.paragraph_format.space_after = Pt(6)
        if self.sample:
            self._sample_mark(self.document.sections[0].header.add_paragraph())

    def page_count_at_foot(self, words: str) -> None:
        """`words` and `Page 1 of 5` at the foot of every page."""
        section = self.document.sections[0]
        for footer in (section.first_page_footer, section.footer):
            foot = footer.paragraphs[0]
            foot.clear()
            foot.alignment = None
            self._tabs(foot)
            self.write(foot, f"{words}\tPage ", size=8.5)
            word.page_number(foot, 8.5)
            self.write(foot, " of ", size=8.5)
            word.page_number(foot, 8.5, "NUMPAGES")

    def sample_notice(self) -> None:
        """A box at the top that says that the wording is a sample, and of what."""
        notice = self.paragraph(f"**SAMPLE.** {self.sample}", after=10)
        word.border(notice, "top", "left", "bottom", "right", size=8, shade="EFEFEF")
        notice.paragraph_format.left_indent = notice.paragraph_format.right_indent = Inches(0.08)

    # The parts of a letter.

    def heading(self, text: str) -> Paragraph:
        """The title at the top of a form or an agreement."""
        found = self.document.add_paragraph(style="Title")
        self.write(found, text)
        return found

    def subheading(self, text: str) -> Paragraph:
        """The heading of a part."""
        found = self.document.add_paragraph(style="Heading 1")
        self.write(found, text)
        return found

    def paragraph(
        self, text: str, after: float = 8, indent: float = 0, note: str = "", keep: bool = False, before: float = 0
    ) -> Paragraph:
        """A paragraph; space in points, `indent` in inches; `keep` holds it on the page of the next one."""
        found = self.document.add_paragraph()
        self.write(found, text, note=note)
        found.paragraph_format.space_before = Pt(before) if before else None
        found.paragraph_format.space_after = Pt(after)
        found.paragraph_format.left_indent = Inches(indent) if indent else None
        found.paragraph_format.keep_with_next = keep or None
        return found

    def lines(self, *lines: str, indent: float = 0, after: float = 10) -> None:
        """An address: lines close together, on one page."""
        self.paragraph("\n".join(lines), after=after, indent=indent).paragraph_format.keep_together = True

    def date_and_file(self) -> None:
        """The letter's date, and at the right the application's number."""
        found = self.paragraph("{{ letter.date }}\tFile: {{ application.id }}", after=16)
        found.paragraph_format.tab_stops.add_tab_stop(Inches(6.5), WD_TAB_ALIGNMENT.RIGHT)

    def numbered_list(self) -> int:
        """A list that counts from 1."""
        return word.new_list(self.document, word.level(0, "%1.", 504, 360))

    def articles(self) -> int:
        """A list of articles: 1. in bold, and below it 1.1, 1.2."""
        return word.new_list(self.document, word.level(0, "%1.", 432, 432, bold=True), word.level(1, "%1.%2", 576, 576))

    def bullets(self) -> int:
        """A list with dots."""
        return word.new_list(self.document, word.level(0, "\u2022", 504, 252, shape="bullet"))

    def item(
        self, of: int, text: str, at_level: int = 0, after: float = 5, keep: bool = False, before: float = 0
    ) -> Paragraph:
        """An item of a list."""
        found = self.paragraph(text, after=after, keep=keep, before=before)
        word.join_list(found, of, at_level)
        return found

    def signature(self, *lines: str, closing: str = "") -> None:
        """The closing, the portal's word for a signature, and who signs: never split over two pages."""
        if closing:
            self.paragraph(closing, after=10, keep=True).paragraph_format.space_before = Pt(4)
        signed = self.paragraph(
            "Signed electronically in the Third Party Access portal on {{ letter.date }}", 10, keep=True
        )
        for run in signed.runs:
            run.italic = True
        self.lines(*lines, after=14)

    def small_list(self, name: str, *entries: str) -> None:
        """`Enclosures:` or `cc:` and what follows, each on a line of its own."""
        for place, entry in enumerate(entries):
            last = place == len(entries) - 1
            found = self.paragraph(f"{name if place == 0 else ''}\t{entry}", after=8 if last else 0, keep=not last)
            found.paragraph_format.tab_stops.add_tab_stop(Inches(0.95))
            found.paragraph_format.left_indent = Inches(0.95)
            found.paragraph_format.first_line_indent = Inches(-0.95)

    def table(self, *widths: float) -> Table:
        """An empty table with columns of these widths in inches."""
        made: Table = self.document.add_table(rows=0, cols=len(widths))
        made.style = "Table Grid"
        made.alignment = WD_TABLE_ALIGNMENT.CENTER
        made.autofit = False
        for column, width in zip(made.columns, widths, strict=True):
            column.width = Inches(width)
        return made

    def row(self, table: Table, *texts: str, least: float = 0.3, shade: str = "", keep: bool = False) -> list[_Cell]:
        """A row that no page splits; its height in inches at least. A text of several lines is several paragraphs."""
        made = table.add_row()  # type: ignore[no-untyped-call, unused-ignore]
        made.height = Inches(least)
        made._tr.get_or_add_trPr().append(word.element("cantSplit"))
        for place, (cell, text) in enumerate(zip(made.cells, texts, strict=True)):
            cell.width = table.columns[place].width
            self.fill(cell, text, keep=keep)
            if shade:
                cell._tc.get_or_add_tcPr().append(word.element("shd", val="clear", color="auto", fill=shade))
        return list(made.cells)

    def fill(self, cell: _Cell, text: str, keep: bool = False) -> None:
        """Writes into a cell of a table."""
        for place, line in enumerate(text.split("\n")):
            paragraph = cell.paragraphs[0] if place == 0 else cell.add_paragraph()
            self.write(paragraph, line)
            paragraph.paragraph_format.space_after = Pt(2)
            paragraph.paragraph_format.keep_with_next = keep or None

    def write(self, paragraph: Paragraph, text: str, size: float | None = None, note: str = "") -> None:
        """Adds text to a paragraph."""
        for piece in re.split(r"(\*\*.+?\*\*|\^\^)", text):
            if not piece:
                continue
            if piece == "^^":
                run = paragraph.add_run()
                run.style = "footnote reference"
                word.footnote(self.document, run, note)
                continue
            run = paragraph.add_run(piece.strip("*") if piece.startswith("**") else piece)
            run.bold = piece.startswith("**") or None
            run.font.size = Pt(size) if size else None

    def as_bytes(self) -> bytes:
        """The template as a .docx file."""
        properties = self.document.core_properties
        properties.title, properties.comments, properties.keywords = self.title, "", ""
        properties.author = properties.last_modified_by = "Department of Child Support Services"
        properties.created = properties.modified = BUILT
        properties.revision = 1
        written = io.BytesIO()
        self.document.save(written)
        return without_times(written.getvalue())

    def _sample_mark(self, paragraph: Paragraph) -> None:
        if self.sample:
            self.write(paragraph, "**SAMPLE \u2013 THE DEPARTMENT\u2019S TEXT IS PENDING**", size=9)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER

    def _tabs(self, paragraph: Paragraph) -> None:
        stops = paragraph.paragraph_format.tab_stops
        stops.add_tab_stop(Inches(3.25), WD_TAB_ALIGNMENT.CLEAR)
        stops.add_tab_stop(Inches(6.5), WD_TAB_ALIGNMENT.RIGHT)

    def _set_styles(self, size: float) -> None:
        styles = self.document.styles
        for name, points, bold in (
            ("Normal", size, None),
            ("Title", size + 3.5, True),
            ("Heading 1", size + 0.5, True),
        ):
            style = styles[name]
            self._set_font(style, points)
            style.font.bold = bold
        title, heading, normal = (styles[name].paragraph_format for name in ("Title", "Heading 1", "Normal"))
        title.alignment, title.space_before, title.space_after = WD_ALIGN_PARAGRAPH.CENTER, Pt(6), Pt(10)
        for border in styles["Title"].element.findall(f".//{qn('w:pBdr')}"):
            border.getparent().remove(border)
        heading.space_before, heading.space_after, heading.keep_with_next = Pt(9), Pt(4), True
        normal.space_after, normal.line_spacing, normal.widow_control = Pt(8), 1.05, True
        note = styles.add_style("footnote text", WD_STYLE_TYPE.PARAGRAPH, builtin=True)
        note.base_style, note.font.size = styles["Normal"], Pt(9.5)
        note.element.set(qn("w:styleId"), "FootnoteText")
        reference = styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER, builtin=True)
        reference.font.superscript = True
        reference.element.set(qn("w:styleId"), "FootnoteReference")

    def _set_font(self, style: Any, points: float) -> None:
        style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(points), RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in [name for name in fonts.attrib if "heme" in name]:
            del fonts.attrib[attribute]
        for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(script), FONT)

    def _drop_what_the_library_adds(self) -> None:
        package = self.document.part.package
        for key, relation in list(package.rels.items()):
            if relation.reltype.endswith("/thumbnail"):
                del package.rels[key]
