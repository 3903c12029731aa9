"""SQL of what coordination knows of an enquiry: its consents, and whether it is there, early or erased."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self
from uuid import UUID

from services.coordination.chain import GENESIS
from services.coordination.domain import Consent
from shared.contracts.base import Event
from shared.contracts.registry import EVENTS
from shared.contracts.vocabulary import ConsentKind, Purpose, Recipient, Topic
from shared.database import Connection
from shared.envelope import Envelope


async def queue_up(conn: Connection) -> None:
    """One after the other: consents, projections and erasures have one order, and no two wait for each other."""
    await conn.execute("select queue_up()")


@dataclass(frozen=True, slots=True)
class Head:
    """Sequence and hash of a stream's last event."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class Situation:
    """What holds at an event's turn, until the end of its transaction."""

    known: bool
    erased: bool
    consents: Collection[Consent]
    head: Head
    """Of the stream of the event's municipality, locked."""

    def given(self, consents: Collection[Consent]) -> Self:
        """With these besides. A consent that is known stays as it is: its revocation may have come first."""
        known = {each.consent_id for each in self.consents}
        return replace(self, consents=[*self.consents, *(each for each in consents if each.consent_id not in known)])


async def take_turn(conn: Connection, ags: str, enquiry_id: UUID | None, tombstone: bytes | None) -> Situation:
    """Queues up, then sees what holds. Nothing is known of nobody's event."""
    row = await conn.fetchrow("select * from take_turn($1, $2, $3, $4)", ags, enquiry_id, tombstone, GENESIS)
    consents = [_consent(each) for each in row["consents"]]
    return Situation(row["known"], row["erased"], consents, Head(row["sequence"], row["hash"]))


async def add_enquiry(
    conn: Connection, enquiry_id: UUID, ags: str, received_on: date, consents: Collection[Consent]
) -> list[Envelope[Event]]:
    """Returns the events of this enquiry that came before it, in the order of arrival; they are kept no longer."""
    rows = await conn.fetch(
        """
        with added as (insert into enquiry (enquiry_id, ags, received_on) values ($1, $2, $3) on conflict do nothing),
        given as (
            insert into consent (enquiry_id, consent_id, kind, recipient, purpose, valid_until, topics)
            select $1, id, kind, recipient, purpose, valid_until, string_to_array(topics, ' ')
            from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::date[], $9::text[])
                as given (id, kind, recipient, purpose, valid_until, topics)
            on conflict do nothing
        )
        delete from early_event where enquiry_id = $1 returning *
        """,
        enquiry_id,
        ags,
        received_on,
        [each.consent_id for each in consents],
        [each.kind for each in consents],
        [each.recipient for each in consents],
        [each.purpose for each in consents],
        [each.valid_until for each in consents],
        [" ".join(sorted(each.topics)) for each in consents],
    )
    return [_early(row) for row in sorted(rows, key=lambda row: row["id"])]


async def keep_early(conn: Connection, enquiry_id: UUID, event: Envelope[Event]) -> None:
    await conn.execute(
        "insert into early_event (enquiry_id, event_id, type, time, data) values ($1, $2, $3, $4, $5)",
        enquiry_id,
        event.id,
        event.type,
        event.time,
        event.data.model_dump(mode="json"),
    )


async def confirm_talk(conn: Connection, enquiry_id: UUID, on: date) -> date | None:
    """Notes the first confirmed talk. Returns the day of the enquiry; None for a further talk."""
    received_on: date | None = await conn.fetchval(
        """
        update enquiry set confirmed_on = $2 where enquiry_id = $1 and confirmed_on is null returning received_on
        """,
        enquiry_id,
        on,
    )
    return received_on


async def add_consent(conn: Connection, consent: Consent) -> None:
    """A consent that is known stays as it is: it is never changed, and its revocation may have come first."""
    await conn.execute(
        """
        insert into consent (consent_id, enquiry_id, kind, recipient, purpose, valid_until, topics)
        values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing
        """,
        consent.consent_id,
        consent.enquiry_id,
        consent.kind,
        consent.recipient,
        consent.purpose,
        consent.valid_until,
        sorted(consent.topics),
    )


async def revoke_consent(conn: Connection, consent_id: UUID, enquiry_id: UUID) -> None:
    await conn.execute(
        """
        insert into consent (consent_id, enquiry_id, revoked) values ($1, $2, true)
        on conflict (consent_id) do update set revoked = true
        """,
        consent_id,
        enquiry_id,
    )


async def is_erased(conn: Connection, tombstone: bytes) -> bool:
    return bool(await conn.fetchval("select exists (select from erased_enquiry where tombstone = $1)", tombstone))


async def forget_enquiry(conn: Connection, enquiry_id: UUID, tombstone: bytes) -> None:
    """Deletes the enquiry and every link to it; the anonymous cells stay."""
    await conn.execute("insert into erased_enquiry values ($1) on conflict do nothing", tombstone)
    await conn.execute("delete from published where enquiry_id = $1", enquiry_id)
    await conn.execute("delete from early_event where enquiry_id = $1", enquiry_id)
    await conn.execute("delete from consent where enquiry_id = $1", enquiry_id)
    await conn.execute("delete from enquiry where enquiry_id = $1", enquiry_id)


async def known(conn: Connection) -> list[UUID]:
    """The enquiries of which there is a row."""
    rows = await conn.fetch(
        """
        select enquiry_id from enquiry union select enquiry_id from consent union select enquiry_id from early_event
        union select enquiry_id from published where enquiry_id is not null
        """
    )
    return [row["enquiry_id"] for row in rows]


def _consent(row: Mapping[str, Any]) -> Consent:
    return Consent(
        consent_id=UUID(row["consent_id"]),
        enquiry_id=UUID(row["enquiry_id"]),
        kind=ConsentKind(row["kind"]) if row["kind"] else None,
        recipient=Recipient(row["recipient"]) if row["recipient"] else None,
        purpose=Purpose(row["purpose"]) if row["purpose"] else None,
        valid_until=date.fromisoformat(row["valid_until"]) if row["valid_until"] else None,
        revoked=row["revoked"],
        topics=frozenset(Topic(each) for each in row["topics"]),
    )


def _early(row: Mapping[str, Any]) -> Envelope[Event]:
    data = EVENTS[row["type"]].model_validate(row["data"])
    return Envelope(row["event_id"], row["type"], "", data.subject_id, row["time"], None, data)
