"""Scheduling, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.scheduling import commands, commands_series, commands_waiting, store_erasure, store_export
from services.scheduling.api import router
from services.scheduling.calendar_keys import CalendarKeys
from services.scheduling.foreign import ForeignCalendars
from services.scheduling.outward import Outward
from services.scheduling.reactions import INTERPRETERS, REACTIONS
from shared.contracts.erasure import SchedulingErased
from shared.erasure import Erasing
from shared.runtime import Deadline, Loop, Service
from shared.settings import Settings

SCHEMA = Path(__file__).parent / "schema"


def build(settings: Settings) -> Service:
    """Reads nothing yet: the key of calendars is read when the application starts."""
    keys, segment = CalendarKeys(settings), timedelta(milliseconds=settings.segment_ms)
    erasing = Erasing(store_erasure.erase, store_erasure.known, SchedulingErased, segment)
    return Service(
        name="scheduling",
        schema=SCHEMA,
        router=router,
        reactions={**REACTIONS, **erasing.reactions},
        read_models=[INTERPRETERS],
        portions=store_export.PORTIONS,
        restore=erasing.restore,
        loops=[Loop("foreign calendars", 15.0, ForeignCalendars(keys, Outward(local=settings.development)).run)],
        install=partial(_install, keys),
        on_start=partial(_life, keys),
        deadlines=[
            Deadline("expiry", 1.0, commands.expire_one),
            Deadline("reminders", 5.0, partial(commands.remind_one, ahead=settings.reminder_lead)),
            Deadline("search_again", 10.0, commands.search_one_again),
            Deadline("freed time", 2.0, commands_waiting.offer_freed_one),
            Deadline("series", 5.0, commands_series.settle_one),
            Deadline("waiting", 30.0, commands_waiting.look_again_one),
        ],
    )


def _install(keys: CalendarKeys, app: FastAPI) -> None:
    app.state.calendar_keys = keys


@asynccontextmanager
async def _life(keys: CalendarKeys, _app: FastAPI) -> AsyncIterator[None]:
    """Raises SecretUnusable before anything else is started."""
    keys.open()
    yield
