"""The read model of consents in SQL."""

from datetime import date
from typing import Any
from uuid import UUID

from services.case.consents import Consent
from shared.consent_rules import COUNSELLING
from shared.contracts.person import ConsentGiven
from shared.contracts.vocabulary import ConsentKind, Purpose, Recipient, Topic
from shared.database import Connection


async def insert(conn: Connection, given: ConsentGiven) -> None:
    await conn.execute(
        """
        insert into consent (id, enquiry_id, kind, recipient, purpose, valid_until, topics)
        values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing
        """,
        given.consent_id,
        given.enquiry_id,
        given.kind,
        given.recipient,
        given.purpose,
        given.valid_until,
        given.topics,
    )


async def revoke(conn: Connection, consent_id: UUID, on: date) -> None:
    await conn.execute("update consent set revoked_on = $2 where id = $1", consent_id, on)


async def of(conn: Connection, enquiry_id: UUID) -> list[Consent]:
    rows = await conn.fetch(
        "select id, kind, recipient, purpose, valid_until, revoked_on, topics from consent where enquiry_id = $1",
        enquiry_id,
    )
    return [_consent(row) for row in rows]


async def ending(conn: Connection, case_manager_id: UUID, until: date) -> list[tuple[UUID, date]]:
    """(case, last day of the last consent to counselling) of the open cases where that is near, the first first."""
    rows = await conn.fetch(
        """
        select case_file.id, max(valid_until) as last from case_file join consent using (enquiry_id)
        where case_manager_id = $4 and phase <> 'closed' and (kind, recipient, purpose) = ($1, $2, $3)
            and revoked_on is null
        group by case_file.id having max(valid_until) <= $5 order by last, case_file.id
        """,
        *COUNSELLING,
        case_manager_id,
        until,
    )
    return [(row["id"], row["last"]) for row in rows]


async def delete(conn: Connection, enquiry_id: UUID) -> None:
    await conn.execute("delete from consent where enquiry_id = $1", enquiry_id)


def _consent(row: Any) -> Consent:
    return Consent(
        row["id"],
        ConsentKind(row["kind"]),
        Recipient(row["recipient"]),
        Purpose(row["purpose"]),
        row["valid_until"],
        row["revoked_on"],
        frozenset(Topic(each) for each in row["topics"]),
    )
