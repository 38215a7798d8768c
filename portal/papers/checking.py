"""Whether an upload is a paper of a kind that is asked for, and safe to keep."""

import hashlib
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from io import BytesIO

from werkzeug.datastructures import FileStorage

from portal.papers.errors import NotAPaper, PaperInfected, PaperNotScanned, PaperTooLarge
from portal.papers.kinds import KINDS, WORKBOOK, PaperKind, kind_of
from portal.papers.scanner import Scanner, ScannerAway
from portal.process.document import Json
from portal.process.step import papers_in_words

LARGEST = 20 * 1024 * 1024
"""In bytes."""

_ENDINGS = tuple(ending for kind in KINDS for ending in kind.endings)
_OLDER_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How files of Office before 2007 begin, and today's when they have a password."""


@dataclass(frozen=True, slots=True)
class Paper:
    """An upload that may be kept. `name` is the person's own name for it, made harmless: words to read."""

    name: str
    content: bytes
    kind: PaperKind

    @property
    def sha256(self) -> str:
        """Its checksum, which is also the name under which it is kept."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def answer(self) -> Json:
        """What the document records of it."""
        return {"name": self.name, "sha256": self.sha256, "size": len(self.content)}


def checked(upload: FileStorage, accepts: tuple[str, ...], scanner: Scanner | None = None) -> Paper:
    """The upload as a paper of one of the kinds that are asked for, whatever it is called. Raises `PaperRefused`."""
    content = upload.stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise PaperTooLarge("The file is larger than 20 MB. Scan it at a lower resolution, or in black and white.")
    if not content:
        raise NotAPaper("The file is empty")
    kind = kind_of(content)
    if kind is None or kind.key not in accepts:
        raise NotAPaper(f"This is not a file of the kind asked for: {papers_in_words(accepts)}. {_what_to_do(accepts)}")
    if kind.key != "docx" and zipfile.is_zipfile(BytesIO(content)):
        raise NotAPaper("This file is of two kinds at once. Scan or save the paper again, and choose that.")
    kind.require(content)
    _require_no_virus(content, scanner)
    return Paper(_plain_name(upload.filename or "", kind), content, kind)


def checked_workbook(upload: FileStorage, scanner: Scanner | None = None) -> Paper:
    """The upload as an Excel workbook that can be opened, whatever it is called. Raises `PaperRefused`."""
    content = upload.stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise PaperTooLarge("The file is larger than 20 MB. Divide it into several.")
    if not content:
        raise NotAPaper("The file is empty. Choose an Excel workbook (.xlsx).")
    if content.startswith(_OLDER_OFFICE):
        raise NotAPaper(
            "This is an Excel file of the older kind (.xls), or one with a password. Save it as .xlsx without a "
            "password, and choose that."
        )
    if not content.startswith(WORKBOOK.begins_with):
        raise NotAPaper("This is no Excel workbook, whatever its name says. Save the sheet as .xlsx, and choose that.")
    WORKBOOK.require(content)
    _require_no_virus(content, scanner)
    return Paper(_plain_name(upload.filename or "", WORKBOOK), content, WORKBOOK)


def _what_to_do(accepts: tuple[str, ...]) -> str:
    return "Scan or save the paper as PDF, and choose that." if "pdf" in accepts else "Choose another file."


def _require_no_virus(content: bytes, scanner: Scanner | None) -> None:
    if scanner is None:
        return
    try:
        found = scanner.finds(content)
    except ScannerAway as away:
        raise PaperNotScanned(str(away)) from away
    if found:
        raise PaperInfected(found)


def _plain_name(name: str, kind: PaperKind) -> str:
    """The name without folders and signs that file systems stumble on, ending as its content asks."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(sign for sign in name if unicodedata.category(sign)[0] != "C")
    name = re.sub(r'["*:<>?|]', "", seen).strip(" .")[:100] or "paper"
    if name.lower().endswith(kind.endings):
        return name
    stem = next((name[: -len(ending)] for ending in _ENDINGS if name.lower().endswith(ending)), name)
    return f"{stem.strip(' .') or 'paper'}{kind.endings[0]}"
