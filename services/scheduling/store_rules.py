"""Recurring hours in SQL."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.scheduling.rules import Rule
from shared.database import Connection

_MINUTE = timedelta(minutes=1)


async def of(conn: Connection, ids: Collection[UUID]) -> dict[UUID, tuple[Rule, ...]]:
    """By resource; those without rules are missing."""
    rows = await conn.fetch("select * from availability_rule where resource_id = any($1) order by starts", ids)
    found: dict[UUID, tuple[Rule, ...]] = {}
    for row in rows:
        found[row["resource_id"]] = (*found.get(row["resource_id"], ()), _rule(row))
    return found


async def replace(conn: Connection, resource_id: UUID, rules: Iterable[Rule]) -> None:
    """All of them, in place of what was known."""
    await conn.execute("delete from availability_rule where resource_id = $1", resource_id)
    await conn.executemany(
        """
        insert into availability_rule (resource_id, starts, minutes, rrule, exdates, rdates)
        values ($1, $2, $3, $4, $5, $6)
        """,
        [(resource_id, r.starts, r.length // _MINUTE, r.rrule, r.exdates, r.rdates) for r in rules],
    )


async def take_over_rebuilt(conn: Connection) -> None:
    """Those of interpreters, from the schema `rebuild`."""
    await conn.execute(
        """
        delete from public.availability_rule
        where resource_id in (select id from public.resource where kind = 'interpreter')
        """
    )
    await conn.execute("insert into public.availability_rule select * from rebuild.availability_rule")


def _rule(row: Mapping[str, Any]) -> Rule:
    length = timedelta(minutes=row["minutes"])
    return Rule(row["starts"], length, row["rrule"], tuple(row["exdates"]), tuple(row["rdates"]))
