"""Coordination as the tests drive it: events in, streams out."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.coordination import store_streams
from services.coordination.pseudonym import Pseudonyms
from services.coordination.publish import Publisher
from services.coordination.reactions import Coordination
from shared.clock import BERLIN, now
from shared.contracts.base import Event
from shared.contracts.case import CaseOpened
from shared.contracts.intake import EnquiryReceived, GivenConsent
from shared.contracts.municipal import MunicipalEvent
from shared.contracts.vocabulary import (
    Channel,
    ConsentKind,
    Mode,
    Phase,
    Purpose,
    Recipient,
    Topic,
)
from shared.database import Database
from shared.envelope import Envelope
from shared.ids import new_id
from shared.outbox import paired

DINSLAKEN, ALPEN, MOERS = "05170008", "05170004", "05170024"
TODAY = now().astimezone(BERLIN).date()
TOMORROW = TODAY + timedelta(days=1)


def envelope(event: Event, time: datetime | None = None) -> Envelope[Event]:
    return Envelope(new_id(), event.type, "/tests", event.subject_id, time or now(), "00-trace", event)


def consent(**changed: Any) -> GivenConsent:
    """One that shows an enquiry in Dinslaken to the office there."""
    good = {
        "consent_id": new_id(),
        "kind": ConsentKind.PROCESSING,
        "recipient": Recipient.OFFICE_DINSLAKEN,
        "purpose": Purpose.COORDINATION,
        "valid_until": TOMORROW,
    }
    return GivenConsent(**(good | changed))


def received(*consents: GivenConsent, ags: str = DINSLAKEN, enquiry_id: UUID | None = None) -> EnquiryReceived:
    return EnquiryReceived(
        enquiry_id=enquiry_id or new_id(),
        ags=ags,
        postcode="46535",
        topics=[Topic.HOUSING, Topic.RESIDENCE],
        languages=["ti"],
        mode=Mode.IN_PERSON,
        channel=Channel.WEB,
        criteria=[],
        consents=list(consents),
        received_on=TODAY,
    )


def opened(enquiry: EnquiryReceived, on: date = TODAY) -> CaseOpened:
    return CaseOpened(
        case_id=uuid4(),
        enquiry_id=enquiry.enquiry_id,
        ags=enquiry.ags,
        topics=enquiry.topics,
        languages=enquiry.languages,
        phase=Phase.CLARIFICATION,
        opened_on=on,
    )


@dataclass
class World:
    database: Database
    pseudonyms: Pseudonyms
    lag: float = 0.0
    heard: list[Envelope[Event]] = field(default_factory=list)

    @property
    def coordination(self) -> Coordination:
        return Coordination(Publisher(self.pseudonyms, lambda: self.lag), timedelta(seconds=60))

    async def hear(self, *events: Event | Envelope[Event]) -> None:
        """Each in a transaction of its own, as it would come alone."""
        for event in events:
            arrived = event if isinstance(event, Envelope) else envelope(event)
            self.heard.append(arrived)
            async with self.database.transaction() as conn:
                await self.coordination.reactions[type(arrived.data)](conn, arrived)

    async def stream(self, ags: str = DINSLAKEN) -> list[MunicipalEvent]:
        async with self.database.read() as conn:
            return await store_streams.events_after(conn, ags, 0, 1000)

    async def records(self, ags: str = DINSLAKEN) -> list[tuple[UUID, dict[str, bytes], bytes]]:
        """(key, headers, value) of what waits to be sent to the municipality's topic, in order."""
        rows = await self.database.pool.fetch(
            "select * from outbox where topic = $1 order by id", f"kim.municipality.{ags}.v1"
        )
        return [(row["record_key"], dict(paired(row["headers"])), row["value"]) for row in rows]


MOMENT = datetime(2026, 11, 24, 10, 30, 15, 123456, UTC)
