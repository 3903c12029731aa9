"""A participant is reminded of a confirmed talk: once, a day ahead by the clocks of Berlin."""

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from services.scheduling import refusals
from services.scheduling.booking import Booking, Candidate, State
from services.scheduling.reminders import remind, reminder_at
from services.scheduling.resources import Kind, Resource
from shared.contracts.scheduling import ReminderDue
from shared.contracts.vocabulary import Mode
from shared.ids import new_id
from shared.settings import Settings
from tests.scheduling.world import DINSLAKEN, OFFICE_HOURS, World

BERLIN = ZoneInfo("Europe/Berlin")


def confirmed(starts_at: datetime) -> Booking:
    slot = Candidate(slot_id=new_id(), starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    return Booking(
        booking_id=new_id(),
        counselling_id=new_id(),
        case_id=new_id(),
        enquiry_id=new_id(),
        ags=DINSLAKEN,
        case_manager_id=new_id(),
        languages=("ti",),
        topics=(),
        mode=Mode.IN_PERSON,
        interpreter_needed=False,
        duration_minutes=60,
        requested_at=starts_at - timedelta(days=7),
        state=State.CONFIRMED,
        candidates=(slot,),
        slot_id=slot.slot_id,
    )


@pytest.mark.parametrize(
    ("starts_at", "due_at"),
    [
        ("2026-03-28T10:00+01:00", "2026-03-27T10:00+01:00"),
        ("2026-03-29T10:00+02:00", "2026-03-28T10:00+01:00"),
        ("2026-03-30T10:00+02:00", "2026-03-29T10:00+02:00"),
        ("2026-10-25T10:00+01:00", "2026-10-24T10:00+02:00"),
        ("2026-10-26T10:00+01:00", "2026-10-25T10:00+01:00"),
    ],
)
def test_it_is_due_at_the_same_time_of_the_day_before_also_when_the_clocks_change(starts_at: str, due_at: str) -> None:
    assert reminder_at(datetime.fromisoformat(starts_at), timedelta(days=1)) == datetime.fromisoformat(due_at)


def test_no_reminder_is_told_of_a_talk_that_has_begun_or_is_not_confirmed() -> None:
    booking = confirmed(datetime(2026, 3, 30, 10, tzinfo=BERLIN))
    assert booking.chosen
    with pytest.raises(refusals.AlreadyStarted):
        remind(booking, booking.chosen.starts_at)
    with pytest.raises(refusals.NothingConfirmed):
        remind(booking.model_copy(update={"state": State.HELD}), booking.chosen.starts_at - timedelta(hours=1))


async def settled(world: World, slot: int = -1) -> Booking:
    await world.open_office()
    return await world.choose(await world.request(interpreter_needed=False), slot)


def day_before(booking: Booking) -> datetime:
    assert booking.chosen
    return booking.chosen.starts_at - timedelta(days=1)


async def reminders(world: World) -> list[ReminderDue]:
    return [each for each in await world.told() if isinstance(each, ReminderDue)]


async def test_a_reminder_is_told_once_however_many_look_for_it(world: World) -> None:
    booking = await settled(world)
    world.now = day_before(booking) - timedelta(seconds=1)
    assert await world.remind() == 0
    world.pass_time(timedelta(seconds=1))
    assert sum(await asyncio.gather(*(world.remind() for _ in range(5)))) == 1
    [told] = await reminders(world)
    assert booking.chosen
    assert (told.booking_id, told.starts_at) == (booking.booking_id, booking.chosen.starts_at)
    assert "topics" not in told.model_dump()


async def test_a_reminder_that_could_not_be_committed_is_told_later(world: World) -> None:
    booking = await settled(world)
    world.now = day_before(booking)
    with pytest.raises(ConnectionError):
        await world.remind(crash=True)
    assert await reminders(world) == []
    assert await world.remind() == 1
    assert len(await reminders(world)) == 1


async def test_a_cancelled_talk_has_no_reminder(world: World) -> None:
    booking = await settled(world)
    await world.cancel(booking)
    world.now = day_before(booking)
    assert await world.remind() == 0


async def test_of_a_moved_talk_only_the_new_time_is_reminded_of(world: World) -> None:
    former = await settled(world)
    moved = await world.choose(await world.move(former), -1)
    assert moved.chosen
    assert former.chosen
    world.now = max(day_before(former), day_before(moved))
    assert await world.remind() == 1
    assert await world.remind() == 0
    assert [each.booking_id for each in await reminders(world)] == [moved.booking_id]


async def test_a_reminder_whose_time_passed_while_the_service_was_down_is_dropped_once_the_talk_has_begun(
    world: World,
) -> None:
    booking = await settled(world)
    world.now = day_before(booking) + timedelta(days=1)
    assert await world.remind() == 1
    assert await world.remind() == 0
    assert await reminders(world) == []


async def test_how_long_before_the_talk_is_a_setting_that_also_counts_for_what_is_confirmed_already(
    world: World,
) -> None:
    booking = await settled(world)
    assert booking.chosen
    world.now = booking.chosen.starts_at - timedelta(hours=3, seconds=1)
    assert await world.remind(ahead=timedelta(hours=3)) == 0
    world.pass_time(timedelta(seconds=1))
    assert await world.remind(ahead=timedelta(hours=3)) == 1
    assert len(await reminders(world)) == 1


async def test_a_talk_that_is_confirmed_when_it_is_too_late_to_remind_is_not_reminded_of(world: World) -> None:
    booking = await settled(world, 0)
    assert await world.remind(ahead=timedelta(days=30)) == 1
    assert await reminders(world) == []
    assert (await world.stored(booking)).state is State.CONFIRMED


async def test_a_talk_that_is_taken_over_after_the_reminder_is_not_reminded_of_again(world: World) -> None:
    booking, successor = await settled(world), new_id()
    await world.put(Resource(successor, Kind.CASE_MANAGER, windows=OFFICE_HOURS))
    world.now = day_before(booking)
    assert await world.remind() == 1
    world.pass_time(timedelta(hours=1))
    await world.assign(booking, successor)
    assert (await world.stored(booking)).case_manager_id == successor
    assert await world.remind() == 1
    assert await world.remind() == 0
    assert len(await reminders(world)) == 1


@pytest.mark.parametrize(("given", "lead"), [("P1D", timedelta(days=1)), ("PT3H", timedelta(hours=3))])
def test_the_setting_is_given_as_iso_8601_has_it(given: str, lead: timedelta) -> None:
    assert Settings.model_validate({"KIM_REMINDER_LEAD": given}).reminder_lead == lead
    with pytest.raises(ValidationError):
        Settings.model_validate({"KIM_REMINDER_LEAD": "PT0S"})
