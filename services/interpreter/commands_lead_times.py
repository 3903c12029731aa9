"""Tells scheduling the pot's lead times, once for each change of the rules."""

from services.interpreter import store_lead_times
from services.interpreter.lead_times import lead_times
from services.interpreter.tariffs import TARIFFS, Tariffs
from shared import outbox
from shared.database import Connection


async def tell_lead_times(conn: Connection, tariffs: Tariffs = TARIFFS) -> int:
    """How many changes were told: 0 where these have been told before."""
    told = lead_times(tariffs)
    if not await store_lead_times.remember(conn, told):
        return 0
    await outbox.append(conn, told)
    return 1
