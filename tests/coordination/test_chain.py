"""The chain: whoever changes, drops, adds or moves anything is found out; a redaction is not a change."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.coordination.chain import GENESIS, ChainBrokenError, in_order, leaves, redact, seal, verify
from shared.contracts.municipal import MunicipalEvent
from tests.coordination.world import MOMENT


def chain_of(*data: dict[str, Any]) -> list[MunicipalEvent]:
    events: list[MunicipalEvent] = []
    for each in data:
        draft = MunicipalEvent(
            sequence=len(events) + 1,
            id=uuid4(),
            type="case.opened.v1",
            time=MOMENT,
            subject="0f",
            data=each,
            withheld=["mode"],
            salts={},
            commitments={},
            previous_hash=events[-1].hash if events else GENESIS,
            hash="",
        )
        events.append(seal(draft, {leaf: secrets.token_hex(32) for leaf in leaves(draft)}))
    return events


CHAIN = chain_of({"phase": "clarification", "languages": ["ti"]}, {"phase": "closed"}, {"phase": "linking"})
MUTATIONS: dict[str, Callable[[MunicipalEvent], dict[str, Any]]] = {
    "sequence": lambda event: {"sequence": event.sequence + 1},
    "id": lambda _: {"id": UUID(int=1)},
    "type": lambda _: {"type": "case.assigned.v1"},
    "time": lambda event: {"time": event.time + timedelta(microseconds=1)},
    "day": lambda event: {"time": event.time + timedelta(days=1)},
    "subject": lambda _: {"subject": "10"},
    "data": lambda event: {"data": {**(event.data or {}), "phase": "planning"}},
    "data added": lambda event: {"data": {**(event.data or {}), "more": 1}},
    "data dropped": lambda _: {"data": {}},
    "data gone": lambda _: {"data": None},
    "withheld": lambda _: {"withheld": []},
    "salt": lambda event: {"salts": {**event.salts, "subject": "0" * 64}},
    "salt dropped": lambda event: {"salts": {k: v for k, v in event.salts.items() if k != "subject"}},
    "commitment": lambda event: {"commitments": {**event.commitments, "subject": "0" * 64}},
    "commitment added": lambda event: {"commitments": {**event.commitments, "data.more": "0" * 64}},
    "previous_hash": lambda _: {"previous_hash": "1" * 64},
    "hash": lambda _: {"hash": "1" * 64},
}


def test_every_field_of_an_event_has_its_mutation() -> None:
    changed = {name for mutate in MUTATIONS.values() for name in mutate(CHAIN[1])}
    changed |= {"salts", "commitments"}
    assert changed == MunicipalEvent.model_fields.keys()


def test_a_chain_as_published_verifies() -> None:
    verify(CHAIN)
    verify([])


def test_a_part_of_a_chain_verifies_from_the_event_before_it() -> None:
    verify(CHAIN[1:], after=1, previous_hash=CHAIN[0].hash)


@pytest.mark.parametrize("mutate", MUTATIONS.values(), ids=MUTATIONS)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_changed_field_is_found(mutate: Callable[[MunicipalEvent], dict[str, Any]], place: int) -> None:
    changed = [*CHAIN]
    changed[place] = CHAIN[place].model_copy(update=mutate(CHAIN[place]))
    with pytest.raises(ChainBrokenError):
        verify(changed)


@pytest.mark.parametrize(
    "events",
    [CHAIN[1:], [CHAIN[0], CHAIN[2]], [CHAIN[1], CHAIN[0], CHAIN[2]], [CHAIN[0], CHAIN[0]]],
    ids=["first dropped", "one dropped", "moved", "repeated"],
)
def test_an_event_dropped_moved_or_repeated_is_found(events: list[MunicipalEvent]) -> None:
    with pytest.raises(ChainBrokenError):
        verify(events)


def test_an_event_put_in_between_is_found() -> None:
    forged = chain_of({"phase": "planning"})[0].model_copy(update={"sequence": 2})
    with pytest.raises(ChainBrokenError) as broken:
        verify([CHAIN[0], forged])
    assert broken.value.sequence == 2


@given(st.lists(st.sampled_from(range(3)), unique=True))
def test_a_chain_verifies_whichever_events_are_redacted(places: list[int]) -> None:
    verify([redact(event) if place in places else event for place, event in enumerate(CHAIN)])


def test_a_redaction_leaves_nothing_to_read() -> None:
    text = redact(CHAIN[0]).model_dump_json()
    assert "clarification" not in text
    assert "10:30" not in text
    assert not any(salt in text for salt in CHAIN[0].salts.values())


@pytest.mark.parametrize(
    "kept", [{"subject": "0f"}, {"salts": CHAIN[0].salts}, {"withheld": ["mode"]}, {"time": MOMENT}]
)
def test_a_redaction_by_half_is_none(kept: dict[str, Any]) -> None:
    with pytest.raises(ChainBrokenError, match="in part"):
        verify([redact(CHAIN[0]).model_copy(update=kept)])


def test_readers_sort_and_drop_duplicates_and_keep_the_redaction() -> None:
    redacted = redact(CHAIN[1])
    assert in_order([CHAIN[2], CHAIN[1], CHAIN[0], CHAIN[2], redacted]) == [CHAIN[0], redacted, CHAIN[2]]


def test_a_record_on_kafka_and_its_json_say_the_same() -> None:
    for event in (CHAIN[0], redact(CHAIN[0])):
        assert MunicipalEvent.of_record(dict(event.headers("/coordination")), event.value()) == event
        assert MunicipalEvent.model_validate_json(event.model_dump_json()) == event
