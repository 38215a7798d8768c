"""Afterwards: the Process Owner asks organizations with access whether their accounts are enough [9].

A survey goes to many organizations at once as a round, which the portal keeps as a record by its name, with the ids of
the applications that it goes to, by LCSA. The Process Owner may also ask a single organization something, under a name
of its own.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from portal.process.conditions import Never, Shown, Taken
from portal.process.document import Answers, Json, entries, section
from portal.process.errors import Problem
from portal.process.step import Choice, Elsewhere, Field, Kind, Situation, Step, When
from portal.process.third_party_access.accounts import granted
from portal.process.third_party_access.guide import MOST
from portal.process.third_party_access.users import accounts_in_use

CHAPTER = "afterwards"
ROUNDS, RECIPIENTS = "survey-rounds", "survey-recipients"
"""The kinds of records that hold the rounds, by their key, and whom each goes to, by its key and the LCSA."""

QUESTION = "Are the user accounts that your organization has for CSE enough for its work?"
"""What is asked unless the Process Owner writes something else."""

ENOUGH = (
    Choice("yes", "Yes, they are enough"),
    Choice("no", "No, more are needed"),
    Choice("too-many", "There are too many"),
)
_NOT_RIGHT = ("no", "too-many")

HAS_ACCESS = Shown("the organization has access", lambda document: document["status"] == "active")


def key_of(name: str) -> str:
    """The key of the round of this name: `Fall 2026` is `fall-2026`; empty when the name has neither letter nor digit."""
    return "-".join(re.findall(r"[a-z0-9]+", name.casefold()))[:80]


def recipients_key(round_key: str, lcsa: str) -> str:
    """The key of the record of a round's recipients in this LCSA."""
    return f"{round_key}/{lcsa}"


def facts_of_round(elsewhere: Elsewhere, document: Json, answers: Answers) -> Mapping[str, Any]:
    """The round of this name, if there is one, and whether the application is among those it goes to."""
    key = key_of(answers["name"]) if isinstance(answers.get("name"), str) else ""
    kept = elsewhere.kept(ROUNDS, key) if key else None
    if kept is None:
        return {"round": None, "is_recipient": False}
    recipients = elsewhere.kept(RECIPIENTS, recipients_key(key, document["lcsa"])) or {"ids": []}
    return {"round": kept, "is_recipient": document["id"] in recipients["ids"]}


def was_asked(document: Mapping[str, Any], round_key: str) -> bool:
    """Whether the organization was asked in this round already."""
    return any(key_of(entry["answers"]["name"]) == round_key for entry in entries(document, "survey"))


def answer_in_round(document: Mapping[str, Any], round_key: str) -> Json | None:
    """The entry with which the organization answered in this round, or None."""
    for entry in reversed(entries(document, "answer-survey")):
        if key_of(entry["answers"].get("survey", "")) == round_key:
            return entry
    return None


def unanswered(document: Mapping[str, Any]) -> Json | None:
    """The entry of the survey that waits for an answer: the last one, unless it is answered."""
    for entry in reversed(document["history"]):
        if entry["step"] in ("survey", "answer-survey"):
            return dict(entry) if entry["step"] == "survey" else None
    return None


def to_be_answered_by(document: Mapping[str, Any]) -> date | None:
    """The day by which the survey that waits is to be answered; None when none waits."""
    asked = unanswered(document)
    return date.fromisoformat(asked["answers"]["answer_by"]) if asked else None


def replaced_by(document: Mapping[str, Any], round_key: str) -> str:
    """The name of the survey that took this one's place before it was answered; empty when none did."""
    for entry in entries(document, "survey"):
        if key_of(entry["answers"].get("replaces", "")) == round_key:
            return str(entry["answers"]["name"])
    return ""


def holdings(document: Mapping[str, Any]) -> dict[str, int]:
    """One for each round in which the organization was asked, for each of its answers, and for each that a newer one
    replaced, to be counted.
    """
    held = {}
    for entry in document["history"]:
        if entry["step"] == "survey":
            held[count_key(key_of(entry["answers"]["name"]), "sent")] = 1
            if "replaces" in entry["answers"]:
                held[count_key(key_of(entry["answers"]["replaces"]), "replaced")] = 1
        elif entry["step"] == "answer-survey":
            key = key_of(entry["answers"]["survey"])
            held[count_key(key, "answered")] = 1
            held[count_key(key, entry["answers"]["enough"])] = 1
    return held


def count_key(round_key: str, what: str) -> str:
    """The name under which it is counted how often a round was `sent`, `answered` and `replaced`, and with which answer."""
    return f"survey/{round_key}/{what}"


def _check_survey(situation: Situation, answers: Answers) -> Iterator[Problem]:
    key = key_of(answers["name"])
    of_round = situation.facts.get("round")
    if not key:
        yield Problem("name", "Give it a name with letters or digits")
    elif was_asked(situation.document, key):
        yield Problem("name", f"This organization was asked in “{answers['name']}” already")
    elif of_round and not situation.facts["is_recipient"]:
        yield Problem("name", "A round of this name does not go to this organization: choose another name")
    elif of_round and (answers["question"], answers["answer_by"]) != (of_round["question"], of_round["answer_by"]):
        yield Problem("question", "The round of this name asks another question, or until another day")
    elif not of_round and answers["answer_by"] < situation.today.isoformat():
        yield Problem("answer_by", "This day is past")


def _check_answer(situation: Situation, answers: Answers) -> Iterator[Problem]:
    has, needed = granted(situation.document), answers.get("accounts_needed", 0)
    if answers["enough"] == "no" and needed <= has:
        yield Problem("accounts_needed", f"{has} granted already: if they are not enough, more than that are needed")
    if answers["enough"] == "too-many" and needed >= has:
        yield Problem("accounts_needed", f"{has} granted: if these are too many, fewer than that are needed")


def _record_replaced(situation: Situation, answers: Answers) -> Json:
    """The survey whose place this one takes: an organization answers one question at a time, the newest."""
    before = unanswered(situation.document) if situation.document.get("history") else None
    return {"replaces": before["answers"]["name"]} if before else {}


def _advice_on_survey(situation: Situation) -> Iterator[str]:
    if before := unanswered(situation.document):
        yield f"“{before['answers']['name']}” is not answered yet. This one takes its place: only this one is to be answered then."


def _advice_on_answer(situation: Situation) -> Iterator[str]:
    asked = section(situation.document, "survey")
    answer_by = date.fromisoformat(asked["answer_by"])
    yield f"“{asked['question']}” Please answer by {answer_by.strftime('%B %-d, %Y')}."
    if "replaces" in asked:
        yield f"It takes the place of “{asked['replaces']}”, which needs no answer any more."
    has, used = granted(situation.document), len(accounts_in_use(situation.document))
    yield f"{has} {'account is' if has == 1 else 'accounts are'} granted to your organization, and {used} in use."
    yield "An answer changes no number by itself: more accounts are asked for through your LCSA Director."


STEPS = (
    Step(
        key="survey",
        title="Ask whether the accounts are enough",
        asks="Ask this organization alone. To ask all of them, or those of some LCSAs, send a round under “Surveys”.",
        done="asked whether the accounts are enough",
        chapter=CHAPTER,
        section="9",
        opens=HAS_ACCESS,
        repeats=HAS_ACCESS,
        waits=Never(),
        each_anew=True,
        check=_check_survey,
        advice=_advice_on_survey,
        records=_record_replaced,
        confirm_label="Send the survey",
        fields=(
            Field("name", "Name of the survey", hint="By which it is found again. Each organization is asked once under one name.", example="Kern, spring 2027", longest=80),
            Field("question", "Question", Kind.LONG_TEXT, default=lambda situation: QUESTION, longest=1000),
            Field("answer_by", "Answer by", Kind.DATE),
        ),
    ),
    Step(
        key="answer-survey",
        title="Answer the survey",
        asks="DCSS asks whether the user accounts of your organization are enough.",
        done="answered the survey",
        chapter=CHAPTER,
        section="9",
        opens=Taken("survey", words="a survey is sent"),
        due_on=to_be_answered_by,
        each_anew=True,
        check=_check_answer,
        records=lambda situation, answers: {"survey": section(situation.document, "survey")["name"]},
        advice=_advice_on_answer,
        keeps_draft=True,
        confirm_label="Send the answer",
        fields=(
            Field("enough", "Are the accounts enough?", Kind.CHOICE, choices=ENOUGH),
            Field("accounts_needed", "How many accounts does your organization need in all?", Kind.NUMBER, only_when=When("enough", _NOT_RIGHT), required=When("enough", _NOT_RIGHT), minimum=0, maximum=MOST),
            Field("reason", "Reason", Kind.LONG_TEXT, required=When("enough", _NOT_RIGHT), hint="Nothing about a child support case belongs here.", example="A second intake office opens in March, with four eligibility workers."),
        ),
    ),
)  # fmt: skip
