"""Between what is stored and the merits of slots. Locks nothing."""

from collections.abc import Collection
from datetime import datetime

from services.scheduling import store_calendars as calendars
from services.scheduling import store_talks as talks
from services.scheduling.booking import Booking, Candidate
from services.scheduling.merits import FAIRNESS, Merits
from services.scheduling.spans import Span
from services.scheduling.ways import Ways
from services.scheduling.windows import berlin_date
from shared.contracts.interpreter import CandidatesRanked
from shared.database import Connection


def merits(candidate: Candidate, people: Collection[Ways] | None, now: datetime, **of_interpreter: int) -> Merits:
    """Of a slot to which `people` come; None: nobody travels. `of_interpreter`: talks together, and recent ones."""
    span = Span(candidate.starts_at, candidate.ends_at)
    return Merits(
        waiting_days=(berlin_date(candidate.starts_at) - berlin_date(now)).days,
        travel_minutes=None if people is None else sum(way.minutes(span) for way in people),
        **of_interpreter,
    )


async def weigh(conn: Connection, booking: Booking, answer: CandidatesRanked, now: datetime) -> Booking:
    """The slots with what speaks for each, once it is known who would be asked first to interpret in it."""
    ranked = {slot.slot_id: slot.interpreter_ids for slot in answer.slots}
    first = {
        candidate.slot_id: next(
            (who for who in ranked.get(candidate.slot_id, ()) if who in candidate.interpreters), None
        )
        for candidate in booking.candidates
    }
    asked = {who for who in first.values() if who}
    both = {booking.client_id, booking.case_manager_id}
    known = await calendars.calendars(conn, both | asked, now, but=booking.replaces)
    ways = {who: Ways(calendar, booking.place) for who, calendar in known.items()}
    together = await talks.together(conn, booking.case_id)
    recent = await talks.recent(conn, asked, now - FAIRNESS)

    def weighed(candidate: Candidate) -> Candidate:
        if (who := first[candidate.slot_id]) is None:
            return candidate
        people = [ways[each] for each in {*both, who}] if booking.place else None
        counted = {"talks_together": together.get(who, 0), "recent_talks": recent.get(who, 0)}
        return candidate.model_copy(update={"merits": merits(candidate, people, now, **counted)})

    return booking.model_copy(update={"candidates": tuple(map(weighed, booking.candidates))})
