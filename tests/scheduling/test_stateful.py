"""Booking under random use, on the real constraint: the database holds what the domain believes, at every step."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from services.scheduling import commands, commands_cases, commands_series, commands_waiting, waiting
from services.scheduling.booking import Booking, State
from services.scheduling.resources import Kind, Resource
from services.scheduling.rules import Rule
from services.scheduling.windows import Window
from shared.contracts.vocabulary import Mode
from shared.database import Database
from shared.errors import DomainError
from shared.ids import new_id
from shared.travel import WITHIN
from tests.conftest import NewDatabase
from tests.scheduling.world import DINSLAKEN, MONDAY, World

T = TypeVar("T")
TAKEN = {State.CONFIRMED, State.ATTENDED, State.MISSED}
TIGHT = tuple(Window(day, time(9), time(10, 30)) for day in range(5))
"""So little room that bookings get in each other's way."""
ALWAYS = (Rule(datetime(2026, 10, 26), timedelta(days=1), "FREQ=DAILY"),)  # noqa: DTZ001 -- wall time
"""Day and night, so that there is room for a talk of a day."""
QUARTERS = st.sampled_from([15, 30, 45, 60, 90, 240, 1440])
"""Minutes of a talk, up to a day."""


class Scheduling(RuleBasedStateMachine):
    """Every refusal must be one with a name; anything else fails."""

    bookings = Bundle("bookings")

    def __init__(self, runner: asyncio.Runner, world: World) -> None:
        super().__init__()
        self.runner = runner
        self.world = world
        self.known: list[Booking] = []
        self.deadlines = (
            world.expire,
            world.search_again,
            world.offer_freed,
            world.look_again,
            world.settle_series,
        )

    def wait(self, action: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await action

        return self.runner.run(awaited())

    def attempt(self, action: Awaitable[T]) -> T | None:
        try:
            return self.wait(action)
        except DomainError:
            return None

    @initialize()
    def open_office(self) -> None:
        self.world.now = MONDAY
        self.wait(self.world.database.pool.execute("truncate resource, booking, case_file, series, outbox cascade"))
        self.wait(self.world.open_office(TIGHT))
        colleague = Resource(new_id(), Kind.CASE_MANAGER, rules=ALWAYS)
        self.wait(self.world.put(colleague))
        self.wait(self.world.put(Resource(self.world.room, Kind.ROOM, ags=(DINSLAKEN,), rules=ALWAYS)))
        self.managers = [self.world.manager, colleague.id]
        hours: list[tuple[Sequence[Window], Sequence[Rule]]] = [(TIGHT, ()), ((), ALWAYS)]
        self.people = [self.wait(self.world.interpreter(windows=windows, rules=rules)) for windows, rules in hours]

    def current(self, booking: Booking) -> Booking:
        return self.wait(self.world.stored(booking))

    @rule(
        target=bookings,
        mode=st.sampled_from(Mode),
        minutes=QUARTERS,
        manager=st.integers(0, 1),
        interpreter_needed=st.booleans(),
        turned=st.booleans(),
    )
    def request(self, mode: Mode, minutes: int, manager: int, *, interpreter_needed: bool, turned: bool) -> object:
        asked = {"mode": mode, "duration_minutes": minutes, "case_manager_id": self.managers[manager]}
        booking = self.wait(self.world.request(**asked, interpreter_needed=interpreter_needed))
        self.known.append(booking)
        self.rank(booking, turned=turned)
        return booking if booking.state not in {State.RELEASED, State.UNMET} else multiple()

    @rule(booking=bookings, turned=st.booleans())
    def rank(self, booking: Booking, *, turned: bool) -> None:
        people = self.people[::-1] if turned else self.people
        self.attempt(self.world.rank(self.current(booking), *people))

    @rule(booking=bookings, slot=st.integers(0, 2))
    def choose(self, booking: Booking, slot: int) -> None:
        current = self.current(booking)
        if slot < len(current.candidates):
            self.attempt(self.world.choose(current, slot))

    @rule(booking=bookings, hours=st.integers(0, 30), wrongly=st.booleans())
    def accept(self, booking: Booking, hours: int, *, wrongly: bool) -> None:
        self.pass_time(hours)
        self.attempt(self.world.accept(booking, self.asked(booking, wrongly=wrongly)))

    @rule(booking=bookings, hours=st.integers(0, 30), wrongly=st.booleans())
    def refuse(self, booking: Booking, hours: int, *, wrongly: bool) -> None:
        self.pass_time(hours)
        self.attempt(self.world.refuse(booking, self.asked(booking, wrongly=wrongly)))

    def asked(self, booking: Booking, *, wrongly: bool) -> UUID:
        """The interpreter whose answer is awaited, or another one."""
        awaited = self.current(booking).interpreter_id or self.people[0]
        return next(who for who in self.people if (who != awaited) is wrongly)

    @rule(booking=bookings)
    def cancel(self, booking: Booking) -> None:
        self.attempt(self.world.cancel(booking))

    @rule(target=bookings, booking=bookings, turned=st.booleans())
    def move(self, booking: Booking, *, turned: bool) -> object:
        moved = self.attempt(self.world.move(booking))
        if moved is None:
            return multiple()
        self.known.append(moved)
        self.rank(moved, turned=turned)
        return moved

    @rule(booking=bookings, manager=st.integers(0, 1), speaks=st.booleans())
    def hand_on(self, booking: Booking, manager: int, *, speaks: bool) -> None:
        self.wait(self.world.assign(booking, self.managers[manager], speaks_language=speaks))
        self.learn()

    @rule(booking=bookings)
    def leave_to_nobody(self, booking: Booking) -> None:
        self.wait(self.world.unassign(booking))

    @rule(booking=bookings, days=st.integers(1, 20), whole=st.booleans())
    def begin_series(self, booking: Booking, days: int, *, whole: bool) -> None:
        first = datetime.combine(self.world.now.date() + timedelta(days=days), time(9))
        self.attempt(self.world.begin_series(self.current(booking), first, "FREQ=DAILY;COUNT=3", whole=whole))
        self.learn()

    def learn(self) -> None:
        """What scheduling began by itself is known, too."""
        self.known += self.wait(self.world.others_of(self.known))

    @rule(nth=st.integers(0, 5), wanted=st.booleans())
    def answer_who_offers_freed_time(self, nth: int, *, wanted: bool) -> None:
        """One who waits is asked: interpreter ranks, if it has to, and they take it or do not."""
        self.learn()
        offers = self.wait(self.world.database.pool.fetch("select offered from waiting_talk where offered is not null"))
        asked = [each for each in self.known if each.booking_id in {row["offered"] for row in offers}]
        if asked:
            offer = asked[nth % len(asked)]
            self.rank(offer, turned=False)
            self.choose(offer, 0) if wanted else self.cancel(offer)

    @rule(booking=bookings, attended=st.booleans())
    def check_in(self, booking: Booking, *, attended: bool) -> None:
        self.attempt(self.world.check_in(booking, attended=attended))

    @rule(hours=st.integers(1, 60))
    def pass_time(self, hours: int) -> None:
        self.world.pass_time(timedelta(hours=hours))
        while any(self.wait(each()) for each in self.deadlines):
            pass
        self.learn()

    @invariant()
    def the_database_holds_what_the_bookings_need(self) -> None:
        for booking in map(self.current, self.known):
            held = self.wait(self.world.reserved(booking, "held"))
            confirmed = self.wait(self.world.reserved(booking, "confirmed"))
            assert held == (booking.resources if booking.state is State.HELD else set())
            assert confirmed == (booking.resources if booking.state in TAKEN else set())

    @invariant()
    def of_a_talk_that_was_moved_one_time_stands(self) -> None:
        current = {each.booking_id: each for each in map(self.current, self.known)}
        for booking in current.values():
            if booking.replaces and booking.state is State.CONFIRMED:
                assert current[booking.replaces].state is not State.CONFIRMED or self.has_begun(
                    current[booking.replaces]
                )

    def has_begun(self, booking: Booking) -> bool:
        return booking.chosen is not None and booking.chosen.starts_at <= self.world.now

    @invariant()
    def nobody_is_asked_twice_at_once_nor_about_nothing(self) -> None:
        asked = """
            select count(*) from waiting_talk left join booking on booking.id = offered
            where offered is not null and (booking.id is null or state in ('released', 'unmet', 'confirmed'))
        """
        assert self.wait(self.world.database.pool.fetchval(asked)) == 0

    @invariant()
    def who_waits_has_nothing_or_a_late_talk(self) -> None:
        waiting_ids = self.wait(self.world.waiting())
        assert all(waiting.waits(self.current(each)) for each in self.known if each.booking_id in waiting_ids)

    @invariant()
    def there_is_time_for_every_way(self) -> None:
        """The constraint sees overlaps alone: nobody is in two places without half an hour between them."""
        too_close = """
            select count(*) from reservation a join reservation b on a.resource_id = b.resource_id and a.place < b.place
            where a.state <> 'released' and b.state <> 'released'
                and tstzrange(lower(a.during) - $1::interval, upper(a.during) + $1::interval) && b.during
        """
        assert self.wait(self.world.database.pool.fetchval(too_close, WITHIN.time)) == 0

    @invariant()
    def of_a_series_that_was_given_up_nothing_is_to_come(self) -> None:
        left = """
            select count(*) from series join booking on series_id = series.id
                join proposed_slot on proposed_slot.id = slot_id
            where ended_at is not null and whole and state in ('held', 'confirmed') and starts_at > $1
        """
        assert self.wait(self.world.database.pool.fetchval(left, self.world.now)) == 0

    @invariant()
    def everything_is_held_as_long_as_its_booking_says(self) -> None:
        differing = """
            select count(*) from reservation join booking on booking.id = booking_id
            where reservation.state = 'held' and reservation.expires_at is distinct from booking.expires_at
        """
        assert self.wait(self.world.database.pool.fetchval(differing)) == 0


def test_the_database_and_the_bookings_agree(
    new_database: NewDatabase, schema: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    effort = settings(max_examples=8, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    with asyncio.Runner() as runner:
        database = runner.run(_connected(new_database, schema))
        world = World(database)
        for module in (commands, commands_cases, commands_series, commands_waiting):
            monkeypatch.setattr(module, "present", lambda: world.now)

        class Machine(Scheduling):
            def __init__(self) -> None:
                super().__init__(runner, world)

        run_state_machine_as_test(Machine, settings=effort)
        runner.run(database.close())


async def _connected(new_database: NewDatabase, schema: Path) -> Database:
    return await Database.connect(await new_database(schema), most=2)
