"""Lets scheduling hear events through the consumer's own dispatcher."""

from datetime import datetime
from uuid import UUID

from services.scheduling.reactions import REACTIONS
from shared import envelope
from shared.consumer import Dispatcher
from shared.contracts.base import Event
from shared.ids import new_id
from shared.inbox import Incoming
from tests.scheduling.world import World


class Hearing:
    """Each event comes under an id and at a time of its own, where none is given."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.dispatcher = Dispatcher(world.database, "scheduling", REACTIONS)

    async def hear(self, *events: Event, at: datetime | None = None, event_id: UUID | None = None) -> None:
        await self.dispatcher.handle([record(event, at or self.world.now, event_id) for event in events])

    async def rejected(self) -> list[str]:
        rows = await self.world.database.pool.fetch("select code from rejected order by rejected_at")
        return [row["code"] for row in rows]


def record(event: Event, at: datetime, event_id: UUID | None = None) -> Incoming:
    """As it comes from the log."""
    id = event_id or new_id()
    headers = envelope.headers(id=id, type=event.type, source="/test", subject=event.subject_id, time=at)
    value = event.model_dump_json().encode()
    return Incoming(event.topic, 0, 0, id, event.type, event.subject_id, headers, value)
