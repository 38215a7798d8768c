"""A template and a context become a .docx, the same bytes for the same; or a refusal that names what is missing."""

import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError

from portal.letters.context import BLANK_WORDS
from portal.letters.errors import MissingFields, NoSuchLetter, TemplateBroken
from portal.letters.language import (
    Forbidden,
    blanks,
    environment,
    names_used,
    prepared,
    refuse_what_is_not_allowed,
)
from portal.papers.errors import PaperRefused
from portal.papers.word import require_docx

if TYPE_CHECKING:
    from portal.letters.word_template import WordTemplate

_ONE_AT_A_TIME = threading.Lock()
"""python-docx shares one parser among threads: when many open documents at once, one may get elements without their
attributes. (Seen with fifty clients who sent the same letter.)
"""

SHIPPED = Path(__file__).parent / "templates"
"""The folder of the templates that come with the portal."""


class Letters:
    """All letters of the portal, from the shipped templates or staff's own copies of them."""

    def __init__(self, own_templates: Path | None = None) -> None:
        """`own_templates` is the folder in which a template of the same name goes before the shipped one."""
        self._own_templates = own_templates

    def names(self) -> tuple[str, ...]:
        """The names of all letters, in order."""
        folders = [SHIPPED] if self._own_templates is None else [SHIPPED, self._own_templates]
        return tuple(sorted({path.stem for folder in folders for path in folder.glob("*.docx") if _is_name(path.stem)}))

    def fields(self, name: str) -> set[str]:
        """The dotted names that the template uses, in conditions too. Raises `NoSuchLetter`, `TemplateBroken`."""
        with _ONE_AT_A_TIME:
            template = self._template(name)
        sandbox = environment()
        with _Blame(name):
            trees = [sandbox.parse(source) for source in template.sources()]
            for tree in trees:
                refuse_what_is_not_allowed(tree)
            return {field for tree in trees for field in names_used(tree)}

    def check(self, name: str, context: Mapping[str, Any]) -> tuple[str, ...]:
        """The fields that the letter would print and that this context leaves empty: undefined, None or "".

        A field that only a condition asks for is not missing: the template can do without it. Raises `NoSuchLetter`,
        `TemplateBroken`.
        """
        return self._drawn(name, context, stand_in=lambda field: "")[1]

    def draw(self, name: str, context: Mapping[str, Any], text: bytes | None = None) -> bytes:
        """The letter as a .docx, for this context; from this text of it, when it is not to be today's.

        Raises `MissingFields`, `NoSuchLetter`, `TemplateBroken`.
        """
        letter, missing = self._drawn(name, context, stand_in=lambda field: "", text=text)
        if missing:
            raise MissingFields(name, missing)
        return letter

    def specimen(self, name: str, context: Mapping[str, Any]) -> bytes:
        """The letter with what is not known yet in square brackets, to read before there is anything to sign.

        The invitation encloses the Memorandum of Understanding so [App. A]. Raises `NoSuchLetter`, `TemplateBroken`.
        """
        return self._drawn(name, context, stand_in=_in_brackets)[0]

    def text(self, name: str) -> bytes:
        """The template's file as it is now: the text of the letter. Raises `NoSuchLetter`."""
        return self._path(name).read_bytes()

    def _path(self, name: str) -> Path:
        if not _is_name(name):
            raise NoSuchLetter(name)
        path = SHIPPED / f"{name}.docx"
        if self._own_templates is not None and (self._own_templates / path.name).exists():
            path = self._own_templates / path.name
        if not path.exists():
            raise NoSuchLetter(name)
        return path

    def _template(self, name: str, text: bytes | None = None) -> "WordTemplate":
        # Imported with the first letter: docxtpl takes a tenth of a second, which a start need not wait for.
        from portal.letters.word_template import read_template

        path = self._path(name)
        content = path.read_bytes() if text is None else text
        if text is not None or path.parent != SHIPPED:
            _require_plain(name, content)
        return read_template(name, content)

    def _drawn(
        self, name: str, context: Mapping[str, Any], stand_in: Callable[[str], str], text: bytes | None = None
    ) -> tuple[bytes, tuple[str, ...]]:
        """The letter, and the names of the fields in whose place `stand_in` was printed."""
        seen: list[str] = []
        blank = blanks(seen, stand_in)
        values = {key: prepared(key, value, blank) for key, value in context.items()}
        with _ONE_AT_A_TIME:
            template = self._template(name, text)
            with _Blame(name):
                template.render({key: value for key, value in values.items() if value is not None}, environment(blank))
            template.label(context)
            return template.as_bytes(), tuple(seen)


class _Blame:
    """Whatever goes wrong inside is the template's fault, and is raised as `TemplateBroken`."""

    def __init__(self, letter: str) -> None:
        self.letter = letter

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, Forbidden):
            raise TemplateBroken(self.letter, str(error.message)) from error
        if isinstance(error, TemplateError | SyntaxError | TypeError):
            raise TemplateBroken(self.letter, f"it cannot be understood ({error})") from error


def _require_plain(name: str, content: bytes) -> None:
    """Holds a template that staff put there to what holds of any Word file that is sent: no programs, no bombs, no
    entities. Raises `TemplateBroken`.
    """
    try:
        require_docx(content)
    except PaperRefused as refused:
        raise TemplateBroken(name, f"it cannot be used ({refused})") from refused


def _is_name(name: str) -> bool:
    return re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) is not None


def _in_brackets(field: str) -> str:
    return f"[{BLANK_WORDS.get(field, field.rpartition('.')[2].replace('_', ' '))}]"
