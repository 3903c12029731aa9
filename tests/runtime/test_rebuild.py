"""Read models made again from the log while the service goes on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from aiokafka import AIOKafkaProducer

from shared import deadletters, erasure, outbox
from shared.database import Connection, Database
from shared.envelope import Envelope
from shared.ids import new_id
from shared.inbox import Incoming
from shared.reactions import Handler
from shared.rebuilding.rebuild import Rebuild, RebuildError
from shared.settings import Settings
from tests.runtime import probe
from tests.runtime.conftest import Start, as_delivered
from tests.runtime.effects import aggregates, exactly_once_in_order, publish
from tests.runtime.probe import TALLIES, Counted
from tests.waiting import eventually

RebuildOf = Callable[..., Rebuild]


@pytest.fixture
def rebuild_of(database_url: str, kafka: str, topic: str) -> RebuildOf:
    """A rebuild in this process, in slices of two events."""
    assert Counted.topic == topic
    settings = Settings(database_url=database_url, kafka_bootstrap_servers=kafka, slice_size=2)
    return lambda model, **more: Rebuild("probe", [model], settings, **more)


@pytest.fixture
async def producer(kafka: str) -> AsyncIterator[AIOKafkaProducer]:
    made = AIOKafkaProducer(bootstrap_servers=kafka)
    await made.start()
    yield made
    await made.stop()


class Paused:
    """The probe's read model, whose rebuild waits in its first slice until it goes on."""

    def __init__(self) -> None:
        self.goes_on = asyncio.Event()
        self.model = replace(TALLIES, reactions={Counted: self._tally})
        self._begun = asyncio.Event()

    async def begun(self) -> None:
        await asyncio.wait_for(self._begun.wait(), 60)

    async def _tally(self, conn: Connection, event: Envelope[Counted]) -> None:
        await probe.tally(conn, event)
        self._begun.set()
        await self.goes_on.wait()


@pytest.fixture
def paused() -> Paused:
    return Paused()


async def tallies(database: Database) -> Mapping[UUID, list[int]]:
    rows = await database.pool.fetch("select * from tally")
    return {row["aggregate_id"]: row["numbers"] for row in rows}


async def damage(database: Database) -> None:
    """As a fault in the reaction would have: wrong, missing, and too many."""
    await database.pool.execute("update tally set numbers = array[99]")
    await database.pool.execute("delete from tally where aggregate_id = (select aggregate_id from tally limit 1)")
    await database.pool.execute("insert into tally values ($1, array[7])", new_id())


async def send(producer: AIOKafkaProducer, *events: Incoming) -> None:
    """As records of one partition, in this order; an event without value is a tombstone."""
    for event in events:
        key, value = event.event_id.bytes, event.value
        await producer.send_and_wait(event.topic, key=key, value=value, headers=event.headers, partition=0)


async def heard(database: Database, count: int) -> None:
    """Waits until the service has handled so many events."""

    async def look() -> bool:
        return bool(await database.pool.fetchval("select count(*) >= $1 from inbox", count))

    await eventually(look)


async def handled_in_shadow(database: Database) -> int:
    if await database.pool.fetchval("select to_regclass('rebuild.inbox') is null"):
        return 0
    return int(await database.pool.fetchval("select count(*) from rebuild.inbox"))


async def shadow_is_gone(database: Database) -> bool:
    return bool(await database.pool.fetchval("select to_regnamespace('rebuild') is null"))


async def test_a_damaged_read_model_is_made_again_while_events_go_on_and_each_counts_once(
    database: Database, start: Start
) -> None:
    expected = aggregates(3)
    await start().ready()
    await publish(database, expected, range(20))
    await exactly_once_in_order(database, expected, range(20))
    await damage(database)
    rebuilt = asyncio.create_task(start("rebuild").exit_code(90))
    number = 20
    while not rebuilt.done():
        await publish(database, expected, range(number, number + 1))
        await exactly_once_in_order(database, expected, range(number := number + 1))
    assert await rebuilt == 0
    numbers = range(number)
    assert await tallies(database) == {each: list(numbers) for each in expected}
    assert await shadow_is_gone(database)


async def test_a_rebuild_killed_in_the_middle_has_changed_nothing_and_a_second_start_brings_it_to_its_end(
    database: Database, start: Start
) -> None:
    [aggregate] = aggregates(1)
    await start(PROBE_SLOW="0").ready()
    async with database.transaction() as conn:
        for number in range(12):
            do = "slow" if number == 9 else "count"
            await outbox.append(conn, Counted(aggregate_id=aggregate, number=number, do=do))
    await exactly_once_in_order(database, [aggregate], range(12))
    await database.pool.execute("update tally set numbers = array[99]")
    rebuild = start("rebuild", PROBE_SLOW="60", KIM_TRANSACTION_TIMEOUT="90", KIM_SLICE_SIZE="3")

    async def in_the_middle() -> bool:
        return await handled_in_shadow(database) == 9

    await eventually(in_the_middle)
    rebuild.kill()
    assert await tallies(database) == {aggregate: [99]}
    await publish(database, [aggregate], range(12, 15))
    await exactly_once_in_order(database, [aggregate], range(15))
    assert await start("rebuild", PROBE_SLOW="0").exit_code(90) == 0
    assert await tallies(database) == {aggregate: list(range(15))}
    assert await shadow_is_gone(database)


async def test_a_rebuild_puts_events_that_stand_out_of_order_in_the_log_back_into_order(
    database: Database, producer: AIOKafkaProducer, start: Start, rebuild_of: RebuildOf
) -> None:
    aggregate = new_id()
    made = [Counted(aggregate_id=aggregate, number=number) for number in range(3)]
    first, second, third = await as_delivered(database, *made)
    await start().ready()
    await send(producer, second, third, first)
    await heard(database, 3)
    assert await tallies(database) == {aggregate: [1, 2, 0]}
    assert await rebuild_of(TALLIES).run() == 3
    assert await tallies(database) == {aggregate: [0, 1, 2]}


async def test_a_redacted_event_is_in_no_rebuild_even_where_a_late_copy_follows_its_tombstone(
    database: Database, producer: AIOKafkaProducer, start: Start, rebuild_of: RebuildOf, paused: Paused
) -> None:
    aggregate = new_id()
    erased, kept = await as_delivered(
        database, Counted(aggregate_id=aggregate, number=0), Counted(aggregate_id=aggregate, number=1)
    )
    await start().ready()
    await send(producer, erased, replace(erased, value=None, headers=[]), kept)
    await heard(database, 2)
    rebuild = asyncio.create_task(rebuild_of(paused.model).run())
    await paused.begun()
    await send(producer, erased)
    paused.goes_on.set()
    assert await rebuild == 1
    assert await tallies(database) == {aggregate: [1]}


async def test_an_event_redacted_during_a_rebuild_does_not_come_back_with_its_swap(
    database: Database, producer: AIOKafkaProducer, start: Start, rebuild_of: RebuildOf, paused: Paused
) -> None:
    aggregate = new_id()
    erased, kept = await as_delivered(
        database, Counted(aggregate_id=aggregate, number=0), Counted(aggregate_id=aggregate, number=1)
    )
    await start().ready()
    await send(producer, erased, kept)
    await heard(database, 2)
    rebuild = asyncio.create_task(rebuild_of(paused.model).run())
    await paused.begun()
    await send(producer, replace(erased, value=None, headers=[]))
    paused.goes_on.set()
    assert await rebuild == 1
    assert await tallies(database) == {aggregate: [1]}


async def test_who_is_erased_during_a_rebuild_does_not_come_back_although_no_tombstone_is_in_the_log_yet(
    database: Database, start: Start, rebuild_of: RebuildOf, paused: Paused
) -> None:
    erased, stays = aggregates(2)
    enquiry_id = new_id()
    process = start()
    await process.ready()
    async with database.transaction() as conn:
        await outbox.append(conn, Counted(aggregate_id=erased, number=0, enquiry_id=enquiry_id))
        await outbox.append(conn, *[Counted(aggregate_id=stays, number=number) for number in range(3)])
    await heard(database, 4)
    process.kill()
    rebuild = asyncio.create_task(rebuild_of(paused.model).run())
    await paused.begun()
    async with database.transaction() as conn:
        await conn.execute("delete from tally where aggregate_id = $1", erased)
        await erasure.forget(conn, [enquiry_id], timedelta(minutes=1))
    paused.goes_on.set()
    await rebuild
    assert await tallies(database) == {stays: [0, 1, 2]}


async def test_what_is_parked_waits_for_its_replay_and_what_was_dropped_stays_dropped(
    database: Database, start: Start, rebuild_of: RebuildOf
) -> None:
    replayed, dropped = aggregates(2)
    await start().ready()
    async with database.transaction() as conn:
        for each in (replayed, dropped):
            await outbox.append(conn, Counted(aggregate_id=each, number=0))
            await outbox.append(conn, Counted(aggregate_id=each, number=1, do="poison"))
            await outbox.append(conn, Counted(aggregate_id=each, number=2))
    await heard(database, 6)
    dispatcher = probe.service(Settings()).dispatcher(database, Settings())
    async with database.read() as conn:
        letters = {letter.subject: letter.event_id for letter in await deadletters.dead_letters(conn)}
    await deadletters.drop(database, dispatcher, letters[str(dropped)])
    assert await rebuild_of(TALLIES).run() == 3
    assert await tallies(database) == {replayed: [0], dropped: [0, 2]}
    await database.pool.execute("update mood set mended = true")
    await deadletters.replay(database, dispatcher, letters[str(replayed)])
    assert await tallies(database) == {replayed: [0, 1, 2], dropped: [0, 2]}


async def test_whoever_waits_sees_how_far_it_is(database: Database, start: Start, rebuild_of: RebuildOf) -> None:
    await start().ready()
    await publish(database, aggregates(1), range(5))
    await heard(database, 5)
    shown: list[tuple[int, int]] = []
    await rebuild_of(TALLIES, show=lambda handled, known: shown.append((handled, known))).run()
    assert shown[:4] == [(0, 5), (2, 5), (4, 5), (5, 5)]


async def test_what_the_service_has_not_handled_yet_is_left_to_it(
    database: Database, producer: AIOKafkaProducer, start: Start, rebuild_of: RebuildOf
) -> None:
    aggregate = new_id()
    events = await as_delivered(database, *[Counted(aggregate_id=aggregate, number=number) for number in range(3)])
    await send(producer, *events)
    assert await rebuild_of(TALLIES).run() == 0
    await start().ready()
    await heard(database, 3)
    assert await tallies(database) == {aggregate: [0, 1, 2]}


async def _appends(conn: Connection, event: Envelope[Counted]) -> None:
    await outbox.append(conn, Counted(aggregate_id=event.data.aggregate_id, number=-1))


async def _writes_elsewhere(conn: Connection, _event: Envelope[Counted]) -> None:
    await conn.execute("update mood set mended = true")


async def _fails(_conn: Connection, _event: Envelope[Counted]) -> None:
    raise RuntimeError("a text that must not leave")


@pytest.mark.parametrize(
    ("reaction", "sentence"),
    [
        (_appends, "The reaction to probe.counted.v1 appends events: it makes no read model."),
        (_writes_elsewhere, "A reaction wrote to mood, which its read model does not name."),
        (_fails, "cannot be handled (RuntimeError at "),
    ],
)
async def test_a_reaction_that_does_more_than_to_fill_its_read_model_ends_the_rebuild_and_changes_nothing(
    database: Database,
    producer: AIOKafkaProducer,
    start: Start,
    rebuild_of: RebuildOf,
    reaction: Handler,
    sentence: str,
) -> None:
    aggregate = new_id()
    await start().ready()
    await send(producer, *await as_delivered(database, Counted(aggregate_id=aggregate, number=0)))
    await heard(database, 1)
    with pytest.raises(RebuildError) as refused:
        await rebuild_of(replace(TALLIES, reactions={Counted: reaction})).run()
    assert sentence in str(refused.value)
    assert "must not leave" not in str(refused.value)
    assert await tallies(database) == {aggregate: [0]}
    assert not await database.pool.fetchval("select mended or exists (select from outbox) from mood")


async def test_a_second_rebuild_of_the_same_service_is_refused(
    database: Database, producer: AIOKafkaProducer, start: Start, rebuild_of: RebuildOf, paused: Paused
) -> None:
    await start().ready()
    await send(producer, *await as_delivered(database, Counted(aggregate_id=new_id(), number=0)))
    await heard(database, 1)
    first = asyncio.create_task(rebuild_of(paused.model).run())
    await paused.begun()
    with pytest.raises(RebuildError, match="running already"):
        await rebuild_of(TALLIES).run()
    paused.goes_on.set()
    await first
