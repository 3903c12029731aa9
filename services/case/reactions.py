"""What case does when it hears others. A refusal of the domain is recorded, and the next event follows."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from services.case import (
    commands,
    commands_consents,
    commands_posts,
    store_enquiries,
    store_erasure,
    store_talks,
    talks,
)
from services.case.case import Case, Outcome
from services.case.notes import NoteKeys
from shared.consumer import Reactions
from shared.contracts.erasure import CaseErased
from shared.contracts.intake import EnquiryAccepted, EnquiryWithdrawn
from shared.contracts.person import (
    ConflictsStated,
    ConsentGiven,
    ConsentRevoked,
    CounsellingExpired,
    PersonMerged,
    PersonMergeUndone,
    PersonRegistered,
)
from shared.contracts.scheduling import (
    BookingAttended,
    BookingConfirmed,
    BookingMissed,
    BookingReleased,
    BookingRequested,
    LanguageUnmet,
)
from shared.contracts.vocabulary import ReleaseReason
from shared.database import Connection
from shared.envelope import Envelope
from shared.erasure import Erasing


async def enquiry_accepted(conn: Connection, event: Envelope[EnquiryAccepted]) -> None:
    await commands.open_case(conn, event.data)


async def enquiry_withdrawn(conn: Connection, event: Envelope[EnquiryWithdrawn]) -> None:
    await commands.withdraw(conn, event.data.enquiry_id)


async def person_registered(conn: Connection, event: Envelope[PersonRegistered]) -> None:
    """Often before there is a case."""
    await commands.link_person(conn, event.data.enquiry_id, event.data.person_id)


async def person_merged(conn: Connection, event: Envelope[PersonMerged]) -> None:
    """Their cases are of one person, and are to be seen so."""
    await store_enquiries.relink_person(conn, event.data.merged_enquiry_ids, event.data.survivor_id)


async def person_merge_undone(conn: Connection, event: Envelope[PersonMergeUndone]) -> None:
    await store_enquiries.relink_person(conn, event.data.merged_enquiry_ids, event.data.person_id)


async def consent_given(conn: Connection, event: Envelope[ConsentGiven]) -> None:
    await commands_consents.consent_given(conn, event.data)


async def consent_revoked(conn: Connection, event: Envelope[ConsentRevoked]) -> None:
    await commands_consents.consent_revoked(conn, event.data)


async def counselling_expired(conn: Connection, event: Envelope[CounsellingExpired]) -> None:
    await commands_consents.counselling_expired(conn, event.data.enquiry_id)


async def conflicts_stated(conn: Connection, event: Envelope[ConflictsStated]) -> None:
    """Keyed hashes, which mean nothing here but whether two are equal."""
    await commands_posts.learn_conflicts(conn, event.data.enquiry_id, event.data.tokens)


async def booking_requested(conn: Connection, event: Envelope[BookingRequested]) -> None:
    """Of a series, whose talks are asked for in scheduling; all others were asked for here."""
    told = event.data
    if told.series_id and told.replaces is None and told.counselling_id and told.duration_minutes:
        asked = talks.Asked(told.counselling_id, told.booking_id, told.mode, told.duration_minutes, told.requested_on)
        await commands.hear_of_talk(conn, told.case_id, partial(talks.learn, asked=asked))


async def booking_confirmed(conn: Connection, event: Envelope[BookingConfirmed]) -> None:
    told = event.data
    confirmation = talks.Confirmation(told.booking_id, told.starts_at, told.ends_at, told.replaces)
    await commands.hear_of_talk(conn, told.case_id, partial(talks.confirmed, told=confirmation))


async def booking_attended(conn: Connection, event: Envelope[BookingAttended]) -> None:
    await _hear(conn, event, talks.attended)


async def booking_missed(conn: Connection, event: Envelope[BookingMissed]) -> None:
    await _hear(conn, event, talks.missed)


async def booking_unmet(conn: Connection, event: Envelope[LanguageUnmet]) -> None:
    await _hear(conn, event, talks.unmet)


async def booking_released(conn: Connection, event: Envelope[BookingReleased]) -> None:
    """Of a talk that was moved, the confirmation of the other booking says it all.

    Where another case manager could not come, scheduling looks on by itself: a talk that was not confirmed still waits.
    """
    told = event.data
    waits_on = told.reason is ReleaseReason.CASE_MANAGER_CHANGED and not await store_talks.has_booking(
        conn, told.booking_id
    )
    if told.reason is not ReleaseReason.RESCHEDULED and not waits_on:
        await _hear(conn, event, talks.released)


async def _hear(conn: Connection, event: Envelope[Any], verb: Callable[[Case, UUID], Outcome]) -> None:
    """Where no other time was found for a talk that was to be moved, it stands as it was."""
    told = event.data
    if told.replaces is None or await store_talks.has_booking(conn, told.booking_id):
        await commands.hear_of_talk(conn, told.case_id, lambda case: verb(case, told.booking_id))


REACTIONS: Reactions = {
    EnquiryAccepted: enquiry_accepted,
    EnquiryWithdrawn: enquiry_withdrawn,
    PersonRegistered: person_registered,
    PersonMerged: person_merged,
    PersonMergeUndone: person_merge_undone,
    ConsentGiven: consent_given,
    ConsentRevoked: consent_revoked,
    CounsellingExpired: counselling_expired,
    BookingRequested: booking_requested,
    ConflictsStated: conflicts_stated,
    BookingConfirmed: booking_confirmed,
    BookingAttended: booking_attended,
    BookingMissed: booking_missed,
    LanguageUnmet: booking_unmet,
    BookingReleased: booking_released,
}


def erasing(keys: NoteKeys, segment: timedelta) -> Erasing:
    """With the keys in memory that an erasure drops."""

    async def erase(conn: Connection, enquiry_ids: Sequence[UUID]) -> None:
        keys.forget(enquiry_ids)
        await commands.erase(conn, enquiry_ids)
        await store_erasure.erase(conn, enquiry_ids)

    return Erasing(erase, store_erasure.known, CaseErased, segment)
