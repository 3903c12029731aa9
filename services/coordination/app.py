"""Coordination, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI

from services.coordination import store_export
from services.coordination.api import router
from services.coordination.following import Followers
from services.coordination.pseudonym import Pseudonyms
from services.coordination.publish import Publisher
from services.coordination.reactions import FINDINGS, Coordination
from shared.consumer import Lag
from shared.contracts.registry import TOPICS
from shared.service import Service
from shared.settings import Settings

SCHEMA = Path(__file__).parent / "schema"


def build(settings: Settings) -> Service:
    """The key of the pseudonyms is made in development; elsewhere it is there, or the start raises SecretUnusable."""
    consents = Lag(TOPICS["person"])
    pseudonyms = Pseudonyms(settings.secrets_dir, may_make=settings.development)
    coordination = Coordination(
        Publisher(pseudonyms, consent_lag=consents),
        marker_after=timedelta(milliseconds=settings.segment_ms),
    )

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        pseudonyms.load()
        app.state.followers = Followers()
        async with app.state.followers.listening(settings.database_url):
            yield

    return Service(
        name="coordination",
        router=router,
        schema=SCHEMA,
        reactions=coordination.reactions,
        read_models=[FINDINGS],
        portions=store_export.PORTIONS,
        restore=coordination.erasing.restore,
        lags=[consents],
        on_start=life,
    )
