"""The one pair of views for all steps: the form, and taking it. And the draft that keeps itself meanwhile."""

import secrets
from dataclasses import dataclass

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from portal import actions, drafts, letters_of_steps, tables
from portal.access import current_actor
from portal.actions import Turning
from portal.answers import entry_in_words
from portal.audit import Outcome
from portal.audit.from_request import acting, log_request, origin_of_request
from portal.blueprints.applications import JUST_TAKEN, file_url_of, findings_elsewhere
from portal.errors import error_page, letter_in_words, log_refusal
from portal.forms import (
    StepForm,
    answers_from,
    change_rows,
    form_for,
    form_from_answers,
    form_from_request,
    note_from,
    show_problems,
    starting_answers,
    with_rows_given,
)
from portal.letters import LetterError
from portal.papers import PaperRefused, checked
from portal.parts import Portal
from portal.process import explain, policy
from portal.process.check_answers import check_answers
from portal.process.document import Json, section
from portal.process.errors import AnswersDoNotHold, NotYourTurn, OutOfDate, OutOfTurn, Problem, ProcessError
from portal.process.explain import files_in
from portal.process.step import Actor, Step
from portal.rendering import PAGE_SIZE, the_portal
from portal.sheets import Row
from portal.store.errors import ClaimTaken, Conflict, OutcomeUnknown, StoreError, Unavailable
from portal.words import size_in_words

blueprint = Blueprint("steps", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.get("/applications/new")
def new() -> Answer:
    """The form of the step that starts an application."""
    turning = actions.turn_to_begin(the_portal(), current_actor())
    return _page(turning, _blank_form(turning, None))


@blueprint.post("/applications/new")
def begin() -> Answer:
    """Takes the step that starts an application."""
    turning = actions.turn_to_begin(the_portal(), current_actor())
    return _answered(turning)


@blueprint.get("/applications/<document_id>/steps/<step_key>")
def step(document_id: str, step_key: str) -> Answer:
    """The step's form, with what is known filled in, or the draft as somebody of the same role left it."""
    portal, actor = the_portal(), current_actor()
    turning = actions.turn_to(portal, document_id, step_key, actor)
    draft = drafts.kept(portal.store, document_id, turning)
    form = _blank_form(turning, draft)
    form.part = _part_asked(form, request.args.get("part", ""))
    return _page(turning, form, draft=draft)


@blueprint.post("/applications/<document_id>/steps/<step_key>")
def take(document_id: str, step_key: str) -> Answer:
    """Takes the step, or shows its answers to be checked first."""
    portal, actor = the_portal(), current_actor()
    try:
        turning = actions.turn_to(portal, document_id, step_key, actor)
    except OutOfTurn as error:
        return _too_late(portal, document_id, step_key, actor, error)
    return _answered(turning)


@blueprint.post("/applications/<document_id>/steps/<step_key>/draft")
def draft(document_id: str, step_key: str) -> Answer:
    """Keeps the answers as they are, unchecked. 409 when a colleague kept theirs meanwhile."""
    portal, actor = the_portal(), current_actor()
    turning = actions.turn_to(portal, document_id, step_key, actor)
    form = _sent_form(turning)
    papers = _Papers(portal, document_id)
    kept = drafts.keep(portal, document_id, turning, form, actor, request.form.get("draft_revision", ""), papers)
    if kept is None:
        return "A colleague saved their answers meanwhile. Reload the page to see them.", 409
    headers = {"X-Draft-Revision": str(kept["revision"])}
    return Response(status=204, headers=headers | ({"X-Draft-Removed": "yes"} if kept["removed"] else {}))


@blueprint.errorhandler(Unavailable)
def not_recorded(error: Unavailable) -> Answer:
    """503 where the store does not even say whose turn it is: what was typed stays on the page, to be sent again."""
    current_app.logger.error("the store is unavailable", extra={"data": {"why": str(error)}})
    key = (request.view_args or {}).get("step_key") or the_portal().process.starting_step.key
    step = next((step for process in the_portal().processes for step in process.steps if step.key == key), None)
    if step is None or request.method != "POST" or request.endpoint == "steps.draft":
        return error_page(503)
    form = form_from_request(form_for(step, on_behalf=True), request.form, request.files)
    request_id = request.form.get("request_id", "")
    kept = form.typed_in_words()
    return error_page(503, kept=kept, retry_form=form, retry_url=request.path, request_id_of_form=request_id)


def _part_asked(form: StepForm, said: str, otherwise: int = 1) -> int:
    """The part of this number; another when it is none of the form's: the first, or 0 for the whole form."""
    number = int(said) if said.isascii() and said.isdecimal() and len(said) < 9 else 0
    return number if 0 < number <= len(form.parts) else otherwise


def _blank_form(turning: Turning, draft: Json | None) -> StepForm:
    form_class = form_for(turning.step, turning.situation, on_behalf=turning.situation.on_behalf)
    version = turning.document.get("version", 0)
    if draft is not None:
        answers = with_rows_given(turning.step, turning.situation, draft["answers"])
        return form_from_answers(form_class, answers, version=version, note=draft.get("note", ""))
    offered = starting_answers(turning.step, turning.situation)
    before = {} if _stands_alone(turning) else section(turning.document, turning.step.key)
    return form_from_answers(form_class, {**offered, **_still_asked(turning, before)}, version=version, offered=offered)


def _stands_alone(turning: Turning) -> bool:
    return turning.step.each_anew or any(field.adds for field in turning.step.fields)


def _still_asked(turning: Turning, before: Json) -> Json:
    """What was recorded when the step was taken before: it is corrected, not written anew. Signatures are given
    anew.
    """
    anew = {
        "signature",
        "attestation",
        "signed_on",
        "confirmed",
        "tested_on",
        "invitation_date",
        "outcome",
        "received_on",
        "opinion",
        "opinion_text",
        "authorities",
        "delay_reason",
    }
    return {name: value for name, value in before.items() if name not in anew}


def _sent_form(turning: Turning) -> StepForm:
    form_class = form_for(turning.step, turning.situation, on_behalf=turning.situation.on_behalf)
    form = form_from_request(form_class, request.form, request.files)
    form.part = _part_asked(form, request.form.get("shown_part", ""), otherwise=0)
    return form


@dataclass
class _Papers:
    """Keeps the papers that come with a form, each with its line in the access log. `status` is how the portal answers
    when something does not hold, `refused` whether a paper was.
    """

    portal: Portal
    document_id: str
    status: int = 422
    refused: bool = False

    def __call__(self, upload: FileStorage, accepts: tuple[str, ...]) -> Json:
        try:
            paper = checked(upload, accepts, self.portal.scanner)
        except PaperRefused as refusal:
            self.status, self.refused = refusal.status, True
            why = f"{refusal.status}: {refusal.why or refusal}"
            log_request("send a file", self.document_id, Outcome.REFUSED, why)
            raise
        # What cannot be logged is not kept [L].
        with acting("send a file", f"{self.document_id}/files/{paper.sha256[:12]}"):
            self.portal.store.put_file(paper.content)
        return paper.answer


def _answered(turning: Turning) -> Answer:
    """What a POST comes to: another row, a draft kept, the answers to check, the step taken, or what is wrong with
    it.
    """
    portal, actor, step = the_portal(), current_actor(), turning.step
    form = _sent_form(turning)
    papers = _Papers(portal, turning.document.get("id", ""))
    answers, problems = answers_from(form, papers)
    if papers.refused and not _is_taking(form):
        # Another row, or a draft: what else is not answered yet is no matter, but a file that was not kept is.
        show_problems(form, [one for one in problems if form.is_file(one.field)])
        return _page(turning, form), papers.status
    if change_rows(form, request.form) or request.form.get("change"):
        return _page(turning, form)
    if turning.document.get("id") and (request.form.get("save") or _is_leafing(form)):
        return _kept(turning, form, answers, problems)
    answers["note"] = note_from(form)
    try:
        checked = _checked(turning, answers, problems)
        drawn_from = _version(form)
        if turning.document.get("id") and drafts.newer_of_a_colleague(
            portal.store, turning.document["id"], turning, actor, request.form.get("draft_revision", "")
        ):
            return _colleague_was_first(portal, turning, form)
        if step.check_first and request.form.get("confirm") != "yes":
            return _check_page(turning, form, checked, answers["note"])
        document = _take(portal, turning, actor, answers, drawn_from)
    except AnswersDoNotHold as error:
        show_problems(form, error.problems)
        return _page(turning, form), papers.status
    except (OutOfTurn, OutOfDate, Conflict) as error:
        return _too_late(portal, turning.document["id"], step.key, actor, error, form)
    except ClaimTaken as error:
        show_problems(form, [Problem(error.claim.replace("-", "_"), f"It is taken already, by {error.holder}.")])
        return _page(turning, form), 422
    except LetterError as error:
        if not step.fields:
            raise  # its page draws the letter too
        show_problems(form, [Problem("", letter_in_words(error))])
        return _page(turning, form), 422
    except Unavailable as error:
        return _page(turning, form, unavailable=True, outcome_unknown=isinstance(error, OutcomeUnknown)), 503
    _after(portal, turning, document)
    portal.wake()
    flash(f"Done: {step.title.lower()}.", "success")
    session[JUST_TAKEN] = document["id"]  # its page says what happens next, and what the person's next task is
    for file in files_in(step, document["history"][-1]["answers"]):
        flash(
            f"Received: {file['name']}, {size_in_words(file['size'])}. Its receipt (SHA-256): {file['sha256']}", "info"
        )
    return redirect(url_for("applications.application", document_id=document["id"]), 303)


def _is_taking(form: StepForm) -> bool:
    """Whether the button that was pressed takes the step, or shows its answers to be checked."""
    return not any(request.form.get(button) for button in ("add", "remove", "change", "save")) and not _is_leafing(form)


def _is_leafing(form: StepForm) -> bool:
    """Whether the button that was pressed leads to another part of a long form."""
    return bool(form.parts and (request.form.get("go_on") or request.form.get("part")))


def _kept(turning: Turning, form: StepForm, answers: Json, problems: list[Problem]) -> Answer:
    """The answers kept as a draft, and on: to the inbox, or to the part that was asked for. Who goes on from one part
    to the next is told first what does not hold in it.
    """
    portal, actor, document_id = the_portal(), current_actor(), turning.document["id"]
    part = _part_asked(form, request.form.get("part", ""))
    if left := request.form.get("go_on"):
        form.part = _part_asked(form, left)
        part = min(form.part + 1, len(form.parts))
        try:
            _checked(turning, answers, problems)
        except AnswersDoNotHold as error:
            here = [one for one in error.problems if one.field and form.part_of(one) == form.part]
            if here:
                show_problems(form, here)
                return _page(turning, form), 422
    kept = drafts.keep(portal, document_id, turning, form, actor, request.form.get("draft_revision", ""))
    if kept is None:
        return _colleague_was_first(portal, turning, form)
    if kept["removed"]:
        flash("What looked like a social security number was taken out, and not kept.", "warning")
    if _is_leafing(form):
        return redirect(url_for("steps.step", document_id=document_id, step_key=turning.step.key, part=part), 303)
    flash("Your answers are saved. Nothing was sent.", "success")
    return redirect(url_for("inbox.inbox"), 303)


def _colleague_was_first(portal: Portal, turning: Turning, form: StepForm) -> Answer:
    """409 for the draft's button: what was typed is still there, and replaces the colleague's draft if saved again."""
    newer = drafts.kept(portal.store, turning.document["id"], turning)
    who = newer["by_name"] if newer else "A colleague"
    show_problems(
        form,
        [
            Problem(
                "",
                f"{who} saved other answers after you opened this page, so yours were not saved. "
                "They are still here: save them again to put them in the place of those.",
            )
        ],
    )
    return _page(turning, form, draft_revision=str(newer["revision"]) if newer else "0"), 409


def _after(portal: Portal, turning: Turning, document: Json) -> None:
    """The step is recorded and logged: what goes wrong now may not say that it was not."""
    try:
        drafts.forget(portal.store, document["id"], turning)
    except Unavailable as error:
        why = {"why": str(error), "record": document["id"]}
        current_app.logger.error("a step was taken, and its draft is still there", extra={"data": why})


def _checked(turning: Turning, answers: Json, problems: list[Problem]) -> Json:
    """The answers checked as the core does, together with what could not be understood of what is asked."""
    not_asked = {one.name for one in turning.step.fields if one.only_when and not one.only_when.holds(answers)}
    problems = [problem for problem in problems if problem.field not in not_asked]
    try:
        checked = check_answers(turning.step, actions.with_facts(the_portal(), turning, answers), answers)
    except AnswersDoNotHold as error:
        named = {problem.field for problem in problems}
        problems = [*problems, *(problem for problem in error.problems if problem.field not in named)]
        raise AnswersDoNotHold(turning.step.key, problems) from None
    if problems:
        raise AnswersDoNotHold(turning.step.key, problems)
    return checked


def _version(form: StepForm) -> int:
    """The version that the form was drawn from; -1, which no document is at, when it does not say."""
    said = form["version"].data or ""
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 9 else -1


def _take(portal: Portal, turning: Turning, actor: Actor, answers: Json, drawn_from: int) -> Json:
    origin = origin_of_request()
    if not turning.document.get("history"):
        return actions.begin(portal, actor, answers, request.form.get("request_id", "")[:64], origin=origin)
    return actions.take(portal, turning.document["id"], turning.step.key, actor, answers, drawn_from, origin=origin)


def _check_page(turning: Turning, form: StepForm, checked: Json, note: str) -> str:
    return render_template(
        "steps/check.html",
        turning=turning,
        step=turning.step,
        form=form,
        answers=checked,
        note=note,
        warning=_warning(turning, checked),
        request_id_of_form=request.form.get("request_id", ""),
    )


def _warning(turning: Turning, checked: Json) -> str:
    """What the person should know before the step is taken: the same organization may be on its way already."""
    if turning.document.get("history"):
        return ""
    return actions.under_way(the_portal(), turning, checked)


def _page(
    turning: Turning,
    form: StepForm,
    draft: Json | None = None,
    unavailable: bool = False,
    outcome_unknown: bool = False,
    draft_revision: str = "",
    page_was_old: bool = False,
) -> str:
    """The form, with the application beside it as far as this person may read it."""
    portal, actor = the_portal(), current_actor()
    form.show_problems_in_one_place()
    document, process = turning.document, turning.process
    shown: Json = {}
    if document.get("history"):
        shown = policy.readable(process, document, actor)
        roles = policy.roles_for(process, actor, document)
        log_request(f"read it at {turning.step.key}", document["id"], roles=roles)
    return render_template(
        f"steps/{turning.step.template}",
        turning=turning,
        step=turning.step,
        process=process,
        form=form,
        document=shown,
        recorded=explain.recorded(process, shown) if shown else [],
        elsewhere=findings_elsewhere(portal, document, actor) if "findings" in turning.step.overviews else [],
        sent_back=_sent_back(turning, shown),
        advice=list(turning.step.advice(turning.situation)) if turning.step.advice else [],
        draft=draft,
        draft_revision=draft["revision"] if draft else draft_revision or request.form.get("draft_revision", "0"),
        unavailable=unavailable,
        outcome_unknown=outcome_unknown,
        page_was_old=page_was_old,
        file_url=file_url_of(document["id"]) if document.get("id") else None,
        letters=_previews(portal, turning, actor),
        matrix_of=_matrix_of,
        purpose=_purpose(turning),
        instead=_instead(turning, actor),
        sent_letters=letters_of_steps.letters_sent(shown) if shown else [],
        request_id_of_form=request.form.get("request_id") or secrets.token_hex(16),
    )


def _instead(turning: Turning, actor: Actor) -> list[Step]:
    """The steps that this person may take in the place of this one."""
    if not turning.step.instead:
        return []
    possible = explain.also_possible(turning.process, turning.document, actor, the_portal().today)
    return [step for step in possible if step.key in turning.step.instead]


def _purpose(turning: Turning) -> str:
    """Why this role takes the step, as the policy says it."""
    rows = turning.process.policy.taking(turning.step.key)
    return next(row.purpose for row in rows if turning.turn.role in row.roles)


def _matrix_of(lcsa: str) -> list[Row]:
    """The county's organizations with access, as everybody may read them in the Matrix; not more than fit."""
    rows = tables.matrix_page(the_portal(), lcsa, 0, PAGE_SIZE).rows
    return [row for row in rows if row["user_organization"]]


def _previews(portal: Portal, turning: Turning, actor: Actor) -> list[Json]:
    """The letters that a step without questions would send; those of other steps depend on the answers."""
    if not turning.step.letters or turning.step.fields:
        return []
    return [one.record for one in actions.preview(portal, turning.document["id"], turning.step.key, actor)]


def _sent_back(turning: Turning, shown: Json) -> Json | None:
    """The entry that returned the document to this step, if that is why it is open."""
    task = next((t for t in shown.get("open_tasks", ()) if t["step"] == turning.step.key), None)
    if task is None or not task["since_seq"]:
        return None
    entry: Json = shown["history"][task["since_seq"] - 1]
    answers = entry["answers"]
    words = answers.get("correction") or answers.get("reason")
    if not words and answers.get("opinion") == "clarification":
        words = answers.get("opinion_text")
    return {**entry, "words": words} if words and entry["step"] != turning.step.key else None


@blueprint.errorhandler(CSRFError)
def drawn_before(error: CSRFError) -> Answer:
    """400 for a page that was drawn in another session: the form again with what was typed, to be sent once more."""
    if not request.endpoint or not request.endpoint.endswith((".take", ".begin")) or not current_user.is_authenticated:
        return error_page(400)
    portal, actor = the_portal(), current_actor()
    found = request.view_args or {}
    try:
        turning = (
            actions.turn_to(portal, found["document_id"], found["step_key"], actor)
            if found
            else actions.turn_to_begin(portal, actor)
        )
    except (ProcessError, StoreError):
        return error_page(400)  # not theirs, or not open: without a token nothing more is said
    try:
        return _page(turning, _sent_form(turning), page_was_old=True), 400
    except Unavailable as unavailable:
        return not_recorded(unavailable)


def _why_not(error: Exception) -> str:
    """Why the step was not taken, where it is not that somebody else took one."""
    if isinstance(error, OutOfTurn):
        return error.why
    if isinstance(error, OutOfDate) and error.drawn_from < 0:
        return "What was sent does not say from which version of the application its form was drawn."
    return ""


def _too_late(
    portal: Portal, document_id: str, step_key: str, actor: Actor, error: Exception, form: StepForm | None = None
) -> Answer:
    """409: what happened meanwhile, with the answers kept, to be sent again if the step is still open."""
    log_refusal(409, document_id, str(error))
    document = actions.see(portal, document_id, actor)
    process = portal.process_of(document)
    shown = policy.readable(process, document, actor)
    try:
        turning = actions.turn_to(portal, document_id, step_key, actor)
    except (OutOfTurn, NotYourTurn):
        turning = None
    if form is None:
        form = form_from_request(form_for(process.step(step_key)), request.form, request.files)
    drawn_from = max(0, _version(form))
    form["version"].data = str(document["version"])
    page = render_template(
        "steps/too_late.html",
        document=shown,
        process=process,
        step=process.step(step_key),
        form=form,
        still_open=turning is not None,
        why=_why_not(error),
        meanwhile=[entry_in_words(process, entry) for entry in reversed(shown["history"][drawn_from:])],
    )
    return page, 409
