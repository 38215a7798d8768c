"""A stand-in for ClamAV's clamd: it speaks its protocol (PING, INSTREAM) over a real socket, and knows one signature."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The text that every scanner takes for a virus, and that is none."""

LARGEST = 25 * 1024 * 1024
"""As clamd's StreamMaxLength."""


class _Clamd(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        first = self.rfile.read(1)
        end = {b"n": b"\n", b"z": b"\0"}[first]
        command = b""
        while not command.endswith(end):
            command += self.rfile.read(1)
        self.server.asked.append(command[:-1].decode())  # type: ignore[attr-defined]
        said = self.server.says or self._answer_to(command[:-1])  # type: ignore[attr-defined]
        self.wfile.write(said.encode() + end)

    def _answer_to(self, command: bytes) -> str:
        if command == b"PING":
            return "PONG"
        if command != b"INSTREAM":
            return "UNKNOWN COMMAND"
        content = b""
        while (size := struct.unpack("!L", self.rfile.read(4))[0]) > 0:
            content += self.rfile.read(size)
            if len(content) > LARGEST:
                return "INSTREAM size limit exceeded. ERROR"
        return "stream: Eicar-Test-Signature FOUND" if EICAR in content else "stream: OK"


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class _Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextmanager
def clamd(path: Path | None = None, says: str = "") -> Iterator[tuple[str, list[str]]]:
    """A scanner at the address that is given, and what it was asked. With `says` it answers that and nothing else."""
    server = _Unix(str(path), _Clamd) if path else _Tcp(("127.0.0.1", 0), _Clamd)
    server.asked, server.says = [], says  # type: ignore[union-attr]
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    serving.start()
    try:
        place = f"unix:{path}" if path else f"tcp://127.0.0.1:{server.server_address[1]}"
        yield place, server.asked  # type: ignore[union-attr]
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
