"""The one mapping of errors to HTTP: RFC 9457 problem details, as `application/problem+json`.

Confidential: an answer names the field and the rule, and never repeats what was sent; a log line names the
class of the error and the place in the code, never its text, since a driver's text may quote a row.
"""

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import DomainError, Invalid, Unavailable
from shared.faults import TRANSIENT, is_transient
from shared.invalid_fields import InvalidField, invalid_fields
from shared.telemetry import place_of

MEDIA_TYPE = "application/problem+json"
_PHRASES = {413: "Content Too Large", 422: "Unprocessable Content"}
"""As RFC 9110 has them; Python says so only from 3.13 on, and a code must not depend on that."""

_log = structlog.get_logger(__name__)


class Problem(BaseModel):
    """RFC 9457. `type` is `urn:kim:problem:<code>`; `errors` names the wrong fields of an invalid request."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    field: str | None = None
    errors: list[InvalidField] | None = None


def of_domain_error(error: DomainError, errors: list[InvalidField] | None = None) -> Response:
    """The answer to a refusal; members without a value are left out."""
    problem = Problem(
        type=f"urn:kim:problem:{error.code}",
        title=error.message,
        status=error.status,
        code=error.code,
        field=error.field,
        errors=errors,
        **error.members,
    )
    return _answer(problem, error.headers)


def of_status(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """A problem that is no more than its HTTP status."""
    title = _PHRASES.get(status) or HTTPStatus(status).phrase
    code = title.lower().replace(" ", "-")
    return _answer(Problem(type=f"urn:kim:problem:{code}", title=title, status=status, code=code), headers)


def _answer(problem: Problem, headers: Mapping[str, str] | None) -> Response:
    content = problem.model_dump_json(exclude_none=True)
    return Response(content, problem.status, dict(headers or {}), MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let every error of this application leave as a problem, and let OpenAPI say so."""
    app.exception_handler(DomainError)(_on_domain_error)
    app.exception_handler(RequestValidationError)(_on_invalid_request)
    app.exception_handler(HTTPException)(_on_http_exception)
    for kind in TRANSIENT:
        app.exception_handler(kind)(_on_unavailable)
    app.add_middleware(_Unexpected)
    app.openapi = partial(_openapi, app.openapi)  # type: ignore[method-assign]


def _openapi(plain: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Every operation answers with a problem by default; FastAPI's own form of an invalid request goes."""
    schema = plain()
    parts = schema.setdefault("components", {}).setdefault("schemas", {})
    if "Problem" not in parts:
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        parts.update(problem.pop("$defs"), Problem=problem)
        for operation in (op for ops in schema["paths"].values() for op in ops.values()):
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = _PROBLEM_RESPONSE
        parts.pop("HTTPValidationError", None)
        parts.pop("ValidationError", None)
    return schema


_PROBLEM_RESPONSE = {
    "description": "Problem details (RFC 9457)",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


async def _on_domain_error(_request: Request, error: DomainError) -> Response:
    return of_domain_error(error)


async def _on_invalid_request(_request: Request, error: RequestValidationError) -> Response:
    fields = invalid_fields(error.errors())
    return of_domain_error(Invalid(fields[0].field), fields)


async def _on_http_exception(_request: Request, error: HTTPException) -> Response:
    return of_status(error.status_code, error.headers)


async def _on_unavailable(_request: Request, error: Exception) -> Response:
    if not is_transient(error):
        raise error
    _log.warning("unavailable", error=place_of(error))
    return of_domain_error(Unavailable())


class Aborted(Exception):
    """The answer had begun when something unexpected happened: the connection is cut, the log says why."""


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
            _log.error("unexpected", error=place_of(error))
            if scope["type"] != "http" or started:
                raise Aborted from None
            await of_status(500)(scope, receive, send)
