"""A bare Flask app with a made-up step that has every kind of field, and a page that shows every macro.

    python -m tests.web.gallery

serves it at http://127.0.0.1:8001 for whoever changes the look.
"""

from datetime import date
from pathlib import Path
from typing import Any

from flask import Flask, flash, get_template_attribute, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.datastructures import FileStorage

from portal import words
from portal.answers import answers_in_words
from portal.forms import (
    answers_from,
    change_rows,
    form_for,
    form_from_answers,
    form_from_request,
    note_from,
    show_problems,
)
from portal.process.errors import Problem
from portal.process.step import Choice, Field, Kind, Step, When
from portal.store.port import Page

HERE = Path(__file__).parent
PORTAL = HERE.parents[1] / "portal"
CHAPTERS = [
    ("Invitation", "done", "Done on September 14, 2026"),
    ("Application", "current", "With DCSS Legal and the Infrastructure Manager"),
    ("Agreement", "next", ""),
    ("Access", "next", ""),
]
COUNTIES = ("Alameda", "Kern", "Los Angeles", "Mono", "Monterey", "San Diego", "Sonoma")

EVERY_KIND = Step(
    key="every-kind",
    title="Answer one question of every kind",
    asks="Is this what a form should look like?",
    role="requestor",
    chapter="application",
    section="6.4",
    done="Answered one question of every kind",
    fields=(
        Field("organization_name", "Name of the organization", example="Kern County Department of Human Services"),
        Field("purpose", "What you need to look up, and why", Kind.LONG_TEXT, hint="Name no case and no person."),
        Field("contact_email", "Email of the contact person", Kind.EMAIL),
        Field("contact_phone", "Phone of the contact person", Kind.PHONE, example="661-555-0142", required=False),
        Field("users_requested", "Number of users", Kind.NUMBER, minimum=1, hint="Everyone who will sign in to CSE."),
        Field("signed_on", "Date of signature", Kind.DATE),
        Field(
            "decision",
            "Decision",
            Kind.CHOICE,
            choices=(Choice("accept", "Accept"), Choice("reject", "Reject", hint="The reason goes into the letter.")),
        ),
        Field(
            "reason",
            "Reason",
            Kind.LONG_TEXT,
            only_when=When("decision", ("reject",)),
            required=When("decision", ("reject",)),
        ),
        Field(
            "county",
            "County",
            Kind.CHOICE,
            choices=tuple(Choice(name.lower().replace(" ", "-"), name) for name in COUNTIES),
        ),
        Field(
            "authorities",
            "Statutory authority",
            Kind.CHOICES,
            choices=(Choice("42-usc-453a-f", "42 USC 453A(f)"), Choice("family-code-17212", "Family Code 17212")),
        ),
        Field("attestation", "I am the person named above, and this is my signature.", Kind.TICK),
        Field("signed_mou", "The signed Memorandum of Understanding", Kind.FILE, hint="A PDF of up to 20 MB."),
        Field(
            "users",
            "Users",
            Kind.ENTRIES,
            hint="Each person who was trained and has signed the statement.",
            key="email",
            adds=True,
            fields=(
                Field("name", "Full name"),
                Field("email", "Email", Kind.EMAIL),
                Field("trained_on", "Trained on", Kind.DATE),
                Field("left", "Has left the organization", Kind.TICK, required=False),
                Field("left_on", "Last day", Kind.DATE, only_when=When("left", ("yes",))),
                Field("statement", "Signed statement", Kind.FILE, required=False),
            ),
        ),
        Field("received_on", "Date on which it came by mail", Kind.DATE, on_behalf_only=True),
    ),
)


def keep_pdf(upload: FileStorage, accepts: tuple[str, ...]) -> dict[str, Any]:
    """Stands where the store keeps a file; refuses what is no PDF."""
    content = upload.read()
    if not content.startswith(b"%PDF-"):
        raise ValueError("Choose a PDF. This file is of another kind")
    return {"name": upload.filename, "sha256": "0" * 64, "size": len(content)}


def gallery_app() -> Flask:
    """The app: `/` shows the macros, `/form` the form, `/error/<status>` the error pages."""
    app = Flask("gallery", root_path=str(PORTAL))
    app.secret_key = "a gallery keeps no secrets"
    app.jinja_loader = ChoiceLoader([app.jinja_loader, FileSystemLoader(HERE / "templates")])  # type: ignore[list-item]
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    words.init_app(app)
    app.add_template_filter(answers_in_words)
    CSRFProtect(app)

    @app.context_processor
    def everywhere() -> dict[str, Any]:
        person = {"name": "Ana Muñoz-O’Neil", "roles": ["DCSS Legal", "Process Manager"]}
        nav = [("Inbox (3)", "/", True), ("Applications", "/form", False), ("Tracking", "/t", False)]
        return {"demo": True, "person": person, "nav_items": nav}

    @app.after_request
    def only_from_here(response: Any) -> Any:
        response.headers["Content-Security-Policy"] = "default-src 'self'"
        return response

    @app.get("/")
    def show_gallery() -> str:
        flash("The opinion is recorded. The Process Manager was told.", "success")
        page: Page[str] = Page(rows=["x"] * 25, offset=25, total=1204)
        return render_template(
            "gallery.html", chapters=CHAPTERS, page=page, step=EVERY_KIND, answers=ANSWERS, today=date(2026, 11, 23)
        )

    @app.route("/form", methods=["GET", "POST"])
    def form() -> ResponseReturnValue:
        made = form_for(EVERY_KIND)
        if request.method == "GET":
            return render_template("gallery_form.html", form=form_from_answers(made, {}, version=7), step=EVERY_KIND)
        sent = form_from_request(made, request.form, request.files)
        if change_rows(sent, request.form):
            return render_template("gallery_form.html", form=sent, step=EVERY_KIND)
        answers, problems = answers_from(sent, keep_pdf)
        missing = [
            Problem(field.name, f"{field.label}: an answer is needed")
            for field in sent.declared
            if field.required is True and not answers.get(field.name)
        ]
        known = {problem.field for problem in problems}
        show_problems(sent, [*problems, *(problem for problem in missing if problem.field not in known)])
        if sent.problems:
            return render_template("gallery_form.html", form=sent, step=EVERY_KIND), 422
        if request.form.get("confirm") == "yes":
            return redirect("/", 303)
        return render_template("gallery_check.html", form=sent, step=EVERY_KIND, answers=answers, note=note_from(sent))

    @app.get("/filled")
    def filled() -> str:
        form = form_from_answers(form_for(EVERY_KIND), ANSWERS, version=7, note="Sent from home.")
        return render_template("gallery_form.html", form=form, step=EVERY_KIND)

    @app.post("/draft")
    def keep_draft() -> ResponseReturnValue:
        app.config.setdefault("DRAFTS", []).append(request.form.to_dict(flat=False))
        if "taken" in request.form.get("organization_name", ""):
            return "A colleague", 409
        return "", 204

    @app.get("/error/<int:status>")
    def error(status: int) -> ResponseReturnValue:
        return render_template("error.html", status=status, request_id="7f3a-0192", kept=[("Purpose", "a <b> & c")])

    return app


ANSWERS: dict[str, Any] = {
    "organization_name": "Kern IV-A & Søns <script>",
    "purpose": "To find the current address of absent parents.\nSecond line.",
    "contact_email": "ana@kern.example",
    "users_requested": 12,
    "signed_on": "2026-11-23",
    "decision": "reject",
    "reason": "The authority named does not cover it.",
    "county": "los-angeles",
    "authorities": ["42-usc-453a-f", "family-code-17212"],
    "attestation": True,
    "signed_mou": {"name": "mou.pdf", "sha256": "0" * 64, "size": 2_130_000},
    "users": [
        {"name": "Bo Li", "email": "bo@kern.example", "trained_on": "2026-10-01", "left": False},
        {
            "name": "Cy Young",
            "email": "cy@kern.example",
            "trained_on": "2026-10-02",
            "left": True,
            "left_on": "2026-11-01",
        },
    ],
}


def macro(app: Flask, template: str, name: str) -> Any:
    """A macro of a template, to be called from a test."""
    with app.app_context():
        return get_template_attribute(template, name)


if __name__ == "__main__":
    gallery_app().run(port=8001)
