"""The API: whose booking it is, what a refusal says, and what bad input changes (nothing)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.scheduling import commands_cases
from services.scheduling.app import build
from services.scheduling.booking import Booking
from shared.auth import Tokens
from shared.clock import now
from shared.database import Database
from shared.ids import new_id
from shared.jwks import KeySet
from shared.service import create_app
from shared.settings import Settings
from shared.tokens import Issuer
from tests.scheduling.world import DINSLAKEN, World
from tests.shared.issuing import TestIssuer
from tests.shared.serving import serve

HOURS = {"weekday": 0, "starts": "09:00", "ends": "12:00"}


class Api:
    """Scheduling's application, and tokens of either issuer."""

    def __init__(self, client: httpx.AsyncClient, oidc: TestIssuer, intake: TestIssuer) -> None:
        self.client = client
        self._oidc = oidc
        self._intake = intake

    def staff(self, role: str, subject: UUID | None = None) -> dict[str, str]:
        return _bearer(self._oidc.token(roles=[role], sub=str(subject or new_id())))

    def participant(self, enquiry_id: UUID) -> dict[str, str]:
        return _bearer(self._intake.token(roles=["participant"], enquiry_id=str(enquiry_id)))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    oidc, intake = TestIssuer("https://issuer"), TestIssuer("https://intake")
    settings = Settings.model_validate({})
    app = create_app(build(settings), settings)
    app.state.database = database
    async with serve(oidc.app()) as oidc_url, serve(intake.app()) as intake_url:
        app.state.tokens = Tokens(
            "kim",
            Issuer(oidc.name, KeySet(f"{oidc_url}/jwks"), for_participants=False),
            Issuer(intake.name, KeySet(f"{intake_url}/jwks"), for_participants=True),
        )
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://scheduling") as client:
            yield Api(client, oidc, intake)


@pytest.fixture
async def booking(world: World) -> Booking:
    """Proposed, without interpreter."""
    world.now = now()
    await world.open_office()
    return await world.request(interpreter_needed=False)


async def test_a_participant_sees_the_slots_and_chooses_one(api: Api, booking: Booking) -> None:
    own = api.participant(booking.enquiry_id)
    shown = await api.client.get("/bookings", params={"enquiry_id": str(booking.enquiry_id)}, headers=own)
    [seen] = shown.json()
    assert (seen["state"], len(seen["slots"]), seen["chosen"]) == ("proposed", 3, None)
    slot = seen["slots"][1]
    url = f"/bookings/{seen['booking_id']}"
    chosen = await api.client.post(f"{url}/choice", json={"slot_id": slot["slot_id"]}, headers=own)
    assert chosen.status_code == 200
    assert (chosen.json()["state"], chosen.json()["chosen"]) == ("confirmed", slot)
    assert (await api.client.get(url, headers=own)).json() == chosen.json()


async def test_the_case_manager_may_do_so_for_them(api: Api, booking: Booking, world: World) -> None:
    manager = api.staff("case_manager", world.manager)
    body = {"slot_id": str(booking.candidates[0].slot_id)}
    chosen = await api.client.post(f"/bookings/{booking.booking_id}/choice", json=body, headers=manager)
    assert chosen.json()["state"] == "confirmed"
    calendar = (await api.client.get("/calendar", headers=manager)).json()
    assert [(entry["booking_id"], entry["state"]) for entry in calendar] == [(str(booking.booking_id), "confirmed")]
    cancelled = await api.client.post(f"/bookings/{booking.booking_id}/cancel", headers=manager)
    assert (cancelled.json()["state"], cancelled.json()["reason"]) == ("released", "cancelled")
    assert (await api.client.get("/calendar", headers=manager)).json() == []


async def test_an_interpreter_sees_the_own_calendar_only(api: Api, world: World) -> None:
    world.now = now()
    await world.open_office()
    anna, birgit = await world.interpreter(), await world.interpreter()
    booking = await world.choose(await world.rank(await world.request(), anna, birgit))
    seen = (await api.client.get("/calendar", headers=api.staff("interpreter", anna))).json()
    assert [(entry["booking_id"], entry["state"], entry["ags"]) for entry in seen] == [
        (str(booking.booking_id), "held", DINSLAKEN)
    ]
    assert (await api.client.get("/calendar", headers=api.staff("interpreter", birgit))).json() == []


async def test_what_is_anothers_is_not_found(api: Api, booking: Booking, world: World) -> None:
    strangers = [api.participant(new_id()), api.staff("case_manager")]
    url, body = f"/bookings/{booking.booking_id}", {"slot_id": str(booking.candidates[0].slot_id)}
    for stranger in strangers:
        assert (await api.client.get(url, headers=stranger)).status_code == 404
        assert (await api.client.post(f"{url}/choice", json=body, headers=stranger)).status_code == 404
        assert (await api.client.post(f"{url}/cancel", headers=stranger)).status_code == 404
    of_enquiry = f"/bookings?enquiry_id={booking.enquiry_id}"
    assert (await api.client.get(of_enquiry, headers=strangers[0])).status_code == 404
    assert (await api.client.get(of_enquiry, headers=strangers[1])).json() == []
    assert await world.stored(booking) == booking


async def test_whoever_had_the_case_sees_its_bookings_no_more(api: Api, booking: Booking, world: World) -> None:
    successor, of_enquiry = new_id(), {"enquiry_id": str(booking.enquiry_id)}
    former, present = api.staff("case_manager", world.manager), api.staff("case_manager", successor)
    url = f"/bookings/{booking.booking_id}"
    assert (await api.client.get(url, headers=former)).status_code == 200
    await world.unassign(booking)
    assert (await api.client.get(url, headers=former)).status_code == 404
    await world.assign(booking, successor)
    assert (await api.client.get(url, headers=present)).status_code == 200
    assert len((await api.client.get("/bookings", params=of_enquiry, headers=present)).json()) == 2
    assert (await api.client.get("/bookings", params=of_enquiry, headers=former)).json() == []


async def test_without_consent_to_counselling_the_case_manager_sees_no_booking_and_the_participant_does(
    api: Api, booking: Booking, world: World
) -> None:
    url, of_enquiry = f"/bookings/{booking.booking_id}", {"enquiry_id": str(booking.enquiry_id)}
    manager, participant = api.staff("case_manager", world.manager), api.participant(booking.enquiry_id)
    async with world.database.transaction() as conn:
        await commands_cases.end_counselling(conn, booking.enquiry_id)
    assert (await api.client.get(url, headers=manager)).status_code == 404
    assert (await api.client.get("/bookings", params=of_enquiry, headers=manager)).json() == []
    assert (await api.client.get(url, headers=participant)).status_code == 200
    async with world.database.transaction() as conn:
        await commands_cases.allow_counselling(conn, booking.enquiry_id)
    assert (await api.client.get(url, headers=manager)).status_code == 200


async def test_a_taken_slot_is_a_problem_with_alternatives(api: Api, booking: Booking, world: World) -> None:
    other = await world.request(interpreter_needed=False)
    await world.choose(other)
    body = {"slot_id": str(booking.candidates[0].slot_id)}
    own = api.participant(booking.enquiry_id)
    refused = await api.client.post(f"/bookings/{booking.booking_id}/choice", json=body, headers=own)
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert (problem["code"], problem["field"]) == ("slot-taken", "slot_id")
    assert [slot["slot_id"] for slot in problem["alternatives"]] == [
        str(candidate.slot_id) for candidate in booking.candidates[1:]
    ]


async def test_a_slot_that_was_taken_meanwhile_is_shown_no_more(api: Api, booking: Booking, world: World) -> None:
    other = await world.request(interpreter_needed=False)
    await world.choose(other)
    own = api.participant(booking.enquiry_id)
    left = [str(candidate.slot_id) for candidate in booking.candidates[1:]]
    [listed] = (await api.client.get("/bookings", params={"enquiry_id": str(booking.enquiry_id)}, headers=own)).json()
    single = (await api.client.get(f"/bookings/{booking.booking_id}", headers=own)).json()
    assert [slot["slot_id"] for slot in listed["slots"]] == left
    assert single == listed


async def test_of_a_talk_that_is_moved_one_booking_is_said_to_tell_how_it_stands(
    api: Api, booking: Booking, world: World
) -> None:
    own, query = api.participant(booking.enquiry_id), {"enquiry_id": str(booking.enquiry_id)}
    moved = await world.move(await world.choose(booking))

    async def seen() -> list[tuple[bool, bool]]:
        found = (await api.client.get("/bookings", params=query, headers=own)).json()
        return [(each["current"], each["former_stands"]) for each in found]

    assert await seen() == [(False, False), (True, True)]
    await world.cancel(moved)
    assert await seen() == [(True, False), (False, True)]


async def test_a_choice_sent_twice_with_its_key_is_made_once(api: Api, booking: Booking, world: World) -> None:
    headers = api.participant(booking.enquiry_id) | {"Idempotency-Key": str(new_id())}
    url, body = f"/bookings/{booking.booking_id}/choice", {"slot_id": str(booking.candidates[0].slot_id)}
    first, second = [await api.client.post(url, json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, first.json()) == (second.status_code, second.json()) == (200, first.json())
    assert (await world.names()).count("BookingConfirmed") == 1


async def test_an_administrator_puts_rooms_and_case_managers(api: Api, world: World) -> None:
    administrator = api.staff("administrator")
    world.now = now()
    week = [HOURS | {"weekday": day} for day in range(5)]
    for id, kind in ((world.manager, "case_manager"), (world.room, "room")):
        body = {"kind": kind, "ags": [DINSLAKEN], "windows": week}
        put = await api.client.put(f"/resources/{id}", json=body, headers=administrator)
        assert put.status_code == 204
    assert len((await world.request(interpreter_needed=False)).candidates) == 3


async def test_an_absence_is_no_time_for_talks(api: Api, booking: Booking, world: World) -> None:
    away = {
        "starts_at": (world.now - timedelta(days=1)).isoformat(),
        "ends_at": (world.now + timedelta(days=60)).isoformat(),
    }
    body = {"kind": "case_manager", "windows": [HOURS], "absences": [away]}
    await api.client.put(f"/resources/{world.manager}", json=body, headers=api.staff("administrator"))
    assert (await world.request(interpreter_needed=False)).candidates == ()
    own = api.participant(booking.enquiry_id)
    choice = {"slot_id": str(booking.candidates[0].slot_id)}
    refused = await api.client.post(f"/bookings/{booking.booking_id}/choice", json=choice, headers=own)
    assert (refused.json()["code"], refused.json()["alternatives"]) == ("slot-taken", [])


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "interpreter"}, "kind"),
        ({"ags": ["05170999"]}, "ags.0"),
        ({"ags": ["Wesel"]}, "ags.0"),
        ({"windows": [HOURS | {"weekday": 7}]}, "windows.0.weekday"),
        ({"windows": [HOURS | {"ends": "09:00"}]}, "windows.0"),
        ({"windows": [HOURS | {"starts": "09:00Z"}]}, "windows.0"),
        ({"absences": [{"starts_at": "2026-01-01T00:00", "ends_at": "2026-01-02T00:00Z"}]}, "absences.0.starts_at"),
        ({"colour": "blue"}, "colour"),
    ],
)
async def test_bad_input_names_its_field_and_changes_nothing(
    api: Api, world: World, changed: dict[str, Any], field: str
) -> None:
    body = {"kind": "room", "ags": [DINSLAKEN], "windows": [HOURS]} | changed
    refused = await api.client.put(f"/resources/{new_id()}", json=body, headers=api.staff("administrator"))
    assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert await world.database.pool.fetchval("select count(*) from resource") == 0


async def test_an_interpreter_cannot_be_turned_into_a_room(api: Api, world: World) -> None:
    anna = await world.interpreter()
    body = {"kind": "room", "windows": []}
    refused = await api.client.put(f"/resources/{anna}", json=body, headers=api.staff("administrator"))
    assert (refused.status_code, refused.json()["code"]) == (409, "resource-is-other")


@pytest.mark.parametrize(("path", "code"), [("/bookings", 422), ("/bookings?enquiry_id=1", 422), ("/bookings/1", 422)])
async def test_what_is_no_id_is_refused(api: Api, path: str, code: int) -> None:
    assert (await api.client.get(path, headers=api.staff("case_manager"))).status_code == code


async def test_a_calendar_that_ends_before_it_starts_is_refused(api: Api) -> None:
    span = {"since": "2026-11-02T00:00:00Z", "until": "2026-11-01T00:00:00Z"}
    refused = await api.client.get("/calendar", params=span, headers=api.staff("case_manager"))
    assert (refused.status_code, refused.json()["field"]) == (422, "until")
