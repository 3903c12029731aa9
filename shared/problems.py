"""The one mapping of errors to HTTP: RFC 9457 problem details, as `application/problem+json`.

Confidential: an answer names the field and the rule, and never repeats what was sent; a log line names the class of
the error and the place in the code, never its text, since a driver's text may quote a row.
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import DomainError, Invalid, Unavailable
from shared.invalid_fields import InvalidField, invalid_fields

MEDIA_TYPE = "application/problem+json"

UNAVAILABLE: tuple[type[Exception], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.TransactionRollbackError,
    asyncpg.TransactionTimeoutError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.LockNotAvailableError,
    asyncpg.InterfaceError,
    ConnectionError,
    TimeoutError,
)
"""What passes when the same request is sent again later: the database is away, restarting, or gave way to another."""

_log = structlog.get_logger(__name__)


class Problem(BaseModel):
    """RFC 9457. `type` is `urn:kim:problem:<code>`; `errors` says which fields are wrong, where more than one can be."""

    type: str
    title: str
    status: int
    code: str
    field: str | None = None
    errors: list[InvalidField] | None = None


def problem(
    status: int,
    code: str,
    title: str,
    *,
    field: str | None = None,
    errors: list[InvalidField] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer that carries the problem; members without a value are left out."""
    body = Problem(
        type=f"urn:kim:problem:{code}", title=title, status=status, code=code, field=field, errors=errors
    )
    content = json.dumps(body.model_dump(exclude_none=True), ensure_ascii=False)
    return Response(content, status, dict(headers or {}), MEDIA_TYPE)


def of_status(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """A problem that is no more than its HTTP status."""
    phrase = HTTPStatus(status).phrase
    return problem(status, phrase.lower().replace(" ", "-"), phrase, headers=headers)


def of_domain_error(error: DomainError) -> Response:
    return problem(error.status, error.code, error.message, field=error.field, headers=error.headers)


def install(app: FastAPI) -> None:
    """Let every error of this application leave as a problem, and let OpenAPI say so."""
    app.add_exception_handler(DomainError, _on_domain_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_exception)
    for kind in UNAVAILABLE:
        app.add_exception_handler(kind, _on_unavailable)
    app.add_middleware(_Unexpected)
    app.router.responses["default"] = {"description": "Problem details (RFC 9457)", "model": Problem}
    app.openapi = partial(_openapi, app.openapi)  # type: ignore[method-assign]


def _openapi(plain: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """FastAPI documents every model under the media type of the route; a problem has one of its own."""
    schema = plain()
    for operations in schema.get("paths", {}).values():
        for operation in operations.values():
            content = operation["responses"].get("default", {}).get("content", {})
            if "application/json" in content:
                content[MEDIA_TYPE] = content.pop("application/json")
    return schema


async def _on_domain_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    return of_domain_error(error)


async def _on_invalid_request(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = invalid_fields(error.errors())
    return problem(422, Invalid.code, Invalid.message, field=fields[0].field, errors=fields)


async def _on_http_exception(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return of_status(error.status_code, error.headers)


async def _on_unavailable(_request: Request, error: Exception) -> Response:
    if isinstance(error, asyncpg.DataError):  # an InterfaceError to asyncpg, but a mistake of ours
        raise error
    _log.warning("unavailable", error=type(error).__name__, place=place_of(error.__traceback__))
    return of_domain_error(Unavailable())


def place_of(traceback: TracebackType | None) -> str:
    """Module and line of the innermost frame that is ours; of the innermost one where none is."""
    place = "unknown"
    while traceback is not None:
        name = traceback.tb_frame.f_globals.get("__name__", "")
        if place == "unknown" or name.split(".")[0] in {"shared", "services", "deploy"}:
            place = f"{name}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place


class Aborted(Exception):  # noqa: N818 -- it is what happened to the answer
    """The answer had begun when something unexpected happened; the connection is cut. The log line before says what."""


class _Unexpected:
    """Answers what nobody expected with a bare 500, and keeps its text from the server's own log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001 -- this is the last place that can
            _log.error("unexpected", error=type(error).__name__, place=place_of(error.__traceback__))  # noqa: TRY400
            if scope["type"] != "http" or started:
                raise Aborted from None
            await of_status(500)(scope, receive, send)


