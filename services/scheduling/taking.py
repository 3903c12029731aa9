"""Takes all that a talk needs, or nothing. Locks no more than what is taken, as long as that is enough to be sure."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from services.scheduling import finding, planning
from services.scheduling import store_calendars as calendars
from services.scheduling import store_reservations as reservations
from services.scheduling.booking import Booking, Candidate
from services.scheduling.calendars import Busy
from services.scheduling.refusals import SlotTaken, SlotTooSoon
from services.scheduling.rounds import hold_ends
from services.scheduling.spans import Span
from services.scheduling.store_calendars import Near
from services.scheduling.windows import berlin_date
from shared.database import Connection
from shared.errors import Unavailable

QUICK = 3
"""How often only what seems to be free is locked; then, once, all that could be taken: then the answer is certain."""


class Taken(NamedTuple):
    room_id: UUID | None
    interpreters: tuple[UUID, ...]
    """The round, best first; empty where none is needed."""


class _Some(NamedTuple):
    """What could be taken, the best first."""

    rooms: tuple[UUID, ...] | None
    """None: none is needed."""
    interpreters: tuple[UUID, ...]


class _OthersWereFasterError(Exception):
    """What seemed to be free is not, or is being taken just now: something else may do."""


async def take(
    conn: Connection, booking: Booking, wanted: Candidate, now: datetime, former: Booking | None = None
) -> Taken:
    """Holds client, case manager, a free room and the first round of free interpreters: all or none.

    `former`: the booking whose place it takes. What both need is held only for the time that the former leaves free,
    since that one stands until this one is confirmed.
    Raises SlotTaken, with those of the other proposed slots that are still free; SlotTooSoon likewise, where an
    interpreter is needed and the pot's lead time, counted from now, is not kept any more.
    """
    if berlin_date(wanted.starts_at) in await finding.too_soon(conn, booking, now):
        raise SlotTooSoon(c.slot for c in await planning.still_free(conn, booking, now))
    rooms = await finding.rooms_of(conn, booking)
    everything = _Some(None if rooms is None else tuple(rooms), wanted.interpreters)
    taking = _Taking(conn, booking, wanted, now, former)
    for surely in (*(False,) * QUICK, True):
        seen = await taking.free(everything)
        if seen is None:
            break
        try:
            async with conn.transaction():  # where it comes to nothing, the savepoint gives the locks back
                return await taking.hold(await (taking.lock_all(seen) if surely else taking.lock_few(seen)))
        except asyncpg.ExclusionViolationError:
            break
        except asyncpg.DeadlockDetectedError:
            if surely:
                raise Unavailable from None
        except _OthersWereFasterError:
            continue
    raise SlotTaken(c.slot for c in await planning.still_free(conn, booking, now))


@dataclass(frozen=True, slots=True)
class _Taking:
    conn: Connection
    booking: Booking
    wanted: Candidate
    now: datetime
    former: Booking | None

    @property
    def busy(self) -> Busy:
        return Busy(Span(self.wanted.starts_at, self.wanted.ends_at), self.booking.place)

    @property
    def both(self) -> set[UUID]:
        return {self.booking.client_id, self.booking.case_manager_id}

    @property
    def surely(self) -> set[UUID]:
        """What is locked whichever room and interpreters are taken: what the former has too, as it gives way next."""
        return self.both | (self.former.resources if self.former else set())

    async def free(self, some: _Some) -> _Some | None:
        """What of them is free, of interpreters a round; None where something that is needed is missing."""
        ids, near = {*self.both, *(some.rooms or ()), *some.interpreters}, Near([self.busy.span], self.busy.place)
        known = await calendars.calendars(self.conn, ids, self.now, near, self.booking.replaces)
        free = {each for each, calendar in known.items() if calendar.is_free(*self.busy)}
        rooms = None if some.rooms is None else tuple(room for room in some.rooms if room in free)
        people = self.wanted.round_of([who for who in some.interpreters if who in free])
        complete = free >= self.both and rooms != () and (people or not self.booking.interpreter_needed)
        return _Some(rooms, people if self.booking.interpreter_needed else ()) if complete else None

    async def lock_few(self, seen: _Some) -> _Some:
        """People, then one room that nobody else is taking: for a room nobody waits, so nobody waits in a circle.

        Returns what is free, now that it is locked. Raises _OthersWereFasterError where it is not all.
        """
        await reservations.lock(self.conn, {*self.surely, *seen.interpreters}, self.now)
        wanted = seen
        if seen.rooms is not None:
            room = await reservations.lock_one(self.conn, seen.rooms)
            if room is None:
                raise _OthersWereFasterError
            await reservations.lock(self.conn, [room], self.now)
            wanted = _Some((room,), seen.interpreters)
        if await self.free(wanted) != wanted:
            raise _OthersWereFasterError
        return wanted

    async def lock_all(self, seen: _Some) -> _Some:
        """All that seemed to be free, and all whom interpreter named. Raises as `lock_few`."""
        everybody = _Some(seen.rooms, self.wanted.interpreters)
        await reservations.lock(self.conn, {*self.surely, *(everybody.rooms or ()), *everybody.interpreters}, self.now)
        free = await self.free(everybody)
        if free is None:
            raise _OthersWereFasterError
        return free

    async def hold(self, free: _Some) -> Taken:
        """Of what is locked and free. Raises asyncpg.ExclusionViolationError, which is the database's last word."""
        taken = Taken(free.rooms[0] if free.rooms else None, free.interpreters)
        needed = [*self.both, *([taken.room_id] if taken.room_id else ()), *taken.interpreters]
        until = hold_ends(self.wanted, self.now)
        await reservations.hold(self.conn, self.booking.booking_id, needed, self.busy, until)
        return taken
