"""What was told of lead times, in SQL."""

from shared.contracts.interpreter import LeadTimesChanged
from shared.database import Connection


async def remember(conn: Connection, told: LeadTimesChanged) -> bool:
    """Whether that is something new. Of several that remember at once, one is told so."""
    new = await conn.fetchval(
        """
        insert into told_lead_times (only_one, told) values (true, $1)
        on conflict (only_one) do update set told = excluded.told where told_lead_times.told <> excluded.told
        returning true
        """,
        told.model_dump(mode="json"),
    )
    return bool(new)
