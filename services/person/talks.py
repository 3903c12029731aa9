"""What participants are told of their talks: day, time and place, and never what it is about."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial

from services.person import domain, messages, store
from services.person.messages import Kind, Message
from services.person.one_time_codes import NoWayToSend
from services.person.texts import Place
from services.person.vault import Vault
from shared.clock import today
from shared.consumer import Handler
from shared.contracts.base import Event
from shared.contracts.scheduling import BookingTakenOver, FreedTimeOffered, ReminderDue
from shared.database import Connection
from shared.envelope import Envelope
from shared.errors import NotFound
from shared.municipalities import BY_AGS

Talk = BookingTakenOver | FreedTimeOffered | ReminderDue


async def remind(conn: Connection, envelope: Envelope[ReminderDue], vault: Vault) -> None:
    """Of a talk that is near."""
    await _tell(conn, vault, envelope.data, Kind.REMINDER, until=envelope.data.starts_at)


async def tell_of_successor(conn: Connection, envelope: Envelope[BookingTakenOver], vault: Vault) -> None:
    """Another case manager comes; the time is kept. Of a series they are told once."""
    if envelope.data.announced:
        await _tell(conn, vault, envelope.data, Kind.TAKEN_OVER, until=envelope.data.starts_at)


async def tell_of_freed_time(conn: Connection, envelope: Envelope[FreedTimeOffered], vault: Vault) -> None:
    """They waited for it, and have until then to take it."""
    until = envelope.data.expires_at
    await _tell(conn, vault, envelope.data, Kind.FREED_TIME, until=until, answer_by=until)


def told_by(vault: Vault) -> Mapping[type[Event], Handler]:
    return {
        ReminderDue: partial(remind, vault=vault),
        BookingTakenOver: partial(tell_of_successor, vault=vault),
        FreedTimeOffered: partial(tell_of_freed_time, vault=vault),
    }


async def _tell(conn: Connection, vault: Vault, talk: Talk, kind: Kind, *, until: datetime, **more: datetime) -> None:
    """Where there is a way to.

    Who is erased is told nothing, and neither is who took back the consent to be counselled: the talk is cancelled.
    """
    if not domain.may_be_counselled(await store.consents_of(conn, talk.enquiry_id), today()):
        return
    values = {"starts_at": talk.starts_at, "place": Place(talk.mode, BY_AGS[talk.ags].name), **more}
    with suppress(NotFound, NoWayToSend):
        await messages.post(conn, vault, await store.person_of(conn, talk.enquiry_id), Message(kind, values, until))
