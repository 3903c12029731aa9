"""Readiness, liveness by progress, the end after too long a fault, deadlines, and the trace through all of it."""

import asyncio

from shared import outbox
from shared.consumer import Dispatcher
from shared.database import Connection, Database
from shared.envelope import attributes
from shared.ids import new_id
from shared.runtime import Deadline, Loop, Runtime, Service
from shared.settings import Settings
from shared.telemetry import span, traceparent
from tests.runtime import probe
from tests.runtime.conftest import Start, as_delivered, records
from tests.runtime.effects import aggregates, effects, exactly_once_in_order
from tests.runtime.probe import Counted
from tests.stack import free_port
from tests.waiting import eventually

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


async def test_a_service_without_its_broker_is_alive_and_not_ready(start: Start) -> None:
    process = start(KAFKA_BOOTSTRAP_SERVERS=f"127.0.0.1:{free_port()}")
    found = await process.readiness()
    assert found == {"database": True, "broker": False, "assignment": False}


async def test_with_lag_and_without_a_commit_the_process_ends_by_itself(database: Database, start: Start) -> None:
    process = start(KIM_LIVENESS_LIMIT="2", PROBE_SLOW="60", KIM_TRANSACTION_TIMEOUT="90")
    await process.ready()
    async with database.transaction() as conn:
        await outbox.append(conn, Counted(aggregate_id=new_id(), number=0, do="slow"))
    assert await process.exit_code(limit=30) == 1


async def test_a_fault_that_stays_transient_for_too_long_ends_the_process_and_loses_nothing(
    database: Database, start: Start
) -> None:
    [aggregate] = aggregates(1)
    process = start(KIM_RETRY_LIMIT="1")
    await process.ready()
    async with database.transaction() as conn:
        await outbox.append(conn, Counted(aggregate_id=aggregate, number=0, do="transient"))
    assert await process.exit_code(limit=30) == 1
    assert await effects(database) == {}
    await database.pool.execute("update mood set mended = true")
    await start().ready()
    await exactly_once_in_order(database, [aggregate], range(1))


async def test_a_trace_goes_through_outbox_and_kafka_into_what_a_reaction_publishes(
    database: Database, kafka: str, topic: str, start: Start
) -> None:
    await start().ready()
    with span(PARENT):
        async with database.transaction() as conn:
            await outbox.append(conn, Counted(aggregate_id=new_id(), number=0, do="echo"))

    async def both() -> bool:
        return len(await records(kafka, topic)) == 2

    await eventually(both)
    given = [attributes(dict(record.headers)) for record in await records(kafka, topic)]
    spans = [each["traceparent"].split("-") for each in given]
    assert [trace for _, trace, _, _ in spans] == [TRACE, TRACE]
    assert len({span_id for _, _, span_id, _ in spans}) == 2


async def test_a_traceparent_that_is_none_starts_a_new_trace(database: Database) -> None:
    seen: list[str | None] = []

    async def look(_conn: Connection, _event: object) -> None:
        seen.append(traceparent())

    with span("00-nonsense"):
        events = await as_delivered(database, Counted(aggregate_id=new_id(), number=0))
    await Dispatcher(database, "probe", {Counted: look}).handle(events)
    assert seen[0] is not None
    assert TRACE not in seen[0]
    assert traceparent() is None


async def test_a_deadline_takes_what_is_due_and_rests_when_nothing_is(
    database: Database, database_url: str, kafka: str
) -> None:
    await database.pool.execute("create table due (id int)")
    await database.pool.execute("insert into due select generate_series(1, 5)")

    async def act(conn: Connection) -> int:
        rows = await conn.fetch("delete from due where id in (select id from due limit 2 for update) returning id")
        return len(rows)

    plain = probe.service(Settings())
    service = Service("probe", plain.router, plain.schema, deadlines=[Deadline("due", 0.05, act)])
    runtime = Runtime(service, Settings(database_url=database_url, kafka_bootstrap_servers=kafka))
    await runtime.start()

    async def done() -> bool:
        return not await database.pool.fetchval("select exists (select from due)")

    await eventually(done)
    async with asyncio.timeout(10):
        await runtime.stop()
    assert not runtime.failed.is_set()


async def test_what_may_be_broken_off_does_not_hold_up_the_end(database_url: str, kafka: str) -> None:
    begun, cleaned = asyncio.Event(), asyncio.Event()

    async def act(_database: Database) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()

    plain = probe.service(Settings())
    service = Service("probe", plain.router, plain.schema, loops=[Loop("endless", 1.0, act, interruptible=True)])
    runtime = Runtime(service, Settings(database_url=database_url, kafka_bootstrap_servers=kafka))
    await runtime.start()
    async with asyncio.timeout(10):
        await begun.wait()
        await runtime.stop()
    assert cleaned.is_set()
    assert not runtime.failed.is_set()
