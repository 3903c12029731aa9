"""Case managers in SQL, with how many open cases they have."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from services.case.manager import CaseManager
from shared.contracts.vocabulary import Phase, Topic
from shared.database import Connection


class Absence(NamedTuple):
    starts: date
    ends: date | None
    """The last day; None: until further notice."""
    moves_cases: bool
    """Whether every open case is still to move when it begins."""


class Uncovered(NamedTuple):
    """An open case that nobody looks after who is there."""

    id: UUID
    ags: str
    phase: Phase
    case_manager_id: UUID | None
    absent_from: date | None
    absent_until: date | None


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


async def put(conn: Connection, manager: CaseManager, *, keeps_absence: bool = False) -> None:
    """The whole of it replaces what was known, but for the absence where that is kept; open cases stay where they are.

    What is to move when an absence begins does so as long as that absence stays the same.
    """
    await conn.execute(
        """
        insert into case_manager (id, fte, municipalities, languages, topics, absent_from, absent_until,
            supervisor_id, conflict_tokens)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (id) do update set fte = excluded.fte, municipalities = excluded.municipalities,
            languages = excluded.languages, topics = excluded.topics,
            supervisor_id = excluded.supervisor_id, conflict_tokens = excluded.conflict_tokens,
            absent_from = case when $10 then case_manager.absent_from else excluded.absent_from end,
            absent_until = case when $10 then case_manager.absent_until else excluded.absent_until end,
            moves_cases = case_manager.moves_cases and ($10
                or case_manager.absent_from is not distinct from excluded.absent_from
                and case_manager.absent_until is not distinct from excluded.absent_until)
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
        keeps_absence,
    )


async def set_absence(conn: Connection, manager_id: UUID, absence: Absence) -> bool:
    """Whether there is such a case manager."""
    found = await conn.fetchval(
        "update case_manager set absent_from = $2, absent_until = $3, moves_cases = $4 where id = $1 returning true",
        manager_id,
        *absence,
    )
    return bool(found)


async def any_begins(conn: Connection, today: date) -> bool:
    """Whether an absence has begun with which cases are still to move."""
    found = await conn.fetchval(
        "select exists (select from case_manager where moves_cases and absent_from <= $1)", today
    )
    return bool(found)


async def begin_absences(conn: Connection, today: date) -> list[UUID]:
    """Once: the ids of those who are absent since, and whose cases are still to move."""
    rows = await conn.fetch(
        """
        update case_manager set moves_cases = false where moves_cases and absent_from <= $1
        returning id, coalesce(absent_until, $1) >= $1 as is_absent
        """,
        today,
    )
    return sorted(row["id"] for row in rows if row["is_absent"])


async def uncovered(
    conn: Connection, today: date, supervisor_id: UUID | None, after: UUID | None, limit: int
) -> list[Uncovered]:
    """Open cases, the oldest first, from behind `after`: of absent case managers whom somebody supervises, or else all
    that nobody who is there has.
    """
    rows = await conn.fetch(
        """
        select case_file.id, ags, phase, case_manager_id, absent_from, absent_until
        from case_file left join case_manager on case_manager.id = case_manager_id
        where phase <> 'closed' and case_file.id > $3 and ($2::uuid is null or supervisor_id = $2)
            and (case_manager_id is null or absent_from <= $1 and coalesce(absent_until, $1) >= $1)
        order by case_file.id limit $4
        """,
        today,
        supervisor_id,
        after or UUID(int=0),
        limit,
    )
    return [Uncovered(**{**row, "phase": Phase(row["phase"])}) for row in rows]


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
