"""Which handler an event type has, and events as a handler gets them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from shared import envelope, erasure, inbox
from shared.contracts.base import Event
from shared.contracts.person import PersonErased
from shared.database import Connection
from shared.envelope import Envelope
from shared.inbox import Incoming
from shared.telemetry import span

Handler: TypeAlias = Callable[[Connection, Envelope[Any]], Awaitable[None]]
"""Changes state through the connection it is given, inside the transaction of the event's inbox mark."""
Reactions: TypeAlias = Mapping[type[Event], Handler]


@dataclass(frozen=True, slots=True)
class Read:
    """An event, as far as it can be read."""

    event: Incoming
    received: Envelope[Any] | None
    """None: unreadable."""

    @property
    def enquiries(self) -> Sequence[UUID]:
        """Whom it concerns; of an erasure nobody, since that is what must be heard."""
        if self.received is None or isinstance(self.received.data, PersonErased):
            return []
        enquiries: Sequence[UUID] = self.received.data.enquiries
        return enquiries

    def is_forgotten(self, forgotten: set[bytes]) -> bool:
        """Whether it comes too late: it concerns somebody who is erased."""
        return any(erasure.digest(enquiry_id) in forgotten for enquiry_id in self.enquiries)


class Handlers:
    """The reactions, by event type."""

    def __init__(self, reactions: Reactions) -> None:
        self._handlers = {event.type: (event, handler) for event, handler in reactions.items()}

    def concern(self, event: Incoming) -> bool:
        """An unreadable event may be meant for anybody."""
        return event.type in self._handlers or event.type == "unreadable"

    def read(self, event: Incoming) -> Read:
        """Never raises."""
        if event.type not in self._handlers:
            return Read(event, None)
        with suppress(envelope.UnreadableEventError):
            return Read(event, envelope.read(self._handlers[event.type][0], dict(event.headers), event.value or b""))
        return Read(event, None)

    async def call(self, conn: Connection, read: Read) -> None:
        """Calls the event's handler, in a span that continues the publisher's trace.

        Raises UnreadableEventError, and whatever the handler raises.
        """
        if read.received is None:
            raise envelope.UnreadableEventError(f"unreadable {read.event.type}")
        _, handler = self._handlers[read.event.type]
        with span(read.received.traceparent):
            await handler(conn, read.received)


def locks(slice_: Sequence[Read]) -> list[int]:
    """Of the advisory locks that keep whom the events concern from being erased meanwhile."""
    return [erasure.lock_key(enquiry_id) for enquiry_id in {each for read in slice_ for each in read.enquiries}]


async def barred(conn: Connection, slice_: Sequence[Read]) -> inbox.Barred:
    """What of the events' aggregates is parked, and who of those they concern is erased."""
    digests = {erasure.digest(enquiry_id) for read in slice_ for enquiry_id in read.enquiries}
    return await inbox.barred(conn, [read.event.subject for read in slice_], list(digests))
