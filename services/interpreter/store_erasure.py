"""SQL of erasure in interpreter."""

from collections.abc import Sequence
from uuid import UUID

from shared.database import Connection

_KEEP_SUMS = """
    insert into erased_fee as kept (interpreter_id, month, total)
    select a.interpreter_id, date_trunc('month', a.starts_at at time zone 'Europe/Berlin')::date, sum(q.total)
    from assignment as a cross join lateral (
        select total from fee_quote where assignment_id = a.id order by kind = 'cancellation' desc limit 1
    ) as q
    where a.enquiry_id = any($1) group by 1, 2
    on conflict (interpreter_id, month) do update set total = kept.total + excluded.total
"""
_ERASE = (
    "select from ranking where enquiry_id = any($1) order by booking_id for update",  # no plan gets them from now on
    "select from offer where enquiry_id = any($1) order by id for update",
    _KEEP_SUMS,
    "delete from feedback where assignment_id in (select id from assignment where enquiry_id = any($1))",
    "delete from fee_quote where assignment_id in (select id from assignment where enquiry_id = any($1))",
    "delete from assignment where enquiry_id = any($1)",
    "delete from offer_link where offer_id in (select id from offer where enquiry_id = any($1))",
    "delete from offer_answer where offer_id in (select id from offer where enquiry_id = any($1))",
    "delete from offer where enquiry_id = any($1)",
    # A plan names them in the reasons of others too: it goes as a whole.
    "delete from assignment_plan where id in (select plan_id from planned_request where enquiry_id = any($1))",
    "delete from open_request where booking_id in (select booking_id from ranking where enquiry_id = any($1))",
    "delete from ranked_candidate where booking_id in (select booking_id from ranking where enquiry_id = any($1))",
    "delete from ranking where enquiry_id = any($1)",
    "delete from case_needs where enquiry_id = any($1)",
)


async def erase(conn: Connection, enquiry_ids: Sequence[UUID]) -> None:
    """Rankings, plans, offers and assignments; of the fees stays what is owed to whom for a month."""
    for statement in _ERASE:
        await conn.execute(statement, enquiry_ids)


async def known(conn: Connection) -> list[UUID]:
    rows = await conn.fetch(
        """
        select enquiry_id from ranking union select enquiry_id from offer union select enquiry_id from assignment
        union select enquiry_id from case_needs
        """
    )
    return [row["enquiry_id"] for row in rows]
