"""Every setting of the portal, typed, read once from PORTAL_* variables.

Imports the standard library only. `create_app` takes a `Settings`; nothing else reads the environment.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


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
    clamd: str = ""  # where ClamAV's clamd is: tcp://host:port or unix:/path
    trusted_proxies: int = 0  # how many proxies in front add X-Forwarded-For
    sign_in_tries: int = 10  # wrong passwords or codes for one address, then it waits
    sign_in_wait_minutes: int = 15
    session_idle_minutes: int = 30
    session_hours: int = 12

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """The settings that PORTAL_* variables give. Raises `SettingError`."""
        get = environment.get
        demo = _yes(get("PORTAL_DEMO", ""), "PORTAL_DEMO")
        secret_key = get("PORTAL_SECRET_KEY", "")
        if not secret_key and not demo:
            raise SettingError(
                "PORTAL_SECRET_KEY is not set. Give it a long random value, for instance from: "
                'python3 -c "import secrets; print(secrets.token_hex(32))"'
            )
        if secret_key and len(secret_key) < 16:
            raise SettingError("PORTAL_SECRET_KEY is too short: 16 characters at least")
        term_from = get("PORTAL_MOU_TERM_FROM", "dcss")
        if term_from not in ("dcss", "requestor"):
            raise SettingError("PORTAL_MOU_TERM_FROM is 'dcss' or 'requestor': whose signature the term runs from")
        holidays = get("PORTAL_HOLIDAYS")
        return cls(
            secret_key=secret_key,
            data=Path(get("PORTAL_DATA", "data")),
            store=get("PORTAL_STORE", "tinydb:"),
            base_url=get("PORTAL_BASE_URL", "http://127.0.0.1:8000").rstrip("/"),
            smtp=get("PORTAL_SMTP") or None,
            demo=demo,
            mail_from=get("PORTAL_MAIL_FROM", "ccsasaccess@dcss.ca.gov"),
            office_phone=get("PORTAL_OFFICE_PHONE", ""),
            mou_term_months=_number(get("PORTAL_MOU_TERM_MONTHS", "36"), "PORTAL_MOU_TERM_MONTHS"),
            mou_term_from=term_from,
            holidays=Path(holidays) if holidays else None,
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
        )


def _yes(value: str, name: str) -> bool:
    words = {"": False, "0": False, "off": False, "no": False, "1": True, "on": True, "yes": True}
    try:
        return words[value.lower()]
    except KeyError:
        raise SettingError(f"{name} is 'on' or 'off', not {value!r}") from None


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
