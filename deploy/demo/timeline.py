"""What happens on Kafka while the demo runs: plain consumers of the internal topics and of one municipal stream."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, NamedTuple, Self
from uuid import UUID

from aiokafka import AIOKafkaConsumer
from rich.console import Console
from rich.text import Text

from shared.contracts.base import disclosure_of
from shared.contracts.intake import EnquiryReceived
from shared.contracts.municipal import MunicipalEvent
from shared.contracts.registry import EVENTS, TOPICS, municipal_topic
from shared.envelope import attributes

PATIENCE = 30.0


class Passed(NamedTuple):
    """An internal event, and when it passed."""

    seconds: float
    topic: str
    type: str
    data: dict[str, Any]


@dataclass
class Timeline:
    """Prints each event of one enquiry as it passes, and keeps those of the municipality's stream."""

    bootstrap: str
    ags: str
    console: Console
    stream: list[MunicipalEvent] = field(default_factory=list)
    offers: dict[UUID, Any] = field(default_factory=dict)
    """Offer id -> the offer as it was made."""
    known: set[str] = field(default_factory=set)
    """Internal ids of what is followed."""
    _unknown: list[Passed] = field(default_factory=list)
    _internal_types: set[str] = field(default_factory=set)
    _started: float = 0.0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        topics = [*TOPICS.values(), municipal_topic(self.ags)]
        self._kafka = AIOKafkaConsumer(*topics, bootstrap_servers=self.bootstrap, auto_offset_reset="latest")
        await self._kafka.start()
        await self._kafka.seek_to_end()
        for partition in self._kafka.assignment():  # the end is found now, and not when the first event has come
            await self._kafka.position(partition)
        self._reading = asyncio.create_task(self._read())
        self._started = time.monotonic()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self._kafka.stop()

    def follow(self, enquiry_id: UUID) -> None:
        """Print what concerns this enquiry, from the first event on."""
        self.known.add(str(enquiry_id))
        earlier, self._unknown = self._unknown, []
        for passed in earlier:
            self._internal(passed)

    def follow_all(self) -> None:
        """The same for every enquiry that was received since this began."""
        for passed in [each for each in self._unknown if each.type == EnquiryReceived.type]:
            self.follow(UUID(passed.data["enquiry_id"]))

    async def until(self, *event_types: str) -> None:
        """Waits until the municipality's stream has an event of each type, in any order. Raises TimeoutError."""
        await self._wait(lambda: {event.type for event in self.stream} >= set(event_types))

    async def seen(self, event_type: str) -> None:
        """Waits until an internal event of this type passed, of the enquiry that is followed. Raises TimeoutError."""
        await self._wait(lambda: event_type in self._internal_types)

    async def offer(self) -> Any:
        """Waits for the interpreter's offer and returns it. Raises TimeoutError."""
        await self._wait(lambda: bool(self.offers))
        return next(iter(self.offers.values()))

    async def _wait(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def _read(self) -> None:
        async for record in self._kafka:
            if record.value is None:
                continue
            if record.topic == municipal_topic(self.ags):
                event = MunicipalEvent.of_record(dict(record.headers), record.value)
                self.stream.append(event)
                self._print(self._seconds(), record.topic, f"#{event.sequence} {event.type}", "bold green")
            else:
                type_ = attributes(dict(record.headers))["type"]
                self._internal(Passed(self._seconds(), record.topic, type_, json.loads(record.value)))
            self._news.set()

    def _internal(self, passed: Passed) -> None:
        ids = {str(value) for name, value in passed.data.items() if name in _LINKS}
        if not ids & self.known:
            self._unknown.append(passed)
            return
        self.known |= ids
        self._internal_types.add(passed.type)
        if passed.type == "interpreter.offer.made.v1":
            self.offers[UUID(passed.data["offer_id"])] = passed.data
        self._print(passed.seconds, passed.topic, passed.type)

    def _seconds(self) -> float:
        return time.monotonic() - self._started

    def _print(self, seconds: float, topic: str, text: str, style: str = "default") -> None:
        self.console.print(Text(f"  {seconds:7.3f} s  {topic:<30} {text}", style=style))


def fields_of(event: MunicipalEvent) -> list[tuple[str, str, str]]:
    """(field, what its contract declares, what the reader sees) for each field that may ever leave."""
    model = EVENTS[event.type]
    declared = {name: disclosure_of(model, name) for name in model.model_fields}
    shown = event.data or {}
    return [
        (name, disclosure.value, json.dumps(shown[name]) if name in shown else "-")
        for name, disclosure in declared.items()
        if disclosure != "internal"
    ]


_LINKS = frozenset({"enquiry_id", "case_id", "booking_id", "person_id", "offer_id"})
