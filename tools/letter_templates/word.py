"""What Word can do and python-docx has no words for: numbering that starts anew, footnotes, page numbers, borders."""

from typing import Any

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.text.paragraph import Paragraph
from docx.text.run import Run

FOOTNOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"

_LEVEL = """<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{shape}"/><w:lvlText w:val="{text}"/>
<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{left}" w:hanging="{hanging}"/></w:pPr>{font}</w:lvl>"""


def element(tag: str, **attributes: object) -> Any:
    """A `w:` element with `w:` attributes."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    return made


def level(number: int, text: str, left: int, hanging: int, shape: str = "decimal", bold: bool = False) -> str:
    """One level of a list: its text (`%1.`), indents in twentieths of a point."""
    font = "<w:rPr><w:b/></w:rPr>" if bold else "<w:rPr><w:b w:val='0'/></w:rPr>"
    return _LEVEL.format(level=number, text=text, left=left, hanging=hanging, shape=shape, font=font)


def new_list(document: Document, *levels: str) -> int:
    """A list of its own, that counts from one, and returns the number by which paragraphs join it."""
    numbering = document.part.numbering_part.element
    kinds = numbering.findall(qn("w:abstractNum"))
    kind_id = max((int(kind.get(qn("w:abstractNumId"))) for kind in kinds), default=-1) + 1
    kind = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{kind_id}"><w:multiLevelType w:val="multilevel"/>'
        f"{''.join(levels)}</w:abstractNum>"
    )
    first = numbering.find(qn("w:num"))
    numbering.insert(len(numbering) if first is None else numbering.index(first), kind)
    return int(numbering.add_num(kind_id).numId)


def join_list(paragraph: Paragraph, number: int, at_level: int = 0) -> None:
    """Makes the paragraph an item of the list."""
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = at_level
    properties.get_or_add_numId().val = number


def page_number(paragraph: Paragraph, size: float, field: str = "PAGE") -> None:
    """Adds the page's number, or with NUMPAGES how many there are, in this size (points)."""
    simple = element("fldSimple", instr=field)
    run = element("r")
    font = element("rPr")
    font.append(element("sz", val=round(size * 2)))
    run.append(font)
    text = element("t")
    text.text = "1"
    run.append(text)
    simple.append(run)
    paragraph._p.append(simple)


def border(paragraph: Paragraph, *sides: str, size: int = 6, space: int = 4, shade: str = "") -> None:
    """Draws lines at these sides of the paragraph (size in eighths of a point), and shades it."""
    properties = paragraph._p.get_or_add_pPr()
    borders = element("pBdr")
    for side in sides:
        borders.append(element(side, val="single", sz=size, space=space, color="404040"))
    after = ("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:outlineLvl", "w:rPr")
    properties.insert_element_before(borders, *after)
    if shade:
        properties.insert_element_before(element("shd", val="clear", color="auto", fill=shade), *after[1:])


def footnote(document: Document, run: Run, text: str) -> None:
    """Makes the run refer to a footnote with this text, at the foot of the same page."""
    part = _footnotes_of(document)
    notes = parse_xml(part.blob)
    number = len(notes) - 1
    note = parse_xml(
        f'<w:footnote {nsdecls("w")} w:id="{number}"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr>'
        '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>'
        '<w:r><w:t xml:space="preserve"> </w:t></w:r></w:p></w:footnote>'
    )
    note.findall(f".//{qn('w:t')}")[0].text = f" {text}"
    notes.append(note)
    part._blob = serialize_part_xml(notes)
    run._r.append(element("footnoteReference", id=number))


def _footnotes_of(document: Document) -> Part:
    for relation in document.part.rels.values():
        if relation.reltype == RELATIONSHIP_TYPE.FOOTNOTES:
            found: Part = relation.target_part
            return found
    rules = "".join(
        f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:pPr><w:spacing w:after="0"/></w:pPr>'
        f"<w:r><w:{kind}/></w:r></w:p></w:footnote>"
        for number, kind in ((-1, "separator"), (0, "continuationSeparator"))
    )
    empty = parse_xml(f"<w:footnotes {nsdecls('w')}>{rules}</w:footnotes>")
    part = Part(PackURI("/word/footnotes.xml"), FOOTNOTES_TYPE, serialize_part_xml(empty), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    properties = element("footnotePr")
    properties.extend([element("footnote", id=-1), element("footnote", id=0)])
    settings = document.settings.element
    compat = settings.find(qn("w:compat"))
    settings.insert(len(settings) if compat is None else settings.index(compat), properties)
    return part
