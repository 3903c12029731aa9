"""Case, put together."""

from functools import partial
from pathlib import Path

from services.case import commands
from services.case.api import router
from services.case.reactions import REACTIONS
from shared.runtime import Deadline, Service
from shared.settings import Settings

SCHEMA = Path(__file__).parent / "schema"


def build(settings: Settings) -> Service:
    return Service(
        name="case",
        schema=SCHEMA,
        router=router,
        reactions=REACTIONS,
        deadlines=[
            Deadline("cases that wait", 1.0, commands.assign_waiting),
            Deadline("findings of the day", 30.0, partial(commands.publish_findings, at=settings.findings_at)),
        ],
    )
