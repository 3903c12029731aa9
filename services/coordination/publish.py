"""From an event of ours to the stream of its municipality: once, with the consents as they are committed now."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import structlog
from prometheus_client import Counter

from services.coordination import chain
from services.coordination.domain import is_consented
from services.coordination.projection import MOST_LAG, disclose, may_leave, topics_told
from services.coordination.pseudonym import Pseudonyms
from services.coordination.store import Head, Situation
from services.coordination.store_streams import add_municipal_event
from shared import outbox
from shared.clock import BERLIN, now
from shared.contracts.municipal import MunicipalEvent
from shared.contracts.registry import municipal_topic
from shared.database import Connection
from shared.envelope import Envelope
from shared.municipalities import BY_AGS
from shared.outbox import Record

SOURCE = "/coordination"
log = structlog.get_logger()
UNHEARD = Counter(
    "kim_withheld_unheard", "Events whose consented fields were withheld, as a dead letter may hide a revocation"
)

ConsentLag: TypeAlias = Callable[[], float]
"""Seconds by which our knowledge of consents may be behind; infinite while nothing is known."""


@dataclass(frozen=True, slots=True)
class Publisher:
    pseudonyms: Pseudonyms
    consent_lag: ConsentLag

    async def publish(self, conn: Connection, event: Envelope[Any], turn: Situation) -> bool:
        """Appends the projection of a routable event to its stream and counts it; not if it may not leave at all."""
        ags = event.data.ags
        consented = self._hears(event, turn) and is_consented(
            turn.consents, BY_AGS[ags].coordinating_office, chain.day(now()), topics_told(event.data)
        )
        if not may_leave(type(event.data), consented=consented):
            return False
        published = self._sealed(turn.head, event, consented=consented)
        await add_municipal_event(conn, ags, published, event.id, enquiry_of(event))
        await outbox.append_records(conn, [record(ags, published)])
        return True

    def _hears(self, event: Envelope[Any], turn: Situation) -> bool:
        """Whether consents are known as they are: fresh enough, and nothing of them behind a dead letter."""
        if turn.unheard:
            UNHEARD.inc()
            log.error("consents.unheard", event_id=str(event.id), type=event.type)
        return not turn.unheard and self.consent_lag() <= MOST_LAG

    def _sealed(self, head: Head, event: Envelope[Any], *, consented: bool) -> MunicipalEvent:
        disclosed = disclose(event.data, consented=consented)
        draft = MunicipalEvent(
            sequence=head.sequence + 1,
            id=uuid4(),
            type=event.type,
            time=event.time if consented else chain.midnight(event.time),
            subject=self.pseudonyms.subject(event.data.ags, enquiry_of(event) or UUID(event.data.subject_id)),
            data=disclosed.data,
            withheld=disclosed.withheld,
            salts={},
            commitments={},
            previous_hash=head.hash,
            hash="",
        )
        return chain.seal(draft, {leaf: secrets.token_hex(32) for leaf in chain.leaves(draft)})


def enquiry_of(event: Envelope[Any]) -> UUID | None:
    """The enquiry that the event belongs to; None where it is nobody's, as a finding."""
    return getattr(event.data, "enquiry_id", None)


def record(ags: str, event: MunicipalEvent) -> Record:
    """The Kafka record; one with the same key replaces it when the topic is compacted.

    Kafka's own timestamp tells the day alone: its start in Berlin, since a broker refuses one of the future.
    """
    begins = datetime.combine(chain.day(event.time), time(), BERLIN)
    return Record(municipal_topic(ags), event.id, ags, event.value(), event.headers(SOURCE), begins)
