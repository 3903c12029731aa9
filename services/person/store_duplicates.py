"""All SQL of blind indexes, of candidates, and of merges."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.person.duplicates import Candidate, Duplicates, Indexes, Part
from shared.database import Connection

_IDENTITIES = 0x6B696D5F70736E
"""Of the lock under which it is decided which records are of one person."""


async def lock_identities(conn: Connection) -> None:
    """Until the transaction ends nobody else registers, merges, undoes, dismisses or erases. Before any other lock."""
    await conn.execute("select pg_advisory_xact_lock($1)", _IDENTITIES)


async def look_at_identities(conn: Connection) -> None:
    """Until the transaction ends nothing of that is decided, but others may look, too. Before any other lock."""
    await conn.execute("select pg_advisory_xact_lock_shared($1)", _IDENTITIES)


async def insert_indexes(conn: Connection, person_id: UUID, indexes: Indexes) -> None:
    await conn.executemany(
        "insert into blind_index (person_id, part, digest) values ($1, $2, $3)",
        [(person_id, part, digest) for part, digests in indexes.items() for digest in digests],
    )


async def forget(conn: Connection, person_id: UUID) -> None:
    """Its indexes, and the candidates that nobody has decided on."""
    await conn.execute("delete from blind_index where person_id = $1", person_id)
    await conn.execute(
        "delete from duplicate_candidate where $1 in (one_id, other_id) and dismissed_at is null", person_id
    )


async def similar(conn: Connection, person_id: UUID, indexes: Indexes) -> Mapping[UUID, Indexes]:
    """The others that share a digest, with all of their indexes."""
    rows = await conn.fetch(
        """
        select person_id, part, digest from blind_index
        where person_id in (select person_id from blind_index where digest = any($2) and person_id <> $1)
        """,
        person_id, [digest for digests in indexes.values() for digest in digests],
    )  # fmt: skip
    found: defaultdict[UUID, defaultdict[Part, set[bytes]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        found[row["person_id"]][Part(row["part"])].add(row["digest"])
    return {
        person_id: {part: frozenset(digests) for part, digests in parts.items()} for person_id, parts in found.items()
    }


async def insert_candidate(conn: Connection, one: UUID, other: UUID, parts: Collection[Part], now: datetime) -> None:
    """Those that were dismissed stay so."""
    await conn.execute(
        """
        insert into duplicate_candidate (one_id, other_id, parts, found_at) values ($1, $2, $3, $4)
        on conflict do nothing
        """,
        min(one, other), max(one, other), sorted(parts), now,
    )  # fmt: skip


async def dismiss(conn: Connection, one: UUID, other: UUID, by: str, now: datetime) -> bool:
    """False where they are no candidates. The first dismissal counts."""
    row = await conn.fetchrow(
        """
        update duplicate_candidate
        set dismissed_at = coalesce(dismissed_at, $3), dismissed_by = coalesce(dismissed_by, $4)
        where one_id = $1 and other_id = $2 returning one_id
        """,
        min(one, other), max(one, other), now, by,
    )  # fmt: skip
    return row is not None


async def insert_merge(conn: Connection, person_id: UUID, survivor_id: UUID, by: str, now: datetime) -> None:
    await conn.execute(
        "insert into merge (person_id, survivor_id, merged_by, merged_at) values ($1, $2, $3, $4)",
        person_id, survivor_id, by, now,
    )  # fmt: skip


async def delete_merge(conn: Connection, person_id: UUID) -> None:
    await conn.execute("delete from merge where person_id = $1", person_id)


async def survivor_of(conn: Connection, person_id: UUID) -> UUID | None:
    """None for a record that was not merged."""
    found: UUID | None = await conn.fetchval("select survivor_id from merge where person_id = $1", person_id)
    return found


async def merged_into(conn: Connection, person_id: UUID) -> tuple[UUID, ...]:
    rows = await conn.fetch("select person_id from merge where survivor_id = $1 order by person_id", person_id)
    return tuple(row["person_id"] for row in rows)


async def records_of(conn: Connection, person_id: UUID) -> list[UUID]:
    """All the records of the person that this one is of: the survivor first, this one alone where none was merged."""
    survivor_id = await survivor_of(conn, person_id) or person_id
    return [survivor_id, *await merged_into(conn, survivor_id)]


async def duplicates_of(conn: Connection, person_id: UUID, case_manager: str) -> Duplicates:
    """As that case manager may see them."""
    own = await records_of(conn, person_id)
    rows = await conn.fetch(_CANDIDATES, person_id, own, case_manager)
    survivor_id = await survivor_of(conn, person_id)
    candidates = tuple(_candidate(row) for row in rows)
    return Duplicates(person_id, survivor_id, await merged_into(conn, person_id), candidates)


def _candidate(row: Mapping[str, Sequence[str]]) -> Candidate:
    return Candidate(
        **{
            **row,
            "parts": frozenset(map(Part, row["parts"])),
            "case_manager_ids": tuple(row["case_manager_ids"]),
            "enquiry_ids": tuple(row["enquiry_ids"]),
        }  # type: ignore[arg-type]
    )


_CANDIDATES = """
    with found as (
        select case one_id when $1 then other_id else one_id end as person_id, parts, found_at
        from duplicate_candidate where $1 in (one_id, other_id) and dismissed_at is null
    )
    select person_id, parts, found_at,
        array(
            select distinct case_manager_id from enquiry join responsibility using (enquiry_id)
            where person_id = found.person_id and case_manager_id is not null order by 1
        ) as case_manager_ids,
        array(
            select distinct enquiry_id from enquiry join responsibility using (enquiry_id)
            where person_id = found.person_id and case_manager_id::text = lower($3) order by 1
        ) as enquiry_ids
    from found where person_id <> all($2) order by person_id
"""
