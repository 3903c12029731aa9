"""How an interpreted talk went, in codes. It never enters a ranking or a plan.

The design names what may order interpreters: wishes, conflicts, dialect, level, continuity, fairness. Marks are not
among them: with some thirty interpreters a few marks are a person, and who is marked down for one talk must not lose
the next. They are for the pool's coordinator, who sees them summed up where at least `FEWEST` were given.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from services.interpreter.offers import Assignment
from shared.contracts.base import Event
from shared.contracts.interpreter import FeedbackGiven
from shared.contracts.vocabulary import FeedbackBy, FeedbackRemark
from shared.errors import DomainError

FEWEST = 5
"""A smaller count is not shown, nor one that can be worked out from others (design: Rules of the field)."""


class TalkNotOver(DomainError):
    """The talk is not over yet, or it did not take place."""


class FeedbackIsGiven(DomainError):
    """You have told us already how this talk went."""


@dataclass(frozen=True, slots=True)
class Feedback:
    by: FeedbackBy
    understanding: int
    """1 (not at all) to 5 (very well)."""
    punctuality: int
    remarks: frozenset[FeedbackRemark]


@dataclass(frozen=True, slots=True)
class Summary:
    """Of at least `FEWEST` feedbacks by the same kind of people."""

    by: FeedbackBy
    number: int
    understanding: Decimal
    """Mean, to one decimal."""
    punctuality: Decimal
    remarks: Mapping[FeedbackRemark, int]
    """Only those that neither a few made nor all but a few."""


def is_over(assignment: Assignment, now: datetime) -> bool:
    """It took place, as far as is known here."""
    return assignment.ends_at <= now and assignment.cancelled_at is None


def give(assignment: Assignment, feedback: Feedback, now: datetime, today: date) -> list[Event]:
    """Raises TalkNotOver."""
    if not is_over(assignment, now):
        raise TalkNotOver
    return [
        FeedbackGiven(
            booking_id=assignment.booking_id,
            enquiry_id=assignment.enquiry_id,
            interpreter_id=assignment.interpreter_id,
            by=feedback.by,
            understanding=feedback.understanding,
            punctuality=feedback.punctuality,
            remarks=sorted(feedback.remarks),
            given_on=today,
        )
    ]


def summed_up(given: Iterable[Feedback]) -> list[Summary]:
    """By who gave it; those of whom there are fewer than `FEWEST` are left out."""
    groups: dict[FeedbackBy, list[Feedback]] = {by: [] for by in FeedbackBy}
    for each in given:
        groups[each.by].append(each)
    return [_summary(by, of_it) for by, of_it in groups.items() if len(of_it) >= FEWEST]


def _summary(by: FeedbackBy, given: list[Feedback]) -> Summary:
    counted = Counter(remark for each in given for remark in each.remarks)
    shown = {r: n for r, n in sorted(counted.items()) if n >= FEWEST and _hides(len(given) - n)}
    marks = [each.understanding for each in given], [each.punctuality for each in given]
    return Summary(by, len(given), _mean(marks[0]), _mean(marks[1]), shown)


def _hides(others: int) -> bool:
    return others == 0 or others >= FEWEST


def _mean(marks: list[int]) -> Decimal:
    return (Decimal(sum(marks)) / len(marks)).quantize(Decimal("0.1"), ROUND_HALF_UP)
