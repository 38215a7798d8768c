"""Lives the demo's agreements (`portal.demo_years`) day by day, through the real steps, as of the moment of each."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from portal import actions, letters_of_steps, mou_campaign, publishing, surveys
from portal.audit import Act as Logged
from portal.demo_answers import WITH_ACCOUNT, answers_to, organization
from portal.demo_people import Cast
from portal.demo_years import LIVES, NEWER_TEXT, SURVEY_ASKED, Act, Life, dated, lived
from portal.letters import Letters
from portal.parts import Portal
from portal.process.document import Json
from portal.process.goals import CALIFORNIA, california_date
from portal.process.step import Grant
from portal.process.third_party_access.surveys import QUESTION, key_of
from portal.store.port import Search

MADE = "demo-made"
"""Records that say which document each of the demo's applications became."""

OWN_CASES = "No user looks up a case of their own, of relatives or of colleagues."
"""What the MOU says of own cases: the text before did not say it."""

SURVEY = "Yearly survey"

REVIEWS = {
    750: ("Roles, goals and letters, with the Contract Manager and Legal.", False, "Nothing changes; it is read again in a year."),
    383: ("The MOU, the statement that users sign, and what auditors found elsewhere.", True, "The MOU says of own cases what the statement says. All Directors are told by letter."),
}  # fmt: skip
"""Days since each yearly review of the process: what was reviewed, whether something changed, and what came of it."""


def live(portal: Portal, number: int) -> int:
    """Makes the applications of every life that fits among the first `number` and is not made yet; returns how many."""
    lives = [
        life
        for life in LIVES
        if life.place + life.applications <= number and portal.store.get_record(MADE, str(life.place)) is None
    ]
    if not lives:
        return 0
    with _older_letters(portal) as letters_before:
        living = _Living(portal, letters_before)
        living.note_texts()
        living.publish()
        for moment, life, act in lived(lives, portal.today, portal.calendar):
            living.ask_by(moment)
            living.take(moment, life, act)
        living.ask_by(portal.clock())
        living.count_as_told()
    return sum(life.applications for life in lives)


@contextmanager
def _older_letters(portal: Portal) -> Iterator[Letters]:
    """The letters as they were before the MOU had its present text."""
    content = portal.letters.text("mou")
    older = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as now, zipfile.ZipFile(older, "w", zipfile.ZIP_DEFLATED) as before:
        for part in now.infolist():
            said = now.read(part)
            before.writestr(part, said.replace(OWN_CASES.encode(), b"") if part.filename.endswith(".xml") else said)
    with TemporaryDirectory() as folder:
        (Path(folder) / "mou.docx").write_bytes(older.getvalue())
        yield Letters(Path(folder))


@dataclass
class _Living:
    """The lives, as far as they are lived: the documents of each, by its place and whether it is the renewal's."""

    portal: Portal
    letters_before: Letters
    documents: dict[tuple[int, bool], Json] = field(default_factory=dict)

    def note_texts(self) -> None:
        """Notes since when the MOU has each text, and what it is called."""
        today = self.portal.today
        for letters, days in ((self.letters_before, 1500), (self.portal.letters, NEWER_TEXT)):
            since = today - timedelta(days=days)
            sha256 = self.portal.store.put_file(letters.text("mou"))
            letters_of_steps.note_texts(self.portal, {sha256: "mou"}, since)
            mou_campaign.name_text(self.portal, sha256, f"MOU of {since.year}", self._logged("name a text of the MOU"))

    def publish(self) -> None:
        """The yearly review, two years ago and last year, with the letter to all Directors that came of it."""
        if publishing.reviews(self.portal):
            return
        owner = self.portal.people.require("process-owner@demo.example")
        for before, (days, (what, changes, next_step)) in enumerate(REVIEWS.items()):
            on = self.portal.today - timedelta(days=days)
            review = {"reviewed_on": on.isoformat(), "what": what, "changes": changes, "next_step": next_step}
            then = self._as_of(datetime.combine(on, time(14), CALIFORNIA))
            publishing.record_review(then, review, owner, self._logged("record a review of the process"), before)
        number = f"{on:%y}-03"
        letter = publishing.CssLetter(number, "initiated-by-dcss", publishing.SUBJECT, publishing.BODY)
        publishing.send(then, letter, owner, self._logged("send a CSS letter"))

    def take(self, moment: datetime, life: Life, act: Act) -> None:
        """Takes the step as its role would at that moment."""
        now = min(moment, self.portal.clock())
        portal = self._as_of(now)
        one, on = organization(life.place), california_date(now)
        before = self.documents.get((life.place, False))
        document = self.documents.get((life.place, act.on_renewal), {})
        answers = {
            **answers_to(act.step, one, on, document, before if act.on_renewal else None),
            **dated(act.other, self.portal.today),
        }
        cast = Cast(portal, one)
        actor = cast.actor("itself" if act.by_itself else portal.process.step(act.step).role)
        if document:
            document = actions.take(portal, document["id"], act.step, actor, answers, now=now)
        else:
            document = actions.begin(portal, actor, answers, now=now)
            self._made(life.place, document)
            if life.place in WITH_ACCOUNT:
                portal.people.grant(one.email, Grant("requestor", {"lcsa": one.county, "organization": one.name}))
        self.documents[life.place, act.on_renewal] = document
        if act.step == "start-renewal":
            renewal = self.portal.store.get(document["start_renewal"]["application"])
            self.documents[life.place, True] = renewal
            self._made(life.place + 1, renewal)

    def _made(self, place: int, document: Json) -> None:
        self.portal.store.put_record(MADE, str(place), {"document": document["id"]})

    def ask_by(self, moment: datetime) -> None:
        """Sends the survey once its day has come; who has access on it is asked."""
        portal = self.portal
        newest = max((one.changed_at for one in portal.store.listed(_ACTIVE, limit=1).rows), default="")
        asked = portal.today - timedelta(days=SURVEY_ASKED)
        key = key_of(f"{SURVEY} {asked.year}")
        if california_date(moment) <= asked or not newest or surveys.get(portal, key) is not None:
            return
        then = self._as_of(max(moment - timedelta(days=1), datetime.fromisoformat(newest)))
        owner = then.people.require("process-owner@demo.example").actor
        until = (portal.today + timedelta(days=30 - SURVEY_ASKED)).isoformat()
        name = f"{SURVEY} {asked.year}"
        begun = surveys.begin(then, name, QUESTION, until, (), owner, self._logged("begin a survey"))
        while not begun.is_sent:
            begun = surveys.send(then, begun.key, owner)
        for place, document in self.documents.items():
            self.documents[place] = portal.store.get(document["id"])

    def count_as_told(self) -> None:
        """Counts as sent, on the day of each, what people were owed to be told: nobody wants three years of mail."""
        with self.portal.store.writing() as writing:
            for document in [writing.get(one["id"]) for one in self.documents.values()]:
                at = {entry["seq"]: entry["at"] for entry in document["history"]}
                told = [{**notice, "sent_at": notice["sent_at"] or at[notice["seq"]]} for notice in document["notices"]]
                writing.replace({**document, "notices": told}, document["revision"])

    def _as_of(self, now: datetime) -> Portal:
        """The portal as it was at that moment, as far as steps ask for it."""
        is_older = california_date(now) <= self.portal.today - timedelta(days=NEWER_TEXT)
        letters = self.letters_before if is_older else self.portal.letters
        return replace(self.portal, clock=lambda: now, letters=letters)

    def _logged(self, did: str) -> Logged:
        return Logged("process-owner@demo.example", did, "demo")


_ACTIVE = Search(process="third-party-access", statuses=("active",))
