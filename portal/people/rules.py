"""What people are told before anything opens: that use is monitored, the rules, and the penalties [O8.2].

The notice stands above every way of signing in, and signing in acknowledges it. The rules are confirmed once a year,
and again whenever their wording changes: what was confirmed is known by the wording's SHA-256. Whoever changes a
wording gives it another version.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from portal.people.errors import PeopleError

GOOD_FOR = timedelta(days=365)
"""How long a confirmation holds."""

WARNED_BEFORE = timedelta(days=30)
"""From so long before its end, the inbox asks for the next one."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Words that people acknowledge, part by part, and the version by which they are called."""

    version: str
    parts: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """The whole, as it is kept for whoever asks later what was confirmed."""
        return "\n\n".join([f"Version {self.version}", *(words for _, words in self.parts)]) + "\n"

    @property
    def sha256(self) -> str:
        """The checksum of the text in UTF-8: 64 hexadecimal digits."""
        return _checksum(self)


@lru_cache(maxsize=16)  # each page asks whether these rules are the ones that were confirmed
def _checksum(wording: Wording) -> str:
    return hashlib.sha256(wording.text.encode()).hexdigest()


NOTICE = Wording(
    "2026-11",
    (
        (
            "monitored",
            "This is a system of the State of California, for people who were given an account and for their "
            "work on access to the Child Support Enforcement system. Use is monitored and recorded: who, when, "
            "from where, what was read, done or tried. There is no privacy in using it. The record is reviewed, "
            "and is given to those who investigate.",
        ),
        (
            "penalties",
            "Access without authority, or beyond it, and disclosure of confidential information are forbidden. "
            "They can lead to administrative penalties up to and including dismissal; to prosecution, fine and "
            "imprisonment under Internal Revenue Code sections 7213 and 7213A and California Penal Code section "
            "502; and to civil damages under Internal Revenue Code section 7431.",
        ),
    ),
)
"""What whoever signs in acknowledges by it."""

RULES = Wording(
    "2026-11",
    (
        (
            "own_work",
            "I use the portal for my own work on third party access alone, and look at no record that my work "
            "does not need. Nobody else uses my account: I keep my password, my second factor and my recovery "
            "codes to myself.",
        ),
        (
            "confidential",
            "Information about the people in child support cases is confidential (42 U.S.C. 654(26), 45 CFR "
            "303.21, California Family Code section 17212). Federal tax information is protected by section "
            "6103 of the Internal Revenue Code. I put neither into the portal: no names of case participants, "
            "no social security numbers, no tax information.",
        ),
        (
            "report",
            "I report at once to the Information Security Officer when I see or suspect that somebody uses an "
            "account, a record or the Child Support Enforcement system without authority, or that something "
            "confidential was disclosed.",
        ),
        (
            "monitored",
            "I know that my use is monitored and recorded, that the record is reviewed, and that I can see what "
            "was done in my name on the page of my account.",
        ),
        (
            "administrative",
            "I was told the administrative penalties: unauthorized access to confidential data, or its "
            "disclosure, leads to discipline up to and including dismissal from employment, and to the end of "
            "my access.",
        ),
        (
            "criminal",
            "I was told the criminal penalties. Disclosing federal tax information without authority is a "
            "felony: a fine of up to $5,000, up to five years in prison, or both, and the costs of prosecution "
            "(Internal Revenue Code section 7213). Looking at it without authority: a fine of up to $1,000, up "
            "to one year in prison, or both, and the costs of prosecution (section 7213A). Access to computers "
            "and data without permission: fine and imprisonment (California Penal Code section 502).",
        ),
        (
            "civil",
            "I was told the civil damages: whoever's tax information was looked at or disclosed without "
            "authority may sue, for $1,000 for each act or the actual damages, whichever is more, with punitive "
            "damages where it was done willfully or through gross negligence, and the costs (Internal Revenue "
            "Code section 7431).",
        ),
    ),
)
"""What everybody confirms once a year, each part by itself."""


class NotConfirmed(PeopleError):
    """A part of the rules was left out, or the name is not the person's; `fields` names what and why."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__("Every part has to be confirmed, with your name.")
        self.fields = fields


@dataclass(frozen=True, slots=True)
class Confirmation:
    """That somebody confirmed a wording, when, and the name that they typed for it."""

    at: datetime
    version: str
    sha256: str
    name: str

    @property
    def good_until(self) -> datetime:
        """When it has to be given anew, if the wording stays the same."""
        return self.at + GOOD_FOR


def to_confirm(words: str) -> str:
    """What to do about a part that was left out, by its first words."""
    return f"Confirm “{' '.join(words.split()[:6])} …”"


def require_confirmed(ticked: set[str], typed_name: str, name: str, wording: Wording = RULES) -> None:
    """Returns when every part is ticked and the name is the person's, in any case. Raises `NotConfirmed`."""
    wrong = {key: to_confirm(words) for key, words in wording.parts if key not in ticked}
    if " ".join(typed_name.split()).casefold() != " ".join(name.split()).casefold():
        wrong["name"] = f"Enter your name as your account has it: {name}."
    if wrong:
        raise NotConfirmed(wrong)


def until(confirmations: tuple[Confirmation, ...], wording: Wording = RULES) -> datetime | None:
    """Until when what was confirmed holds; None when this wording never was."""
    of_this = [one.good_until for one in confirmations if one.sha256 == wording.sha256]
    return max(of_this, default=None)
