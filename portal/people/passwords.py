"""Passwords: which are good enough, and how they are kept.

Argon2id with 19 MiB, two passes and one lane: 25 ms here. What is kept is a hash that says with which parameters it
was made, so that they can be raised: the next sign-in makes a new one.
"""

import re
import unicodedata
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from portal.people.errors import PasswordRefused

SHORTEST, LONGEST = 12, 256

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_OBVIOUS = frozenset(
    (
        *("password", "passphrase", "passcode", "letmein", "welcome", "changeme", "iloveyou", "trustno", "trustme"),
        *("monkey", "dragon", "baseball", "football", "sunshine", "princess", "superman", "summer", "winter", "spring"),
        *("secret", "default", "temporary", "administrator", "access", "portal", "autumn", "qwerty"),
        *("california", "sacramento", "government", "department", "county", "childsupport", "childsupportservices"),
        *("thirdparty", "thirdpartyaccess", "thirdpartyportal", "correcthorsebatterystaple"),
    )
)
_ROWS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
)
_LOOKS = str.maketrans("013457$@!", "oieastsai")


def _normal(password: str) -> str:
    # The same characters can be typed as different code points, by keyboard and system.
    return unicodedata.normalize("NFKC", password)


def require_good(password: str, email: str, name: str = "") -> None:
    """Returns when the password is good enough for this account. Raises `PasswordRefused`, which says what is wrong."""
    plain = _normal(password)
    if len(plain) < SHORTEST:
        raise PasswordRefused(f"Make it {SHORTEST} characters or longer. Several words in a row are easy to remember.")
    if len(plain) > LONGEST:
        raise PasswordRefused(f"Make it {LONGEST} characters or shorter.")
    folded = plain.casefold()
    own = [
        email.casefold(),
        email.split("@")[0].casefold(),
        *(word for word in re.split(r"\W+", name.casefold()) if len(word) > 2),
    ]
    if any(len(word) > 2 and word in folded for word in own) and len(_without(folded, own)) < SHORTEST - 4:
        raise PasswordRefused(
            "It is made of your name or your email address. Choose something that others do not know."
        )
    if _is_obvious(folded):
        raise PasswordRefused("It is among the first that somebody would guess. Choose something else.")


def _without(text: str, words: list[str]) -> str:
    for word in words:
        if len(word) > 2:
            text = text.replace(word, "")
    return text


def _is_obvious(folded: str) -> bool:
    if len(set(folded)) < 5:
        return True
    letters = re.sub(r"[\W_]", "", folded)
    if any(_runs_through(letters, row) for row in _ROWS):
        return True
    half = letters[: len(letters) // 2]
    if len(half) < 8 and letters == half * 2:
        return True
    # As it is; with digits and signs read as the letters that they look like; the same without what was put at the end.
    as_typed = (folded, folded.translate(_LOOKS), re.sub(r"[\W\d_]+$", "", folded).translate(_LOOKS))
    stems = {re.sub(r"[^a-z]", "", words) for words in as_typed}
    return any(stem in _OBVIOUS or _twice_obvious(stem) for stem in stems)


def _runs_through(letters: str, row: str) -> bool:
    """Whether the whole is nothing but steps along a row of the keyboard or the alphabet."""
    pairs = list(pairwise(letters))
    steps = sum(first + second in row or second + first in row for first, second in pairs)
    return len(pairs) - steps <= 1


def _twice_obvious(stem: str) -> bool:
    return any(stem[:cut] in _OBVIOUS and stem[cut:] in _OBVIOUS for cut in range(3, len(stem) - 2))


def hash_password(password: str) -> str:
    """The hash to keep."""
    return _HASHER.hash(_normal(password))


NOBODYS_HASH = hash_password("nobody has this password")
"""Checked when there is no account, so that the answer takes as long as with one."""


def matches(password_hash: str, password: str) -> bool:
    """Whether this is the password; an account without one matches none, in the same time."""
    if len(password) > LONGEST * 4:
        return False
    try:
        _HASHER.verify(password_hash or NOBODYS_HASH, _normal(password))
    except (VerifyMismatchError, InvalidHashError):
        return False
    return bool(password_hash)


def is_dated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)
