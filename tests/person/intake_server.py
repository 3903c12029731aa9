"""What the other services and the issuer answer to person, over real HTTP: intake at the root, all below their name."""

from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Header, HTTPException, Response
from fastapi.responses import JSONResponse

TOKEN = "a service token"
ISSUER = "http://issuer.example"
NOTE_KEY = b"k" * 32
"""With which the notes of each case are written, as person would tell case."""
LEFT_OUT = {"interpreter": {"ranked_candidate": "rights_of_others"}}


async def _nothing() -> None:
    return


@dataclass
class IntakeServer:
    blocks: dict[UUID, bytes] = field(default_factory=dict)
    away: bool = False
    asked: list[UUID] = field(default_factory=list)
    meanwhile: Callable[[], Awaitable[None]] = _nothing
    """What happens while a block is on its way."""
    url: str = ""
    issuer: str = ISSUER
    held: dict[tuple[str, UUID], dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    """(service, enquiry) -> table -> rows, for an export."""
    nothing: str = "nothing-held"
    """The problem's code of a service that holds nothing."""
    accesses: dict[UUID, list[dict[str, Any]]] = field(default_factory=dict)
    """Who read what of a case, by enquiry."""
    silent: set[str] = field(default_factory=set)
    """Services that do not answer when they are asked for an export."""

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def configuration() -> dict[str, str]:
            told = {name: f"{self.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint")}
            return told | {"issuer": self.issuer}

        @app.post("/token_endpoint")
        async def token() -> dict[str, str | int]:
            return {"access_token": TOKEN, "expires_in": 300, "token_type": "Bearer"}

        @app.get("/internal/enquiries/{enquiry_id}/sealed")
        async def sealed(enquiry_id: UUID, authorization: str = Header()) -> dict[str, str]:
            return await self._sealed(enquiry_id, authorization)

        @app.get("/internal/enquiries/{enquiry_id}/export")
        @app.get("/{service}/internal/enquiries/{enquiry_id}/export")
        async def export(enquiry_id: UUID, service: str = "intake", authorization: str = Header()) -> Any:
            if service in self.silent or authorization != f"Bearer {TOKEN}":
                raise HTTPException(503)
            if tables := self.held.get((service, enquiry_id)):
                return {"tables": tables, "left_out": LEFT_OUT.get(service, {})}
            return JSONResponse({"code": self.nothing}, 404)

        @app.get("/case/internal/enquiries/{enquiry_id}/accesses")
        async def accesses(enquiry_id: UUID, authorization: str = Header()) -> Any:
            return self._accesses(enquiry_id, authorization)

        @app.post("/person/persons/by-enquiry/{enquiry_id}/note-key")
        async def note_key(enquiry_id: UUID) -> dict[str, str]:
            self.asked.append(enquiry_id)
            return {"key": b64encode(NOTE_KEY).decode()}

        @app.exception_handler(HTTPException)
        async def plain(_request: object, error: HTTPException) -> Response:
            return Response(status_code=error.status_code)

        return app

    def _accesses(self, enquiry_id: UUID, authorization: str) -> JSONResponse:
        if "case" in self.silent or authorization != f"Bearer {TOKEN}":
            raise HTTPException(503)
        found = self.accesses.get(enquiry_id)
        return JSONResponse(found) if found else JSONResponse({"code": self.nothing}, 404)

    async def _sealed(self, enquiry_id: UUID, authorization: str) -> dict[str, str]:
        self.asked.append(enquiry_id)
        if self.away:
            raise HTTPException(503)
        if authorization != f"Bearer {TOKEN}":
            raise HTTPException(401)
        if enquiry_id not in self.blocks:
            raise HTTPException(404)
        await self.meanwhile()
        return {"sealed": b64encode(self.blocks[enquiry_id]).decode()}
