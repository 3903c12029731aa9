"""What interpreter does when scheduling, case or person has published something."""

from services.interpreter import barring, commands_assignments, commands_offers, matching, store_rankings
from shared.consumer import Reactions
from shared.contracts.case import InterpretingNeedsChanged
from shared.contracts.person import InterpreterConflictsStated
from shared.contracts.scheduling import (
    BookingConfirmed,
    BookingHeld,
    BookingProposed,
    BookingReleased,
    InterpreterRequested,
    InterpreterSwapped,
)
from shared.database import Connection
from shared.envelope import Envelope


async def on_interpreter_requested(conn: Connection, event: Envelope[InterpreterRequested]) -> None:
    await matching.rank_candidates(conn, event.data, event.time)


async def on_proposed(conn: Connection, event: Envelope[BookingProposed]) -> None:
    await store_rankings.propose(conn, event.data.booking_id, [slot.slot_id for slot in event.data.slots])


async def on_held(conn: Connection, event: Envelope[BookingHeld]) -> None:
    await store_rankings.close_request(conn, event.data.booking_id)
    if event.data.interpreter_id is not None:
        await commands_offers.make_offers(conn, event.data)


async def on_swapped(conn: Connection, event: Envelope[InterpreterSwapped]) -> None:
    await commands_offers.make_offers(conn, event.data)


async def on_confirmed(conn: Connection, event: Envelope[BookingConfirmed]) -> None:
    if event.data.interpreter_id is not None:
        await commands_assignments.assign(conn, event.data, event.time)


async def on_released(conn: Connection, event: Envelope[BookingReleased]) -> None:
    await store_rankings.close_request(conn, event.data.booking_id)
    await commands_offers.release(conn, event.data.booking_id, event.time)


async def on_needs_changed(conn: Connection, event: Envelope[InterpretingNeedsChanged]) -> None:
    await barring.learn_needs(conn, event.data)


async def on_conflicts_stated(conn: Connection, event: Envelope[InterpreterConflictsStated]) -> None:
    await barring.learn_conflicts(conn, event.data.interpreter_id, event.data.tokens)


REACTIONS: Reactions = {
    InterpretingNeedsChanged: on_needs_changed,
    InterpreterConflictsStated: on_conflicts_stated,
    InterpreterRequested: on_interpreter_requested,
    BookingProposed: on_proposed,
    BookingHeld: on_held,
    InterpreterSwapped: on_swapped,
    BookingConfirmed: on_confirmed,
    BookingReleased: on_released,
}
