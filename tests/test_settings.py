"""The portal does not start with settings that would leave it open."""

import secrets
import string
import uuid
from pathlib import Path

import pytest

from portal import create_app
from portal.settings import SettingError, Settings

STRONG = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def settings(**variables: str) -> Settings:
    return Settings.from_environment({"PORTAL_SECRET_KEY": STRONG, **variables})


WEAK = {
    "none": "",
    "short": "4f6d0f2a9c",
    "31 characters": secrets.token_hex(16)[:31],
    "one letter": "x" * 64,
    "two letters": "ab" * 32,
    "a word many times": "horse battery " * 6,
    "the alphabet": string.ascii_letters,
    "digits in a row": "0123456789" * 3 + "01234",
    "a word to be changed": "changeme-changeme-please-changeme-now",
    "the word in the middle": f"{secrets.token_hex(12)}-ChangeMe-{secrets.token_hex(12)}",
    "a password": "MyLongPassword-for-the-County-2026!",
    "the portal's own name": "third-party-access-of-kern-county-x7",
    "an example": "example-9f86d081884c7d659a2feaa0c55ad0",
    "spaces": " " * 80,
}


@pytest.mark.requirement("NIST CM-6", "NIST SC-12")
@pytest.mark.process("O8.2")
@pytest.mark.parametrize("what", WEAK)
def test_a_weak_secret_does_not_start_the_portal_and_is_not_repeated(what: str) -> None:
    with pytest.raises(SettingError, match="PORTAL_SECRET_KEY") as refused:
        settings(PORTAL_SECRET_KEY=WEAK[what])
    assert "secrets.token_hex(32)" in str(refused.value)
    assert not WEAK[what] or WEAK[what] not in str(refused.value)


def test_a_random_secret_starts_it_however_it_was_made() -> None:
    for make in (lambda: secrets.token_hex(32), lambda: secrets.token_urlsafe(32), lambda: secrets.token_hex(16)):
        for _ in range(200):
            secret = make()
            assert settings(PORTAL_SECRET_KEY=secret).secret_key == secret
    assert settings(PORTAL_SECRET_KEY=f"{uuid.uuid4()}-{uuid.uuid4()}")


def test_the_demo_needs_no_secret() -> None:
    assert Settings.from_environment({"PORTAL_DEMO": "on"}).demo
    assert Settings.from_environment({"PORTAL_DEMO": "on", "PORTAL_SECRET_KEY": "anything"}).secret_key == "anything"


@pytest.mark.requirement("NIST SC-8")
@pytest.mark.parametrize("given", ["http://portal.example.ca.gov", "http://10.0.0.5:8000", "http://localhost.example"])
def test_outside_the_demo_the_portal_is_reached_over_https(given: str) -> None:
    with pytest.raises(SettingError, match="https"):
        settings(PORTAL_BASE_URL=given)
    assert settings(PORTAL_BASE_URL=given, PORTAL_DEMO="on").base_url == given


@pytest.mark.parametrize("given", ["http://127.0.0.1:8000", "http://localhost:8123", "http://[::1]:8000"])
def test_on_this_machine_http_will_do(given: str) -> None:
    assert settings(PORTAL_BASE_URL=given).base_url == given


@pytest.mark.parametrize(
    "given",
    ["portal.example", "ftp://portal.example", "https://", "https://a:b@portal.example", "https://portal.example/x",
     "https://portal.example?x", "https://portal.example:port", "https://portal.example\r\nX: y", "javascript:alert(1)"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(SettingError, match="PORTAL_BASE_URL"):
        settings(PORTAL_BASE_URL=given)


@pytest.mark.parametrize(
    "given", ["127.0.0.1:3310", "tcp://127.0.0.1", "unix:clamd.ctl", "http://127.0.0.1:3310", "tcp://:x"]
)
def test_a_scanner_that_cannot_be_reached_so_is_refused(given: str) -> None:
    with pytest.raises(SettingError, match="PORTAL_CLAMD"):
        settings(PORTAL_CLAMD=given)


def test_a_scanner_is_a_port_or_a_socket() -> None:
    for given in ("tcp://127.0.0.1:3310", "unix:/run/clamav/clamd.ctl", ""):
        assert settings(PORTAL_CLAMD=given).clamd == given


@pytest.mark.requirement("ASVS 13.4.2", "NIST CM-6")
def test_the_portal_does_not_start_in_debug_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with pytest.raises(SettingError, match="FLASK_DEBUG"):
        create_app(Settings(secret_key=STRONG, data=tmp_path), background=False)
