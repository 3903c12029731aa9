"""What an interpreter is owed for a month; and an acceptance that is given back."""

import csv
import re
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from uuid import UUID

import pytest

from services.interpreter.offers import OfferNotAccepted, OfferState, TalkHasBegun, accept, give_back
from services.interpreter.statement_pdf import ITEMS, WAYS, as_pdf
from services.interpreter.statements import Statement, StatementLine
from services.interpreter.tariffs import TARIFFS, Tariffs, tariff
from shared.clock import BERLIN, now
from shared.contracts.interpreter import OfferMade, OfferWithdrawn
from shared.ids import new_id
from tests.interpreter.agency import Agency
from tests.interpreter.people import STARTS_AT, Booking
from tests.interpreter.test_offers import NOW, offer

YESTERDAY = now().astimezone(BERLIN).replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=1)
WHEN = {"starts_at": YESTERDAY, "ends_at": YESTERDAY + timedelta(minutes=150)}
WHO = new_id()
MONTH = f"{YESTERDAY:%Y-%m}"


async def read(agency: Agency, who: UUID, form: str = "csv") -> bytes:
    path = f"/interpreters/{who}/statements/{MONTH}?format={form}"
    answer = await agency.client.get(path, headers=agency.as_interpreter(who))
    assert answer.status_code == 200, answer.text
    return answer.content


async def lines(agency: Agency, who: UUID) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO((await read(agency, who)).decode())))


async def test_every_line_names_its_talk_and_the_version_of_its_rule(agency: Agency) -> None:
    """Two and a half hours: 25 EUR up to two hours, then 10 EUR for the hour that is started."""
    who = (await agency.knows()).id
    await agency.hears(Booking().confirmed(who, **WHEN))
    base, more, total = await lines(agency, who)
    assert (base["item"], base["amount"], base["rule"]) == ("base", "25.00", "borken@2020-01-01")
    assert (more["item"], more["amount"], more["quantity"], more["unit"]) == ("started_units", "10.00", "1", "60_min")
    assert base["assignment_id"] == more["assignment_id"] == (await agency.assignments(who))[0]["assignment_id"]
    assert (total["item"], total["amount"]) == ("total", "35.00")


async def test_talks_to_come_and_other_months_are_not_in_it(agency: Agency) -> None:
    who = (await agency.knows()).id
    last = YESTERDAY.replace(day=1) - timedelta(days=1)
    await agency.hears(Booking().confirmed(who), Booking().confirmed(who, starts_at=last, ends_at=last))
    assert [line["item"] for line in await lines(agency, who)] == ["total"]


async def test_a_new_tariff_never_changes_a_past_statement(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    who = (await agency.knows()).id
    await agency.hears(Booking().confirmed(who, **WHEN))
    before = [await read(agency, who, form) for form in ("csv", "pdf")]
    pot = TARIFFS.in_use.pot
    dear = TARIFFS.pots[pot][0].fee.model_copy(
        update={"first": TARIFFS.pots[pot][0].fee.first.model_copy(update={"amount": Decimal("99.00")})}
    )
    new = TARIFFS.pots[pot][0].model_copy(update={"valid_from": date(2020, 2, 1), "fee": dear})
    pots = {**TARIFFS.pots, pot: (*TARIFFS.pots[pot], new)}
    changed = Tariffs(note="", in_use=TARIFFS.in_use, pots=pots)
    monkeypatch.setattr(tariff, "__defaults__", (pot, changed))
    assert [await read(agency, who, form) for form in ("csv", "pdf")] == before
    other = (await agency.knows()).id
    await agency.hears(Booking().confirmed(other, **WHEN))
    assert (await lines(agency, other))[0]["amount"] == "99.00"


async def test_a_statement_is_a_page_to_print(agency: Agency) -> None:
    who = (await agency.knows()).id
    await agency.hears(Booking().confirmed(who, **WHEN))
    assert (await read(agency, who, "pdf")).startswith(b"%PDF-")


LINE = StatementLine(
    date(2026, 3, 2), new_id(), "base", Decimal(1), "120_min", Decimal("25.00"), Decimal("25.00"), "borken@2020-01-01"
)
PRINTED = [
    LINE._replace(accepted="mailed_link"),
    LINE._replace(
        item="started_units", quantity=Decimal(3), unit="60_min", unit_price=Decimal("10.00"), amount=Decimal(30)
    ),
    LINE._replace(day=date(2026, 3, 9), item="travel", unit="km", quantity=Decimal(30), rule="steinfurt@2021-07-01"),
    LINE._replace(day=date(2026, 3, 10), item="late_cancellation", assignment_id=new_id(), accepted="signed_in"),
    StatementLine(None, None, "erased", None, "", None, Decimal("12.50"), "borken@2019-01-01"),
]


def printed(made: Statement) -> list[str]:
    """The texts of the page, cell by cell, as they follow one another."""
    found = re.findall(rb"\(((?:\\.|[^()\\])*)\) Tj", as_pdf(made, compressed=False))
    return [re.sub(rb"\\([0-7]{3})", lambda code: bytes([int(code[1], 8)]), each).decode("cp1252") for each in found]


def test_every_line_and_the_version_of_its_rule_is_printed_in_order() -> None:
    cells = printed(Statement(WHO, date(2026, 3, 1), tuple(PRINTED)))
    assert f"{WHO}" in cells
    rows = cells[cells.index("Zusage / Accepted") + 1 :]
    for line in PRINTED:
        said = [*([line.day.isoformat()] if line.day else []), ITEMS[line.item]]
        said += [f"{line.quantity} x {line.unit}", f"{line.unit_price}"] if line.quantity else []
        said += [f"{line.amount}", line.rule, *([f"{line.assignment_id}"] if line.assignment_id else [])]
        said += [WAYS[line.accepted]] if line.accepted else []
        assert rows[: len(said)] == said
        rows = rows[len(said) :]
    assert rows == ["Summe / Total", "117.50"], "25 + 30 + 25 + 25 + 12.50"


def test_a_statement_of_many_pages_prints_each_line_once_and_the_head_on_each_page() -> None:
    many = [LINE._replace(assignment_id=new_id()) for _ in range(100)]
    cells = printed(Statement(WHO, date(2026, 3, 1), tuple(many)))
    assert [cell for cell in cells if cell in {f"{each.assignment_id}" for each in many}] == [
        f"{each.assignment_id}" for each in many
    ]
    assert cells.count("borken@2020-01-01") == len(many)
    assert cells.count("Auftrag / Job") > 1
    assert cells[-2:] == ["Summe / Total", "2500.00"]


async def test_others_statements_are_not_there(agency: Agency) -> None:
    who, other = (await agency.knows()).id, (await agency.knows()).id
    answer = await agency.client.get(f"/interpreters/{who}/statements/{MONTH}", headers=agency.as_interpreter(other))
    assert answer.status_code == 404


def test_only_an_accepted_offer_is_given_back_and_only_before_the_talk() -> None:
    accepted, _ = accept(offer(), NOW)
    withdrawn, [told] = give_back(accepted, NOW)
    assert withdrawn.state is OfferState.GIVEN_BACK
    assert isinstance(told, OfferWithdrawn)
    assert give_back(withdrawn, NOW) == (withdrawn, [])
    with pytest.raises(OfferNotAccepted):
        give_back(offer(), NOW)
    with pytest.raises(TalkHasBegun):
        give_back(accepted, STARTS_AT)


async def test_who_gives_back_is_relieved_and_paid_nothing_and_the_next_is_assigned(agency: Agency) -> None:
    booking, first, second = Booking(), (await agency.knows()).id, (await agency.knows()).id
    await agency.hears(booking.held(first))
    [made] = await agency.told(OfferMade)
    await agency.answer("accept", made.offer_id, first)
    await agency.hears(booking.confirmed(first))
    for _ in range(2):
        assert (await agency.answer("withdraw", made.offer_id, first)).status_code == 200
    [told] = await agency.told(OfferWithdrawn)
    assert (told.booking_id, told.interpreter_id) == (booking.id, first)
    [left] = await agency.assignments(first)
    assert (left["fee"]["total"], left["cancelled_at"] is not None) == ("0.00", True)
    await agency.hears(booking.swapped(second), booking.confirmed(second))
    assert len(await agency.assignments(second)) == 1
    assert await agency.rejections() == []


async def test_a_confirmation_that_comes_after_the_next_was_found_relieves_the_first(agency: Agency) -> None:
    booking, first, second = Booking(), (await agency.knows()).id, (await agency.knows()).id
    await agency.hears(booking.confirmed(first), booking.confirmed(second))
    assert [(await agency.assignments(who))[0]["cancelled_at"] is None for who in (first, second)] == [False, True]


async def test_commands_refuse_an_unknown_interpreters_statement(agency: Agency) -> None:
    answer = await agency.client.get(
        f"/interpreters/{Booking().id}/statements/{MONTH}", headers=agency.token("administrator")
    )
    assert answer.status_code == 404
