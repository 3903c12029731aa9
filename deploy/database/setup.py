"""A database and a role for every service, which can enter no other one.

`python -m deploy.database.setup` makes them with the superuser's address in DATABASE_URL and the passwords in
KIM_SECRETS_DIR (made there where missing); run it as often as you like.
"""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

import asyncpg

from deploy.stack.secrets import secret

SERVICES = ("intake", "case", "scheduling", "interpreter", "person", "coordination")
EXTENSIONS: Mapping[str, tuple[str, ...]] = {"scheduling": ("btree_gist",)}
"""What a service's schema needs and only a superuser should install."""

_LOCK = 0x6B696D


def role(service: str) -> str:
    """Name of the service's role and of its database."""
    return f"kim_{service}"


def passwords(secrets_dir: Path) -> dict[str, str]:
    """Service -> its role's password, from files `kim_<service>`."""
    return {service: secret(secrets_dir, role(service)) for service in SERVICES}


def service_url(superuser_url: str, service: str, password: str) -> str:
    """The address of the service's own database, as its own role, on the server of `superuser_url`."""
    host = urlsplit(superuser_url).netloc.rpartition("@")[2]
    return f"postgresql://{role(service)}:{quote(password, safe='')}@{host}/{role(service)}"


def database_url(superuser_url: str, database: str) -> str:
    return urlsplit(superuser_url)._replace(path=f"/{database}").geturl()


async def set_up(superuser_url: str, service_passwords: Mapping[str, str]) -> None:
    """Idempotent, and safe when several do it at once. Raises OSError or asyncpg.PostgresError."""
    conn = await asyncpg.connect(superuser_url)
    try:
        await conn.execute("select pg_advisory_lock($1)", _LOCK)
        await conn.execute("revoke connect on database postgres, template1 from public")
        for service, password in service_passwords.items():
            await _role_and_database(conn, role(service), password)
    finally:
        await conn.close()
    for service in EXTENSIONS.keys() & service_passwords.keys():
        await _extensions(database_url(superuser_url, role(service)), EXTENSIONS[service])


async def _role_and_database(conn: asyncpg.Connection, name: str, password: str) -> None:
    """Identifiers and passwords cannot be parameters of these statements: `format` quotes them."""
    if not await conn.fetchval("select true from pg_roles where rolname = $1", name):
        await _run(conn, "create role %1$I", name)
    attributes = "login nosuperuser nocreatedb nocreaterole noreplication"
    await _run(conn, f"alter role %1$I {attributes} password %2$L", name, password)
    if not await conn.fetchval("select true from pg_database where datname = $1", name):
        await _run(conn, "create database %1$I owner %1$I", name)
    await _run(conn, "revoke connect, temporary on database %1$I from public", name)


async def _run(conn: asyncpg.Connection, template: str, *values: str) -> None:
    await conn.execute(await conn.fetchval("select format($1, variadic $2::text[])", template, list(values)))


async def _extensions(url: str, names: tuple[str, ...]) -> None:
    conn = await asyncpg.connect(url)
    try:
        for name in names:
            await _run(conn, "create extension if not exists %1$I", name)
    finally:
        await conn.close()


def main() -> None:
    service_passwords = passwords(Path(os.environ.get("KIM_SECRETS_DIR", ".kim/secrets")))
    asyncio.run(set_up(os.environ["DATABASE_URL"], service_passwords))
    print(f"{len(service_passwords)} databases and roles are there.")


if __name__ == "__main__":
    main()
