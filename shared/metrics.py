"""What Prometheus reads at `GET /metrics`: counts and durations by coded labels, and nothing of anybody.

A label is a name out of the code: a route's template, an event's type, an outcome. What was sent never becomes one.
Small counts tell of people, so the route asks for a token; Prometheus gets one by its `oauth2` setting.
"""

import time

from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.auth import Role, allow
from shared.contracts.registry import TOPICS
from shared.database import Database

REQUESTS = Histogram(
    "kim_request_seconds",
    "From a request's first byte to its answer's last, by route",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
WAITING = Gauge("kim_rows_waiting", "Rows that wait: to be sent, or behind a dead letter", ["what"])
LAG = Gauge("kim_consumer_lag", "Records that are known to wait for this process")
LEADING = Gauge("kim_relay_leading", "1 where this process sends what its service publishes")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_router = APIRouter(tags=["health"])


def install(app: FastAPI) -> None:
    """Not for a gateway: whoever is in the internet may speak to it."""
    app.include_router(_router)
    app.add_middleware(Measured)


@_router.get("/metrics", dependencies=[allow(Role.MONITOR, Role.ADMINISTRATOR)])
async def show(request: Request) -> Response:
    """In the Prometheus text format 0.0.4."""
    if runtime := getattr(request.app.state, "runtime", None):
        LAG.set(runtime.lag())
        LEADING.set(runtime.leading)
    await _look(request.app.state.database)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _look(database: Database) -> None:
    async with database.read() as conn:
        row = await conn.fetchrow(
            """
            select (select count(*) from outbox) as outbox, (select count(*) from parked) as parked,
                   (select count(*) from parked where fault is not null) as dead,
                   (select count(*) from parked where topic = $1) as unheard_of_persons
            """,
            TOPICS["person"],
        )
    for what, waiting in row.items():
        WAITING.labels(what).set(waiting)


class Measured:
    """ASGI middleware: how long each request took, by the template of its route."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            REQUESTS.labels(method, _route(scope), status).observe(time.perf_counter() - started)


def _route(scope: Scope) -> str:
    """Its template; `none` where no route was met."""
    return str(getattr(scope.get("route"), "path", "none"))
