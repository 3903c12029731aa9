"""All that is open is planned at once, from what the service has heard."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import timedelta
from uuid import UUID

from services.interpreter.plan_contents import Plan
from tests.interpreter.agency import Agency
from tests.interpreter.people import STARTS_AT, Booking, languages, slot
from tests.interpreter.planning import made_of


async def planned(agency: Agency) -> Plan:
    return await made_of(agency)


async def test_two_talks_at_once_share_two_interpreters_where_one_alone_would_be_first_for_both(agency: Agency) -> None:
    both = await agency.knows(languages=languages(ti="native", am="b2"))
    tigrinya = await agency.knows(languages=languages(ti="c1"))
    first, second = Booking(), Booking()
    free = [both.id, tigrinya.id]
    await agency.hears(first.requested((slot(), free)), second.requested((slot(), free), languages=["am"]))
    made = await planned(agency)
    chosen = {each.request_id: each.interpreter_id for each in made.choices}
    assert chosen == {
        first.id: tigrinya.id,
        second.id: both.id,
    }
    [runner_up] = [each.runner_up for each in made.choices if each.runner_up]
    assert (runner_up.interpreter_id, runner_up.needed_for) == (both.id, (second.id,))


async def test_who_has_a_talk_by_then_is_not_planned_again(agency: Agency) -> None:
    who, open_one = (await agency.knows()).id, Booking()
    await agency.hears(open_one.requested((slot(), [who])), Booking().confirmed(who))
    [unmet] = (await planned(agency)).unmet
    assert unmet.request_id == open_one.id
    later = Booking()
    await agency.hears(later.requested((slot(STARTS_AT + timedelta(hours=3)), [who])))
    assert [each.request_id for each in (await planned(agency)).choices] == [later.id]


async def test_what_is_held_or_released_is_not_open(agency: Agency) -> None:
    who, held, released = (await agency.knows()).id, Booking(), Booking()
    await agency.hears(held.requested((slot(), [who])), released.requested((slot(), [who])))
    await agency.hears(held.held(who), released.released())
    assert await planned(agency) == Plan((), (), 0)


async def test_the_command_writes_the_plan_as_json(agency: Agency, database_url: str) -> None:
    who, booking = (await agency.knows()).id, Booking()
    await agency.hears(booking.requested((slot(), [who])))
    run = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "services.interpreter", "plan"],
        env=os.environ | {"DATABASE_URL": database_url},
        capture_output=True,
        check=True,
    )
    [choice] = json.loads(run.stdout)["choices"]
    assert (UUID(choice["request_id"]), UUID(choice["interpreter_id"])) == (booking.id, who)
