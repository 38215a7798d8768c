"""Word files (.docx): whether one opens, and holds no program and nothing from elsewhere. The one file that imports
defusedxml.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.sax import parse

from portal.papers.errors import NotAPaper, PaperTooLarge

MOST_PARTS = 2_000
LARGEST_UNPACKED = 100 * 1024 * 1024
"""In bytes, all parts together: a paper of 20 MB holds pictures, which are packed already."""

_DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_PROGRAMS = ("vbaproject", "vbadata", "activex", "/embeddings/", "customui")
"""What stands in the names or types of parts that are macros, controls, or files of other programs."""

_DAMAGED = "This Word file is damaged and cannot be opened. Save it again as .docx, or print it to PDF."
_PROGRAM = (
    "This Word file carries a program (a macro, a control or an embedded file). Print it to PDF, and choose that."
)
_ELSEWHERE = "This Word file takes something from elsewhere when it is opened. Print it to PDF, and choose that."


def require_docx(content: bytes) -> None:
    """Returns when this is a Word document that is whole, runs nothing and fetches nothing.

    Raises `NotAPaper`, `PaperTooLarge`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            _require_bounds(packed)
            _require_plain_names(packed)
            _require_whole(packed)
            main = _main_part(packed)
            for name in packed.namelist():
                if name.endswith(".rels"):
                    _read(packed, name, _refuse_what_comes_from_elsewhere)
            _read(packed, main, _nothing)
    except KeyError as error:
        raise NotAPaper("This is no Word file. Choose one that Word saved as .docx, or a PDF.") from error
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
        raise NotAPaper(_DAMAGED) from error


def _require_bounds(packed: zipfile.ZipFile) -> None:
    parts = packed.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise PaperTooLarge("This Word file is too large once it is unpacked. Print it to PDF, and choose that.")


def _require_plain_names(packed: zipfile.ZipFile) -> None:
    names = packed.namelist()
    if len({name.casefold() for name in names}) < len(names):
        raise NotAPaper(_DAMAGED)  # two parts of one name: programs differ in which they read
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in packed.infolist()):
        raise NotAPaper(_DAMAGED)  # Word writes no others
    if any(name.startswith("/") or "\\" in name or ".." in name.split("/") for name in names):
        raise NotAPaper(_DAMAGED)
    if any(word in f"/{name.casefold()}" for name in names for word in _PROGRAMS):
        raise NotAPaper(_PROGRAM)


def _require_whole(packed: zipfile.ZipFile) -> None:
    """Unpacks each part once, a piece at a time: no more comes out than its entry says, or it is damaged."""
    if packed.testzip() is not None:
        raise NotAPaper(_DAMAGED)


def _main_part(packed: zipfile.ZipFile) -> str:
    """The part with the text of the document. Raises KeyError when there is none."""
    found = []

    def look(name: str, attributes: Mapping[str, str]) -> None:
        kind = attributes.get("ContentType", "")
        if any(word in kind.casefold() for word in ("vbaproject", "macroenabled", "activex", "oleobject")):
            raise NotAPaper(_PROGRAM)
        if name == "Override" and kind == _DOCUMENT:
            found.append(attributes.get("PartName", "").removeprefix("/"))

    _read(packed, "[Content_Types].xml", look)
    main = found[0] if found else ""
    packed.getinfo(main)
    return main


def _refuse_what_comes_from_elsewhere(name: str, attributes: Mapping[str, str]) -> None:
    outside = name == "Relationship" and attributes.get("TargetMode", "").casefold() == "external"
    if outside and not attributes.get("Type", "").endswith("/hyperlink"):
        raise NotAPaper(_ELSEWHERE)


def _nothing(name: str, attributes: Mapping[str, str]) -> None:
    """Any element will do: the text is well-formed, and that is all."""


class _Elements(ContentHandler):
    """Hands each element's name, without its prefix, and attributes to `look`; refuses fields that start programs."""

    def __init__(self, look: Callable[[str, Mapping[str, str]], None]) -> None:
        super().__init__()
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

    @staticmethod
    def _refuse_a_program(instruction: str) -> None:
        if "DDE" in instruction.upper():
            raise NotAPaper(_PROGRAM)


def _read(packed: zipfile.ZipFile, name: str, look: Callable[[str, Mapping[str, str]], None]) -> None:
    """Reads a part piece by piece, and keeps nothing of it. Entities are refused, whatever they say."""
    try:
        with packed.open(name) as part:
            parse(part, _Elements(look), forbid_dtd=True)
    except DefusedXmlException as refused:
        raise NotAPaper(_ELSEWHERE) from refused
