"""A service of the tests' own: it counts, in its database, what the runtime brings to its handler.

Run as a process (`python -m tests.runtime.probe`) it can be killed, frozen and stopped like any service.
"""

import asyncio
import os
from pathlib import Path
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter

from shared import outbox
from shared.contracts.base import INTERNAL, Event
from shared.database import Connection
from shared.envelope import Envelope
from shared.errors import DomainError
from shared.rebuilding import ReadModel, replace_all
from shared.service import Service, main
from shared.settings import Settings

SCHEMA = Path(__file__).parent / "schema"


class Counted(Event):
    """The probe's event; `do` tells the handler how to behave."""

    type: ClassVar[str] = "probe.counted.v1"
    topic: ClassVar[str] = os.environ.get("PROBE_TOPIC", "kim.probe.v1")
    subject: ClassVar[str] = "aggregate_id"

    concerns: ClassVar[str | None] = "enquiry_id"

    aggregate_id: Annotated[UUID, INTERNAL]
    number: Annotated[int, INTERNAL]
    do: Annotated[str, INTERNAL] = "count"
    enquiry_id: Annotated[UUID | None, INTERNAL] = None


class NotToday(DomainError):
    """The probe refuses this."""


async def on_counted(conn: Connection, event: Envelope[Counted]) -> None:
    """Writes one row, in the order of arrival."""
    if event.data.do == "reject":
        raise NotToday
    await conn.execute(
        "insert into effect (event_id, aggregate_id, number) values ($1, $2, $3)",
        event.id,
        event.data.aggregate_id,
        event.data.number,
    )
    if event.data.do == "poison" and not await conn.fetchval("select mended from mood"):
        raise RuntimeError("a text that must not leave")
    if event.data.do == "transient" and not await conn.fetchval("select mended from mood"):
        raise ConnectionError
    if event.data.do == "echo":
        await outbox.append(conn, Counted(aggregate_id=event.data.aggregate_id, number=event.data.number + 1))
    await tally(conn, event)


async def tally(conn: Connection, event: Envelope[Counted]) -> None:
    """The probe's read model: no two events have the same effect in two orders, or twice."""
    await conn.execute(
        """
        insert into tally values ($1, array[$2::int])
        on conflict (aggregate_id) do update set numbers = tally.numbers || excluded.numbers
        """,
        event.data.aggregate_id,
        event.data.number,
    )
    if event.data.do == "slow":
        await asyncio.sleep(float(os.environ.get("PROBE_SLOW", "2")))


TALLIES = ReadModel("tallies", ["tally"], {Counted: tally}, replace_all("tally"))


def service(_settings: Settings) -> Service:
    return Service(
        name="probe", router=APIRouter(), schema=SCHEMA, reactions={Counted: on_counted}, read_models=[TALLIES]
    )


if __name__ == "__main__":
    main(service)
