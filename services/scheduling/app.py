"""Scheduling, put together."""

from pathlib import Path

from services.scheduling import commands
from services.scheduling.api import router
from services.scheduling.reactions import REACTIONS
from shared.runtime import Deadline, Service
from shared.settings import Settings


def build(_settings: Settings) -> Service:
    return Service(
        name="scheduling",
        schema=Path(__file__).parent / "schema",
        router=router,
        reactions=REACTIONS,
        deadlines=[
            Deadline("expiry", 1.0, commands.expire_one),
            Deadline("search_again", 10.0, commands.search_one_again),
        ],
    )
