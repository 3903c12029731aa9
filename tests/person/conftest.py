"""A vault of its own for each test: an empty database, a master key, and an intake to fetch from."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.person import keys
from services.person.app import SCHEMA, build
from services.person.erasures import HEARERS
from services.person.handover import Handover
from services.person.holders import Holders
from services.person.intake import Intake
from services.person.vault import Vault
from shared.database import Database
from shared.ids import new_id
from shared.sealing import ContactKind, seal
from shared.service import create_app
from shared.service_token import ServiceToken
from shared.settings import Settings
from tests.person.caller import Callers, Registered
from tests.person.intake_server import ISSUER, IntakeServer
from tests.person.people import ADDRESS, CONTACT, consent_given, hear_assignment, hear_enquiry
from tests.shared.issuing import TestIssuer
from tests.shared.serving import serve


@pytest.fixture
def schema() -> Path:
    return SCHEMA


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[IntakeServer]:
    """Speaks intake's internal route and the issuer's token endpoint, on a real socket."""
    server = IntakeServer()
    (tmp_path / "clients.json").write_text('{"person": "a secret"}', encoding="utf-8")
    async with serve(server.app()) as url:
        server.url = url
        yield server


@pytest.fixture
def settings(tmp_path: Path, intake: IntakeServer) -> Settings:
    return Settings.model_validate(
        {
            "environment": "development",
            "secrets_dir": tmp_path,
            "smtp_host": "127.0.0.1",
            "ledger_dir": tmp_path / "ledger",
            **{f"{name}_url": f"{intake.url}/{name}" for name in HEARERS},
            "intake_url": intake.url,
            "issuer_url": intake.url,
            "oidc_issuer": ISSUER,
        }
    )


@pytest.fixture
def vault(settings: Settings) -> Vault:
    return Vault(settings)


@pytest.fixture
async def public_key(database: Database, vault: Vault) -> bytes:
    async with database.transaction() as conn:
        return (await keys.public_key(conn, vault)).public_key


@pytest.fixture
async def handover(vault: Vault, settings: Settings) -> AsyncIterator[Handover]:
    intake = Intake(settings.intake_url, ServiceToken("person", settings))
    async with intake.client:
        yield Handover(vault, intake)


@pytest.fixture
async def callers(database: Database, vault: Vault, settings: Settings) -> AsyncIterator[Callers]:
    staff, intake = TestIssuer("https://staff.example"), TestIssuer("https://intake.example")
    async with serve(staff.app()) as staff_url, serve(intake.app()) as intake_url:
        known = settings.model_copy(
            update={
                "oidc_issuer": staff.name,
                "oidc_jwks_url": f"{staff_url}/jwks",
                "intake_issuer": intake.name,
                "intake_jwks_url": f"{intake_url}/jwks",
            }
        )
        app = create_app(build(known), known)
        app.state.database, app.state.vault = database, vault
        app.state.holders = holders = Holders(known, ServiceToken("person", settings))
        transport = httpx.ASGITransport(app)
        async with holders.client, httpx.AsyncClient(transport=transport, base_url="http://person") as client:
            yield Callers(client, staff, intake)


@pytest.fixture
async def registered(
    database: Database, public_key: bytes, intake: IntakeServer, handover: Handover, callers: Callers
) -> Registered:
    """Somebody in the vault, with a consent, and the case manager who is responsible."""
    enquiry_id, case_manager_id = await hear_enquiry(database, [consent_given()]), new_id()
    intake.blocks[enquiry_id] = seal(public_key, CONTACT)
    await handover.run(database)
    await hear_assignment(database, enquiry_id, case_manager_id)
    return Registered(
        enquiry_id,
        await database.pool.fetchval("select person_id from enquiry where enquiry_id = $1", enquiry_id),
        case_manager_id,
        callers.role("case_manager", case_manager_id),
        callers.participant(enquiry_id),
    )


@pytest.fixture
async def reachable(
    database: Database, public_key: bytes, intake: IntakeServer, handover: Handover, callers: Callers
) -> Registered:
    """Somebody with a mail address."""
    enquiry_id, case_manager_id = await hear_enquiry(database), new_id()
    contact = CONTACT.model_copy(update={"contact_kind": ContactKind.EMAIL, "contact": ADDRESS})
    intake.blocks[enquiry_id] = seal(public_key, contact)
    await handover.run(database)
    await hear_assignment(database, enquiry_id, case_manager_id)
    person_id = await database.pool.fetchval("select person_id from enquiry where enquiry_id = $1", enquiry_id)
    case_manager = callers.role("case_manager", case_manager_id)
    return Registered(enquiry_id, person_id, case_manager_id, case_manager, callers.participant(enquiry_id))
