"""Several processes at once: one order of projections, consents and erasures."""

import asyncio

from services.coordination.chain import verify
from shared.contracts.person import PersonErased
from shared.ids import new_id
from tests.coordination.world import World, consent, envelope, opened, received
from tests.waiting import eventually


async def test_events_that_come_together_get_places_without_a_gap(world: World) -> None:
    enquiries = [received(consent()) for _ in range(12)]
    await asyncio.gather(*(world.hear(enquiry, opened(enquiry)) for enquiry in enquiries))
    events = await world.stream()
    assert len(events) == 24
    verify(events)


async def test_an_erasure_waits_for_a_projection_under_way_and_redacts_it(world: World) -> None:
    enquiry = received(consent())
    erased = PersonErased(person_id=new_id(), enquiry_ids=[enquiry.enquiry_id])
    async with world.database.transaction() as conn:
        await world.coordination.receive(conn, envelope(enquiry))  # type: ignore[arg-type]
        erasing = asyncio.create_task(world.hear(erased))
        await eventually(lambda: _somebody_waits(world))
    await asyncio.wait_for(erasing, 10)
    assert [event.redacted for event in await world.stream()] == [True]


async def _somebody_waits(world: World) -> bool:
    waiting = """
        select exists (
            select from pg_locks where locktype = 'advisory' and not granted
            and database = (select oid from pg_database where datname = current_database())
        )
        """
    return bool(await world.database.pool.fetchval(waiting))
