"""A client that follows a feed, written against RFC 5545 and 5546 with another library, sees what really stands."""

from datetime import datetime

import pytest
import vobject

from services.scheduling.booking import Booking
from tests.scheduling.test_feeds import Office
from tests.scheduling.test_feeds import office as _office
from tests.scheduling.world import World, span

office = _office


class Follower:
    """Keeps what it has heard: what is older than what it knows is left aside, and what is cancelled is struck out."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[int, datetime, str, datetime]] = {}
        """UID -> SEQUENCE, DTSTAMP, STATUS, DTSTART."""

    def hear(self, text: str) -> None:
        calendar = vobject.readOne(text, validate=True)
        assert "method" not in calendar.contents, "it is a calendar, no message about one (RFC 5546, 3.2.1)"
        uids = [event.uid.value for event in calendar.contents.get("vevent", [])]
        assert len(uids) == len(set(uids)), "a talk stands there once"
        for event in calendar.contents.get("vevent", []):
            told = (int(event.sequence.value), event.dtstamp.value, event.status.value, event.dtstart.value)
            known = self.known.get(event.uid.value)
            assert known is None or told[:2] >= known[:2], "a client would leave this aside"
            assert known is None or told == known or told[0] > known[0], "what changes has a higher SEQUENCE"
            self.known[event.uid.value] = told

    @property
    def shown(self) -> list[tuple[str, datetime]]:
        return sorted((status, starts) for _, _, status, starts in self.known.values() if status != "CANCELLED")


async def _truth(world: World) -> list[tuple[str, datetime]]:
    """What the case manager is reserved for; while a talk is being moved, where it was."""
    rows = await world.database.pool.fetch(
        """
        select r.state, lower(r.during) as starts from reservation r join booking b on b.id = r.booking_id
        where r.resource_id = $1 and r.state <> 'released' and not exists (
            select from reservation former
            where former.booking_id = b.replaces and former.resource_id = $1 and former.state <> 'released'
        )
        """,
        world.manager,
    )
    names = {"held": "TENTATIVE", "confirmed": "CONFIRMED"}
    return sorted((names[row["state"]], row["starts"]) for row in rows)


@pytest.mark.parametrize("missed", [1, 2, 5])
async def test_a_client_shows_what_stands_however_seldom_it_looks(office: Office, missed: int) -> None:
    """`missed`: it looks after so many changes."""
    world, follower, steps = office.world, Follower(), 0
    anna, berta = await world.interpreter(), await world.interpreter()
    address = await office.address(world.manager)

    async def look(booking: Booking) -> Booking:
        nonlocal steps
        steps += 1
        if steps % missed == 0:
            follower.hear((await office.client.get(address)).text)
            assert follower.shown == await _truth(world)
        return booking

    first = await look(await world.choose(await world.rank(await world.request(), anna, berta)))
    first = await look(await world.accept(first, anna))
    second = await look(await world.choose(await world.request(interpreter_needed=False)))
    moved = await look(await world.choose(await world.rank(await world.move(first), berta), slot=1))
    moved = await look(await world.accept(moved, berta))
    assert span(moved) != span(first)
    again = await look(await world.choose(await world.rank(await world.move(moved), anna), slot=1))
    await look(await world.refuse(again, anna))
    await look(await world.cancel(second))
    await look(await world.cancel(moved))
    missed = 1
    await look(second)
    assert follower.shown == []
