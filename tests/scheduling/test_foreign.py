"""Others' calendars: looked into from outside any handler, kept as times alone, and respected by the search."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from services.scheduling import foreign, foreign_api
from services.scheduling import store_foreign as store
from services.scheduling.calendar_keys import CalendarKeys, Undecipherable
from services.scheduling.foreign import EVERY, ForeignCalendars, retry_after
from services.scheduling.outward import Outward
from services.scheduling.spans import Span
from services.scheduling.store_foreign import Foreign, ForeignKind
from shared.database import Database
from shared.ids import new_id
from shared.settings import Settings
from tests.scheduling.calendar_server import LOGIN, CalendarServer, calendar, event
from tests.scheduling.test_feeds import Office, office  # noqa: F401 -- the fixture
from tests.scheduling.world import World
from tests.shared.serving import serve

BUSY = Span(datetime(2026, 11, 5, 8, tzinfo=UTC), datetime(2026, 11, 5, 11, tzinfo=UTC))
EVENT = event(":20261105T080000Z", ":20261105T110000Z")


class Desk:
    """A case manager's other calendar on a server, and scheduling that looks into it."""

    def __init__(self, world: World, keys: CalendarKeys, server: CalendarServer, url: str) -> None:
        self.world = world
        self.keys = keys
        self.server = server
        self.url = url

    async def known(self, kind: ForeignKind = ForeignKind.ICS, login: tuple[str, str] | None = None) -> None:
        given = Foreign(self.world.manager, kind, f"{self.url}/anna.ics?key=geheimnis", login)
        async with self.world.database.transaction() as conn:
            await store.put(conn, given, self.keys, self.world.now)

    async def look(self, *, local: bool = True) -> None:
        await ForeignCalendars(self.keys, Outward(local=local)).run(self.world.database)

    async def look_later(self) -> None:
        self.world.pass_time(EVERY)
        await self.look()

    async def busy(self) -> list[Span]:
        rows = await self.world.database.pool.fetch("select during from foreign_busy order by during")
        return [Span(row["during"].lower, row["during"].upper) for row in rows]

    async def state(self) -> tuple[str | None, bool]:
        """Fault, and whether it was ever read."""
        async with self.world.database.read() as conn:
            found = await store.state(conn, self.world.manager)
        assert found
        return found.fault, found.read_at is not None


@pytest.fixture
async def desk(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    keys = CalendarKeys(Settings.model_validate({"environment": "development", "secrets_dir": tmp_path}))
    for module in (foreign, foreign_api):
        monkeypatch.setattr(module, "now", lambda: world.now)
    server = CalendarServer(calendar(EVENT))
    await world.open_office()
    async with serve(server) as url:
        yield Desk(world, keys, server, url)


async def test_a_case_manager_who_is_busy_elsewhere_gets_no_talk_then(desk: Desk) -> None:
    free = await desk.world.request(interpreter_needed=False)
    await desk.known()
    await desk.look()
    assert await desk.busy() == [BUSY]
    found = (await desk.world.request(interpreter_needed=False)).candidates
    assert any(Span(c.starts_at, c.ends_at).overlaps(BUSY) for c in free.candidates)
    assert found
    assert not any(Span(c.starts_at, c.ends_at).overlaps(BUSY) for c in found)


async def test_nothing_but_times_is_kept_and_the_address_is_encrypted(desk: Desk, database: Database) -> None:
    await desk.known(login=LOGIN)
    await desk.look()
    for table in ("foreign_calendar", "foreign_busy"):
        rows = await database.pool.fetch(f"select * from {table}")  # noqa: S608 -- our own names
        for secret in ("Kanarienvogel", "geheim", "anna", desk.url):
            assert secret not in repr([dict(row) for row in rows])


async def test_a_server_is_asked_for_free_and_busy_times_with_the_login(desk: Desk) -> None:
    desk.server.needs_login = True
    desk.server.content = calendar("BEGIN:VFREEBUSY", "FREEBUSY:20261105T080000Z/PT3H", "END:VFREEBUSY")
    await desk.known(ForeignKind.CALDAV, LOGIN)
    await desk.look()
    assert await desk.busy() == [BUSY]
    [heard], [body] = desk.server.heard, desk.server.bodies
    assert (heard.method, heard.headers["depth"]) == ("REPORT", "1")
    assert b'<C:time-range start="20261101T090000Z" end="20270302T090000Z"/></C:free-busy-query>' in body


async def test_a_calendar_is_looked_into_again_when_it_is_due_and_not_before(desk: Desk) -> None:
    await desk.known()
    await desk.look()
    await desk.look()
    assert len(desk.server.heard) == 1
    desk.server.content = calendar()
    await desk.look_later()
    assert await desk.busy() == []


async def test_what_is_unchanged_is_not_sent_again_until_it_must_be_counted_further(desk: Desk) -> None:
    desk.server.etag = '"1"'
    await desk.known()
    await desk.look()
    await desk.look_later()
    assert [request.headers.get("if-none-match") for request in desk.server.heard] == [None, '"1"']
    assert await desk.busy() == [BUSY]
    desk.world.pass_time(timedelta(hours=13))
    await desk.look()
    assert desk.server.heard[-1].headers.get("if-none-match") is None


async def test_what_cannot_be_read_is_told_by_a_code_and_what_was_known_stays(desk: Desk) -> None:
    await desk.known()
    await desk.look()
    desk.server.content = b"Kanarienvogel"
    await desk.look_later()
    assert (await desk.state(), await desk.busy()) == (("calendar-unreadable", True), [BUSY])
    desk.server.media_type = "text/html"
    await desk.look_later()
    assert (await desk.state())[0] == "no-calendar"
    desk.server.content, desk.server.media_type = calendar(EVENT), "text/calendar"
    desk.world.pass_time(timedelta(hours=6))
    await desk.look()
    assert (await desk.state(), await desk.busy()) == ((None, True), [BUSY])


async def test_an_internal_address_is_never_asked_in_production(desk: Desk) -> None:
    await desk.known()
    await desk.look(local=False)
    assert await desk.state() == ("address-not-https", False)
    assert desk.server.heard == []


def test_the_longer_it_fails_the_later_it_is_tried_again() -> None:
    minutes = [retry_after(failures) // timedelta(minutes=1) for failures in (1, 2, 3, 5, 6, 1000)]
    assert minutes == [15, 30, 60, 240, 360, 360]


def test_a_ciphertext_opens_for_its_owner_alone(desk: Desk) -> None:
    owner = new_id()
    locked = desk.keys.lock("geheim", owner)
    assert desk.keys.unlock(locked, owner) == "geheim"
    for wrong, whose in ((locked, new_id()), (locked[:-1] + bytes([locked[-1] ^ 1]), owner), (b"", owner)):
        with pytest.raises(Undecipherable):
            desk.keys.unlock(wrong, whose)


async def test_one_sets_and_removes_the_own_calendar_over_http(
    desk: Desk,
    office: Office,  # noqa: F811
) -> None:
    manager: UUID = desk.world.manager
    own, path = office.token("case_manager", manager), "/calendar/foreign"
    body = {"kind": "ics", "address": f"{desk.url}/a.ics"}
    assert (await office.client.get(path, headers=own)).status_code == 404
    assert (await office.client.put(path, json=body, headers=own)).status_code == 204
    seen = await office.client.get(path, headers=own)
    assert seen.json() == {"kind": "ics", "read_at": None, "fault": None}
    await desk.look()
    assert await desk.busy() == [BUSY]
    assert (await office.client.delete(path, headers=own)).status_code == 204
    assert await desk.busy() == []
    assert (await office.client.delete(path, headers=own)).status_code == 404


async def test_another_calendar_given_meanwhile_is_not_filled_with_the_old_ones_times(desk: Desk) -> None:
    await desk.known()
    async with desk.world.database.transaction() as conn:
        old = await store.claim(conn, desk.keys, desk.world.now, desk.world.now + EVERY)
    assert old
    desk.url = "http://127.0.0.1:9"
    await desk.known()
    async with desk.world.database.transaction() as conn:
        await store.learn(conn, old, [BUSY], desk.keys, desk.world.now)
    assert await desk.busy() == []
