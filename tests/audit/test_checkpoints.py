"""Signed checkpoints of the log, and how they get to other machines [O8.2]."""

import base64
import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from portal import daily, sending_checkpoints
from portal.audit import Act, Auditing
from portal.audit.access_log import AccessLog
from portal.audit.checkpoints import NoCheckpoint, read
from portal.settings import SettingError, Settings
from portal.store.errors import Damaged
from portal.store.port import Store
from tests.conftest import House
from tests.people.premises import Clock

pytestmark = pytest.mark.process("O8.2")


def flask(house: House, *arguments: object) -> Result:
    with house.app.app_context():
        return house.app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])


@pytest.mark.requirement("ASVS 16.4.3", "NIST AU-10", "NIST AU-9(2)")
def test_a_checkpoint_says_up_to_which_line_the_log_goes_and_others_can_verify_it(
    log: AccessLog, auditing: Auditing
) -> None:
    log.write(Act("rea@kern.example", "signed in"))
    made = auditing.checkpoints.make()
    newest = log.newest()
    assert newest is not None
    told = json.loads(made.as_line)
    assert (told["seq"], told["hash"], told["lines"], told["at"]) == (2, newest["hash"], 2, "2026-11-23T17:00:00Z")
    signature = base64.b64decode(told.pop("signature"))
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(auditing.checkpoints.signer.public_key))
    key.verify(signature, json.dumps(told, sort_keys=True, separators=(",", ":")).encode())


def test_it_counts_on_from_the_one_before(log: AccessLog, auditing: Auditing) -> None:
    made = [auditing.checkpoints.make() for _ in range(3)]
    assert [(one.seq, one.lines) for one in made] == [(1, 1), (2, 2), (3, 3)]
    assert auditing.checkpoints.all() == made
    assert auditing.verify().faults == ()


def test_none_is_made_of_a_log_that_ends_before_the_last(log: AccessLog, auditing: Auditing, tmp_path: Path) -> None:
    for _ in range(5):
        log.write(Act("rea@kern.example", "signed in"))
    auditing.checkpoints.make()
    [file] = (tmp_path / "access-log").iterdir()
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:2]))
    with pytest.raises(Damaged, match="before what the last checkpoint says"):
        auditing.checkpoints.make()


def test_two_machines_with_one_secret_sign_with_one_key(store: Store, log: AccessLog, clock: Clock) -> None:
    here, there, other = (Auditing(store, log, clock, secret).checkpoints.signer for secret in ("one", "one", "two"))
    assert here.public_key == there.public_key != other.public_key


def test_checkpoints_are_found_in_whatever_they_were_kept_in(auditing: Auditing) -> None:
    made = auditing.checkpoints.make()
    assert read(f"{made.as_line}\n") == [made]
    syslog = f"Nov 25 03:00:01 web third-party-access: access log checkpoint {made.as_line}\n"
    assert read(f"Nov 25 03:00:00 web cron: nothing\n{syslog}") == [made]
    for text in ("", "no checkpoint\n", made.as_line.replace('"seq"', '"sec"')):
        with pytest.raises(NoCheckpoint):
            read(text)


@pytest.mark.requirement("ASVS 16.4.3", "NIST AU-10", "NIST AU-9(2)")
def test_the_daily_work_makes_one_and_sends_it_to_file_mail_and_syslog(
    make_house: Callable[..., House], tmp_path: Path
) -> None:
    received = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    received.bind(("127.0.0.1", 0))
    received.settimeout(5)
    elsewhere = tmp_path / "elsewhere.jsonl"
    house = make_house(
        checkpoint_file=elsewhere,
        checkpoint_mail="auditor@state.example",
        checkpoint_syslog=f"udp://127.0.0.1:{received.getsockname()[1]}",
    )
    assert daily.run(house.portal).problems == ()
    [made] = house.portal.auditing.checkpoints.all()
    assert read(elsewhere.read_text()) == [made]
    message = received.recv(4096).decode()
    assert message.startswith("<86>third-party-access: access log checkpoint {")
    assert read(message) == [made]
    [mail] = [mail for mail in (house.portal.settings.data / "outbox").glob("*.eml") if "auditor@" in mail.read_text()]
    assert made.hash in mail.read_text()
    assert sending_checkpoints.send(house.portal) == []
    assert read(elsewhere.read_text()) == [made]
    received.close()


def test_over_tcp_and_a_unix_socket_it_arrives_too(make_house: Callable[..., House], tmp_path: Path) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    house = make_house(checkpoint_syslog=f"tcp://127.0.0.1:{listening.getsockname()[1]}")
    daily.run(house.portal)
    connection, _ = listening.accept()
    with connection, listening, connection.makefile() as lines:
        assert len(read(lines.readline())) == 1
    path = tmp_path / "log"
    local = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    local.bind(str(path))
    with local:
        other = make_house(name="other", checkpoint_syslog=f"unix:{path}")
        daily.run(other.portal)
        assert len(read(local.recv(4096).decode())) == 1


@pytest.mark.requirement("ASVS 16.4.3", "NIST AU-10", "NIST AU-9(2)")
def test_what_could_not_be_sent_is_said_and_sent_later(make_house: Callable[..., House], tmp_path: Path) -> None:
    away = tmp_path / "mount"
    house = make_house(checkpoint_file=away / "checkpoints", checkpoint_syslog="tcp://127.0.0.1:1")
    problems = daily.run(house.portal).problems
    assert [problem.partition(":")[0] for problem in problems] == [
        "the checkpoint at line 1 was not sent to the file",
        "the checkpoint at line 1 was not sent to the syslog",
    ]
    away.mkdir()
    assert len(sending_checkpoints.send(house.portal)) == 1
    assert read((away / "checkpoints").read_text()) == house.portal.auditing.checkpoints.all()


def test_the_commands_sign_print_and_verify(house: House, tmp_path: Path) -> None:
    signed = flask(house, "checkpoint")
    assert signed.exit_code == 0, signed.output
    kept = tmp_path / "kept.jsonl"
    kept.write_text(signed.output)
    assert house.portal.auditing.checkpoints.signer.public_key in flask(house, "checkpoint", "--public-key").output
    good = flask(house, "verify", "--checkpoints", kept)
    assert good.exit_code == 0, good.output
    log = max((house.portal.settings.data / "access-log").iterdir())
    whole = log.read_bytes()
    log.write_bytes(b"")
    bad = flask(house, "verify", "--checkpoints", kept)
    assert bad.exit_code == 1
    assert "access log, line" in bad.output
    log.write_bytes(whole)
    kept.write_text("nothing")
    assert flask(house, "verify", "--checkpoints", kept).exit_code == 2
    assert flask(house, "verify", "--checkpoints", tmp_path / "none").exit_code == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTAL_CHECKPOINT_MAIL", "nobody"),
        ("PORTAL_CHECKPOINT_MAIL", "a@b.example\nBcc: c@d.example"),
        ("PORTAL_CHECKPOINT_SYSLOG", "log.example"),
        ("PORTAL_CHECKPOINT_SYSLOG", "unix:log"),
        ("PORTAL_CHECKPOINT_SYSLOG", "udp://host:many"),
    ],
)
def test_a_place_that_is_none_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        Settings.from_environment({"PORTAL_DEMO": "on", name: value})
