"""A request sent again: one effect, the first answer, and nothing readable left behind."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import APIRouter, FastAPI, HTTPException, Response
from pydantic import BaseModel

from shared import http, idempotency, problems
from shared.auth import Principal, Role, Tokens, allow, public
from shared.database import Connection, Database
from shared.errors import Conflict
from shared.idempotency import Router, glance, logged, reading, transaction
from shared.jwks import KeySet
from shared.tokens import Issuer
from tests.shared.issuing import TestIssuer
from tests.shared.serving import serve

CODE = "canary-code"


class Thing(BaseModel):
    name: str


@dataclass
class Kim:
    """The application on a real socket, and the gates at which a test holds it."""

    client: httpx.AsyncClient
    db: Database
    issuer: TestIssuer
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    may_go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def post(
        self, path: str, body: object = None, *, key: str | None = None, token: str | None = None
    ) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        return await self.client.post(path, json=body or {"name": "a"}, headers=headers)

    async def names(self) -> list[str]:
        async with self.db.read() as conn:
            return [row["name"] for row in await conn.fetch("select name from thing order by name")]


def _router(kim: Kim) -> APIRouter:
    router = Router()

    @router.post("/things", status_code=201)
    async def make(
        body: Thing,
        who: Annotated[Principal | None, public(Role.CLERK)],
        tx: Annotated[Connection, transaction()],
        response: Response,
    ) -> dict[str, str]:
        await tx.execute("insert into thing values ($1)", body.name)
        response.headers["Location"] = f"/things/{body.name}"
        return {"code": CODE, "by": who.subject if who else "anybody"}

    @router.post("/slow")
    async def slow(body: Thing, _who: Annotated[None, public()], tx: Annotated[Connection, transaction()]) -> None:
        await tx.execute("insert into thing values ($1)", body.name)
        kim.entered.set()
        await kim.may_go_on.wait()

    @router.post("/refused/{status}")
    async def refused(
        status: int, body: Thing, _who: Annotated[None, public()], tx: Annotated[Connection, transaction()]
    ) -> Response:
        await tx.execute("insert into thing values ($1)", body.name)
        if status == 409:
            raise Conflict
        raise HTTPException(status)

    @router.post("/uncommittable")
    async def uncommittable(_who: Annotated[None, public()], tx: Annotated[Connection, transaction()]) -> str:
        await tx.execute("insert into thing values ('twin'), ('twin')")
        return "done"

    @router.put("/things/{name}")
    @router.delete("/things/{name}")
    @router.get("/things/{name}/readings")
    async def again(name: str, _who: Annotated[None, public()], tx: Annotated[Connection, transaction()]) -> int:
        await tx.execute("insert into thing values ($1 || gen_random_uuid())", name)
        return int(await tx.fetchval("select count(*) from thing"))

    @router.get("/things")
    async def things(_who: Annotated[None, public()], tx: Annotated[Connection, reading()]) -> int:
        return int(await tx.fetchval("select count(*) from thing"))

    return router


@pytest.fixture
async def kim(database: Database) -> AsyncIterator[Kim]:
    db = database
    async with db.transaction() as conn:
        await conn.execute("create table thing (name text unique deferrable initially deferred)")
    app, issuer = FastAPI(), TestIssuer("https://issuer")
    async with serve(issuer.app()) as keys, serve(app) as url, httpx.AsyncClient(base_url=url) as client:
        kim = Kim(client, db, issuer)
        app.include_router(_router(kim))
        problems.install(app)
        http.install(app)
        app.state.database = db
        app.state.tokens = Tokens("kim", Issuer(issuer.name, KeySet(f"{keys}/jwks"), for_participants=False))
        yield kim


async def test_sent_again_it_gets_the_first_answer_and_changes_nothing(kim: Kim) -> None:
    key = str(uuid4())
    first, again = await kim.post("/things", key=key), await kim.post("/things", key=key)
    assert (first.status_code, first.json()["code"]) == (201, CODE)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["content-type"] == first.headers["content-type"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await kim.names() == ["a"]


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/things/a"), ("DELETE", "/things/a"), ("GET", "/things/a/readings")]
)
async def test_only_a_post_is_carried_out_once(kim: Kim, method: str, path: str) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    answers = [await kim.client.request(method, path, headers=key) for _ in range(2)]
    assert [answer.json() for answer in answers] == [1, 2]
    assert not any("idempotency-replayed" in answer.headers for answer in answers)


async def test_another_body_under_the_same_key_is_refused(kim: Kim) -> None:
    key = str(uuid4())
    await kim.post("/things", key=key)
    answer = await kim.post("/things", {"name": "b"}, key=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")
    assert answer.json()["field"] == "Idempotency-Key"
    assert await kim.names() == ["a"]


async def test_the_same_key_of_another_caller_is_another_key(kim: Kim) -> None:
    key = str(uuid4())
    tokens = [None, kim.issuer.token(sub="one"), kim.issuer.token(sub="two")]
    answers = [
        await kim.post("/things", {"name": name}, key=key, token=t) for t, name in zip(tokens, "abc", strict=True)
    ]
    assert [answer.json()["by"] for answer in answers] == ["anybody", "one", "two"]


async def test_a_repeated_request_needs_a_good_token_again(kim: Kim) -> None:
    key = str(uuid4())
    await kim.post("/things", key=key, token=kim.issuer.token(sub="one"))
    assert (await kim.post("/things", key=key, token="bad")).status_code == 401


async def test_while_the_first_is_under_way_a_second_is_told_to_wait(kim: Kim) -> None:
    key = str(uuid4())
    first = asyncio.create_task(kim.post("/slow", key=key))
    await asyncio.wait_for(kim.entered.wait(), 10)
    second = await kim.post("/slow", key=key)
    kim.may_go_on.set()
    assert (second.status_code, second.json()["code"]) == (409, "request-in-progress")
    assert second.headers["retry-after"] == "1"
    assert (await first).status_code == 200
    assert (await kim.post("/slow", key=key)).headers["idempotency-replayed"] == "true"


async def test_many_at_once_have_one_effect(kim: Kim) -> None:
    key = str(uuid4())
    answers = await asyncio.gather(*(kim.post("/things", key=key) for _ in range(8)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert await kim.names() == ["a"]


async def test_an_answer_committed_unseen_is_found_when_storing(kim: Kim) -> None:
    key = str(uuid4())
    first = asyncio.create_task(kim.post("/slow", key=key))
    await asyncio.wait_for(kim.entered.wait(), 10)
    async with kim.db.transaction() as conn:  # as the one would do whose commit fell between snapshot and lock
        await conn.execute("insert into idempotency_key select $1, $1, $1", b"0")
        await conn.execute("lock table idempotency_key in exclusive mode")
        kim.may_go_on.set()
        await _until_locked(kim.db)
        await conn.execute("delete from idempotency_key")
    assert (await first).status_code == 200


async def _until_locked(db: Database) -> None:
    async with asyncio.timeout(10), db.pool.acquire() as conn:
        while not await conn.fetchval("select exists (select from pg_locks where not granted)"):  # noqa: ASYNC110
            await asyncio.sleep(0)


@pytest.mark.parametrize("status", [409, 404, 500])
async def test_a_refusal_is_not_kept_and_changes_nothing(kim: Kim, status: int) -> None:
    key = str(uuid4())
    assert (await kim.post(f"/refused/{status}", key=key)).status_code == status
    async with kim.db.read() as conn:
        assert await conn.fetchval("select count(*) from idempotency_key") == 0
    assert await kim.names() == []


async def test_an_invalid_body_changes_nothing(kim: Kim) -> None:
    assert (await kim.post("/things", {"name": 1}, key=str(uuid4()))).status_code == 422
    assert await kim.names() == []


@pytest.mark.parametrize("key", [None, "0123456789abcdef"])
async def test_a_commit_that_fails_is_never_answered_as_done(kim: Kim, key: str | None) -> None:
    answer = await kim.post("/uncommittable", key=key)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-server-error")
    assert await kim.names() == []


async def test_what_was_answered_as_done_is_there_to_read(kim: Kim) -> None:
    await kim.post("/things")
    assert (await kim.client.get("/things")).json() == 1


@pytest.mark.parametrize("key", ["short", "x" * 129, "with a blank in the key"])
async def test_a_key_that_others_could_guess_is_refused(kim: Kim, key: str) -> None:
    answer = await kim.post("/things", key=key)
    assert (answer.status_code, answer.json()["field"]) == (422, "idempotency-key")
    assert key not in answer.text
    assert await kim.names() == []


async def test_neither_key_nor_caller_nor_answer_can_be_read_in_the_database(kim: Kim) -> None:
    key = "canary-key-" + str(uuid4())
    await kim.post("/things", {"name": "canary-name"}, key=key, token=kim.issuer.token(sub="canary-sub"))
    async with kim.db.read() as conn:
        stored = b"".join(
            bytes(row["all"])
            for row in await conn.fetch("select key || body_hash || answer as all from idempotency_key")
        )
    assert stored
    assert b"canary" not in stored


async def test_after_a_day_an_answer_is_forgotten(kim: Kim) -> None:
    old, young = str(uuid4()), str(uuid4())
    await kim.post("/things", {"name": "old"}, key=old)
    await _make_older(kim.db)
    await kim.post("/things", {"name": "young"}, key=young)
    async with kim.db.transaction() as conn:
        assert await idempotency.forget_expired(conn) == 1
        assert await conn.fetchval("select count(*) from idempotency_key") == 1


async def test_an_expired_key_is_as_good_as_new_even_before_it_is_deleted(kim: Kim) -> None:
    key = str(uuid4())
    await kim.post("/things", {"name": "a"}, key=key)
    await _make_older(kim.db)
    assert (await kim.post("/things", {"name": "b"}, key=key)).status_code == 201
    assert (await kim.post("/things", {"name": "b"}, key=key)).headers["idempotency-replayed"] == "true"


async def _make_older(db: Database) -> None:
    async with db.transaction() as conn:
        await conn.execute("update idempotency_key set created_at = now() - interval '25 hours'")


async def test_a_database_that_is_away_is_said_to_be(kim: Kim) -> None:
    kim.db.pool.terminate()
    with pytest.raises(asyncpg.InterfaceError):
        await kim.db.pool.fetchval("select 1")
    answer = await kim.post("/things")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


@pytest.mark.parametrize("opens", [transaction, reading, logged, glance])
def test_a_transaction_before_its_guard_is_found(opens: Callable[[], Any]) -> None:
    router = Router()

    @router.post("/things")
    async def make(_tx: Annotated[Connection, opens()], _who: Annotated[Principal, allow(Role.CLERK)]) -> None:
        pass

    _assert_refused(router, "the guard must stand before")


def test_a_transaction_that_would_not_store_its_answer_is_found() -> None:
    router = APIRouter()

    @router.post("/things")
    async def make(_who: Annotated[Principal, allow(Role.CLERK)], _tx: Annotated[Connection, transaction()]) -> None:
        pass

    _assert_refused(router, r"needs a shared\.idempotency\.Router")


def _assert_refused(router: APIRouter, why: str) -> None:
    app = FastAPI()
    app.include_router(router)
    with pytest.raises(TypeError, match=why):
        idempotency.check_routes(app)
