"""What goes when its time is over: by periods of a file, on the same path as an erasure that was asked for."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.register.__main__ import text as register
from services.person import expiring, retention, store_retention
from services.person.app import build
from services.person.reactions import REACTIONS
from services.person.retention import DEFAULT, Clock, Period, Periods, RetentionUnreadable
from shared import erasure
from shared.clock import BERLIN
from shared.contracts.base import Event
from shared.contracts.case import CasePhaseChanged
from shared.contracts.intake import EnquiryRedirected, EnquiryWithdrawn
from shared.contracts.vocabulary import Phase, ReferralService, WithdrawalReason
from shared.database import Database
from shared.ids import new_id
from shared.settings import Settings
from tests.person.caller import Registered
from tests.person.people import consent_given, envelope_of, found_in_tables, hear_enquiry, published
from tests.waiting import eventually

AGS = "05170008"
MONTH = {"what": "x", "why": "x", "source": "x", "assumed": True, "months": 1}
PERIODS = Periods.model_validate(dict.fromkeys(Periods.model_fields, MONTH))
ENDED, BEFORE, AFTER = date(2026, 3, 31), date(2026, 4, 29), date(2026, 5, 1)
SEGMENT = timedelta(seconds=1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> "GivenClock":
    return GivenClock(monkeypatch)


class GivenClock:
    """What expiring takes for now."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self.set(BEFORE)

    def set(self, day: date) -> None:
        self._patch.setattr(expiring, "today", lambda: day)
        self._patch.setattr(expiring, "now", lambda: datetime(day.year, day.month, day.day, 12, tzinfo=BERLIN))


async def hear(database: Database, event: Event) -> None:
    async with database.transaction() as conn:
        await REACTIONS[type(event)](conn, envelope_of(event, datetime.now(UTC)))


async def case_moves(database: Database, enquiry_id: UUID, phase: Phase = Phase.CLOSED, on: date = ENDED) -> None:
    await hear(database, CasePhaseChanged(case_id=new_id(), enquiry_id=enquiry_id, ags=AGS, phase=phase, changed_on=on))


async def withdrawn(database: Database, enquiry_id: UUID, on: date = ENDED) -> None:
    reason = WithdrawalReason.NOT_REACHED
    await hear(database, EnquiryWithdrawn(enquiry_id=enquiry_id, ags=AGS, reason=reason, withdrawn_on=on))


async def redirected(database: Database, enquiry_id: UUID, on: date = ENDED) -> None:
    service = ReferralService.MIGRATION_COUNSELLING_ADULTS
    await hear(database, EnquiryRedirected(enquiry_id=enquiry_id, ags=AGS, service=service, redirected_on=on))


async def expire(database: Database, periods: Periods = PERIODS) -> int:
    """As the deadline does it: until nothing is due. Returns how many turns there were."""
    turns = 0
    while True:
        async with database.transaction() as conn:
            if not await expiring.expire(conn, periods, SEGMENT):
                return turns
        turns += 1


async def erased(database: Database) -> list[str]:
    return [event.type for event in await published(database) if event.type == "person.erased.v1"]


@pytest.mark.parametrize("end", [case_moves, withdrawn, redirected])
async def test_when_the_time_after_the_end_is_over_the_person_is_erased_as_if_they_had_asked(
    database: Database, clock: GivenClock, end: object
) -> None:
    enquiry_id = await hear_enquiry(database, [consent_given()])
    assert callable(end)
    await end(database, enquiry_id)
    assert await expire(database) == 0
    clock.set(AFTER)
    assert await expire(database) == 1
    assert await erased(database) == ["person.erased.v1"]
    assert set(await found_in_tables(database, str(enquiry_id))) == {"erasure", "outbox", "published_event"}
    assert await expire(database) == 0


async def test_somebody_registered_is_erased_with_all_that_hangs_on_them(
    database: Database, clock: GivenClock, registered: Registered
) -> None:
    await registered.case_manager.get(registered.contact)
    await case_moves(database, registered.enquiry_id)
    clock.set(AFTER)
    assert await expire(database) == 1
    assert (await registered.case_manager.get(registered.contact)).status_code == 404


async def test_a_case_that_is_reopened_stops_its_clock_and_one_that_is_closed_again_starts_it_anew(
    database: Database, clock: GivenClock
) -> None:
    enquiry_id = await hear_enquiry(database)
    await case_moves(database, enquiry_id)
    await case_moves(database, enquiry_id, Phase.ASSESSMENT)
    clock.set(AFTER)
    assert await expire(database) == 0
    await case_moves(database, enquiry_id, on=BEFORE)
    assert await expire(database) == 0
    clock.set(date(2026, 5, 29))
    assert await expire(database) == 1


async def test_a_person_stays_as_long_as_one_of_their_enquiries_does(database: Database, clock: GivenClock) -> None:
    first, second = await hear_enquiry(database), await hear_enquiry(database)
    await database.pool.execute(
        "update enquiry set person_id = (select person_id from enquiry where enquiry_id = $1) where enquiry_id = $2",
        first, second,
    )  # fmt: skip
    await case_moves(database, first)
    clock.set(AFTER)
    assert await expire(database) == 0, "the second one has no clock"
    await redirected(database, second, on=AFTER)
    assert await expire(database) == 0, "its clock has just started"
    clock.set(date(2026, 6, 1))
    assert await expire(database) == 1
    assert await found_in_tables(database, str(first)) == await found_in_tables(database, str(second))


async def test_of_merged_records_none_goes_before_all_do(database: Database, clock: GivenClock) -> None:
    first, second = await hear_enquiry(database), await hear_enquiry(database)
    await database.pool.execute(
        """
        insert into merge (person_id, survivor_id, merged_by, merged_at)
        select one.person_id, other.person_id, 'somebody', now() from enquiry as one, enquiry as other
        where one.enquiry_id = $1 and other.enquiry_id = $2
        """,
        first, second,
    )  # fmt: skip
    await case_moves(database, first)
    clock.set(AFTER)
    assert await expire(database) == 0
    await case_moves(database, second)
    assert await expire(database) == 1
    assert await erased(database) == ["person.erased.v1"]
    assert await database.pool.fetchval("select count(*) from person") == 0


async def test_of_two_ends_the_one_that_is_kept_longer_counts(database: Database, clock: GivenClock) -> None:
    enquiry_id = await hear_enquiry(database)
    await withdrawn(database, enquiry_id)
    await case_moves(database, enquiry_id)
    longer = PERIODS.model_copy(update={"case_closed": Period.model_validate(MONTH | {"months": 36})})
    clock.set(AFTER)
    assert await expire(database, longer) == 0
    clock.set(date(2029, 3, 31))
    assert await expire(database, longer) == 1


async def test_an_end_that_is_heard_of_before_the_enquiry_counts_too(database: Database, clock: GivenClock) -> None:
    enquiry_id = await hear_enquiry(database)
    await database.pool.execute("delete from fetch_due")
    await database.pool.execute("delete from enquiry")
    await withdrawn(database, enquiry_id)
    clock.set(AFTER)
    assert await expire(database) == 0
    await database.pool.execute("insert into enquiry select $1, id from person", enquiry_id)
    assert await expire(database) == 1


async def test_a_case_that_is_reopened_at_the_same_moment_is_not_erased(database: Database, clock: GivenClock) -> None:
    enquiry_id = await hear_enquiry(database)
    await case_moves(database, enquiry_id)
    clock.set(AFTER)
    async with database.transaction() as handling:
        await erasure.lock(handling, [enquiry_id])
        expiring_ = asyncio.create_task(expire(database))

        async def waits() -> bool:
            query = "select exists (select from pg_locks where locktype = 'advisory' and not granted)"
            return bool(await handling.fetchval(query))

        await eventually(waits)
        await store_retention.stop(handling, enquiry_id, Clock.CASE_CLOSED)
    await expiring_
    assert await erased(database) == []


async def test_messages_the_access_log_and_receipts_go_after_their_own_time_and_no_sooner(
    database: Database, clock: GivenClock
) -> None:
    await hear_enquiry(database)
    ended = datetime(2026, 3, 31, 12, tzinfo=BERLIN)
    await database.pool.execute(
        """
        insert into message (id, person_id, kind, channel, made_at, until, next_at, settled, settled_at)
        select gen_random_uuid(), id, 'reminder', 'email', $1, $1, $1, 'sent', $1 from person
        """,
        ended,
    )
    await database.pool.execute(
        """
        insert into access_log (id, person_id, who, role, what, why, at)
        select gen_random_uuid(), id, 'x', 'case_manager', 'contact', 'counselling', $1 from person
        """,
        ended,
    )
    await database.pool.execute(
        """
        insert into erasure (id, step, erased_at, completed_at, next_look)
        values (gen_random_uuid(), 'done', $1, $1, $1)
        """,
        ended,
    )
    assert await expire(database) == 0
    clock.set(AFTER)
    assert await expire(database) == 3
    for table in ("message", "access_log", "erasure"):
        assert await database.pool.fetchval(f"select count(*) from {table}") == 0  # noqa: S608 - ours
    assert await database.pool.fetchval("select count(*) from person") == 1


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 60), st.integers(0, 400), st.integers(0, 4000))
def test_nothing_goes_before_its_period_is_over(start: date, months: int, days: int, later: int) -> None:
    period = Period.model_validate(MONTH | {"months": months, "days": days + (not months and not days)})
    today = start + timedelta(days=later)
    if start <= period.before(today):
        assert later >= period.days + 28 * period.months
    assert start <= period.before(start + timedelta(days=period.days + 31 * period.months))


def test_the_delivered_file_has_a_period_reason_and_source_for_everything_and_the_register_shows_them() -> None:
    shown = register()
    for name in Periods.model_fields:
        period: Period = getattr(retention.read(None), name)
        assert f"| {period.what} | {period} | {period.why} |" in shown
        assert period.source in shown


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("[case_closed]", r"own[.]toml: case_closed.* is not as"),
        ("months =", "cannot be read as TOML"),
    ],
)
def test_a_file_that_is_wrong_stops_the_start_and_says_where(tmp_path: Path, wrong: str, message: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(wrong, encoding="utf-8")
    with pytest.raises(RetentionUnreadable, match=message):
        build(Settings.model_validate({"retention_file": file, "secrets_dir": tmp_path}))


def test_a_period_that_is_none_is_refused_and_an_operators_own_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    delivered = DEFAULT.read_text(encoding="utf-8")
    file.write_text(delivered.replace("months = 36", "months = 0", 1), encoding="utf-8")
    with pytest.raises(RetentionUnreadable, match="case_closed"):
        retention.read(file)
    file.write_text(delivered.replace("months = 36", "months = 120", 1), encoding="utf-8")
    assert str(retention.read(file).case_closed) == "120 Monate"
    with pytest.raises(RetentionUnreadable, match=r"missing[.]toml"):
        retention.read(tmp_path / "missing.toml")
