"""What scheduling knows of interpreters, made again from what interpreter has told."""

from datetime import date, time, timedelta

from services.scheduling import store_lead_times
from services.scheduling import store_resources as resources
from services.scheduling.pool import Pool
from services.scheduling.reactions import INTERPRETERS
from services.scheduling.resources import Kind, Resource
from services.scheduling.spans import Span
from services.scheduling.windows import Window
from shared.contracts.interpreter import LeadTime
from shared.ids import new_id
from tests.scheduling.world import DINSLAKEN, MOERS, World
from tests.shadowed import shadowed

MORNINGS, EVENINGS = (Window(0, time(8), time(9)),), (Window(4, time(17), time(20)),)


async def test_what_the_log_tells_replaces_what_was_wrong_and_leaves_rooms_and_case_managers(
    world: World, database_url: str
) -> None:
    await world.open_office()
    spoilt, invented = await world.interpreter("ti", windows=EVENINGS), await world.interpreter("ar")
    missing = new_id()
    async with world.database.transaction() as conn:
        await resources.replace_absences(conn, spoilt, [Span(world.now, world.now + timedelta(days=1))])
    async with shadowed(database_url, INTERPRETERS) as shadows, shadows.transaction() as conn:
        for each in (spoilt, missing):
            profile = Resource(each, Kind.INTERPRETER, ags=(MOERS,), languages=("fa",), stands_in_for=("prs",))
            await resources.learn_profile(conn, profile, world.now - timedelta(days=9))
            assert await resources.learn_windows(conn, each, MORNINGS, world.now)
        away = Span(world.now, world.now + timedelta(days=7))
        await resources.replace_absences(conn, missing, [away])
        await store_lead_times.learn(conn, [LeadTime(valid_from=date(2020, 1, 1), working_days=3)], world.now)
        await INTERPRETERS.swap(conn)
    async with world.database.read() as conn:
        both = sorted([spoilt, missing])
        assert await resources.interpreters_in(conn, MOERS, ["fa"]) == Pool(tuple(both), frozenset(both))
        assert (await resources.interpreters_in(conn, MOERS, ["prs"])).substitutes == set(both)
        assert await resources.interpreters_in(conn, DINSLAKEN, ["ti", "ar"]) == Pool()
        assert await resources.rooms_in(conn, DINSLAKEN) == [world.room]
        hours = await conn.fetch("select resource_id, weekday from availability_window")
        assert [row["resource_id"] for row in await conn.fetch("select resource_id from absence")] == [missing]
    assert {(row["resource_id"], row["weekday"]) for row in hours} == {
        (spoilt, 0), (missing, 0), *((each, day) for each in (world.room, world.manager) for day in range(5)),
    }  # fmt: skip
    assert await world.database.pool.fetchval("select working_days from lead_time") == 3
    assert await world.database.pool.fetchval("select not active from resource where id = $1", invented)
