"""A store, a clock that stands until it is moved, and a mail server that listens on a real port."""

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from portal.notices.mailer import Mailer
from portal.store.port import Store
from portal.store.tinydb_store import TinyDBStore

CERTIFICATE = Path(__file__).with_name("localhost.pem")


def parsed(content: bytes) -> EmailMessage:
    """The message as any mail program reads it."""
    message = BytesParser(policy=default).parsebytes(content)
    assert isinstance(message, EmailMessage)
    return message


class Clock:
    """The present moment, as the test sets it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **length: float) -> None:
        self.now += timedelta(**length)


@dataclass
class Received:
    """What the server took, and how it answers: `answers` by recipient, in turn, before "250 OK".

    `meanwhile` is called while a mail is on its way.
    """

    taken: Queue[tuple[list[str], EmailMessage]] = field(default_factory=Queue)
    answers: dict[str, list[str]] = field(default_factory=dict)
    meanwhile: Callable[[], None] = lambda: None

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.meanwhile()
        if waiting := self.answers.get(address):
            return waiting.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.taken.put((list(envelope.rcpt_tos), parsed(envelope.content)))
        return "250 OK"

    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for _, message in list(self.taken.queue)]


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def sign_in(server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """Lets in the one user that there is."""
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"portal", b"p@ss:w/rd")
    return AuthResult(success=known, handled=False)


def server_tls() -> ssl.SSLContext:
    """The encryption of the test's server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    kept = TinyDBStore(tmp_path / "data")
    yield kept
    kept.close()


@pytest.fixture
def received() -> Received:
    return Received()


@pytest.fixture
def serve(received: Received) -> Iterator[Callable[..., int]]:
    """Starts a mail server, on a free port unless one is given, and returns its port."""
    running: list[Controller] = []

    def start(port: int = 0, **how: Any) -> int:
        port = port or free_port()
        controller = Controller(received, hostname="127.0.0.1", port=port, **how)
        controller.start()
        running.append(controller)
        return port

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture
def mailer_to(store: Store, clock: Clock, tmp_path: Path) -> Callable[[str | None], Mailer]:
    """A mailer to the server of a URL, or into the outbox."""
    return lambda url: Mailer(store, url, tmp_path / "outbox", "ccsasaccess@dcss.ca.gov", clock)
