"""What coordination does about the events of the others."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from prometheus_client import Histogram

from services.coordination import commands, store, store_cells, store_offices
from services.coordination.chain import day
from services.coordination.domain import Consent, Finding
from services.coordination.projection import PUBLISHED
from services.coordination.publish import Publisher, enquiry_of
from services.coordination.store import Situation
from shared.clock import now
from shared.consumer import Reactions
from shared.contracts.case import FindingReported
from shared.contracts.erasure import CoordinationErased
from shared.contracts.intake import EnquiryReceived, GivenConsent
from shared.contracts.person import ConsentGiven, ConsentRevoked
from shared.contracts.scheduling import BookingConfirmed, LanguageUnmet
from shared.database import Connection
from shared.envelope import Envelope
from shared.erasure import Erasing
from shared.rebuilding import ReadModel

REVOCATION_DELAY = Histogram(
    "kim_revocation_delay_seconds",
    "From a revocation to the moment since when it holds",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30, 300),
)


async def note_waiting(conn: Connection, event: Envelope[BookingConfirmed]) -> None:
    """Only the first confirmed talk of an enquiry ends its waiting."""
    confirmed_on = event.data.confirmed_on
    received_on = await store.confirm_talk(conn, event.data.enquiry_id, confirmed_on)
    if received_on is not None:
        await store_cells.count_waiting(conn, confirmed_on, event.data.ags, (confirmed_on - received_on).days)


async def note_unmet(conn: Connection, event: Envelope[LanguageUnmet]) -> None:
    await store_cells.count_unmet(conn, event.data.unmet_on, event.data.ags, set(event.data.languages))


async def note_finding(conn: Connection, event: Envelope[FindingReported]) -> None:
    found = event.data
    await store_offices.add_finding(
        conn, Finding(found.finding_id, found.ags, found.kind, found.about, found.reported_on)
    )


FINDINGS = ReadModel("findings", ["finding"], {FindingReported: note_finding}, store_offices.take_over_rebuilt)
"""The counts are none: they outlive the events that are erased (ADR 0011)."""
READ_MODELS: Mapping[type, Callable[[Connection, Envelope[Any]], Awaitable[None]]] = {
    BookingConfirmed: note_waiting,
    LanguageUnmet: note_unmet,
    FindingReported: note_finding,
}


@dataclass(frozen=True, slots=True)
class Coordination:
    publisher: Publisher
    marker_after: timedelta
    """How long after a redaction the municipal topics' segments may roll."""

    @property
    def reactions(self) -> Reactions:
        return {
            **dict.fromkeys(PUBLISHED, self.project),
            EnquiryReceived: self.receive,
            ConsentGiven: self.give_consent,
            ConsentRevoked: self.revoke_consent,
            **self.erasing.reactions,
        }

    async def project(self, conn: Connection, event: Envelope[Any]) -> None:
        """An event of an enquiry that is not known yet waits for it: its consents come with it."""
        enquiry_id, turn = enquiry_of(event), await self._turn(conn, event)
        if enquiry_id is None or turn.known:
            await self._carry_out(conn, event, turn)
        elif turn.erased:
            await self._count(conn, event)
        else:
            await store.keep_early(conn, enquiry_id, event)

    async def receive(self, conn: Connection, event: Envelope[EnquiryReceived]) -> None:
        received, turn = event.data, await self._turn(conn, event)
        if turn.erased:
            await self._count(conn, event)
            return
        given = [_consent(received.enquiry_id, each) for each in received.consents]
        early = await store.add_enquiry(conn, received.enquiry_id, received.ags, received.received_on, given)
        await self._carry_out(conn, event, turn.given(given))
        for each in early:
            await self._carry_out(conn, each, await self._turn(conn, each))

    async def give_consent(self, conn: Connection, event: Envelope[ConsentGiven]) -> None:
        await store.queue_up(conn)
        if not await self._is_erased(conn, event):
            await store.add_consent(conn, _consent(event.data.enquiry_id, event.data))

    async def revoke_consent(self, conn: Connection, event: Envelope[ConsentRevoked]) -> None:
        """Holds for every event projected from now on; how long it took to get here is measured."""
        await store.queue_up(conn)
        if not await self._is_erased(conn, event):
            await store.revoke_consent(conn, event.data.consent_id, event.data.enquiry_id)
        REVOCATION_DELAY.observe((now() - event.time).total_seconds())

    @property
    def erasing(self) -> Erasing:
        """What comes late is still counted, so it is not dropped unseen."""
        return Erasing(self._erase, store.known, CoordinationErased, self.marker_after, remembers=False)

    async def _erase(self, conn: Connection, enquiry_ids: Sequence[UUID]) -> None:
        await commands.erase(conn, self.publisher.pseudonyms, enquiry_ids, self.marker_after)

    async def _turn(self, conn: Connection, event: Envelope[Any]) -> Situation:
        enquiry_id = enquiry_of(event)
        tombstone = self.publisher.pseudonyms.tombstone(enquiry_id) if enquiry_id else None
        return await store.take_turn(conn, event.data.ags, enquiry_id, tombstone)

    async def _carry_out(self, conn: Connection, event: Envelope[Any], turn: Situation) -> None:
        if await self.publisher.publish(conn, event, turn):
            await _note(conn, event)
        else:
            await self._count(conn, event)

    async def _count(self, conn: Connection, event: Envelope[Any]) -> None:
        """Anonymous counts stand for every event, whether it may be published or not."""
        await store_cells.count_event(conn, day(event.time), event.data.ags, event.type)
        await _note(conn, event)

    async def _is_erased(self, conn: Connection, event: Envelope[Any]) -> bool:
        return await store.is_erased(conn, self.publisher.pseudonyms.tombstone(event.data.enquiry_id))


def _consent(enquiry_id: UUID, given: GivenConsent | ConsentGiven) -> Consent:
    return Consent(
        given.consent_id, enquiry_id, given.kind, given.recipient, given.purpose, given.valid_until,
        topics=frozenset(given.topics),
    )  # fmt: skip


async def _note(conn: Connection, event: Envelope[Any]) -> None:
    if note := READ_MODELS.get(type(event.data)):
        await note(conn, event)
