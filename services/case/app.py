"""Case, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.case import commands, commands_consents, commands_plan, commands_posts, store_export
from services.case.api import router
from services.case.notes import NoteKeys
from services.case.reactions import REACTIONS, erasing
from shared.runtime import Deadline, Service
from shared.settings import Settings

SCHEMA = Path(__file__).parent / "schema"


def build(settings: Settings) -> Service:
    keys = NoteKeys(settings.person_url)
    erased = erasing(keys, timedelta(milliseconds=settings.segment_ms))
    return Service(
        name="case",
        schema=SCHEMA,
        router=router,
        reactions={**REACTIONS, **erased.reactions},
        portions=store_export.PORTIONS,
        restore=erased.restore,
        deadlines=[
            Deadline("cases that wait", 1.0, commands.assign_waiting),
            Deadline("absences that begin", 5.0, commands_posts.begin_absences),
            Deadline("findings of the day", 30.0, partial(commands.publish_findings, at=settings.findings_at)),
            Deadline("steps due", 30.0, commands_plan.remind),
            Deadline("consents expired", 30.0, commands_consents.revoke_expired),
            Deadline("consents to another municipality expired", 5.0, commands_consents.bring_home_expired),
            Deadline("consents to hand-overs expired", 5.0, commands_consents.drop_expired_hand_overs),
        ],
        on_start=partial(_life, keys),
    )


@asynccontextmanager
async def _life(keys: NoteKeys, app: FastAPI) -> AsyncIterator[None]:
    app.state.note_keys = keys
    async with keys.client:
        yield
