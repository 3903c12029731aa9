"""Intake as a trusted issuer of its own: it gives participants tokens for their codes, and shows its public key."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from services.intake.bodies import Code, ParticipantToken
from services.intake.code_exchange import CodeRefused, issue_token
from services.intake.participant_token import LIFETIME, Signer
from shared.auth import public
from shared.database import Database

router = APIRouter(dependencies=[public()])
_PUBLIC = "public, max-age=300"


async def _signer(request: Request) -> Signer:
    signer: Signer = request.app.state.signer
    return signer


Issuing = Annotated[Signer, Depends(_signer)]


@router.post("/participant/token")
async def exchange(body: Code, request: Request, signer: Issuing) -> ParticipantToken:
    """A token of 15 minutes for the participant's code. 401 for any code that opens nothing; 429 for too many.

    The count of failures is committed also where the code is refused. A gateway passes on its client's address in
    `X-Forwarded-For`, so that not all its clients share one count.
    """
    database: Database = request.app.state.database
    address = request.client.host if request.client else ""
    async with database.transaction() as tx:
        token = await issue_token(tx, signer, body.code, address)
    if token is None:
        raise CodeRefused
    return ParticipantToken(access_token=token, expires_in=int(LIFETIME.total_seconds()))


@router.get("/jwks")
async def jwks(signer: Issuing, response: Response) -> dict[str, Any]:
    """The key set of intake's tokens (RFC 7517)."""
    response.headers["Cache-Control"] = _PUBLIC
    return signer.keys.jwks()


@router.get("/.well-known/openid-configuration")
async def configuration(request: Request, signer: Issuing, response: Response) -> dict[str, Any]:
    """The issuer's metadata, as far as resource servers need it (RFC 8414)."""
    response.headers["Cache-Control"] = _PUBLIC
    return {
        "issuer": signer.issuer,
        "jwks_uri": request.app.state.settings.intake_jwks_url,
        "token_endpoint": f"{signer.issuer}/participant/token",
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }
