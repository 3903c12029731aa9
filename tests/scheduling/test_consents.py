"""Counselling stands on consent: where it is taken back, nothing is booked."""

from datetime import date
from uuid import UUID

import pytest

from services.scheduling.booking import State
from shared.contracts.person import ConsentGiven, ConsentRevoked, CounsellingExpired
from shared.contracts.vocabulary import CancelledBy, ConsentKind, Purpose, Recipient
from shared.ids import new_id
from tests.scheduling.hearing import Hearing
from tests.scheduling.world import asked

TODAY = date(2026, 11, 2)


def given(
    enquiry_id: UUID, kind: ConsentKind = ConsentKind.PROCESSING, recipient: Recipient = Recipient.KIM
) -> ConsentGiven:
    return ConsentGiven(
        person_id=new_id(),
        consent_id=new_id(),
        enquiry_id=enquiry_id,
        kind=kind,
        recipient=recipient,
        purpose=Purpose.COUNSELLING,
        valid_until=date(2027, 11, 2),
        allows_counselling=(kind, recipient) == (ConsentKind.PROCESSING, Recipient.KIM),
    )


def revoked(consent: ConsentGiven) -> ConsentRevoked:
    """Where counselling stood on it, person says that this is over."""
    return ConsentRevoked(
        person_id=consent.person_id,
        consent_id=consent.consent_id,
        enquiry_id=consent.enquiry_id,
        revoked_on=TODAY,
        ends_counselling=consent.allows_counselling,
    )


def expired(enquiry_id: UUID) -> CounsellingExpired:
    return CounsellingExpired(person_id=new_id(), enquiry_id=enquiry_id, expired_on=TODAY)


async def test_with_the_consent_to_counselling_the_talks_to_come_go(hearing: Hearing) -> None:
    world = hearing.world
    await world.open_office()
    booking = await world.choose(await world.request(interpreter_needed=False))
    consent = given(booking.enquiry_id)
    await hearing.hear(consent, revoked(consent), revoked(consent))
    ended = await world.stored(booking)
    assert (ended.state, ended.cancelled_by) == (State.RELEASED, CancelledBy.CLOSING)
    assert await world.reserved(booking, "confirmed") == set()
    assert (await world.names()).count("BookingReleased") == 1
    assert await hearing.rejected() == []


async def test_with_a_consent_that_is_over_they_go_too_and_a_request_is_refused(hearing: Hearing) -> None:
    world = hearing.world
    await world.open_office()
    booking = await world.choose(await world.request(interpreter_needed=False))
    await hearing.hear(expired(booking.enquiry_id))
    assert (await world.stored(booking)).state is State.RELEASED
    request = asked(case_manager_id=world.manager, interpreter_needed=False)
    await hearing.hear(expired(request.enquiry_id), request)
    assert await hearing.rejected() == ["consent-is-revoked"]


async def test_whether_counselling_goes_on_is_for_person_to_say(hearing: Hearing) -> None:
    """One of two consents is revoked, and the other is over already: or is not."""
    world = hearing.world
    await world.open_office()
    booking = await world.choose(await world.request(interpreter_needed=False))
    first, second = given(booking.enquiry_id), given(booking.enquiry_id)
    goes_on = revoked(first).model_copy(update={"ends_counselling": False})
    await hearing.hear(first, second, goes_on)
    assert (await world.stored(booking)).state is State.CONFIRMED
    await hearing.hear(revoked(first))
    assert (await world.stored(booking)).state is State.RELEASED


@pytest.mark.parametrize(
    ("kind", "recipient"),
    [(ConsentKind.SPECIAL_CATEGORIES, Recipient.KIM), (ConsentKind.PROCESSING, Recipient.CARITAS)],
)
async def test_a_talk_stands_where_another_consent_is_taken_back(
    hearing: Hearing, kind: ConsentKind, recipient: Recipient
) -> None:
    world = hearing.world
    await world.open_office()
    booking = await world.choose(await world.request(interpreter_needed=False))
    kept, other = given(booking.enquiry_id), given(booking.enquiry_id, kind, recipient)
    await hearing.hear(kept, other, revoked(other))
    assert (await world.stored(booking)).state is State.CONFIRMED


async def test_a_revocation_that_overtakes_the_request_counts_and_a_new_consent_counts_again(
    hearing: Hearing,
) -> None:
    world = hearing.world
    await world.open_office()
    request = asked(case_manager_id=world.manager, interpreter_needed=False)
    consent = given(request.enquiry_id)
    await hearing.hear(consent, revoked(consent), request)
    assert await hearing.rejected() == ["consent-is-revoked"]
    again = request.model_copy(update={"counselling_id": new_id()})
    await hearing.hear(given(request.enquiry_id), again)
    assert (await world.names())[-1] == "BookingProposed"


async def test_a_request_that_overtakes_the_first_consent_is_booked(hearing: Hearing) -> None:
    world = hearing.world
    await world.open_office()
    request = asked(case_manager_id=world.manager, interpreter_needed=False)
    await hearing.hear(request, given(request.enquiry_id))
    assert (await world.names())[-1] == "BookingProposed"
