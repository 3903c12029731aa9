"""Intake on a real socket, with a real database and the issuer of staff tokens beside it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.intake.app import SCHEMA, build
from services.intake.keys import Keys
from services.intake.participant_token import Signer
from shared.auth import Tokens
from shared.database import Database
from shared.http_client import http_client
from shared.jwks import KeySet
from shared.service import create_app
from shared.settings import Settings
from shared.tokens import Issuer
from tests.conftest import NewDatabase
from tests.intake.desk import Intake
from tests.shared.issuing import TestIssuer
from tests.shared.serving import serve


@pytest.fixture
def schema() -> Path:
    return SCHEMA


@pytest.fixture(scope="session")
async def running(new_database: NewDatabase) -> AsyncIterator[Intake]:
    """One for all tests: starting it takes longer than what most of them do."""
    settings = Settings.model_validate({"KIM_ENVIRONMENT": "development", "INTAKE_ISSUER": "https://intake.test"})
    oidc, app = TestIssuer("https://issuer.test"), create_app(build(settings), settings)
    app.state.database = database = await Database.connect(await new_database(SCHEMA))
    app.state.signer = Signer(Keys.new(), settings.intake_issuer, settings.oidc_audience)
    async with serve(oidc.app()) as oidc_url, serve(app) as url:
        app.state.tokens = Tokens(
            settings.oidc_audience,
            Issuer(oidc.name, KeySet(f"{oidc_url}/jwks"), for_participants=False),
            Issuer(settings.intake_issuer, KeySet(f"{url}/jwks"), for_participants=True),
        )
        async with http_client(base_url=url) as client:
            yield Intake(client, database, oidc, app.state.signer)
    await database.close()


@pytest.fixture
async def intake(running: Intake) -> Intake:
    """Without anything in its tables."""
    await running.db.pool.execute(
        "truncate enquiry, attempt, outbox, redaction_due, marker_due, published_event, idempotency_key, forgotten"
    )
    return running
