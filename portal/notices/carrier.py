"""Where mails leave the portal, and the three ways in which that fails. The outbox is the carrier without a server."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

Carry = Callable[[str, str, bytes], None]
"""Hands over one mail: its number, the recipient's address, the message (RFC 5322). Returns when it was taken."""


class Refused(Exception):
    """This mail will never be taken: the recipient does not exist, or the message cannot be made."""


class NotNow(Exception):
    """This mail was not taken this time; others may be."""


class Unreachable(Exception):
    """Nothing can be handed over at present: the server is down, or does not let us in."""


class Carrier(Protocol):
    """Something that takes mails, with texts beyond ASCII written in the way that `beyond_ascii` names."""

    @property
    def beyond_ascii(self) -> str:
        """ "quoted-printable" or "8bit"."""

    def connected(self) -> AbstractContextManager[Carry]:
        """A block in which mails can be handed over. Raises `Unreachable`; handing over raises all three."""


class Outbox:
    """A folder in which each mail becomes a file: for a portal without a mail server.

    Files are called by the mail's number, which begins with the time (UTC) at which it was queued: a mail that is
    handed over twice is still one file. The text stands in them unencoded, so that people can read it.
    """

    beyond_ascii = "8bit"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def connected(self) -> Iterator[Carry]:
        """The folder, made if need be. Raises `Unreachable` when that fails."""
        try:
            # Invitations hold links that make accounts: for the portal's own user only.
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unreachable(f"the outbox cannot be made: {error}") from error
        yield self._keep

    def _keep(self, number: str, to: str, message: bytes) -> None:
        beside = self.folder / f".{number}.{os.getpid()}.new"
        try:
            with open(beside, "wb", opener=_for_the_owner) as file:
                file.write(message.replace(b"\r\n", b"\n"))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.folder / f"{number}.eml")
            _sync_folder(self.folder)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise Unreachable(f"the outbox cannot be written: {error}") from error


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


def _sync_folder(folder: Path) -> None:
    """Makes a rename in the folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
