"""Confirmed bookings become assignments with a fee, cancelled ones are paid where it is late."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.ids import new_id
from tests.interpreter.agency import Agency
from tests.interpreter.people import ENDS_AT, STARTS_AT, Booking

RULE = "borken@2020-01-01"
BASE = {
    "item": "base",
    "quantity": "1",
    "unit": "120_min",
    "unit_price": "25.00",
    "amount": "25.00",
    "rule": RULE,
}


async def test_a_confirmed_booking_is_an_assignment_with_its_fee(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    await agency.hears(booking.confirmed(who, ends_at=STARTS_AT + timedelta(minutes=150)))
    [found] = await agency.assignments(who)
    assert found["fee"] == {
        "kind": "talk",
        "rule": RULE,
        "lines": [
            BASE,
            {
                "item": "started_units",
                "quantity": "1",
                "unit": "60_min",
                "unit_price": "10.00",
                "amount": "10.00",
                "rule": RULE,
            },
        ],
        "total": "35.00",
    }
    assert datetime.fromisoformat(found["starts_at"]) == STARTS_AT
    assert found["cancelled_at"] is None


async def test_money_is_stored_as_decimal_strings_and_a_numeric(agency: Agency) -> None:
    await agency.hears(Booking().confirmed((await agency.knows()).id))
    async with agency.db.read() as conn:
        row = await conn.fetchrow("select lines, total::text as total, rule from fee_quote")
    assert (row["lines"], row["total"], row["rule"]) == ([BASE], "25.00", RULE)


async def test_a_confirmation_published_twice_is_one_assignment(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    await agency.hears(booking.confirmed(who), booking.confirmed(who))
    assert len(await agency.assignments(who)) == 1


async def test_a_confirmation_without_interpreter_is_no_assignment(agency: Agency) -> None:
    await agency.hears(Booking().confirmed(None, language=None))
    assert await agency.rejections() == []
    async with agency.db.read() as conn:
        assert await conn.fetchval("select count(*) from assignment") == 0


async def test_an_interpreter_sees_own_assignments_only(agency: Agency) -> None:
    one, other = (await agency.knows()).id, (await agency.knows()).id
    await agency.hears(Booking().confirmed(one))
    assert await agency.assignments(other) == []
    assert await agency.assignments(new_id()) == []
    [own] = await agency.assignments(one)
    assert not {"case_id", "enquiry_id"} & set(own)


async def cancelled(agency: Agency, at: datetime) -> dict[str, Any]:
    booking, who = Booking(), (await agency.knows()).id
    await agency.hears(booking.confirmed(who))
    await agency.hears(booking.released(), at=at)
    [found] = await agency.assignments(who)
    return found


async def test_an_early_cancellation_is_free(agency: Agency) -> None:
    found = await cancelled(agency, STARTS_AT - timedelta(days=2))
    assert found["cancelled_at"] is not None
    assert found["fee"] == {"kind": "cancellation", "rule": RULE, "lines": [], "total": "0.00"}


async def test_a_late_cancellation_is_paid(agency: Agency) -> None:
    """After 13:00 in Berlin on the day before."""
    day_before = (STARTS_AT - timedelta(days=1)).date()
    late = datetime(day_before.year, day_before.month, day_before.day, 12, 30, tzinfo=UTC)
    found = await cancelled(agency, late)
    assert [(line["item"], line["amount"]) for line in found["fee"]["lines"]] == [("late_cancellation", "25.00")]
    assert found["fee"]["total"] == "25.00"


async def test_a_release_published_twice_is_cancelled_and_paid_once(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    await agency.hears(booking.confirmed(who), booking.released(), booking.released())
    assert len(await agency.assignments(who)) == 1
    assert await agency.rejections() == []


async def test_a_booking_confirmed_anew_is_a_new_assignment(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    await agency.hears(booking.confirmed(who), booking.released(), booking.confirmed(who, ends_at=ENDS_AT))
    kinds = sorted(found["fee"]["kind"] for found in await agency.assignments(who))
    assert kinds == ["cancellation", "talk"]
