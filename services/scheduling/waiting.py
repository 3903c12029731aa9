"""The waiting list: which talks wait for time that becomes free, and which time suits them. Pure.

Who waits is asked, never booked: the time is proposed to them, and what they have stands until they take it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from services.scheduling import handing_on
from services.scheduling.booking import Booking, State
from services.scheduling.handing_on import Anew, CaseFile, Successor
from services.scheduling.outcomes import Outcome, changed
from services.scheduling.slots import Option
from services.scheduling.spans import Span
from services.scheduling.windows import berlin_date
from shared.contracts.vocabulary import ReleaseReason

LATE = timedelta(days=14)
"""A talk that begins later than this after it was requested waits for an earlier time (assumed)."""
EARLIER = timedelta(days=7)
"""So much earlier an earlier time has to be (assumed): nobody is asked for a day or two."""
TIME_TO_ANSWER = timedelta(hours=48)
"""How long freed time is offered to one before it is offered to the next (assumed)."""
MOST_OFFERS = 3
"""How often somebody is asked before they wait no more (assumed): not to answer is an answer, too."""
MOST_IN_VAIN = 3
"""How often a day interpreter is asked in vain about freed time for one who waits (assumed)."""
_IN_VAIN = frozenset({ReleaseReason.NO_SLOT, ReleaseReason.NO_INTERPRETER})


class Freed(NamedTuple):
    """Time in which a person or a room may have become free."""

    id: int
    resource_id: UUID
    during: Span | None
    """None: any, since hours were added."""

    def is_over(self, now: datetime) -> bool:
        return self.during is not None and self.during.ends <= now

    def lies_on(self, day: date) -> bool:
        """Whether some of it may be on that day in Berlin."""
        if self.during is None:
            return True
        return berlin_date(self.during.starts) <= day <= berlin_date(self.during.ends)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody who waits could use."""

    before: datetime | None
    """A talk that is late begins then; None: there is no talk at all."""
    interpreters: Collection[UUID]
    """Who could interpret."""
    interpreter_needed: bool

    def suits(self, option: Option, freed: Freed | None, offered: Iterable[Span]) -> bool:
        """Within what was freed, and not what somebody else is being asked about."""
        early = self.before is None or option.span.starts <= self.before - EARLIER
        spoken = not self.interpreter_needed or not set(option.interpreters).isdisjoint(self.interpreters)
        freed_then = freed is None or freed.during is None or freed.during.overlaps(option.span)
        return early and spoken and freed_then and not any(option.span.overlaps(span) for span in offered)


def waits(booking: Booking) -> bool:
    """Nothing was found for it, or only a late time. A series has its own times."""
    if booking.series_id:
        return False
    if booking.state is State.CONFIRMED and booking.chosen:
        return booking.chosen.starts_at - booking.requested_at > LATE
    in_vain = booking.state is State.RELEASED and booking.reason in _IN_VAIN
    return in_vain or booking.state is State.UNMET


def has_come_to_nothing(booking: Booking) -> bool:
    return booking.state in {State.RELEASED, State.UNMET}


def was_in_vain(offer: Booking) -> bool:
    """Whether interpreter named nobody, so that the one who waits was not asked at all."""
    return offer.state is State.RELEASED and offer.reason is ReleaseReason.NO_INTERPRETER


def begin(waiting: Booking, case: CaseFile | None, ids: tuple[UUID, UUID], now: datetime) -> Outcome:
    """The booking by which one who waits is asked, with whoever has the case now, as long as `TIME_TO_ANSWER`."""
    of_case = (case.ags, case.case_manager_id, not case.speaks_language) if case and case.case_manager_id else None
    ags, manager, needed = of_case or (waiting.ags, waiting.case_manager_id, waiting.interpreter_needed)
    confirmed = waiting.state is State.CONFIRMED
    place = waiting.booking_id if confirmed else waiting.replaces or waiting.booking_id
    successor = Successor(ags, manager, waiting.interpreter_needed if confirmed else needed)
    offer, told = handing_on.restart(waiting, successor, Anew(*ids, place), now)
    return changed(offer, expires_at=now + TIME_TO_ANSWER), told
