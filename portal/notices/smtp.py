"""Hands mails to an SMTP server. The one file that imports smtplib."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from portal.notices.carrier import Carry, NotNow, Refused, Unreachable

PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
"""The schemes of PORTAL_SMTP, each with the port that it means when none is given."""

TIMEOUT = 10.0
"""Seconds after which an answer of the server is no longer waited for."""

# Answers of these codes are about us and the server, whichever mail it was: wait until somebody mends it.
_BETWEEN_US_AND_THE_SERVER = {421, 503, 530, 534, 535, 538}


class SmtpUrlError(ValueError):
    """PORTAL_SMTP cannot be understood. The message does not repeat it: there may be a password in it."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A mail server: where it is, how to sign in, and how the connection is encrypted (by `scheme`)."""

    scheme: str
    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def beyond_ascii(self) -> str:
        """What every server takes."""
        return "quoted-printable"

    @classmethod
    def from_url(cls, url: str, sender: str) -> "SmtpServer":
        """The server of `smtp://user:password@host:port`, `smtps:` or `smtp+starttls:`. Raises `SmtpUrlError`.

        `sender` is the address to which the server returns what it cannot deliver.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise SmtpUrlError("PORTAL_SMTP is not an address like smtp://user:password@host:port") from error
        if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            raise SmtpUrlError(
                "PORTAL_SMTP is not an address like smtp://user:password@host:port; it begins with one of "
                f"{', '.join(PORTS)}, and special characters in user and password are percent-encoded"
            )
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.scheme, parts.hostname, port or PORTS[parts.scheme], sender, user, password)

    @contextmanager
    def connected(self) -> Iterator[Carry]:
        """A signed-in connection, over which mails can be handed over. Raises `Unreachable`."""
        connection = self._opened()

        def carry(number: str, to: str, message: bytes) -> None:
            _hand_over(connection, self.sender, to, message)

        try:
            yield carry
        finally:
            # What was handed over has been answered; a goodbye that fails changes nothing.
            with suppress(OSError):
                connection.quit()
            connection.close()

    def _opened(self) -> smtplib.SMTP:
        # Without a name of our own smtplib would look ours up, which can take longer than all the rest.
        ours = self.sender.rpartition("@")[2]
        try:
            if self.scheme == "smtps":
                tls = ssl.create_default_context()
                connection: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, ours, timeout=TIMEOUT, context=tls)
            else:
                connection = smtplib.SMTP(self.host, self.port, ours, timeout=TIMEOUT)
        except (OSError, ValueError) as error:
            raise Unreachable(f"{self.host}:{self.port}: {_told(error)}") from error
        try:
            if self.scheme == "smtp+starttls":
                connection.starttls(context=ssl.create_default_context())
            if self.user:
                connection.login(self.user, self.password)
        except (OSError, ValueError) as error:
            connection.close()
            raise Unreachable(f"{self.host}:{self.port}: {_told(error)}") from error
        return connection


def _hand_over(connection: smtplib.SMTP, sender: str, to: str, message: bytes) -> None:
    try:
        connection.sendmail(sender, [to], message)
    except smtplib.SMTPRecipientsRefused as error:
        raise _by_code(error.recipients[to][0], error) from error
    except smtplib.SMTPSenderRefused as error:
        # It is our own address that it does not like: no mail of ours would do better.
        raise Unreachable(_told(error)) from error
    except smtplib.SMTPDataError as error:
        raise _by_code(error.smtp_code, error) from error
    except OSError as error:
        raise Unreachable(_told(error)) from error


def _by_code(code: int, error: smtplib.SMTPException) -> Refused | NotNow | Unreachable:
    if code in _BETWEEN_US_AND_THE_SERVER:
        return Unreachable(_told(error))
    return Refused(_told(error)) if code >= 500 else NotNow(_told(error))


def _told(error: OSError | ValueError) -> str:
    """What the server or the system said, on one line."""
    code: int
    words: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, words = error.smtp_code, error.smtp_error
    else:
        return " ".join(str(error).split()) or type(error).__name__
    text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    return f"{code} {' '.join(text.split())}"
