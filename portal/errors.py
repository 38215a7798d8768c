"""Errors become pages, once for all: what happened, what to do, and nothing lost.

A refusal is written to the access log with its reason [O8.2]. What a person typed is never in a log.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, current_app, g, render_template, request, url_for
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from portal.audit.access_log import Outcome
from portal.audit.from_request import log_request, refusal_is_logged
from portal.importing import MayNotImport, NoSuchImport
from portal.letters import LetterError, MissingFields
from portal.parts import Portal
from portal.process.errors import NoSuchStep, NotYourTurn, OutOfDate, OutOfScope, OutOfTurn
from portal.process.step import Step
from portal.step_form import sent_in_words
from portal.store.errors import ClaimTaken, Conflict, Damaged, NotFound, OutcomeUnknown, Unavailable

Answer = tuple[str, int]


def error_page(status: int, **words: Any) -> Answer:
    """The page for a status, with other words in place of its own where they are given."""
    return render_template("error.html", status=status, **words), status


def log_refusal(status: int, record: str, why: str) -> None:
    """Writes to the access log that somebody was refused: with which answer, and why. Once for a request."""
    if not refusal_is_logged():
        outcome = Outcome.FAILED if status in (422, 500, 503) else Outcome.REFUSED
        log_request(_tried(), record or _record_of_address(), outcome, f"{status}: {why}")


def _tried() -> str:
    """What the request asked for, in words of our own: an address may hold what somebody typed, or a key."""
    key = (request.view_args or {}).get("step_key")
    known = {step.key for process in current_app.extensions["portal"].processes for step in process.steps}
    verb = "open" if request.method in ("GET", "HEAD", "OPTIONS") else "send"
    return f"{verb} {key if key in known else request.endpoint or 'no such page'}"


def _record_of_address() -> str:
    """The application or the person that the address names, where it names one."""
    found = request.view_args or {}
    return str(found.get("document_id") or found.get("email") or "")


def log_what_was_refused(response: Response) -> Response:
    """Nothing that was refused or failed goes unlogged, whoever refused it. If it cannot be logged, nothing is told."""
    status = response.status_code
    if status < 400 or request.endpoint in (None, "static", "public.health") or refusal_is_logged():
        return response
    try:
        # Who is not signed in is told nothing by a 404, and anybody's slip would fill the log.
        if status != 404 or current_user.is_authenticated:
            log_refusal(status, "", g.get("refused_because", response.status.partition(" ")[2].lower()))
    except Unavailable as error:
        if status < 500:  # else it says already that something failed
            return current_app.make_response(_unavailable(error))
    return response


def show(app: Flask) -> None:
    """Answers each error with its page."""
    handlers: dict[type[Exception], Callable[[Any], Answer | HTTPException]] = {
        NotYourTurn: _not_your_turn,
        OutOfScope: _not_there,
        NotFound: _not_there,
        NoSuchStep: _not_there,
        MayNotImport: _not_for_you,
        NoSuchImport: _not_there,
        OutOfTurn: _out_of_turn,
        OutOfDate: _out_of_turn,
        Conflict: _out_of_turn,
        ClaimTaken: _out_of_turn,
        Damaged: _damaged,
        Unavailable: _unavailable,
        LetterError: _letter_not_drawn,
        HTTPException: _http_error,
    }
    for kind, handler in handlers.items():
        app.register_error_handler(kind, _or_unavailable(handler))
    app.register_error_handler(500, _our_mistake)
    app.after_request(log_what_was_refused)


def _or_unavailable(handler: Callable[[Any], Answer | HTTPException]) -> Callable[[Any], Answer | HTTPException]:
    """The handler's page; 503 where even the refusal cannot be logged."""

    def answer(error: Exception) -> Answer | HTTPException:
        try:
            return handler(error)
        except Unavailable as unavailable:
            return _unavailable(unavailable)

    return answer


def _not_your_turn(error: NotYourTurn) -> Answer:
    log_refusal(403, error.document_id, error.why)
    return error_page(403, what_happened=error.why, what_to_do="It is not your turn, or not your role.")


def _not_for_you(error: MayNotImport) -> Answer:
    log_refusal(403, "", error.why)
    return error_page(403, what_happened=error.why)


def _not_there(error: Exception) -> Answer:
    log_refusal(404, _record_of(error), type(error).__name__)
    return error_page(404)


def _out_of_turn(error: Exception) -> Answer:
    log_refusal(409, _record_of(error), type(error).__name__)
    why = error.why if isinstance(error, OutOfTurn) else None
    words = {"title": "This step is not open now", "what_happened": why} if why else {}
    if request.method == "GET" and (document_id := (request.view_args or {}).get("document_id")):
        words["what_to_do"] = "See where the application is, and what has been done on it."
        words["back_url"] = url_for("applications.application", document_id=document_id)
        words["back_label"] = "Go to the application"
    return error_page(409, **words)


def _damaged(error: Damaged) -> Answer:
    log_refusal(503, error.key, "damaged")
    return error_page(
        503,
        title="This record cannot be read",
        what_happened=f"{error.key} is damaged. Everything else goes on.",
        what_to_do="Tell whoever runs the portal: they can see it on the health page, and have backups.",
    )


def _unavailable(error: Unavailable) -> Answer:
    current_app.logger.error("the store is unavailable", extra={"data": {"why": str(error)}})
    if request.method == "POST":
        words = _NOT_KNOWN if isinstance(error, OutcomeUnknown) else {}
        return error_page(503, kept=_typed(), retry_fields=_fields(), retry_url=request.path, **words)
    return error_page(503)


_NOT_KNOWN = {
    "title": "It is not known whether this was recorded",
    "what_happened": "The store went away while it kept what you sent, and has not come back yet.",
    "what_to_do": "Look whether it is there before you send it again.",
    "not_known": True,
}
"""The words of the page when the store left without saying whether it kept something."""


def letter_in_words(error: LetterError) -> str:
    """Why a letter was not sent, and what it needs, for whoever would have sent it."""
    if isinstance(error, MissingFields):
        return f"The letter “{error.letter}” was not sent. It needs: {', '.join(error.fields)}."
    return f"Nothing was sent: {error}."


def _letter_not_drawn(error: LetterError) -> Answer:
    return error_page(
        422,
        title="A letter cannot be filled" if isinstance(error, MissingFields) else "A letter template cannot be used",
        what_happened=letter_in_words(error),
        what_to_do="Enter what is missing (your own phone number stands under “Your account”), or have the Word "
        "template changed.",
    )


def _http_error(error: HTTPException) -> Answer | HTTPException:
    if error.code is None or error.code < 400:
        return error
    if error.code == 401 or "first" in g:
        # What comes first (signing in, the rules) is done in another tab; then this is sent again from here.
        return error_page(
            error.code,
            what_happened=g.get("refused_because"),
            what_to_do="Do that, and nothing of what you typed is lost." if "first" in g else None,
            kept=_typed(),
            retry_fields=_fields(),
            retry_url=request.path,
            first=g.get("first"),
        )
    return error_page(error.code, what_happened=g.get("refused_because"))


def _our_mistake(error: HTTPException) -> Answer:
    return error_page(500)


def _record_of(error: Exception) -> str:
    return str(getattr(error, "document_id", None) or getattr(error, "key", ""))


def _fields() -> list[tuple[str, str]]:
    """What was sent by somebody who is not signed in any more: to be sent again, without passwords and old tokens."""
    secret = ("csrf_token", "password", "code")
    return [
        (name, value)
        for name, values in request.form.lists()
        for value in values
        if not any(word in name for word in secret)
    ]


def _typed() -> list[tuple[str, str]]:
    """The same, as words to read and copy: of a step by its questions."""
    hidden = ("version", "confirm", "draft_revision", "request_id", "add", "remove", "save", "change")
    if step := _step_of_address():
        return sent_in_words(step, _fields())
    return [
        (name.replace("_", " ").replace("-", " ").capitalize(), value)
        for name, value in _fields()
        if value and name not in hidden
    ]


def _step_of_address() -> Step | None:
    """The step whose form the address takes; None where it takes another form."""
    portal: Portal = current_app.extensions["portal"]
    if request.endpoint == "steps.begin":
        return portal.process.starting_step
    key = (request.view_args or {}).get("step_key")
    return next((step for process in portal.processes for step in process.steps if step.key == key), None)
