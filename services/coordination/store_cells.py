"""SQL of coordination's counts: anonymous daily cells, which survive every erasure."""

from collections.abc import Collection, Iterable
from datetime import date

from shared.database import Connection


async def count_event(conn: Connection, day: date, ags: str, type: str) -> None:
    await conn.execute(
        """
        insert into daily_cell values ($1, $2, $3, 1)
        on conflict (day, ags, type) do update set events = daily_cell.events + 1
        """,
        day,
        ags,
        type,
    )


async def count_unmet(conn: Connection, day: date, ags: str, languages: Iterable[str]) -> None:
    await conn.executemany(
        """
        insert into unmet_cell values ($1, $2, $3, 1)
        on conflict (day, ags, language) do update set bookings = unmet_cell.bookings + 1
        """,
        [(day, ags, language) for language in languages],
    )


async def count_waiting(conn: Connection, day: date, ags: str, days: int) -> None:
    await conn.execute(
        """
        insert into waiting_cell values ($1, $2, $3, 1)
        on conflict (day, ags, days) do update set enquiries = waiting_cell.enquiries + 1
        """,
        day,
        ags,
        days,
    )


async def unmet_languages(conn: Connection, served: Collection[str]) -> dict[str, int]:
    """Language -> bookings in which it was not met. Not for publication as it is."""
    rows = await conn.fetch(
        "select language, sum(bookings)::int n from unmet_cell where ags = any($1) group by language", served
    )
    return {row["language"]: row["n"] for row in rows}


async def waiting_days(conn: Connection, served: Collection[str]) -> dict[str, dict[int, int]]:
    """AGS -> days waited -> enquiries. Not for publication as it is."""
    rows = await conn.fetch(
        """
        select ags, days, sum(enquiries)::int n from waiting_cell where ags = any($1) group by ags, days
        """,
        served,
    )
    waited: dict[str, dict[int, int]] = {}
    for row in rows:
        waited.setdefault(row["ags"], {})[row["days"]] = row["n"]
    return waited
