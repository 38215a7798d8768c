"""A document that was damaged by hand: the rest goes on, and everybody who looks is told which one it is."""

import json
from collections.abc import Callable

import psycopg
import pytest

from portal.store.errors import Damaged
from tests.conftest import House
from tests.faults.places import Place


def cut_short(place: Place, document_id: str) -> None:
    """Somebody opened the document with an editor, or the disk lost half of it; in a database, a body without a history."""
    if place.is_folder:
        path = place.data / "documents" / f"{document_id}.json"
        path.write_bytes(path.read_bytes()[:300])
    else:
        change(place, "UPDATE portal.documents SET body = (body::jsonb - 'history')::json WHERE id = %s", document_id)


def given_to_another(place: Place, document_id: str) -> None:
    """Somebody changed whose it is, and nothing else: it can still be read."""
    if place.is_folder:
        path = place.data / "documents" / f"{document_id}.json"
        path.write_text(path.read_text().replace('"Kern IV-A"', '"Inyo IV-A"'))
    else:
        changed = (
            "UPDATE portal.documents SET body = replace(body::text, 'Kern IV-A', 'Inyo IV-A')::jsonb WHERE id = %s"
        )
        change(place, changed, document_id)


def change(place: Place, statement: str, document_id: str) -> None:
    """As somebody with psql would."""
    with psycopg.connect(place.url, autocommit=True) as connection:
        assert connection.execute(statement, [document_id]).rowcount == 1


def found_by_verify(house: House) -> set[str]:
    """What `flask verify --json` names; it ends with 1."""
    with house.app.app_context():
        found = house.app.test_cli_runner().invoke(args=["verify", "--json"])
    assert found.exit_code == 1, found.output
    return {finding["what"] for finding in json.loads(found.stdout)["findings"]}


@pytest.mark.parametrize("opened", ["before the damage", "after it"])
def test_everything_goes_on_beside_a_document_that_was_damaged_by_hand(
    make_house: Callable[[Place], House], place: Place, opened: str
) -> None:
    house = make_house(place)
    well, hurt, other = (
        house.application_before("route-application", county)["id"] for county in ("Kern", "Kern", "Alameda")
    )
    house.client("process-manager")
    cut_short(place, hurt)
    if opened == "after it":
        house = make_house(place)
    manager, director = house.client("process-manager"), house.client("director")
    inbox = manager.page("/inbox")
    assert f"/applications/{well}/steps/route-application" in inbox.links()
    assert f"/applications/{other}/steps/route-application" in inbox.links()
    for client in (manager, director):
        listed = client.page("/applications")
        assert f"/applications/{well}" in listed.links()
        client.page(f"/applications/{well}")
    for address in ("/tracking", "/matrix", "/tracking.xlsx"):
        assert manager.get(address).status_code == 200, address
    told = manager.page(f"/applications/{hurt}", 503)
    assert hurt in told.text
    assert "damaged" in told.words("//main")
    with pytest.raises(Damaged):
        house.portal.store.get(hurt)
    manager.take(well, "route-application", {"outcome": "complete"})
    manager.take(other, "route-application", {"outcome": "complete"})
    begun = house.take("", "identify-requestor")
    assert begun["id"] not in (well, hurt, other)
    health = manager.get("/health")
    assert health.status_code == 200
    assert hurt in json.dumps(health.json)
    assert found_by_verify(house) == {hurt}


def test_a_document_that_was_altered_and_can_still_be_read_is_found_by_verify(house: House, place: Place) -> None:
    well, altered = (house.application_before("schedule-invitation")["id"] for _ in range(2))
    given_to_another(place, altered)
    assert found_by_verify(house) == {altered}
    house.client("process-manager").page(f"/applications/{well}")
