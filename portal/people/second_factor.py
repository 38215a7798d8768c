"""The second factor: codes of six digits from an app [O8.2], and recovery codes for when the phone is gone."""

import base64
import hashlib
import hmac
import io
import re
import secrets
from datetime import datetime

import pyotp
import segno

from portal.people.person import Person

ISSUER = "Third Party Access"
SECONDS = 30
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another


def keyed(secret_key: str, *parts: str) -> bytes:
    """A digest of these words that only one who has the portal's secret key can make."""
    return hmac.new(secret_key.encode(), "\x00".join(parts).encode(), hashlib.sha256).digest()


def secret_to_enrol(secret_key: str, person: Person) -> str:
    """The secret that this person's next enrolment sets up, in base32.

    Worked out, not kept: looking at the page changes nothing. Each enrolment has another secret, because the one
    before goes into it.
    """
    digest = keyed(secret_key, "second factor", person.email, person.password_hash, person.totp_secret)
    return base64.b32encode(digest[:20]).decode()


def qr_code(secret: str, email: str) -> bytes:
    """The secret as an SVG picture that an authenticator app reads."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)
    picture = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(
        picture, kind="svg", scale=5, border=4, light="#ffffff", title="QR code for your authenticator app"
    )
    return picture.getvalue()


def matching_time_step(secret: str, code: str, now: datetime) -> int | None:
    """Which 30 seconds the code belongs to, when these, the ones before or the ones after; else None."""
    digits = re.sub(r"\s", "", code)
    if not (digits.isascii() and digits.isdecimal()):
        return None
    current, codes = int(now.timestamp()) // SECONDS, pyotp.TOTP(secret)
    for step in (current, current - 1, current + 1):
        if hmac.compare_digest(codes.generate_otp(step), digits):
            return step
    return None


def new_recovery_codes() -> tuple[str, ...]:
    """Codes of twelve letters and digits, each good once in place of an app's code."""
    words = ("".join(secrets.choice(_LETTERS) for _ in range(12)) for _ in range(RECOVERY_CODES))
    return tuple("-".join(re.findall("....", word)) for word in words)


def hash_recovery_code(secret_key: str, email: str, code: str) -> str:
    """What is kept of a recovery code: 59 random bits, keyed, need no slow hash. Spaces, dashes, case do not count."""
    return keyed(secret_key, "recovery code", email, re.sub(r"[\s-]", "", code).lower()).hex()
