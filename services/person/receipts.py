"""The proof of erasures, outside any handler: ledger written, log read from offset 0 and clean, receipt issued."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from services.person import erasures, store_erasures
from services.person.erasures import Erasure, Finding, Step
from shared import erasure as shared_erasure
from shared.clock import now, today
from shared.database import Database
from shared.ledger import Entry, Ledger
from shared.log import Log

_COMPLETED = b".erasure.completed.v1"
_REDACTED = b'{"data":null,'
"""How the value of a redacted municipal event begins (shared.contracts.municipal)."""
_MOST_PAUSE = timedelta(minutes=1)
log = structlog.get_logger()


@dataclass(frozen=True)
class Receipts:
    bootstrap: str
    ledger: Ledger
    segment: timedelta

    async def run(self, database: Database) -> None:
        """One round. Raises KafkaError where the broker is away: then it is for the next round."""
        await self._enter(database)
        async with database.transaction() as conn:
            due = await store_erasures.due(conn, now())
            for erasure in due:
                await store_erasures.save(conn, erasure, now() + min(self.segment, _MOST_PAUSE))
        if due:
            found = await self._read(due)
            for erasure in due:
                await self._proceed(database, erasure, found)

    async def _enter(self, database: Database) -> None:
        """Into the ledger first: what is not there, a restore would bring back."""
        async with database.transaction() as conn:
            missing = await store_erasures.not_in_ledger(conn)
            digests = [shared_erasure.digest(each) for erasure in missing for each in erasure.enquiry_ids]
            if missing:
                entered_on = today()
                self.ledger.add(Entry(digest, entered_on) for digest in digests)
                await store_erasures.note_in_ledger(conn, [erasure.id for erasure in missing])

    async def _read(self, due: Sequence[Erasure]) -> Finding:
        found, pattern = Finding(), erasures.pattern(due)
        kafka = Log(self.bootstrap)
        for topic in await kafka.topics():
            published: set[bytes] = set()
            async for record in kafka.records(topic):
                _look(record, found)
                found.traces.update(pattern.findall(_text(record)))
                if topic.startswith("kim.municipality."):
                    found.superseded |= _replaces(record, published)
        return found

    async def _proceed(self, database: Database, erasure: Erasure, found: Finding) -> None:
        after = erasures.proceed(erasure, found)
        async with database.transaction() as conn:
            if after.step == Step.DONE:
                await store_erasures.finish(conn, after, now())
                log.info("erasure.done", erasure_id=str(after.id))
            elif after.step != erasure.step:  # all have heard: the telling itself goes now
                await shared_erasure.forget(conn, list(after.enquiry_ids), self.segment)
                await store_erasures.save(conn, after, now() + min(self.segment, _MOST_PAUSE))


def _text(record: Any) -> bytes:
    return b"\n".join([record.value or b"", *(value or b"" for _, value in record.headers)])


def _look(record: Any, found: Finding) -> None:
    """Takes note of a service that says that it has erased."""
    type_ = dict(record.headers).get("ce_type", b"")
    if record.value and type_.endswith(_COMPLETED):
        erasure_id = UUID(json.loads(record.value)["erasure_id"])
        found.answered.setdefault(erasure_id, set()).add(type_.split(b".")[0].decode())


def _replaces(record: Any, published: set[bytes]) -> bool:
    """Whether the record is a redaction of one that still stands before it."""
    if record.value and record.value.startswith(_REDACTED):
        return record.key in published
    published.add(record.key)
    return False
