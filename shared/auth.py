"""Who may call a route. Each says so by `allow(...)` or `public()`; `check_routes` refuses one that does not.

    who: Annotated[Principal, allow(Role.CASE_MANAGER)]     401 without a good token, 403 with another role
    who: Annotated[Principal | None, public(Role.CLERK)]    anybody; who shows a token must be a clerk
    dependencies=[public()]                                 anybody; a token is not looked at

Whether an object is the caller's is the service's to say: an object of others is `NotFound`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.openapi.models import HTTPBearer
from fastapi.routing import iter_route_contexts
from fastapi.security.base import SecurityBase
from fastapi.staticfiles import StaticFiles

from shared.errors import DomainError
from shared.service_token import ServiceToken
from shared.settings import Settings
from shared.tokens import Principal, Role, TokenRefused, Tokens

__all__ = [
    "Guard",
    "Principal",
    "Role",
    "RoleRefused",
    "ServiceToken",
    "TokenMissing",
    "TokenRefused",
    "Tokens",
    "UnguardedRoute",
    "allow",
    "allowed_roles",
    "check_routes",
    "guards",
    "install",
    "public",
]


class TokenMissing(DomainError):
    """This needs an access token."""

    status = 401
    headers: ClassVar[Mapping[str, str]] = MappingProxyType({"WWW-Authenticate": 'Bearer realm="kim"'})


class RoleRefused(DomainError):
    """Your role does not allow this."""

    status = 403
    headers: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"WWW-Authenticate": 'Bearer realm="kim", error="insufficient_scope"'}
    )


class UnguardedRoute(Exception):
    """A route says neither whom it allows nor that it is public."""


@dataclass(frozen=True)
class Guard:
    """The dependency behind `allow` and `public`, and the mark that tells whom a route allows."""

    roles: frozenset[Role]
    open: bool

    async def __call__(self, request: Request) -> Principal | None:
        principal = await self._principal(request)
        request.state.principal = principal
        return principal

    async def _principal(self, request: Request) -> Principal | None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        shown = kind.lower() == "bearer"
        if self.open and not (shown and self.roles):
            return None
        if not shown:
            raise TokenMissing
        tokens: Tokens = request.app.state.tokens
        principal = await tokens.principal(token.strip())
        if not principal.roles & self.roles:
            raise RoleRefused
        return principal


class _ShownGuard(Guard, SecurityBase):
    """One that OpenAPI shows, since FastAPI takes it for a security scheme: the route needs a token."""

    model = HTTPBearer(bearerFormat="JWT", description="OAuth 2.0 access token (RFC 9068)")
    scheme_name = "token"


def allow(*roles: Role) -> Any:
    """Callers with at least one of these roles; the endpoint gets a `Principal`."""
    if not roles:
        raise TypeError("allow() needs a role; use public() for everybody")
    return Depends(_ShownGuard(frozenset(roles), open=False))


def public(*roles: Role) -> Any:
    """Everybody; who shows a token must have one of the roles. The endpoint gets `Principal | None`."""
    return Depends(Guard(frozenset(roles), open=True))


def install(app: FastAPI, settings: Settings) -> None:
    """Let this application trust the issuers of the settings."""
    app.state.tokens = Tokens.of(settings)


def allowed_roles(route: Any) -> frozenset[Role] | None:
    """The roles that a route allows, None where it is public. Raises UnguardedRoute where it does not say.

    `route` is an APIRoute or what `fastapi.routing.iter_route_contexts` yields.
    """
    guard = _guard(route)
    return None if guard.open else guard.roles


def guards(app: FastAPI) -> Iterator[tuple[str, str, Guard]]:
    """(method, path, guard) of every route of the API. Raises UnguardedRoute at the first that has none."""
    for route in iter_route_contexts(app.routes):
        if not _is_ours_to_show(app, route):
            guard = _guard(route)
            for method in sorted(route.methods or ()):
                yield method, str(route.path), guard


def check_routes(app: FastAPI) -> None:
    """Raises UnguardedRoute unless every route says whom it allows."""
    for _ in guards(app):
        pass


def _is_ours_to_show(app: FastAPI, route: Any) -> bool:
    """The documentation and static files: nothing in them is anybody's."""
    documents = {app.openapi_url, app.docs_url, app.redoc_url, app.swagger_ui_oauth2_redirect_url}
    static = isinstance(getattr(route.original_route, "app", None), StaticFiles)
    return static or (getattr(route, "dependant", None) is None and route.path in documents)


def _guard(route: Any) -> Guard:
    dependant: Dependant | None = getattr(route, "dependant", None)
    found = [d.call for d in dependant.dependencies if isinstance(d.call, Guard)] if dependant else []
    if len(found) != 1:
        raise UnguardedRoute(f"{route.path} has {len(found)} guards instead of one")
    return found[0]
