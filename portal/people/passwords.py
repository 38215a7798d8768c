"""Passwords: which are good enough, and how they are kept [NIST SP 800-63B, 3.1.1.2].

Eight characters at least, fifteen recommended; of any script, spaces and all; no rules of composition, no rotation.
Refused is what would be guessed: common passwords, words, names, dates and rows of keys, as zxcvbn knows them, and
whatever is made of the portal's own words, the counties' or the person's.

Argon2id with 19 MiB, two passes and one lane: 25 ms here. What is kept is a hash that says with which parameters it
was made, so that they can be raised: the next sign-in makes a new one.
"""

import re
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from portal.people.errors import PasswordRefused
from portal.process.third_party_access.reference import LCSAS

SHORTEST, RECOMMENDED, LONGEST = 8, 15, 256
GUESSES = 10**8
"""What a password must stand: far more than the tries that a lock-out lets through in a lifetime."""

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_OWN = (
    *("third", "party", "access", "portal", "dcss", "ccsas", "child", "support", "services", "enforcement", "system"),
    *(
        "department",
        "california",
        "county",
        "state",
        "government",
        "welfare",
        "lcsa",
        "cse",
        "iv-a",
        "iv-e",
        "iva",
        "ive",
    ),
    *("application", "agreement", "memorandum", "understanding", "matrix", "director", "coordinator", "requestor"),
    *("legal", "manager", "owner", "administrator", "admin", "password", "passphrase", "login", "welcome"),
    *("letmein", "changeme", "correcthorsebatterystaple"),
)
"""Words of the portal, and those that everybody tries first besides."""

_LOOKS = str.maketrans("013457$@!", "oieastsai")
_LEFT = 6
"""So many letters must be there besides such words."""


def _normal(password: str) -> str:
    # The same characters can be typed as different code points, by keyboard and system.
    return unicodedata.normalize("NFKC", password)


def require_good(password: str, email: str, name: str = "", organizations: tuple[str, ...] = ()) -> None:
    """Returns when the password is good enough for this account. Raises `PasswordRefused`, which says what is wrong."""
    plain = _normal(password)
    if len(plain) < SHORTEST:
        raise PasswordRefused(f"Make it {SHORTEST} characters or longer; {RECOMMENDED} or more are better.")
    if len(plain) > LONGEST:
        raise PasswordRefused(f"Make it {LONGEST} characters or shorter.")
    persons = _words(email, email.split("@")[0], name)
    if _is_made_of(plain, persons):
        raise PasswordRefused("It is made of your name or your email address. Choose what others do not know.")
    own = _words(*_OWN, *LCSAS, *organizations) | persons
    if _is_made_of(plain, own):
        raise PasswordRefused("It is made of words that anybody would try here. Choose others, and more of them.")
    if _guesses(plain, own) < GUESSES:
        raise PasswordRefused(
            "It is among the first that somebody would guess. Several words in a row that do not belong together are "
            "easy to remember and hard to guess."
        )


def _words(*texts: str) -> set[str]:
    """The texts and the words in them, of three letters or more, in small letters."""
    found = {text.casefold() for text in texts}
    found |= {word for text in found for word in re.split(r"[\W_]+", text)}
    return {word for word in found if len(word) > 2}


def _is_made_of(plain: str, words: set[str]) -> bool:
    """Whether little is left without these words, as they are typed or with digits and signs read as letters."""
    longest_first = sorted(words, key=len, reverse=True)
    for text in (plain.casefold(), plain.casefold().translate(_LOOKS)):
        left = text
        for word in longest_first:
            left = left.replace(word, "")
        if left != text and sum(letter.isalpha() for letter in left) < _LEFT:
            return True
    return False


def _guesses(plain: str, words: set[str]) -> float:
    """How many guesses it stands, judged by its beginning.

    A long text full of signs that look like letters would keep zxcvbn busy for seconds: a shorter beginning then.
    """
    from zxcvbn import zxcvbn  # its lists of words are read when the first password is chosen, not at each start

    beginning = plain[:24]
    if len(set(beginning) & set("4@8({[<369&#!1/|0$5+7%2")) > 8:
        beginning = plain[:12]
    return float(zxcvbn(beginning, user_inputs=sorted(words))["guesses"])


def hash_password(password: str) -> str:
    """The hash to keep."""
    return _HASHER.hash(_normal(password))


NOBODYS_HASH = "$argon2id$v=19$m=19456,t=2,p=1$V7GDfl1J3zUH4DCx9LjnLA$AJC8G5WfO+JK5iUh7XxaiijMeP9Oe3EEfes/J56K0Cc"
"""Checked when there is no account, so that the answer takes as long as with one; no password is taken for it. It has
today's parameters, and is written down because making one would delay each start.
"""


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
