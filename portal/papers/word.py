"""Word and Excel files (.docx, .xlsx): whether one opens, and holds no program and nothing from elsewhere. The one file
that imports defusedxml.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.sax import parse

from portal.papers.errors import NotAPaper, PaperTooLarge

MOST_PARTS = 2_000
LARGEST_UNPACKED = 100 * 1024 * 1024
"""In bytes, all parts together: a paper of 20 MB holds pictures, which are packed already."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of these files: its name, the program that saves it and under which ending, the type of its main part, and
    what to do with one that cannot be taken.
    """

    name: str
    program: str
    main: str
    otherwise: str

    @property
    def damaged(self) -> str:
        return (
            f"This {self.name} is damaged and cannot be opened. Save it again as {self.program}, or {self.otherwise}."
        )

    @property
    def has_a_program(self) -> str:
        return f"This {self.name} carries a program (a macro, a control or an embedded file). {self._do}"

    @property
    def from_elsewhere(self) -> str:
        return f"This {self.name} takes something from elsewhere when it is opened. {self._do}"

    @property
    def too_large(self) -> str:
        return f"This {self.name} is too large once it is unpacked. {self._do}"

    @property
    def none(self) -> str:
        return f"This is no {self.name}. Choose one that was saved as {self.program}{self._or}."

    @property
    def _do(self) -> str:
        return f"{self.otherwise[:1].upper()}{self.otherwise[1:]}, and choose that."

    @property
    def _or(self) -> str:
        return ", or a PDF" if "PDF" in self.otherwise else ""


_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_DOCUMENT = _Kind("Word file", ".docx", f"{_OPEN_XML}.wordprocessingml.document.main+xml", "print it to PDF")
_WORKBOOK = _Kind(
    "Excel file", ".xlsx", f"{_OPEN_XML}.spreadsheetml.sheet.main+xml", "copy its cells as values into a new workbook"
)

_PROGRAMS = ("vbaproject", "vbadata", "activex", "/embeddings/", "customui")
"""What stands in the names or types of parts that are macros, controls, or files of other programs."""


def require_docx(content: bytes) -> None:
    """Returns when this is a Word document that is whole, runs nothing and fetches nothing.

    Raises `NotAPaper`, `PaperTooLarge`.
    """
    _require(content, _DOCUMENT)


def require_xlsx(content: bytes) -> None:
    """Returns when this is an Excel workbook that is whole, runs nothing and fetches nothing.

    Raises `NotAPaper`, `PaperTooLarge`.
    """
    _require(content, _WORKBOOK)


def _require(content: bytes, kind: _Kind) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            _require_bounds(packed, kind)
            _require_plain_names(packed, kind)
            _require_whole(packed, kind)
            main = _main_part(packed, kind)
            for name in packed.namelist():
                if name.endswith(".rels"):
                    _read(packed, name, partial(_refuse_what_comes_from_elsewhere, kind), kind)
            _read(packed, main, _nothing, kind)
    except KeyError as error:
        raise NotAPaper(kind.none) from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        SAXException,
        RuntimeError,
        NotImplementedError,
        EOFError,
        ValueError,
    ) as error:
        if isinstance(error, NotAPaper | PaperTooLarge):
            raise
        raise NotAPaper(kind.damaged) from error


def _require_bounds(packed: zipfile.ZipFile, kind: _Kind) -> None:
    parts = packed.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise PaperTooLarge(kind.too_large)


def _require_plain_names(packed: zipfile.ZipFile, kind: _Kind) -> None:
    names = packed.namelist()
    if len({name.casefold() for name in names}) < len(names):
        raise NotAPaper(kind.damaged)  # two parts of one name: programs differ in which they read
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in packed.infolist()):
        raise NotAPaper(kind.damaged)  # Word writes no others
    if any(name.startswith("/") or "\\" in name or ".." in name.split("/") for name in names):
        raise NotAPaper(kind.damaged)
    if any(word in f"/{name.casefold()}" for name in names for word in _PROGRAMS):
        raise NotAPaper(kind.has_a_program)


def _require_whole(packed: zipfile.ZipFile, kind: _Kind) -> None:
    """Unpacks each part once, a piece at a time: no more comes out than its entry says, or it is damaged."""
    if packed.testzip() is not None:
        raise NotAPaper(kind.damaged)


def _main_part(packed: zipfile.ZipFile, kind: _Kind) -> str:
    """The part with the text of the document. Raises KeyError when there is none."""
    found = []

    def look(name: str, attributes: Mapping[str, str]) -> None:
        said = attributes.get("ContentType", "")
        if any(word in said.casefold() for word in ("vbaproject", "macroenabled", "activex", "oleobject")):
            raise NotAPaper(kind.has_a_program)
        if name == "Override" and said == kind.main:
            found.append(attributes.get("PartName", "").removeprefix("/"))

    _read(packed, "[Content_Types].xml", look, kind)
    main = found[0] if found else ""
    packed.getinfo(main)
    return main


def _refuse_what_comes_from_elsewhere(kind: _Kind, name: str, attributes: Mapping[str, str]) -> None:
    outside = name == "Relationship" and attributes.get("TargetMode", "").casefold() == "external"
    if outside and not attributes.get("Type", "").endswith("/hyperlink"):
        raise NotAPaper(kind.from_elsewhere)


def _nothing(name: str, attributes: Mapping[str, str]) -> None:
    """Any element will do: the text is well-formed, and that is all."""


class _Elements(ContentHandler):
    """Hands each element's name, without its prefix, and attributes to `look`; refuses fields that start programs."""

    def __init__(self, look: Callable[[str, Mapping[str, str]], None], kind: _Kind) -> None:
        super().__init__()
        self._kind = kind
        self._look, self._in_field, self._fields = look, False, ""

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - the name is the library's
        local = name.rpartition(":")[2]
        self._in_field = local == "instrText"
        self._look(local, dict(attrs))
        self._refuse_a_program(next((value for key, value in attrs.items() if key.endswith("instr")), ""))

    def endElement(self, name: str) -> None:  # noqa: N802
        self._in_field = False

    def characters(self, content: str) -> None:
        if self._in_field:
            self._fields = f"{self._fields}{content}"[-200:]
            self._refuse_a_program(self._fields)

    def _refuse_a_program(self, instruction: str) -> None:
        if "DDE" in instruction.upper():
            raise NotAPaper(self._kind.has_a_program)


def _read(packed: zipfile.ZipFile, name: str, look: Callable[[str, Mapping[str, str]], None], kind: _Kind) -> None:
    """Reads a part piece by piece, and keeps nothing of it. Entities are refused, whatever they say."""
    try:
        with packed.open(name) as part:
            parse(part, _Elements(look, kind), forbid_dtd=True)
    except DefusedXmlException as refused:
        raise NotAPaper(kind.from_elsewhere) from refused
