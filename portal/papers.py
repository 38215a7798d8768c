"""Signed papers that people send: PDF files, checked before they are kept. The one file that imports pypdf."""

import io
import re
import unicodedata

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from werkzeug.datastructures import FileStorage

from portal.process.document import Json
from portal.store.port import Store

LARGEST = 20 * 1024 * 1024
"""In bytes."""


class PaperRefused(ValueError):
    """The file is not kept; the message says why, to the person, and `status` how the portal answers."""

    status = 422


class PaperTooLarge(PaperRefused):
    """It is larger than `LARGEST`."""

    status = 413


class NotAPaper(PaperRefused):
    """It is no PDF that can be opened."""

    status = 415


def keep_paper(store: Store, upload: FileStorage) -> Json:
    """Keeps the PDF and returns its name, SHA-256 and size in bytes. Raises `PaperRefused`."""
    content = upload.stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise PaperTooLarge("The file is larger than 20 MB. Scan it at a lower resolution, or in black and white.")
    require_pdf(content)
    return {"name": _plain_name(upload.filename or ""), "sha256": store.put_file(content), "size": len(content)}


def require_pdf(content: bytes) -> None:
    """Returns when this is a PDF with at least one page that can be opened. Raises `NotAPaper`."""
    if not content:
        raise NotAPaper("The file is empty")
    if not content.lstrip()[:5] == b"%PDF-":
        raise NotAPaper("This is not a PDF file. Scan or save the paper as PDF, and choose that.")
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise NotAPaper("The PDF is locked with a password. Save it without one, and choose that.")
        pages = len(reader.pages)
    except (PyPdfError, RecursionError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise NotAPaper("This PDF is damaged and cannot be opened. Scan or save the paper again.") from error
    if not pages:
        raise NotAPaper("This PDF has no pages")


def _plain_name(name: str) -> str:
    """The file's name without folders and signs that file systems stumble on, ending in .pdf."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = re.sub(r'[\x00-\x1f"*:<>?|]', "", name).strip(" .")[:100] or "paper"
    return name if name.lower().endswith(".pdf") else f"{name}.pdf"
