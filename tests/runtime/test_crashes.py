"""Each crash point, with a real process that is really killed."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from shared import outbox
from shared.database import Database
from tests.runtime.conftest import Start, committed, handler_runs, records
from tests.runtime.effects import aggregates, exactly_once_in_order, publish
from tests.runtime.probe import Counted
from tests.stack import Broker
from tests.waiting import eventually

pytestmark = pytest.mark.chaos

_END_RELAY = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'relay'
"""


async def test_a_relay_killed_between_send_and_delete_repeats_itself_and_nobody_notices(
    database: Database, database_url: str, kafka: str, topic: str, start: Start
) -> None:
    each = aggregates(3)
    await publish(database, each, range(4))
    blocking = await asyncpg.connect(database_url)  # not bound by the time limit of transactions
    async with blocking.transaction():
        await blocking.execute("select from outbox for update")  # the relay may read, and waits at its delete
        first = start()

        async def all_sent() -> bool:
            return len(await records(kafka, topic)) == 12

        await eventually(all_sent)
        first.kill()
        await database.pool.execute(_END_RELAY)  # PostgreSQL would carry out the dead client's delete
    await blocking.close()
    await start().ready()
    await exactly_once_in_order(database, each, range(4))
    assert len(await records(kafka, topic)) == 24


async def test_a_consumer_killed_between_commit_and_offset_handles_nothing_twice(
    database: Database, kafka: str, topic: str, start: Start, broker: Broker
) -> None:
    [aggregate] = aggregates(1)
    process = start(PROBE_SLOW="1.5")
    await process.ready()
    async with database.transaction() as conn:
        await outbox.append(conn, Counted(aggregate_id=aggregate, number=0, do="slow"))
    await eventually(lambda: handler_runs(database))
    broker.kill()  # so that the offset cannot be committed after the transaction was
    try:

        async def took_effect() -> bool:
            return bool(await database.pool.fetchval("select exists (select from effect)"))

        await eventually(took_effect)
        process.kill()
    finally:
        await asyncio.to_thread(broker.start)
    assert await committed(kafka, topic, "probe") == 0
    await start().ready()
    await publish(database, [aggregate], range(1, 3))
    await exactly_once_in_order(database, [aggregate], range(3))


async def test_a_consumer_killed_within_a_slice_leaves_no_trace_of_it(database: Database, start: Start) -> None:
    each = aggregates(2)
    process = start(PROBE_SLOW="30", KIM_TRANSACTION_TIMEOUT="60")
    await process.ready()
    async with database.transaction() as conn:
        await outbox.append(conn, *[Counted(aggregate_id=one, number=0) for one in each])
        await outbox.append(conn, *[Counted(aggregate_id=one, number=1, do="slow") for one in each])
    await eventually(lambda: handler_runs(database))
    process.kill()
    await start(PROBE_SLOW="0").ready()
    await exactly_once_in_order(database, each, range(2))


async def test_on_sigterm_the_slice_is_finished_committed_and_the_relay_drained(
    database: Database, kafka: str, topic: str, start: Start
) -> None:
    each = aggregates(1)
    process = start(PROBE_SLOW="1.5")
    await process.ready()
    async with database.transaction() as conn:
        await outbox.append(conn, Counted(aggregate_id=each[0], number=0, do="slow"))
    await eventually(lambda: handler_runs(database))
    process.terminate()
    await publish(database, each, range(1, 3))
    assert await process.exit_code() == 0
    assert await committed(kafka, topic, "probe") >= 1
    assert not await database.pool.fetchval("select exists (select from outbox)")
    await start().ready()
    await exactly_once_in_order(database, each, range(3))


async def test_a_duplicate_delivery_has_no_effect(database: Database, kafka: str, topic: str, start: Start) -> None:
    [aggregate] = aggregates(1)
    await start().ready()
    event = Counted(aggregate_id=aggregate, number=0)
    async with database.transaction() as conn:
        await outbox.append(conn, event)
        row = await conn.fetchrow("select * from outbox")
        copy = outbox.Record(
            topic, UUID(str(row["record_key"])), row["partition_key"], row["value"], outbox.paired(row["headers"])
        )
        await outbox.append_records(conn, [copy, copy])
    await publish(database, [aggregate], range(1, 2))
    await exactly_once_in_order(database, [aggregate], range(2))
    assert len(await records(kafka, topic)) == 4
