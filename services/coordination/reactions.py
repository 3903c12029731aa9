"""What coordination does about the events of the others."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from services.coordination import commands, store
from services.coordination.chain import day
from services.coordination.domain import Consent, Finding
from services.coordination.projection import PUBLISHED
from services.coordination.publish import Publisher, enquiry_of
from shared.clock import now
from shared.consumer import Reactions
from shared.contracts.case import FindingReported
from shared.contracts.erasure import CoordinationErased
from shared.contracts.intake import EnquiryReceived
from shared.contracts.person import ConsentGiven, ConsentRevoked
from shared.contracts.scheduling import BookingConfirmed, LanguageUnmet
from shared.database import Connection
from shared.envelope import Envelope
from shared.erasure import Erasing

log = structlog.get_logger()


async def note_waiting(conn: Connection, event: Envelope[BookingConfirmed]) -> None:
    """Only the first confirmed talk of an enquiry ends its waiting."""
    confirmed_on = event.data.confirmed_on
    received_on = await store.confirm_talk(conn, event.data.enquiry_id, confirmed_on)
    if received_on is not None:
        await store.count_waiting(conn, confirmed_on, event.data.ags, (confirmed_on - received_on).days)


async def note_unmet(conn: Connection, event: Envelope[LanguageUnmet]) -> None:
    await store.count_unmet(conn, event.data.unmet_on, event.data.ags, set(event.data.languages))


async def note_finding(conn: Connection, event: Envelope[FindingReported]) -> None:
    found = event.data
    await store.add_finding(conn, Finding(found.finding_id, found.ags, found.kind, found.about, found.reported_on))


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
        await store.queue_up(conn)
        enquiry_id = enquiry_of(event)
        if enquiry_id is None or await store.has_enquiry(conn, enquiry_id):
            await self._carry_out(conn, event)
        elif await self._is_erased(conn, event):
            await self._count(conn, event)
        else:
            await store.keep_early(conn, enquiry_id, event)

    async def receive(self, conn: Connection, event: Envelope[EnquiryReceived]) -> None:
        await store.queue_up(conn)
        if await self._is_erased(conn, event):
            await self._count(conn, event)
            return
        received = event.data
        for given in received.consents:
            await store.add_consent(conn, Consent(enquiry_id=received.enquiry_id, **given.model_dump()))
        await store.add_enquiry(conn, received.enquiry_id, received.ags, received.received_on)
        await self._carry_out(conn, event)
        for early in await store.take_early(conn, received.enquiry_id):
            await self._carry_out(conn, early)

    async def give_consent(self, conn: Connection, event: Envelope[ConsentGiven]) -> None:
        await store.queue_up(conn)
        if not await self._is_erased(conn, event):
            await store.add_consent(conn, Consent(**event.data.model_dump(exclude={"person_id"})))

    async def revoke_consent(self, conn: Connection, event: Envelope[ConsentRevoked]) -> None:
        """Holds for every event projected from now on; how long it took to get here is logged."""
        await store.queue_up(conn)
        if not await self._is_erased(conn, event):
            await store.revoke_consent(conn, event.data.consent_id, event.data.enquiry_id)
        log.info("consent.revoked", delay_seconds=(now() - event.time).total_seconds())

    @property
    def erasing(self) -> Erasing:
        """What comes late is still counted, so it is not dropped unseen."""
        return Erasing(self._erase, store.known, CoordinationErased, self.marker_after, remembers=False)

    async def _erase(self, conn: Connection, enquiry_ids: Sequence[UUID]) -> None:
        await commands.erase(conn, self.publisher.pseudonyms, enquiry_ids, self.marker_after)

    async def _carry_out(self, conn: Connection, event: Envelope[Any]) -> None:
        await self._count(conn, event)
        await self.publisher.publish(conn, event)

    async def _count(self, conn: Connection, event: Envelope[Any]) -> None:
        """Anonymous counts stand for every event, whether it may be published or not."""
        await store.count_event(conn, day(event.time), event.data.ags, event.type)
        if note := READ_MODELS.get(type(event.data)):
            await note(conn, event)

    async def _is_erased(self, conn: Connection, event: Envelope[Any]) -> bool:
        return await store.is_erased(conn, self.publisher.pseudonyms.tombstone(event.data.enquiry_id))
