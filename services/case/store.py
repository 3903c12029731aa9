"""Cases in SQL. What is loaded by `load...` is locked until the transaction ends."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from services.case import store_talks
from services.case.case import Case, ClosingOutcome, ClosingReason, Needs, Talk
from services.case.choice import Choice
from shared.contracts.vocabulary import Gender, Mode, Phase, Topic
from shared.database import Connection
from shared.errors import NotFound

_CASE = """
    select case_file.id as case_id, enquiry_id, ags, home_ags, topics, languages, mode, opened_on, phase, reason,
        outcome, case_manager_id, speaks_language, version, may_be_counselled, person_id,
        dialect, gender, gender_binding, conflict_tokens
    from case_file join enquiry on enquiry.id = enquiry_id
"""


_WAITS = f"""
    case_manager_id is null
    and (phase <> 'closed' or may_be_counselled and reason <> '{ClosingReason.ENQUIRY_WITHDRAWN}')
"""
"""Open cases, and closed ones that somebody has to be able to reopen."""


async def load(conn: Connection, case_id: UUID) -> Case:
    """Raises NotFound."""
    return await _whole(conn, await conn.fetchrow(f"{_CASE} where case_file.id = $1 for update of case_file", case_id))


async def load_of_enquiry(conn: Connection, enquiry_id: UUID) -> Case | None:
    row = await conn.fetchrow(f"{_CASE} where enquiry_id = $1 for update of case_file", enquiry_id)
    return await _whole(conn, row) if row else None


async def any_waits(conn: Connection) -> bool:
    """Whether there is a case that waits for a case manager."""
    found = await conn.fetchval(
        f"select exists (select from case_file join enquiry on enquiry.id = enquiry_id where {_WAITS})"  # noqa: S608
    )
    return bool(found)


async def load_waiting(conn: Connection, municipalities: Collection[str], limit: int) -> list[Case]:
    """The cases that wait for a case manager, the oldest first; those that others work on are left out."""
    rows = await conn.fetch(
        f"""
        {_CASE}
        where {_WAITS} and ags = any($1)
        order by case_file.id limit $2 for update of case_file skip locked
        """,
        list(municipalities),
        limit,
    )
    return [await _whole(conn, row) for row in rows]


async def look(conn: Connection, case_id: UUID) -> Case:
    """For reading. Raises NotFound."""
    return await _whole(conn, await conn.fetchrow(f"{_CASE} where case_file.id = $1", case_id))


async def phase_of_enquiry(conn: Connection, enquiry_id: UUID) -> Phase:
    """Raises NotFound while there is no case."""
    phase = await conn.fetchval("select phase from case_file where enquiry_id = $1", enquiry_id)
    if phase is None:
        raise NotFound
    return Phase(phase)


async def insert(conn: Connection, case: Case) -> None:
    await conn.execute(
        """
        insert into case_file (id, enquiry_id, ags, home_ags, topics, languages, mode, opened_on, phase, reason,
            case_manager_id, speaks_language, version, dialect, gender, gender_binding, conflict_tokens)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        """,
        case.case_id,
        case.enquiry_id,
        case.ags,
        case.home_ags,
        case.topics,
        case.languages,
        case.mode,
        case.opened_on,
        case.phase,
        case.reason,
        case.case_manager_id,
        case.speaks_language,
        case.version,
        *case.needs,
    )


async def save(conn: Connection, case: Case) -> None:
    """What can change of a case, with its talks."""
    await conn.execute(
        """
        update case_file set phase = $2, reason = $3, case_manager_id = $4, speaks_language = $5, version = $6,
            outcome = $7, ags = $8, dialect = $9, gender = $10, gender_binding = $11, conflict_tokens = $12
        where id = $1
        """,
        case.case_id,
        case.phase,
        case.reason,
        case.case_manager_id,
        case.speaks_language,
        case.version,
        case.outcome,
        case.ags,
        *case.needs,
    )
    await store_talks.save(conn, case.case_id, case.talks)


async def load_open_of(conn: Connection, case_manager_id: UUID) -> list[Case]:
    """Every open case of a case manager, the oldest first."""
    rows = await conn.fetch(
        f"""{_CASE}
        where case_manager_id = $1 and phase <> 'closed' order by case_file.id for update of case_file
        """,
        case_manager_id,
    )
    return [await _whole(conn, row) for row in rows]


async def away(conn: Connection) -> list[UUID]:
    """Ids of the cases that were handed over to another municipality, closed ones too, the oldest first."""
    rows = await conn.fetch("select id from case_file where ags <> home_ags order by id")
    return [row["id"] for row in rows]


async def delete(conn: Connection, case_id: UUID) -> None:
    """With its talks and its choice."""
    await conn.execute("delete from case_file where id = $1", case_id)


async def save_choice(conn: Connection, case_id: UUID, choice: Choice) -> None:
    """The last one replaces those before."""
    known = choice.model_dump(mode="json")
    await conn.execute(
        """
        insert into choice (case_id, ranked, excluded, named_by) values ($1, $2, $3, $4)
        on conflict (case_id) do update set ranked = excluded.ranked, excluded = excluded.excluded,
            named_by = excluded.named_by
        """,
        case_id,
        known["ranked"],
        known["excluded"],
        choice.named_by,
    )


async def choice(conn: Connection, case_id: UUID) -> Choice:
    row = await conn.fetchrow("select ranked, excluded, named_by from choice where case_id = $1", case_id)
    return Choice.model_validate(dict(row))


async def _whole(conn: Connection, row: Mapping[str, Any] | None) -> Case:
    if row is None:
        raise NotFound
    return _case(row, await store_talks.of(conn, row["case_id"]), await areas_of(conn, row["case_id"]))


async def areas_of(conn: Connection, case_id: UUID) -> frozenset[Topic]:
    """Life areas of which the plan, assessments, referrals and conferences of a case tell, settled or not."""
    rows = await conn.fetch(
        """
        select area from goal where case_id = $1
        union select area from rating join assessment on assessment.id = assessment_id where case_id = $1
        union select area from referral where case_id = $1
        union select unnest(areas) from conference where case_id = $1
        """,
        case_id,
    )
    return frozenset(Topic(row["area"]) for row in rows)


def _case(row: Mapping[str, Any], talks: tuple[Talk, ...], areas: frozenset[Topic]) -> Case:
    coded = {
        "topics": tuple(map(Topic, row["topics"])),
        "languages": tuple(row["languages"]),
        "mode": Mode(row["mode"]),
        "phase": Phase(row["phase"]),
        "reason": ClosingReason(row["reason"]) if row["reason"] else None,
        "outcome": ClosingOutcome(row["outcome"]) if row["outcome"] else None,
    }
    known = {**row, **coded}
    wishes = {name: known.pop(name) for name in Needs._fields}
    gender = Gender(wishes["gender"]) if wishes["gender"] else None
    needs = Needs(**wishes | {"gender": gender, "conflict_tokens": tuple(wishes["conflict_tokens"])})
    return Case(**known, needs=needs, talks=talks, areas=areas)
