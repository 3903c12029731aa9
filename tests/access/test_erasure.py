"""Erasure in every service, with the rows of its scene: raced by events about the person, and again after a restore."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.person import commands, store
from shared import erasure
from shared.clock import now, today
from shared.contracts.base import Event
from shared.contracts.person import PersonErased
from shared.database import Database
from shared.envelope import headers
from shared.exporting import Portions, held
from shared.ids import new_id
from shared.inbox import Incoming
from shared.ledger import FILE_NAME, Entry, Ledger, LedgerUnreadable
from shared.outbox import paired
from shared.service import create_app
from tests.access.conftest import Start
from tests.access.house import Running
from tests.waiting import eventually

EXAMPLES = Path(erasure.__file__).parent / "contracts" / "examples"
HEARERS = ("intake", "case", "scheduling", "interpreter", "coordination")
KEPT = {"municipal_event", "published_event", "published"}
"""Their ids stay in the log, redacted: the chain of a municipal stream still verifies."""
QUEUES = {"outbox", "redaction_due", "marker_due"}
"""Their rows name the aggregate by which redactions are ordered, until those are sent."""
TELLING = {"erasure", "published_event"}
"""Of person, until all have heard and the receipt is issued."""
of_hearers = pytest.mark.parametrize("name", HEARERS)
in_both_orders = pytest.mark.parametrize("first", ["the events", "the erasure"])


def incoming(event: Event) -> Incoming:
    event_id, value = new_id(), event.model_dump_json().encode()
    given = headers(id=event_id, type=event.type, source="/test", subject=event.subject_id, time=now())
    return Incoming(event.topic, 0, 0, event_id, event.type, event.subject_id, given, value)


def about(running: Running, enquiry_id: UUID) -> list[Incoming]:
    """One of each event that the service reacts to and that concerns an enquiry: the example, with this enquiry."""
    return [incoming(event) for event in _examples(running, enquiry_id)]


def _examples(running: Running, enquiry_id: UUID) -> Iterator[Event]:
    for kind in running.service.reactions:
        fields = json.loads((EXAMPLES / f"{kind.type}.json").read_text(encoding="utf-8"))
        if "enquiry_id" in fields:
            yield kind.model_validate(fields | {"enquiry_id": str(enquiry_id)})


async def enquiry_of(running: Running) -> UUID:
    return UUID(str((await running.scene()).owners.enquiry))


async def tables_with(database: Database, texts: set[str]) -> set[str]:
    """The tables in which a row holds one of the texts, as text or as the bytes of a bytea."""
    wanted = [f"%{form}%" for text in texts for form in (text, text.encode().hex())]
    tables = await database.pool.fetch("select tablename from pg_tables where schemaname = 'public'")
    return {
        table
        for (table,) in tables
        if await database.pool.fetchval(
            f'select exists (select from "{table}" as found where found::text like any($1))',  # noqa: S608 - ours
            wanted,
        )
    }


async def still_told(database: Database, enquiry_id: UUID) -> list[str]:
    """Types of the events about the enquiry that wait to be sent and that no redaction follows under their key."""
    rows = await database.pool.fetch(
        """
        select headers from outbox as told where position($1::bytea in value) > 0
        and not exists (select from outbox where record_key = told.record_key and id > told.id)
        and not exists (select from redaction_due where record_key = told.record_key)
        """,
        str(enquiry_id).encode(),
    )
    return [dict(paired(row["headers"]))["ce_type"].decode() for row in rows]


async def traces(running: Running, enquiry_id: UUID) -> set[str]:
    """The enquiry's id, and the ids of whatever the export of Art. 15 shows about it."""
    portions = running.service.portions or Portions([])
    async with running.db.read() as conn:
        tables = (await held(conn, portions, enquiry_id)).tables
    rows = [row for table, found in tables.items() if table not in KEPT for row in found]
    return {str(enquiry_id), *(str(row["id"]) for row in rows if "id" in row)}


async def raced(running: Running, enquiry_id: UUID, erasing: Any, first: str) -> None:
    """Both wait for the same lock, in this order, and are let go together."""
    dispatcher = running.service.dispatcher(running.db, running.settings)

    async def handling() -> None:
        await dispatcher.handle(about(running, enquiry_id))

    order = [handling, erasing] if first == "the events" else [erasing, handling]
    async with running.db.transaction() as conn:
        await erasure.lock(conn, [enquiry_id])
        tasks = []
        for number, act in enumerate(order, start=1):
            tasks.append(asyncio.create_task(act()))

            async def waits(number: int = number) -> bool:
                query = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
                return bool(await conn.fetchval(query) == number)

            await eventually(waits)
    await asyncio.gather(*tasks)


@in_both_orders
@of_hearers
async def test_an_erasure_leaves_nothing_whatever_is_handled_at_the_same_moment(
    start: Start, name: str, first: str
) -> None:
    running = await start(name)
    enquiry_id = await enquiry_of(running)
    known = await traces(running, enquiry_id)
    assert await tables_with(running.db, known)
    erased = incoming(PersonErased(person_id=new_id(), enquiry_ids=[enquiry_id], erasure_id=new_id()))
    dispatcher = running.service.dispatcher(running.db, running.settings)
    await raced(running, enquiry_id, lambda: dispatcher.handle([erased]), first)
    assert await tables_with(running.db, known) <= QUEUES
    assert await still_told(running.db, enquiry_id) == []
    assert about(running, enquiry_id), "there must be something to race with"
    await dispatcher.handle(about(running, enquiry_id))
    assert await tables_with(running.db, {str(enquiry_id)}) <= QUEUES, "what comes later is forgotten too"
    assert await still_told(running.db, enquiry_id) == []


@in_both_orders
async def test_in_person_an_erasure_leaves_what_the_others_are_told_whatever_is_handled_at_the_same_moment(
    start: Start, first: str
) -> None:
    running = await start("person")
    enquiry_id = await enquiry_of(running)

    async def erase() -> None:
        async with running.db.transaction() as conn:
            await commands.erase(conn, person_id, timedelta(milliseconds=running.settings.segment_ms))

    async with running.db.read() as conn:
        person_id = await store.person_of(conn, enquiry_id)
    await raced(running, enquiry_id, erase, first)
    assert await tables_with(running.db, {str(enquiry_id), str(person_id)}) <= TELLING | QUEUES
    assert await still_told(running.db, enquiry_id) == ["person.erased.v1"]


@pytest.mark.parametrize("name", [*HEARERS, "person"])
async def test_who_comes_back_with_a_restore_is_erased_again_by_the_ledger(
    start: Start, name: str, tmp_path: Path
) -> None:
    running = await start(name)
    enquiry_id = await enquiry_of(running)
    known = await traces(running, enquiry_id)
    before, ledger, restore = await tables_with(running.db, known), Ledger(tmp_path), running.service.restore
    assert before
    assert restore
    async with running.db.transaction() as conn:
        assert await restore(conn, ledger) == 0
    assert await tables_with(running.db, known) == before, "an empty ledger erases nobody"
    ledger.add([Entry(erasure.digest(enquiry_id), today())])
    async with running.db.transaction() as conn:
        assert await restore(conn, ledger) == 1
    assert await tables_with(running.db, known) <= QUEUES | (TELLING if name == "person" else set())
    assert await still_told(running.db, enquiry_id) == (["person.erased.v1"] if name == "person" else [])
    async with running.db.transaction() as conn:
        assert await restore(conn, ledger) == 0


@pytest.mark.parametrize("name", [*HEARERS, "person"])
async def test_a_service_that_cannot_read_the_ledger_serves_nobody(start: Start, name: str, tmp_path: Path) -> None:
    running = await start(name)
    (tmp_path / FILE_NAME).write_text("half a li", encoding="ascii")
    settings = running.settings.model_copy(update={"ledger_dir": tmp_path})
    app = create_app(import_module(f"services.{name}.app").build(settings), settings)
    connected = "select count(*) from pg_stat_activity where datname = current_database()"
    before = await running.db.pool.fetchval(connected)
    with pytest.raises(LedgerUnreadable):
        async with app.router.lifespan_context(app):
            pytest.fail("it must not start")

    async def none_is_left() -> bool:
        return bool(await running.db.pool.fetchval(connected) == before)

    await eventually(none_is_left)
