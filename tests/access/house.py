"""A service as the tests of access see it: on a real socket, with a real database and real issuers beside it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from services.person.erasures import HEARERS
from shared.auth import Role
from shared.database import Database
from shared.http_client import http_client
from shared.ids import new_id
from shared.service import Service, create_app
from shared.settings import Settings
from tests.access.table import Route, Who
from tests.access.tables import Tables
from tests.conftest import NewDatabase
from tests.person.intake_server import IntakeServer
from tests.shared.issuing import TestIssuer
from tests.shared.serving import serve

DINSLAKEN, MOERS = "05170008", "05170024"


@dataclass(frozen=True)
class Call:
    """A good request, as its owner sends it."""

    at: Mapping[str, object] = field(default_factory=dict)
    """Parameters of the path."""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True)
class Owners:
    """To whom the objects of a scene belong; everything lies in Dinslaken."""

    enquiry: UUID = field(default_factory=new_id)
    manager: UUID = field(default_factory=new_id)
    interpreter: UUID = field(default_factory=new_id)
    service: str = "person"

    def claims(self, role: Role) -> dict[str, Any]:
        claims: dict[Role, dict[str, Any]] = {
            Role.PARTICIPANT: {"enquiry_id": str(self.enquiry)},
            Role.CLERK: {"municipalities": [DINSLAKEN]},
            Role.CASE_MANAGER: {"sub": str(self.manager), "municipalities": [DINSLAKEN]},
            Role.COORDINATOR: {"office": "dinslaken"},
            Role.INTERPRETER: {"sub": str(self.interpreter)},
            Role.PARTNER: {"sub": "caritas", "municipalities": [DINSLAKEN]},
            Role.SERVICE: {"sub": self.service},
        }
        return claims.get(role, {})


def strangers(role: Role) -> list[dict[str, Any]]:
    """People with this role to whom nothing belongs: of another municipality or office, of the same one, of none."""
    elsewhere: dict[str, Any] = {"municipalities": [MOERS]}
    colleagues: list[dict[str, Any]] = [{"municipalities": [DINSLAKEN]}, elsewhere, {}]
    known: dict[Role, list[dict[str, Any]]] = {
        Role.PARTICIPANT: [{"enquiry_id": str(new_id())}],
        Role.CLERK: [elsewhere, {}],
        Role.PARTNER: [elsewhere, {}],
        Role.CASE_MANAGER: colleagues,
        Role.INTERPRETER: colleagues,
        Role.COORDINATOR: [{"office": "moers"}, {"municipalities": [DINSLAKEN]}],
        Role.SERVICE: [{"sub": "scheduling"}, {}],
    }
    return known.get(role, [{}])


@dataclass(frozen=True)
class Scene:
    """Rows of a service that belong to somebody, and a good request for each of its routes."""

    owners: Owners
    calls: Mapping[tuple[str, str], Call]
    traces: frozenset[str]
    """What tells of these rows: a stranger's answer holds none of it."""


@dataclass
class Running:
    """A service that answers. What its background would do, a scene does."""

    service: Service
    settings: Settings
    app: FastAPI
    client: httpx.AsyncClient
    staff: TestIssuer
    codes: TestIssuer
    db: Database
    """The service's own, over other connections than the app's one."""
    tables: Tables
    _made: tuple[Scene, dict[str, str]] | None = None
    """The last scene, and what the tables held when it was new."""

    def token(self, role: Who, claims: Mapping[str, Any]) -> dict[str, str]:
        if role is None:
            return {}
        issuer = self.codes if role is Role.PARTICIPANT else self.staff
        return {"Authorization": f"Bearer {issuer.token(**{'roles': [role], **claims})}"}

    async def scene(self) -> Scene:
        """The last one where nothing has changed since it was new, else another one instead of everything."""
        if self._made is None or await self.changed():
            scene = await self._make()
            self._made = scene, await self.tables.rows()
        return self._made[0]

    async def changed(self) -> dict[str, str]:
        """Table -> its rows, of those that hold something else than when the scene was new."""
        if self._made is None:
            raise AssertionError("there is no scene yet")
        new = self._made[1]
        return {name: rows for name, rows in (await self.tables.rows()).items() if rows != new[name]}

    async def _make(self) -> Scene:
        await self.tables.empty()
        make: Callable[[Running], Awaitable[Scene]] = import_module(f"tests.access.scenes.{self.service.name}").make
        made = await make(self)
        calls: dict[tuple[str, str], Call] = {("GET", "/metrics"): Call()}
        if self.service.portions:
            calls["GET", "/internal/enquiries/{enquiry_id}/export"] = Call({"enquiry_id": made.owners.enquiry})
        return replace(made, calls={**calls, **made.calls})

    async def send(self, route: Route, call: Call, headers: Mapping[str, str]) -> httpx.Response:
        """Of a stream that does not end, the answer is its beginning."""
        url, sent = route.path.format_map(call.at), {**call.headers, **headers}
        content: dict[str, Any] = {"content": call.body} if isinstance(call.body, bytes) else {"json": call.body}
        async with self.client.stream(route.method, url, params=call.query, headers=sent, **content) as answer:
            if not answer.headers.get("content-type", "").startswith("text/event-stream"):
                await answer.aread()
        return answer


@asynccontextmanager
async def run(name: str, database_url: NewDatabase, home: Path) -> AsyncIterator[Running]:
    """The service of that name, without its consumer, relay and deadlines."""
    build: Callable[[Settings], Service] = import_module(f"services.{name}.app").build
    staff, codes = TestIssuer("https://issuer.test"), TestIssuer("https://intake.test")
    others = IntakeServer(issuer=staff.name)
    (home / "clients.json").write_text(f'{{"{name}": "a secret"}}', encoding="utf-8")
    async with (
        serve(staff.app()) as staff_url,
        serve(codes.app()) as codes_url,
        serve(others.app()) as others_url,
    ):
        settings = Settings.model_validate(
            {
                "environment": "development",
                "secrets_dir": home,
                "smtp_host": "127.0.0.1",
                "database_url": await database_url(_schema(build)),
                **{f"{other}_url": f"{others_url}/{other}" for other in (*HEARERS, "person")},
                "issuer_url": others_url,
                "oidc_issuer": staff.name,
                "oidc_jwks_url": f"{staff_url}/jwks",
                "intake_issuer": codes.name,
                "intake_jwks_url": f"{codes_url}/jwks",
            }
        )
        service = build(settings)
        app = create_app(service, settings)
        # One connection: a route that takes a second one while it has the first would wait for itself.
        app.state.database = await Database.connect(settings.database_url, most=1)
        db = await Database.connect(settings.database_url)
        async with _life(service, app), serve(app) as url, http_client(base_url=url) as client:
            yield Running(service, settings, app, client, staff, codes, db, await Tables.of(db))
        for database in (app.state.database, db):
            await database.close()


def _schema(build: Callable[[Settings], Service]) -> Path | None:
    return build(Settings.model_construct()).schema


def _life(service: Service, app: FastAPI) -> AbstractAsyncContextManager[None]:
    return service.on_start(app) if service.on_start else nullcontext()
