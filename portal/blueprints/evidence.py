"""The evidence package, to be saved: of one organization, over all of its applications, or of all organizations."""

from collections.abc import Iterable

from flask import Blueprint, Response, stream_with_context

from portal import actions, organizations
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
    """The package of the organization whose application this is."""
    portal = the_portal()
    document = actions.see(portal, document_id, current_actor())
    documents = organizations.documents_of(portal, document["lcsa"], document["organization"])
    return _package(documents, f"{document['id']}-evidence.zip")


@blueprint.get("/evidence.zip")
def whole() -> Response:
    """The package of all organizations, sent while it is made."""
    log_request("take the evidence package of all applications")
    portal = the_portal()
    documents, unreadable = organizations.every_document(portal), organizations.unreadable(portal)
    return _package(documents, "third-party-access-evidence.zip", unreadable)


def _package(documents: Iterable[Json], name: str, unreadable: Iterable[str] = ()) -> Response:
    made = pieces(the_portal(), documents, _reader(current_actor()), unreadable)
    return as_file(as_it_is_made(stream_with_context(made)), ZIP_TYPE, name)


def _reader(actor: Actor) -> Reader:
    """The person, with the roles that they hold for each application; each is a line in the access log."""

    def note(document: Json, roles: tuple[str, ...]) -> None:
        log_request("read it in an evidence package", document["id"], roles=roles)

    titles = ", ".join(role_titles(the_portal(), actor))
    return Reader(
        f"{actor.name} ({titles})", lambda process, document: policy.roles_for(process, actor, document), note
    )
