"""Bodies are small and strict, text hides nothing, and nobody between keeps an answer."""

from collections.abc import AsyncIterator
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import TypeAdapter, ValidationError

from shared import http, problems
from shared.bodies import Body, Text
from shared.http import BODY_LIMIT
from tests.shared.serving import serve

Name = Annotated[str, Text(10)]
Message = Annotated[str, Text(20, shortest=0, lines=True)]


class Colour(StrEnum):
    RED = "red"


class Part(Body):
    number: int


class Whole(Body):
    id: UUID
    at: datetime
    fee: Decimal
    colour: Colour
    parts: tuple[Part, ...] = ()
    yes: bool | None = None
    on: date | None = None
    until: time | None = None


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()

    @app.post("/bodies")
    async def bodies(body: dict[str, Any]) -> int:
        return len(body)

    @app.post("/unread")
    async def unread() -> None:
        return None

    @app.post("/raw")
    async def raw(request: Request) -> int:
        return len(await request.body())

    problems.install(app)
    http.install(app)
    async with serve(app) as url, httpx.AsyncClient(base_url=url) as client:
        yield client


async def _pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(0, size, 1024):
        yield b" " * 1024


@pytest.mark.parametrize("path", ["/bodies", "/unread", "/raw"])
@pytest.mark.parametrize("size", [BODY_LIMIT + 1, 900_000])
async def test_an_announced_body_above_the_limit_is_refused(client: httpx.AsyncClient, path: str, size: int) -> None:
    answer = await client.post(path, content=b" " * size, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert answer.json()["code"] == "content-too-large"


@pytest.mark.parametrize("path", ["/bodies", "/raw"])
async def test_a_streamed_body_above_the_limit_is_refused(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.post(path, content=_pieces(BODY_LIMIT + 1024), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")


async def test_a_body_at_the_limit_is_taken(client: httpx.AsyncClient) -> None:
    assert (await client.post("/raw", content=b"x" * BODY_LIMIT)).json() == BODY_LIMIT
    assert (await client.post("/raw", content=_pieces(BODY_LIMIT))).json() == BODY_LIMIT


@pytest.mark.parametrize("path", ["/unread", "/nowhere"])
async def test_every_answer_is_neither_kept_nor_guessed_at(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.post(path)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


def _read(kind: Any, value: object) -> Any:
    return TypeAdapter(kind).validate_python(value)


def test_text_is_trimmed_and_composed() -> None:
    assert _read(Name, "  Cafe\u0301 ") == "Café"
    assert _read(Message, "one\r\ntwo\tthree") == "one\ntwo three"


@pytest.mark.parametrize("text", ["ትግርኛ", "فارسی\u200cها", "\u200fعربي", "Đặng", "🧑🏽‍🦱", "Հայերեն"])  # noqa: RUF001 -- they are
def test_people_write_their_language(text: str) -> None:
    assert _read(Name, text) == text


@pytest.mark.parametrize(
    "text", ["a\x00b", "a\x1bb", "a\x7fb", "a\x85b", "a\u202eb", "a\u2066b", "a\ue000b", "a\ud800b", "a\u2028b", "a\nb"]
)
def test_what_hides_in_text_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        _read(Name, text)


@pytest.mark.parametrize("text", ["", "   ", "x" * 11, 5, None])
def test_text_has_its_length_and_its_type(text: object) -> None:
    with pytest.raises(ValidationError):
        _read(Name, text)


_GOOD = {"id": str(uuid4()), "at": "2026-12-01T10:00:00+01:00", "fee": "25.00", "colour": "red"}


def test_a_body_reads_what_json_has_no_type_for_from_strings() -> None:
    whole = _read(Whole, _GOOD | {"parts": [{"number": 1}], "yes": True})
    assert (whole.fee, whole.colour, whole.parts[0].number) == (Decimal("25.00"), Colour.RED, 1)


@pytest.mark.parametrize(
    "wrong",
    [{"parts": [{"number": "1"}]}, {"parts": [{"number": True}]}, {"yes": "true"}, {"yes": 1}, {"more": 1}, {"id": 1}],
    ids=str,
)
def test_a_body_converts_no_number_and_no_truth_value(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        _read(Whole, _GOOD | wrong)


@pytest.mark.parametrize(
    "wrong",
    [{"on": 7}, {"on": "4102444800"}, {"until": 7}, {"until": "7"}, {"at": 7}, {"at": 0.5}, {"at": "4102444800"}],
    ids=str,
)
def test_a_number_of_seconds_is_no_moment(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="must be "):
        _read(Whole, _GOOD | wrong)


def test_moments_are_read_as_rfc_3339_writes_them() -> None:
    whole = _read(Whole, _GOOD | {"on": "2027-01-31", "until": "09:30"})
    assert (whole.on, whole.until) == (date(2027, 1, 31), time(9, 30))


def test_the_schema_of_text_says_its_length() -> None:
    assert TypeAdapter(Name).json_schema() == {"type": "string", "minLength": 1, "maxLength": 10}
