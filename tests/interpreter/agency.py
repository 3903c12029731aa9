"""What the tests do to interpreter, by HTTP and by events, and what they look up behind it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import httpx

from services.interpreter import commands_offers, commands_profiles
from services.interpreter.domain import Interpreter
from shared import envelope
from shared.clock import now
from shared.consumer import Dispatcher
from shared.contracts.base import Event
from shared.contracts.registry import EVENTS
from shared.database import Database
from shared.ids import new_id
from shared.inbox import Incoming
from shared.outbox import paired
from tests.interpreter.people import interpreter
from tests.shared.issuing import TestIssuer

E = TypeVar("E", bound=Event)


@dataclass
class Agency:
    client: httpx.AsyncClient
    db: Database
    oidc: TestIssuer
    dispatcher: Dispatcher

    def token(self, role: str, **claims: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.oidc.token(roles=[role], **claims)}"}

    def as_interpreter(self, who: UUID) -> dict[str, str]:
        return self.token("interpreter", sub=str(who))

    async def knows(self, **changed: Any) -> Interpreter:
        """An interpreter who is registered."""
        given = interpreter(**changed)
        async with self.db.transaction() as conn:
            return await commands_profiles.put_interpreter(conn, given)

    async def hears(self, *events: Event, at: datetime | None = None) -> list[Incoming]:
        """Handles the events as the consumer would, each in a slice of its own."""
        records = [_record(event, at or now()) for event in events]
        for record in records:
            await self.dispatcher.handle([record])
        return records

    async def told(self, kind: type[E]) -> list[E]:
        """What was published of that type, in order; read by its contract."""
        async with self.db.read() as conn:
            rows = await conn.fetch("select headers, value from outbox order by id")
        events = [_event(dict(paired(row["headers"])), row["value"]) for row in rows]
        return [event for event in events if isinstance(event, kind)]

    async def rejections(self) -> list[str]:
        async with self.db.read() as conn:
            return [row["code"] for row in await conn.fetch("select code from rejected order by rejected_at")]

    async def states(self, booking_id: UUID) -> dict[UUID, str]:
        """State of the latest offer of the booking, by interpreter."""
        async with self.db.read() as conn:
            rows = await conn.fetch(
                "select interpreter_id, state from offer where booking_id = $1 order by id", booking_id
            )
        return {row["interpreter_id"]: row["state"] for row in rows}

    async def let_time_pass(self) -> None:
        """As if the time to answer what is asked now were over."""
        async with self.db.transaction() as conn:
            await conn.execute(
                "update offer set made_at = made_at - interval '1 day', expires_at = $1 where state = 'open'", now()
            )

    async def expire(self) -> int:
        async with self.db.transaction() as conn:
            return await commands_offers.expire_offers(conn)

    async def offers(self, who: UUID) -> list[dict[str, Any]]:
        return await self._list("/offers", who)

    async def assignments(self, who: UUID) -> list[dict[str, Any]]:
        return await self._list("/assignments", who)

    async def answer(self, verb: str, offer_id: UUID | str, who: UUID) -> httpx.Response:
        return await self.client.post(f"/offers/{offer_id}/{verb}", headers=self.as_interpreter(who))

    async def link(self, offer_id: UUID) -> str:
        """The token of a new link to the offer."""
        answer = await self.client.post(f"/offers/{offer_id}/link", headers=self.token("administrator"))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    async def look_by_link(self, token: str) -> httpx.Response:
        return await self.client.get("/offer-link", headers={"Offer-Token": token})

    async def answer_by_link(self, token: str, answer: str) -> httpx.Response:
        return await self.client.post("/offer-link/answer", json={"token": token, "answer": answer})

    async def _list(self, path: str, who: UUID) -> list[dict[str, Any]]:
        answer = await self.client.get(path, headers=self.as_interpreter(who))
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()
        return found


def _record(event: Event, at: datetime) -> Incoming:
    event_id = new_id()
    headers = envelope.headers(id=event_id, type=event.type, source="/tests", subject=event.subject_id, time=at)
    value = event.model_dump_json().encode()
    return Incoming(event.topic, 0, 0, event_id, event.type, event.subject_id, headers, value)


def _event(headers: dict[str, bytes], value: bytes) -> Event:
    return EVENTS[headers["ce_type"].decode()].model_validate_json(value)
