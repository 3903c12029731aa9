"""A talk that is cancelled late is paid: from scheduling's word to the line of the fee, with all of both services.

By hand, from the tariffs (design.md): Kreis Wesel's pot is assumed to be Borken's, which is assumed to be Heinsberg's,
25 EUR up to 2 hours. Cancelling is free until 13:00 Europe/Berlin on the previous calendar day, then one full hour's
fee is due: 25.00 EUR, without travel.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

import services.interpreter
import services.scheduling
from services.interpreter import commands as interpreters
from services.interpreter import commands_offers, offers, store_assignments
from services.interpreter.fees import Item, Quote, QuoteKind
from services.interpreter.reactions import REACTIONS
from services.scheduling import commands, commands_cases, commands_waiting
from services.scheduling import store_resources as resources
from services.scheduling.booking import Booking, State
from shared.clock import BERLIN, now
from shared.consumer import Dispatcher
from shared.contracts.interpreter import OfferMade
from shared.contracts.scheduling import BookingReleased
from shared.contracts.vocabulary import CancelledBy
from shared.database import Database
from tests.conftest import NewDatabase
from tests.interpreter.people import interpreter
from tests.scheduling.hearing import Hearing, record
from tests.scheduling.world import OFFICE_HOURS, World
from tests.told import told


class Both:
    """Scheduling, on a clock of its own, and interpreter; each hears what the other has told, once."""

    def __init__(self, world: World, pool: Database) -> None:
        self.world = world
        self.pool = pool
        self._scheduling = Hearing(world)
        self._interpreter = Dispatcher(pool, "interpreter", REACTIONS)
        self._heard = [0, 0]

    async def settle(self) -> None:
        """Until neither has anything more to say."""
        while sum([await self._to_interpreter(), await self._to_scheduling()]):
            pass

    async def hear_again(self, event: BookingReleased) -> None:
        """Interpreter hears it under another id."""
        await self._interpreter.handle([record(event, self.world.now)])

    async def _to_interpreter(self) -> int:
        new = (await told(self.world.database))[self._heard[0] :]
        self._heard[0] += len(new)
        for event in new:
            await self._interpreter.handle([record(event, self.world.now)])
        return len(new)

    async def _to_scheduling(self) -> int:
        new = (await told(self.pool))[self._heard[1] :]
        self._heard[1] += len(new)
        await self._scheduling.hear(*new)
        return len(new)

    async def confirmed(self) -> tuple[Booking, UUID]:
        """A talk to which an interpreter has agreed."""
        await self.world.open_office()
        who = interpreter()
        async with self.pool.transaction() as conn:
            await interpreters.put_interpreter(conn, who)
        async with self.world.database.transaction() as conn:
            await resources.learn_windows(conn, who.id, OFFICE_HOURS, self.world.now)
        await self.settle()
        booking = await self.world.request()
        await self.settle()
        await self.world.choose(await self.world.stored(booking), -1)
        await self.settle()
        [made] = [each for each in await told(self.pool) if isinstance(each, OfferMade)]
        async with self.pool.transaction() as conn:
            await commands_offers.answer_offer(conn, offers.accept, made.offer_id, who.id)
        await self.settle()
        return await self.world.stored(booking), who.id

    async def fees(self, who: UUID) -> list[Quote]:
        async with self.pool.read() as conn:
            return [quote for _, quote, _ in await store_assignments.assignments(conn, who)]


@asynccontextmanager
async def connected(new_database: NewDatabase, package: str) -> AsyncIterator[Database]:
    database = await Database.connect(await new_database(Path(package) / "schema"), most=4)
    yield database
    await database.close()


@pytest.fixture
async def both(new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Both]:
    async with AsyncExitStack() as stack:
        scheduling = await stack.enter_async_context(connected(new_database, services.scheduling.__path__[0]))
        pool = await stack.enter_async_context(connected(new_database, services.interpreter.__path__[0]))
        world = World(scheduling, now=now())
        for module in (commands, commands_cases, commands_waiting):
            monkeypatch.setattr(module, "present", lambda: world.now)
        yield Both(world, pool)


def free_until(booking: Booking) -> datetime:
    """13:00 in Berlin on the calendar day before the talk."""
    assert booking.chosen
    day_before = booking.chosen.starts_at.astimezone(BERLIN).date() - timedelta(days=1)
    return datetime.combine(day_before, time(13), BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("after", "lines"),
    [
        (timedelta(days=-2), []),
        (timedelta(0), []),
        (timedelta(seconds=1), [(Item.LATE_CANCELLATION, Decimal("25.00"))]),
        (timedelta(hours=19), [(Item.LATE_CANCELLATION, Decimal("25.00"))]),
    ],
)
async def test_from_13_oclock_on_the_day_before_one_full_hour_is_paid(
    both: Both, after: timedelta, lines: list[tuple[Item, Decimal]]
) -> None:
    booking, who = await both.confirmed()
    assert booking.state is State.CONFIRMED
    both.world.now = free_until(booking) + after
    await both.world.cancel(booking, CancelledBy.PARTICIPANT)
    await both.settle()
    [fee] = await both.fees(who)
    assert fee.kind is QuoteKind.CANCELLATION
    assert [(line.item, line.amount) for line in fee.lines] == lines
    released = await both.world.last(BookingReleased)
    assert released.cancelled_by is CancelledBy.PARTICIPANT
    both.world.pass_time(timedelta(minutes=1))
    await both.hear_again(released)
    assert [each.lines for each in await both.fees(who)] == [fee.lines]


async def test_who_falls_ill_does_not_cost_the_interpreter_the_fee(both: Both) -> None:
    """Nobody has the case any more, on the day before at 14:00: the talk cannot stand, and the interpreter is paid."""
    booking, who = await both.confirmed()
    both.world.now = free_until(booking) + timedelta(hours=1)
    await both.world.unassign(booking)
    await both.settle()
    [fee] = await both.fees(who)
    assert [(line.item, line.amount) for line in fee.lines] == [(Item.LATE_CANCELLATION, Decimal("25.00"))]
