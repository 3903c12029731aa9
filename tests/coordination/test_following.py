"""Server-sent events over a real socket."""

import asyncio

import anyio
import pytest

from services.coordination import following
from services.coordination.following import Followers
from shared.database import Database
from tests.coordination.api import Api, take
from tests.coordination.world import ALPEN, DINSLAKEN, World, received
from tests.waiting import eventually

PATH = f"/municipalities/{DINSLAKEN}/stream"


async def test_a_follower_gets_what_was_published_and_then_what_happens(api: Api, world: World) -> None:
    await world.hear(received(), received())
    async with api.follow(PATH) as messages:
        before = await take(messages, 2)
        await world.hear(received(), received(ags=ALPEN))
        [after] = await take(messages, 1)
    published = [(event.sequence, event.model_dump(mode="json")) for event in await world.stream()]
    assert [*before, after] == published


async def test_whoever_comes_again_goes_on_after_the_last_event(api: Api, world: World) -> None:
    await world.hear(*(received() for _ in range(3)))
    async with api.follow(PATH, after=2) as messages:
        assert [sequence for sequence, _ in await take(messages, 1)] == [3]
    async with api.follow(f"{PATH}?after=1") as messages:
        assert [sequence for sequence, _ in await take(messages, 2)] == [2, 3]


async def test_more_events_than_one_read_takes_come_in_order(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "BATCH", 2)
    await world.hear(*(received() for _ in range(5)))
    async with api.follow(PATH) as messages:
        assert [sequence for sequence, _ in await take(messages, 5)] == [1, 2, 3, 4, 5]


async def test_a_notification_wakes_a_follower_long_before_the_poll(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "POLL", 60)
    await world.hear(received())
    async with api.follow(PATH) as messages:
        await take(messages, 1)
        await eventually(lambda: _listens(world.database))
        await world.hear(received())
        assert [sequence for sequence, _ in await take(messages, 1)] == [2]


async def test_without_notifications_the_poll_finds_what_is_there(world: World) -> None:
    await world.hear(received())
    events = Followers().follow(world.database, DINSLAKEN, 0, anyio.Event())
    assert (await anext(events)).sequence == 1
    await world.hear(received())
    async with asyncio.timeout(10):
        assert (await anext(events)).sequence == 2
    await events.aclose()  # type: ignore[attr-defined]


async def test_a_silent_stream_has_a_heartbeat(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.coordination.streams.HEARTBEAT", 0.05)
    async with api.client.stream("GET", PATH, headers=api.token({})) as response, asyncio.timeout(10):
        line = await anext(response.aiter_lines())
    assert line.startswith(":")


async def test_a_stream_ends_in_time_so_that_the_token_is_shown_again(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LONGEST", 0.1)
    monkeypatch.setattr(following, "POLL", 0.05)
    await world.hear(received())
    async with api.follow(PATH) as messages, asyncio.timeout(10):
        assert [sequence async for sequence, _ in messages] == [1]


async def test_a_foreign_stream_is_not_there(api: Api) -> None:
    assert (await api.get(f"/municipalities/{ALPEN}/stream")).status_code == 404
    assert (await api.get(PATH, roles=["clerk"])).status_code == 403


async def _listens(database: Database) -> bool:
    """Whether the followers' connection listens in this database."""
    return bool(
        await database.pool.fetchval(
            """
            select exists (
                select from pg_stat_activity where datname = current_database()
                and application_name = 'followers' and query ilike 'listen%' and state = 'idle'
            )
            """
        )
    )
