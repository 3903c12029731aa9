"""The services, as the gateway asks them: in the name of whoever sits at the browser."""

from collections.abc import Mapping
from typing import Any

import httpx
from fastapi import Request

from services.gateway_web.state import Web, web
from shared.errors import DomainError, Unavailable
from shared.telemetry import traceparent

TIMEOUT = httpx.Timeout(10.0, connect=2.0)


class Refused(DomainError):
    """A service refused this."""

    def __init__(self, status: int, code: str, fields: frozenset[str], problem: Mapping[str, Any]) -> None:
        super().__init__()
        self.status = status  # type: ignore[misc]  # a service's problem (RFC 9457) goes on as it came
        self.code = code  # type: ignore[misc]
        self.fields = fields
        """Names of the wrong fields, without what follows their first dot."""
        self.problem = problem
        """All of it, with what helps to go on (RFC 9457, 3.2)."""

    @property
    def why(self) -> str:
        """The rule that was broken, where one is named; else the code."""
        return str(self.problem.get("rule") or self.code)


class Services:
    """Calls with one token, or with none."""

    def __init__(self, request: Request, token: str | None = None, proof: str | None = None) -> None:
        """`proof`: that of a participant's second factor."""
        self._web: Web = web(request)
        self.http = self._web.http
        self._token = token
        self._proof = proof
        self._address = request.client.host if request.client else ""

    async def get(self, service: str, path: str, *, headers: Mapping[str, str] | None = None, **query: Any) -> Any:
        """The JSON of the answer. Raises Refused, or Unavailable for a service that cannot answer."""
        return await self._call("GET", service, path, params=query, headers=dict(headers or {}))

    async def find(self, service: str, path: str, otherwise: Any, **query: Any) -> Any:
        """As `get`; `otherwise` where there is no such thing (yet)."""
        try:
            return await self.get(service, path, **query)
        except Refused as refused:
            if refused.status == 404:
                return otherwise
            raise

    async def post(
        self, service: str, path: str, body: Any = None, *, key: str | None = None, version: str | None = None
    ) -> Any:
        """`key`: the Idempotency-Key, so that what is sent twice is done once. `version`: the ETag that was read."""
        given = {"Idempotency-Key": key, "If-Match": version}
        headers = {name: value for name, value in given.items() if value}
        return await self._call("POST", service, path, json=body, headers=headers)

    async def fetch(
        self, service: str, path: str, *, headers: Mapping[str, str] | None = None, **query: Any
    ) -> httpx.Response:
        """The answer as it came, 304 included. Raises as `get`."""
        return await self._ask("GET", service, path, params=query, headers=dict(headers or {}))

    async def put(self, service: str, path: str, body: Any) -> Any:
        return await self._call("PUT", service, path, json=body)

    async def delete(self, service: str, path: str) -> None:
        await self._call("DELETE", service, path)

    def address(self, service: str) -> str:
        return str(getattr(self._web.settings, f"{service}_url")).rstrip("/")

    def headers(self) -> dict[str, str]:
        """Who asks, from where, and within which trace."""
        given = {
            "X-Forwarded-For": self._address,
            "traceparent": traceparent() or "",
            "Second-Factor": self._proof or "",
        }
        if self._token:
            given["Authorization"] = f"Bearer {self._token}"
        return {name: value for name, value in given.items() if value}

    async def _call(self, method: str, service: str, path: str, **options: Any) -> Any:
        answer = await self._ask(method, service, path, **options)
        return answer.json() if answer.content else None

    async def _ask(self, method: str, service: str, path: str, **options: Any) -> httpx.Response:
        headers = self.headers() | options.pop("headers", {})
        try:
            answer = await self._web.http.request(method, self.address(service) + path, headers=headers, **options)
        except httpx.HTTPError:
            raise Unavailable from None
        if answer.status_code >= 500:
            raise Unavailable
        if answer.is_error:
            raise _refused(answer)
        return answer


def _refused(answer: httpx.Response) -> Refused:
    problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    named = [error.get("field") for error in problem.get("errors") or [problem]]
    fields = frozenset(str(field).split(".", 1)[0] for field in named if field)
    return Refused(answer.status_code, str(problem.get("code", "")), fields, problem)
