"""The whole town on real sockets and real databases: every service, the issuer and the gateway.

Only Kafka is not there: `carry` brings the events from outbox to reactions. That they travel, tests/journeys show.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from deploy.client import Client
from deploy.issuer.app import create_app as issuer_app
from deploy.seed import seed
from services.case.app import build as case
from services.coordination.app import build as coordination
from services.coordination.following import Followers
from services.gateway_web.app import build as gateway_web
from services.intake.app import build as intake
from services.intake.app import signer
from services.interpreter.app import build as interpreter
from services.person.app import build as person
from services.scheduling.app import build as scheduling
from shared.database import Database
from shared.envelope import attributes
from shared.inbox import Incoming
from shared.outbox import paired
from shared.service import Service, create_app
from shared.settings import Settings
from tests.conftest import NewDatabase
from tests.person.mail_server import MailServer, mail_server

SERVICES = {
    "intake": intake,
    "case": case,
    "scheduling": scheduling,
    "interpreter": interpreter,
    "person": person,
    "coordination": coordination,
}


@dataclass
class Part:
    service: Service
    database: Database
    app: FastAPI


@dataclass
class Town:
    settings: Settings
    url: str
    """Of the gateway."""
    parts: Mapping[str, Part]
    post_office: MailServer
    servers: dict[str, uvicorn.Server] = field(default_factory=dict)

    async def carry(self) -> None:
        """Until no service has anything more to tell."""
        while (await self._hand_over()) or (await self._round()):
            pass

    async def _hand_over(self) -> bool:
        """Person's loop, and case's, outside any handler."""
        for loop in self.parts["person"].service.loops:
            await loop.action(self.parts["person"].database)
        return False

    async def _round(self) -> bool:
        """To whoever subscribes to a record's topic: a municipal stream is for partners, and no service reads it."""
        records = [record for part in self.parts.values() for record in await _told(part.database)]
        for record in records:
            for part in (each for each in self.parts.values() if record.topic in each.service.topics):
                await part.service.dispatcher(part.database, self.settings).handle([record])
        return bool(records)


async def _told(database: Database) -> list[Incoming]:
    async with database.transaction() as conn:
        rows = await conn.fetch("with gone as (delete from outbox returning *) select * from gone order by id")
    return [_incoming(row) for row in rows]


def _incoming(row: Any) -> Incoming:
    headers = paired(row["headers"])
    given = attributes(dict(headers))
    kind, subject = given.get("type", ""), given.get("subject", "")
    return Incoming(row["topic"], 0, 0, row["record_key"], kind, subject, headers, row["value"])


@asynccontextmanager
async def town(folder: Path, new_database: NewDatabase) -> AsyncIterator[Town]:
    """With case managers, interpreters and rooms of the demo."""
    listeners = {name: _listener() for name in (*SERVICES, "issuer", "gateway_web")}
    urls = {name: f"http://127.0.0.1:{listener.getsockname()[1]}" for name, listener in listeners.items()}
    async with AsyncExitStack() as stack:
        post_office = await stack.enter_async_context(mail_server())
        settings = _settings(folder, urls, post_office.port)
        servers = {"issuer": await stack.enter_async_context(_serve(issuer_app(settings), listeners["issuer"]))}
        parts = {name: await _part(stack, name, settings, new_database) for name in SERVICES}
        for name, part in parts.items():
            servers[name] = await stack.enter_async_context(_serve(part.app, listeners[name]))
        gateway = create_app(gateway_web(settings), settings)
        await stack.enter_async_context(gateway.router.lifespan_context(gateway))
        servers["gateway_web"] = await stack.enter_async_context(_serve(gateway, listeners["gateway_web"]))
        made = Town(settings, urls["gateway_web"], parts, post_office, servers)
        async with Client(settings) as client:
            await seed(client)
        await made.carry()
        yield made


def _settings(folder: Path, urls: Mapping[str, str], smtp_port: int) -> Settings:
    return Settings.model_validate(
        {
            "environment": "development",
            "secrets_dir": folder,
            "smtp_host": "127.0.0.1",
            "smtp_port": smtp_port,
            "smtp_security": "none",
            "oidc_issuer": urls["issuer"],
            "oidc_jwks_url": f"{urls['issuer']}/jwks",
            "intake_issuer": urls["intake"],
            "intake_jwks_url": f"{urls['intake']}/jwks",
            **{f"{name}_url": urls[name] for name in (*SERVICES, "issuer")},
        }
    )


async def _part(stack: AsyncExitStack, name: str, settings: Settings, new_database: NewDatabase) -> Part:
    """The service without its background."""
    service = SERVICES[name](settings)
    url = await new_database(service.schema)
    database = await Database.connect(url)
    stack.push_async_callback(database.close)
    told = settings.model_copy(update={"database_url": url})
    app = create_app(service, told)
    app.state.database = database
    if name == "intake":
        app.state.signer = signer(settings)
    elif name in {"person", "case"}:
        await stack.enter_async_context(service.on_start(app))  # type: ignore[misc]
    elif name == "coordination":
        app.state.followers = Followers()
        await stack.enter_async_context(app.state.followers.listening(url))
        for lag in service.lags:  # nothing is behind where nothing is on its way
            lag._caught_up = float("inf")
    return Part(service, database, app)


def _listener() -> socket.socket:
    # With its protocol named, asyncio sets TCP_NODELAY; without, each answer waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    return listener


@asynccontextmanager
async def _serve(app: FastAPI, listener: socket.socket) -> AsyncIterator[uvicorn.Server]:
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield server
    finally:
        server.should_exit = True
        await asyncio.wait_for(task, 10)
        listener.close()
