"""Structural findings: how the system failed somebody, without a way back to whom."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from shared.contracts.base import Event
from shared.contracts.case import FindingReported
from shared.contracts.vocabulary import FindingKind, Topic


class Finding(NamedTuple):
    """How the system failed somebody. Nothing leads from it to a case: its id is random and tells no time."""

    finding_id: UUID
    ags: str
    kind: FindingKind
    about: Topic


def report(findings: Sequence[Finding], today: date) -> list[Event]:
    """In the order of their random ids, which is none that anybody entered them in."""
    return [FindingReported(**finding._asdict(), reported_on=today) for finding in sorted(findings)]


def batch_day(present: datetime, at: time) -> date:
    """The day of the last batch that is due; `present` and `at` are of the same time zone."""
    return present.date() if present.time() >= at else present.date() - timedelta(days=1)
