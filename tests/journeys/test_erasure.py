"""Art. 17 GDPR through the whole of KIM: afterwards neither a replay of any topic nor any database knows the person."""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from deploy.client import Client
from deploy.demo.participant import Wish
from shared.contracts.vocabulary import Recipient
from shared.erasure import digest
from shared.ledger import Ledger
from shared.log import Log
from tests.journeys.settling import is_settled
from tests.journeys.test_main_job import to_confirmation
from tests.waiting import eventually

XANTEN, XANTEN_AGS = Wish("", "46509", ["ti"], ["housing"], Recipient.OFFICE_KREIS_WESEL), "05170052"
"""Where no other journey goes: elsewhere counts grow while this one looks at them."""
SERVICES = ("intake", "case", "scheduling", "interpreter", "person", "coordination")
IDS = ("enquiry_id", "person_id", "case_id", "booking_id", "offer_id", "counselling_id", "consent_id", "slot_id")


@pytest.fixture
async def databases(environment: Mapping[str, str]) -> AsyncIterator[dict[str, Any]]:
    """A superuser's connection to the database of each service."""
    base = environment["DATABASE_URL"].rsplit("/", 1)[0]
    found = {name: await asyncpg.connect(f"{base}/kim_{name}") for name in SERVICES}
    yield found
    for conn in found.values():
        await conn.close()


async def tables_with(databases: Mapping[str, Any], texts: set[str]) -> list[str]:
    """The tables in which a row holds one of the texts, as text or as the bytes of a bytea."""
    wanted = [f"%{form}%" for text in texts for form in (text, text.encode().hex(), text.replace("-", ""))]
    found = []
    for name, conn in databases.items():
        for (table,) in await conn.fetch("select tablename from pg_tables where schemaname = 'public'"):
            query = f'select exists (select from "{table}" as row where row::text like any($1))'  # noqa: S608 - ours
            if await conn.fetchval(query, wanted):
                found.append(f"{name}.{table}")
    return found


async def log_with(bootstrap: str, texts: set[str]) -> list[str]:
    """The topics in which a record holds one of the texts."""
    wanted = [text.encode() for text in texts]
    found = set()
    log = Log(bootstrap)
    for topic in await log.topics():
        async for record in log.records(topic):
            whole = b"\n".join([record.value or b"", *(value or b"" for _, value in record.headers)])
            if any(text in whole for text in wanted):
                found.add(topic)
    return sorted(found)


async def ids_about(bootstrap: str, enquiry_id: UUID) -> set[str]:
    """Every id that an event about the enquiry carries and that leads to it alone."""
    found: set[str] = set()
    log = Log(bootstrap)
    for topic in await log.topics():
        async for record in log.records(topic):
            if record.value and str(enquiry_id).encode() in record.value:
                found |= set(_ids(json.loads(record.value)))
    return found


def _ids(value: Any) -> list[str]:
    if isinstance(value, list):
        return [each for item in value for each in _ids(item)]
    if not isinstance(value, dict):
        return []
    own = [each for name, each in value.items() if name in IDS and isinstance(each, str)]
    return own + [each for item in value.values() for each in _ids(item)]


async def cells(conn: Any) -> dict[str, dict[tuple[Any, ...], int]]:
    """The anonymous counts of coordination, by table, for the municipality where nobody else asks."""
    found = {}
    for table in ("daily_cell", "unmet_cell", "waiting_cell"):
        rows = await conn.fetch(f"select * from {table} where ags = $1", XANTEN_AGS)  # noqa: S608 - ours
        found[table] = {tuple(row.values())[:-1]: tuple(row.values())[-1] for row in rows}
    return found


async def test_after_an_erasure_no_topic_and_no_database_knows_the_person_and_the_counts_are_the_same(
    client: Client, databases: dict[str, Any], environment: Mapping[str, str]
) -> None:
    bootstrap, person_url = environment["KAFKA_BOOTSTRAP_SERVERS"], client.settings.person_url
    watched = await to_confirmation(client, XANTEN)
    enquiry_id = await databases["intake"].fetchval(
        "select id from enquiry where id::text = any($1)", sorted(watched.known)
    )
    person_id = await databases["person"].fetchval("select person_id from enquiry where enquiry_id = $1", enquiry_id)
    traces = await ids_about(bootstrap, enquiry_id) | {event.subject for event in watched.stream if event.subject}
    assert {str(enquiry_id), str(person_id)} < traces
    assert set(await tables_with(databases, traces)) > {"intake.enquiry", "case.case_file", "scheduling.booking"}
    await eventually(lambda: is_settled(bootstrap, databases), limit=60, every=0.2)
    before = await cells(databases["coordination"])

    administrator = await client.token("administrator")
    begun = await client.call("POST", f"{person_url}/persons/{person_id}/erasure", token=administrator)

    async def receipt() -> Any:
        found = await client.call("GET", f"{person_url}/erasures/{begun['erasure_id']}")
        return found if found["step"] == "done" else None

    issued = await eventually(receipt, limit=120, every=0.5)
    assert issued["erased_by"] == sorted(SERVICES)
    assert await log_with(bootstrap, traces) == []

    async def nowhere() -> bool:
        return await tables_with(databases, traces) == []

    await eventually(nowhere)  # what makes the last segments roll names their partitions for a moment
    after = await cells(databases["coordination"])
    [closing] = after["daily_cell"].keys() - before["daily_cell"].keys()
    assert closing[1:] == (XANTEN_AGS, "case.phase_changed.v1"), "that the case has ended is told and counted"
    assert after["daily_cell"].pop(closing) == 1
    assert after == before
    ledger = Ledger(Path(environment["KIM_HOME"]) / "ledger")
    assert digest(enquiry_id) in {entry.digest for entry in ledger.entries()}
    assert str(enquiry_id) not in ledger.path.read_text(encoding="ascii")
