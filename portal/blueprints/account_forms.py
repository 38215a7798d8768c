"""The forms about people: signing in, links, accounts. What the fields share stands here once."""

import unicodedata
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms import EmailField, Field, Form, PasswordField, StringField, TelField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from portal.people.errors import NotAnAddress
from portal.people.passwords import RECOMMENDED, SHORTEST
from portal.people.person import address
from portal.process.no_case_data import find_ssn
from portal.typed import long_text


def one_line(value: str | None) -> str | None:
    """What was typed on one line, without what cannot be seen: it goes into letters and the heads of mail."""
    if value is None:
        return None
    seen = "".join(letter if unicodedata.category(letter)[0] != "C" else " " for letter in value)
    return unicodedata.normalize("NFC", " ".join(seen.split()))


def no_case_data(form: Form, field: Field) -> None:
    """Refuses what looks like a social security number."""
    if field.data and find_ssn(field.data):
        raise ValidationError(
            f"{field.label.text}: this looks like a social security number. Nothing like it belongs in the portal."
        )


def an_address(form: Form, field: Field) -> None:
    """Refuses what is not an email address."""
    try:
        address(field.data or "")
    except NotAnAddress as refused:
        raise ValidationError(str(refused)) from refused


def said(field: Field) -> str:
    """What was entered in a field of text; empty when nothing was."""
    return field.data or ""


def text(label: str, longest: int = 120, required: bool = True, hint: str = "", **words: str) -> StringField:
    """A field of one line. Without `required` the page calls it optional, unless its hint says when it is needed."""
    checks = [DataRequired(f"Enter {_with_article(label)}.")] if required else []
    return StringField(
        label, [*checks, Length(max=longest), no_case_data], filters=[one_line], description=hint, render_kw=words
    )


def paragraphs(label: str, longest: int = 2000, required: bool = True, hint: str = "", rows: int = 4) -> TextAreaField:
    """A field of several lines."""
    checks = [DataRequired(f"Enter {_with_article(label)}.")] if required else []
    return TextAreaField(
        label,
        [*checks, Length(max=longest), no_case_data],
        filters=[lambda value: long_text(value) if value else value],
        description=hint,
        render_kw={"rows": str(rows)},
    )


def email(label: str = "Email address", hint: str = "", autocomplete: str = "off") -> EmailField:
    """A field for an email address."""
    return EmailField(
        label,
        [InputRequired("Enter an email address."), Length(max=254), an_address, no_case_data],
        filters=[one_line],
        description=hint,
        render_kw={"autocomplete": autocomplete, "spellcheck": "false"},
    )


def phone() -> TelField:
    """A field for a telephone number."""
    return TelField("Telephone", [Length(max=40), no_case_data], filters=[one_line], render_kw={"autocomplete": "tel"})


def password(label: str, autocomplete: str, hint: str = "") -> PasswordField:
    """A field for a password: what is typed is not trimmed."""
    return PasswordField(
        label,
        [InputRequired(f"Enter {_with_article(label)}.")],
        description=hint,
        render_kw={"autocomplete": autocomplete},
    )


ABOUT_PASSWORDS = (
    f"{SHORTEST} characters at least; {RECOMMENDED} or more are better. Several words in a row are easy to remember "
    "and hard to guess. Spaces and signs of every kind are taken. You need not change it from time to time."
)


def _with_article(label: str) -> str:
    """`Your name` in the middle of a sentence: `your name`; `Name`: `the name`; `What you found`: `what you found`."""
    first = label.partition(" ")[0]
    words = label if first.isupper() else f"{label[0].lower()}{label[1:]}"
    return words if first.lower() in ("your", "what", "why") else f"the {words}"


class PageForm(FlaskForm):
    """A form whose error summary goes from top to bottom: the fields of `first` stand above those it inherits."""

    first: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        in_order = sorted(self._fields.items(), key=lambda item: item[0] not in self.first)  # type: ignore[has-type]
        self._fields = dict(in_order)


class Button(FlaskForm):
    """A form that asks nothing: a button alone, with its CSRF token."""
