"""What the seed and the demo share: addresses of the running services, and tokens of the development issuer."""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx

from shared.settings import Settings

DEVELOPMENT_GRANT = "urn:kim:dev-user"


class RefusedError(Exception):
    """A service answered with a problem; the text is its code and the fields it names."""


@dataclass
class Client:
    """HTTP to every service, as whoever a call says."""

    settings: Settings
    _http: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=20))
    _tokens: dict[str, str] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def call(
        self, method: str, url: str, *, token: str | None = None, json: Any = None, proof: str | None = None
    ) -> Any:
        """The answer's JSON, None where it has none. Raises RefusedError for a status of 400 and above."""
        headers: dict[str, str] = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Second-Factor": proof} if proof else {}
        answer = await self._http.request(method, url, json=json, headers=headers)
        if answer.is_error:
            problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
            named = [each.get("field") for each in problem.get("errors") or [problem]]
            raise RefusedError(f"{method} {url}: {answer.status_code} {problem.get('code', '')} {named}")
        return answer.json() if answer.content else None

    async def download(self, url: str, *, token: str, proof: str) -> bytes:
        """A file. Raises RefusedError for a status of 400 and above."""
        answer = await self._http.get(url, headers={"Authorization": f"Bearer {token}", "Second-Factor": proof})
        if answer.is_error:
            raise RefusedError(f"GET {url}: {answer.status_code}")
        return answer.content

    async def token(self, user: str) -> str:
        """An access token for one of the issuer's development users."""
        if user not in self._tokens:
            answer = await self._http.post(
                f"{self.settings.oidc_issuer}/token", data={"grant_type": DEVELOPMENT_GRANT, "user": user}
            )
            answer.raise_for_status()
            self._tokens[user] = answer.json()["access_token"]
        return self._tokens[user]
