"""A queued mail as a message: headers that nothing typed can break out of, a text, attachments."""

import mimetypes
import re
from collections.abc import Mapping, Sequence
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from portal.notices.carrier import Refused
from portal.process.document import moment

KINDS = {".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".pdf": "application/pdf"}
"""What the portal attaches, named here because not every system's table of file types knows them."""

# One address and nothing besides; what the standard allows in quotes is not worth what it would let through.
_ONE_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}")

LONGEST_LINE = 998
"""The longest line, in bytes, that a mail may have unencoded."""


def one_line(text: str) -> str:
    """The text as a header can carry it: line breaks and other control characters become single spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in encodable(text)).split())


def encodable(text: str) -> str:
    """The text with "?" for halves of characters, which no encoding can write."""
    return text.encode("utf-8", "replace").decode("utf-8")


def address(of: str, name: str = "") -> Address:
    """One mail address with a name to show. Raises `Refused` when it is not exactly one plain address."""
    if not of.isascii() or not _ONE_ADDRESS.fullmatch(of):
        raise Refused(f"{one_line(of)!r} is not a mail address")
    try:
        return Address(display_name=one_line(name), addr_spec=of)
    except (ValueError, LookupError, MessageError) as error:
        raise Refused(f"{of!r} is not a mail address: {error}") from error


def composed(mail: Mapping[str, Any], sender: Address, files: Sequence[tuple[str, bytes]], beyond_ascii: str) -> bytes:
    """The message (RFC 5322) of a queued mail, from `sender`, with these files (name, content). Raises `Refused`.

    `beyond_ascii` is how a text is written that is not plain ASCII: "quoted-printable" or "8bit".
    """
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = sender
        message["To"] = address(mail["to"], mail["name"])
        message["Subject"] = one_line(mail["subject"])
        message["Date"] = moment(mail["queued_at"])
        message["Message-ID"] = mail["message_id"]
        # So that no holiday answer comes back to a mailbox that nobody reads.
        message["Auto-Submitted"] = "auto-generated"
        text = encodable(mail["text"])
        message.set_content(text, charset="utf-8", cte=_encoding(text, beyond_ascii))
        for name, content in files:
            kind, _, detail = _kind(name).partition("/")
            message.add_attachment(content, maintype=kind, subtype=detail, filename=one_line(name).replace("/", "-"))
        return message.as_bytes()
    except (ValueError, LookupError, MessageError) as error:
        raise Refused(f"the message cannot be made: {error}") from error


def _encoding(text: str, beyond_ascii: str) -> str:
    """How the text is written: as it is when it is plain ASCII, else as said; overlong lines always encoded."""
    if any(len(line.encode()) > LONGEST_LINE for line in text.splitlines()):
        return "quoted-printable"
    return "7bit" if text.isascii() else beyond_ascii


def _kind(name: str) -> str:
    ending = name[name.rfind(".") :].lower()
    return KINDS.get(ending) or mimetypes.guess_type(name)[0] or "application/octet-stream"
