"""Errors leave as problem details that name the field and repeat nothing."""

import logging
import re
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import structlog
from fastapi import APIRouter, FastAPI
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from shared import problems
from shared.errors import DomainError, Invalid, NotFound, Unavailable

CANARY = "canary-4711"


class SlotAlreadyTaken(DomainError):
    """Somebody else has taken
    this slot.
    """


def _even(number: int) -> int:
    if number % 2:
        raise ValueError("must be even")
    return number


def _careless(text: str) -> int:
    return int(text)


def _chatty(text: str) -> str:
    raise ValueError(f"{text} is not for us")


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    languages: list[Annotated[str, Field(max_length=3)]]
    id: UUID | None = None
    number: Annotated[int, AfterValidator(_even)] = 0
    careless: Annotated[str, AfterValidator(_careless)] = "1"
    chatty: Annotated[str, AfterValidator(_chatty)] = ""


def _app() -> FastAPI:
    router = APIRouter()

    @router.post("/things")
    async def things(body: Body) -> str:
        return body.languages[0]

    @router.get("/fails/{kind}")
    async def fails(kind: str) -> None:
        raise {
            "taken": SlotAlreadyTaken("slot"),
            "missing": NotFound(),
            "invalid": Invalid("postcode"),
            "away": asyncpg.CannotConnectNowError(CANARY),
            "refused": ConnectionRefusedError(CANARY),
            "mistake": asyncpg.DataError(CANARY),
            "bug": RuntimeError(CANARY),
        }[kind]

    @router.get("/stream")
    async def stream() -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"first"
            raise RuntimeError(CANARY)

        return StreamingResponse(chunks())

    app = FastAPI()
    app.include_router(router)
    problems.install(app)
    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://kim") as client:
        yield client


async def _fields(client: httpx.AsyncClient, body: Any) -> dict[str, tuple[str, str]]:
    answer = await client.post("/things", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert CANARY not in answer.text
    problem = answer.json()
    assert problem["type"] == "urn:kim:problem:invalid"
    assert problem["field"] == problem["errors"][0]["field"]
    return {e["field"]: (e["code"], e["message"]) for e in problem["errors"]}


def test_an_error_says_its_docstring_and_is_called_by_its_name() -> None:
    assert SlotAlreadyTaken.code == "slot-already-taken"
    assert SlotAlreadyTaken.message == "Somebody else has taken this slot."
    assert str(SlotAlreadyTaken("slot")) == SlotAlreadyTaken.message


def test_an_error_without_a_docstring_is_not_defined() -> None:
    with pytest.raises(TypeError, match="needs a docstring"):
        type("Silent", (DomainError,), {})


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("taken", 409, "slot-already-taken"),
        ("missing", 404, "not-found"),
        ("invalid", 422, "invalid"),
    ],
)
async def test_a_refusal_is_a_problem(client: httpx.AsyncClient, kind: str, status: int, code: str) -> None:
    answer = await client.get(f"/fails/{kind}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_refusal_names_its_field(client: httpx.AsyncClient) -> None:
    assert (await client.get("/fails/taken")).json() == {
        "type": "urn:kim:problem:slot-already-taken",
        "title": "Somebody else has taken this slot.",
        "status": 409,
        "code": "slot-already-taken",
        "field": "slot",
    }


@pytest.mark.parametrize("kind", ["away", "refused"])
async def test_a_database_that_is_away_is_a_passing_state(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.get(f"/fails/{kind}")
    assert (answer.status_code, answer.json()["code"]) == (503, Unavailable.code)
    assert answer.headers["retry-after"] == "2"


@pytest.mark.parametrize("kind", ["bug", "mistake"])
async def test_the_unexpected_tells_nothing_and_its_log_only_where(
    client: httpx.AsyncClient, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    with structlog.testing.capture_logs() as logged, caplog.at_level(logging.DEBUG):
        answer = await client.get(f"/fails/{kind}")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-server-error")
    assert CANARY not in answer.text + str(logged) + caplog.text
    assert logged[0]["event"] == "unexpected"
    assert re.fullmatch(r"\w+ at [\w.]+:\d+", logged[0]["error"])


async def test_an_answer_that_breaks_in_the_middle_is_cut_off_without_its_reason(
    client: httpx.AsyncClient,
) -> None:
    with pytest.raises(problems.Aborted) as caught:
        await client.get("/stream")
    assert caught.value.__suppress_context__


async def test_every_wrong_field_is_named(client: httpx.AsyncClient) -> None:
    wrong = dict.fromkeys(("id", "careless", "chatty", "more"), CANARY) | {"languages": [CANARY], "number": 3}
    assert await _fields(client, wrong) == {
        "languages.0": ("string-too-long", "must have at most 3 characters"),
        "id": ("uuid-parsing", "must be a UUID"),
        "number": ("value-error", "must be even"),
        "careless": ("value-error", "is not valid"),
        "chatty": ("value-error", "is not valid"),
        "more": ("extra-forbidden", "is not known here"),
    }


async def test_a_key_that_may_be_data_is_not_repeated(client: httpx.AsyncClient) -> None:
    assert set(await _fields(client, {"languages": [], f"+49 {CANARY}": 1})) == {"*"}


@pytest.mark.parametrize("body", ['{"languages": [', f'"{CANARY}"', "", "[1]"])
async def test_a_body_that_is_no_object_is_named_as_a_whole(client: httpx.AsyncClient, body: str) -> None:
    answer = await client.post("/things", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["field"]) == (422, "body")
    assert CANARY not in answer.text


async def test_unknown_paths_and_methods_are_problems(client: httpx.AsyncClient) -> None:
    missing, wrong = await client.get(f"/{CANARY}"), await client.put("/things")
    assert (missing.status_code, missing.json()["code"]) == (404, "not-found")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method-not-allowed")
    assert wrong.headers["allow"] == "POST"
    assert CANARY not in missing.text


async def test_openapi_documents_the_problem_once_for_every_route(client: httpx.AsyncClient) -> None:
    schema = (await client.get("/openapi.json")).json()
    responses = schema["paths"]["/things"]["post"]["responses"]
    assert responses["default"]["content"] == {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    }
    assert "422" not in responses
