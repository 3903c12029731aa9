"""Everything that makes the service interpreter, in one place."""

from pathlib import Path

from services.interpreter.api import router
from services.interpreter.commands import expire_offers
from services.interpreter.reactions import REACTIONS
from shared.service import Deadline, Service
from shared.settings import Settings


def build(_settings: Settings) -> Service:
    return Service(
        name="interpreter",
        router=router,
        schema=Path(__file__).parent / "schema",
        reactions=REACTIONS,
        deadlines=[Deadline("offers", 1.0, expire_offers)],
    )
