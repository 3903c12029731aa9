"""What a service has told: the events of its outbox."""

from shared.contracts.base import Event
from shared.contracts.registry import EVENTS
from shared.database import Database
from shared.envelope import attributes
from shared.outbox import paired


async def told(database: Database) -> list[Event]:
    """Every event that stands in the outbox, in order; those too that a redaction follows, which is none itself."""
    rows = await database.pool.fetch("select headers, value from outbox where value is not null order by id")
    given = [(attributes(dict(paired(row["headers"]))), row["value"]) for row in rows]
    return [EVENTS[found["type"]].model_validate_json(value) for found, value in given]
