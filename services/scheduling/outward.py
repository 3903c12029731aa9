"""Requests to addresses that somebody typed in: never to anything inside (server-side request forgery).

Only https is spoken. A name is resolved once, every address that it has is looked at, and the connection goes to the
very address that was looked at, so that a name which changes its mind meanwhile (DNS rebinding) gains nothing; Host
and the certificate's check keep the name. Redirects are followed a few times, and each is looked at like the first.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from socket import SOCK_STREAM

import httpx

MOST_BYTES = 5 * 1024 * 1024
TIME = 20.0
"""Seconds for all of it, redirects included."""
MOST_REDIRECTS = 3
PORTS = frozenset({443, 8443})
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""NAT64 (RFC 6052, RFC 8215): an IPv4 address is inside."""
Resolve = Callable[[str, int], Awaitable[list[str]]]
Login = tuple[str, str]


class NotReached(Exception):
    """Coded, for whoever the calendar belongs to."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Asked:
    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes = b""
    login: Login | None = None


@dataclass(frozen=True)
class Answered:
    content: bytes | None
    """None: still as the entity tag says (304)."""
    etag: str | None


async def resolve(host: str, port: int) -> list[str]:
    """Every address of the host. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def is_public(text: str) -> bool:
    """Whether an address is somebody's on the internet, and holds no other one inside."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and (
        address.ipv4_mapped
        or address.sixtofour
        or address.teredo
        or address.is_site_local
        or any(address in network for network in _TRANSLATED)
    ):
        return False
    odd = (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )
    return address.is_global and not odd


def checked(text: str, *, local: bool) -> httpx.URL:
    """The address, as far as can be said without looking it up. `local`: http and any port will do, in development.

    Raises NotReached.
    """
    try:
        url = httpx.URL(text.replace("webcal://", "https://", 1) if text.startswith("webcal://") else text)
        port = url.port
    except (httpx.InvalidURL, ValueError):
        raise NotReached("address-invalid") from None
    if not url.host or url.userinfo or url.fragment or port == 0 or (port or 443) > 65535:
        raise NotReached("address-invalid")
    if local and url.scheme in {"http", "https"}:
        return url
    if url.scheme != "https" or (port is not None and port not in PORTS):
        raise NotReached("address-not-https")
    if _is_literal(url.host) and not is_public(url.host):
        raise NotReached("address-internal")
    return url


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class Outward:
    def __init__(
        self, *, local: bool, resolve: Resolve = resolve, tls: ssl.SSLContext | bool = True, time: float = TIME
    ) -> None:
        """`local`: addresses inside may be asked too, for development."""
        self._local = local
        self._resolve = resolve
        self._tls = tls
        self._time = time

    async def ask(self, asked: Asked) -> Answered:
        """The answer in text/calendar. Raises NotReached for anything else."""
        try:
            async with asyncio.timeout(self._time):
                return await self._follow(asked)
        except TimeoutError:
            raise NotReached("too-slow") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            raise NotReached("not-reached") from None

    async def _follow(self, asked: Asked) -> Answered:
        url, login = checked(asked.url, local=self._local), asked.login
        for _ in range(MOST_REDIRECTS + 1):
            found = await self._once(asked, url, login)
            if isinstance(found, Answered):
                return found
            target = checked(str(url.join(found)), local=self._local)
            if (target.scheme, target.netloc) != (url.scheme, url.netloc):
                login = None  # another server is not told it
            url = target
        raise NotReached("too-many-redirects")

    async def _once(self, asked: Asked, url: httpx.URL, login: Login | None) -> Answered | str:
        """The answer, or where it is to be had."""
        pinned = url.copy_with(host=await self._address(url))
        headers = {**asked.headers, "Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity"}
        async with (
            httpx.AsyncClient(trust_env=False, follow_redirects=False, verify=self._tls, timeout=self._time) as client,
            client.stream(
                asked.method,
                pinned,
                headers=headers,
                content=asked.content,
                auth=httpx.BasicAuth(*login) if login else None,
                extensions={"sni_hostname": url.raw_host.decode("ascii")},
            ) as answer,
        ):
            if answer.has_redirect_location:
                return answer.headers["location"]
            return await _read(answer)

    async def _address(self, url: httpx.URL) -> str:
        """The one to connect to. Raises NotReached where any of the host's is inside."""
        host = url.raw_host.decode("ascii")
        addresses = await self._resolve(host, url.port or 443)
        if not addresses:
            raise NotReached("not-reached")
        if not self._local and not all(map(is_public, addresses)):
            raise NotReached("address-internal")
        return addresses[0]


async def _read(answer: httpx.Response) -> Answered:
    if answer.status_code == 304:
        return Answered(None, answer.headers.get("etag"))
    if answer.status_code in {401, 403}:
        raise NotReached("login-refused")
    if answer.status_code != 200:
        raise NotReached("not-there")
    if answer.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/calendar":
        raise NotReached("no-calendar")
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise NotReached("no-calendar")
    content = bytearray()
    async for chunk in answer.aiter_raw():
        content += chunk
        if len(content) > MOST_BYTES:
            raise NotReached("too-large")
    return Answered(bytes(content), answer.headers.get("etag"))
