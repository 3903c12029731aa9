"""Cases in SQL. What is loaded by `load...` is locked until the transaction ends."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from services.case.case import Case, ClosingOutcome, ClosingReason, Needs, Talk, TalkState
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


class Enquiry(NamedTuple):
    """What is known here of an enquiry."""

    person_id: UUID | None
    has_ended: bool
    may_be_counselled: bool


_TALK = ", ".join(f"talk.{name}" for name in Talk.__slots__)


async def load_enquiry(conn: Connection, enquiry_id: UUID) -> Enquiry:
    """Notes the enquiry where it is new: whatever is heard first of it, the rest waits for that transaction."""
    await conn.execute("insert into enquiry (id) values ($1) on conflict do nothing", enquiry_id)
    row = await conn.fetchrow(
        "select person_id, has_ended, may_be_counselled from enquiry where id = $1 for update", enquiry_id
    )
    return Enquiry(**row)


async def link_person(conn: Connection, enquiry_id: UUID, person_id: UUID | None) -> None:
    await conn.execute("update enquiry set person_id = $2 where id = $1", enquiry_id, person_id)


async def relink_person(conn: Connection, enquiry_ids: Sequence[UUID], person_id: UUID) -> None:
    """Of those that are linked: one that was erased stays without."""
    await conn.execute(
        "update enquiry set person_id = $2 where id = any($1) and person_id is not null", enquiry_ids, person_id
    )


async def end_enquiry(conn: Connection, enquiry_id: UUID) -> None:
    await conn.execute("update enquiry set has_ended = true where id = $1", enquiry_id)


async def allow_counselling(conn: Connection, enquiry_id: UUID, *, allowed: bool) -> None:
    await conn.execute("update enquiry set may_be_counselled = $2 where id = $1", enquiry_id, allowed)


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
    await conn.executemany(
        """
        insert into talk (counselling_id, case_id, mode, duration_minutes, requested_on, state, booking_id,
            starts_at, ends_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (counselling_id) do update set state = excluded.state, booking_id = excluded.booking_id,
            starts_at = excluded.starts_at, ends_at = excluded.ends_at
        """,
        [
            (
                t.counselling_id,
                case.case_id,
                t.mode,
                t.duration_minutes,
                t.requested_on,
                t.state,
                t.booking_id,
                t.starts_at,
                t.ends_at,
            )
            for t in case.talks
        ],
    )


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


async def missed_talks(conn: Connection, case_manager_id: UUID) -> list[tuple[UUID, Talk]]:
    """(case, talk) of the open cases of a case manager, where no talk was asked for since; the longest ago first."""
    rows = await conn.fetch(
        f"""
        select case_id, {_TALK} from talk join case_file on case_file.id = case_id
        where case_manager_id = $1 and phase <> 'closed' and talk.state = 'missed' and not exists (
            select from talk as later where later.case_id = talk.case_id and later.counselling_id > talk.counselling_id
        )
        order by talk.starts_at, talk.counselling_id
        """,  # noqa: S608 - our own names
        case_manager_id,
    )
    return [(row["case_id"], _talk({name: row[name] for name in Talk.__slots__})) for row in rows]


async def has_booking(conn: Connection, booking_id: UUID) -> bool:
    """Whether a talk is known to have this booking."""
    return bool(await conn.fetchval("select exists (select from talk where booking_id = $1)", booking_id))


async def delete(conn: Connection, case_id: UUID) -> None:
    """With its talks and its choice."""
    await conn.execute("delete from case_file where id = $1", case_id)


async def save_choice(conn: Connection, case_id: UUID, choice: Choice) -> None:
    """The last one replaces those before."""
    known = choice.model_dump(mode="json")
    await conn.execute(
        """
        insert into choice (case_id, ranked, excluded) values ($1, $2, $3)
        on conflict (case_id) do update set ranked = excluded.ranked, excluded = excluded.excluded
        """,
        case_id,
        known["ranked"],
        known["excluded"],
    )


async def choice(conn: Connection, case_id: UUID) -> Choice:
    row = await conn.fetchrow("select ranked, excluded from choice where case_id = $1", case_id)
    return Choice.model_validate(dict(row))


async def _whole(conn: Connection, row: Mapping[str, Any] | None) -> Case:
    if row is None:
        raise NotFound
    talks = await conn.fetch(
        f"select {_TALK} from talk where case_id = $1 order by counselling_id",  # noqa: S608 - our own names
        row["case_id"],
    )
    return _case(row, tuple(map(_talk, talks)), await areas_of(conn, row["case_id"]))


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


def _talk(row: Mapping[str, Any]) -> Talk:
    return Talk(**{**row, "mode": Mode(row["mode"]), "state": TalkState(row["state"])})
