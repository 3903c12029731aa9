"""Intake: everything that makes the service, from top to bottom."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from fastapi import APIRouter, FastAPI

from services.intake import api, issuer, store_erasure, store_export
from services.intake.code_exchange import forget_attempts
from services.intake.keys import Keys
from services.intake.participant_token import Signer
from services.intake.reactions import REACTIONS
from shared.contracts.erasure import IntakeErased
from shared.erasure import Erasing
from shared.service import Deadline, Service
from shared.settings import Settings

SCHEMA = Path(__file__).parent / "schema"

router = APIRouter()
router.include_router(api.router)
router.include_router(issuer.router)


def signer(settings: Settings) -> Signer:
    """Keys are made on the first start in development; in production they are there, or it raises SecretUnusable."""
    keys = Keys.read(settings.secrets_dir, may_make=settings.development)
    return Signer(keys, settings.intake_issuer, settings.oidc_audience)


@asynccontextmanager
async def _with_keys(app: FastAPI) -> AsyncIterator[None]:
    app.state.signer = signer(app.state.settings)
    yield


def build(settings: Settings) -> Service:
    segment = timedelta(milliseconds=settings.segment_ms)
    erasing = Erasing(store_erasure.erase, store_erasure.known, IntakeErased, segment)
    return Service(
        name="intake",
        schema=SCHEMA,
        router=router,
        reactions={**REACTIONS, **erasing.reactions},
        portions=store_export.PORTIONS,
        restore=erasing.restore,
        deadlines=[Deadline("attempts", every=60, action=forget_attempts)],
        on_start=_with_keys,
    )
