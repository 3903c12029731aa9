"""What a case manager is told of a booking that found no slot, over the API."""

from datetime import UTC, datetime, time

from services.scheduling.booking import State
from services.scheduling.resources import Kind, Resource
from services.scheduling.windows import Window
from shared.clock import now
from tests.scheduling.test_api import Api
from tests.scheduling.test_api import api as _api
from tests.scheduling.world import DINSLAKEN, World

api = _api
AFTERNOONS = tuple(Window(day, time(13), time(16)) for day in range(5))


async def test_the_case_manager_is_told_what_is_missing_and_what_would_help(api: Api, world: World) -> None:
    world.now = now()
    await world.open_office()
    await world.put(Resource(world.room, Kind.ROOM, ags=(DINSLAKEN,), windows=AFTERNOONS))
    booking = await world.request(interpreter_needed=False)
    assert booking.state is State.RELEASED
    url = f"/bookings/{booking.booking_id}/shortage"
    told = (await api.client.get(url, headers=api.staff("case_manager", world.manager))).json()
    assert told["missing"] == "room"
    [relief] = told["reliefs"]
    assert (relief["change"], relief["slots"]) == ("by_phone", 20 * 5)
    assert datetime.fromisoformat(relief["first_starts_at"]) > datetime.now(UTC)
