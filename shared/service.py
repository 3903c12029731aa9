"""A service as a process: its application, its health, its end on SIGTERM, its commands for operators.

Ready means that database, broker and assignment are there. A background part that fails ends the process, non-zero,
and whoever runs it starts it again.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from uuid import UUID

import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse

from shared import auth, deadletters, exporting, http, idempotency, metrics, problems
from shared.database import Database
from shared.rebuilding.rebuild import Rebuild, RebuildError
from shared.runtime import Command, CommandRefused, Deadline, Loop, Runtime, Service
from shared.secret_file import SecretUnusable
from shared.settings import Settings
from shared.telemetry import Traced, configure_logs

__all__ = ["Command", "CommandRefused", "Deadline", "Loop", "Service", "create_app", "main"]


def create_app(service: Service, settings: Settings) -> FastAPI:
    """The application; what runs beside it lives in its lifespan. Raises UnguardedRoute for a route without guard."""
    app = FastAPI(title=f"KIM {service.name}", version="1", lifespan=partial(_life, service, settings))
    app.state.settings = settings
    app.include_router(service.router)
    if service.portions:
        app.include_router(exporting.routes(service.portions))
    app.include_router(_health)
    problems.install(app)
    http.install(app)
    if service.schema:
        metrics.install(app)
    auth.install(app, settings)
    if service.install:
        service.install(app)
    auth.check_routes(app)
    idempotency.check_routes(app)
    app.add_middleware(Traced)
    return app


def main(build: Callable[[Settings], Service]) -> None:
    """`python -m services.<name>`: serves, or carries out an operator's command."""
    settings = Settings()
    service = build(settings)
    configure_logs(service.name)
    options = _arguments(service)
    if options.command == "serve":
        app = create_app(service, settings)
        config = _config(app, settings)
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            sys.exit(runner.run(_serve(app, config)))
    print(asyncio.run(_carry_out(service, settings, options)))  # noqa: T201 - for the operator


def _config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=30,  # longer than a client of httpx keeps an idle connection: else it meets one just closed
    )


async def _serve(app: FastAPI, config: uvicorn.Config) -> int:
    """Serves until SIGTERM or until a background part fails. Returns the exit code."""
    server = uvicorn.Server(config)
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn raises them again when it has ended: that is for us
        signal.signal(number, lambda *_: None)
    serving = asyncio.create_task(server.serve())
    while not serving.done():
        await asyncio.wait([serving], timeout=0.2)
        if (runtime := getattr(app.state, "runtime", None)) and runtime.failed.is_set():
            server.should_exit = True
            await serving
            return 1
    return 0 if server.started else 1


@asynccontextmanager
async def _life(service: Service, settings: Settings, app: FastAPI) -> AsyncIterator[None]:
    async with service.on_start(app) if service.on_start else nullcontext():
        if service.schema is None:
            yield
            return
        app.state.runtime = Runtime(service, settings)
        app.state.database = await app.state.runtime.start()
        yield
        await app.state.runtime.stop()


_health = APIRouter(prefix="/health", tags=["health"], dependencies=[auth.public()])


@_health.get("/live")
async def live() -> dict[str, bool]:
    """The process answers. Progress is watched from inside: without it the process ends by itself."""
    return {"alive": True}


@_health.get("/ready", responses={503: {"description": "Something that it needs is not there yet"}})
async def ready(request: Request) -> JSONResponse:
    """What is there of what the service needs; 200 when it is all, else 503."""
    runtime: Runtime | None = getattr(request.app.state, "runtime", None)
    found = await runtime.ready() if runtime else {}
    return JSONResponse(found, 200 if all(found.values()) else 503)


def _arguments(service: Service) -> argparse.Namespace:
    name = service.name
    parser = argparse.ArgumentParser(prog=f"python -m services.{name}", description=f"The {name} service of KIM.")
    parser.set_defaults(command="serve")
    commands = parser.add_subparsers(metavar="COMMAND")
    dead = commands.add_parser("dead-letters", help="list, replay or drop events that could not be handled")
    dead.set_defaults(command="dead-letters")
    dead.add_argument("action", choices=["list", "replay", "drop"])
    dead.add_argument("event_id", nargs="?", type=UUID, help="id of the poisonous event, as `list` shows it")
    if service.read_models:
        names = ", ".join(model.name for model in service.read_models)
        again = commands.add_parser("rebuild", help=f"make again from the log, while the service goes on: {names}")
        again.set_defaults(command="rebuild")
    for command in service.commands:
        commands.add_parser(command.name, help=command.help, description=command.help).set_defaults(
            command=command.name
        )
    options = parser.parse_args()
    if options.command == "dead-letters" and options.action != "list" and options.event_id is None:
        parser.error("replay and drop need the id of an event")
    return options


async def _carry_out(service: Service, settings: Settings, options: argparse.Namespace) -> str:
    """What is told to the operator. Raises SystemExit with a sentence where it was refused."""
    if options.command == "rebuild":
        return await _rebuild(service, settings)
    if options.command == "dead-letters":
        return await _dead_letters(service, settings, options.action, options.event_id)
    chosen = next(command for command in service.commands if command.name == options.command)
    try:
        return await chosen.action(settings)
    except (CommandRefused, SecretUnusable) as refused:
        sys.exit(str(refused))


async def _rebuild(service: Service, settings: Settings) -> str:
    from rich.console import Console  # noqa: PLC0415 - a service that serves has no need of it in its memory
    from rich.progress import MofNCompleteColumn, Progress  # noqa: PLC0415 - as above

    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("events", total=None)
        rebuild = Rebuild(
            service.name,
            service.read_models,
            settings,
            lambda handled, known: bar.update(task, completed=handled, total=known),
        )
        try:
            events = await rebuild.run()
        except RebuildError as error:
            sys.exit(str(error))
    return f"rebuilt {', '.join(model.name for model in service.read_models)} from {events} events"


async def _dead_letters(service: Service, settings: Settings, action: str, event_id: UUID | None) -> str:
    db = await Database.connect(settings.database_url, most=2)
    try:
        if event_id is None:
            async with db.read() as conn:
                found = await deadletters.dead_letters(conn)
            return "\n".join(f"{d.event_id} {d.topic} {d.fault} waiting={d.waiting}" for d in found) or "none"
        act = deadletters.replay if action == "replay" else deadletters.drop
        handled = await act(db, service.dispatcher(db, settings), event_id)
        return f"{action} done, {handled} events handled"
    finally:
        await db.close()
