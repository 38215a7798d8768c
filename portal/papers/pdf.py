"""PDF files: whether one opens, has pages, and is nothing but paper. The one file that imports pypdf."""

import io
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import DictionaryObject

from portal.papers.errors import NotAPaper

ACTIVE = ("/JavaScript", "/Launch", "/ImportData", "/Movie", "/Sound", "/Rendition", "/RichMediaExecute")
"""What an action may do that no paper does."""

CARRIED = {"/JavaScript": "programs", "/EmbeddedFiles": "other files"}
"""What the names of a PDF may hold that no paper does."""


def require_pdf(content: bytes) -> None:
    """Returns when this is a PDF with at least one page that can be opened, and runs nothing. Raises `NotAPaper`."""
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise NotAPaper("The PDF is locked with a password. Save it without one, and choose that.")
        pages = len(reader.pages)
        carried = next(_beyond_paper(reader), "") if pages else ""
    except (PyPdfError, RecursionError, LookupError, TypeError, AttributeError, OverflowError, MemoryError) as error:
        raise NotAPaper("This PDF is damaged and cannot be opened. Scan or save the paper again.") from error
    if not pages:
        raise NotAPaper("This PDF has no pages")
    if carried:
        raise NotAPaper(f"This PDF carries {carried}. Scan the paper, or print it to PDF, and choose that.")


def _beyond_paper(reader: PdfReader) -> Iterator[str]:
    """What the PDF carries besides its pages: programs, other files."""
    root = _dictionary(reader.trailer["/Root"])
    names = _dictionary(root.get("/Names"))
    yield from (words for name, words in CARRIED.items() if name in names)
    for holder in (root, *(_dictionary(page) for page in reader.pages)):
        if any(_is_active(action) for action in _actions_of(holder)):
            yield "programs"
        for annotation in _list(holder.get("/Annots")):
            found = _dictionary(annotation)
            if found.get("/Subtype") == "/FileAttachment":
                yield "other files"
            if any(_is_active(action) for action in _actions_of(found)):
                yield "programs"


def _actions_of(holder: DictionaryObject) -> Iterator[DictionaryObject]:
    """What happens when this is opened, clicked, or otherwise met; not what follows upon that."""
    yield from (_dictionary(holder.get(name)) for name in ("/OpenAction", "/A"))
    yield from (_dictionary(action) for action in _dictionary(holder.get("/AA")).values())


def _is_active(action: DictionaryObject) -> bool:
    following = [_dictionary(one) for one in (*_list(action.get("/Next")), action.get("/Next"))]
    return any(one.get("/S") in ACTIVE for one in (action, *following))


def _dictionary(given: Any) -> DictionaryObject:
    found = given.get_object() if hasattr(given, "get_object") else given
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _list(given: Any) -> list[Any]:
    found = given.get_object() if hasattr(given, "get_object") else given
    return list(found) if isinstance(found, list) else []
