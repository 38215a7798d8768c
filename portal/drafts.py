"""Drafts: answers kept as they are while somebody still writes them, shared by those who hold the same role for the
document.

Kept as records, not in the document: a draft is no step, and nobody else sees it. Text that looks like a social
security number is not kept, in a draft neither.
"""

from werkzeug.exceptions import RequestEntityTooLarge

from portal.actions import Turning
from portal.forms import as_typed, note_from
from portal.kept_files import KeepFile
from portal.parts import Portal
from portal.process.document import Json, at_utc, canonical
from portal.process.no_case_data import find_ssn, find_ssn_in, redact
from portal.process.step import Actor
from portal.step_form import StepForm
from portal.store.errors import Conflict
from portal.store.port import Store

DRAFTS = "drafts"
LARGEST = 300_000
"""In bytes: many times the longest answers that can be sent."""


def _key(document_id: str, turning: Turning) -> str:
    return f"{document_id}/{turning.step.key}/{turning.turn.role}"


def kept(store: Store, document_id: str, turning: Turning) -> Json | None:
    """The draft of this step, or None: its `answers`, `note`, who kept it (`by`), when (`at`), and its `revision`."""
    draft = store.get_record(DRAFTS, _key(document_id, turning))
    return draft if draft and draft.get("answers") is not None else None


def newer_of_a_colleague(
    store: Store, document_id: str, turning: Turning, actor: Actor, drawn_from: str
) -> Json | None:
    """The draft that somebody else kept after the one of revision `drawn_from`, which the form was drawn from; or
    None.
    """
    draft = kept(store, document_id, turning)
    if draft is None or draft["by"] == actor.email or not drawn_from.isdecimal():
        return None
    return draft if draft["revision"] != int(drawn_from) else None


def keep(
    portal: Portal,
    document_id: str,
    turning: Turning,
    form: StepForm,
    actor: Actor,
    drawn_from: str,
    keep_file: KeepFile | None = None,
) -> Json | None:
    """Keeps what the form holds, and returns the draft as kept; None when a colleague kept theirs after `drawn_from`.

    `drawn_from` is the draft's revision that the form was drawn from; empty when it does not say, and then the last one
    counts. What looks like a social security number is taken out of the text, and `removed` then says so. Raises
    `RequestEntityTooLarge`.
    """
    removed = False
    for _, field in form.all_fields():
        # As it was typed: a number written without dashes is shorter once it is read as one.
        if isinstance(field.data, str) and find_ssn(field.data):
            field.data, removed = redact(field.data), True
    answers = as_typed(form, keep_file)
    for path in find_ssn_in(answers):
        _take_out(answers, path.split("."))
    note = note_from(form)
    draft = {
        "answers": answers,
        "note": note,
        "by": actor.email,
        "by_name": actor.name,
        "at": at_utc(portal.clock()),
        "removed": removed,
    }
    if len(canonical(draft)) > LARGEST:
        raise RequestEntityTooLarge
    key = _key(document_id, turning)
    if newer_of_a_colleague(portal.store, document_id, turning, actor, drawn_from):
        return None
    before = portal.store.get_record(DRAFTS, key)
    try:
        return portal.store.put_record(DRAFTS, key, draft, before["revision"] if before else 0)
    except Conflict:
        return None


def forget(store: Store, document_id: str, turning: Turning) -> None:
    """The step is taken: its draft is no more."""
    store.delete_record(DRAFTS, _key(document_id, turning))


def _take_out(answers: Json, path: list[str]) -> None:
    """Takes the answer at this path out of the answers; of a file whose name it is, the whole file."""
    here: object = answers
    for name in path[:-1]:
        inner = here[int(name)] if isinstance(here, list) else here[name]  # type: ignore[index]
        if isinstance(inner, dict) and "sha256" in inner and isinstance(here, dict):
            del here[name]
            return
        here = inner
    if isinstance(here, list):
        here[int(path[-1])] = ""
    elif isinstance(here, dict):
        here.pop(path[-1], None)
