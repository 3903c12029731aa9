"""All SQL of erasures and their receipts. A finished one holds nothing that leads to anybody."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from services.person.erasures import Erasure, Receipt, Step
from shared.database import Connection
from shared.errors import NotFound

_OPEN = "select id, step, person_id, merged_ids, enquiry_ids, case_ids, answered from erasure where step <> 'done'"
_GONE = (
    "delete from consent where enquiry_id = any($1)",
    "delete from fetch_due where enquiry_id = any($1)",
    "delete from offer_notice where enquiry_id = any($1)",
    "delete from responsibility where enquiry_id = any($1)",
    "delete from retention_clock where enquiry_id = any($1)",
    "delete from enquiry where enquiry_id = any($1)",
)


async def enquiries_of(conn: Connection, person_id: UUID) -> list[UUID]:
    rows = await conn.fetch("select enquiry_id from enquiry where person_id = $1", person_id)
    return [row["enquiry_id"] for row in rows]


async def known(conn: Connection) -> list[UUID]:
    """The enquiries of which there is a row."""
    rows = await conn.fetch(
        """
        select enquiry_id from enquiry union select enquiry_id from responsibility
        union select enquiry_id from retention_clock
        """
    )
    return [row["enquiry_id"] for row in rows]


async def persons_of(conn: Connection, enquiry_ids: Sequence[UUID]) -> list[UUID]:
    rows = await conn.fetch(
        "select distinct person_id from enquiry where enquiry_id = any($1) order by person_id", enquiry_ids
    )
    return [row["person_id"] for row in rows]


async def begin(conn: Connection, erasure: Erasure, asked_at: datetime | None, now: datetime) -> None:
    await conn.execute(
        """
        insert into erasure (id, step, person_id, merged_ids, enquiry_ids, case_ids, asked_at, erased_at, next_look)
        values (
            $1, 'told', $2, $6, $3, array(select case_id from responsibility where enquiry_id = any($3)), $4, $5, $5
        )
        """,
        erasure.id, erasure.person_id, list(erasure.enquiry_ids), asked_at, now, list(erasure.merged_ids),
    )  # fmt: skip


async def delete_person(conn: Connection, person_id: UUID, enquiry_ids: Sequence[UUID]) -> None:
    """Data key, ciphertext, consents, access log, and the links between person, enquiries and cases."""
    await delete_enquiries(conn, enquiry_ids)
    await conn.execute("delete from access_log where person_id = $1", person_id)
    await conn.execute("delete from person where id = $1", person_id)


async def delete_enquiries(conn: Connection, enquiry_ids: Sequence[UUID]) -> None:
    """What is about enquiries, also before the person is known."""
    for statement in _GONE:
        await conn.execute(statement, enquiry_ids)


async def not_in_ledger(conn: Connection) -> list[Erasure]:
    return [Erasure(**row) for row in await conn.fetch(f"{_OPEN} and not in_ledger order by id")]


async def note_in_ledger(conn: Connection, erasure_ids: Collection[UUID]) -> None:
    await conn.execute("update erasure set in_ledger = true where id = any($1)", list(erasure_ids))


async def due(conn: Connection, now: datetime) -> list[Erasure]:
    """Those whose traces are to be looked for now."""
    rows = await conn.fetch(f"{_OPEN} and in_ledger and next_look <= $1 order by id for update skip locked", now)
    return [Erasure(**row) for row in rows]


async def save(conn: Connection, erasure: Erasure, next_look: datetime) -> None:
    await conn.execute(
        "update erasure set step = $2, answered = $3, next_look = $4 where id = $1",
        erasure.id, erasure.step, sorted(erasure.answered), next_look,
    )  # fmt: skip


async def finish(conn: Connection, erasure: Erasure, now: datetime) -> None:
    """The receipt is issued, and the ids by which traces were looked for are gone."""
    await conn.execute(
        """
        update erasure set step = $2, answered = $3, completed_at = $4,
            person_id = null, merged_ids = null, enquiry_ids = null, case_ids = null
        where id = $1
        """,
        erasure.id, Step.DONE, sorted(erasure.answered), now,
    )  # fmt: skip


async def receipt(conn: Connection, erasure_id: UUID) -> Receipt:
    """Raises NotFound."""
    row = await conn.fetchrow(
        """
        select id, step, asked_at, erased_at, completed_at, answered from erasure where id = $1
        union all
        select erasure_id, 'asked', erasure_asked_at, null, null, '{}' from person where erasure_id = $1
        """,
        erasure_id,
    )
    if row is None:
        raise NotFound
    return Receipt(**{**row, "step": Step(row["step"]), "answered": tuple(row["answered"])})
