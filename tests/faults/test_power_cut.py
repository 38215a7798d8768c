"""The power is cut after a step was acknowledged, and in mid-step: what was not synced is forgotten, folders included.

Nothing that anybody was told is lost, and every sync on the way of a step is needed for that: without it the same check
fails.
"""

import hashlib
import io
import random
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfWriter

from portal.process.goals import california_date
from portal.store.errors import StoreError
from portal.store.port import Store
from tests.clients import document_id_of, typed
from tests.conftest import House
from tests.faults.places import Place
from tests.faults.power_cut import NOTHING_MORE, WAYS, Disk, Killed, Tree
from tests.faults.wholeness import everything_in, nothing_is_half_taken, verify_is_content
from tests.journey import WAY, answers_to
from tests.soak import Figures, Trials
from tests.store.documents_made_up import a_document

CUTS = "Power cuts after and in the middle of steps"
WATCHED = ("documents", "records", "files", "access-log")


class Cuts:
    """Lays out what is left after a cut, each time in a new folder, and opens a portal on it."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, count(1)

    def place_after(self, tree: Tree, way: str, chance: random.Random) -> Place:
        """What is left, with the power on again."""
        data = self._folder / f"after-{next(self._numbers)}"
        tree.lay_out(data, way, chance)
        return Place(data, "tinydb:")


@pytest.fixture
def cuts(tmp_path: Path) -> Cuts:
    """Cuts the power."""
    return Cuts(tmp_path)


def a_pdf() -> io.BytesIO:
    """A signed MOU, as a scanner makes it."""
    writer, content = PdfWriter(), io.BytesIO()
    writer.add_blank_page(72, 72)
    writer.write(content)
    return io.BytesIO(content.getvalue())


def take(house: House, document_id: str, step: str) -> str:
    """Takes the step through its page, as a person does who is then told that it is taken; the document's id."""
    answers = answers_to(step, california_date(house.clock.now))
    if step == "sign-mou":
        answers = {"method": "scan", "signed_mou": (a_pdf(), "signed.pdf"), "signed_on": answers["signed_on"]}
    client = house.client(house.process.step(step).role)
    page = client.take(document_id, step, answers)
    return document_id or document_id_of(page)


def save_draft(house: House, document_id: str, step: str) -> None:
    """Keeps the step's answers as a draft, which is then acknowledged."""
    address = f"/applications/{document_id}/steps/{step}"
    client = house.client(house.process.step(step).role)
    fields = {**client.page(address).fields(), **typed(answers_to(step, california_date(house.clock.now)))}
    assert client.post(f"{address}/draft", data=fields).status_code == 204


def all_of(place_or_house: Place | House) -> dict[str, Any]:
    """Everything that the store there keeps."""
    if isinstance(place_or_house, House):
        return all_of_store(place_or_house.portal.store, place_or_house.portal.settings.data)
    store = place_or_house.open()
    try:
        assert store.damaged() == []
        return all_of_store(store, place_or_house.data)
    finally:
        store.close()


def all_of_store(store: Store, data: Path) -> dict[str, Any]:
    """Everything that this store keeps, whose folder this is."""
    return everything_in(store, tuple(sorted(path.name for path in (data / "records").iterdir())))


def is_all_there(place: Place, kept: dict[str, Any]) -> None:
    """Everything that was acknowledged is there, and can be read. Raises AssertionError or StoreError."""
    found = all_of(place)
    for kind in kept:
        assert found[kind] == kept[kind], kind
    portal = place.portal()
    try:
        verify_is_content(portal)
        nothing_is_half_taken(portal)
    finally:
        portal.store.close()


def test_what_somebody_was_told_is_taken_survives_a_power_cut_at_that_moment(
    make_house: Callable[[Place], House], folder: Place, cuts: Cuts, trials: Trials
) -> None:
    chance, document_id = random.Random(4), ""
    disk = Disk(folder.data)
    with disk.watching():
        house = make_house(folder)
        for step in WAY:
            document_id = take(house, document_id, step)
            kept = all_of(house)
            for way in WAYS:
                is_all_there(cuts.place_after(disk.after(), way, chance), kept)
            trials.note(CUTS, folder.kind, Figures(faults=len(WAYS), acknowledged=1))
    disk.knows_all(WATCHED)


def test_a_power_cut_in_mid_step_leaves_the_step_taken_or_not_and_nothing_by_halves(
    make_house: Callable[[Place], House], folder: Place, cuts: Cuts, trials: Trials
) -> None:
    chance, document_id = random.Random(5), ""
    disk = Disk(folder.data)
    with disk.watching():
        house = make_house(folder)
        for step in WAY if trials.in_full else WAY[:12]:
            begun, before = len(disk.events), all_of(house)["documents"]
            document_id = take(house, document_id, step)
            after = all_of(house)["documents"]
            for _ in range(25 if trials.in_full else 4):
                place = cuts.place_after(
                    disk.after(chance.randint(begun, len(disk.events))), chance.choice(WAYS), chance
                )
                left = all_of(place)["documents"]
                assert left in (before, after), step
                trials.note(CUTS, folder.kind, Figures(faults=1, cut_off=1))
                portal = place.portal()
                verify_is_content(portal)
                portal.store.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every step in full runs."""
    if "step" in metafunc.fixturenames:
        some = ["identify-requestor", "send-invitation", "sign-mou", "complete-application", "decide"]
        metafunc.parametrize("step", WAY if metafunc.config.getoption("soak") else some)


def test_each_sync_on_the_way_of_a_step_is_needed(
    make_house: Callable[[Place], House], folder: Place, cuts: Cuts, step: str
) -> None:
    house = make_house(folder)
    document_id = house.application_before(step)["id"] if WAY.index(step) else ""
    house.client(house.process.step(step).role)
    if step == "complete-application":
        save_draft(house, document_id, step)  # which the step then removes
    disk = Disk(folder.data)
    with disk.watching():
        take(house, document_id, step)
    synced = each_is_needed(disk, cuts, all_of(house))
    assert any(what.startswith("file /documents/") for what in synced)
    assert any(what.startswith("file /access-log/") for what in synced)
    assert "folder /documents" in synced
    papers = bool(house.process.step(step).letters) or step == "sign-mou"
    assert any(what.startswith("file /files/") for what in synced) == papers
    assert any(what.startswith("folder /files/") for what in synced) == papers
    # A form's number, a draft that is removed, and the texts of letters that are sent for the first time.
    with_records = ("identify-requestor", "complete-application", "send-invitation", "send-decision")
    assert any(what.startswith("folder /records/") for what in synced) == (step in with_records)


def test_each_sync_on_the_way_of_a_draft_is_needed(
    make_house: Callable[[Place], House], folder: Place, cuts: Cuts
) -> None:
    house = make_house(folder)
    document_id = house.application_before("complete-application")["id"]
    house.client("requestor")
    disk = Disk(folder.data)
    with disk.watching():
        save_draft(house, document_id, "complete-application")
    assert each_is_needed(disk, cuts, all_of(house)).keys() >= {"folder /records", "folder /records/drafts"}


def each_is_needed(disk: Disk, cuts: Cuts, kept: dict[str, Any]) -> dict[str, list[int]]:
    """What was synced. With all syncs nothing that was kept is lost; with those of any one file or folder forgotten,
    something is.
    """
    chance = random.Random(6)
    is_all_there(cuts.place_after(disk.after(), NOTHING_MORE, chance), kept)
    idle = [
        what
        for what, places in disk.syncs().items()
        if disk.is_about_something(places)
        and not is_missed(cuts.place_after(disk.after(without=places), NOTHING_MORE, chance), kept)
    ]
    # What these two keep is the ids that were given: `test_an_id_that_was_given_is_not_given_again_after_a_power_cut`.
    assert not set(idle) - {"file /changes", "folder /"}
    return disk.syncs()


def test_an_id_that_was_given_is_not_given_again_after_a_power_cut(folder: Place, cuts: Cuts) -> None:
    disk = Disk(folder.data)
    with disk.watching():
        store = folder.open()
        with store.writing() as writing:
            given = writing.new_id("TPA", 2026)
        store.close()
    for way in WAYS:
        later = cuts.place_after(disk.after(), way, random.Random(7)).open()
        with later.writing() as writing:
            assert writing.new_id("TPA", 2026) != given, way
        later.close()


def keep_one_of_each(store: Store) -> None:
    """Keeps a file, a record, a log line and a document."""
    store.put_file(b"%PDF-1.7")
    store.put_record("a-kind", "key", {"kept": True})
    store.append_log({"did": "keep"})
    with store.writing() as writing:
        writing.add({**a_document(), "id": writing.new_id("TPA", 2026)})


def test_what_one_process_keeps_after_another_was_killed_survives_a_power_cut(tmp_path: Path, cuts: Cuts) -> None:
    for kill_at in range(200):
        data = tmp_path / f"killed-at-{kill_at}"
        data.mkdir()
        disk = Disk(data)
        place = Place(data, "tinydb:")
        with disk.watching():
            disk.kill_at = kill_at
            try:
                keep_one_of_each(place.open())
                break
            except Killed:
                disk.kill_at = None
            other = place.open()
            keep_one_of_each(other)
            kept = all_of_store(other, data)
            other.close()
        after = cuts.place_after(disk.after(), NOTHING_MORE, random.Random(8))
        store = after.open()
        assert store.damaged() == []
        assert all_of_store(store, after.data) == kept, (
            f"killed after {kill_at} events: {disk.events[kill_at - 1 : kill_at + 1]}"
        )
        assert store.get_file(hashlib.sha256(b"%PDF-1.7").hexdigest()) == b"%PDF-1.7"
        store.close()
    assert kill_at > 20


def is_missed(place: Place, kept: dict[str, Any]) -> bool:
    """Whether something that was acknowledged is not there."""
    try:
        is_all_there(place, kept)
    except (AssertionError, StoreError):
        return True
    return False
