"""Fees, worked out by hand from the pots' published rules (design: Rules of the field)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.interpreter.fees import (
    Item,
    Line,
    Quote,
    QuoteKind,
    free_until,
    kilometres,
    quote_cancellation,
    quote_talk,
)
from services.interpreter.tariffs import TARIFFS, NoTariffInForce, Tariff, Tariffs, tariff

START = datetime(2026, 3, 17, 9, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
POTS = sorted(TARIFFS.pots)

DINSLAKEN, MOERS, VOERDE = "05170008", "05170024", "05170044"


def pot(name: str) -> Tariff:
    return tariff(START.date(), name)


def talk(name: str, minutes: float, km: str = "0") -> Quote:
    return quote_talk(pot(name), START, START + timedelta(minutes=minutes), Decimal(km))


@pytest.mark.parametrize(
    ("name", "minutes", "total"),
    [
        # 25 EUR up to 2 h, then 10 EUR per started hour
        ("heinsberg", 30, "25.00"),
        ("heinsberg", 120, "25.00"),
        ("heinsberg", 121, "35.00"),
        ("heinsberg", 180, "35.00"),
        ("heinsberg", 181, "45.00"),
        # 25 EUR for the first hour, then 5 EUR per started half hour
        ("rhein-erft", 60, "25.00"),
        ("rhein-erft", 61, "30.00"),
        ("rhein-erft", 90, "30.00"),
        ("rhein-erft", 91, "35.00"),
        ("rhein-erft", 150, "40.00"),
        # 15 EUR per hour, then 15 EUR per started hour
        ("steinfurt", 45, "15.00"),
        ("steinfurt", 60, "15.00"),
        ("steinfurt", 61, "30.00"),
        ("steinfurt", 135, "45.00"),
        # as Heinsberg
        ("borken", 120, "25.00"),
        ("borken", 120.01, "35.00"),
        ("borken", 300, "55.00"),
    ],
)
def test_a_talk_costs_what_the_pot_says(name: str, minutes: float, total: str) -> None:
    assert talk(name, minutes).total == Decimal(total)


def test_a_quote_is_itemised_with_the_version_of_its_rule() -> None:
    rule = "steinfurt@2020-01-01"
    assert talk("steinfurt", 135, "30") == Quote(
        kind=QuoteKind.TALK,
        rule=rule,
        lines=(
            Line(
                item=Item.BASE,
                quantity=Decimal(1),
                unit="60_min",
                unit_price=Decimal("15.00"),
                amount=Decimal("15.00"),
                rule=rule,
            ),
            Line(
                item=Item.STARTED_UNITS,
                quantity=Decimal(2),
                unit="60_min",
                unit_price=Decimal("15.00"),
                amount=Decimal("30.00"),
                rule=rule,
            ),
            Line(
                item=Item.TRAVEL,
                quantity=Decimal(30),
                unit="km",
                unit_price=Decimal("0.30"),
                amount=Decimal("9.00"),
                rule=rule,
            ),
        ),
    )


@pytest.mark.parametrize(
    ("km", "amount"),
    [
        ("12.5", "3.75"),
        ("7.55", "2.27"),  # 2.265
        ("7.51", "2.25"),  # 2.253
        ("0.15", "0.05"),  # 0.045, where half to even would give 0.04
    ],
)
def test_a_line_is_rounded_half_up_to_a_cent(km: str, amount: str) -> None:
    assert talk("steinfurt", 60, km).lines[-1].amount == Decimal(amount)


def test_travel_is_paid_where_the_pot_pays_it() -> None:
    assert [talk(name, 60, "30").total for name in ("heinsberg", "rhein-erft", "steinfurt", "borken")] == [
        Decimal("25.00"),
        Decimal("25.00"),
        Decimal("24.00"),
        Decimal("25.00"),
    ]


@pytest.mark.parametrize(
    ("travels", "base", "expected"),
    [(True, MOERS, 40), (True, VOERDE, 16), (True, DINSLAKEN, 0), (True, None, 30), (False, MOERS, 0)],
)
def test_the_way_is_paid_there_and_back_by_the_table_of_the_county(
    *, travels: bool, base: str | None, expected: int
) -> None:
    """From outside of it, as many kilometres as the tariff assumes."""
    assert kilometres(pot("steinfurt"), travels=travels, base=base, ags=DINSLAKEN) == expected
    assert kilometres(pot("heinsberg"), travels=travels, base=base, ags=DINSLAKEN) == 0


def test_time_is_what_passes_not_what_the_clocks_show() -> None:
    """In the night to 29 March 2026 clocks jump from 2 to 3: from 1 to 4 are two hours. In October, four."""
    spring = quote_talk(
        pot("heinsberg"),
        datetime(2026, 3, 29, 1, tzinfo=BERLIN),
        datetime(2026, 3, 29, 4, tzinfo=BERLIN),
        Decimal(),
    )
    autumn = quote_talk(
        pot("heinsberg"),
        datetime(2026, 10, 25, 1, tzinfo=BERLIN),
        datetime(2026, 10, 25, 4, tzinfo=BERLIN),
        Decimal(),
    )
    assert (spring.total, autumn.total) == (Decimal("25.00"), Decimal("45.00"))


@pytest.mark.parametrize(
    ("name", "fee"),
    [("heinsberg", "25.00"), ("rhein-erft", "25.00"), ("steinfurt", "15.00"), ("borken", "25.00")],
)
def test_a_late_cancellation_costs_one_full_hour(name: str, fee: str) -> None:
    """The talk is on Tuesday at 10:00 in Berlin; free until Monday, 13:00 there, which is 12:00 UTC in winter."""
    last_free = datetime(2026, 3, 16, 12, tzinfo=UTC)
    assert free_until(pot(name), START) == last_free
    assert quote_cancellation(pot(name), START, last_free).lines == ()
    late = quote_cancellation(pot(name), START, last_free + timedelta(seconds=1))
    assert [(line.item, line.quantity, line.unit, line.amount) for line in late.lines] == [
        (Item.LATE_CANCELLATION, Decimal(1), "60_min", Decimal(fee))
    ]


@pytest.mark.parametrize(
    ("start", "last_free"),
    [
        # The Monday after clocks went forward on Sunday: Sunday, 13:00 is 11:00 UTC.
        (datetime(2026, 3, 30, 9, tzinfo=BERLIN), datetime(2026, 3, 29, 11, tzinfo=UTC)),
        # The Sunday itself: Saturday was still winter time.
        (datetime(2026, 3, 29, 9, tzinfo=BERLIN), datetime(2026, 3, 28, 12, tzinfo=UTC)),
        (datetime(2026, 10, 25, 9, tzinfo=BERLIN), datetime(2026, 10, 24, 11, tzinfo=UTC)),
        (datetime(2026, 10, 26, 9, tzinfo=BERLIN), datetime(2026, 10, 25, 12, tzinfo=UTC)),
        # 23:30 UTC on the 16th is the 17th in Berlin.
        (datetime(2026, 3, 16, 23, 30, tzinfo=UTC), datetime(2026, 3, 16, 12, tzinfo=UTC)),
    ],
    ids=str,
)
def test_the_previous_day_is_berlins_across_both_changes_of_the_clocks(start: datetime, last_free: datetime) -> None:
    assert free_until(pot("borken"), start) == last_free


@settings(deadline=None)
@given(st.sampled_from(POTS), st.lists(st.integers(1, 24 * 60), min_size=2))
def test_longer_never_costs_less(name: str, minutes: list[int]) -> None:
    totals = [talk(name, length).total for length in sorted(minutes)]
    assert all(shorter <= longer for shorter, longer in pairwise(totals))


@settings(deadline=None)
@given(st.sampled_from(POTS), st.integers(1, 24 * 60), st.decimals(0, 500, places=3))
def test_a_quote_is_exact_cents_and_the_sum_of_its_lines(name: str, minutes: int, km: Decimal) -> None:
    quote = talk(name, minutes, str(km))
    assert all(line.amount == line.amount.quantize(Decimal("0.01")) for line in quote.lines)
    assert quote.total == sum(line.amount for line in quote.lines)
    assert Quote.model_validate_json(quote.model_dump_json()) == quote


def test_the_version_of_the_talks_day_holds() -> None:
    old = TARIFFS.pots["heinsberg"][0]
    new = old.model_copy(update={"valid_from": date(2027, 1, 1), "lead_working_days": 7})
    both = Tariffs.model_validate({"note": "", "in_use": TARIFFS.in_use, "pots": {"heinsberg": (new, old)}})
    assert tariff(date(2026, 12, 31), "heinsberg", both).name == "heinsberg@2020-01-01"
    assert tariff(date(2027, 1, 1), "heinsberg", both).name == "heinsberg@2027-01-01"
    with pytest.raises(NoTariffInForce):
        tariff(date(2019, 12, 31), "heinsberg", both)


@pytest.mark.parametrize(("name", "lead"), [("heinsberg", 5), ("rhein-erft", 5), ("steinfurt", 5), ("borken", 3)])
def test_the_lead_times_are_those_published(name: str, lead: int) -> None:
    assert pot(name).rules.lead_working_days == lead


def test_what_is_assumed_is_named_by_a_path_that_exists() -> None:
    for name in POTS:
        for rules in TARIFFS.pots[name]:
            for path in rules.assumed:
                value = rules.model_dump()
                for step in path.split("."):
                    value = value[step]
