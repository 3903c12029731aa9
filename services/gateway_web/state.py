"""What one process of the gateway has, from start to end. Nothing of the domain is in it."""

from dataclasses import dataclass, field

import httpx
from cryptography.fernet import Fernet
from fastapi import Request

from services.gateway_web.limits import Limit
from services.gateway_web.oidc import SignIn
from shared.settings import Settings


@dataclass(frozen=True)
class FeedLimits:
    """Of calendar feeds, in a minute."""

    address: Limit = field(default_factory=lambda: Limit(300))
    """A calendar server looks for many."""
    feed: Limit = field(default_factory=lambda: Limit(12))


@dataclass(frozen=True)
class Web:
    settings: Settings
    http: httpx.AsyncClient
    fernet: Fernet
    secret: bytes
    """For MACs and seals of this gateway."""
    sign_in: SignIn
    feed_limits: FeedLimits = field(default_factory=FeedLimits)


def web(request: Request) -> Web:
    found: Web = request.app.state.web
    return found
