"""What every store takes for a document: an id that is safe as a file's name, and what JSON carries."""

import re

import orjson

from portal.store.port import Json

AS_JSON = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
"""Dates and the like are refused, not guessed: JSON has no word for them."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


def is_document_id(document_id: str) -> bool:
    """Whether this can be a document's id: letters, digits, dots, dashes and underscores, safe as a file's name."""
    return _NAME.fullmatch(document_id) is not None


def as_json(document: Json) -> Json:
    """A copy of the document as JSON carries it. Raises TypeError for what JSON cannot carry."""
    copy: Json = orjson.loads(orjson.dumps(document, option=AS_JSON))
    return copy
