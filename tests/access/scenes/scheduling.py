"""Bookings in Dinslaken: slots to choose from, one that is confirmed, one that has begun, one with an interpreter."""

from datetime import datetime, time, timedelta
from uuid import UUID

from services.scheduling import store_feeds, store_foreign
from services.scheduling.calendar_keys import CalendarKeys, new_secret
from services.scheduling.store_foreign import Foreign, ForeignKind
from services.scheduling.windows import berlin_date
from shared.clock import now
from shared.ids import new_id
from tests.access.house import DINSLAKEN, Call, Owners, Running, Scene
from tests.access.wrong import RULE
from tests.scheduling.world import World


async def make(running: Running) -> Scene:
    world = World(running.db, now=now())
    await world.open_office()
    interpreter = await world.interpreter()
    booking = await world.request(interpreter_needed=False)
    confirmed = await world.choose(await world.rank(await world.request(), interpreter))
    settled = await world.choose(await world.request(enquiry_id=booking.enquiry_id, interpreter_needed=False))
    begun = await world.choose(await world.request(enquiry_id=booking.enquiry_id, interpreter_needed=False))
    await world.begin(begun)
    owners = Owners(enquiry=booking.enquiry_id, manager=world.manager, interpreter=interpreter)
    at = {"booking_id": booking.booking_id}
    first = datetime.combine(berlin_date(world.now) + timedelta(days=60), time(9))
    weekly = {"starts": first.isoformat(), "rrule": "FREQ=DAILY;COUNT=5", "whole": False}
    series = {"series_id": await world.begin_series(booking, first + timedelta(days=30), "FREQ=DAILY;COUNT=5")}
    last = booking.candidates[-1]
    until = {"until": confirmed.candidates[-1].ends_at.isoformat()}
    secret = await _feeds(running, world.manager, interpreter, world.room)
    room = {"room_id": world.room}
    return Scene(
        owners,
        {
            ("GET", "/bookings"): Call(query={"enquiry_id": str(owners.enquiry)}),
            ("GET", "/bookings/{booking_id}"): Call(at),
            ("GET", "/bookings/{booking_id}/shortage"): Call(at),
            ("POST", "/bookings/{booking_id}/choice"): Call(at, body={"slot_id": str(last.slot_id)}),
            ("POST", "/bookings/{booking_id}/cancel"): Call(at),
            ("POST", "/bookings/{booking_id}/reschedule"): Call({"booking_id": settled.booking_id}),
            ("POST", "/bookings/{booking_id}/check-in"): Call(
                {"booking_id": begun.booking_id}, body={"attended": False}
            ),
            ("POST", "/bookings/{booking_id}/series"): Call(at, body=weekly),
            ("GET", "/series/{series_id}"): Call(series),
            ("POST", "/series/{series_id}/end"): Call(series),
            ("GET", "/calendar"): Call(query=until),
            ("PUT", "/resources/{resource_id}"): Call(
                {"resource_id": new_id()},
                body={
                    "kind": "room",
                    "ags": [DINSLAKEN],
                    "windows": [{"weekday": 0, "starts": "09:00:00", "ends": "12:00:00"}],
                    "absences": [{"starts_at": "2030-01-01T08:00:00Z", "ends_at": "2030-01-02T08:00:00Z"}],
                    "rules": [RULE],
                },
            ),
            ("POST", "/calendar/feed"): Call(),
            ("GET", "/calendar/feed"): Call(),
            ("DELETE", "/calendar/feed"): Call(),
            ("GET", "/calendar/foreign"): Call(),
            ("PUT", "/calendar/foreign"): Call(
                body={
                    "kind": "caldav",
                    "address": "https://calendar.example/anna/",
                    "username": "anna",
                    "password": "geheim",
                }
            ),
            ("DELETE", "/calendar/foreign"): Call(),
            ("POST", "/rooms/{room_id}/feed"): Call(room),
            ("DELETE", "/rooms/{room_id}/feed"): Call(room),
            ("GET", "/feeds/{secret}/kim.ics"): Call({"secret": secret}),
            ("GET", "/resources/{resource_id}"): Call({"resource_id": world.manager}),
            ("PUT", "/resources/{resource_id}/hours"): Call(
                {"resource_id": world.manager}, body={"windows": [], "rules": [RULE], "absences": []}
            ),
        },
        traces=frozenset(str(each.booking_id) for each in (booking, confirmed)),
    )


async def _feeds(running: Running, *resources: UUID) -> str:
    """Each has one, and another calendar; the secret of the last."""
    keys: CalendarKeys = running.app.state.calendar_keys
    async with running.db.transaction() as conn:
        for each in resources:
            secret = new_secret()
            await store_foreign.put(conn, Foreign(each, ForeignKind.ICS, "https://calendar.example/a.ics"), keys, now())
            await store_feeds.issue(conn, each, keys.feed_hash(secret), now())
    return secret
