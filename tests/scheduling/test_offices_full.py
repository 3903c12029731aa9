"""What a case manager is told of a booking that found no slot, over the API."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from services.scheduling.booking import State
from services.scheduling.resources import Kind, Resource
from services.scheduling.shortage import Cause, Change, Missing, Relief, Shortage
from services.scheduling.shortage_views import ShortageView
from services.scheduling.spans import Span
from services.scheduling.windows import Window
from shared.clock import BERLIN, now
from shared.ids import new_id
from tests.scheduling.test_api import Api
from tests.scheduling.test_api import api as _api
from tests.scheduling.world import DINSLAKEN, OFFICE_HOURS, World

api = _api
THERE = [cause for cause in Cause if cause is not Cause.NOBODY]
AFTERNOONS = tuple(Window(day, time(13), time(16)) for day in range(5))


async def test_the_case_manager_is_told_what_is_missing_and_what_would_help(api: Api, world: World) -> None:
    world.now = now()
    await world.open_office()
    await world.put(Resource(world.room, Kind.ROOM, ags=(DINSLAKEN,), windows=AFTERNOONS))
    booking = await world.request(interpreter_needed=False)
    assert booking.state is State.RELEASED
    url = f"/bookings/{booking.booking_id}/shortage"
    told = (await api.client.get(url, headers=api.staff("case_manager", world.manager))).json()
    assert (told["missing"], told["cause"]) == ("room", "hours")
    assert told["words"]["de"].startswith("Die Räume sind nicht geöffnet")
    by_phone, *_ = told["reliefs"]
    assert (by_phone["change"], by_phone["slots"]) == ("by_phone", 20 * 5)
    first = datetime.fromisoformat(by_phone["first_starts_at"])
    assert first > datetime.now(UTC)
    assert f"{first.astimezone(BERLIN):%d.%m.%Y um 09:00}" in by_phone["words"]["de"]
    assert f"{first.astimezone(BERLIN):%B %Y at 09:00}" in by_phone["words"]["en"]


async def test_a_participant_is_told_no_more_than_concerns_them(api: Api, world: World) -> None:
    world.now = now()
    await world.open_office()
    absence = Span(world.now - timedelta(days=1), world.now + timedelta(days=100))
    await world.put(Resource(world.manager, Kind.CASE_MANAGER, windows=OFFICE_HOURS, absences=(absence,)))
    booking = await world.request(interpreter_needed=False)
    url = f"/bookings/{booking.booking_id}/shortage"
    told = (await api.client.get(url, headers=api.participant(booking.enquiry_id))).json()
    assert (told["missing"], told["cause"], told["reliefs"]) == ("case_manager", None, [])
    assert told["words"]["en"] == "Case management has no time in the next weeks."
    assert (await api.client.get(url, headers=api.participant(new_id()))).status_code == 404


async def test_where_no_interpreter_is_left_after_the_ranking_that_is_what_is_missing(api: Api, world: World) -> None:
    world.now = now()
    await world.open_office()
    await world.interpreter()
    booking = await world.rank(await world.request())
    url = f"/bookings/{booking.booking_id}/shortage"
    told = (await api.client.get(url, headers=api.staff("case_manager", world.manager))).json()
    assert (told["missing"], told["cause"]) == ("suitable_interpreter", None)


def test_whatever_can_be_missing_or_be_changed_has_words_in_both_languages() -> None:
    first = Span(now(), now() + timedelta(hours=1))
    reliefs = tuple(Relief(change, 3, first) for change in Change)
    causes: Mapping[Missing, Sequence[Cause | None]] = {
        Missing.TRAVEL: [None],
        Missing.SUITABLE_INTERPRETER: [None],
        Missing.CASE_MANAGER: THERE,
        Missing.CLIENT: THERE,
    }
    for missing in Missing:
        for cause in causes.get(missing, list(Cause)):
            for to_participant in (True, False):
                view = ShortageView.of(Shortage(missing, cause, reliefs), to_participant=to_participant)
                texts = [view.words, *(relief.words for relief in view.reliefs)]
                assert all(words.de and words.en and words.de != words.en for words in texts)
