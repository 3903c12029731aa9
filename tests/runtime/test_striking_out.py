"""A redaction reaches what a reader has kept of the event: parked, rejected, in a dead letter topic."""

from dataclasses import replace

from shared.consumer import Dispatcher
from shared.database import Database
from shared.ids import new_id
from shared.inbox import TOMBSTONE
from tests.runtime.conftest import as_delivered
from tests.runtime.probe import Counted, on_counted


async def test_redacted_poison_is_gone_and_what_waited_behind_it_is_handled(database: Database) -> None:
    dispatcher, aggregate = Dispatcher(database, "probe", {Counted: on_counted}), new_id()
    poison, behind = await as_delivered(
        database,
        Counted(aggregate_id=aggregate, number=1, do="poison"),
        Counted(aggregate_id=aggregate, number=2),
    )
    await dispatcher.handle([poison, behind])
    assert await database.pool.fetchval("select count(*) from parked") == 2
    await dispatcher.handle([replace(poison, type=TOMBSTONE, value=None, headers=[])])
    assert await database.pool.fetchval("select count(*) from parked") == 0
    assert [row["number"] for row in await database.pool.fetch("select number from effect")] == [2]
    dead = await database.pool.fetch("select record_key, value from outbox where topic like '%.dead.probe' order by id")
    assert [(row["record_key"], row["value"] is None) for row in dead] == [
        (poison.event_id, False),
        (poison.event_id, True),
    ]
