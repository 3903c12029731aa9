"""What an interpreter is paid, itemised. Units once started count whole; each line is rounded half up to a cent."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from services.interpreter.offers import BERLIN
from services.interpreter.tariffs import Tariff, TravelPerKilometre
from shared.travel import between

_CENT = Decimal("0.01")


class Item(StrEnum):
    BASE = "base"
    STARTED_UNITS = "started_units"
    TRAVEL = "travel"
    LATE_CANCELLATION = "late_cancellation"


class Line(BaseModel):
    """`quantity` of `unit` at `unit_price` EUR, by the rule of that name and version."""

    model_config = ConfigDict(frozen=True)

    item: Item
    quantity: Decimal
    unit: str
    """`km`, or minutes as `120_min`."""
    unit_price: Decimal
    amount: Decimal
    rule: str


class QuoteKind(StrEnum):
    TALK = "talk"
    CANCELLATION = "cancellation"


class Quote(BaseModel):
    model_config = ConfigDict(frozen=True)

    kind: QuoteKind
    rule: str
    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal("0.00"))


def quote_talk(tariff: Tariff, starts_at: datetime, ends_at: datetime, kilometres: Decimal) -> Quote:
    """`kilometres` are those travelled, there and back; 0 where nobody travels."""
    lines = [*_time(tariff, starts_at, ends_at), *_travel(tariff, kilometres)]
    return Quote(kind=QuoteKind.TALK, rule=tariff.name, lines=tuple(lines))


def quote_cancellation(tariff: Tariff, starts_at: datetime, cancelled_at: datetime) -> Quote:
    """No line while cancelling is free, the last free minute included."""
    rule = tariff.rules.late_cancellation
    lines: tuple[Line, ...] = ()
    if cancelled_at > free_until(tariff, starts_at):
        hour = timedelta(minutes=rule.charged_minutes)
        price = sum((line.amount for line in _time(tariff, starts_at, _utc(starts_at) + hour)), Decimal())
        lines = (_line(tariff, Item.LATE_CANCELLATION, 1, f"{rule.charged_minutes}_min", price),)
    return Quote(kind=QuoteKind.CANCELLATION, rule=tariff.name, lines=lines)


def free_until(tariff: Tariff, starts_at: datetime) -> datetime:
    """The last moment at which a talk can be cancelled for nothing, by the clock of Berlin."""
    rule = tariff.rules.late_cancellation
    day = starts_at.astimezone(BERLIN).date() - timedelta(days=rule.days_before)
    return datetime.combine(day, rule.free_until, BERLIN).astimezone(UTC)


def kilometres(tariff: Tariff, *, travels: bool, base: str | None, ags: str) -> Decimal:
    """There and back between the municipalities, by the table of `shared.travel`, where the tariff pays them.

    Within one, and from outside of the county (`base` is None), as the tariff assumes them for a quote.
    """
    travel = tariff.rules.travel
    if not travels or not isinstance(travel, TravelPerKilometre):
        return Decimal()
    if base is None:
        return travel.km_other_municipality
    return travel.km_same_municipality if base == ags else Decimal(2 * between(base, ags).km)


def _time(tariff: Tariff, starts_at: datetime, ends_at: datetime) -> Iterable[Line]:
    fee = tariff.rules.fee
    over = _utc(ends_at) - _utc(starts_at) - timedelta(minutes=fee.first.minutes)
    yield _line(tariff, Item.BASE, 1, f"{fee.first.minutes}_min", fee.first.amount)
    if (started := -(-over // timedelta(minutes=fee.then.minutes))) > 0:
        yield _line(tariff, Item.STARTED_UNITS, started, f"{fee.then.minutes}_min", fee.then.amount)


def _travel(tariff: Tariff, kilometres: Decimal) -> Iterable[Line]:
    travel = tariff.rules.travel
    if isinstance(travel, TravelPerKilometre) and kilometres > 0:
        yield _line(tariff, Item.TRAVEL, kilometres, "km", travel.amount)


def _line(tariff: Tariff, item: Item, quantity: Decimal | int, unit: str, price: Decimal) -> Line:
    exact = Decimal(quantity)
    amount = (exact * price).quantize(_CENT, ROUND_HALF_UP)
    return Line(item=item, quantity=exact, unit=unit, unit_price=price, amount=amount, rule=tariff.name)


def _utc(instant: datetime) -> datetime:
    """Python subtracts wall times where both ends share a zone, which is wrong across a change of the clocks."""
    return instant.astimezone(UTC)
