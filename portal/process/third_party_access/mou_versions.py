"""The chapter Afterwards: the MOU's text changes while agreements are in force, and both sides sign the new one.

The text's version is that of the Word template from which the MOU is drawn, known by its SHA-256.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from portal.process.conditions import AllOf, Later, Never, Provided, Shown
from portal.process.document import Json, last_entry, was_read_in
from portal.process.step import Letter, Situation, Step, Tell
from portal.process.third_party_access.agreement import COUNTERSIGNED, OFFERED, POSTED, sent_mou
from portal.process.third_party_access.term import TERMINATED

CHAPTER = "afterwards"

SIGNED_IN_TEXT, OFFERED_IN_TEXT = "mou-signed", "mou-offered"
"""What an agreement in force holds, with the text's SHA-256, for the store to add up: in which text it is signed, and
in which newer one it waits to be.
"""

_AWAITED = Later(OFFERED, COUNTERSIGNED)
_CAN_BE_DRAWN = Shown("its application is on file here", lambda document: not was_read_in(document))
"""The MOU quotes the application, which a sheet that was read in does not hold: such an agreement gets the new text with
its renewal.
"""
_OPEN = AllOf(POSTED, Provided(COUNTERSIGNED), Provided(_CAN_BE_DRAWN))


def signed_text(document: Mapping[str, Any]) -> str:
    """The SHA-256 of the text that both sides signed last; empty when it is not known, or not signed yet."""
    countersigned = last_entry(document, "countersign-mou") or {}
    signed = (letter for letter in countersigned.get("letters", ()) if letter["name"] == "signed-mou")
    return next((str(letter.get("text_sha256", "")) for letter in signed), "")


def offered_text(document: Json) -> str:
    """The SHA-256 of the new text that was sent and is not signed by both sides yet; empty when there is none."""
    sent = sent_mou(document) if _AWAITED.since(document) is not None else None
    return str(sent.get("text_sha256", "")) if sent else ""


def holdings(document: Json) -> dict[str, int]:
    """In which text the agreement is signed, and in which newer one it waits to be, until it has ended."""
    if document["status"] in ("rejected", "withdrawn", "ended") or POSTED.since(document) is None:
        return {}
    held = {f"{SIGNED_IN_TEXT}/{signed}": 1} if (signed := signed_text(document)) else {}
    offered = offered_text(document)
    return held | ({f"{OFFERED_IN_TEXT}/{offered}": 1} if offered else {})


def _advice(situation: Situation) -> Iterator[str]:
    yield "The agreement stays in force as it is signed, until both sides have signed the new text. Its term does not change by it."
    sent = sent_mou(situation.document) or {}
    if sent.get("text_sha256") and sent["text_sha256"] == situation.facts.get("mou_text"):
        yield "This very text was sent to them before: send it again only if it has to be signed once more."


STEPS = (
    Step(
        key="offer-mou",
        title="Send the MOU’s new text",
        asks="The MOU’s text has changed: send the new one to be signed. What is signed stays in force until then.",
        done="sent the MOU’s new text",
        chapter=CHAPTER,
        section="6.7.2",
        opens=_OPEN,
        repeats=_OPEN,
        closed_by=TERMINATED,
        waits=Never(),
        advice=_advice,
        template="send_letters.html",
        confirm_label="Send",
        letters=(Letter("mou", "Memorandum of Understanding, in a new text", ("person:complete_application.contact", "person:complete_application.mou_signer"), sample=True, without=("sign-mou", "countersign-mou")),),
        tells=(Tell(("person:complete_application.contact", "person:complete_application.mou_signer"), "The text of the Memorandum of Understanding has changed. DCSS asks {organization} to sign the new one. What is signed stays in force until both have signed.", task="sign-mou"),),
    ),
)  # fmt: skip
