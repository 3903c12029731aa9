"""Requests to addresses that somebody typed in reach nothing inside."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from services.scheduling import outward
from services.scheduling.outward import Asked, NotReached, Outward, Resolve, checked, is_public
from tests.scheduling.calendar_server import LOGIN, CalendarServer, calendar
from tests.shared.serving import serve

PUBLIC = "93.184.216.34"


def to(*addresses: str) -> Resolve:
    """Answers with the first, then with the second, and so on: each name is of the attacker."""
    left = list(addresses)

    async def resolve(_host: str, _port: int) -> list[str]:
        return [left.pop(0)]

    return resolve


async def ask(url: str, asking: Outward, login: tuple[str, str] | None = None) -> bytes | None:
    return (await asking.ask(Asked("GET", url, {}, login=login))).content


async def fault(url: str, asking: Outward) -> str:
    with pytest.raises(NotReached) as refused:
        await ask(url, asking)
    return refused.value.code


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.178.1", "100.64.0.1",  # noqa: S104
        "169.254.169.254", "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "192.0.0.1",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:93.184.216.34", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1",
        "fec0::1", "ff02::1", "2001:db8::1", "2002:7f00:1::", "2001:0:53aa:64c:0:fbff:5848:1", "64:ff9b::7f00:1",
        "64:ff9b:1::1", "::127.0.0.1", "100::1", "localhost", "",
    ],
)  # fmt: skip
def test_what_is_inside_or_holds_another_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "2606:2800:220:1:248:1893:25c8:1946"])
def test_what_is_somebodys_on_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://93.184.216.34/", "address-not-https"), ("ftp://93.184.216.34/", "address-not-https"),
        ("file:///etc/passwd", "address-invalid"), ("https://93.184.216.34:22/", "address-not-https"),
        ("https://93.184.216.34:5432/", "address-not-https"), ("https://127.0.0.1/", "address-internal"),
        ("https://[::1]/", "address-internal"), ("https://[::ffff:7f00:1]/", "address-internal"),
        ("https://169.254.169.254/latest/meta-data/", "address-internal"), ("https://0.0.0.0/", "address-internal"),
        ("https://anna:geheim@calendar.example/", "address-invalid"), ("https://a@127.0.0.1/", "address-invalid"),
        ("https://calendar.example/#x", "address-invalid"), ("gopher://calendar.example/", "address-not-https"),
    ],
)  # fmt: skip
def test_an_address_that_is_plainly_wrong_is_refused_before_anything_is_looked_up(url: str, code: str) -> None:
    with pytest.raises(NotReached) as refused:
        checked(url, local=False)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "url",
    [
        "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://0x7f.1/", "https://127.1/",
        "https://0/", "https://localhost/", "https://[0:0:0:0:0:ffff:127.0.0.1]/", "https://①②⑦.⓪.⓪.①/",
    ],
)  # fmt: skip
async def test_other_ways_to_write_an_internal_address_lead_nowhere(url: str) -> None:
    """By the machine's own resolver, which knows decimal, octal and hexadecimal."""
    assert await fault(url, Outward(local=False)) in {"address-internal", "address-invalid", "not-reached"}


async def test_a_name_of_an_internal_address_is_refused() -> None:
    for inside in ("127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "fd00::1"):
        assert await fault("https://calendar.example/", Outward(local=False, resolve=to(inside))) == "address-internal"


async def test_a_name_with_a_public_and_an_internal_address_is_refused() -> None:
    async def both(_host: str, _port: int) -> list[str]:
        return [PUBLIC, "127.0.0.1"]

    assert await fault("https://calendar.example/", Outward(local=False, resolve=both)) == "address-internal"


@pytest.fixture
async def server() -> AsyncIterator[tuple[CalendarServer, str]]:
    there = CalendarServer(calendar())
    async with serve(there) as url:
        yield there, url


async def test_a_name_is_resolved_once_and_what_was_looked_at_is_connected_to(
    server: tuple[CalendarServer, str],
) -> None:
    """A name that changes its mind would lead to 127.0.0.9, where nobody listens."""
    there, url = server
    port = url.rpartition(":")[2]
    asking = Outward(local=True, resolve=to("127.0.0.1", "127.0.0.9"))
    assert await ask(f"http://calendar.example:{port}/a.ics", asking) == calendar()
    assert there.heard[0].headers["host"] == f"calendar.example:{port}"


async def test_a_redirect_is_looked_at_like_the_first_address(
    server: tuple[CalendarServer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    there, url = server
    port = int(url.rpartition(":")[2])
    monkeypatch.setattr(outward, "checked", lambda text, *, local: checked(text, local=local or "calendar" in text))
    monkeypatch.setattr(outward, "is_public", lambda text: text == "127.0.0.1" or is_public(text))
    for target in (f"http://127.0.0.1:{port}/", "https://169.254.169.254/", "https://[::1]/", "file:///etc/passwd"):
        there.redirect = target
        refused = await fault(f"http://calendar.example:{port}/", Outward(local=False, resolve=to("127.0.0.1")))
        assert refused in {"address-internal", "address-not-https", "address-invalid"}
    there.redirect = "https://other.example/"
    rebound = Outward(local=False, resolve=to("127.0.0.1", "10.0.0.1"))
    assert await fault(f"http://calendar.example:{port}/", rebound) == "address-internal"
    assert len(there.heard) == 5


async def test_redirects_come_to_an_end(server: tuple[CalendarServer, str]) -> None:
    there, url = server
    there.redirect = "/again"
    assert await fault(url, Outward(local=True)) == "too-many-redirects"
    assert len(there.heard) == 4


async def test_another_server_is_not_told_the_login(server: tuple[CalendarServer, str]) -> None:
    first, url = server
    second = CalendarServer(calendar())
    async with serve(second) as other:
        first.redirect = other
        await ask(url, Outward(local=True), LOGIN)
    assert "authorization" in first.heard[0].headers
    assert "authorization" not in second.heard[0].headers


async def test_what_is_too_large_too_slow_or_no_calendar_is_refused(
    server: tuple[CalendarServer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    there, url = server
    there.media_type = "text/html"
    assert await fault(url, Outward(local=True)) == "no-calendar"
    there.media_type = "text/calendar"
    assert await fault(url, Outward(local=True, time=0.0)) == "too-slow"
    monkeypatch.setattr(outward, "MOST_BYTES", 20)
    assert await fault(url, Outward(local=True)) == "too-large"
    there.needs_login = True
    assert await fault(url, Outward(local=True)) == "login-refused"
    assert await fault("http://127.0.0.1:9/", Outward(local=True)) == "not-reached"


@asynccontextmanager
async def encrypted(server: CalendarServer, folder: Path, name: str) -> AsyncIterator[tuple[int, ssl.SSLContext]]:
    """The server behind TLS with a certificate for that name: its port, and who trusts it."""
    import asyncio  # noqa: PLC0415 -- for this one

    import uvicorn  # noqa: PLC0415

    key = generate_private_key(SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(made - timedelta(hours=1))
        .not_valid_after(made + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "cert.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    config = uvicorn.Config(
        server, port=0, log_config=None, lifespan="off", timeout_graceful_shutdown=1,
        ssl_keyfile=str(folder / "key.pem"), ssl_certfile=str(folder / "cert.pem"),
    )  # fmt: skip
    serving = uvicorn.Server(config)
    listener = config.bind_socket()
    task = asyncio.create_task(serving.serve([listener]))
    try:
        yield listener.getsockname()[1], ssl.create_default_context(cafile=str(folder / "cert.pem"))
    finally:
        serving.should_exit = True
        await asyncio.wait_for(task, 10)


async def test_the_certificate_must_be_the_names_although_an_address_is_connected_to(tmp_path: Path) -> None:
    async with encrypted(CalendarServer(calendar()), tmp_path, "calendar.example") as (port, tls):
        good = Outward(local=True, resolve=to("127.0.0.1"), tls=tls)
        assert await ask(f"https://calendar.example:{port}/", good) == calendar()
        other = Outward(local=True, resolve=to("127.0.0.1"), tls=tls)
        assert await fault(f"https://other.example:{port}/", other) == "not-reached"
