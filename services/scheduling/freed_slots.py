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
    """The first that suits, of what was freed; else a few of different days. All resources are free then."""
    people = await finding.interpreters_for(conn, offer)
    speakers = [who for who, spoken in people.items() if not spoken.isdisjoint(offer.languages)]
    late = waiting.chosen.starts_at if waiting.state is State.CONFIRMED and waiting.chosen else None
    wish = Wish(late, speakers, offer.interpreter_needed)
    asked = await store_waiting.offered(
        conn, waiting.booking_id, freed.resource_id if freed else None, offer.case_manager_id
    )
    parties = await finding.parties_of(conn, offer, speakers, now)
    talk, found = Talk(offer.duration, offer.place), []
    for day in (await finding.days_of(conn, offer, now)).searched:
        if freed is None or freed.lies_on(day):
            suiting = [each for each in joint_options(parties, talk, day) if wish.suits(each, freed, asked)]
            found += suiting[:1]
    return [_candidate(option) for option in found[: 1 if freed else 3]]


def _candidate(option: Option) -> Candidate:
    span = Span(*option.span)
    return Candidate(slot_id=new_id(), starts_at=span.starts, ends_at=span.ends, interpreters=option.interpreters)
