"""A made-up process of three steps: changes to a system are asked for, weighed and voted on.

It shares nothing with third party access but the core: its roles, scopes, statuses, facts and words are its own. The
tests of the core, the store and the views run it to show that none of them knows what process it runs.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from portal.process.conditions import AnyOf, Not, Taken
from portal.process.document import Answers, Json, section
from portal.process.errors import Problem
from portal.process.policy_table import ANYBODY, APPLICATION, Act, Policy, Row, Separation
from portal.process.portal_pages import PORTAL_PAGES, page
from portal.process.step import (
    Actor,
    Choice,
    Criterion,
    Elsewhere,
    Field,
    Goal,
    Grant,
    Kind,
    Process,
    Role,
    Situation,
    Step,
    When,
)

HOURS_A_YEAR = 100
"""The hours of work that all changes together may take before the board has to say why."""

WORTH_IT = Taken("weigh-change", "finding", ("worth-it",), "the change is worth its work")
SENT_BACK = Taken("weigh-change", "finding", ("send-back",), "the change is sent back")


def _consortium(situation: Situation, answers: Answers) -> Json:
    grants = situation.actor.grants if situation.actor else ()
    known = situation.document.get("organization")
    return {"consortium": known or next(grant.scope["organization"] for grant in grants if grant.role == "sponsor")}


def _header(document: Json) -> Mapping[str, str]:
    return {"lcsa": "Statewide", "organization": section(document, "ask-for-change")["consortium"]}


def _facts(elsewhere: Elsewhere, step: Step, document: Json, answers: Answers, actor: Actor) -> Mapping[str, Any]:
    return {"hours_promised": elsewhere.held("hours", document.get("id"))}


def _promised(document: Json) -> Mapping[str, int]:
    weighed, voted = section(document, "weigh-change"), section(document, "vote")
    return {"hours": weighed["hours"]} if voted.get("vote") == "for" else {}


def _claims(document: Json) -> Mapping[str, str]:
    return {"title": section(document, "ask-for-change")["change_title"].casefold()}


def _check_vote(situation: Situation, answers: Answers) -> Iterator[Problem]:
    hours = section(situation.document, "weigh-change")["hours"] + situation.facts.get("hours_promised", 0)
    if answers["vote"] == "for" and hours > HOURS_A_YEAR and not answers.get("words"):
        yield Problem("words", f"That makes {hours} hours in a year of {HOURS_A_YEAR}. Say why.")


ALL = ("sponsor", "analyst", "board")

POLICY = Policy(
    rows=(
        *PORTAL_PAGES,
        page("matrix", "Matrix", (ANYBODY,), "matrix.matrix matrix.uaag", "To publish tables."),
        Row(ALL, Act.SEE, APPLICATION, "To take part."),
        Row(
            ALL,
            Act.READ,
            APPLICATION,
            "To see how far it has come.",
            names=(
                "id",
                "version",
                "process",
                "lcsa",
                "organization",
                "status",
                "history",
                "open_tasks",
                "goals",
                "criterion/1",
                "criterion/2",
            ),
        ),
        Row(("sponsor",), Act.TAKE, "ask-for-change", "To ask."),
        Row(
            ALL,
            Act.READ,
            "ask-for-change",
            "To know what is asked.",
            names=("change_title", "wanted_by", "screens", "consortium", "note"),
        ),
        Row(("analyst",), Act.TAKE, "weigh-change", "To weigh."),
        Row(ALL, Act.READ, "weigh-change", "To know what it takes.", names=("finding", "hours", "note")),
        Row(("analyst", "board"), Act.READ, "weigh-change", "For the board alone.", names=("opinion",)),
        Row(("board",), Act.TAKE, "vote", "To vote."),
        Row(("analyst",), Act.ENTER, "vote", "To enter a vote that came on paper."),
        Row(ALL, Act.READ, "vote", "To know what the board says.", names=("vote", "words", "note")),
    ),
    separations=(Separation("weigh-change", "Nobody weighs what they asked for.", not_after=("ask-for-change",)),),
)

MADE_UP = Process(
    key="change-requests",
    title="Change requests",
    prefix="CR",
    roles=(
        Role("sponsor", "Sponsor", ("organization",), "Asks for changes in the name of a consortium."),
        Role("analyst", "Analyst", (), "Weighs what a change takes."),
        Role("board", "Board", (), "Votes."),
        Role("doorkeeper", "Doorkeeper", (), "Lets people in, and sees no change request."),
    ),
    chapters=(("asking", "Asking"), ("answering", "Answering")),
    steps=(
        Step(
            key="ask-for-change",
            title="Ask for a change",
            asks="Say what should change, and why.",
            done="asked for a change",
            chapter="asking",
            section="G3.1",
            starts=True,
            opens=SENT_BACK,
            records=_consortium,
            status="asked",
            check_first=True,
            keeps_draft=True,
            fields=(
                Field("change_title", "What should change", example="Show the county on every page"),
                Field("wanted_by", "Wanted by", Kind.DATE, required=False, not_before_today=True),
                Field(
                    "screens",
                    "Screens",
                    Kind.ENTRIES,
                    key="screen",
                    fields=(Field("screen", "Screen"), Field("what", "What changes on it", Kind.LONG_TEXT)),
                ),
            ),
        ),
        Step(
            key="weigh-change",
            title="Weigh the change",
            asks="Say how much work the change takes, and whether it is worth it.",
            done="weighed the change",
            done_when=((When("finding", ("send-back",)), "sent the change back"),),
            chapter="answering",
            section="G3.1",
            opens=Taken("ask-for-change"),
            goal=Goal(5, after=Taken("ask-for-change"), trigger="the day on which it was asked for"),
            status="weighed",
            status_when=((SENT_BACK, "asked"),),
            fields=(
                Field(
                    "finding",
                    "Is it worth its work?",
                    Kind.CHOICE,
                    choices=(Choice("worth-it", "It is"), Choice("send-back", "Not as it is: send it back")),
                ),
                Field("hours", "Hours of work", Kind.NUMBER, minimum=1, only_when=When("finding", ("worth-it",))),
                Field("opinion", "For the board alone", Kind.LONG_TEXT, required=False),
            ),
        ),
        Step(
            key="vote",
            title="Vote",
            asks="Vote for the change or against it.",
            done="voted",
            chapter="answering",
            section="G3.1",
            opens=AnyOf(WORTH_IT),
            check=_check_vote,
            status="adopted",
            status_when=((Taken("vote", "vote", ("against",)), "declined"),),
            fields=(
                Field("vote", "Vote", Kind.CHOICE, choices=(Choice("for", "For"), Choice("against", "Against"))),
                Field("words", "In words", Kind.LONG_TEXT, required=When("vote", ("against",))),
            ),
        ),
    ),
    statuses=(("asked", "Asked for"), ("weighed", "Weighed"), ("adopted", "Adopted"), ("declined", "Declined")),
    header=_header,
    policy=POLICY,
    ended=frozenset({"adopted", "declined"}),
    criteria=(
        Criterion(1, "Somebody weighed it.", WORTH_IT, ("weigh-change",)),
        Criterion(2, "Nobody voted yet.", Not(Taken("vote")), ("vote",)),
    ),
    facts=_facts,
    claims=_claims,
    holdings=_promised,
)

ANSWERS: dict[str, Answers] = {
    "ask-for-change": {
        "change_title": "Show the county on every page",
        "screens": [{"screen": "Case list", "what": "The county stands in the heading."}],
    },
    "weigh-change": {"finding": "worth-it", "hours": 60, "opinion": "Cheap at that."},
    "vote": {"vote": "for"},
}
"""Answers with which each step is taken, in the order of the table."""


def person_of(role: str, consortium: str = "ISAWS") -> Actor:
    """Who holds a role of the made-up process; a sponsor, of this consortium."""
    scope = {"organization": consortium} if role == "sponsor" else {}
    return Actor(f"{role}@{consortium.lower()}.example", role.capitalize(), (Grant(role, scope),))
