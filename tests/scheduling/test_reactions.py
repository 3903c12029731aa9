"""What arrives from others, through the consumer's own dispatcher: late, early, again, and out of date."""

from datetime import date, time, timedelta
from uuid import UUID

from services.scheduling import store
from services.scheduling import store_calendars as calendars
from services.scheduling import store_resources as resources
from services.scheduling.booking import Booking, State
from services.scheduling.pool import Pool
from services.scheduling.windows import Window
from shared.contracts.base import Event
from shared.contracts.case import CasePhaseChanged
from shared.contracts.intake import EnquiryWithdrawn
from shared.contracts.interpreter import (
    Absence,
    AvailabilityWindow,
    CandidatesRanked,
    InterpreterAvailabilityChanged,
    InterpreterProfileChanged,
    LeadTime,
    LeadTimesChanged,
    OfferAccepted,
    OfferDeclined,
    OfferExpired,
    OfferWithdrawn,
    RankedSlot,
)
from shared.contracts.scheduling import BookingConfirmed, BookingReleased, InterpreterRequested
from shared.contracts.vocabulary import Phase, ReleaseReason, WithdrawalReason
from shared.ids import new_id
from tests.scheduling.hearing import Hearing
from tests.scheduling.world import DINSLAKEN, MOERS, MONDAY, World, asked

TODAY = MONDAY.date()


def profile(interpreter: UUID, *languages: str, ags: str = DINSLAKEN) -> InterpreterProfileChanged:
    return InterpreterProfileChanged(
        interpreter_id=interpreter, languages=list(languages), municipalities=[ags], active=True
    )


def availability(interpreter: UUID, starts: int, ends: int) -> InterpreterAvailabilityChanged:
    windows = [AvailabilityWindow(weekday=day, starts=time(starts), ends=time(ends)) for day in range(5)]
    return InterpreterAvailabilityChanged(interpreter_id=interpreter, windows=windows)


def answer(requested: InterpreterRequested, *interpreters: UUID) -> CandidatesRanked:
    slots = [
        RankedSlot(slot_id=slot.slot_id, interpreter_ids=list(interpreters), language="ti") for slot in requested.slots
    ]
    return CandidatesRanked(booking_id=requested.booking_id, slots=slots)


def offer(
    kind: type[OfferAccepted | OfferDeclined | OfferExpired | OfferWithdrawn], booking: Booking, interpreter: UUID
) -> Event:
    name = f"{kind.__name__.removeprefix('Offer').lower()}_on"
    return kind.model_validate(
        {
            "offer_id": new_id(),
            "booking_id": booking.booking_id,
            "interpreter_id": interpreter,
            "enquiry_id": booking.enquiry_id,
            "ags": booking.ags,
            name: TODAY,
        }
    )


async def held(hearing: Hearing, count: int = 1) -> tuple[Booking, list[UUID]]:
    """A booking that waits for the first of `count` interpreters."""
    world = hearing.world
    await world.open_office()
    people = [new_id() for _ in range(count)]
    for who in people:
        await hearing.hear(profile(who, "ti"), availability(who, 9, 12))
    await hearing.hear(asked(case_manager_id=world.manager))
    requested = await world.last(InterpreterRequested)
    await hearing.hear(answer(requested, *people))
    return await world.choose(await _booking(world, requested.booking_id)), people


async def _booking(world: World, booking_id: UUID) -> Booking:
    async with world.database.read() as conn:
        return await store.look(conn, booking_id)


async def test_from_request_to_confirmation_by_events_alone(hearing: Hearing) -> None:
    booking, [anna] = await held(hearing)
    await hearing.hear(offer(OfferAccepted, booking, anna))
    assert (await hearing.world.last(BookingConfirmed)).interpreter_id == anna
    assert await hearing.rejected() == []


async def test_silence_is_never_acceptance(hearing: Hearing) -> None:
    booking, [anna, birgit] = await held(hearing, 2)
    await hearing.hear(offer(OfferExpired, booking, anna))
    swapped = await hearing.world.stored(booking)
    assert (swapped.state, swapped.interpreter_id) == (State.HELD, birgit)


async def test_one_who_cannot_come_after_all_is_replaced_by_the_next_and_the_rest_stays(hearing: Hearing) -> None:
    booking, [anna, birgit] = await held(hearing, 2)
    await hearing.hear(offer(OfferAccepted, booking, anna), offer(OfferWithdrawn, booking, anna))
    swapped = await hearing.world.stored(booking)
    assert (swapped.state, swapped.interpreter_id) == (State.HELD, birgit)
    assert await hearing.world.reserved(booking, "released") == {anna}
    await hearing.hear(offer(OfferAccepted, booking, birgit))
    assert (await hearing.world.last(BookingConfirmed)).interpreter_id == birgit


async def test_when_the_only_one_cannot_come_after_all_everything_is_released(hearing: Hearing) -> None:
    booking, [anna] = await held(hearing)
    await hearing.hear(offer(OfferAccepted, booking, anna), offer(OfferWithdrawn, booking, anna))
    assert (await hearing.world.stored(booking)).state is State.UNMET
    assert await hearing.world.reserved(booking, "confirmed") == set()


async def test_an_acceptance_of_one_who_was_swapped_out_is_rejected(hearing: Hearing) -> None:
    booking, [anna, birgit] = await held(hearing, 2)
    await hearing.hear(offer(OfferDeclined, booking, anna), offer(OfferAccepted, booking, anna))
    assert await hearing.rejected() == ["not-the-held-interpreter"]
    assert (await hearing.world.stored(booking)).interpreter_id == birgit


async def test_an_acceptance_that_is_told_twice_counts_once(hearing: Hearing) -> None:
    booking, [anna] = await held(hearing)
    await hearing.hear(offer(OfferAccepted, booking, anna), offer(OfferAccepted, booking, anna))
    assert await hearing.rejected() == ["nothing-held"]
    assert (await hearing.world.names()).count("BookingConfirmed") == 1


async def test_an_acceptance_after_the_hold_is_rejected_by_name(hearing: Hearing) -> None:
    booking, [anna] = await held(hearing)
    hearing.world.pass_time(timedelta(hours=48))
    await hearing.hear(offer(OfferAccepted, booking, anna))
    assert await hearing.rejected() == ["hold-expired"]


async def test_a_ranking_for_a_released_booking_is_rejected(hearing: Hearing) -> None:
    booking, [anna] = await held(hearing)
    requested = await hearing.world.last(InterpreterRequested)
    await hearing.world.cancel(booking)
    await hearing.hear(answer(requested, anna))
    assert await hearing.rejected() == ["no-answer-awaited"]


async def test_answers_about_bookings_that_nobody_knows_are_rejected(hearing: Hearing) -> None:
    booking, [anna] = await held(hearing)
    unknown = booking.model_copy(update={"booking_id": new_id()})
    await hearing.hear(offer(OfferAccepted, unknown, anna), offer(OfferDeclined, unknown, anna))
    assert await hearing.rejected() == ["not-found", "not-found"]


async def test_the_same_request_under_another_event_id_makes_no_second_booking(hearing: Hearing) -> None:
    await hearing.world.open_office()
    request = asked(case_manager_id=hearing.world.manager, interpreter_needed=False)
    await hearing.hear(request, request)
    assert await hearing.rejected() == ["already-requested"]
    assert (await hearing.world.names()).count("BookingRequested") == 1


def withdrawn(enquiry_id: UUID) -> EnquiryWithdrawn:
    return EnquiryWithdrawn(
        enquiry_id=enquiry_id, ags=DINSLAKEN, reason=WithdrawalReason.BY_PARTICIPANT, withdrawn_on=TODAY
    )


async def test_a_withdrawn_enquiry_releases_what_was_held(hearing: Hearing) -> None:
    booking, _ = await held(hearing)
    await hearing.hear(withdrawn(booking.enquiry_id))
    assert (await hearing.world.last(BookingReleased)).reason is ReleaseReason.CANCELLED
    assert await hearing.world.reserved(booking, "held") == set()


async def test_a_withdrawal_that_overtakes_the_request_counts_all_the_same(hearing: Hearing) -> None:
    request = asked()
    await hearing.hear(withdrawn(request.enquiry_id), request)
    assert await hearing.rejected() == ["enquiry-is-withdrawn"]
    assert await hearing.world.told() == []


async def test_a_closed_case_releases_its_talks_that_are_to_come_and_no_other(hearing: Hearing) -> None:
    booking, [anna] = await held(hearing)
    await hearing.hear(offer(OfferAccepted, booking, anna))

    def phase(phase: Phase, case_id: UUID) -> CasePhaseChanged:
        return CasePhaseChanged(
            case_id=case_id, enquiry_id=booking.enquiry_id, ags=DINSLAKEN, phase=phase, changed_on=TODAY
        )

    await hearing.hear(phase(Phase.CLOSED, new_id()), phase(Phase.ASSESSMENT, booking.case_id))
    assert (await hearing.world.stored(booking)).state is State.CONFIRMED
    await hearing.hear(phase(Phase.CLOSED, booking.case_id))
    assert (await hearing.world.stored(booking)).state is State.RELEASED


async def test_a_talk_that_is_over_stays_confirmed_when_the_case_is_closed(hearing: Hearing) -> None:
    booking, [anna] = await held(hearing)
    await hearing.hear(offer(OfferAccepted, booking, anna))
    hearing.world.pass_time(timedelta(days=30))
    await hearing.hear(withdrawn(booking.enquiry_id))
    assert (await hearing.world.stored(booking)).state is State.CONFIRMED
    assert await hearing.rejected() == []


async def hours_of(world: World, interpreter: UUID) -> tuple[Window, ...] | None:
    async with world.database.read() as conn:
        return (await calendars.calendars(conn, [interpreter], world.now))[interpreter].windows


async def interpreters_in(world: World, ags: str, *languages: str) -> Pool:
    async with world.database.read() as conn:
        return await resources.interpreters_in(conn, ags, languages)


async def test_the_latest_word_about_an_interpreter_counts_in_whatever_order_it_comes(hearing: Hearing) -> None:
    anna, earlier = new_id(), MONDAY - timedelta(hours=1)
    await hearing.hear(profile(anna, "ti"), availability(anna, 9, 12))
    await hearing.hear(profile(anna, "ar", ags=MOERS), availability(anna, 14, 16), at=earlier)
    assert await interpreters_in(hearing.world, DINSLAKEN, "ti") == Pool((anna,), frozenset({anna}))
    assert await interpreters_in(hearing.world, DINSLAKEN, "ar") == Pool((anna,))
    assert await interpreters_in(hearing.world, MOERS, "ar") == Pool()
    assert await hours_of(hearing.world, anna) == tuple(Window(day, time(9), time(12)) for day in range(5))


async def test_new_hours_replace_the_old_ones_as_a_whole(hearing: Hearing) -> None:
    anna = new_id()
    await hearing.hear(availability(anna, 9, 12), availability(anna, 14, 16))
    assert await hours_of(hearing.world, anna) == tuple(Window(day, time(14), time(16)) for day in range(5))


async def test_hours_that_come_before_the_profile_make_nobody_a_candidate(hearing: Hearing) -> None:
    anna = new_id()
    await hearing.hear(availability(anna, 9, 12))
    assert await interpreters_in(hearing.world, DINSLAKEN, "ti") == Pool()
    await hearing.hear(profile(anna, "ti"))
    assert (await interpreters_in(hearing.world, DINSLAKEN, "ti")).speakers == {anna}


async def test_who_may_stand_in_with_another_language_is_told_apart(hearing: Hearing) -> None:
    anna = new_id()
    await hearing.hear(profile(anna, "hr").model_copy(update={"stands_in_for": ["bs", "sr"]}))
    pool = await interpreters_in(hearing.world, DINSLAKEN, "sr", "de")
    assert pool == Pool((anna,), frozenset(), frozenset({anna}))
    assert (await interpreters_in(hearing.world, DINSLAKEN, "hr")).by_preference == (frozenset({anna}),)


async def test_impossible_hours_are_rejected_and_what_was_known_stays(hearing: Hearing) -> None:
    anna = new_id()
    await hearing.hear(availability(anna, 9, 12), availability(anna, 12, 9))
    assert await hearing.rejected() == ["window-upside-down"]
    assert await hours_of(hearing.world, anna) == tuple(Window(day, time(9), time(12)) for day in range(5))


def lead_times(working_days: int) -> LeadTimesChanged:
    told = [LeadTime(valid_from=date(2020, 1, 1), working_days=working_days)]
    return LeadTimesChanged(pot="borken", lead_times=told)


async def _earliest(world: World) -> date:
    """Asked for on Monday, 2 November."""
    return min(slot.starts_at for slot in (await world.request()).candidates).date()


async def test_the_search_keeps_the_lead_time_that_interpreter_told_last(world: World, hearing: Hearing) -> None:
    await world.open_office()
    await world.interpreter()
    assert await _earliest(world) == date(2026, 11, 9)
    await hearing.hear(lead_times(3))
    assert await _earliest(world) == date(2026, 11, 5)
    await hearing.hear(lead_times(7), at=world.now - timedelta(days=1))
    assert await _earliest(world) == date(2026, 11, 5)
    await hearing.hear(lead_times(7), at=world.now + timedelta(days=1))
    assert await _earliest(world) == date(2026, 11, 11)


async def test_an_interpreter_on_holiday_is_no_candidate_until_the_holiday_is_taken_back(world: World) -> None:
    hearing = Hearing(world)
    await world.open_office()
    anna = await world.interpreter()
    week = [AvailabilityWindow(weekday=day, starts=time(9), ends=time(12)) for day in range(5)]
    holiday = [Absence(starts_at=world.now, ends_at=world.now + timedelta(days=120))]
    await hearing.hear(InterpreterAvailabilityChanged(interpreter_id=anna, windows=week, absences=holiday))
    assert (await world.request()).state is State.UNMET
    await hearing.hear(InterpreterAvailabilityChanged(interpreter_id=anna, windows=week))
    assert (await world.request()).state is State.RANKING
