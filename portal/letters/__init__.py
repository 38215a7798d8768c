"""Letters: a document drawn as .docx from a Word template that staff can edit.

May import the standard library, Jinja, docxtpl and python-docx, `portal.process.document`, and what `portal.papers`
says of Word files. Knows no web and no store: what it draws is bytes, which whoever sends the letter freezes by
checksum. `context.py` says which names a template may use, `language.py` what it may do with them, `drawing.py` makes
the letter. The shipped templates are in `templates/`; `tools/letter_templates` makes them.
"""

from portal.letters.drawing import Letters
from portal.letters.errors import LetterError, MissingFields, NoSuchLetter, TemplateBroken

__all__ = ["LetterError", "Letters", "MissingFields", "NoSuchLetter", "TemplateBroken"]
