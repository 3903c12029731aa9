"""All SQL of one-time codes and of the second factor."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.person.one_time_codes import LIFETIME, MOST_TRIES, CodePurpose
from shared.database import Connection


@dataclass(frozen=True, slots=True)
class Code:
    id: UUID
    digest: bytes


async def count_since(conn: Connection, person_id: UUID, purpose: CodePurpose, since: datetime) -> int:
    found: int = await conn.fetchval(
        "select count(*) from one_time_code where person_id = $1 and purpose = $2 and made_at > $3",
        person_id, purpose, since,
    )  # fmt: skip
    return found


async def insert(conn: Connection, person_id: UUID, purpose: CodePurpose, code: Code, made_at: datetime) -> None:
    """From now on the ones before count no more."""
    await conn.execute(
        """
        insert into one_time_code (id, person_id, purpose, digest, made_at, expires_at) values ($1, $2, $3, $4, $5, $6)
        """,
        code.id, person_id, purpose, code.digest, made_at, made_at + LIFETIME,
    )  # fmt: skip


async def try_newest(conn: Connection, person_id: UUID, purpose: CodePurpose, now: datetime) -> Code | None:
    """Counts a try on the code that counts now. None where none does."""
    row = await conn.fetchrow(
        """
        update one_time_code set tries = tries + 1
        where id = (
            select id from one_time_code where person_id = $1 and purpose = $2 order by made_at desc, id desc limit 1
        ) and not used and expires_at > $3 and tries < $4
        returning id, digest
        """,
        person_id, purpose, now, MOST_TRIES,
    )  # fmt: skip
    return None if row is None else Code(**row)


async def use(conn: Connection, code_id: UUID) -> bool:
    """False where another request was faster."""
    row = await conn.fetchrow("update one_time_code set used = true where id = $1 and not used returning id", code_id)
    return row is not None


async def verify_contact(conn: Connection, person_id: UUID, now: datetime) -> None:
    await conn.execute(
        "insert into verified_contact (person_id, verified_at) values ($1, $2) on conflict do nothing", person_id, now
    )


async def unverify_contact(conn: Connection, person_id: UUID) -> None:
    """It is another one now: what was sent to the one before proves nothing any more. Codes are still counted."""
    await conn.execute("delete from verified_contact where person_id = $1", person_id)
    await conn.execute("delete from second_factor where person_id = $1", person_id)
    await conn.execute("update one_time_code set used = true where person_id = $1", person_id)


async def is_verified(conn: Connection, person_id: UUID) -> bool:
    found: bool = await conn.fetchval("select exists (select from verified_contact where person_id = $1)", person_id)
    return found


async def insert_proof(conn: Connection, person_id: UUID, digest: bytes, expires_at: datetime) -> None:
    await conn.execute(
        "insert into second_factor (digest, person_id, expires_at) values ($1, $2, $3)", digest, person_id, expires_at
    )


async def is_proven(conn: Connection, person_id: UUID, digest: bytes, now: datetime) -> bool:
    found: bool = await conn.fetchval(
        "select exists (select from second_factor where digest = $1 and person_id = $2 and expires_at > $3)",
        digest, person_id, now,
    )  # fmt: skip
    return found


async def forget(conn: Connection, made_before: datetime, now: datetime) -> int:
    """Deletes what counts no more. Returns how many rows."""
    codes = await conn.fetch("delete from one_time_code where made_at < $1 returning 1", made_before)
    proofs = await conn.fetch("delete from second_factor where expires_at <= $1 returning 1", now)
    return len(codes) + len(proofs)
