"""The evidence package, to be saved: of one application, or of all that the person may see."""

from collections.abc import Iterable

from flask import Blueprint, Response, stream_with_context

from portal import actions
from portal.access import current_actor
from portal.audit.from_request import log_request
from portal.blueprints.matrix import as_file, as_it_is_made
from portal.evidence import Reader, pieces
from portal.process import policy
from portal.process.document import Json
from portal.process.step import Actor
from portal.rendering import role_titles, the_portal

blueprint = Blueprint("evidence", __name__)

ZIP_TYPE = "application/zip"


@blueprint.get("/applications/<document_id>/evidence.zip")
def package(document_id: str) -> Response:
    """The package of one application."""
    document = actions.see(the_portal(), document_id, current_actor())
    return _package([document["id"]], f"{document['id']}-evidence.zip")


@blueprint.get("/evidence.zip")
def whole() -> Response:
    """The package of all applications, sent while it is made."""
    log_request("take the evidence package of all applications")
    return _package(the_portal().store.document_ids(), "third-party-access-evidence.zip")


def _package(document_ids: Iterable[str], name: str) -> Response:
    made = pieces(the_portal(), document_ids, _reader(current_actor()))
    return as_file(as_it_is_made(stream_with_context(made)), ZIP_TYPE, name)


def _reader(actor: Actor) -> Reader:
    """The person, with the roles that they hold for each application; each is a line in the access log."""

    def note(document: Json, roles: tuple[str, ...]) -> None:
        log_request("read it in an evidence package", document["id"], roles=roles)

    titles = ", ".join(role_titles(the_portal(), actor))
    return Reader(
        f"{actor.name} ({titles})", lambda process, document: policy.roles_for(process, actor, document), note
    )
