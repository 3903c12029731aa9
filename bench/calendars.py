"""Generated calendars: an office in which four of five hours are taken for six weeks."""

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg

from shared.clock import BERLIN
from shared.ids import new_id

AGS, LANGUAGES, DAYS = "05170008", 27, 42
OPENS, CLOSES, HOURS, TAKEN = time(8), time(18), 10, 8
HOUR = timedelta(hours=1)


class Office(NamedTuple):
    ags: str
    case_managers: list[UUID]
    interpreters: list[UUID]
    rooms: list[UUID]


async def fill(url: str, case_managers: int, interpreters: int, rooms: int, today: date) -> Office:
    """From today on, Monday to Friday from 08:00 to 18:00 in Berlin. The same for the same sizes and day."""
    chance = random.Random(2026)  # noqa: S311 - data, not secrets
    office = Office(AGS, *([new_id() for _ in range(number)] for number in (case_managers, interpreters, rooms)))
    everybody = [*office.case_managers, *office.interpreters, *office.rooms]
    kinds = ["case_manager"] * case_managers + ["interpreter"] * interpreters + ["room"] * rooms
    spoken = [[f"x{chr(96 + n % LANGUAGES)}" if n % LANGUAGES else "ti"] for n in range(len(everybody))]
    conn = await asyncpg.connect(url)
    await conn.copy_records_to_table(
        "resource",
        columns=["id", "kind", "ags", "languages"],
        records=[(id, kind, [AGS], tongue) for id, kind, tongue in zip(everybody, kinds, spoken, strict=True)],
    )
    await conn.copy_records_to_table(
        "availability_window",
        records=[(id, day, OPENS, CLOSES) for id in everybody for day in range(5)],
    )
    other, enquiry = new_id(), new_id()
    await conn.execute("insert into resource (id, kind) values ($1, 'client')", enquiry)
    await conn.execute(
        """
        insert into booking (id, counselling_id, case_id, enquiry_id, ags, case_manager_id, languages, topics, mode,
            interpreter_needed, duration_minutes, state, requested_at)
        values ($1, $1, $1, $2, $3, $4, '{ti}', '{housing}', 'in_person', true, 60, 'requested', now())
        """,
        *(other, enquiry, AGS, everybody[0]),
    )
    await conn.copy_records_to_table(
        "reservation",
        columns=["id", "resource_id", "booking_id", "during", "place", "state"],
        records=[
            (new_id(), id, other, asyncpg.Range(starts, ends), AGS, "confirmed")
            for id in everybody
            for starts, ends in _busy(chance, today)
        ],
    )
    await conn.execute("vacuum analyze")
    await conn.close()
    return office


def _busy(chance: random.Random, today: date) -> Iterable[tuple[datetime, datetime]]:
    """Talks of an hour in all hours of a day but two."""
    for day in (today + timedelta(days=n) for n in range(DAYS)):
        if day.weekday() < 5:
            opens = datetime.combine(day, OPENS, BERLIN).astimezone(UTC)
            for hour in chance.sample(range(HOURS), TAKEN):
                yield opens + hour * HOUR, opens + (hour + 1) * HOUR
