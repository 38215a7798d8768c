"""Every setting of the portal, typed, read once from PORTAL_* variables.

Imports the standard library only. `create_app` takes a `Settings`; nothing else reads the environment.
"""

import math
import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

RANDOM = 'Give it a long random value, for instance from: python3 -c "import secrets; print(secrets.token_hex(32))"'

LEAST_CHARACTERS, LEAST_BITS = 32, 100.0
"""Of a secret: its length, and what its characters are worth at the most, in bits, however they came about."""

OBVIOUS = (
    "change",
    "secret",
    "password",
    "example",
    "default",
    "insecure",
    "portal",
    "third-party",
    "only-for",
    "qwerty",
)
"""What stands in secrets that somebody made up or copied from a page."""

OPENID = ("PORTAL_OPENID_ISSUER", "PORTAL_OPENID_CLIENT_ID", "PORTAL_OPENID_CLIENT_SECRET")

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class SettingError(ValueError):
    """A setting is missing or cannot be understood; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set, with its default. Each is described in README.md; a test holds the two together."""

    secret_key: str  # empty only in the demo, which makes and keeps its own
    data: Path = Path("data")
    store: str = "tinydb:"
    base_url: str = "http://127.0.0.1:8000"
    smtp: str | None = None
    demo: bool = False
    mail_from: str = "ccsasaccess@dcss.ca.gov"
    office_phone: str = ""
    mou_term_months: int = 36
    mou_term_from: str = "dcss"  # whose signature the term runs from: "dcss" or "requestor"
    holidays: Path | None = None  # a file that overrides the rules for California state holidays
    checkpoint_file: Path | None = None  # to which checkpoints of the access log are added
    checkpoint_mail: str = ""  # to whom they are mailed
    checkpoint_syslog: str = ""  # udp://host:port, tcp://host:port or unix:/path
    clamd: str = ""  # where ClamAV's clamd is: tcp://host:port or unix:/path
    trusted_proxies: int = 0  # how many proxies in front add X-Forwarded-For
    sign_in_tries: int = 10  # wrong passwords or codes for one address, then it waits
    sign_in_wait_minutes: int = 15
    session_idle_minutes: int = 30
    session_hours: int = 12
    openid_issuer: str = ""  # the department's own OpenID Connect provider; empty: passwords alone
    openid_client_id: str = ""
    openid_client_secret: str = ""
    openid_label: str = "the department’s sign-in"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """The settings that PORTAL_* variables give. Raises `SettingError`."""
        get = environment.get
        demo = _yes(get("PORTAL_DEMO", ""), "PORTAL_DEMO")
        secret_key = get("PORTAL_SECRET_KEY", "")
        if not secret_key and not demo:
            raise SettingError(f"PORTAL_SECRET_KEY is not set. {RANDOM}")
        if secret_key and not demo:
            _require_strong(secret_key)
        term_from = get("PORTAL_MOU_TERM_FROM", "dcss")
        if term_from not in ("dcss", "requestor"):
            raise SettingError("PORTAL_MOU_TERM_FROM is 'dcss' or 'requestor': whose signature the term runs from")
        holidays = get("PORTAL_HOLIDAYS")
        return cls(
            secret_key=secret_key,
            data=Path(get("PORTAL_DATA", "data")),
            store=get("PORTAL_STORE", "tinydb:"),
            base_url=_base_url(get("PORTAL_BASE_URL", "http://127.0.0.1:8000").rstrip("/"), demo),
            smtp=get("PORTAL_SMTP") or None,
            demo=demo,
            mail_from=get("PORTAL_MAIL_FROM", "ccsasaccess@dcss.ca.gov"),
            office_phone=get("PORTAL_OFFICE_PHONE", ""),
            mou_term_months=_number(get("PORTAL_MOU_TERM_MONTHS", "36"), "PORTAL_MOU_TERM_MONTHS"),
            mou_term_from=term_from,
            holidays=Path(holidays) if holidays else None,
            checkpoint_file=Path(get("PORTAL_CHECKPOINT_FILE", "")) if get("PORTAL_CHECKPOINT_FILE") else None,
            checkpoint_mail=_address(get("PORTAL_CHECKPOINT_MAIL", "")),
            checkpoint_syslog=_syslog(get("PORTAL_CHECKPOINT_SYSLOG", "")),
            clamd=_clamd(get("PORTAL_CLAMD", "")),
            trusted_proxies=_number(get("PORTAL_TRUSTED_PROXIES", "0"), "PORTAL_TRUSTED_PROXIES"),
            sign_in_tries=_between(3, 100, get("PORTAL_SIGN_IN_TRIES", "10"), "PORTAL_SIGN_IN_TRIES"),
            sign_in_wait_minutes=_between(
                1, 1440, get("PORTAL_SIGN_IN_WAIT_MINUTES", "15"), "PORTAL_SIGN_IN_WAIT_MINUTES"
            ),
            session_idle_minutes=_between(
                5, 60, get("PORTAL_SESSION_IDLE_MINUTES", "30"), "PORTAL_SESSION_IDLE_MINUTES"
            ),
            session_hours=_between(1, 24, get("PORTAL_SESSION_HOURS", "12"), "PORTAL_SESSION_HOURS"),
            openid_issuer=_issuer(get),
            openid_client_id=get("PORTAL_OPENID_CLIENT_ID", ""),
            openid_client_secret=get("PORTAL_OPENID_CLIENT_SECRET", ""),
            openid_label=get("PORTAL_OPENID_LABEL") or "the department’s sign-in",
        )


def _yes(value: str, name: str) -> bool:
    words = {"": False, "0": False, "off": False, "no": False, "1": True, "on": True, "yes": True}
    try:
        return words[value.lower()]
    except KeyError:
        raise SettingError(f"{name} is 'on' or 'off', not {value!r}") from None


def _issuer(get: Callable[..., str | None]) -> str:
    """The provider's name for itself, if one is set: whole, with what the portal is there, and over https."""
    given = {name: get(name) or "" for name in OPENID}
    if not any(given.values()):
        return ""
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise SettingError(f"{' and '.join(missing)}: needed to sign in through the provider, with the other two")
    issuer = given[OPENID[0]]
    place = urlsplit(issuer)
    if not place.hostname or (place.scheme != "https" and place.hostname not in LOOPBACK) or place.query:
        raise SettingError(f"{OPENID[0]} is like https://login.example.ca.gov, not {issuer!r}")
    return issuer


def _require_strong(secret: str) -> None:
    """Returns when the secret may be a random one. Raises `SettingError`, which does not repeat it."""
    counts = Counter(secret)
    bits = -sum(count * math.log2(count / len(secret)) for count in counts.values())
    in_a_row = sum(abs(ord(one) - ord(other)) <= 1 for one, other in pairwise(secret))
    weak = (
        f"is too short: {LEAST_CHARACTERS} characters at least"
        if len(secret) < LEAST_CHARACTERS
        else "repeats itself, or is made of too few characters"
        if bits < LEAST_BITS or secret in (secret * 2)[1:-1] or in_a_row > len(secret) / 2
        else "holds a word that people make up secrets of"
        if any(word in secret.casefold() for word in OBVIOUS)
        else ""
    )
    if weak:
        raise SettingError(f"PORTAL_SECRET_KEY {weak}. {RANDOM}")


def _base_url(value: str, demo: bool) -> str:
    """The address without a slash at its end: https, save on this very machine and in the demo."""
    try:
        place = urlsplit(value)
        whole = place.scheme in ("http", "https") and place.hostname and (place.port is None or place.port > 0)
    except ValueError:
        whole = False
    if not whole or place.path or place.query or place.fragment or "@" in place.netloc or not value.isprintable():
        raise SettingError(f"PORTAL_BASE_URL is like https://portal.example.ca.gov, not {value!r}")
    if place.scheme != "https" and place.hostname not in LOOPBACK and not demo:
        raise SettingError(
            "PORTAL_BASE_URL begins with https: outside the demo: over http anybody on the way reads along"
        )
    return value


def _address(value: str) -> str:
    if value and ("@" not in value.strip("@") or not value.isprintable() or " " in value):
        raise SettingError(f"PORTAL_CHECKPOINT_MAIL is an email address, not {value!r}")
    return value


def _syslog(value: str) -> str:
    try:
        place = urlsplit(value)
        whole = (place.scheme in ("udp", "tcp") and place.hostname and (place.port or 514)) or (
            place.scheme == "unix" and not place.netloc and place.path.startswith("/")
        )
    except ValueError:
        whole = False
    if value and not whole:
        raise SettingError(
            f"PORTAL_CHECKPOINT_SYSLOG is like udp://log.example.ca.gov:514, or unix:/dev/log, not {value!r}"
        )
    return value


def _clamd(value: str) -> str:
    try:
        place = urlsplit(value)
        whole = (place.scheme == "tcp" and place.hostname and place.port) or (
            place.scheme == "unix" and not place.netloc and place.path.startswith("/")
        )
    except ValueError:
        whole = False
    if value and not whole:
        raise SettingError(f"PORTAL_CLAMD is like tcp://127.0.0.1:3310 or unix:/run/clamav/clamd.ctl, not {value!r}")
    return value


def _number(value: str, name: str) -> int:
    if not value.isdecimal():
        raise SettingError(f"{name} is a whole number, not {value!r}")
    return int(value)


def _between(least: int, most: int, value: str, name: str) -> int:
    number = _number(value, name)
    if not least <= number <= most:
        raise SettingError(f"{name} is a whole number from {least} to {most}, not {value!r}")
    return number
