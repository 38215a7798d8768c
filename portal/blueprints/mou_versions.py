"""The versions of the MOU's text: which organizations signed which, who is on an older one, and the campaign to have
the new one signed.
"""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from portal import mou_campaign, organizations
from portal.access import current_actor, may_open
from portal.audit.from_request import act_of_request
from portal.blueprints import account_forms as fields
from portal.mou_campaign import CampaignRefused, Standing
from portal.process import policy
from portal.process.document import Json, last_entry, section
from portal.process.goals import california_day
from portal.process.third_party_access.mou_versions import offered_text, signed_text
from portal.process.third_party_access.reference import LCSAS
from portal.process.third_party_access.term import APPROVED
from portal.rendering import PAGE_SIZE, REACH, offset_within_reach, the_portal
from portal.store.errors import Conflict, NotFound
from portal.store.port import Page, Search

blueprint = Blueprint("mou_versions", __name__)

Answer = str | Response | tuple[str, int]

NOT_KNOWN = "not-known"
"""In the filter: agreements that were signed before texts were kept."""


class NameForm(FlaskForm):
    """What a text is called."""

    name = fields.text("Name of this text", longest=60)


class CampaignForm(FlaskForm):
    """Why the new text is to be signed."""

    reason = fields.paragraphs("Why the new text is to be signed", longest=1000)


@blueprint.get("/mou-versions")
def mou_versions() -> Answer:
    """Each text with the number of agreements in it, and the agreements one by one, by LCSA and text."""
    return _page()


@blueprint.post("/mou-versions/<sha256>/name")
def name(sha256: str) -> Answer:
    """Names a text."""
    form = NameForm()
    if not form.validate():
        return _page(naming=form, named=sha256), 422
    try:
        act = act_of_request("name a text of the MOU", sha256[:12])
        mou_campaign.name_text(the_portal(), sha256, fields.said(form.name), act)
    except NotFound:
        abort(404)
    flash(f"Named: {fields.said(form.name)}.", "success")
    return redirect(url_for("mou_versions.mou_versions"), 303)


@blueprint.post("/mou-versions/campaign")
def begin() -> Answer:
    """Starts a campaign to have today's text signed."""
    form = CampaignForm()
    if not form.validate():
        return _page(starting=form), 422
    act = act_of_request("start a campaign for the MOU's text")
    try:
        mou_campaign.start(the_portal(), current_actor(), fields.said(form.reason), act)
    except (CampaignRefused, Conflict) as refused:
        form.reason.errors = [str(refused)]
        return _page(starting=form), 409
    flash("The campaign runs. The text is sent with the next daily run, once to each.", "success")
    return redirect(url_for("mou_versions.mou_versions"), 303)


@blueprint.post("/mou-versions/campaign/end")
def end() -> Answer:
    """Ends the campaign that runs."""
    try:
        mou_campaign.end(the_portal(), act_of_request("end the campaign for the MOU's text"))
    except (CampaignRefused, Conflict) as refused:
        flash(str(refused), "error")
        return _page(), 409
    flash("The campaign has ended. What was sent stays to be signed.", "success")
    return redirect(url_for("mou_versions.mou_versions"), 303)


def _page(naming: NameForm | None = None, named: str = "", starting: CampaignForm | None = None) -> str:
    portal, actor = the_portal(), current_actor()
    now = mou_campaign.standing(portal)
    lcsa, text = request.args.get("lcsa", ""), request.args.get("text", "")
    page, looked_at = _agreements(now, lcsa if lcsa in LCSAS else "", text)
    return render_template(
        "mou_versions.html",
        now=now,
        past=[one for one in mou_campaign.campaigns(portal) if one.ended_on],
        page=page,
        open_findings=organizations.open_findings_of(portal, {(one["lcsa"], one["organization"]) for one in page.rows}),
        limit=PAGE_SIZE,
        not_all=looked_at < now.in_force and bool(text) and not lcsa,
        lcsa=lcsa,
        text=text,
        texts=[*((one.sha256, one.name) for one in now.versions), (NOT_KNOWN, "Not known")],
        lcsas=[(one, one) for one in LCSAS],
        naming=naming or NameForm(formdata=None),
        named=named,
        starting=starting or CampaignForm(formdata=None),
        may_name=may_open(actor, "mou_versions.name"),
        may_start=may_open(actor, "mou_versions.begin"),
    )


def _agreements(now: Standing, lcsa: str, text: str) -> tuple[Page[Json], int]:
    """A page of the agreements in force, and how many were looked at for it: for one text so many as can be leafed
    through.
    """
    store, offset = the_portal().store, offset_within_reach()
    search = Search(process=the_portal().process.key, statuses=APPROVED, lcsa=lcsa or None, by_name=True)
    if not text:
        found = store.search(search, offset, PAGE_SIZE)
        return Page([_row(now, one) for one in found.rows], offset, found.total, found.more), found.total
    found = store.search(search, 0, REACH)
    wanted = "" if text == NOT_KNOWN else text
    those = [one for one in found.rows if signed_text(one) == wanted]
    rows = [_row(now, one) for one in those[offset : offset + PAGE_SIZE]]
    return Page(rows, offset, len(those)), len(found.rows)


def _row(now: Standing, document: Json) -> Json:
    """One agreement as whoever opens the page may read it."""
    shown = policy.readable(the_portal().process_of(document), document, current_actor())
    offered, entry = offered_text(shown), last_entry(shown, "offer-mou")
    return {
        "id": shown["id"],
        "lcsa": shown["lcsa"],
        "organization": shown["organization"],
        "text": now.name_of(signed_text(shown)),
        "signed_on": section(shown, "countersign-mou").get("signed_on"),
        "offered": now.name_of(offered) if offered else "",
        "offered_on": california_day(entry["at"]) if entry and offered else None,
    }
