"""All SQL of intake."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.domain import Enquiry, Status, Wishes
from shared.contracts.vocabulary import Channel, Criterion, Gender, Mode, ReferralService, Topic
from shared.database import Connection
from shared.errors import NotFound

_ENQUIRY = """
    select id, ags, postcode, topics, languages, mode, channel, criteria, dialect, gender, gender_binding,
        received_on, status, service, decided_on
    from enquiry
"""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A libsodium sealed box for the person service, with the id of the key that it was sealed for."""

    block: bytes
    key_id: UUID


async def insert(conn: Connection, enquiry: Enquiry, code_hash: bytes, sealed: Sealed) -> None:
    await conn.execute(
        """
        insert into enquiry (id, ags, postcode, topics, languages, mode, channel, criteria, received_on, status,
                             service, decided_on, code_hash, sealed, sealed_key_id, dialect, gender, gender_binding)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
        """,
        enquiry.id,
        enquiry.ags,
        enquiry.postcode,
        enquiry.wishes.topics,
        enquiry.wishes.languages,
        enquiry.wishes.mode,
        enquiry.channel,
        enquiry.wishes.criteria,
        enquiry.received_on,
        enquiry.status,
        enquiry.service,
        enquiry.decided_on,
        code_hash,
        sealed.block,
        sealed.key_id,
        enquiry.wishes.dialect,
        enquiry.wishes.gender,
        enquiry.wishes.gender_binding,
    )


async def load(conn: Connection, enquiry_id: UUID) -> Enquiry:
    """Locked until the transaction ends. Raises NotFound."""
    return _found(await conn.fetchrow(f"{_ENQUIRY} where id = $1 for update", enquiry_id))


async def get(conn: Connection, enquiry_id: UUID) -> Enquiry:
    """For reading. Raises NotFound."""
    return _found(await conn.fetchrow(f"{_ENQUIRY} where id = $1", enquiry_id))


async def page(
    conn: Connection, municipalities: Collection[str], status: Status, after: UUID | None, limit: int
) -> list[Enquiry]:
    """Enquiries of these municipalities, the oldest first, from behind `after`."""
    rows = await conn.fetch(
        f"""
        {_ENQUIRY}
        where ags = any($1) and status = $2 and ($3::uuid is null or id > $3)
        order by id limit $4
        """,
        list(municipalities),
        status,
        after,
        limit,
    )
    return [_enquiry(row) for row in rows]


async def save(conn: Connection, enquiry: Enquiry) -> None:
    """Of an enquiry only the decision changes."""
    await conn.execute(
        "update enquiry set status = $2, service = $3, decided_on = $4 where id = $1",
        enquiry.id,
        enquiry.status,
        enquiry.service,
        enquiry.decided_on,
    )


async def by_code(conn: Connection, code_hash: bytes) -> UUID | None:
    """The enquiry whose code has this hash, None where there is none or the code was revoked."""
    found: UUID | None = await conn.fetchval("select id from enquiry where code_hash = $1", code_hash)
    return found


async def drop_code(conn: Connection, enquiry_id: UUID) -> None:
    await conn.execute("update enquiry set code_hash = null where id = $1", enquiry_id)


async def sealed(conn: Connection, enquiry_id: UUID) -> Sealed:
    """Raises NotFound, also where person has it already."""
    row = await conn.fetchrow(
        "select sealed, sealed_key_id from enquiry where id = $1 and sealed is not null", enquiry_id
    )
    if row is None:
        raise NotFound
    return Sealed(row["sealed"], row["sealed_key_id"])


async def drop_sealed(conn: Connection, enquiry_id: UUID) -> None:
    await conn.execute("update enquiry set sealed = null, sealed_key_id = null where id = $1", enquiry_id)


async def failures(conn: Connection, buckets: Collection[bytes], span_starts: datetime) -> dict[bytes, int]:
    """Bucket -> failed attempts of the span; without those that have none."""
    rows = await conn.fetch(
        "select bucket, failures from attempt where bucket = any($1) and span_starts = $2",
        list(buckets),
        span_starts,
    )
    return {row["bucket"]: row["failures"] for row in rows}


async def count_failures(conn: Connection, buckets: list[bytes], span_starts: datetime, more: int) -> None:
    """Adds to each bucket. They are locked in the order given: the one that all share comes last."""
    await conn.executemany(
        """
        insert into attempt (bucket, span_starts, failures) values ($1, $2, $3)
        on conflict (bucket, span_starts) do update set failures = attempt.failures + excluded.failures
        """,
        [(bucket, span_starts, more) for bucket in buckets],
    )


async def forget_attempts(conn: Connection, before: datetime) -> int:
    """Deletes the counts of spans that began before; returns how many."""
    rows = await conn.fetch("delete from attempt where span_starts < $1 returning 1", before)
    return len(rows)


def _found(row: Any) -> Enquiry:
    if row is None:
        raise NotFound
    return _enquiry(row)


def _enquiry(row: Any) -> Enquiry:
    return Enquiry(
        id=row["id"],
        ags=row["ags"],
        postcode=row["postcode"],
        wishes=Wishes(
            topics=tuple(map(Topic, row["topics"])),
            languages=tuple(row["languages"]),
            mode=Mode(row["mode"]),
            criteria=tuple(map(Criterion, row["criteria"])),
            dialect=row["dialect"],
            gender=Gender(row["gender"]) if row["gender"] else None,
            gender_binding=row["gender_binding"],
        ),
        channel=Channel(row["channel"]),
        received_on=row["received_on"],
        status=Status(row["status"]),
        service=ReferralService(row["service"]) if row["service"] else None,
        decided_on=row["decided_on"],
    )
