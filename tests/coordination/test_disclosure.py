"""The table over every field of every contract: what may leave, and when."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.coordination.projection import PUBLISHED, disclose, may_leave
from shared.contracts.base import CONSENTED, INTERNAL, OPEN, Contract, Event, disclosure_of
from shared.contracts.registry import EVENTS, PUBLISHERS
from shared.contracts.scheduling import BookingProposed, Slot
from tests.contracts.strategies import instances
from tests.coordination.world import MOMENT

FIELDS = [(event, name) for event in EVENTS.values() for name in event.model_fields]


@pytest.mark.parametrize(("event", "name"), FIELDS, ids=lambda part: getattr(part, "type", part))
def test_every_field_leaves_as_its_contract_says_and_not_otherwise(event: type[Event], name: str) -> None:
    declared = disclosure_of(event, name)
    example = _example(event)
    without, with_consent = disclose(example, consented=False), disclose(example, consented=True)
    assert (name in without.data) is (declared is OPEN)
    assert (name in with_consent.data) is (declared in {OPEN, CONSENTED})
    assert (name in without.withheld) is (declared is CONSENTED)
    assert with_consent.withheld == []


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.type)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_no_internal_value_leaves_however_deep_it_lies(event: type[Event], data: st.DataObject) -> None:
    example = data.draw(instances(event))
    for consented in (True, False):
        left = _ids_in(disclose(example, consented=consented).data)
        assert not left & _internal_ids(example)


def test_an_id_within_a_consented_slot_stays_with_us() -> None:
    slot = Slot(slot_id=UUID(int=1), starts_at=MOMENT, ends_at=MOMENT)
    proposed = BookingProposed(
        booking_id=UUID(int=2),
        case_id=UUID(int=3),
        enquiry_id=UUID(int=4),
        ags="05170008",
        slots=[slot],
        proposed_on=MOMENT.date(),
    )
    assert disclose(proposed, consented=True).data["slots"] == [
        {"starts_at": "2026-11-24T10:30:15.123456Z", "ends_at": "2026-11-24T10:30:15.123456Z"}
    ]


def test_routine_internals_are_not_published() -> None:
    internal = {event.type for event in EVENTS.values() if event not in PUBLISHED}
    assert internal == {
        "scheduling.interpreter_requested.v1",
        "scheduling.booking.attended.v1",
        "scheduling.booking.missed.v1",
        "scheduling.booking.taken_over.v1",
        "scheduling.reminder.due.v1",
        "interpreter.profile_changed.v1",
        "interpreter.availability_changed.v1",
        "interpreter.lead_times_changed.v1",
        "interpreter.candidates.ranked.v1",
        "interpreter.candidate.barred.v1",
        "interpreter.feedback_given.v1",
        "interpreter.offer.retracted.v1",
        "person.registered.v1",
        "person.consent.given.v1",
        "person.consent.revoked.v1",
        "person.counselling.expired.v1",
        "person.merged.v1",
        "person.merge_undone.v1",
        "person.conflicts_stated.v1",
        "person.interpreter_conflicts_stated.v1",
        "person.erased.v1",
        "case.interpreting_needs_changed.v1",
        "case.unassigned.v1",
        "case.referral_changed.v1",
        "case.step_reminded.v1",
        *(f"{service}.erasure.completed.v1" for service in PUBLISHERS if service != "person"),
    }
    assert not any(may_leave(EVENTS[type_], consented=True) for type_ in internal)


def test_what_is_published_can_be_routed() -> None:
    assert all("ags" in event.model_fields for event in PUBLISHED)


def test_an_event_that_tells_by_its_type_that_an_interpreter_is_needed_leaves_only_with_consent() -> None:
    telling = {event.type for event in PUBLISHED if not may_leave(event, consented=False)}
    assert telling == {
        "scheduling.booking.interpreter_swapped.v1",
        "scheduling.booking.unmet.v1",
        "interpreter.offer.made.v1",
        "interpreter.offer.accepted.v1",
        "interpreter.offer.declined.v1",
        "interpreter.offer.expired.v1",
        "interpreter.offer.withdrawn.v1",
    }
    assert all(may_leave(event, consented=True) for event in PUBLISHED)


def _example(event: type[Event]) -> Event:
    """Without values: only the names matter here."""
    return event.model_construct(**dict.fromkeys(event.model_fields))


def _internal_ids(value: Any, *, internal: bool = False) -> set[str]:
    if isinstance(value, Contract):
        return {
            found
            for name in type(value).model_fields
            for found in _internal_ids(
                getattr(value, name), internal=internal or disclosure_of(type(value), name) is INTERNAL
            )
        }
    if isinstance(value, dict):
        return _internal_ids([*value.keys(), *value.values()], internal=internal)
    if isinstance(value, list):
        return {found for each in value for found in _internal_ids(each, internal=internal)}
    return {str(value)} if internal and isinstance(value, UUID) else set()


def _ids_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return _ids_in([*value.keys(), *value.values()])
    if isinstance(value, list):
        return {found for each in value for found in _ids_in(each)}
    return {value} if isinstance(value, str) else set()
