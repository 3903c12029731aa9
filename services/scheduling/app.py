"""Scheduling, put together."""

from datetime import timedelta
from pathlib import Path

from services.scheduling import commands, store_erasure
from services.scheduling.api import router
from services.scheduling.reactions import INTERPRETERS, REACTIONS
from shared.contracts.erasure import SchedulingErased
from shared.erasure import Erasing
from shared.runtime import Deadline, Service
from shared.settings import Settings

SCHEMA = Path(__file__).parent / "schema"


def build(settings: Settings) -> Service:
    segment = timedelta(milliseconds=settings.segment_ms)
    erasing = Erasing(store_erasure.erase, store_erasure.known, SchedulingErased, segment)
    return Service(
        name="scheduling",
        schema=SCHEMA,
        router=router,
        reactions={**REACTIONS, **erasing.reactions},
        read_models=[INTERPRETERS],
        restore=erasing.restore,
        deadlines=[
            Deadline("expiry", 1.0, commands.expire_one),
            Deadline("search_again", 10.0, commands.search_one_again),
        ],
    )
