"""Looks into others' calendars, outside any handler: when are case managers and interpreters busy elsewhere?"""

import asyncio
import json
import os
import sys
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from services.scheduling import busy_times, store_feeds
from services.scheduling import store_foreign as store
from services.scheduling.calendar_keys import CalendarKeys, Undecipherable
from services.scheduling.outward import Asked, NotReached, Outward
from services.scheduling.spans import Span
from services.scheduling.store_foreign import Foreign, ForeignKind
from shared.clock import now
from shared.database import Database

EVERY = timedelta(minutes=15)
AT_LATEST = timedelta(hours=6)
"""Between two looks at a calendar that cannot be read."""
AHEAD = timedelta(days=120)
"""How far ahead busy times are known: well beyond the days that are searched for slots."""
ANEW = timedelta(hours=12)
"""How long times stand that an unchanged calendar told: what recurs has to be counted further."""
AT_ONCE = 20
"""Most calendars of one round, so that a service that is told to end does."""
READING = 20.0
"""Seconds for reading one."""
_REPORT = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">'
    '<C:time-range start="{starts:%Y%m%dT%H%M%SZ}" end="{ends:%Y%m%dT%H%M%SZ}"/></C:free-busy-query>'
)
"""RFC 4791, 7.10; the times are in UTC."""

log = structlog.get_logger()


class ForeignCalendars:
    def __init__(self, keys: CalendarKeys, outward: Outward) -> None:
        self._keys = keys
        self._outward = outward

    async def run(self, database: Database) -> None:
        """Looks into those that are due. What fails is coded, logged, and tried again later and later."""
        for _ in range(AT_ONCE):
            moment = now()
            try:
                async with database.transaction() as conn:
                    foreign = await store.claim(conn, self._keys, moment, moment + EVERY)
                    ours = await store_feeds.uids(conn, foreign.resource_id) if foreign else []
            except Undecipherable:
                log.warning("foreign_calendar.undecipherable")
                return
            if foreign is None:
                return
            await self._look(database, foreign, ours, moment)

    async def _look(self, database: Database, foreign: Foreign, ours: Collection[str], moment: datetime) -> None:
        within = Span(moment - timedelta(days=1), moment + AHEAD)
        if foreign.read_at is None or foreign.read_at < moment - ANEW:
            foreign = replace(foreign, etag=None)
        try:
            answer = await self._outward.ask(_asked(foreign, within))
            busy = None if answer.content is None else await read_apart(answer.content, within, ours)
        except NotReached as fault:
            log.warning("foreign_calendar.failed", resource_id=str(foreign.resource_id), code=fault.code)
            async with database.transaction() as conn:
                await store.failed(conn, foreign, fault.code, moment + retry_after(foreign.failures))
            return
        async with database.transaction() as conn:
            if busy is None:
                await store.unchanged(conn, foreign)
            else:
                await store.learn(conn, replace(foreign, etag=answer.etag), busy, self._keys, moment)


def retry_after(failures: int) -> timedelta:
    """After that many in a row: twice as long each time."""
    return min(EVERY * (1 << min(failures - 1, 10)), AT_LATEST)


def _asked(foreign: Foreign, within: Span) -> Asked:
    if foreign.kind is ForeignKind.ICS:
        headers = {"Accept": "text/calendar", **({"If-None-Match": foreign.etag} if foreign.etag else {})}
        return Asked("GET", foreign.address, headers, login=foreign.login)
    content = _REPORT.format(starts=within.starts, ends=within.ends).encode()
    headers = {"Content-Type": "application/xml; charset=utf-8", "Depth": "1", "Accept": "text/calendar"}
    return Asked("REPORT", foreign.address, headers, content, foreign.login)


async def read_apart(content: bytes, within: Span, ours: Collection[str], limit: float = READING) -> list[Span]:
    """Busy times, read by a process of its own that has little memory and time, and is told none of our secrets.

    Raises NotReached.
    """
    asked = {"within": [edge.isoformat() for edge in within], "ours": list(ours)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", busy_times.__name__),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    try:
        async with asyncio.timeout(limit):
            told, _ = await process.communicate(json.dumps(asked).encode() + b"\n" + content)
    except TimeoutError:
        raise NotReached("calendar-unreadable") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise NotReached("calendar-unreadable")
    return busy_times.read(told.decode())
