"""What case does when it hears others. A refusal of the domain is recorded, and the next event follows."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from services.case import commands, commands_referrals, store_erasure, talks
from services.case.notes import NoteKeys
from shared.consumer import Reactions
from shared.contracts.erasure import CaseErased
from shared.contracts.intake import EnquiryAccepted, EnquiryWithdrawn
from shared.contracts.person import ConsentGiven, ConsentRevoked, PersonRegistered
from shared.contracts.scheduling import BookingConfirmed, BookingReleased, LanguageUnmet
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


async def consent_given(conn: Connection, event: Envelope[ConsentGiven]) -> None:
    await commands_referrals.consent_given(conn, event.data)


async def consent_revoked(conn: Connection, event: Envelope[ConsentRevoked]) -> None:
    await commands_referrals.consent_revoked(conn, event.data)


async def booking_confirmed(conn: Connection, event: Envelope[BookingConfirmed]) -> None:
    told = event.data
    heard = partial(talks.confirmed, booking_id=told.booking_id, starts_at=told.starts_at, ends_at=told.ends_at)
    await commands.hear_of_talk(conn, told.case_id, heard)


async def booking_unmet(conn: Connection, event: Envelope[LanguageUnmet]) -> None:
    heard = partial(talks.unmet, booking_id=event.data.booking_id)
    await commands.hear_of_talk(conn, event.data.case_id, heard)


async def booking_released(conn: Connection, event: Envelope[BookingReleased]) -> None:
    heard = partial(talks.released, booking_id=event.data.booking_id)
    await commands.hear_of_talk(conn, event.data.case_id, heard)


REACTIONS: Reactions = {
    EnquiryAccepted: enquiry_accepted,
    EnquiryWithdrawn: enquiry_withdrawn,
    PersonRegistered: person_registered,
    ConsentGiven: consent_given,
    ConsentRevoked: consent_revoked,
    BookingConfirmed: booking_confirmed,
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
