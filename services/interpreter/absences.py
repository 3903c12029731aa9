"""Whoever is away is not asked, whatever was known when they were ranked or held; scheduling takes the next."""

from collections.abc import Iterable
from uuid import UUID

from services.interpreter import barring, commands, offers, store_availability, store_offers
from services.interpreter.domain import Availability
from services.interpreter.offers import OfferState
from shared import outbox
from shared.clock import now
from shared.contracts.scheduling import BookingHeld, InterpreterSwapped
from shared.database import Connection


async def put_availability(conn: Connection, interpreter_id: UUID, given: Availability) -> Availability:
    """As `commands.put_availability`. What they are asked for in an absence, they are asked for no more.

    What they have agreed to stays agreed: that they give back by themselves.
    """
    changed, at = await commands.put_availability(conn, interpreter_id, given), now()
    for offer in await store_offers.standing(conn, at, interpreter_id=interpreter_id):
        if offer.state is OfferState.OPEN and changed.is_away(offer.starts_at, offer.ends_at):
            withdrawn, _ = offers.withdraw(offer, at)
            await store_offers.save_offer(conn, withdrawn)
            await outbox.append(conn, barring.told(offer, interpreter_id, at))
    return changed


async def away(conn: Connection, talk: BookingHeld | InterpreterSwapped, people: Iterable[UUID]) -> set[UUID]:
    """Who of them is absent at the time of the talk."""
    known = {who: await store_availability.availability(conn, who) for who in people}
    return {who for who, when in known.items() if when.is_away(talk.starts_at, talk.ends_at)}
