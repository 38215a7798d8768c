"""Photographs and scans of papers (PNG, JPEG): whether one opens. The one file that imports Pillow."""

import io

from PIL import Image

from portal.papers.errors import NotAPaper, PaperTooLarge

MOST_PIXELS = 80_000_000
"""More than a sheet of A3 at 600 dots per inch has."""

_DAMAGED = "This picture is damaged and cannot be opened. Scan or photograph the paper again."
_TOO_LARGE = "This picture has too many pixels. Scan the paper at a lower resolution, and choose that."


def require_png(content: bytes) -> None:
    """Returns when this is a PNG that is whole. Raises `NotAPaper`, `PaperTooLarge`."""
    _require_picture(content, "PNG")


def require_jpeg(content: bytes) -> None:
    """Returns when this is a JPEG that is whole. Raises `NotAPaper`, `PaperTooLarge`."""
    _require_picture(content, "JPEG")


def _require_picture(content: bytes, kind: str) -> None:
    try:
        with Image.open(io.BytesIO(content), formats=(kind,)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise PaperTooLarge(_TOO_LARGE)
            if kind == "PNG":
                picture.verify()  # the checksum of each piece, without unpacking them
            else:
                picture.draft("L", (picture.width // 8, picture.height // 8))  # an eighth of the memory
                picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PaperTooLarge(_TOO_LARGE) from error
    except (OSError, SyntaxError, EOFError, OverflowError, MemoryError) as error:
        raise NotAPaper(_DAMAGED) from error
    except ValueError as error:
        if isinstance(error, PaperTooLarge):
            raise
        raise NotAPaper(_DAMAGED) from error
