"""Clients of other services.

All of a process share one TLS context: reading the certificate authorities takes 20 ms, in which the loop stands still.
"""

import ssl
from functools import cache
from typing import Any

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """The authorities of certifi, whatever the environment says."""
    return httpx.create_ssl_context(trust_env=False)


def http_client(**options: Any) -> httpx.AsyncClient:
    """As httpx.AsyncClient: without a proxy, and without what else the environment says."""
    return httpx.AsyncClient(trust_env=False, verify=trusted(), **options)
