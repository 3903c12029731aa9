"""The issuer as an application."""

from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from deploy.issuer import authorize, token
from deploy.issuer.codes import Codes
from deploy.issuer.identities import identities
from deploy.issuer.minting import Mint
from deploy.issuer.pages import sign_in
from deploy.issuer.secret_files import client_secrets, signing_key
from shared import http, problems
from shared.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """Makes key and secrets where there are none yet. Raises OSError where KIM_SECRETS_DIR cannot be written."""
    app = FastAPI(title="KIM development issuer", version="1")
    known = identities()
    app.state.identities = known
    app.state.codes = Codes()
    app.state.mint = Mint(signing_key(settings.secrets_dir), settings.oidc_issuer, settings.oidc_audience)
    app.state.client_secrets = client_secrets(settings.secrets_dir, (system.name for system in known.systems))
    app.include_router(authorize.router)
    app.include_router(token.router)
    app.exception_handler(token.TokenError)(token.on_token_error)
    _describe(app, app.state.mint)
    problems.install(app)
    http.install(app)
    return app


def _describe(app: FastAPI, mint: Mint) -> None:
    @app.get("/.well-known/openid-configuration")
    async def configuration() -> dict[str, Any]:
        """OpenID Connect Discovery 1.0."""
        base = mint.issuer.rstrip("/")
        return {
            "issuer": mint.issuer,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/jwks",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "client_credentials", token.DEVELOPMENT_GRANT],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "scopes_supported": ["openid"],
        }

    @app.get("/jwks")
    async def jwks() -> dict[str, Any]:
        """The public key (RFC 7517)."""
        return {"keys": [mint.public_jwk]}

    @app.get("/health/ready")
    @app.get("/health/live")
    async def ready() -> dict[str, bool]:
        return {"ready": True}

    @app.get("/")
    async def who() -> HTMLResponse:
        """Who can sign in here."""
        return HTMLResponse(sign_in(app.state.identities.people, {}))
