"""All SQL of the vault."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.person.domain import (
    Accessed,
    AccessPurpose,
    Consent,
    FetchFailure,
    Person,
    Terms,
)
from services.person.vault import Locked, Wrapped
from shared.database import Connection
from shared.errors import NotFound

_CONSENT = """
    select id, enquiry_id, kind, recipient, purpose, valid_until, topics, given_how, language_explained_in, recorded_by,
        revoked_on, revocation_recorded_by
    from consent
"""


async def insert_person(conn: Connection, person: Person, now: datetime) -> None:
    await conn.execute("insert into person (id, state, changed_at) values ($1, $2, $3)", person.id, person.state, now)
    await conn.executemany(
        "insert into enquiry (enquiry_id, person_id) values ($1, $2)",
        [(enquiry_id, person.id) for enquiry_id in person.enquiry_ids],
    )


async def load(conn: Connection, person_id: UUID) -> Person:
    """Locked until the transaction ends. Raises NotFound."""
    row = await conn.fetchrow(
        "select id, state, erasure_asked_at, erasure_id from person where id = $1 for update", person_id
    )
    if row is None:
        raise NotFound
    enquiries = await conn.fetch("select enquiry_id from enquiry where person_id = $1 order by enquiry_id", person_id)
    return Person(enquiry_ids=tuple(found["enquiry_id"] for found in enquiries), **row)


async def person_of(conn: Connection, enquiry_id: UUID) -> UUID:
    """Raises NotFound."""
    person_id: UUID | None = await conn.fetchval("select person_id from enquiry where enquiry_id = $1", enquiry_id)
    if person_id is None:
        raise NotFound
    return person_id


async def note_counselling(conn: Connection, enquiry_id: UUID, until: date | None) -> None:
    """The deadline after which the others are told that it has ended."""
    await conn.execute("update enquiry set counselled_until = $2 where enquiry_id = $1", enquiry_id, until)


async def next_counselling_over(conn: Connection, today: date) -> tuple[UUID, UUID] | None:
    """(person, enquiry) whose deadline is past the longest."""
    row = await conn.fetchrow(
        """
        select person_id, enquiry_id from enquiry where counselled_until < $1
        order by counselled_until, enquiry_id limit 1
        """,
        today,
    )
    return (row["person_id"], row["enquiry_id"]) if row else None


async def take_counselling_over(conn: Connection, enquiry_id: UUID, today: date) -> bool:
    """Once: False where a new consent was given meanwhile, or it was told."""
    row = await conn.fetchrow(
        "update enquiry set counselled_until = null where enquiry_id = $1 and counselled_until < $2 returning 1",
        enquiry_id, today,
    )  # fmt: skip
    return row is not None


async def save(conn: Connection, person: Person, now: datetime) -> None:
    await conn.execute(
        "update person set state = $2, erasure_asked_at = $3, erasure_id = $4, changed_at = $5 where id = $1",
        person.id, person.state, person.erasure_asked_at, person.erasure_id, now,
    )  # fmt: skip


async def save_registered(conn: Connection, person: Person, locked: Locked, now: datetime) -> None:
    await conn.execute(
        """
        update person set state = $2, data_key = $3, master_version = $4, contact = $5, changed_at = $6
        where id = $1
        """,
        person.id, person.state, locked.data_key.secret, locked.data_key.master_version, locked.contact, now,
    )  # fmt: skip


async def save_contact(conn: Connection, person_id: UUID, contact: bytes, now: datetime) -> None:
    """In place of the one before, encrypted with the same data key."""
    await conn.execute("update person set contact = $2, changed_at = $3 where id = $1", person_id, contact, now)


async def locked_contact(conn: Connection, person_id: UUID) -> Locked:
    """Raises NotFound before registration."""
    row = await conn.fetchrow(
        "select data_key, master_version, contact from person where id = $1 and state = 'registered'",
        person_id,
    )
    if row is None:
        raise NotFound
    return Locked(Wrapped(row["data_key"], row["master_version"]), row["contact"])


async def insert_consents(conn: Connection, consents: Iterable[Consent], now: datetime) -> None:
    await conn.executemany(
        """
        insert into consent
            (id, enquiry_id, kind, recipient, purpose, valid_until, given_how, recorded_by, recorded_at, revoked_on,
            topics, language_explained_in)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """,
        [
            (
                c.id, c.enquiry_id, c.terms.kind, c.terms.recipient, c.terms.purpose, c.terms.valid_until,
                c.given_how, c.recorded_by, now, c.revoked_on, c.terms.topics, c.language_explained_in,
            )
            for c in consents
        ],
    )  # fmt: skip


async def consents_of(conn: Connection, enquiry_id: UUID) -> list[Consent]:
    """In the order in which they were given."""
    return [_consent(row) for row in await conn.fetch(f"{_CONSENT} where enquiry_id = $1 order by id", enquiry_id)]


async def save_revoked(conn: Connection, consent: Consent) -> None:
    await conn.execute(
        "update consent set revoked_on = $2, revocation_recorded_by = $3 where id = $1",
        consent.id, consent.revoked_on, consent.revocation_recorded_by,
    )  # fmt: skip


async def assign(conn: Connection, case_id: UUID, enquiry_id: UUID, case_manager_id: UUID | None) -> None:
    """None: the case waits, so that nobody is responsible."""
    await conn.execute(
        """
        insert into responsibility (case_id, enquiry_id, case_manager_id) values ($1, $2, $3)
        on conflict (case_id) do update set case_manager_id = excluded.case_manager_id
        """,
        case_id, enquiry_id, case_manager_id,
    )  # fmt: skip


async def is_responsible(conn: Connection, subject: str, enquiry_ids: Sequence[UUID]) -> bool:
    """Whether the staff member with this subject is the case manager of a case that grew from an enquiry of these."""
    found: bool = await conn.fetchval(
        """
        select exists (
            select from responsibility where enquiry_id = any($1) and case_manager_id::text = lower($2)
        )
        """,
        enquiry_ids, subject,
    )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody read personal data: who, in which role, what, why, when."""

    id: UUID
    who: str
    role: str
    what: Accessed
    why: AccessPurpose
    at: datetime


async def insert_access(conn: Connection, person_id: UUID, access: Access) -> None:
    await conn.execute(
        "insert into access_log (id, person_id, who, role, what, why, at) values ($1, $2, $3, $4, $5, $6, $7)",
        access.id, person_id, access.who, access.role, access.what, access.why, access.at,
    )  # fmt: skip


async def accesses(conn: Connection, person_ids: Sequence[UUID]) -> list[Access]:
    """As the participant is told of them: of all these records, the newest first."""
    rows = await conn.fetch(
        """
        select id, who, role, what, why, at from access_log where person_id = any($1) and what <> $2
        order by at desc, id desc
        """,
        person_ids, Accessed.MATCH,
    )  # fmt: skip
    return [Access(**{**row, "what": Accessed(row["what"]), "why": AccessPurpose(row["why"])}) for row in rows]


@dataclass(frozen=True, slots=True)
class FetchDue:
    enquiry_id: UUID
    attempts: int


async def insert_fetch(conn: Connection, enquiry_id: UUID, received_at: datetime, now: datetime) -> None:
    await conn.execute(
        "insert into fetch_due (enquiry_id, received_at, next_at) values ($1, $2, $3)",
        enquiry_id, received_at, now,
    )  # fmt: skip


async def next_fetch(conn: Connection, now: datetime) -> FetchDue | None:
    """The one that is due the longest, locked; one that another process has locked is passed over."""
    row = await conn.fetchrow(
        """
        select enquiry_id, attempts from fetch_due where failed is null and next_at <= $1
        order by next_at, enquiry_id limit 1 for update skip locked
        """,
        now,
    )
    return None if row is None else FetchDue(**row)


async def postpone_fetch(conn: Connection, due: FetchDue, next_at: datetime) -> None:
    await conn.execute(
        "update fetch_due set attempts = $2, next_at = $3 where enquiry_id = $1",
        due.enquiry_id, due.attempts, next_at,
    )  # fmt: skip


async def take_fetch(conn: Connection, enquiry_id: UUID) -> bool:
    """Deletes the row, once: False where it was done, failed or withdrawn meanwhile."""
    row = await conn.fetchrow(
        "delete from fetch_due where enquiry_id = $1 and failed is null returning enquiry_id", enquiry_id
    )
    return row is not None


async def fail_fetch(conn: Connection, enquiry_id: UUID, failure: FetchFailure) -> None:
    await conn.execute("update fetch_due set failed = $2 where enquiry_id = $1 and failed is null", enquiry_id, failure)


async def retry_failed(conn: Connection, now: datetime) -> int:
    """Makes every failed fetch due again. Returns their number."""
    rows = await conn.fetch(
        "update fetch_due set failed = null, attempts = 0, next_at = $1 where failed is not null returning 1", now
    )
    return len(rows)


async def count_fetches(conn: Connection) -> dict[str, int]:
    """How many are `due`, and how many failed, by the failure's code."""
    rows = await conn.fetch("select coalesce(failed, 'due') as state, count(*) as n from fetch_due group by 1")
    return {row["state"]: row["n"] for row in rows}


def _consent(row: Any) -> Consent:
    terms = Terms.model_validate({name: row[name] for name in Terms.model_fields})
    return Consent(terms=terms, **{name: row[name] for name in Consent.model_fields if name != "terms"})
