"""Case managers in SQL, with how many open cases they have."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from services.case.manager import CaseManager
from shared.contracts.vocabulary import Phase, Topic
from shared.database import Connection


async def one_choice_at_a_time(conn: Connection) -> None:
    """Until the transaction ends, nobody else chooses, and no case manager changes: so capacity is never exceeded."""
    await conn.execute("lock table case_manager in share row exclusive mode")


async def everybody(conn: Connection) -> list[CaseManager]:
    rows = await conn.fetch(
        """
        select id, fte, municipalities, languages, topics, supervisor_id, conflict_tokens,
            absent_from, absent_until, array(
            select (phase, count(*)) from case_file
            where case_manager_id = case_manager.id and phase <> 'closed' group by phase
        ) as open_cases
        from case_manager order by id
        """
    )
    return [_manager(row) for row in rows]


async def put(conn: Connection, manager: CaseManager) -> None:
    """The whole of it replaces what was known; open cases stay where they are."""
    await conn.execute(
        """
        insert into case_manager (id, fte, municipalities, languages, topics, absent_from, absent_until,
            supervisor_id, conflict_tokens)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (id) do update set fte = excluded.fte, municipalities = excluded.municipalities,
            languages = excluded.languages, topics = excluded.topics, absent_from = excluded.absent_from,
            absent_until = excluded.absent_until, supervisor_id = excluded.supervisor_id,
            conflict_tokens = excluded.conflict_tokens
        """,
        manager.id,
        manager.fte,
        sorted(manager.municipalities),
        sorted(manager.languages),
        sorted(manager.topics),
        manager.absent_from,
        manager.absent_until,
        manager.supervisor_id,
        sorted(manager.conflict_tokens),
    )


async def set_absence(conn: Connection, manager_id: UUID, starts: date, ends: date | None) -> bool:
    """Whether there is such a case manager."""
    found = await conn.fetchval(
        "update case_manager set absent_from = $2, absent_until = $3 where id = $1 returning true",
        manager_id,
        starts,
        ends,
    )
    return bool(found)


def _manager(row: Mapping[str, Any]) -> CaseManager:
    return CaseManager(
        id=row["id"],
        fte=row["fte"],
        municipalities=frozenset(row["municipalities"]),
        languages=frozenset(row["languages"]),
        topics=frozenset(map(Topic, row["topics"])),
        supervisor_id=row["supervisor_id"],
        conflict_tokens=frozenset(row["conflict_tokens"]),
        absent_from=row["absent_from"],
        absent_until=row["absent_until"],
        open_cases={Phase(phase): many for phase, many in row["open_cases"]},
    )
