"""The one transaction of a request, and in it the first answer to a request that is sent again.

    router = Router()

    @router.post("/things", status_code=201)
    async def make(body: NewThing, who: Annotated[Principal, allow(Role.CLERK)],
                   tx: Annotated[Connection, transaction()]) -> ThingView: ...

    @router.get("/things/{id}")
    async def show(id: UUID, who: ..., tx: Annotated[Connection, reading()]) -> ThingView: ...

The transaction is committed before the answer leaves; an error rolls it back. To a POST with an `Idempotency-Key`
header (draft-ietf-httpapi-idempotency-key-header) a successful answer is stored in that same transaction, so that a
crash leaves effect and answer or neither. Sent again by the same caller, for 24 hours, the same body gets the
first answer, another body 422; and 409 while the first is under way. Other methods ignore the key: PUT and DELETE
repeat well by themselves, and a replayed GET would be a reading that no access log knows.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from shared.auth import Guard, Principal
from shared.database import Connection, Database
from shared.errors import DomainError
from shared.kept_answers import Answer, Seal

LIFETIME = "24 hours"
_KEPT_HEADERS = frozenset({"content-type", "location", "etag", "retry-after"})
_Key = Annotated[
    str | None,
    Header(
        pattern=r"^[\x21-\x7e]{16,128}$",
        description="For POST. Random, such as a UUID: the request is then carried out once, however often it is sent.",
    ),
]


class IdempotencyKeyReused(DomainError):
    """This Idempotency-Key came first with another body. A new request needs a new key."""

    status = 422


class RequestInProgress(DomainError):
    """The first request with this Idempotency-Key is still under way. Please send it again in a moment."""

    headers: ClassVar[Mapping[str, str]] = MappingProxyType({"Retry-After": "1"})


@dataclass(frozen=True)
class _Pending:
    """The request's transaction, with the seal under which its answer will be stored."""

    conn: Connection
    seal: Seal

    async def store(self, response: Response) -> None:
        """Raises RequestInProgress where another was first after all: nothing is kept then."""
        headers = [(name, value) for name, value in response.headers.items() if name in _KEPT_HEADERS]
        answer = self.seal.close(Answer(response.status_code, headers, bytes(response.body)))
        if await self.conn.fetchval(_STORE, self.seal.name, self.seal.body_hash, answer) is None:
            raise RequestInProgress


class _Replay(Exception):
    """The answer is there already: it travels past the endpoint as an exception."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class Route(APIRoute):
    """Stores the answer in the request's transaction, or gives the stored one."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await answer(request)
            except _Replay as replay:
                first = replay.answer
                return Response(first.body, first.status, dict(first.headers) | {"Idempotency-Replayed": "true"})
            pending: _Pending | None = getattr(request.state, "pending", None)
            if pending and 200 <= response.status_code < 300:
                await pending.store(response)
            return response

        return handle


class Router(APIRouter):
    """The router of a service's API: routes that use `transaction()` must stand in one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=Route, **options)


async def _transaction(request: Request, idempotency_key: _Key = None) -> AsyncIterator[Connection]:
    database: Database = request.app.state.database
    async with database.transaction() as conn:
        if idempotency_key is not None and request.method == "POST":
            await _first(conn, request, idempotency_key)
        yield conn


async def _reading(request: Request) -> AsyncIterator[Connection]:
    database: Database = request.app.state.database
    async with database.read() as conn:
        yield conn


async def _logged(request: Request) -> AsyncIterator[Connection]:
    database: Database = request.app.state.database
    async with database.transaction() as conn:
        yield conn


async def _glance(request: Request) -> AsyncIterator[Connection]:
    database: Database = request.app.state.database
    async with database.pool.acquire() as conn:
        yield conn


def transaction() -> Any:
    """The request's one transaction, as the endpoint's `Connection`. Stands after the guard."""
    return Depends(_transaction, scope="function")


def reading() -> Any:
    """One consistent snapshot to read from. Stands after the guard."""
    return Depends(_reading, scope="function")


def logged() -> Any:
    """A transaction in which a reading leaves its row in an access log. Stands after the guard.

    Its answer is never kept to be replayed: each reading is a reading.
    """
    return Depends(_logged, scope="function")


def glance() -> Any:
    """A connection for one statement that reads, which is a snapshot by itself. Stands after the guard."""
    return Depends(_glance, scope="function")


async def forget_expired(conn: Connection) -> int:
    """Deletes answers older than 24 hours; returns how many. For a deadline of the runtime."""
    rows = await conn.fetch(
        f"delete from idempotency_key where created_at < now() - interval '{LIFETIME}' returning 1"  # noqa: S608
    )
    return len(rows)


def check_routes(app: FastAPI) -> None:
    """Raises TypeError for a route whose transaction opens before its guard, or that stores no answer."""
    for route in iter_route_contexts(app.routes):
        dependant: Dependant | None = getattr(route, "dependant", None)
        calls = [d.call for d in dependant.dependencies] if dependant else []
        opens = [i for i, call in enumerate(calls) if call in {_transaction, _reading, _logged, _glance}]
        guarded = [i for i, call in enumerate(calls) if isinstance(call, Guard)]
        if opens and (not guarded or guarded[0] > opens[0]):
            raise TypeError(f"{route.path}: the guard must stand before the transaction")
        if _transaction in calls and not isinstance(route.original_route, Route):
            raise TypeError(f"{route.path}: transaction() needs a shared.idempotency.Router")


async def _first(conn: Connection, request: Request, key: str) -> None:
    """Goes on if this is the first request with its key. A lock lasts as long as the transaction."""
    principal: Principal | None = request.state.principal
    caller = [principal.subject, *sorted(principal.roles)] if principal else []
    scope = "\n".join([request.method, request.url.path, *caller])
    seal = Seal.of(key, scope, request.url.query.encode() + b"\n" + await request.body())
    row = await conn.fetchrow(_FIND, int.from_bytes(seal.name[:8], signed=True), seal.name)
    if not row["free"]:
        raise RequestInProgress
    if row["answer"] is None:
        request.state.pending = _Pending(conn, seal)
    elif row["body_hash"] == seal.body_hash:
        raise _Replay(seal.open(row["answer"]))
    else:
        raise IdempotencyKeyReused("Idempotency-Key")


# The snapshot is older than the lock: an answer committed between the two is not seen here, but when storing.
_FIND = f"""
select pg_try_advisory_xact_lock($1) as free, kept.body_hash, kept.answer
from (select) as one
left join idempotency_key as kept on kept.key = $2 and kept.created_at >= now() - interval '{LIFETIME}'
"""  # noqa: S608 -- a constant
_STORE = f"""
insert into idempotency_key as kept (key, body_hash, answer) values ($1, $2, $3)
on conflict (key) do update set body_hash = excluded.body_hash, answer = excluded.answer, created_at = now()
where kept.created_at < now() - interval '{LIFETIME}'
returning true
"""  # noqa: S608 -- a constant
