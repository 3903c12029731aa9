"""An interpreter's month: every line of every fee as it was quoted, with the rule version by which it was.

It is made of stored quotes alone, so a tariff that changes later changes nothing here.
"""

import csv
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import NamedTuple
from uuid import UUID

from services.interpreter.fees import Quote
from services.interpreter.offers import Answered, Assignment, berlin_date


class StatementLine(NamedTuple):
    """EUR. Of talks with people who are erased, only their sum is left, and no assignment."""

    day: date | None
    assignment_id: UUID | None
    item: str
    quantity: Decimal | None
    unit: str
    unit_price: Decimal | None
    amount: Decimal
    rule: str
    accepted: str = ""
    """`Way` by which the talk was accepted; empty where it came without an offer."""
    link_made_by: str = ""
    """Id of whoever made the link by which it was: they could have answered by it."""


class Statement(NamedTuple):
    interpreter_id: UUID
    month: date
    """Its first day."""
    lines: tuple[StatementLine, ...]

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal("0.00"))


def statement(
    interpreter_id: UUID, month: date, done: Iterable[tuple[Assignment, Quote, Answered | None]], erased: Decimal | None
) -> Statement:
    """`done`: the month's assignments by time, each with the quote that holds and how it was accepted.

    `erased`: what is owed besides.
    """
    lines = [
        StatementLine(
            berlin_date(assignment.starts_at),
            assignment.id,
            line.item.value,
            line.quantity,
            line.unit,
            line.unit_price,
            line.amount,
            line.rule,
            accepted.way.value if accepted else "",
            (accepted and accepted.link_made_by) or "",
        )
        for assignment, quote, accepted in done
        for line in quote.lines
    ]
    if erased:
        lines.append(StatementLine(None, None, "erased", None, "", None, erased, ""))
    return Statement(interpreter_id, month, tuple(lines))


def as_csv(made: Statement) -> str:
    """RFC 4180: a head, a line each, and the total."""
    text = StringIO()
    rows = csv.writer(text)
    rows.writerow(StatementLine._fields)
    rows.writerows(made.lines)
    rows.writerow(["", "", "total", "", "", "", made.total, "", "", ""])
    return text.getvalue()
