"""Who is calling: JWT access tokens (RFC 9068) of the issuers that we trust, read into a `Principal`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

import jwt
from pydantic import BaseModel, Field, ValidationError

from shared.errors import DomainError
from shared.jwks import KeySet
from shared.settings import Settings

ALGORITHMS = ("ES256", "RS256", "EdDSA")
LEEWAY = 5
"""Seconds by which clocks may differ."""
_REQUIRED = ("iss", "aud", "exp", "iat", "sub")
_TYPES = frozenset({"at+jwt", "application/at+jwt", "jwt"})


class Role(StrEnum):
    PARTICIPANT = "participant"
    CLERK = "clerk"
    CASE_MANAGER = "case_manager"
    COORDINATOR = "coordinator"
    INTERPRETER = "interpreter"
    PARTNER = "partner"
    ADMINISTRATOR = "administrator"
    SERVICE = "service"
    MONITOR = "monitor"
    """A program that watches how the services fare: it sees their metrics and nothing else."""


class TokenRefused(DomainError):
    """The access token is not valid, not meant for this service, or has expired."""

    status = 401
    headers: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"WWW-Authenticate": 'Bearer realm="kim", error="invalid_token"'}
    )


@dataclass(frozen=True)
class Principal:
    """The caller. `municipalities` holds AGS; `enquiry_id` is what a participant's token is limited to."""

    subject: str
    roles: frozenset[Role]
    municipalities: frozenset[str] = frozenset()
    office: str | None = None
    enquiry_id: UUID | None = None
    token: str = field(default="", repr=False)


class _Claims(BaseModel):
    sub: Annotated[str, Field(min_length=1, max_length=255)]
    roles: frozenset[str] = frozenset()
    municipalities: frozenset[Annotated[str, Field(pattern=r"^\d{8}$")]] = frozenset()
    office: Annotated[str, Field(pattern=r"^[a-z-]{1,40}$")] | None = None
    enquiry_id: UUID | None = None


@dataclass(frozen=True)
class Issuer:
    """One who may sign tokens: intake for participants alone, the OIDC issuer for everybody else."""

    name: str
    keys: KeySet
    for_participants: bool

    def principal(self, claims: Mapping[str, Any], token: str) -> Principal:
        """Raises TokenRefused where the claims say more than this issuer may say."""
        try:
            known = _Claims.model_validate(claims)
        except ValidationError:
            raise TokenRefused from None
        roles = frozenset(role for role in Role if role in known.roles)
        if self.for_participants and (known.roles != {Role.PARTICIPANT} or known.enquiry_id is None):
            raise TokenRefused
        if not self.for_participants and Role.PARTICIPANT in roles:
            raise TokenRefused
        if self.for_participants:
            return Principal(known.sub, roles, enquiry_id=known.enquiry_id, token=token)
        return Principal(known.sub, roles, known.municipalities, known.office, token=token)


class Tokens:
    """Verifies access tokens for one audience."""

    def __init__(self, audience: str, *issuers: Issuer) -> None:
        self._audience = audience
        self._issuers = {issuer.name: issuer for issuer in issuers}

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(
            settings.oidc_audience,
            Issuer(settings.oidc_issuer, KeySet(settings.oidc_jwks_url), for_participants=False),
            Issuer(settings.intake_issuer, KeySet(settings.intake_jwks_url), for_participants=True),
        )

    async def principal(self, token: str) -> Principal:
        """The caller that the token names. Raises TokenRefused, or Unavailable without the issuer's keys."""
        try:
            issuer, kid = self._unverified(token)
            key = await issuer.keys.key(kid)
            if key is None:
                raise TokenRefused
            claims = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self._audience,
                issuer=issuer.name,
                leeway=LEEWAY,
                options={"require": list(_REQUIRED)},
            )
        except jwt.PyJWTError:
            raise TokenRefused from None
        return issuer.principal(claims, token)

    def _unverified(self, token: str) -> tuple[Issuer, str]:
        """Whose key to verify with: the only use that is made of anything unverified."""
        parts = jwt.decode_complete(token, options={"verify_signature": False})
        header, issuer = parts["header"], self._issuers.get(str(parts["payload"].get("iss")))
        kid, kind = header.get("kid"), str(header.get("typ", "jwt")).lower()
        if issuer is None or not isinstance(kid, str) or kind not in _TYPES:
            raise TokenRefused
        return issuer, kid
