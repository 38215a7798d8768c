"""The JSON Schema: every document along every way holds to it, a broken one does not, and it is published."""

import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from portal.process.document import Json
from portal.process.schema import schema_of
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.journey import WAY
from tests.process.case import STEPS, after, before, paper, where_open

PUBLISHED = Path(__file__).parents[2] / "docs" / "third-party-access.schema.json"
VALIDATOR = Draft202012Validator(schema_of(THIRD_PARTY_ACCESS))


def faults(document: Json) -> list[str]:
    """What the schema finds in the document as a store would keep it."""
    return [error.message for error in VALIDATOR.iter_errors({"revision": 1, **document})]


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema_of(THIRD_PARTY_ACCESS))


def test_the_published_schema_is_that_of_the_steps_table() -> None:
    command = [sys.executable, "-m", "portal.process.third_party_access"]
    printed = subprocess.run(command, cwd=PUBLISHED.parents[1], capture_output=True, text=True, check=True).stdout
    assert json.loads(printed) == schema_of(THIRD_PARTY_ACCESS)
    written = PUBLISHED.read_text(encoding="utf-8")
    assert written == printed, f"write it anew: python -m {command[2]} > docs/{PUBLISHED.name}"


@pytest.mark.parametrize("step", WAY)
def test_every_document_on_the_way_holds_to_the_schema(step: str) -> None:
    assert faults(after(step).document) == []


@pytest.mark.parametrize("step", STEPS)
def test_a_document_holds_to_the_schema_after_every_step_beside_the_way(step: str) -> None:
    assert faults(where_open(step).take(step, note="Seen.").document) == []


@pytest.mark.parametrize(
    ("step", "answers"),
    [
        ("schedule-invitation", {"outcome": "return", "reason": "Who?"}),
        ("route-application", {"outcome": "return", "correction": "Who?"}),
        ("connectivity-test", {"result": "does-not-connect", "findings": "No."}),
        ("decide", {"decision": "reject", "reason": "No."}),
        ("sign-mou", {"method": "scan", "signed_mou": paper()}),
    ],
)
def test_other_outcomes_hold_to_the_schema_too(step: str, answers: dict[str, Any]) -> None:
    assert faults(before(step).take(step, **answers).document) == []


def test_what_was_entered_for_another_holds_to_the_schema() -> None:
    case = before("complete-application")
    case.take("complete-application", case.who("process-manager"), received_by="fax", received_on="2026-11-20")
    assert faults(case.document) == []


def altered(path: str, value: Any) -> Json:
    """The document at the end of the way with one value put in."""
    document = deepcopy(after("confirm-access").document)
    place: Any = document
    *way, last = [int(part) if part.isdecimal() else part for part in path.split(".")]
    for part in way:
        place = place[part]
    place[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", "KERN-1"),
        ("version", "20"),
        ("process", "change-requests"),
        ("status", "forgotten"),
        ("history", []),
        ("surprise", 1),
        ("lcsa", None),
        ("history.0.at", "2026-11-23 18:00"),
        ("history.0.hash", "abc"),
        ("history.0.role", "king"),
        ("history.0.step", "approve-all"),
        ("history.0.surprise", 1),
        ("history.0.answers", {}),
        ("history.5.answers.opinion", "maybe"),
        ("history.9.letters.0.sha256", "abc"),
        ("legal_opinion.authorities", ["42-usc-1"]),
        ("legal_opinion.surprise", 1),
        ("complete_application.users_requested", "3"),
        ("complete_application.users_requested", 0),
        ("complete_application.attestation", "yes"),
        ("complete_application.signed_on", "11/23/2026"),
        ("set_up_accounts.accounts.0.user_id", 7),
        ("set_up_accounts.accounts.0.surprise", 1),
        ("certify_users.users", []),
        ("holdings", {"uaag/Kern/": -1}),
        ("claims", {"office-id": 1}),
        ("notices.0.sent_at", "today"),
    ],
)
def test_a_broken_document_does_not_hold(path: str, value: Any) -> None:
    assert faults(altered(path, value))


@pytest.mark.parametrize(
    "key", ["id", "version", "process", "lcsa", "organization", "status", "history", "open_tasks", "notices"]
)
def test_a_document_without_one_of_its_parts_does_not_hold(key: str) -> None:
    document = after("confirm-access").document
    assert faults({name: value for name, value in document.items() if name != key})


@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_a_section_of_its_own_with_its_fields(step: str) -> None:
    declared = schema_of(THIRD_PARTY_ACCESS)["properties"][step.replace("-", "_")]
    assert set(declared["properties"]) == {field.name for field in THIRD_PARTY_ACCESS.step(step).fields}
