"""A letter's template as a Word file: read, held to what a letter may have in it, drawn, and saved."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import parse_xml
from docxtpl import DocxTemplate
from jinja2.sandbox import SandboxedEnvironment

from portal.letters.errors import TemplateBroken
from portal.letters.language import refuse_what_is_not_allowed

_FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_UNREADABLE = (OSError, KeyError, ValueError, zipfile.BadZipFile, PackageNotFoundError, SyntaxError)


def read_template(letter: str, content: bytes) -> "WordTemplate":
    """The template of this letter. Raises `TemplateBroken`: it is no Word file, or takes something from elsewhere."""
    try:
        template = WordTemplate(io.BytesIO(content))
        template.init_docx()
    except _UNREADABLE as error:
        raise TemplateBroken(letter, f"it is not a Word file (.docx) that can be read ({error})") from error
    template.refuse_what_comes_from_elsewhere(letter)
    return template


class WordTemplate(DocxTemplate):  # type: ignore[misc, unused-ignore]
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
