"""Calendar feeds: what clients read, how they hear of changes, and who gets to read at all."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from icalendar import Calendar

from services.scheduling import feeds_api, store_feeds
from services.scheduling.app import build
from services.scheduling.feeds import CANCELLED_FOR, Entry, FeedLanguage, feed
from services.scheduling.spans import Span
from shared.auth import Tokens
from shared.contracts.vocabulary import Mode
from shared.ids import new_id
from shared.jwks import KeySet
from shared.service import create_app
from shared.settings import Settings
from shared.tokens import Issuer
from tests.scheduling.world import DINSLAKEN, World, span
from tests.shared.issuing import TestIssuer
from tests.shared.serving import serve

STARTS = datetime(2026, 11, 9, 8, tzinfo=UTC)


def entry(**changed: Any) -> Entry:
    good = Entry(
        UUID("019a0000-0000-7000-8000-00000000000b"),
        UUID("019a0000-0000-7000-8000-00000000000a"),
        Span(STARTS, STARTS + timedelta(hours=1)),
        "confirmed",
        Mode.IN_PERSON,
        DINSLAKEN,
        3,
        datetime(2026, 11, 2, 9, 0, 0, 123456, tzinfo=UTC),
    )
    return good._replace(**changed)


def events(content: bytes) -> list[dict[str, Any]]:
    """As a client reads them."""
    calendar = Calendar.from_ical(content)
    return [{str(name).lower(): value for name, value in event.property_items()} for event in calendar.walk("VEVENT")]


def test_a_talk_has_a_place_and_an_id_and_no_name() -> None:
    lines = feed([entry()], FeedLanguage.DE).decode().split("\r\n")
    assert sorted(lines) == sorted([
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Kreis Wesel//KIM//DE", "NAME:KIM",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M", "X-PUBLISHED-TTL:PT15M", "X-WR-CALNAME:KIM",
        "BEGIN:VEVENT", "SUMMARY:Gespräch", "DTSTART:20261109T080000Z", "DTEND:20261109T090000Z",
        "DTSTAMP:20261102T090000Z", "UID:019a0000-0000-7000-8000-00000000000a", "SEQUENCE:3", "CLASS:PRIVATE",
        "DESCRIPTION:Kennung: 019a0000-0000-7000-8000-00000000000b", "LAST-MODIFIED:20261102T090000Z",
        "LOCATION:Dinslaken", "STATUS:CONFIRMED", "TRANSP:OPAQUE", "END:VEVENT", "END:VCALENDAR", "",
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("state", "status", "transparency"),
    [("held", "TENTATIVE", "OPAQUE"), ("confirmed", "CONFIRMED", "OPAQUE"), ("released", "CANCELLED", "TRANSPARENT")],
)
def test_a_state_is_told_as_calendars_know_it(state: str, status: str, transparency: str) -> None:
    [event] = events(feed([entry(state=state)], FeedLanguage.DE))
    assert (event["status"], event["transp"]) == (status, transparency)


@pytest.mark.parametrize(
    ("mode", "german", "english"),
    [
        (Mode.PHONE, "Telefon", "Phone"), (Mode.VIDEO, "Video", "Video"),
        (Mode.HOME_VISIT, "Hausbesuch", "Home visit"), (Mode.IN_PERSON, "Dinslaken", "Dinslaken"),
    ],
)  # fmt: skip
def test_a_place_is_no_address(mode: Mode, german: str, english: str) -> None:
    assert [events(feed([entry(mode=mode)], each))[0]["location"] for each in FeedLanguage] == [german, english]


def test_lines_are_folded_between_characters_at_75_octets() -> None:
    place = "Hünxe, Straße, " + "ä€😀" * 40
    content = feed([entry(ags=place)], FeedLanguage.DE)
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
    for line in content.split(b"\r\n"):
        line.decode()
    assert events(content)[0]["location"] == place
    assert "LOCATION:Hünxe\\, Straße\\, ".encode() in content


def test_an_empty_calendar_is_one() -> None:
    assert events(feed([], FeedLanguage.DE)) == []


class Office:
    """Scheduling's application over HTTP, in a world whose clock is the test's."""

    def __init__(self, client: httpx.AsyncClient, issuer: TestIssuer, world: World) -> None:
        self.client = client
        self.world = world
        self._issuer = issuer

    def token(self, role: str, subject: UUID | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._issuer.token(roles=[role], sub=str(subject or new_id()))}"}

    async def address(self, of: UUID, role: str = "case_manager") -> str:
        answer = await self.client.post("/calendar/feed", headers=self.token(role, of))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["path"])

    async def shown(self, address: str) -> list[tuple[str, int, datetime]]:
        """Status, sequence and start of each event."""
        answer = await self.client.get(address)
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        found = events(answer.content)
        return [(str(each["status"]), int(each["sequence"]), each["dtstart"].dt) for each in found]


@pytest.fixture
async def office(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    settings = Settings.model_validate({"environment": "development", "secrets_dir": tmp_path})
    issuer = TestIssuer("https://issuer")
    app = create_app(build(settings), settings)
    app.state.database = world.database
    monkeypatch.setattr(feeds_api, "now", lambda: world.now)
    async with serve(issuer.app()) as url:
        known = Issuer(issuer.name, KeySet(f"{url}/jwks"), for_participants=False)
        app.state.tokens = Tokens("kim", known, Issuer("https://intake", KeySet(url), for_participants=True))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://scheduling") as client:
            await world.open_office()
            yield Office(client, issuer, world)


async def test_a_feed_follows_a_talk_from_the_hold_to_its_cancellation(office: Office) -> None:
    world = office.world
    anna = await world.interpreter()
    of_manager, of_anna = await office.address(world.manager), await office.address(anna, "interpreter")
    assert await office.shown(of_manager) == []
    booking = await world.choose(await world.rank(await world.request(), anna))
    starts = booking.candidates[0].starts_at
    assert await office.shown(of_manager) == await office.shown(of_anna) == [("TENTATIVE", 0, starts)]
    await world.accept(booking, anna)
    assert await office.shown(of_manager) == await office.shown(of_anna) == [("CONFIRMED", 1, starts)]
    await world.cancel(booking)
    assert await office.shown(of_manager) == await office.shown(of_anna) == [("CANCELLED", 2, starts)]
    answer = await office.client.get(of_manager)
    assert all(str(id) not in answer.text for id in (world.manager, anna, booking.enquiry_id, booking.case_id))


async def test_who_is_replaced_sees_a_cancellation_and_the_others_nothing_new(office: Office) -> None:
    world = office.world
    anna, berta = await world.interpreter(), await world.interpreter()
    booking = await world.choose(await world.rank(await world.request(), anna, berta))
    await world.refuse(booking, anna)
    [of_anna], [of_berta], [of_manager] = [
        await office.shown(await office.address(who, role))
        for who, role in ((anna, "interpreter"), (berta, "interpreter"), (world.manager, "case_manager"))
    ]
    assert (of_anna[:2], of_berta[:2], of_manager[:2]) == (("CANCELLED", 1), ("TENTATIVE", 0), ("TENTATIVE", 0))


async def test_a_talk_that_moves_keeps_its_id_and_is_newer(office: Office) -> None:
    world = office.world
    former = await world.choose(await world.request(interpreter_needed=False))
    address = await office.address(world.manager)
    [before] = await office.shown(address)
    moved = await world.move(former)
    assert await office.shown(address) == [before], "it stands until the new time is confirmed"
    await world.choose(moved, slot=1)
    [after] = await office.shown(address)
    assert (after[0], after[2]) == ("CONFIRMED", moved.candidates[1].starts_at)
    assert after[1] > before[1]
    assert f"UID:{former.booking_id}" in (await office.client.get(address)).text
    await world.cancel(await world.stored(moved))
    [cancelled] = await office.shown(address)
    assert (cancelled[0], cancelled[2]) == ("CANCELLED", after[2])
    assert cancelled[1] > after[1]


async def test_one_who_is_there_for_the_new_time_alone_sees_one_talk(office: Office) -> None:
    world = office.world
    anna, berta = await world.interpreter(), await world.interpreter()
    former = await world.choose(await world.rank(await world.request(), anna))
    await world.accept(former, anna)
    of_anna, of_berta = [await office.address(who, "interpreter") for who in (anna, berta)]
    held = await world.choose(await world.rank(await world.move(former), berta), slot=1)
    assert [status for status, *_ in await office.shown(of_anna)] == ["CONFIRMED"]
    assert [status for status, *_ in await office.shown(of_berta)] == ["TENTATIVE"]
    await world.accept(held, berta)
    assert [status for status, *_ in await office.shown(of_anna)] == ["CANCELLED"]
    assert [status for status, *_ in await office.shown(of_berta)] == ["CONFIRMED"]
    assert f"UID:{former.booking_id}" in (await office.client.get(of_berta)).text


async def test_what_is_over_or_was_cancelled_long_ago_goes(office: Office) -> None:
    world = office.world
    booking = await world.choose(await world.request(interpreter_needed=False))
    address = await office.address(world.manager)
    world.pass_time(timedelta(days=60))
    assert len(await office.shown(address)) == 1
    await world.database.pool.execute("update calendar_entry set state = 'released', changed_at = $1", world.now)
    world.pass_time(timedelta(days=29))
    assert [status for status, *_ in await office.shown(address)] == ["CANCELLED"]
    world.pass_time(timedelta(days=2))
    assert await office.shown(address) == []
    assert booking


async def test_a_client_that_has_it_already_gets_nothing_new(office: Office) -> None:
    world = office.world
    booking = await world.choose(await world.request(interpreter_needed=False))
    address = await office.address(world.manager)
    first = await office.client.get(address)
    assert first.headers["cache-control"] == "private, max-age=300"
    for known in (first.headers["etag"], f"W/{first.headers['etag']}", f'"x", {first.headers["etag"]}', "*"):
        again = await office.client.get(address, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    english = await office.client.get(address, params={"lang": "en"}, headers={"If-None-Match": first.headers["etag"]})
    assert "SUMMARY:Talk" in english.text
    await world.cancel(booking)
    changed = await office.client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200


async def test_a_new_address_voids_the_old_one_and_a_revoked_one_leads_nowhere(office: Office) -> None:
    own = office.token("case_manager", office.world.manager)
    first, second = [await office.address(office.world.manager) for _ in range(2)]
    assert first != second
    assert [(await office.client.get(each)).status_code for each in (first, second)] == [404, 200]
    assert (await office.client.get("/calendar/feed", headers=own)).status_code == 200
    assert (await office.client.delete("/calendar/feed", headers=own)).status_code == 204
    gone = [await office.client.get(second), await office.client.get("/calendar/feed", headers=own)]
    gone.append(await office.client.delete("/calendar/feed", headers=own))
    assert [answer.status_code for answer in gone] == [404, 404, 404]


async def test_an_address_has_256_bits_and_stands_nowhere(office: Office) -> None:
    secret = (await office.address(office.world.manager)).split("/")[2]
    assert len(secret) == 43
    rows = await office.world.database.pool.fetch("select * from calendar_feed")
    assert secret not in repr([dict(row) for row in rows])
    for wrong in (secret[:-1], secret + "A", secret.swapcase(), "%00", "ä"):
        assert (await office.client.get(f"/feeds/{wrong}/kim.ics")).status_code == 404


async def test_an_administrator_gives_a_room_its_feed(office: Office) -> None:
    world, administrator = office.world, office.token("administrator")
    await world.choose(await world.request(interpreter_needed=False))
    issued = await office.client.post(f"/rooms/{world.room}/feed", headers=administrator)
    assert [status for status, *_ in await office.shown(issued.json()["path"])] == ["CONFIRMED"]
    of_no_room = await office.client.post(f"/rooms/{world.manager}/feed", headers=administrator)
    revoked = await office.client.delete(f"/rooms/{world.room}/feed", headers=administrator)
    assert (of_no_room.status_code, revoked.status_code) == (404, 204)
    assert (await office.client.get(issued.json()["path"])).status_code == 404


async def test_whoever_is_not_active_any_more_reads_nothing(office: Office) -> None:
    anna = await office.world.interpreter()
    address = await office.address(anna, "interpreter")
    await office.world.database.pool.execute("update resource set active = false where id = $1", anna)
    assert (await office.client.get(address)).status_code == 404


async def starts_in_feed(world: World) -> list[datetime]:
    async with world.database.read() as conn:
        return [each.span.starts for each in await store_feeds.entries(conn, world.manager, world.now)]


async def test_a_feed_with_too_many_talks_leaves_out_the_oldest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.open_office()
    booked = [await world.choose(await world.request(interpreter_needed=False)) for _ in range(3)]
    monkeypatch.setattr(store_feeds, "MOST", 2)
    assert await starts_in_feed(world) == sorted(span(each).starts for each in booked)[1:]


async def test_what_was_cancelled_long_ago_takes_no_place_from_what_is_to_come(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.open_office()
    first, last = [await world.choose(await world.request(interpreter_needed=False)) for _ in range(2)]
    await world.cancel(last)
    await world.database.pool.execute(
        "update calendar_entry set changed_at = $2 where booking_id = $1", last.booking_id, world.now - CANCELLED_FOR
    )
    monkeypatch.setattr(store_feeds, "MOST", 1)
    assert await starts_in_feed(world) == [span(first).starts]


async def test_what_a_talk_was_before_it_moved_counts_for_its_sequence_however_full_the_feed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.open_office()
    former = await world.choose(await world.request(interpreter_needed=False))
    moved = await world.choose(await world.move(former), slot=-1)
    await world.choose(await world.request(interpreter_needed=False))
    monkeypatch.setattr(store_feeds, "MOST", 1)
    async with world.database.read() as conn:
        found = await store_feeds.entries(conn, world.manager, world.now)
    assert {each.booking_id for each in found} == {former.booking_id, moved.booking_id}
