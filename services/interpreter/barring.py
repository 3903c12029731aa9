"""The last word on hard rules: what was learned after the ranking keeps interpreters out all the same.

Whoever is barred is never asked, and who was asked or had agreed is asked no more; scheduling takes the next.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.interpreter import matching, offers, store, store_assignments, store_needs, store_offers, store_rankings
from services.interpreter.commands_assignments import call_off
from services.interpreter.domain import Interpreter
from services.interpreter.needs import bars, with_needs
from services.interpreter.offers import Engagement, berlin_date
from shared import outbox
from shared.clock import now
from shared.contracts.case import InterpretingNeedsChanged
from shared.contracts.interpreter import CandidateBarred
from shared.contracts.scheduling import Slot
from shared.database import Connection


async def learn_needs(conn: Connection, told: InterpretingNeedsChanged) -> None:
    """For the talks to come, and for those that are being asked for or agreed upon."""
    await store_needs.save(conn, told)
    await _bar(conn, await store_offers.standing(conn, now(), case_id=told.case_id))


async def learn_conflicts(conn: Connection, interpreter_id: UUID, tokens: Sequence[str]) -> None:
    """All anew, of an interpreter. Raises NotFound."""
    await store.load(conn, interpreter_id)
    await store.save_conflicts(conn, interpreter_id, sorted(set(tokens)))
    await check_again(conn, interpreter_id)


async def check_again(conn: Connection, interpreter_id: UUID) -> None:
    """After something about the interpreter has changed: their talks that are being asked for or agreed upon."""
    await _bar(conn, await store_offers.standing(conn, now(), interpreter_id=interpreter_id))


async def barred(conn: Connection, engaged: Engagement | None, people: Sequence[Interpreter]) -> set[UUID]:
    """Who of them must not come to that talk; nobody where the request for it is not known."""
    asked = await store_rankings.requested(conn, engaged.booking_id) if engaged else None
    if engaged is None or asked is None:
        return set()
    wanted = with_needs(asked, await store_needs.of_case(conn, engaged.case_id))
    slot = Slot(slot_id=engaged.id, starts_at=engaged.starts_at, ends_at=engaged.ends_at)
    _, talk, open_slot = matching.question(wanted, slot)
    return {who.id for who in people if bars(talk, open_slot, who)}


def told(engaged: Engagement, interpreter_id: UUID, at: datetime) -> CandidateBarred:
    return CandidateBarred(
        booking_id=engaged.booking_id,
        enquiry_id=engaged.enquiry_id,
        interpreter_id=interpreter_id,
        barred_on=berlin_date(at),
    )


async def _bar(conn: Connection, standing: Sequence[offers.Offer]) -> None:
    at = now()
    for offer in standing:
        if not await barred(conn, offer, await store.by_ids(conn, [offer.interpreter_id])):
            continue
        withdrawn, _ = offers.withdraw(offer, at)
        await store_offers.save_offer(conn, withdrawn)
        assignment = await store_assignments.assignment_in_force(conn, offer.booking_id)
        if assignment and assignment.interpreter_id == offer.interpreter_id:
            await call_off(conn, assignment, at)
        await outbox.append(conn, told(offer, offer.interpreter_id, at))
