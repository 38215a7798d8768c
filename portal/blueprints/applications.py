"""Applications: the list of those that a person may see, one application's page, its document, letters and papers."""

import io
from collections.abc import Callable
from typing import Any, NamedTuple

from flask import (
    Blueprint,
    Response,
    abort,
    get_template_attribute,
    jsonify,
    render_template,
    request,
    send_file,
    session,
)
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response as AnyResponse

from portal import actions, forecast, letters_of_steps, organizations, tables
from portal.access import current_actor, may_open
from portal.answers import by_year, entry_in_words
from portal.application_in_words import in_short, way_of
from portal.audit.from_request import log_request
from portal.blueprints.inbox import TaskShown
from portal.forecast import Forecast
from portal.inbox_in_words import next_task, scopes_of, step_url
from portal.papers import kind_of
from portal.parts import Portal
from portal.process import explain, policy
from portal.process.document import Json
from portal.process.explain import files_in
from portal.process.no_case_data import find_ssn
from portal.process.overview import Concern, Overview
from portal.process.step import Actor, Step
from portal.process.third_party_access.reference import LCSAS
from portal.rendering import PAGE_SIZE, offset_within_reach, page_or_block, the_portal, wants_block
from portal.store.port import Listed, Search

blueprint = Blueprint("applications", __name__)

PAGE = "applications/application.html"

NEWEST = 5
"""So many entries of a history stand in sight; those before them fold, by their years."""

JUST_TAKEN = "just-taken"
"""In the session: the application on which the person has just taken a step."""

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@blueprint.get("/applications")
def applications() -> str:
    """The applications that this person may see, the last changed first; by words, status and LCSA."""
    portal, actor = the_portal(), current_actor()
    words = request.args.get("q", "").strip()[:100]
    words = "" if find_ssn(words) else words
    status = request.args.get("status", "")
    search = Search(
        scopes=tuple(scopes_of(portal, actor)),
        statuses=(status,) if status else (),
        lcsa=request.args.get("lcsa") or None,
        words=tuple(words.split()),
    )
    page = portal.store.listed(search, offset=offset_within_reach(), limit=PAGE_SIZE)
    listed = {(one.lcsa, one.organization) for one in page.rows}
    today = portal.today.isoformat()
    return page_or_block(
        "applications/list.html",
        "results",
        page=page,
        open_findings=organizations.open_findings_of(portal, listed),
        has_it={one.id: _who_has(portal, one, today) for one in page.rows},
        limit=PAGE_SIZE,
        q=words,
        status=status,
        lcsa=search.lcsa or "",
        lcsas=[(name, name) for name in LCSAS] if any(scope.lcsa is None for scope in search.scopes or ()) else [],
        may_take_evidence=may_open(actor, "evidence.whole"),
    )


def _who_has(portal: Portal, one: Listed, today: str) -> list[str]:
    """The titles of the roles that can take a step now, each once; what comes on a later date nobody has yet."""
    return list(dict.fromkeys(portal.role_title(role) for role, opens_on in one.tasks if opens_on <= today))


@blueprint.get("/applications/<document_id>")
def application(document_id: str) -> str:
    """One application: where it is, whose turn, the criteria, what was recorded, letters and history."""
    portal, actor = the_portal(), current_actor()
    document = actions.see(portal, document_id, actor)
    process = portal.process_of(document)
    shown, roles = policy.readable(process, document, actor), policy.roles_for(process, actor, document)
    _log_reading("read it", document_id, document)
    short = in_short(portal, document, shown, actor, roles)
    if wants_block():
        # Looked at from a list, which keeps its own title.
        return render_block(
            PAGE, "in_short", document=shown, process=process, short=short, today=portal.today, looked_at=True
        )
    organization = (document["lcsa"], document["organization"])
    standing = list(process.standing(shown, portal.today))
    return render_template(
        PAGE,
        document=shown,
        process=process,
        short=short,
        just_taken=(just_taken := session.pop(JUST_TAKEN, None) == document_id),
        next_task=next_task(portal, actor) if just_taken else None,
        chapters=[] if standing else _chapters(explain.chapter_states(process, document)),
        way=way_of(process, shown, short),
        contacts=list(process.contacts(shown)),
        applies="requestor" in roles,
        possible=explain.also_possible(process, document, actor, portal.today),
        letters=letters_of_steps.letters_sent(shown),
        concerns=list(process.concerns(shown, portal.today)),
        standing=standing,
        overviews=[
            one for one in process.overviews if one.on_page and any(True for _ in one.rows(shown, portal.today))
        ],
        elsewhere=findings_elsewhere(portal, document, actor),
        open_findings=organizations.open_findings_of(portal, [organization])[organization],
        today=portal.today,
        related=list(process.related(shown)),
        file_url=file_url_of(document_id),
        may_take_evidence=may_open(actor, "evidence.package"),
        renewal=_renewal(portal, document, actor),
        **_drawn(portal, shown),
    )


class FindingsElsewhere(NamedTuple):
    """Another application of the same organization with findings that are not cleared, as this person may read it, and
    what they can do about them.
    """

    document: Json
    overview: Overview
    concerns: list[Concern]
    own: list[TaskShown]
    file_url: Callable[[Json], str]


def findings_elsewhere(portal: Portal, document: Json, actor: Actor) -> list[FindingsElsewhere]:
    """The organization's other applications on which a finding is not cleared: open findings show wherever it does."""
    found = []
    for other in organizations.others_with_open_findings(portal, document):
        process = portal.process_of(other)
        roles = policy.roles_for(process, actor, other)
        if not any(role in process.policy.seeing for role in roles):
            continue
        log_request("read its findings", other["id"], roles=roles)
        shown = policy.readable(process, other, actor)
        (overview,) = process.overviews_of(["findings"])
        own = [
            TaskShown(step_url(other["id"], step), step.title, other["organization"], step.asks)
            for step, _ in explain.own_tasks(process, other, actor, portal.today)
            if "findings" in step.overviews
        ]
        concerns = [one for one in process.concerns(shown, portal.today) if one.overview == overview.key]
        found.append(FindingsElsewhere(shown, overview, concerns, own, file_url_of(other["id"])))
    return found


class Renewal(NamedTuple):
    """When the agreement's successor will probably be signed, the reader's own tasks on it where another page shows it,
    and who has it now: `Requestor: Sign the MOU`.
    """

    forecast: Forecast
    own: list[TaskShown]
    has_it: list[str]


def _renewal(portal: Portal, document: Json, actor: Actor) -> Renewal | None:
    """The forecast for this agreement or the one that it renews, with what is to be done now; None without one."""
    found = forecast.of_document(portal, document)
    if found is None:
        return None
    if not found.successor:
        return Renewal(found, [], [])
    successor = portal.store.get(found.successor)
    process = portal.process_of(successor)
    own = explain.own_tasks(process, successor, actor, portal.today) if successor["id"] != document["id"] else []
    shown = [
        TaskShown(step_url(successor["id"], step), step.title, successor["organization"], step.asks) for step, _ in own
    ]
    return Renewal(found, shown, tables.has_it(process, successor, portal.today))


def _chapters(states: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    words = {"done": "done", "now": "current", "to-come": "next"}
    return [(title, words[state], "") for _, title, state in states]


def _drawn(portal: Portal, shown: Json) -> dict[str, Any]:
    """The history, the newest first, each entry with what it recorded, drawn; and what each section records, drawn, by
    chapters. A section says mostly what its newest entry says: that is drawn once.
    """
    process = portal.process_of(shown)
    summary = get_template_attribute("macros/answer.html", "answers_summary")
    file_url = file_url_of(shown["id"])
    entries, newest = [], {}
    for entry in shown["history"]:
        step = process.step(entry["step"])
        drawn = summary(step.fields, entry["answers"], file_url=file_url)
        entries.append(entry_in_words(process, entry, drawn))
        newest[step.key] = (entry["answers"], drawn)
    recorded: dict[str, list[tuple[Step, Any]]] = {key: [] for key, _ in process.chapters}
    for step, answers in explain.recorded(process, shown):
        same, drawn = newest.get(step.key, (None, ""))
        drawn = drawn if answers == same else summary(step.fields, answers, file_url=file_url)
        recorded[step.chapter].append((step, drawn))
    return {
        "newest": entries[: -NEWEST - 1 : -1],
        "earlier": by_year(entries[-NEWEST - 1 :: -1]) if len(entries) > NEWEST else [],
        "recorded": [(title, recorded[key]) for key, title in process.chapters if recorded[key]],
    }


@blueprint.get("/applications/<document_id>.json")
def document(document_id: str) -> Response:
    """The document, less what this person may not see."""
    portal, actor = the_portal(), current_actor()
    found = actions.see(portal, document_id, actor)
    _log_reading("read it as JSON", document_id, found)
    return jsonify(policy.readable(portal.process_of(found), found, actor))


@blueprint.get("/applications/<document_id>/letters/<name>")
def letter(document_id: str, name: str) -> AnyResponse:
    """A letter as it was sent (the newest of its name, or the one of `?seq=`), or a preview by one who may send it
    now.
    """
    portal, actor = the_portal(), current_actor()
    name = name.removesuffix(".docx")
    found = actions.see(portal, document_id, actor)
    shown = policy.readable(portal.process_of(found), found, actor)
    seq = request.args.get("seq")
    for sent in letters_of_steps.letters_sent(shown):
        if sent["name"] == name and seq in (None, str(sent["seq"])) and "preview" not in request.args:
            _log_reading("read a letter", f"{document_id}/letters/{name}", found)
            return _docx(portal.store.get_file(sent["sha256"]), f"{document_id} {name}.docx")
    content = actions.preview_letter(portal, document_id, name, actor)
    if content is None:
        abort(404)
    _log_reading("read a letter before it is sent", f"{document_id}/letters/{name}", found)
    return _docx(content, f"{document_id} {name} (preview).docx")


def _docx(content: bytes, file_name: str) -> AnyResponse:
    return send_file(io.BytesIO(content), mimetype=DOCX, as_attachment=True, download_name=file_name)


@blueprint.get("/applications/<document_id>/files/<sha256>")
def paper(document_id: str, sha256: str) -> AnyResponse:
    """A signed paper that the document names, to be saved, for those who may read the answer that names it."""
    portal, actor = the_portal(), current_actor()
    found = actions.see(portal, document_id, actor)
    process = portal.process_of(found)
    shown = policy.readable(process, found, actor)
    for entry in shown["history"]:
        for file in files_in(process.step(entry["step"]), entry["answers"]):
            if file["sha256"] == sha256:
                _log_reading("read a paper", f"{document_id}/files/{sha256[:12]}", found)
                return _sent(portal.store.get_file(sha256), f"{document_id} {entry['step']} {sha256[:12]}")
    abort(404)


def _sent(content: bytes, name: str) -> AnyResponse:
    """A paper to be saved: as what its content is, under a name of the portal's own."""
    kind = kind_of(content)
    mimetype, ending = (kind.content_type, kind.endings[0]) if kind else ("application/octet-stream", "")
    return send_file(io.BytesIO(content), mimetype=mimetype, as_attachment=True, download_name=name + ending)


def _log_reading(did: str, record: str, document: Json) -> None:
    """Tells the access log, before anything is shown, who reads it in which roles. Raises `Unavailable`."""
    process = the_portal().process_of(document)
    log_request(did, record, roles=policy.roles_for(process, current_actor(), document))


def file_url_of(document_id: str) -> Callable[[Json], str]:
    """A function that gives a file's address, for the templates. Ids and checksums stand in an address as they are."""
    return lambda file: f"/applications/{document_id}/files/{file['sha256']}"
