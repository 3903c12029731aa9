"""The three exits, and order behind a dead letter."""

import asyncio
import os
import sys

import pytest
from aiokafka import ConsumerRecord
from prometheus_client import REGISTRY

from shared import deadletters, envelope, outbox
from shared.clock import now
from shared.consumer import Dispatcher, PoisonLimitReachedError
from shared.database import Database
from shared.dispatcher import Outcome
from shared.errors import NotFound
from shared.ids import new_id
from shared.inbox import Incoming
from shared.settings import Settings
from tests.runtime import probe
from tests.runtime.conftest import Start, as_delivered, records
from tests.runtime.effects import aggregates, effects
from tests.runtime.probe import Counted
from tests.waiting import eventually


@pytest.fixture
def dispatcher(database: Database) -> Dispatcher:
    return probe.service(Settings()).dispatcher(database, Settings(poison_limit=3))


async def test_poison_in_the_middle_of_a_slice_stops_its_aggregate_and_no_other(
    database: Database, kafka: str, topic: str, start: Start
) -> None:
    poisoned, healthy = aggregates(2)
    await start().ready()
    async with database.transaction() as conn:
        for number in range(5):
            do = "poison" if number == 2 else "count"
            await outbox.append(conn, Counted(aggregate_id=poisoned, number=number, do=do))
            await outbox.append(conn, Counted(aggregate_id=healthy, number=number))

    async def healthy_done() -> bool:
        return len((await effects(database))[healthy]) == 5

    await eventually(healthy_done)

    async def all_parked() -> bool:
        return bool(await database.pool.fetchval("select count(*) = 3 from parked"))

    await eventually(all_parked)
    assert await effects(database) == {poisoned: [0, 1], healthy: [0, 1, 2, 3, 4]}

    async def dead() -> list[ConsumerRecord]:
        return await records(kafka, f"{topic}.dead.probe")

    [letter] = await eventually(dead)
    assert dict(letter.headers)["kim_fault"].startswith(b"RuntimeError at ")
    assert b"a text that must not leave" not in repr(letter).encode()


async def test_a_replayed_poison_and_what_waited_behind_it_take_effect_in_order(
    database: Database, dispatcher: Dispatcher
) -> None:
    [aggregate] = aggregates(1)
    poison = Counted(aggregate_id=aggregate, number=0, do="poison")
    await dispatcher.handle(await as_delivered(database, poison, Counted(aggregate_id=aggregate, number=1)))
    await dispatcher.handle(await as_delivered(database, Counted(aggregate_id=aggregate, number=2)))
    await database.pool.execute("update mood set mended = true")
    async with database.read() as conn:
        [letter] = await deadletters.dead_letters(conn)
    assert letter.waiting == 2
    assert await deadletters.replay(database, dispatcher, letter.event_id) == 3
    await dispatcher.handle(await as_delivered(database, Counted(aggregate_id=aggregate, number=3)))
    assert await effects(database) == {aggregate: [0, 1, 2, 3]}


async def test_a_replay_before_the_cause_is_mended_changes_nothing(database: Database, dispatcher: Dispatcher) -> None:
    poison = Counted(aggregate_id=new_id(), number=0, do="poison")
    [event] = await as_delivered(database, poison)
    await dispatcher.handle([event])
    with pytest.raises(RuntimeError):
        await deadletters.replay(database, dispatcher, event.event_id)
    assert await effects(database) == {}
    assert await database.pool.fetchval("select count(*) from parked") == 1


async def test_a_dropped_poison_sets_free_what_waited_behind_it(database: Database, dispatcher: Dispatcher) -> None:
    [aggregate] = aggregates(1)
    poison, following = await as_delivered(
        database, Counted(aggregate_id=aggregate, number=0, do="poison"), Counted(aggregate_id=aggregate, number=1)
    )
    await dispatcher.handle([poison, following])
    assert await deadletters.drop(database, dispatcher, poison.event_id) == 1
    assert await effects(database) == {aggregate: [1]}
    with pytest.raises(NotFound):
        await deadletters.drop(database, dispatcher, poison.event_id)


async def test_what_the_domain_rejects_is_recorded_and_the_next_event_follows(
    database: Database, dispatcher: Dispatcher
) -> None:
    [aggregate] = aggregates(1)
    await dispatcher.handle(
        await as_delivered(
            database, Counted(aggregate_id=aggregate, number=0, do="reject"), Counted(aggregate_id=aggregate, number=1)
        )
    )
    assert await effects(database) == {aggregate: [1]}
    assert [row["code"] for row in await database.pool.fetch("select code from rejected")] == ["not-today"]


async def test_after_so_many_poisonous_events_in_a_row_the_consumer_stops(
    database: Database, dispatcher: Dispatcher
) -> None:
    events = await as_delivered(database, *[Counted(aggregate_id=one, number=0, do="poison") for one in aggregates(3)])
    with pytest.raises(PoisonLimitReachedError):
        await dispatcher.handle(events)


async def test_a_record_that_is_no_cloudevent_ends_as_a_dead_letter(database: Database, dispatcher: Dispatcher) -> None:
    record = ConsumerRecord("kim.probe.v1", 0, 7, 0, 0, None, b"{", None, 0, 1, ())
    await dispatcher.handle([Incoming.of(record)])
    await dispatcher.handle([Incoming.of(record)])
    fault = await database.pool.fetchval("select fault from parked")
    assert fault.startswith("UnreadableEventError")


async def test_an_event_whose_subject_may_be_a_text_ends_as_a_dead_letter_under_its_place(
    database: Database, dispatcher: Dispatcher
) -> None:
    headers = envelope.headers(
        id=new_id(), type=Counted.type, source="/probe", subject="Herr Kanari", time=now(), traceparent=None
    )
    record = ConsumerRecord("kim.probe.v1", 0, 7, 0, 0, None, b"{}", None, 0, 1, tuple(headers))
    await dispatcher.handle([Incoming.of(record)])
    assert await database.pool.fetchval("select subject from parked") == "kim.probe.v1/0/7"


async def test_an_operator_lists_and_replays_by_command(
    database: Database, database_url: str, dispatcher: Dispatcher
) -> None:
    [event] = await as_delivered(database, Counted(aggregate_id=new_id(), number=0, do="poison"))
    await dispatcher.handle([event])
    await database.pool.execute("update mood set mended = true")
    assert str(event.event_id) in await command(database_url, "list")
    assert "1 events handled" in await command(database_url, "replay", str(event.event_id))
    assert await command(database_url, "list") == "none"


async def command(database_url: str, *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.runtime.probe", "dead-letters", *arguments,
        env=os.environ | {"DATABASE_URL": database_url}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode().strip().splitlines()[-1]


async def test_what_became_of_each_event_is_counted(database: Database, dispatcher: Dispatcher) -> None:
    poisoned, healthy = aggregates(2)
    events = await as_delivered(
        database,
        Counted(aggregate_id=poisoned, number=0, do="poison"),
        Counted(aggregate_id=poisoned, number=1),
        Counted(aggregate_id=healthy, number=0, do="reject"),
        Counted(aggregate_id=healthy, number=1),
    )
    before = counted()
    await dispatcher.handle(events)
    await dispatcher.handle(events[3:])
    after = counted()
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        "dead": 1, "parked": 1, "rejected": 1, "handled": 1, "repeated": 1,
    }  # fmt: skip


def counted() -> dict[str, float]:
    """How many of our events so far, by outcome."""
    labels = [{"type": Counted.type, "outcome": each} for each in Outcome]
    return {each["outcome"]: REGISTRY.get_sample_value("kim_events_read_total", each) or 0 for each in labels}
