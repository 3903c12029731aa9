"""Everything that makes the service interpreter, in one place."""

from datetime import timedelta
from pathlib import Path

from services.interpreter import store_erasure
from services.interpreter.api import router
from services.interpreter.commands_offers import expire_offers
from services.interpreter.reactions import REACTIONS
from shared.contracts.erasure import InterpreterErased
from shared.erasure import Erasing
from shared.service import Deadline, Service
from shared.settings import Settings


def build(settings: Settings) -> Service:
    segment = timedelta(milliseconds=settings.segment_ms)
    erasing = Erasing(store_erasure.erase, store_erasure.known, InterpreterErased, segment)
    return Service(
        name="interpreter",
        router=router,
        schema=Path(__file__).parent / "schema",
        reactions={**REACTIONS, **erasing.reactions},
        restore=erasing.restore,
        deadlines=[Deadline("offers", 1.0, expire_offers)],
    )
