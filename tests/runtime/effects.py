"""What every fault test asks at its end: each event once in effect, in order per aggregate, nothing lost."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from shared import outbox
from shared.database import Database
from shared.ids import new_id
from tests.runtime.probe import Counted
from tests.waiting import eventually


async def publish(database: Database, aggregates: Sequence[UUID], numbers: range) -> None:
    """One event for each number and aggregate, in transactions of one number each."""
    for number in numbers:
        async with database.transaction() as conn:
            await outbox.append(conn, *[Counted(aggregate_id=each, number=number) for each in aggregates])


def aggregates(count: int) -> list[UUID]:
    return [new_id() for _ in range(count)]


async def effects(database: Database) -> Mapping[UUID, list[int]]:
    """Aggregate -> the numbers that took effect, in order."""
    found: dict[UUID, list[int]] = defaultdict(list)
    for row in await database.pool.fetch("select aggregate_id, number from effect order by id"):
        found[row["aggregate_id"]].append(row["number"])
    return found


async def exactly_once_in_order(
    database: Database, expected: Sequence[UUID], numbers: range, *, limit: float = 40
) -> None:
    """Waits until all took effect and the outbox is empty, then checks that none did twice or out of order."""
    total = len(expected) * len(numbers)

    async def complete() -> bool:
        seen = await database.pool.fetchval("select count(distinct (aggregate_id, number)) from effect")
        return bool(seen >= total) and not await database.pool.fetchval("select exists (select from outbox)")

    await eventually(complete, limit)
    assert dict(await effects(database)) == {each: list(numbers) for each in expected}
