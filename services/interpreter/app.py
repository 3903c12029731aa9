"""Everything that makes the service interpreter, in one place."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI

from services.interpreter import store_erasure, store_export
from services.interpreter.api import router
from services.interpreter.commands_lead_times import tell_lead_times
from services.interpreter.commands_offers import expire_offers
from services.interpreter.commands_plans import forget as forget_plans
from services.interpreter.links import Links
from services.interpreter.plan_desk import PlanDesk
from services.interpreter.reactions import REACTIONS
from shared.contracts.erasure import InterpreterErased
from shared.erasure import Erasing
from shared.service import Deadline, Loop, Service
from shared.settings import Settings


def _install(app: FastAPI) -> None:
    app.state.links = Links(app.state.settings)


@asynccontextmanager
async def _with_key(app: FastAPI) -> AsyncIterator[None]:
    """The key of the links is made in development; elsewhere it is there, or the start raises SecretUnusable."""
    app.state.links.require_key()
    yield


def build(settings: Settings) -> Service:
    segment = timedelta(milliseconds=settings.segment_ms)
    erasing = Erasing(store_erasure.erase, store_erasure.known, InterpreterErased, segment)
    return Service(
        name="interpreter",
        router=router,
        schema=Path(__file__).parent / "schema",
        reactions={**REACTIONS, **erasing.reactions},
        portions=store_export.PORTIONS,
        restore=erasing.restore,
        install=_install,
        on_start=_with_key,
        deadlines=[
            Deadline("offers", 1.0, expire_offers),
            Deadline("lead_times", 60.0, tell_lead_times),
            Deadline("forgotten_plans", 3600.0, forget_plans),
        ],
        loops=[Loop("plans", 0.5, PlanDesk(settings.database_url).run, interruptible=True)],
    )
