"""The queue of mails, against a real mail server: nothing is lost, nothing goes twice."""

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from portal.notices.mailer import Mailer
from portal.notices.smtp import SmtpServer, SmtpUrlError
from portal.store.port import Store
from tests.notices.conftest import CERTIFICATE, Clock, Received, free_port, parsed, server_tls, sign_in

MailerTo = Callable[[str | None], Mailer]
Serve = Callable[..., int]

DELIVERER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from portal.notices.mailer import Mailer
from portal.store.tinydb_store import TinyDBStore
data, port = Path(sys.argv[1]), sys.argv[2]
store = TinyDBStore(data)
clock = lambda: datetime(2026, 11, 23, 8, 20, tzinfo=UTC)
mailer = Mailer(store, f"smtp://127.0.0.1:{port}", data / "outbox", "ccsasaccess@dcss.ca.gov", clock)
print("ready", flush=True)
sys.stdin.readline()
print(mailer.deliver(), flush=True)
"""


def a_deliverer(data: Path, port: int) -> subprocess.Popen[str]:
    """Another process of the portal, that delivers once it is told to go."""
    process = subprocess.Popen(
        [sys.executable, "-c", DELIVERER, str(data), str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def body_of(message: EmailMessage) -> EmailMessage:
    body = message.get_body()
    assert isinstance(body, EmailMessage)
    return body


def text_of(message: EmailMessage) -> str:
    """The text as people see it: lines end in CRLF on their way."""
    return str(message.get_content()).replace("\r\n", "\n")


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


@pytest.mark.process("6.3.3")
def test_a_mail_goes_out_once_with_its_letter(serve: Serve, mailer_to: MailerTo, received: Received) -> None:
    mailer = mailer_to(f"smtp://127.0.0.1:{serve()}")
    mailer.send(
        "ana@kern.example", "Invitation", "Make your account:\nhttps://x.example/i/a=b\n", [("a.docx", b"PK\3")]
    )
    assert received.taken.empty()
    assert [mail.subject for mail in mailer.waiting()] == ["Invitation"]
    assert (mailer.deliver(), mailer.deliver()) == (1, 0)
    recipients, message = received.taken.get_nowait()
    assert received.taken.empty()
    assert mailer.waiting() == mailer.failed() == []
    assert recipients == ["ana@kern.example"]
    assert (message["From"], message["To"]) == ("ccsasaccess@dcss.ca.gov", "ana@kern.example")
    assert message["Date"].datetime.isoformat() == "2026-11-23T08:15:00+00:00"
    assert message["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<[0-9a-f]{16}@dcss\.ca\.gov>", message["Message-ID"])
    body = body_of(message)
    assert body["Content-Transfer-Encoding"] == "7bit"
    assert text_of(body) == "Make your account:\nhttps://x.example/i/a=b\n"
    (letter,) = message.iter_attachments()
    assert letter.get_filename() == "a.docx"
    assert letter.get_content_type().endswith("wordprocessingml.document")
    assert letter.get_content() == b"PK\3"


def test_names_come_out_as_they_were_typed(serve: Serve, mailer_to: MailerTo, received: Received) -> None:
    mailer = mailer_to(f"smtp://127.0.0.1:{serve()}")
    name = 'María "Núñez" <b> & O\'Søn, Jr.'
    mailer.send(
        "ana@kern.example", f"{name}: " + "é" * 90, f"{name}\n" + "long " * 400, [(f"{name}.pdf", b"%PDF")], name=name
    )
    assert mailer.deliver() == 1
    _, message = received.taken.get_nowait()
    assert message["Subject"] == f"{name}: " + "é" * 90
    (to,) = message["To"].addresses
    assert (to.display_name, to.addr_spec) == (name, "ana@kern.example")
    body = body_of(message)
    assert body["Content-Transfer-Encoding"] == "quoted-printable"
    assert text_of(body) == f"{name}\n" + "long " * 400 + "\n"
    assert [file.get_filename() for file in message.iter_attachments()] == [f"{name}.pdf"]


@pytest.mark.requirement("ASVS 1.3.11", "NIST SI-10")
def test_nothing_that_was_typed_adds_a_header_or_a_recipient(
    serve: Serve, mailer_to: MailerTo, received: Received
) -> None:
    mailer = mailer_to(f"smtp://127.0.0.1:{serve()}")
    mailer.send("ana@kern.example", "Hello\r\nBcc: eve@x.example", ".\r\n.\n\ud800", name="Ana\nBcc: eve@x.example")
    wrong = [
        "a@b.example\r\nBcc: eve@x.example",
        "a@b.example, eve@x.example",
        "Ana <a@b.example>",
        "a b@x.example",
        "",
    ]
    for address in [*wrong, "núñez@x.example"]:
        mailer.send(address, "Hello", "Hello")
    assert mailer.deliver() == 1
    recipients, message = received.taken.get_nowait()
    assert recipients == ["ana@kern.example"]
    assert message["Bcc"] is None
    assert message["Subject"] == "Hello Bcc: eve@x.example"
    assert text_of(message) == ".\n.\n?\n"
    assert [mail.last_error.endswith("is not a mail address") for mail in mailer.failed()] == [True] * 6
    assert mailer.waiting() == []


def test_a_server_that_is_down_delays_mail_and_loses_none(
    serve: Serve, mailer_to: MailerTo, received: Received, clock: Clock
) -> None:
    port = free_port()
    mailer = mailer_to(f"smtp://127.0.0.1:{port}")
    for number in range(3):
        mailer.send("ana@kern.example", f"Mail {number}", "Hello")
        clock.wait(seconds=1)
    assert mailer.deliver() == 0
    tried, *others = mailer.waiting()
    assert (tried.subject, tried.tries, tried.next_try_at) == ("Mail 0", 1, "2026-11-23T08:15:33Z")
    assert f"127.0.0.1:{port}" in tried.last_error
    assert "refused" in tried.last_error
    assert [mail.tries for mail in others] == [0, 0]
    serve(port)
    assert mailer.deliver() == 2
    clock.wait(seconds=30)
    assert mailer.deliver() == 1
    assert received.subjects() == ["Mail 1", "Mail 2", "Mail 0"]
    assert mailer.waiting() == mailer.failed() == []


def test_a_mail_waits_twice_as_long_each_time_and_never_gives_up(mailer_to: MailerTo, clock: Clock) -> None:
    mailer = mailer_to(f"smtp://127.0.0.1:{free_port()}")
    mailer.send("ana@kern.example", "Hello", "Hello")
    waits = []
    for _ in range(12):
        assert mailer.deliver() == 0
        (mail,) = mailer.waiting()
        began = clock.now
        clock.now = clock.now.fromisoformat(mail.next_try_at)
        waits.append((clock.now - began).total_seconds())
    assert waits == [30, 60, 120, 240, 480] + [900] * 7
    assert mailer.waiting()[0].tries == 12


def test_a_refused_recipient_is_marked_failed_and_the_others_have_their_mail(
    serve: Serve, mailer_to: MailerTo, received: Received, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    received.answers = {
        "gone@kern.example": ["550 5.1.1 No such user gone@kern.example"],
        "busy@kern.example": ["450 Try later"],
    }
    mailer = mailer_to(f"smtp://127.0.0.1:{serve()}")
    for who in ("gone", "busy", "ana"):
        mailer.send(f"{who}@kern.example", f"For {who}", "Hello")
        clock.wait(seconds=1)
    assert mailer.deliver() == 1
    (failed,) = mailer.failed()
    assert [record.message for record in caplog.records if "kern.example" in record.message] == []
    assert (failed.to, failed.failed, failed.last_error[:9]) == ("gone@kern.example", True, "550 5.1.1")
    (waiting,) = mailer.waiting()
    assert (waiting.to, waiting.last_error) == ("busy@kern.example", "450 Try later")
    clock.wait(minutes=1)
    assert mailer.deliver() == 1
    assert received.subjects() == ["For ana", "For busy"]
    mailer.retry(failed.key)
    assert (mailer.deliver(), mailer.failed()) == (1, [])


def test_a_server_that_does_not_let_us_in_fails_no_mail(
    serve: Serve, mailer_to: MailerTo, received: Received, clock: Clock
) -> None:
    received.answers = {"ana@kern.example": ["530 Authentication required"]}
    mailer = mailer_to(f"smtp://127.0.0.1:{serve()}")
    mailer.send("ana@kern.example", "Hello", "Hello")
    assert mailer.deliver() == 0
    assert mailer.failed() == []
    clock.wait(minutes=1)
    assert mailer.deliver() == 1


def test_two_processes_that_deliver_at_once_send_each_mail_once(
    serve: Serve, mailer_to: MailerTo, received: Received, tmp_path: Path
) -> None:
    port = serve()
    mailer = mailer_to(f"smtp://127.0.0.1:{port}")
    for number in range(20):
        mailer.send("ana@kern.example", f"Mail {number}", "Hello")
    deliverers = [a_deliverer(tmp_path / "data", port) for _ in range(2)]
    for process in deliverers:
        go(process)
    counts = [int(process.communicate(timeout=30)[0]) for process in deliverers]
    assert sum(counts) == 20
    assert sorted(received.subjects()) == sorted(f"Mail {number}" for number in range(20))
    assert mailer.waiting() == mailer.failed() == []


def test_a_process_killed_while_it_hands_over_delays_the_mail_and_loses_it_not(
    serve: Serve, mailer_to: MailerTo, received: Received, clock: Clock, tmp_path: Path
) -> None:
    port = serve()
    mailer = mailer_to(f"smtp://127.0.0.1:{port}")
    mailer.send("ana@kern.example", "Hello", "Hello")
    deliverer = a_deliverer(tmp_path / "data", port)
    received.meanwhile = deliverer.kill
    go(deliverer)
    assert deliverer.wait(timeout=30) == -signal.SIGKILL
    deliverer.communicate()
    received.meanwhile = lambda: None
    assert mailer.waiting()[0].tries == 0
    clock.wait(minutes=5)
    assert mailer.deliver() == 0
    clock.wait(minutes=6)
    assert mailer.deliver() == 1
    assert received.subjects() == ["Hello"]


def test_of_the_mails_with_one_key_only_the_first_goes_out(
    serve: Serve, mailer_to: MailerTo, received: Received, clock: Clock
) -> None:
    mailer = mailer_to(f"smtp://127.0.0.1:{serve()}")
    key = "TPA-2026-0007/3/ana@kern.example"
    assert not mailer.is_known(key)
    mailer.send("ana@kern.example", "First", "Hello", key=key)
    assert mailer.is_known(key)
    mailer.send("ana@kern.example", "Second", "Hello", key=key)
    assert mailer.deliver() == 1
    assert mailer.is_known(key)
    mailer.send("ana@kern.example", "Third", "Hello", key=key)
    assert mailer.deliver() == 0
    assert mailer.waiting() == []
    assert received.subjects() == ["First"]
    clock.wait(days=91)
    assert mailer.forget_sent(older_than=timedelta(days=90)) == 1
    mailer.send("ana@kern.example", "Fourth", "Hello", key=key)
    assert mailer.deliver() == 1


def test_mail_goes_by_itself_soon_after_it_is_queued(serve: Serve, mailer_to: MailerTo, received: Received) -> None:
    mailer = mailer_to(f"smtp://127.0.0.1:{serve()}")
    mailer.send("ana@kern.example", "Queued before", "Hello")
    mailer.start_delivery(interval=3600)
    mailer.start_delivery(interval=3600)
    try:
        assert received.taken.get(timeout=10)[1]["Subject"] == "Queued before"
        mailer.send("ana@kern.example", "Queued after", "Hello")
        assert received.taken.get(timeout=10)[1]["Subject"] == "Queued after"
    finally:
        mailer.stop_delivery()
    mailer.send("ana@kern.example", "Queued when stopped", "Hello")
    assert received.taken.empty()
    assert len(mailer.waiting()) == 1


def test_an_attachment_that_cannot_be_read_fails_the_mail_in_sight(
    mailer_to: MailerTo, store: Store, tmp_path: Path
) -> None:
    mailer = mailer_to(None)
    mailer.send("ana@kern.example", "Hello", "Hello", [("letter.docx", b"what was sent")])
    (kept,) = (
        path for path in (tmp_path / "data").rglob("*") if path.is_file() and path.read_bytes() == b"what was sent"
    )
    kept.unlink()
    assert mailer.deliver() == 0
    (failed,) = mailer.failed()
    assert failed.last_error.startswith("an attachment cannot be read")


def test_without_a_server_mails_are_files_that_people_and_programs_can_read(
    mailer_to: MailerTo, tmp_path: Path, clock: Clock
) -> None:
    mailer = mailer_to(None)
    mailer.send(
        "ana@kern.example", "Invitación", "Olá: https://x.example/invitation/a=b\n", [("letter.docx", b"PK\0\r\n")]
    )
    clock.wait(seconds=1)
    mailer.send("bo@kern.example", "Plain", "See https://x.example/inbox?a=b\n")
    assert mailer.deliver() == 2
    first, second = sorted((tmp_path / "outbox").iterdir())
    assert re.fullmatch(r"20261123T081500Z-000000-[0-9a-f]{16}\.eml", first.name)
    assert first.stat().st_mode & 0o777 == 0o600
    assert "Olá: https://x.example/invitation/a=b\n" in first.read_text(encoding="utf-8")
    assert "See https://x.example/inbox?a=b\n" in second.read_text(encoding="ascii")
    message = parsed(first.read_bytes())
    assert (message["To"], message["Subject"]) == ("ana@kern.example", "Invitación")
    assert text_of(body_of(message)) == "Olá: https://x.example/invitation/a=b\n"
    assert [file.get_content() for file in message.iter_attachments()] == [b"PK\0\r\n"]


def test_a_mail_handed_over_twice_after_a_crash_is_one_file_and_one_message_id(
    mailer_to: MailerTo, serve: Serve, received: Received, store: Store, tmp_path: Path
) -> None:
    url = f"smtp://127.0.0.1:{serve()}"
    mailer_to(None).send("ana@kern.example", "Hello", "Hello", key="once")
    as_queued = store.get_record("mail", "once")
    assert as_queued is not None
    for mailer in (mailer_to(None), mailer_to(None), mailer_to(url), mailer_to(url)):
        assert mailer.deliver() == 1
        # What the store holds when the process dies before it notes that the mail was taken.
        store.delete_record("mail-sent", "once")
        store.put_record("mail", "once", as_queued)
    assert len(list((tmp_path / "outbox").iterdir())) == 1
    first, second = (message["Message-ID"] for _, message in list(received.taken.queue))
    assert first == second == as_queued["message_id"]


def test_an_outbox_that_cannot_be_written_delays_mail(mailer_to: MailerTo, tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "outbox").write_text("in the way")
    mailer = mailer_to(None)
    mailer.send("ana@kern.example", "Hello", "Hello")
    assert mailer.deliver() == 0
    assert "outbox" in mailer.waiting()[0].last_error
    (tmp_path / "outbox").unlink()
    clock.wait(minutes=1)
    assert mailer.deliver() == 1


@pytest.mark.requirement("ASVS 12.3.2", "NIST SC-8")
@pytest.mark.process("L")
@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_mail_goes_encrypted_and_only_to_a_server_that_proves_who_it_is(
    scheme: str, serve: Serve, mailer_to: MailerTo, received: Received, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypted: dict[str, Any] = (
        {"ssl_context": server_tls()} if scheme == "smtps" else {"tls_context": server_tls(), "require_starttls": True}
    )
    # The test's server knows only the encryption that is asked for, and takes what is there from the start for none.
    port = serve(authenticator=sign_in, auth_require_tls=scheme != "smtps", **encrypted)
    mailer = mailer_to(f"{scheme}://portal:p%40ss%3Aw%2Frd@localhost:{port}")
    mailer.send("ana@kern.example", "Hello", "Hello")
    assert mailer.deliver() == 0
    assert "certificate verify failed" in mailer.waiting()[0].last_error
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    clock.wait(minutes=1)
    assert mailer.deliver() == 1
    assert received.subjects() == ["Hello"]
    wrong = mailer_to(f"{scheme}://portal:guess@localhost:{port}")
    wrong.send("ana@kern.example", "Again", "Hello")
    assert wrong.deliver() == 0
    assert wrong.waiting()[0].last_error.startswith(f"localhost:{port}: 535")


def test_a_server_that_answers_nothing_is_not_waited_for_long(
    mailer_to: MailerTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.notices.smtp.TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mailer = mailer_to(f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        mailer.send("ana@kern.example", "Hello", "Hello")
        began = time.monotonic()
        assert mailer.deliver() == 0
        assert time.monotonic() - began < 5
    assert "timed out" in mailer.waiting()[0].last_error


@pytest.mark.parametrize(
    ("url", "scheme", "port", "user"),
    [
        ("smtp://mail.example", "smtp", 25, ""),
        ("smtps://u:secret@mail.example", "smtps", 465, "u"),
        ("smtp+starttls://u%40x:secret@mail.example:2525/", "smtp+starttls", 2525, "u@x"),
    ],
)
def test_the_servers_address_says_all_there_is_to_know(url: str, scheme: str, port: int, user: str) -> None:
    server = SmtpServer.from_url(url, "a@dcss.example")
    assert (server.scheme, server.host, server.port, server.user) == (scheme, "mail.example", port, user)
    assert "secret" not in repr(server)


@pytest.mark.parametrize(
    "url", ["mail.example:25", "http://u:secret@x", "smtp://", "smtp://u:secret@x:port", "smtp://u:se/cret@x"]
)
def test_a_wrong_address_of_the_server_is_refused_without_repeating_the_password(url: str) -> None:
    with pytest.raises(SmtpUrlError, match="PORTAL_SMTP is not") as refusal:
        SmtpServer.from_url(url, "a@dcss.example")
    assert "secret" not in str(refusal.value)
    assert "cret@x" not in str(refusal.value)


def test_a_mail_says_what_it_tells_while_it_waits_and_when_it_went_out(mailer_to: MailerTo) -> None:
    mailer = mailer_to(None)
    assert mailer.told_by("digest/1") is None
    mailer.send("ana@kern.example", "News", "Text", key="digest/1", tells=("one", "two"))
    mailer.send("ana@kern.example", "News", "Text", key="digest/1", tells=("three",))
    assert mailer.told_by("digest/1") == ["one", "two"]
    mailer.deliver()
    assert mailer.told_by("digest/1") == ["one", "two"]
    mailer.send("ana@kern.example", "News", "Text", key="digest/1", tells=("three",))
    assert mailer.told_by("digest/1") == ["one", "two"]
    assert mailer.deliver() == 0
    mailer.send("ana@kern.example", "News", "Text", key="other")
    assert mailer.told_by("other") == []
