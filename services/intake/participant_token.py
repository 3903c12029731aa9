"""A participant's access token (RFC 9068): 15 minutes, for one enquiry and what grew from it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

import jwt

from services.intake.keys import Keys
from shared.auth import Role

LIFETIME = timedelta(minutes=15)


@dataclass(frozen=True)
class Signer:
    """Intake as an issuer: its keys, its name and whom its tokens are for."""

    keys: Keys
    issuer: str
    audience: str

    @cached_property
    def _kid(self) -> str:
        return self.keys.kid

    def sign(self, enquiry_id: UUID, token_id: UUID, now: datetime) -> str:
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": str(enquiry_id),
            "client_id": "participant",
            "jti": str(token_id),
            "iat": now,
            "exp": now + LIFETIME,
            "roles": [Role.PARTICIPANT],
            "enquiry_id": str(enquiry_id),
        }
        headers = {"kid": self._kid, "typ": "at+jwt"}
        return jwt.encode(claims, self.keys.signing, algorithm="ES256", headers=headers)
