"""The funding pot's lead times in SQL."""

from collections.abc import Sequence
from datetime import datetime

from services.scheduling.cancelling import FreeCancelling
from services.scheduling.working_days import LeadTimes
from shared.contracts.interpreter import LeadTime
from shared.database import Connection


async def lead_times(conn: Connection) -> LeadTimes:
    rows = await conn.fetch("select valid_from, working_days from lead_time order by valid_from")
    return LeadTimes(tuple((row["valid_from"], row["working_days"]) for row in rows))


async def free_cancelling(conn: Connection) -> list[FreeCancelling]:
    """What was told of it."""
    rows = await conn.fetch(
        """
        select valid_from, cancel_days_before, cancel_free_until from lead_time
        where cancel_days_before is not null and cancel_free_until is not null
        """
    )
    return [FreeCancelling(*row) for row in rows]


async def learn(conn: Connection, told: Sequence[LeadTime], as_of: datetime) -> None:
    """In place of what was known, unless that is from a later time."""
    if await conn.fetchval("select true from lead_time where as_of > $1 limit 1", as_of):
        return
    await conn.execute("delete from lead_time")
    await conn.executemany(
        """
        insert into lead_time (valid_from, working_days, cancel_days_before, cancel_free_until, as_of)
        values ($1, $2, $3, $4, $5)
        """,
        [(each.valid_from, each.working_days, each.cancel_days_before, each.cancel_free_until, as_of) for each in told],
    )


async def take_over_rebuilt(conn: Connection) -> None:
    """What the log tells, in the schema `rebuild`, replaces what was known."""
    await conn.execute("delete from public.lead_time")
    await conn.execute("insert into public.lead_time select * from rebuild.lead_time")
