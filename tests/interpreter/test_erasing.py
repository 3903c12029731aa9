"""What interpreters are owed for talks with people who are erased."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.clock import now
from shared.contracts.person import PersonErased
from shared.ids import new_id
from tests.interpreter.agency import Agency
from tests.interpreter.people import STARTS_AT, Booking
from tests.interpreter.test_statements import WHEN, YESTERDAY, lines

RULE = "borken@2020-01-01"
SOON = {"starts_at": now() + timedelta(hours=2), "ends_at": now() + timedelta(hours=3)}


async def erase(agency: Agency, *bookings: Booking) -> None:
    await agency.hears(
        PersonErased(person_id=new_id(), enquiry_ids=[UUID(str(each.ids["enquiry_id"])) for each in bookings])
    )


async def owed(agency: Agency, who: UUID) -> list[tuple[str, Decimal]]:
    async with agency.db.read() as conn:
        rows = await conn.fetch("select rule, total from erased_fee where interpreter_id = $1 order by rule", who)
    return [(row["rule"], row["total"]) for row in rows]


async def erased_before(agency: Agency, **when: Any) -> list[tuple[str, Decimal]]:
    booking, who = Booking(), (await agency.knows()).id
    await agency.hears(booking.confirmed(who, **when))
    await erase(agency, booking)
    assert await agency.rejections() == []
    assert await agency.assignments(who) == []
    return await owed(agency, who)


async def test_a_talk_that_will_never_be_is_not_paid(agency: Agency) -> None:
    assert await erased_before(agency, starts_at=STARTS_AT) == []


async def test_a_talk_that_is_called_off_late_by_an_erasure_is_paid_as_any_late_cancellation(agency: Agency) -> None:
    """One full hour's fee: Borken's 25 EUR up to two hours, not the 45 EUR of the four hours that were asked for."""
    four_hours = {"starts_at": SOON["starts_at"], "ends_at": SOON["starts_at"] + timedelta(hours=4)}
    assert await erased_before(agency, **four_hours) == [(RULE, Decimal("25.00"))]


async def test_a_talk_that_was_is_owed_in_full_by_its_rule(agency: Agency) -> None:
    """Two and a half hours: 25 EUR up to two hours, and 10 EUR for the hour that was begun."""
    assert await erased_before(agency, **WHEN) == [(RULE, Decimal("35.00"))]


async def test_sums_of_one_rule_add_up_and_those_of_another_stand_apart(agency: Agency) -> None:
    who, first, second = (await agency.knows()).id, Booking(), Booking()
    month = YESTERDAY.date().replace(day=1)
    async with agency.db.transaction() as conn:
        await conn.execute("insert into erased_fee values ($1, $2, 'borken@2019-01-01', 12.50)", who, month)
    await agency.hears(first.confirmed(who, **WHEN), second.confirmed(who, **WHEN))
    await erase(agency, first)
    await erase(agency, second)
    old, new, total = await lines(agency, who)
    assert [(each["item"], each["assignment_id"]) for each in (old, new)] == [("erased", ""), ("erased", "")]
    assert [(each["rule"], each["amount"]) for each in (old, new)] == [("borken@2019-01-01", "12.50"), (RULE, "70.00")]
    assert total["amount"] == "82.50"
