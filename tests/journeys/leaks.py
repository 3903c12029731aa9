"""Where a canary could have got to in the running system, each kind of place with its search: place -> kinds found."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import httpx

from deploy.client import Client
from shared.http_client import http_client
from shared.log import Log
from tests.canaries import found_in

Leaks: TypeAlias = dict[str, set[str]]
_BYTES = 1 << 20


async def in_topics(bootstrap: str) -> Leaks:
    """Every topic there is, dead letters too, from offset 0: keys, names and values of headers (traces), values."""
    log = Log(bootstrap)
    return {name: found for name in await log.topics() if (found := await _in_records(log.records(name)))}


async def _in_records(records: AsyncIterator[Any]) -> set[str]:
    found: set[str] = set()
    held = bytearray()
    async for record in records:
        headers = [part for name, value in record.headers for part in (name.encode(), value or b"")]
        held += b"\n".join([record.key or b"", *headers, record.value or b"", b""])
        if len(held) > _BYTES:
            found |= found_in(bytes(held))
            held.clear()
    return found | found_in(bytes(held))


async def in_tables(databases: Mapping[str, Any]) -> Leaks:
    """Every table of every database, the vault's too: what people said stands there as ciphertext alone."""
    leaks: Leaks = {}
    for name, conn in databases.items():
        for schema, table in await conn.fetch(
            "select schemaname, tablename from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
        ):
            query = f'select row::text as row from "{schema}"."{table}" as row'  # noqa: S608 - of the catalogue
            rows = await conn.fetch(query)
            if found := found_in("\n".join(row["row"] for row in rows).encode()):
                leaks[f"{name}.{table}"] = found
    return leaks


def in_files(*folders: Path) -> Leaks:
    """Every file that a process of ours, or a server, logs to or keeps in these folders."""
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {path.name: found for path in files if (found := found_in(path.read_bytes()))}


async def in_metrics(client: Client, urls: Mapping[str, str]) -> Leaks:
    """What Prometheus would read of each service."""
    headers = {"Authorization": f"Bearer {await client.token('monitor')}"}
    leaks: Leaks = {}
    async with http_client() as http:
        for name, url in urls.items():
            answer = await http.get(f"{url}/metrics", headers=headers)
            assert answer.status_code == 200, f"{name} shows no metrics"
            if found := found_in(answer.content):
                leaks[name] = found
    return leaks


def in_errors(answers: Iterable[httpx.Response]) -> Leaks:
    """Answers of 400 and above, headers included. What was sent, which a client knows, is no part of them."""
    return {
        f"{answer.request.method} {answer.request.url.copy_with(query=None)}: {answer.status_code}": found
        for answer in answers
        if answer.is_error and (found := found_in(answer.content + repr(answer.headers.raw).encode()))
    }


@asynccontextmanager
async def connected(server: str, services: Iterable[str]) -> AsyncIterator[dict[str, Any]]:
    """A superuser's connection to the database of each service."""
    found = {name: await asyncpg.connect(f"{server}/kim_{name}") for name in services}
    try:
        yield found
    finally:
        for conn in found.values():
            await conn.close()
