"""Findings in SQL: they wait for the day's batch and leave with it."""

from datetime import date

from services.case.findings import Finding
from shared.contracts.vocabulary import FindingKind, Topic
from shared.database import Connection


async def insert(conn: Connection, finding: Finding) -> None:
    await conn.execute("insert into finding (id, ags, kind, about) values ($1, $2, $3, $4)", *finding)


async def begin_batch(conn: Connection, day: date) -> bool:
    """Whether the day's batch is still to be sent: True for one transaction alone."""
    begun = await conn.fetchval(
        "update finding_batch set published_on = $1 where published_on < $1 returning true", day
    )
    return bool(begun)


async def take_all(conn: Connection) -> list[Finding]:
    """Coordination keeps them from here on: they are deleted."""
    rows = await conn.fetch("delete from finding returning id, ags, kind, about")
    return [Finding(row["id"], row["ags"], FindingKind(row["kind"]), Topic(row["about"])) for row in rows]
