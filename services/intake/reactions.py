"""What intake does when it hears of others."""

from services.intake import commands
from shared.consumer import Handler
from shared.contracts.base import Event
from shared.contracts.person import ConsentRevoked, PersonRegistered
from shared.database import Connection
from shared.envelope import Envelope


async def on_registered(conn: Connection, event: Envelope[PersonRegistered]) -> None:
    await commands.drop_sealed(conn, event.data.enquiry_id)


async def on_revoked(conn: Connection, event: Envelope[ConsentRevoked]) -> None:
    """What was accepted goes on as a case, which hears of it too."""
    if event.data.ends_counselling:
        await commands.withdraw_waiting(conn, event.data.enquiry_id)


REACTIONS: dict[type[Event], Handler] = {PersonRegistered: on_registered, ConsentRevoked: on_revoked}
