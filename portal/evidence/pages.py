"""The package's pages: plain HTML with its own style, no script, to be read and printed anywhere."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from portal import words
from portal.answers import answers_in_words, entry_in_words

_HERE = Path(__file__).parent


def _environment() -> Environment:
    """Templates of this room, which draw answers, histories and overviews with the macros of the portal's pages."""
    made = Environment(
        loader=FileSystemLoader([_HERE / "templates", _HERE.parent / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(words.FILTERS)
    made.filters["answers_in_words"] = answers_in_words
    made.globals["entry_in_words"] = entry_in_words
    return made


_ENVIRONMENT = _environment()


def page(template: str, **context: Any) -> bytes:
    """The page as a file."""
    return _ENVIRONMENT.get_template(template).render(context).encode()
