"""The kinds of papers: by which bytes each begins, how one is checked, and how it is named and sent."""

from collections.abc import Callable
from dataclasses import dataclass

from portal.papers.word import require_docx, require_xlsx

# pypdf and Pillow are read when the first paper is checked: every start would wait a tenth of a second for them.


def _require_pdf(content: bytes) -> None:
    from portal.papers.pdf import require_pdf

    require_pdf(content)


def _require_png(content: bytes) -> None:
    from portal.papers.pictures import require_png

    require_png(content)


def _require_jpeg(content: bytes) -> None:
    from portal.papers.pictures import require_jpeg

    require_jpeg(content)


@dataclass(frozen=True, slots=True)
class PaperKind:
    """One kind. `endings` are those that files of this kind have, ours the first; `require` raises `PaperRefused`."""

    key: str
    begins_with: bytes
    endings: tuple[str, ...]
    content_type: str
    require: Callable[[bytes], None]


KINDS = (
    PaperKind("pdf", b"%PDF-", (".pdf",), "application/pdf", _require_pdf),
    PaperKind(
        "docx",
        b"PK\x03\x04",
        (".docx",),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        require_docx,
    ),
    PaperKind("png", b"\x89PNG\r\n\x1a\n", (".png",), "image/png", _require_png),
    PaperKind("jpeg", b"\xff\xd8\xff", (".jpg", ".jpeg"), "image/jpeg", _require_jpeg),
)

WORKBOOK = PaperKind(
    "xlsx",
    b"PK\x03\x04",
    (".xlsx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    require_xlsx,
)
"""A sheet of organizations to be read in: no paper that a step takes, so not among the `KINDS`."""


def kind_of(content: bytes) -> PaperKind | None:
    """The kind of paper that begins like this, whatever it is called; None for anything else."""
    return next((kind for kind in KINDS if content.startswith(kind.begins_with)), None)
