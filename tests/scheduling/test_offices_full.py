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
from shared.contracts.vocabulary import Mode
from shared.ids import new_id
from tests.scheduling.test_api import Api
from tests.scheduling.test_api import api as _api
from tests.scheduling.world import DINSLAKEN, MOERS, OFFICE_HOURS, World

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


async def test_another_place_and_another_case_manager_are_named_where_they_would_give_something(
    api: Api, world: World
) -> None:
    world.now = now()
    await world.open_office()
    await world.put(Resource(world.room, Kind.ROOM, ags=(DINSLAKEN,), windows=AFTERNOONS))
    await world.put(Resource(new_id(), Kind.ROOM, ags=(MOERS,), windows=OFFICE_HOURS[:1]))
    await world.put(Resource(new_id(), Kind.CASE_MANAGER, ags=(DINSLAKEN,), windows=AFTERNOONS[:2]))
    await world.put(Resource(new_id(), Kind.CASE_MANAGER, ags=(MOERS,), windows=AFTERNOONS))
    booking = await world.request(interpreter_needed=False)
    url = f"/bookings/{booking.booking_id}/shortage"
    for headers in (api.staff("case_manager", world.manager), api.participant(booking.enquiry_id)):
        told = (await api.client.get(url, headers=headers)).json()
        *_, elsewhere, another = told["reliefs"]
        assert (elsewhere["change"], elsewhere["ags"]) == ("elsewhere", MOERS)
        assert (another["change"], another["ags"]) == ("another_case_manager", None)
        assert elsewhere["slots"] % 5 == another["slots"] % 5 == 0
        assert 3 * 5 <= elsewhere["slots"] < another["slots"] <= 2 * 4 * 5
        assert elsewhere["words"]["de"].startswith("In Moers gäbe es Termine")
        assert another["words"]["en"].startswith("With another case manager there would be slots")


async def test_instead_of_a_visit_at_home_the_offices_of_the_town_are_named(api: Api, world: World) -> None:
    world.now = now()
    await world.open_office(tuple(Window(day, time(9), time(10, 30)) for day in range(5)))
    other = await world.request(interpreter_needed=False)
    await world.database.pool.execute(
        """
        insert into reservation (id, resource_id, booking_id, during, place, state)
        select gen_random_uuid(), $1, $2, tstzrange(nine, nine + interval '30 minutes'), $3, 'confirmed'
        from generate_series(current_date, current_date + 60, interval '1 day') as day,
            timezone('Europe/Berlin', day::date + time '09:00') as nine
        """,
        *(world.manager, other.booking_id, DINSLAKEN),
    )
    booking = await world.request(interpreter_needed=False, mode=Mode.HOME_VISIT)
    told = (
        await api.client.get(f"/bookings/{booking.booking_id}/shortage", headers=api.participant(booking.enquiry_id))
    ).json()
    assert told["missing"] == "travel"
    assert told["reliefs"][-1] | {"words": None, "first_starts_at": None} == {
        "change": "elsewhere", "ags": DINSLAKEN, "slots": 20, "words": None, "first_starts_at": None,
    }  # fmt: skip


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
