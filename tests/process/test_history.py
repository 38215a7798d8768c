"""The history: only ever added to, chained, and enough to make the document anew. Every alteration shows."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.process.document import FIRST_PREVIOUS, Json, canonical, entry_hash, verify_chain
from portal.process.errors import HistoryAltered
from portal.process.take_step import advance, verify_document
from portal.process.third_party_access import THIRD_PARTY_ACCESS
from tests.journey import WAY
from tests.process.case import CALENDAR, after, before

WHOLE = after("confirm-access").document
DRAWN = ("open_tasks", "notices", "schema", "revision")
"""What the history does not prove: tasks, which a changed calendar draws anew; what the mail and the store note."""


def whole() -> Json:
    """The document at the end of the way, to be altered."""
    document: Json = json.loads(json.dumps(WHOLE))
    return document


def is_altered(document: Json) -> HistoryAltered | None:
    """What `verify_document` finds."""
    try:
        verify_document(THIRD_PARTY_ACCESS, document, CALENDAR)
    except HistoryAltered as error:
        return error
    return None


def rechained(document: Json, since: int = 0) -> Json:
    """The document with its chain mended, as somebody would who knows how it is made."""
    previous = FIRST_PREVIOUS
    for entry in document["history"]:
        if entry["seq"] > since:
            entry["previous"] = previous
            entry["hash"] = entry_hash(entry)
        previous = entry["hash"]
    return document


@pytest.mark.parametrize("step", WAY)
def test_every_document_on_the_way_is_what_its_history_makes_it(step: str) -> None:
    document = after(step).document
    verify_document(THIRD_PARTY_ACCESS, document, CALENDAR)
    assert document["version"] == len(document["history"])
    assert [entry["seq"] for entry in document["history"]] == list(range(1, document["version"] + 1))


def test_the_chain_begins_with_noughts_and_each_entry_names_the_one_before() -> None:
    history = WHOLE["history"]
    assert history[0]["previous"] == "0" * 64
    assert [entry["previous"] for entry in history[1:]] == [entry["hash"] for entry in history[:-1]]


def test_an_entry_says_who_did_what_when_in_which_role() -> None:
    entry = after("route-application").document["history"][-1]
    assert set(entry) == {"seq", "step", "role", "actor", "actor_name", "at", "answers", "note", "previous", "hash"}
    assert (entry["actor"], entry["role"], entry["at"]) == (
        "process-manager@state.example", "process-manager", "2026-11-23T18:00:00Z",
    )  # fmt: skip


def test_the_hash_does_not_hang_on_the_order_of_keys_or_on_letters_beyond_ascii() -> None:
    assert canonical({"b": "Núñez", "a": [1, None]}) == '{"a":[1,null],"b":"Núñez"}'.encode()
    assert entry_hash({"a": 1, "b": 2}) == entry_hash({"b": 2, "a": 1, "hash": "anything"})


def test_a_step_only_adds_to_the_history() -> None:
    earlier, later = after("sign-mou").document, WHOLE
    assert later["history"][: len(earlier["history"])] == earlier["history"]


def test_the_same_entries_make_the_same_document_again() -> None:
    again: Json = {"id": WHOLE["id"]}
    for entry in WHOLE["history"]:
        bare = {key: value for key, value in entry.items() if key not in ("seq", "previous", "hash")}
        again = advance(THIRD_PARTY_ACCESS, again, bare, CALENDAR)
    assert {k: v for k, v in again.items() if k != "notices"} == {k: v for k, v in WHOLE.items() if k != "notices"}


ENTRY_KEYS = [(place, key) for place, entry in enumerate(WHOLE["history"]) for key in entry]


@pytest.mark.parametrize("key", sorted({key for _, key in ENTRY_KEYS}))
def test_every_alteration_of_every_part_of_an_entry_is_found_and_the_entry_named(key: str) -> None:
    for place in (place for place, known in ENTRY_KEYS if known == key):
        for value in (None, "x", 7, {}, []):
            document = whole()
            document["history"][place][key] = value
            if document == WHOLE:
                continue
            found = is_altered(document)
            assert found is not None, (place, key, value)
            assert found.seq == place + 1


@pytest.mark.parametrize("place", range(len(WAY)))
def test_an_entry_that_is_missing_moved_or_doubled_is_found(place: int) -> None:
    history = whole()["history"]
    assert is_altered({**WHOLE, "history": history[:place] + history[place + 1 :]})
    assert is_altered({**WHOLE, "history": [*history[:place], history[place], *history[place:]]})
    if place:
        history[place - 1], history[place] = history[place], history[place - 1]
        assert is_altered({**WHOLE, "history": history})


def test_an_entry_that_is_taken_out_and_the_rest_numbered_anew_is_found() -> None:
    document = whole()
    del document["history"][4]
    for place, entry in enumerate(document["history"], start=1):
        entry["seq"] = place
        entry["hash"] = entry_hash(entry)
    with pytest.raises(HistoryAltered, match="does not follow") as found:
        verify_chain(document)
    assert found.value.seq == 5


def test_an_entry_with_another_number_is_found_though_the_chain_is_mended() -> None:
    document = whole()
    document["history"][4]["seq"] = 99
    with pytest.raises(HistoryAltered, match="is numbered 99") as found:
        verify_chain(rechained(document))
    assert found.value.seq == 5


def test_an_entry_that_is_cut_off_the_end_is_found() -> None:
    cut = {**WHOLE, "history": WHOLE["history"][:-1]}
    verify_chain(cut)
    assert is_altered(cut)


@pytest.mark.parametrize("place", range(len(WAY)))
def test_an_answer_that_is_altered_with_the_chain_mended_is_found_in_what_it_made(place: int) -> None:
    document = whole()
    document["history"][place]["answers"]["reason"] = "slipped in"
    rechained(document)
    verify_chain(document)
    found = is_altered(document)
    assert found is not None
    assert "not what the history makes it" in found.why


def test_a_step_that_is_not_in_the_table_is_found_though_the_chain_is_mended() -> None:
    document = whole()
    document["history"][4]["step"] = "approve-all"
    assert is_altered(rechained(document))


@pytest.mark.parametrize("history", [None, [], "x", ["x"], [None], [{}], {}, 5])
def test_a_history_that_is_none_is_found_and_no_accident(history: Any) -> None:
    assert is_altered({**WHOLE, "history": history})


@pytest.mark.parametrize("key", ["step", "at", "answers"])
@pytest.mark.parametrize("value", [None, 5, "x", {}, []])
def test_an_entry_that_makes_no_sense_is_found_though_the_chain_is_mended(key: str, value: Any) -> None:
    document = whole()
    document["history"][0][key] = value
    assert is_altered(rechained(document))


@pytest.mark.parametrize("key", [key for key in WHOLE if key not in (*DRAWN, "id")])
def test_every_alteration_of_what_the_history_makes_is_found(key: str) -> None:
    for value in ("altered", {}, {"reason": "slipped in"}, [], 1):
        if value != WHOLE[key]:
            assert is_altered({**WHOLE, key: value}), (key, value)
    without = {name: value for name, value in WHOLE.items() if name != key}
    if key != "history":
        assert is_altered(without), key


def test_a_section_of_a_step_that_was_never_taken_is_found() -> None:
    assert is_altered({**WHOLE, "withdraw": {"reason": "slipped in"}})


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all that is no list and no dictionary."""
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, (*path, key))]
    if isinstance(value, list):
        return [leaf for place, inner in enumerate(value) for leaf in leaves(inner, (*path, place))]
    return [path]


LEAVES = leaves({key: value for key, value in WHOLE.items() if key not in (*DRAWN, "id")})


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(path=st.sampled_from(LEAVES), value=st.text(max_size=3) | st.integers(0, 9) | st.booleans() | st.none())
def test_any_value_anywhere_that_is_altered_is_found(path: tuple[Any, ...], value: Any) -> None:
    document: Any = whole()
    place = document
    for part in path[:-1]:
        place = place[part]
    before_it = place[path[-1]]
    if before_it == value and type(before_it) is type(value):
        return
    place[path[-1]] = value
    assert is_altered(document), path


def test_a_refused_step_and_a_taken_one_leave_the_document_given_as_it_was() -> None:
    case = before("legal-opinion")
    given, kept = case.document, deepcopy(case.document)
    case.problems("legal-opinion", opinion="maybe")
    case.take("legal-opinion")
    assert given == kept
    assert case.document is not given


def test_what_an_answer_was_made_of_can_change_without_the_document() -> None:
    case = before("legal-opinion")
    authorities = ["45-cfr-307-13"]
    case.take("legal-opinion", authorities=authorities)
    authorities.append("other")
    assert case.document["legal_opinion"]["authorities"] == ["45-cfr-307-13"]
    verify_document(THIRD_PARTY_ACCESS, case.document, CALENDAR)
