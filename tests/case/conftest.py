"""Case over a real database, which each test finds empty, and its API with tokens of test issuers."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.case import commands
from services.case.app import SCHEMA, build
from shared.auth import Tokens
from shared.database import Database
from shared.jwks import KeySet
from shared.service import create_app
from shared.settings import Settings
from shared.tokens import Issuer
from tests.case.callers import Callers
from tests.case.world import World
from tests.conftest import NewDatabase
from tests.shared.issuing import TestIssuer
from tests.shared.serving import serve


@pytest.fixture(scope="session")
async def case_database(new_database: NewDatabase) -> AsyncIterator[Database]:
    database = await Database.connect(await new_database(SCHEMA))
    yield database
    await database.close()


@pytest.fixture
async def world(case_database: Database, monkeypatch: pytest.MonkeyPatch) -> World:
    """Nothing is there yet, and the clock is the test's."""
    await case_database.pool.execute(
        """
        truncate case_manager, enquiry, finding, outbox, parked, dead_letter, idempotency_key cascade;
        update finding_batch set published_on = '2000-01-01'
        """
    )
    made = World(case_database)
    monkeypatch.setattr(commands, "present", lambda: made.now)
    return made


@pytest.fixture(scope="session")
async def api(case_database: Database) -> AsyncIterator[Callers]:
    settings = Settings.model_validate({"environment": "development"})
    staff, intake = TestIssuer("https://staff.test"), TestIssuer("https://intake.test")
    app = create_app(build(settings), settings)
    app.state.database = case_database
    async with serve(staff.app()) as staff_url, serve(intake.app()) as intake_url:
        app.state.tokens = Tokens(
            settings.oidc_audience,
            Issuer(staff.name, KeySet(f"{staff_url}/jwks"), for_participants=False),
            Issuer(intake.name, KeySet(f"{intake_url}/jwks"), for_participants=True),
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://case") as client:
            yield Callers(client, staff, intake, app)
