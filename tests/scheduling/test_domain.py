"""Booking: what may happen in which order, and what arrives late, early or again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.scheduling import domain, refusals, rounds
from services.scheduling.booking import Booking, Candidate, State
from services.scheduling.domain import TIME_TO_CHOOSE
from services.scheduling.outcomes import Outcome
from services.scheduling.rounds import HOLD
from shared.contracts.interpreter import CandidatesRanked, RankedSlot
from shared.contracts.scheduling import (
    BookingConfirmed,
    BookingHeld,
    BookingProposed,
    BookingReleased,
    BookingRequested,
    InterpreterRequested,
    InterpreterSwapped,
    LanguageUnmet,
)
from shared.contracts.vocabulary import CancelledBy, Gender, Mode, NextOption, ReleaseReason
from shared.errors import DomainError
from shared.ids import new_id
from tests.scheduling.world import asked

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
ANNA, BIRGIT, CELIA = sorted(new_id() for _ in range(3))
ROOM = new_id()
BY = CancelledBy.PARTICIPANT


def candidate(day: int, *interpreters: UUID) -> Candidate:
    starts = NOW + day * DAY
    return Candidate(slot_id=new_id(), starts_at=starts, ends_at=starts + timedelta(hours=1), interpreters=interpreters)


def requested(*, interpreter_needed: bool = True) -> Booking:
    return domain.request(asked(interpreter_needed=interpreter_needed), new_id(), NOW)[0]


def ranking(*candidates: Candidate) -> Booking:
    found = candidates or (candidate(8, ANNA, BIRGIT), candidate(9, BIRGIT))
    return domain.find(requested(), found, lacks_interpreter=False, now=NOW)[0]


def answer(booking: Booking, *interpreters: UUID) -> CandidatesRanked:
    language = "ti" if interpreters else None
    slots = [
        RankedSlot(slot_id=c.slot_id, interpreter_ids=list(interpreters), language=language) for c in booking.candidates
    ]
    return CandidatesRanked(booking_id=booking.booking_id, slots=slots)


def proposed() -> Booking:
    booking = ranking()
    return domain.rank(booking, answer(booking, ANNA, BIRGIT), NOW)[0]


def held() -> Booking:
    booking = proposed()
    return domain.hold(booking, booking.candidates[0].slot_id, ROOM, [ANNA], NOW)[0]


def confirmed() -> Booking:
    return rounds.accept(held(), ANNA, NOW)[0]


def released() -> Booking:
    return domain.cancel(held(), BY, NOW)[0]


def unmet() -> Booking:
    booking = ranking()
    return domain.rank(booking, answer(booking), NOW)[0]


def names(outcome: Outcome) -> list[str]:
    return [type(event).__name__ for event in outcome[1]]


def test_a_request_is_told_with_its_need() -> None:
    booking, [event] = domain.request(asked(mode=Mode.PHONE), new_id(), NOW)
    assert booking.state is State.REQUESTED
    assert isinstance(event, BookingRequested)
    assert (event.booking_id, event.interpreter_needed, event.mode) == (booking.booking_id, True, Mode.PHONE)


def test_a_date_on_an_event_is_the_date_in_berlin() -> None:
    late = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)
    _, [event] = domain.request(asked(), new_id(), late)
    assert isinstance(event, BookingRequested)
    assert event.requested_on.isoformat() == "2026-11-03"


def test_interpreters_are_asked_for_with_all_slots_and_who_is_free() -> None:
    found = [candidate(8, ANNA, BIRGIT), candidate(9, BIRGIT)]
    booking, [event] = domain.find(requested(), found, lacks_interpreter=False, now=NOW)
    assert booking.state is State.RANKING
    assert isinstance(event, InterpreterRequested)
    assert event.free == {found[0].slot_id: [ANNA, BIRGIT], found[1].slot_id: [BIRGIT]}


def test_without_interpreter_the_three_earliest_slots_are_proposed_at_once() -> None:
    found = [candidate(day) for day in (6, 3, 5, 4)]
    booking, [event] = domain.find(requested(interpreter_needed=False), found, lacks_interpreter=False, now=NOW)
    assert booking.state is State.PROPOSED
    assert booking.expires_at == NOW + TIME_TO_CHOOSE
    assert isinstance(event, BookingProposed)
    assert [slot.slot_id for slot in event.slots] == [found[n].slot_id for n in (1, 3, 2)]


def test_no_joint_slot_is_told_and_ends_the_booking() -> None:
    booking, [event] = domain.find(requested(), [], lacks_interpreter=False, now=NOW)
    assert isinstance(event, BookingReleased)
    assert (booking.state, event.reason) == (State.RELEASED, ReleaseReason.NO_SLOT)


def test_joint_slots_without_any_interpreter_leave_the_language_unmet() -> None:
    booking, [event] = domain.find(requested(), [], lacks_interpreter=True, now=NOW)
    assert isinstance(event, LanguageUnmet)
    assert (booking.state, event.languages) == (State.UNMET, ["ti"])


@pytest.mark.parametrize(
    ("mode", "binding", "lacking"),
    [
        (Mode.IN_PERSON, True, set()),
        (Mode.IN_PERSON, False, {NextOption.OTHER_GENDER}),
        (Mode.PHONE, False, {NextOption.OTHER_GENDER, NextOption.PHONE_OR_VIDEO}),
        (Mode.VIDEO, True, {NextOption.PHONE_OR_VIDEO}),
    ],
)
def test_only_what_the_talk_leaves_open_can_still_be_tried(
    mode: Mode, lacking: set[NextOption], *, binding: bool
) -> None:
    asked_for = requested().model_copy(update={"mode": mode, "gender": Gender.FEMALE, "gender_binding": binding})
    booking, _ = domain.find(asked_for, [], lacks_interpreter=True, now=NOW)
    assert set(booking.next_options) == set(NextOption) - lacking


def test_only_slots_with_a_ranked_interpreter_are_proposed() -> None:
    first, second = candidate(8, ANNA), candidate(9, BIRGIT)
    booking = ranking(first, second)
    booking, [event] = domain.rank(booking, answer(booking, BIRGIT), NOW)
    assert isinstance(event, BookingProposed)
    assert [slot.slot_id for slot in event.slots] == [second.slot_id]


def test_interpreters_keep_the_order_of_the_ranking() -> None:
    booking = ranking(candidate(8, ANNA, BIRGIT, CELIA))
    booking, _ = domain.rank(booking, answer(booking, CELIA, ANNA), NOW)
    assert booking.candidates[0].interpreters == (CELIA, ANNA)


def test_a_ranking_without_anybody_leaves_the_language_unmet() -> None:
    booking = ranking()
    booking, [event] = domain.rank(booking, answer(booking), NOW)
    assert booking.state is State.UNMET
    assert isinstance(event, LanguageUnmet)


def test_a_chosen_slot_is_held_with_everything_it_needs() -> None:
    booking = proposed()
    booking, [event] = domain.hold(booking, booking.candidates[0].slot_id, ROOM, [ANNA], NOW)
    assert booking.state is State.HELD
    assert isinstance(event, BookingHeld)
    assert (event.interpreter_id, event.room_id, event.language) == (ANNA, ROOM, "ti")
    assert event.expires_at == booking.expires_at == NOW + HOLD


def test_a_hold_never_lasts_longer_than_until_the_talk() -> None:
    booking = proposed()
    shortly_before = booking.candidates[0].starts_at - timedelta(hours=1)
    soon = booking.model_copy(update={"expires_at": None})
    booking, _ = domain.hold(soon, booking.candidates[0].slot_id, ROOM, [ANNA], shortly_before)
    assert booking.expires_at == booking.candidates[0].starts_at


def test_a_choice_without_interpreter_is_confirmed_at_once() -> None:
    booking, _ = domain.find(requested(interpreter_needed=False), [candidate(3)], lacks_interpreter=False, now=NOW)
    outcome = domain.hold(booking, booking.candidates[0].slot_id, ROOM, [], NOW)
    assert outcome[0].state is State.CONFIRMED
    assert names(outcome) == ["BookingHeld", "BookingConfirmed"]


def test_an_acceptance_confirms_the_booking() -> None:
    booking, [event] = rounds.accept(held(), ANNA, NOW)
    assert (booking.state, booking.expires_at) == (State.CONFIRMED, None)
    assert isinstance(event, BookingConfirmed)
    assert event.interpreter_id == ANNA


def test_the_next_interpreter_takes_the_place_and_has_the_whole_time_to_answer() -> None:
    later = NOW + timedelta(hours=20)
    booking, [event] = rounds.swap(held(), ANNA, [BIRGIT], later)
    assert isinstance(event, InterpreterSwapped)
    assert (booking.state, booking.interpreter_id, booking.room_id) == (State.HELD, BIRGIT, ROOM)
    assert event.expires_at == later + HOLD


def test_who_did_not_come_is_not_asked_again() -> None:
    booking = held()
    assert rounds.refuse(booking, ANNA, NOW).interpreters == (BIRGIT,)
    swapped, _ = rounds.swap(booking, ANNA, [BIRGIT], NOW)
    assert rounds.refuse(swapped, BIRGIT, NOW).interpreters == ()


def test_when_nobody_is_left_the_language_is_unmet_and_everything_released() -> None:
    outcome = rounds.swap(held(), ANNA, [], NOW)
    assert outcome[0].state is State.UNMET
    assert names(outcome) == ["LanguageUnmet", "BookingReleased"]
    assert outcome[1][1] == BookingReleased(
        **_ids(outcome[0]), reason=ReleaseReason.NO_INTERPRETER, released_on=NOW.date()
    )


@pytest.mark.parametrize(
    ("booking", "reason"),
    [(held(), ReleaseReason.HOLD_EXPIRED), (proposed(), ReleaseReason.PROPOSAL_EXPIRED)],
)
def test_what_expires_is_released_with_its_reason(booking: Booking, reason: ReleaseReason) -> None:
    assert booking.expires_at
    released, [event] = domain.expire(booking, booking.expires_at)
    assert isinstance(event, BookingReleased)
    assert (released.state, event.reason) == (State.RELEASED, reason)


def test_a_repeated_search_does_not_prolong_the_time_to_choose() -> None:
    booking = domain.find(proposed(), [candidate(12, ANNA)], lacks_interpreter=False, now=NOW + 5 * DAY)[0]
    booking, _ = domain.rank(booking, answer(booking, ANNA), NOW + 5 * DAY)
    assert booking.expires_at == NOW + TIME_TO_CHOOSE


def test_a_booking_in_ranking_that_was_proposed_before_expires_too() -> None:
    booking = domain.find(proposed(), [candidate(12, ANNA)], lacks_interpreter=False, now=NOW + 5 * DAY)[0]
    released, _ = domain.expire(booking, NOW + TIME_TO_CHOOSE)
    assert released.reason is ReleaseReason.PROPOSAL_EXPIRED


@pytest.mark.parametrize("booking", [ranking(), proposed(), held(), confirmed()])
def test_everything_that_has_not_ended_can_be_cancelled(booking: Booking) -> None:
    released, [event] = domain.cancel(booking, BY, NOW)
    assert isinstance(event, BookingReleased)
    assert (released.state, event.reason) == (State.RELEASED, ReleaseReason.CANCELLED)


def slot_of(booking: Booking) -> UUID:
    return booking.candidates[0].slot_id


ILLEGAL: list[tuple[str, type[DomainError], Callable[[], object]]] = [
    ("ranked after the choice", refusals.NoAnswerAwaited, lambda: domain.rank(held(), answer(held()), NOW)),
    (
        "ranked again",
        refusals.NoAnswerAwaited,
        lambda: domain.rank(proposed(), answer(proposed(), ANNA), NOW),
    ),
    ("ranked after release", refusals.NoAnswerAwaited, lambda: domain.rank(released(), answer(released()), NOW)),
    (
        "ranked for slots of an earlier search",
        refusals.RankingOutdated,
        lambda: domain.rank(ranking(), answer(ranking(), ANNA), NOW),
    ),
    (
        "ranked when all slots are past",
        refusals.RankingOutdated,
        lambda: domain.rank(b := ranking(), answer(b, ANNA), NOW + 30 * DAY),
    ),
    (
        "searched after the choice",
        refusals.NotSearching,
        lambda: domain.find(held(), [], lacks_interpreter=False, now=NOW),
    ),
    ("chosen before it is proposed", refusals.NothingProposed, lambda: domain.choose(b := ranking(), slot_of(b), NOW)),
    ("chosen twice", refusals.NothingProposed, lambda: domain.choose(b := held(), slot_of(b), NOW)),
    (
        "chosen after the time to choose",
        refusals.ProposalExpired,
        lambda: domain.choose(b := proposed(), slot_of(b), NOW + TIME_TO_CHOOSE),
    ),
    (
        "another booking's slot chosen",
        refusals.SlotNotProposed,
        lambda: domain.choose(proposed(), slot_of(proposed()), NOW),
    ),
    ("accepted before anything is held", refusals.NothingHeld, lambda: rounds.accept(proposed(), ANNA, NOW)),
    ("accepted again", refusals.NothingHeld, lambda: rounds.accept(confirmed(), ANNA, NOW)),
    ("accepted after release", refusals.NothingHeld, lambda: rounds.accept(released(), ANNA, NOW)),
    (
        "accepted by one who was swapped out",
        refusals.NotTheHeldInterpreter,
        lambda: rounds.accept(rounds.swap(held(), ANNA, [BIRGIT], NOW)[0], ANNA, NOW),
    ),
    ("accepted after the hold", refusals.HoldExpired, lambda: rounds.accept(held(), ANNA, NOW + HOLD)),
    ("declined after acceptance", refusals.NothingHeld, lambda: rounds.refuse(confirmed(), ANNA, NOW)),
    (
        "declined again",
        refusals.NotTheHeldInterpreter,
        lambda: rounds.swap(rounds.swap(held(), ANNA, [BIRGIT], NOW)[0], ANNA, [CELIA], NOW),
    ),
    ("declined after the hold", refusals.HoldExpired, lambda: rounds.swap(held(), ANNA, [BIRGIT], NOW + HOLD)),
    ("given back before acceptance", refusals.NothingHeld, lambda: rounds.give_back(held(), ANNA, NOW)),
    ("given back by another", refusals.NotTheHeldInterpreter, lambda: rounds.give_back(confirmed(), BIRGIT, NOW)),
    ("given back too late", refusals.AlreadyStarted, lambda: rounds.give_back(confirmed(), ANNA, NOW + 30 * DAY)),
    ("expired before its time", refusals.NotDue, lambda: domain.expire(held(), NOW)),
    ("expired when confirmed", refusals.NotDue, lambda: domain.expire(confirmed(), NOW + 30 * DAY)),
    ("cancelled again", refusals.AlreadyEnded, lambda: domain.cancel(released(), BY, NOW)),
    ("cancelled when unmet", refusals.AlreadyEnded, lambda: domain.cancel(unmet(), BY, NOW)),
    ("cancelled after the talk", refusals.AlreadyStarted, lambda: domain.cancel(confirmed(), BY, NOW + 30 * DAY)),
]


@pytest.mark.parametrize(("refusal", "verb"), [row[1:] for row in ILLEGAL], ids=[row[0] for row in ILLEGAL])
def test_is_refused_by_name(refusal: type[DomainError], verb: Callable[[], object]) -> None:
    with pytest.raises(refusal):
        verb()


def _ids(booking: Booking) -> dict[str, UUID | str]:
    return booking.model_dump(include={"booking_id", "case_id", "enquiry_id", "ags"})


def asked_at_once(*interpreters: UUID) -> Booking:
    booking = proposed()
    return domain.hold(booking, booking.candidates[0].slot_id, ROOM, interpreters, NOW)[0]


def test_a_hold_tells_whom_a_round_asks() -> None:
    booking = proposed()
    held, [event] = domain.hold(booking, booking.candidates[0].slot_id, ROOM, [ANNA, BIRGIT], NOW)
    assert isinstance(event, BookingHeld)
    assert (event.interpreter_id, event.also_asked) == (ANNA, [BIRGIT])
    assert {ANNA, BIRGIT} < held.resources


def test_the_first_of_a_round_to_agree_comes_and_the_others_are_free() -> None:
    booking, [event] = rounds.accept(asked_at_once(ANNA, BIRGIT), BIRGIT, NOW)
    assert isinstance(event, BookingConfirmed)
    assert event.interpreter_id == booking.interpreter_id == BIRGIT
    assert ANNA not in booking.resources
    with pytest.raises(refusals.NothingHeld):
        rounds.accept(booking, ANNA, NOW)


@pytest.mark.parametrize(("declines", "stays"), [(ANNA, BIRGIT), (BIRGIT, ANNA)])
def test_when_one_of_a_round_declines_the_others_are_still_asked(declines: UUID, stays: UUID) -> None:
    booking, told = rounds.leave(asked_at_once(ANNA, BIRGIT), declines, NOW)
    assert (booking.state, booking.interpreter_id, booking.also_asked, told) == (State.HELD, stays, (), [])
    assert booking.chosen
    assert declines not in booking.chosen.interpreters


def test_the_next_round_is_told_as_one() -> None:
    booking, [event] = rounds.swap(asked_at_once(ANNA), ANNA, [BIRGIT, CELIA], NOW)
    assert isinstance(event, InterpreterSwapped)
    assert (event.interpreter_id, event.also_asked) == (BIRGIT, [CELIA])
    assert booking.round == (BIRGIT, CELIA)
