"""Series of talks: asked for as a whole or as far as they can be had, and ended.

Talks for which interpreters have to be ranked are taken when the answer has come; until then nothing is held. One that
was asked for as a whole is given up by a deadline as soon as one of its talks has come to nothing.
"""

from uuid import UUID

from services.scheduling import (
    commands,
    domain,
    finding,
    outcomes,
    planning,
    refusals,
    series,
    store,
    store_cases,
    store_series,
)
from services.scheduling.booking import Booking, Candidate
from services.scheduling.handing_on import Anew, Successor
from services.scheduling.series import Gap, Occurrence, Series
from services.scheduling.spans import Span
from shared.clock import now as present
from shared.contracts.vocabulary import CancelledBy, ReleaseReason
from shared.database import Connection
from shared.errors import Conflict
from shared.ids import new_id


class SeriesIncomplete(Conflict):
    """Not all talks of the series can be had, and it was asked for as a whole. Which ones stands in `gaps`."""

    def __init__(self, gaps: list[Occurrence]) -> None:
        super().__init__("rrule")
        self.members = {"gaps": [{"starts_at": each.starts_at, "gap": each.gap} for each in gaps]}


async def begin(conn: Connection, like: Booking, asked: Series) -> None:
    """Talks like that booking, at the times of the series.

    Raises SeriesTooLong, CaseIsLeft, EnquiryIsWithdrawn, ConsentIsRevoked and, where it is asked for as a whole,
    SeriesIncomplete.
    """
    wanted = series.spans(asked)
    await store.one_at_a_time(conn, asked.enquiry_id)
    await commands.require_welcome(conn, asked.enquiry_id)
    await store_series.insert(conn, asked)
    gaps = await _book_all(conn, like, asked, wanted)
    if gaps and (asked.whole or len(gaps) == len(wanted)):
        raise SeriesIncomplete(gaps)
    await store_series.note_gaps(conn, asked.series_id, gaps)


async def end(conn: Connection, series_id: UUID) -> None:
    """Cancels its talks to come, moved ones too. What has begun stays as it is. Raises NotFound."""
    found = await _locked(conn, series_id)
    await store_series.end(conn, found.series_id, present())
    for booking_id in await store_series.open_ids(conn, series_id):
        if not (await store.load(conn, booking_id)).has_started(present()):
            await commands.cancel(conn, booking_id, CancelledBy.CASE_MANAGER)


async def settle_one(conn: Connection) -> int:
    """Of a series that was asked for as a whole: all is arranged, or all is given up. Returns how many that were."""
    series_id = await store_series.unsettled(conn)
    if series_id is None:
        return 0
    await _locked(conn, series_id)
    if not await store_series.lacks_one(conn, series_id):
        await store_series.settle(conn, series_id, present())
        return 1
    await store_series.end(conn, series_id, present())
    for booking_id in await store_series.open_ids(conn, series_id):
        booking = await store.load(conn, booking_id)
        if not booking.has_started(present()):
            await planning.release(conn, booking, present())
            await commands.keep(conn, outcomes.released(booking, ReleaseReason.SERIES_INCOMPLETE, present()))
    return 1


async def _book_all(conn: Connection, like: Booking, asked: Series, wanted: list[Span]) -> list[Occurrence]:
    """Returns those that cannot be had."""
    successor, now = await _successor(conn, like), present()
    pattern = series.pattern(like, asked, successor, Anew(new_id(), new_id(), None), now)
    people = await finding.interpreters_for(conn, pattern)
    speakers = {who for who, spoken in people.items() if not spoken.isdisjoint(pattern.languages)}
    days, missing = await finding.days_of(conn, pattern, now), []
    for span in wanted:
        parties = await finding.parties_of(conn, pattern, sorted(speakers), now)
        gap = series.gap(parties, span, pattern.place, days, speakers)
        if gap is None:
            free = [each.resource_id for each in parties.interpreters or () if each.is_free(span, pattern.place)]
            slot = Candidate(slot_id=new_id(), starts_at=span.starts, ends_at=span.ends, interpreters=tuple(free))
            gap = await _book(conn, series.book(pattern, span, new_id(), new_id(), now), slot)
        if gap:
            missing.append(Occurrence(span.starts, gap))
    return missing


async def _book(conn: Connection, outcome: outcomes.Outcome, slot: Candidate) -> Gap | None:
    """All that the talk needs is taken now or, with an interpreter, once they are ranked; or nothing is changed."""
    try:
        async with conn.transaction():
            booking = await commands.keep(conn, outcome)
            found = domain.find(booking, [slot], lacks_interpreter=False, now=present())
            await commands.keep_or_take(conn, found)
    except refusals.SlotTaken:
        return Gap.TAKEN
    return None


async def _successor(conn: Connection, like: Booking) -> Successor:
    """Whoever has the case now. Raises CaseIsLeft."""
    case = await store_cases.find(conn, like.case_id)
    if case is None:
        return Successor(like.ags, like.case_manager_id, like.interpreter_needed)
    if case.case_manager_id is None:
        raise series.CaseIsLeft
    return Successor(case.ags, case.case_manager_id, not case.speaks_language)


async def _locked(conn: Connection, series_id: UUID) -> Series:
    found = await store_series.look(conn, series_id)
    await store.one_at_a_time(conn, found.enquiry_id)
    return await store_series.load(conn, series_id)
