"""What intake does when it hears of others."""

from services.intake import commands
from shared.consumer import Handler
from shared.contracts.base import Event
from shared.contracts.person import PersonRegistered
from shared.database import Connection
from shared.envelope import Envelope


async def on_registered(conn: Connection, event: Envelope[PersonRegistered]) -> None:
    await commands.drop_sealed(conn, event.data.enquiry_id)


REACTIONS: dict[type[Event], Handler] = {PersonRegistered: on_registered}
