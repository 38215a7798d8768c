"""The versions of the MOU's text: which agreements are signed in which, and the campaign to have a new one signed.

A version is a Word template, known by its SHA-256, and by the name that the Process Manager gives it. While a campaign
runs, each agreement in force in another text is sent the new one by itself, once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal import actions, letters_of_steps
from portal.audit import Act
from portal.letters import LetterError
from portal.parts import Portal
from portal.process.document import Json
from portal.process.errors import OutOfDate, OutOfTurn
from portal.process.open_tasks import opening
from portal.process.step import BY_ITSELF, Actor, Process
from portal.process.third_party_access.mou_versions import (
    OFFERED_IN_TEXT,
    SIGNED_IN_TEXT,
    offered_text,
    signed_text,
)
from portal.process.third_party_access.term import APPROVED
from portal.store.errors import Conflict, Damaged, NotFound
from portal.store.port import Search

MOU = "mou"
CAMPAIGNS, ALL = "mou-campaigns", "all"
"""The record of every campaign, the newest last."""


class CampaignRefused(ValueError):
    """Why a campaign can't be started or ended now, in a sentence."""


@dataclass(frozen=True, slots=True)
class Version:
    """One text of the MOU. `signed` are the agreements in force in it, `offered` those that wait to be signed in it;
    `first_used_on` is None before it was sent to anybody.
    """

    sha256: str
    name: str
    first_used_on: date | None
    signed: int
    offered: int
    is_todays: bool


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign: to have which text signed, why, since when, by whom; and until when."""

    text_sha256: str
    reason: str
    started_on: date
    started_by: str
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How agreements stand: the versions, the newest first; how many are in force, and in a text that is not known."""

    versions: tuple[Version, ...]
    in_force: int
    campaign: Campaign | None

    @property
    def unknown(self) -> int:
        """Agreements that were signed before texts were kept."""
        return max(0, self.in_force - sum(one.signed for one in self.versions))

    @property
    def todays(self) -> Version:
        """The text that is sent today."""
        return next(one for one in self.versions if one.is_todays)

    @property
    def behind(self) -> int:
        """Agreements in force in another text than today's."""
        return max(0, self.in_force - self.todays.signed)

    @property
    def to_be_offered(self) -> int:
        """Those of them to whom today's text was not sent yet."""
        return max(0, self.behind - self.todays.offered)

    def name_of(self, sha256: str) -> str:
        """What a text is called."""
        return next((one.name for one in self.versions if one.sha256 == sha256), "Not known")


def standing(portal: Portal) -> Standing:
    """How the agreements in force stand, from what the store adds up: no document is opened."""
    todays = letters_of_steps.text_today(portal, MOU)
    known: dict[str, Json] = {
        key: one for key, one in portal.store.records(letters_of_steps.TEXTS) if one["letter"] == MOU
    }
    texts = {todays: {}, **known}
    signed = {text: portal.store.held(f"{SIGNED_IN_TEXT}/{text}") for text in texts}
    offered = {text: portal.store.held(f"{OFFERED_IN_TEXT}/{text}") for text in texts}
    versions = [_version(text, one, signed[text], offered[text], text == todays) for text, one in texts.items()]
    versions.sort(key=lambda one: (one.first_used_on or date.max, one.sha256), reverse=True)
    counts = portal.store.count_by_status(Search(process=portal.process.key, statuses=APPROVED))
    return Standing(tuple(versions), sum(counts.values()), running(portal))


def _version(text: str, record: Json, signed: int, offered: int, is_todays: bool) -> Version:
    first = date.fromisoformat(record["first_used_on"]) if record else None
    name = record.get("name") or (f"Text of {first:%B} {first.day}, {first.year}" if first else "New text")
    return Version(text, name, first, signed, offered, is_todays)


def name_text(portal: Portal, sha256: str, name: str, act: Act) -> None:
    """Gives a text of the MOU its name. Raises `NotFound`, `Unavailable`."""
    record = portal.store.get_record(letters_of_steps.TEXTS, sha256)
    if record is None or record["letter"] != MOU:
        raise NotFound(letters_of_steps.TEXTS, sha256)
    with portal.log.carrying_out(act):
        portal.store.put_record(letters_of_steps.TEXTS, sha256, {**record, "name": name}, record["revision"])


def running(portal: Portal) -> Campaign | None:
    """The campaign that runs, if one does."""
    newest = next(reversed(_all(portal)["campaigns"]), None)
    campaign = _campaign(newest) if newest else None
    return campaign if campaign and campaign.ended_on is None else None


def start(portal: Portal, actor: Actor, reason: str, act: Act) -> None:
    """Starts a campaign to have today's text signed. Raises `CampaignRefused`, `Conflict`, `Unavailable`."""
    now = standing(portal)
    if now.campaign is not None:
        raise CampaignRefused("A campaign runs already. End it before you start another.")
    if not now.behind:
        raise CampaignRefused("Every agreement in force is signed in this text already.")
    new = {
        "text_sha256": now.todays.sha256,
        "reason": reason,
        "started_on": portal.today.isoformat(),
        "started_by": actor.name,
        "ended_on": None,
    }
    kept = _all(portal)
    with portal.log.carrying_out(act):
        portal.store.put_record(CAMPAIGNS, ALL, {"campaigns": [*kept["campaigns"], new]}, kept["revision"])


def end(portal: Portal, act: Act) -> None:
    """Ends the campaign that runs: nobody is sent the text by itself any more. Raises `CampaignRefused`, `Conflict`."""
    kept = _all(portal)
    if running(portal) is None:
        raise CampaignRefused("No campaign runs.")
    *before, newest = kept["campaigns"]
    ended = {**newest, "ended_on": portal.today.isoformat()}
    with portal.log.carrying_out(act):
        portal.store.put_record(CAMPAIGNS, ALL, {"campaigns": [*before, ended]}, kept["revision"])


def send_what_is_due(portal: Portal) -> tuple[list[str], list[str]]:
    """Sends the campaign's text to every agreement in force that was not sent it yet: what was taken, and what could
    not be.

    Documents are walked only while some are left to be sent it.
    """
    now = standing(portal)
    if now.campaign is None or not now.to_be_offered:
        return [], []
    if now.campaign.text_sha256 != now.todays.sha256:
        return [], ["the MOU's text has changed since the campaign began: end the campaign, and start another"]
    taken: list[str] = []
    problems: list[str] = []
    search = Search(process=portal.process.key, statuses=APPROVED)
    for document in portal.store.every(search):
        if not _is_due(portal.process, document, now.todays.sha256):
            continue
        try:
            actions.take(portal, document["id"], "offer-mou", BY_ITSELF, {}, document["version"])
            taken.append(f"{document['id']} offer-mou")
        except (OutOfTurn, OutOfDate, Conflict, NotFound):
            continue  # somebody was there meanwhile: the next run looks again
        except (LetterError, Damaged) as error:
            problems.append(f"{document['id']} offer-mou: {error}")
    return taken, problems


def _is_due(process: Process, document: Json, text: str) -> bool:
    """Whether it is signed in another text, was not sent this one, and can be."""
    is_open = opening(process, process.step("offer-mou"), document) is not None
    return is_open and text not in (signed_text(document), offered_text(document))


def _all(portal: Portal) -> dict[str, Any]:
    return portal.store.get_record(CAMPAIGNS, ALL) or {"campaigns": [], "revision": 0}


def _campaign(record: Json) -> Campaign:
    ended_on = date.fromisoformat(record["ended_on"]) if record["ended_on"] else None
    return Campaign(
        record["text_sha256"],
        record["reason"],
        date.fromisoformat(record["started_on"]),
        record["started_by"],
        ended_on,
    )


def campaigns(portal: Portal) -> Iterator[Campaign]:
    """Every campaign, the newest first."""
    return map(_campaign, reversed(_all(portal)["campaigns"]))
