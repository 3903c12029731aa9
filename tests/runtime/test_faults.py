"""Frozen and restarted parts, under load."""

import asyncio
import time

import pytest

from shared import outbox
from shared.database import Database
from shared.settings import Settings
from tests.runtime import probe
from tests.runtime.conftest import Start, as_delivered, handler_runs
from tests.runtime.effects import aggregates, effects, exactly_once_in_order, publish
from tests.runtime.probe import Counted
from tests.stack import Broker, Server
from tests.waiting import eventually

pytestmark = pytest.mark.chaos

TAKEOVER = 5.0
"""Seconds within which a second relay has to lead (issue 1)."""


async def test_a_slow_transaction_is_overtaken_by_a_fast_one_and_both_arrive_in_order(
    database: Database, start: Start
) -> None:
    slow, fast = aggregates(2)
    await start().ready()
    async with database.transaction() as conn:
        await outbox.append(conn, *[Counted(aggregate_id=slow, number=number) for number in range(3)])
        await publish(database, [fast], range(3))  # commits first, with higher ids

        async def overtaken() -> bool:
            return (await effects(database)).get(fast) == [0, 1, 2]

        await eventually(overtaken)
    await exactly_once_in_order(database, [slow, fast], range(3))


async def test_of_two_relays_one_leads_and_the_second_takes_over_within_five_seconds(
    database: Database, start: Start
) -> None:
    each = aggregates(3)
    first, second = start(), start()
    await asyncio.gather(first.ready(), second.ready())
    leader, standby = (first, second) if await first.leads(database) else (second, first)
    assert await leader.leads(database)
    assert not await standby.leads(database)
    await publish(database, each, range(3))
    leader.kill()
    killed = time.monotonic()
    await eventually(lambda: standby.leads(database), limit=TAKEOVER)
    assert time.monotonic() - killed < TAKEOVER
    await publish(database, each, range(3, 6))
    await exactly_once_in_order(database, each, range(6))


async def test_a_frozen_leader_and_consumer_is_replaced_and_does_no_harm_when_it_comes_back(
    database: Database, start: Start
) -> None:
    each = aggregates(6)
    first, second = start(), start()
    await asyncio.gather(first.ready(), second.ready())
    leader, standby = (first, second) if await first.leads(database) else (second, first)
    await publish(database, each, range(20))
    leader.freeze()
    frozen = time.monotonic()
    await publish(database, each, range(20, 30))
    await eventually(lambda: standby.leads(database), limit=TAKEOVER + 1)
    assert time.monotonic() - frozen < TAKEOVER + 1  # the idle session's 4 s count from its last heartbeat
    await publish(database, each, range(30, 40))

    async def all_there() -> bool:
        return all(len(numbers) == 40 for numbers in (await effects(database)).values())

    await eventually(all_there, limit=40)
    leader.thaw()
    await publish(database, each, range(40, 45))
    await leader.ready()
    await exactly_once_in_order(database, each, range(45))


async def test_a_consumer_frozen_within_a_slice_frees_its_rows_and_does_no_harm_when_it_comes_back(
    database: Database, start: Start
) -> None:
    each = aggregates(3)
    first = start(PROBE_SLOW="2")
    await first.ready()
    async with database.transaction() as conn:
        await outbox.append(conn, *[Counted(aggregate_id=one, number=0, do="slow") for one in each])
    await eventually(lambda: handler_runs(database))
    first.freeze()
    second = start(PROBE_SLOW="0")
    await publish(database, each, range(1, 4))
    await exactly_once_in_order(database, each, range(4))
    first.thaw()
    await publish(database, each, range(4, 6))
    await exactly_once_in_order(database, each, range(6))
    await second.ready()


async def test_two_zombies_on_one_partition_handle_each_event_once_and_in_order(
    database: Database,
) -> None:
    each = aggregates(4)
    events = await as_delivered(
        database, *[Counted(aggregate_id=one, number=number) for number in range(25) for one in each]
    )
    zombies = [probe.service(Settings()).dispatcher(database, Settings()) for _ in range(2)]

    async def consume(position: int, step: int) -> None:
        dispatcher = zombies[position]
        for at in range(0, len(events), step):
            await dispatcher.handle(events[at : at + step])

    await asyncio.gather(consume(0, 7), consume(1, 10))
    assert dict(await effects(database)) == {one: list(range(25)) for one in each}


async def test_a_broker_restarted_under_load_loses_and_repeats_nothing(
    database: Database, start: Start, broker: Broker
) -> None:
    each = aggregates(5)
    await start().ready()
    load = asyncio.create_task(publish(database, each, range(150)))
    await asyncio.to_thread(broker.restart)
    await load
    await exactly_once_in_order(database, each, range(150), limit=60)


async def test_a_database_restarted_under_load_loses_and_repeats_nothing(
    database: Database, start: Start, server: Server
) -> None:
    each = aggregates(5)
    process = start()
    await process.ready()
    await publish(database, each, range(50))
    await asyncio.to_thread(server.restart)
    await database.pool.expire_connections()
    await publish(database, each, range(50, 100))
    await exactly_once_in_order(database, each, range(100), limit=60)
    await process.ready()
