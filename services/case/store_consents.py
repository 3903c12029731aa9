"""The read model of consents in SQL."""

from datetime import date
from typing import Any
from uuid import UUID

from services.case.consents import Consent
from shared.consent_rules import COUNSELLING
from shared.contracts.person import ConsentGiven
from shared.contracts.registry import TOPICS
from shared.contracts.vocabulary import ConsentKind, Purpose, Recipient, Topic
from shared.database import Connection

_COLUMNS = ("id", "kind", "recipient", "purpose", "valid_until", "revoked_on", "topics")
_CODES = frozenset({"kind", "recipient", "purpose"})
_HEARD = ", ".join(f"consent.{name}{'::text' if name in _CODES else ''}" for name in _COLUMNS)
"""As types that the driver knows of itself: of what a row within a row is made, it looks up nothing."""
_TRUSTED = _HEARD.replace(
    "consent.revoked_on",
    f"case when is_unheard(consent.enquiry_id, '{TOPICS['person']}') then date '-infinity' else revoked_on end",
)
"""As if revoked, where something that person told of the enquiry waits behind a dead letter: a revocation, perhaps."""
COUNSELLING_OF_CASE = f"""
    array(
        select ({_TRUSTED}) from consent
        where consent.enquiry_id = case_file.enquiry_id
            and recipient = '{COUNSELLING[1]}' and purpose = '{COUNSELLING[2]}'
    ) as counselling
"""  # noqa: S608 - our own names
"""Column of a statement on `case_file`: all consents to counselling, of whatever kind, in force or not."""


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
    """As they count before anything is told; none does while something that person told of them is not heard."""
    return await _of(conn, _TRUSTED, enquiry_id)


async def heard(conn: Connection, enquiry_id: UUID) -> list[Consent]:
    """As they were heard of: by what is done about an event, and by the clock."""
    return await _of(conn, _HEARD, enquiry_id)


async def _of(conn: Connection, columns: str, enquiry_id: UUID) -> list[Consent]:
    rows = await conn.fetch(f"select {columns} from consent where enquiry_id = $1", enquiry_id)  # noqa: S608 - our own names
    return [_consent(dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def of_row(row: Any) -> list[Consent]:
    """Of a row that was selected with `COUNSELLING_OF_CASE` as `counselling`."""
    return [_consent(dict(zip(_COLUMNS, each, strict=True))) for each in row["counselling"]]


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
