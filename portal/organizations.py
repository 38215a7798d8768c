"""What is an organization's rather than one application's: its applications, and its open audit findings.

An organization is known by its LCSA and its name, as the scope of a Requestor is. Its agreement is renewed by another
application, so that over the years it has several.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from portal.parts import Portal
from portal.process.document import Json
from portal.process.third_party_access.findings import open_findings, open_key
from portal.store.port import Scope, Search

AT_MOST = 200
"""So many applications of one organization are looked at, those first that changed last."""

Organization = tuple[str, str]
"""Its LCSA and its name."""


def name_as_compared(name: str) -> str:
    """A name by which another is told to be the same organization's: in small letters, with single spaces; a dash or a
    slash is a space, other punctuation is dropped.
    """
    spaced = re.sub(r"[-\u2010-\u2015/]", " ", unicodedata.normalize("NFKC", name).casefold())
    return " ".join("".join(one for one in spaced if not unicodedata.category(one).startswith("P")).split())


def documents_of(portal: Portal, lcsa: str, organization: str) -> list[Json]:
    """Its applications that can be read, the earliest first."""
    found = portal.store.search(_of(lcsa, organization), limit=AT_MOST).rows
    return sorted(found, key=began)


def every_document(portal: Portal) -> Iterator[Json]:
    """Every application that can be read, those of one organization one after the other, in the order of LCSA and name;
    one is in memory at a time.
    """
    return portal.store.every(Search(by_name=True))


def unreadable(portal: Portal) -> Iterator[str]:
    """The ids of applications whose record is damaged, as they are when the first is asked for."""
    damaged = {key for key, _ in portal.store.damaged()}
    yield from (document_id for document_id in portal.store.document_ids() if document_id in damaged)


def began(document: Json) -> tuple[str, str]:
    """By this applications are put in order: when the first step was taken, then the id."""
    return document["history"][0]["at"], document["id"]


def open_findings_of(portal: Portal, organizations: Iterable[Organization]) -> Mapping[Organization, int]:
    """How many audit findings of each of these organizations are not cleared, over all of its applications. One
    question to the store, which opens no document for it.
    """
    keys = {one: open_key(*one) for one in organizations}
    sums = portal.store.sums(list(keys.values()))
    return {one: sums[key] for one, key in keys.items()}


def others_with_open_findings(portal: Portal, document: Json) -> list[Json]:
    """The organization's other applications on which a finding is not cleared, the earliest first. Where there is none,
    as mostly, no document is opened.
    """
    this = (document["lcsa"], document["organization"])
    if open_findings_of(portal, [this])[this] == len(open_findings(document)):
        return []
    others = (one for one in documents_of(portal, *this) if one["id"] != document["id"])
    return [one for one in others if open_findings(one)]


def _of(lcsa: str, organization: str) -> Search:
    return Search(scopes=(Scope("", lcsa, organization),))
