"""All SQL of coordination."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.coordination.chain import GENESIS
from services.coordination.domain import Consent, Finding, Measure
from shared.contracts.base import Event
from shared.contracts.municipal import MunicipalEvent
from shared.contracts.registry import EVENTS
from shared.contracts.vocabulary import ConsentKind, FindingKind, Purpose, Recipient, Topic
from shared.database import Connection
from shared.envelope import Envelope
from shared.errors import NotFound

CHANNEL = "municipal_stream"
"""Notifications carry the AGS of a stream that has grown."""
_QUEUE = 0x636F6F7264


async def queue_up(conn: Connection) -> None:
    """One after the other: consents, projections and erasures have one order, and no two wait for each other."""
    await conn.execute("select pg_advisory_xact_lock($1)", _QUEUE)


# Consents


async def consents_of(conn: Connection, enquiry_id: UUID) -> list[Consent]:
    rows = await conn.fetch("select * from consent where enquiry_id = $1", enquiry_id)
    return [
        Consent(
            consent_id=row["consent_id"],
            enquiry_id=row["enquiry_id"],
            kind=ConsentKind(row["kind"]) if row["kind"] else None,
            recipient=Recipient(row["recipient"]) if row["recipient"] else None,
            purpose=Purpose(row["purpose"]) if row["purpose"] else None,
            valid_until=row["valid_until"],
            revoked=row["revoked"],
        )
        for row in rows
    ]


async def add_consent(conn: Connection, consent: Consent) -> None:
    """A consent that is known stays as it is: it is never changed, and its revocation may have come first."""
    await conn.execute(
        """
        insert into consent (consent_id, enquiry_id, kind, recipient, purpose, valid_until)
        values ($1, $2, $3, $4, $5, $6) on conflict do nothing
        """,
        consent.consent_id,
        consent.enquiry_id,
        consent.kind,
        consent.recipient,
        consent.purpose,
        consent.valid_until,
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


# Enquiries


async def add_enquiry(conn: Connection, enquiry_id: UUID, ags: str, received_on: date) -> None:
    await conn.execute(
        "insert into enquiry (enquiry_id, ags, received_on) values ($1, $2, $3) on conflict do nothing",
        enquiry_id,
        ags,
        received_on,
    )


async def has_enquiry(conn: Connection, enquiry_id: UUID) -> bool:
    return bool(await conn.fetchval("select exists (select from enquiry where enquiry_id = $1)", enquiry_id))


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


async def keep_early(conn: Connection, enquiry_id: UUID, event: Envelope[Event]) -> None:
    await conn.execute(
        "insert into early_event (enquiry_id, event_id, type, time, data) values ($1, $2, $3, $4, $5)",
        enquiry_id,
        event.id,
        event.type,
        event.time,
        event.data.model_dump(mode="json"),
    )


async def take_early(conn: Connection, enquiry_id: UUID) -> list[Envelope[Event]]:
    """The events of this enquiry that came before it, in the order of arrival; they are kept no longer."""
    rows = await conn.fetch("delete from early_event where enquiry_id = $1 returning *", enquiry_id)
    return [_early(row) for row in sorted(rows, key=lambda row: row["id"])]


def _early(row: Mapping[str, Any]) -> Envelope[Event]:
    data = EVENTS[row["type"]].model_validate(row["data"])
    return Envelope(row["event_id"], row["type"], "", data.subject_id, row["time"], None, data)


# Erasure


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


# Municipal streams


@dataclass(frozen=True, slots=True)
class Head:
    """Sequence and hash of a stream's last event."""

    sequence: int
    hash: str


async def lock_head(conn: Connection, ags: str) -> Head:
    """The head of the stream, locked until the end of the transaction."""
    select = "select sequence, hash from stream_head where ags = $1 for update"
    row = await conn.fetchrow(select, ags)
    if row is None:
        await conn.execute("insert into stream_head values ($1, 0, $2) on conflict do nothing", ags, GENESIS)
        row = await conn.fetchrow(select, ags)
    return Head(row["sequence"], row["hash"])


async def add_municipal_event(
    conn: Connection, ags: str, event: MunicipalEvent, event_id: UUID, enquiry_id: UUID | None
) -> None:
    """Appends to the stream whose head is locked; `event_id` is our own event of which this is the projection."""
    await conn.execute(
        """
        with grown as (update stream_head set sequence = $2, hash = $12 where ags = $1),
        added as (insert into municipal_event values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)),
        linked as (insert into published values ($13, $3, $14))
        select pg_notify($15, $1)
        """,
        ags,
        event.sequence,
        event.id,
        event.type,
        event.time,
        event.subject,
        event.data,
        event.withheld,
        event.salts,
        event.commitments,
        event.previous_hash,
        event.hash,
        event_id,
        enquiry_id,
        CHANNEL,
    )


async def published_of(conn: Connection, enquiry_id: UUID) -> list[tuple[str, MunicipalEvent]]:
    """(AGS, event) for everything that was published about the enquiry."""
    rows = await conn.fetch(
        """
        select municipal_event.* from published join municipal_event on id = municipal_id
        where enquiry_id = $1 order by ags, sequence
        """,
        enquiry_id,
    )
    return [(row["ags"], _municipal_event(row)) for row in rows]


async def replace_municipal_event(conn: Connection, event: MunicipalEvent) -> None:
    """Saves a redaction."""
    await conn.execute(
        """
        update municipal_event set time = $2, subject = $3, data = $4, withheld = $5, salts = $6 where id = $1
        """,
        event.id,
        event.time,
        event.subject,
        event.data,
        event.withheld,
        event.salts,
    )


async def events_after(conn: Connection, ags: str, after: int, limit: int) -> list[MunicipalEvent]:
    rows = await conn.fetch(
        "select * from municipal_event where ags = $1 and sequence > $2 order by sequence limit $3",
        ags,
        after,
        limit,
    )
    return [_municipal_event(row) for row in rows]


def _municipal_event(row: Mapping[str, Any]) -> MunicipalEvent:
    return MunicipalEvent(**{name: row[name] for name in MunicipalEvent.model_fields})


# Anonymous cells


async def count_event(conn: Connection, day: date, ags: str, type: str) -> None:
    await conn.execute(
        """
        insert into daily_cell values ($1, $2, $3, 1)
        on conflict (day, ags, type) do update set events = daily_cell.events + 1
        """,
        day,
        ags,
        type,
    )


async def count_unmet(conn: Connection, day: date, ags: str, languages: Iterable[str]) -> None:
    await conn.executemany(
        """
        insert into unmet_cell values ($1, $2, $3, 1)
        on conflict (day, ags, language) do update set bookings = unmet_cell.bookings + 1
        """,
        [(day, ags, language) for language in languages],
    )


async def count_waiting(conn: Connection, day: date, ags: str, days: int) -> None:
    await conn.execute(
        """
        insert into waiting_cell values ($1, $2, $3, 1)
        on conflict (day, ags, days) do update set enquiries = waiting_cell.enquiries + 1
        """,
        day,
        ags,
        days,
    )


async def unmet_languages(conn: Connection, served: Collection[str]) -> dict[str, int]:
    """Language -> bookings in which it was not met. Not for publication as it is."""
    rows = await conn.fetch(
        "select language, sum(bookings)::int n from unmet_cell where ags = any($1) group by language", served
    )
    return {row["language"]: row["n"] for row in rows}


async def waiting_days(conn: Connection, served: Collection[str]) -> dict[str, dict[int, int]]:
    """AGS -> days waited -> enquiries. Not for publication as it is."""
    rows = await conn.fetch(
        """
        select ags, days, sum(enquiries)::int n from waiting_cell where ags = any($1) group by ags, days
        """,
        served,
    )
    waited: dict[str, dict[int, int]] = {}
    for row in rows:
        waited.setdefault(row["ags"], {})[row["days"]] = row["n"]
    return waited


# Findings and measures


async def add_finding(conn: Connection, finding: Finding) -> None:
    await conn.execute(
        """
        insert into finding (finding_id, ags, kind, about, reported_on) values ($1, $2, $3, $4, $5)
        on conflict do nothing
        """,
        finding.finding_id,
        finding.ags,
        finding.kind,
        finding.about,
        finding.reported_on,
    )


async def findings_of(conn: Connection, served: Collection[str]) -> list[Finding]:
    """Findings of these municipalities, the latest first."""
    rows = await conn.fetch("select * from finding where ags = any($1) order by reported_on desc, finding_id", served)
    return [_finding(row) for row in rows]


async def open_findings(conn: Connection, ags: str) -> list[Finding]:
    """Those without a measure, locked."""
    rows = await conn.fetch(
        "select * from finding where ags = $1 and measure_id is null order by finding_id for update", ags
    )
    return [_finding(row) for row in rows]


async def answered_by(conn: Connection, measure_id: UUID) -> list[Finding]:
    rows = await conn.fetch("select * from finding where measure_id = $1", measure_id)
    return [_finding(row) for row in rows]


async def save_findings(conn: Connection, findings: Iterable[Finding]) -> None:
    await conn.executemany(
        "update finding set measure_id = $2 where finding_id = $1",
        [(finding.finding_id, finding.measure_id) for finding in findings],
    )


async def load_measure(conn: Connection, measure_id: UUID, office: str) -> Measure:
    """Locked. Raises NotFound for one that is not there or another office's."""
    row = await conn.fetchrow(
        "select * from measure where measure_id = $1 and office = $2 for update", measure_id, office
    )
    if row is None:
        raise NotFound
    return _measure(row)


async def measures_of(conn: Connection, office: str) -> list[Measure]:
    """The latest first."""
    rows = await conn.fetch(
        "select * from measure where office = $1 order by proposed_on desc, measure_id desc", office
    )
    return [_measure(row) for row in rows]


async def save_measure(conn: Connection, measure: Measure) -> None:
    await conn.execute(
        """
        insert into measure values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (measure_id) do update set adopted = excluded.adopted, decided_on = excluded.decided_on
        """,
        measure.measure_id,
        measure.office,
        measure.ags,
        measure.kind,
        measure.about,
        measure.proposed_on,
        measure.adopted,
        measure.decided_on,
    )


def _finding(row: Mapping[str, Any]) -> Finding:
    return Finding(**{**row, "kind": FindingKind(row["kind"]), "about": Topic(row["about"])})


def _measure(row: Mapping[str, Any]) -> Measure:
    return Measure(**{**row, "kind": FindingKind(row["kind"]), "about": Topic(row["about"])})
