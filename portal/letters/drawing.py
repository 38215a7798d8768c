"""A template and a context become a .docx, the same bytes for the same; or a refusal that names what is missing."""

import io
import re
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import parse_xml
from docxtpl import DocxTemplate
from jinja2 import TemplateError
from jinja2.sandbox import SandboxedEnvironment

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

_ONE_AT_A_TIME = threading.Lock()
"""python-docx shares one parser among threads: when many open documents at once, one may get elements without their
attributes. (Seen with fifty clients who sent the same letter.)
"""

SHIPPED = Path(__file__).parent / "templates"
"""The folder of the templates that come with the portal."""

_FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_UNREADABLE = (OSError, KeyError, ValueError, zipfile.BadZipFile, PackageNotFoundError, SyntaxError)


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

    def _template(self, name: str, text: bytes | None = None) -> "_Template":
        path = self._path(name)
        content = path.read_bytes() if text is None else text
        if text is not None or path.parent != SHIPPED:
            _require_plain(name, content)
        try:
            template = _Template(io.BytesIO(content))
            template.init_docx()
        except _UNREADABLE as error:
            raise TemplateBroken(name, f"it is not a Word file (.docx) that can be read ({error})") from error
        template.refuse_what_comes_from_elsewhere(name)
        return template

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


class _Template(DocxTemplate):  # type: ignore[misc, unused-ignore]
    """docxtpl's template, held to the language of letters, each part drawn once and checked to be sound."""

    def sources(self) -> Iterator[str]:
        """The text of body, headers, footers and footnotes, as Jinja reads it."""
        yield self.patch_xml(self.get_xml())
        for uri in (self.HEADER_URI, self.FOOTER_URI):
            for _, part in self.get_headers_footers(uri):
                yield self.patch_xml(self.get_part_xml(part))
        for part in self._footnotes():
            yield self.patch_xml(part.blob.decode())

    def refuse_what_comes_from_elsewhere(self, letter: str) -> None:
        """Raises `TemplateBroken` when opening the letter would fetch something from outside of it, or run a macro."""
        for part in self.docx.part.package.parts:
            if "vbaProject" in part.partname or "activeX" in part.partname:
                raise TemplateBroken(letter, "it carries a program (a macro or control)")
            for relation in part.rels.values():
                if relation.is_external and not relation.reltype.endswith("/hyperlink"):
                    raise TemplateBroken(letter, f"it takes something from elsewhere ({relation.target_ref})")

    def render_xml_part(self, src_xml: str, part: Any, context: dict[str, Any], jinja_env: SandboxedEnvironment) -> str:
        """One part drawn, in the language of letters only; what comes out must be well-formed.

        In place of docxtpl's own, which rewrites "{_{" in values, and would mend bad XML by leaving text out.
        """
        refuse_what_is_not_allowed(jinja_env.parse(src_xml))
        drawn: str = self.resolve_listing(jinja_env.from_string(src_xml).render(context))
        parse_xml(drawn.encode())
        return drawn

    def render_properties(self, context: dict[str, Any], jinja_env: SandboxedEnvironment) -> None:
        """Nothing: the file's properties are not templates; `label` sets them."""

    def render_footnotes(self, context: dict[str, Any], jinja_env: SandboxedEnvironment) -> None:
        """Draws the footnotes once. docxtpl does it once for each section of the page layout, values and all."""
        for part in self._footnotes():
            part._blob = self.render_xml_part(self.patch_xml(part.blob.decode()), part, context, jinja_env).encode()

    def _footnotes(self) -> Iterator[Any]:
        return (part for part in self.docx.part.package.parts if part.content_type == _FOOTNOTES)

    def label(self, context: Mapping[str, Any]) -> None:
        """Sets the file's properties from the letter, so that they do not name who edited the template."""
        properties = self.docx.core_properties
        properties.author = properties.last_modified_by = str(context.get("office", {}).get("name") or "")
        properties.subject = str(context.get("application", {}).get("id") or "")
        written = context.get("letter", {}).get("on")
        properties.created = properties.modified = datetime.fromisoformat(written) if written else datetime(2008, 1, 25)
        properties.revision = 1

    def as_bytes(self) -> bytes:
        """The letter as a file: its parts in order, with no time of its own."""
        saved = io.BytesIO()
        self.docx.save(saved)
        return without_times(saved.getvalue())


def without_times(content: bytes) -> bytes:
    """The same .docx with the zip's timestamps set to one moment, so that equal letters have equal checksums."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            fixed = zipfile.ZipInfo(entry.filename, date_time=(1980, 1, 1, 0, 0, 0))
            fixed.compress_type, fixed.create_system, fixed.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
            new.writestr(fixed, old.read(entry.filename))
    return written.getvalue()


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
