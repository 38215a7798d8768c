"""Documents of older versions are read and go on; a made-up older form shows how."""

import json
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from portal.process.document import SCHEMA, Json, chained
from portal.process.errors import HistoryAltered
from portal.process.goals import WorkingDays
from portal.process.take_step import take_step, verify_document
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from portal.process.upgrade import UPGRADES, CannotRead, upgraded
from portal.store import open_store
from portal.store.as_read import as_kept, read_as
from portal.store.errors import Damaged
from portal.store.port import Search
from tests.conftest import MORNING, House
from tests.store.documents_made_up import add

SAMPLES = Path(__file__).parent / "samples"

OLD_NAMES = {
    "identify-requestor": {"organization_name": "organization", "recommended_accounts": "accounts"},
    "legal-opinion": {"opinion_text": "text"},
}
"""What some answers were called in a form 0 that never was: today's name, and the one before."""


def sample(number: int) -> Json:
    document: Json = json.loads((SAMPLES / f"schema-{number}.json").read_text(encoding="utf-8"))
    return document


def in_form_0(document: Json) -> Json:
    """The document as a portal that knew the old names would have written it, its history hashed in that form."""
    old = {**document, "schema": 0, "history": []}
    for entry in document["history"]:
        names = OLD_NAMES.get(entry["step"], {})
        answers = {names.get(name, name): answer for name, answer in entry["answers"].items()}
        old["history"] = chained(old["history"], {**entry, "answers": answers})
        old[entry["step"].replace("-", "_")] = answers
    return old


def from_form_0(document: Json) -> Json:
    """The upgrade: today's names in the sections that have the old ones."""
    new = dict(document)
    for step, names in OLD_NAMES.items():
        section = step.replace("-", "_")
        if section in document:
            today = {old: name for name, old in names.items()}
            new[section] = {today.get(name, name): answer for name, answer in document[section].items()}
    return new


MADE_UP = {0: from_form_0}
read_from_0 = partial(upgraded, upgrades=MADE_UP)
verify_from_0 = partial(verify_document, THIRD_PARTY_ACCESS, calendar=WorkingDays(), upgrades=MADE_UP)


# The versions that there were.


def test_every_version_has_a_sample_and_a_way_to_the_next() -> None:
    assert {path.name for path in SAMPLES.iterdir()} == {f"schema-{number}.json" for number in range(1, SCHEMA + 1)}
    assert set(UPGRADES) == set(range(1, SCHEMA))
    assert all(sample(number)["schema"] == number for number in range(1, SCHEMA + 1))


@pytest.mark.parametrize("number", range(1, SCHEMA + 1))
def test_a_document_of_every_version_is_whole_and_goes_on(house: House, number: int) -> None:
    """If this fails, the form of documents has changed: raise `SCHEMA`, and say in upgrade.py what becomes of old ones."""
    house.portal.store.restore_document(sample(number))
    document_id = sample(number)["id"]
    verify_document(house.process, house.get(document_id), house.portal.calendar)
    new = house.take(document_id, "create-office-id")
    assert new["schema"] == SCHEMA
    assert new["history"][:-1] == sample(number)["history"]
    verify_document(house.process, house.get(document_id), house.portal.calendar)


# How an upgrade works.


def test_an_old_document_is_read_in_todays_form_and_its_history_stays() -> None:
    old = in_form_0(sample(1))
    read = read_from_0(old)
    assert read["history"] == old["history"]
    assert read == {
        **sample(1),
        "history": old["history"],
        "upgrades": [{"to": 1, "version": len(old["history"])}],
    }
    assert read_from_0(read) is read
    assert old == in_form_0(sample(1))


def test_an_upgraded_document_is_verified_before_and_after_its_next_step(house: House) -> None:
    read = read_from_0(in_form_0(sample(1)))
    verify_from_0(read)
    actor = house.actor(house.process.step("create-office-id").role)
    answers = {"office_id": "KERN-IVA-01"}
    later = take_step(
        house.process, read, "create-office-id", actor, answers, MORNING + timedelta(days=1),
        calendar=house.portal.calendar,
    )  # fmt: skip
    assert later["upgrades"] == read["upgrades"]
    verify_from_0(later)


def test_what_is_altered_in_an_upgraded_document_shows() -> None:
    read = read_from_0(in_form_0(sample(1)))
    altered = json.loads(json.dumps(read))
    altered["history"][0]["answers"]["accounts"] = 300
    with pytest.raises(HistoryAltered):
        verify_from_0(altered)
    altered = json.loads(json.dumps(read))
    altered["identify_requestor"]["recommended_accounts"] = 300
    with pytest.raises(HistoryAltered, match="identify_requestor"):
        verify_from_0(altered)
    with pytest.raises(HistoryAltered):
        verify_from_0({**read, "upgrades": []})


def test_the_store_keeps_the_old_form_until_somebody_writes(tmp_path: Path) -> None:
    kept = open_store("tinydb:", tmp_path)
    old = add(kept, in_form_0(sample(1)))
    store = read_as(kept, read_from_0)
    new = {**read_from_0(old), "revision": 1}
    assert store.get(old["id"]) == new
    assert store.search(Search()).rows == [new]
    assert as_kept(store).get(old["id"]) == old
    with store.writing() as writing:
        writing.replace(writing.get(old["id"]), 1)
    assert kept.get(old["id"]) == {**new, "revision": 2}
    store.close()


@pytest.mark.parametrize("schema", [SCHEMA + 1, -1, "1", None])
def test_a_form_that_nobody_knows_is_not_guessed_at(schema: object) -> None:
    with pytest.raises(CannotRead):
        upgraded({**sample(1), "schema": schema})


def test_a_document_of_a_newer_version_is_named_and_the_rest_goes_on(house: House) -> None:
    document = house.application_after("identify-requestor")
    task = {**document["open_tasks"][0], "role": "county-recorder"}
    newer = {**document, "id": "TPA-2026-0009", "schema": SCHEMA + 1, "status": "on-hold", "open_tasks": [task]}
    house.portal.store.restore_document(newer)
    with pytest.raises(Damaged, match="reads up to"):
        house.get("TPA-2026-0009")
    listed = house.client("process-manager").page("/applications").words("//tbody")
    assert document["id"] in listed
    assert "TPA-2026-0009 Kern IV-A Kern on-hold county-recorder" in listed
    for address in ("/tracking", "/tracking.csv"):
        sheet = house.client("process-manager").get(address).text
        assert document["id"] in sheet
        assert "TPA-2026-0009" not in sheet
    assert house.client("process-manager").get("/applications/TPA-2026-0009").status_code == 503
    assert as_kept(house.portal.store).get("TPA-2026-0009") == newer
