"""The API as a client sees it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.shared.issuing import TestIssuer

Message = tuple[int, dict[str, Any]]
"""Id and data of a server-sent event."""


@dataclass
class Api:
    client: httpx.AsyncClient
    issuer: TestIssuer
    as_: dict[str, Any] = field(default_factory=lambda: {"roles": ["coordinator"], "office": "dinslaken"})

    async def get(self, path: str, **claims: Any) -> httpx.Response:
        return await self.client.get(path, headers=self.token(claims))

    async def post(self, path: str, body: Any, **claims: Any) -> httpx.Response:
        return await self.client.post(path, json=body, headers=self.token(claims))

    def token(self, claims: dict[str, Any]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.issuer.token(**(claims or self.as_))}"}

    @asynccontextmanager
    async def follow(self, path: str, *, after: int | None = None) -> AsyncIterator[AsyncIterator[Message]]:
        """The messages of a stream as they come; `after` is the Last-Event-ID."""
        headers = self.token({}) | ({} if after is None else {"Last-Event-ID": str(after)})
        async with self.client.stream("GET", path, headers=headers) as response:
            assert response.status_code == 200
            assert response.headers["content-type"].startswith("text/event-stream")
            yield _messages(response)


async def _messages(response: httpx.Response) -> AsyncIterator[Message]:
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            yield int(fields["id"]), json.loads(fields["data"])
            fields = {}


async def take(messages: AsyncIterator[Message], number: int) -> list[Message]:
    async with asyncio.timeout(10):
        return [await anext(messages) for _ in range(number)]
