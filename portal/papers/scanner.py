"""ClamAV's clamd, which looks for viruses in what people send. The one file that imports clamav-client."""

import io
from urllib.parse import urlsplit

from clamav_client.clamd import ClamdError, ClamdNetworkSocket, ClamdUnixSocket

PATIENCE = 30
"""Seconds to wait for clamd."""


class ScannerAway(Exception):
    """The scanner does not answer, or could not scan; the message says why, for the log."""


class Scanner:
    """clamd at `tcp://host:port` or `unix:/path/to/its/socket`."""

    def __init__(self, address: str) -> None:
        self._address = address

    def finds(self, content: bytes) -> str:
        """The name of what the scanner knows in it; empty when it finds nothing. Raises `ScannerAway`."""
        try:
            answers = self._clamd().instream(io.BytesIO(content))
        except (ClamdError, OSError, UnicodeError) as error:
            raise ScannerAway(_in_one_line(error)) from error
        state, found = answers.get("stream", ("", None))
        if state == "FOUND":
            return found or "something without a name"
        if state != "OK":
            raise ScannerAway(f"it answered {_in_one_line(answers)}")
        return ""

    def answers(self) -> bool:
        """Whether the scanner is there and scans."""
        try:
            self.finds(b"")
        except ScannerAway:
            return False
        return True

    def _clamd(self) -> ClamdNetworkSocket:
        place = urlsplit(self._address)
        if place.scheme == "unix":
            return ClamdUnixSocket(place.path, PATIENCE)
        return ClamdNetworkSocket(place.hostname or "", place.port or 3310, PATIENCE)


def _in_one_line(words: object) -> str:
    return " ".join(str(words).split())[:200]
