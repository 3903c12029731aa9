"""Looks for a time that suits one who waits: within what was freed, or wherever there is some. Locks nothing."""

from datetime import datetime

from services.scheduling import finding, store_waiting
from services.scheduling.booking import Booking, Candidate, State
from services.scheduling.slots import Option, Talk, joint_options
from services.scheduling.spans import Span
from services.scheduling.waiting import Freed, Wish
from shared.database import Connection
from shared.ids import new_id


async def find(
    conn: Connection, waiting: Booking, offer: Booking, freed: Freed | None, now: datetime
) -> list[Candidate]:
    """The first that suits, of what was freed; else a few of different days. All resources are free then.

    As in the search, who may stand in with another language counts only where nobody speaks one of the participant's.
    """
    pool = await finding.pool_of(conn, offer)
    late = waiting.chosen.starts_at if waiting.state is State.CONFIRMED and waiting.chosen else None
    asked = await store_waiting.offered(
        conn, waiting.booking_id, freed.resource_id if freed else None, offer.case_manager_id
    )
    parties = await finding.parties_of(conn, offer, sorted(pool.able), now)
    talk, days = Talk(offer.duration, offer.place), (await finding.days_of(conn, offer, now)).searched
    options = [joint_options(parties, talk, day) for day in days if freed is None or freed.lies_on(day)]
    for group in pool.by_preference:
        wish = Wish(late, group, offer.interpreter_needed)
        suiting = [[each for each in day if wish.suits(each, freed, asked)] for day in options]
        if found := [day[0] for day in suiting if day]:
            return [_candidate(option) for option in found[: 1 if freed else 3]]
    return []


def _candidate(option: Option) -> Candidate:
    span = Span(*option.span)
    return Candidate(slot_id=new_id(), starts_at=span.starts, ends_at=span.ends, interpreters=option.interpreters)
