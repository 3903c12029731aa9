"""A case manager's case list with 100,000 cases in the database, against the bare query of the same rows.

Ours is all that the route does behind HTTP and token: a connection, the rows, what may follow, their JSON.
"""

from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter
from uuid import UUID

import asyncpg

from bench.figures import Asked, Figure, compare, percentiles
from bench.world import World
from services.case import listing
from services.case.app import SCHEMA
from shared.database import Database
from shared.ids import new_id

CASES, MANAGERS, SHOWN, READS = 100_000, 16, 50, 1_000
_FILL = """
    with known as (
        insert into enquiry (id) select gen_random_uuid() from generate_series(1, $1::int) returning id
    )
    insert into case_file (id, enquiry_id, ags, home_ags, topics, languages, mode, opened_on, phase, case_manager_id,
        speaks_language, version)
    select gen_random_uuid(), id, '05170008', '05170008', '{housing,residence}', '{ti,am}', 'in_person',
        date '2026-11-02',
        (array['clarification', 'assessment', 'planning', 'linking'])[1 + (row_number() over ()) % 4],
        ($2::uuid[])[1 + (row_number() over ()) % cardinality($2::uuid[])], false, 2
    from known
"""
_BARE = """
    select case_file.id as case_id, enquiry_id, ags, topics, languages, mode, opened_on, phase, reason, outcome,
        may_be_counselled, speaks_language, dialect, gender, gender_binding, version, person_id
    from case_file join enquiry on enquiry.id = enquiry_id
    where case_manager_id = $1 and case_file.id > $2 order by case_file.id limit $3
"""
_FIRST = "00000000-0000-0000-0000-000000000000"


async def case_list(world: World) -> list[Figure]:
    url, managers = await world.database_url(SCHEMA), [new_id() for _ in range(MANAGERS)]
    await _fill(url, managers)
    db = await Database.connect(url)

    async def ours(manager: UUID) -> None:
        async with db.pool.acquire() as conn:
            await listing.page(conn, manager, None, None, SHOWN)

    async def bare(manager: UUID) -> None:
        await db.pool.fetch(_BARE, manager, _FIRST, SHOWN + 1)

    async def run(read: Callable[[UUID], Awaitable[None]]) -> Sequence[float]:
        return percentiles([await _timed(read, managers[i % MANAGERS]) for i in range(READS)])

    asked = [Asked(f"case list, {CASES:,} cases, {name}", "ms", "at most 2") for name in ("p50", "p99")]
    figures = await compare(asked, lambda: run(ours), lambda: run(bare), __doc__.splitlines()[-1])
    await db.close()
    return figures


async def _fill(url: str, managers: Sequence[UUID]) -> None:
    conn = await asyncpg.connect(url)
    await conn.execute(
        """
        insert into case_manager (id, fte, municipalities, languages, topics)
        select id, 1, '{05170008}', '{}', '{}' from unnest($1::uuid[]) as id
        """,
        managers,
    )
    await conn.execute(_FILL, CASES, managers)
    await conn.execute("vacuum analyze")
    await conn.close()


async def _timed(read: Callable[[UUID], Awaitable[None]], manager: UUID) -> float:
    started = perf_counter()
    await read(manager)
    return perf_counter() - started
