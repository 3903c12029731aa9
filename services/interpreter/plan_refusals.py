"""What a plan refuses, by name; and how a plan became stale."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar
from uuid import UUID

from shared.errors import ChangedSince, Conflict, DomainError


class Changed(StrEnum):
    """What of a plan holds no more."""

    REQUEST_GONE = "request_gone"
    """A slot is chosen, or the talk is not wanted any more."""
    SLOT_GONE = "slot_gone"
    """The slot has begun, or is not proposed any more."""
    PLANNED_OTHERWISE = "planned_otherwise"
    """Another plan, which was adopted meanwhile, holds the request too."""
    RULE_BROKEN = "rule_broken"
    """The interpreter must not, or cannot, come any more."""


@dataclass(frozen=True, slots=True)
class Change:
    request_id: UUID
    what: Changed
    interpreter_id: UUID | None = None
    rules: tuple[str, ...] = ()
    """The hard rules that would be broken: `not_free`, `conflict_of_interest` and the others of a ranking."""


class DaysUpsideDown(DomainError):
    """A plan ends on the day on which it begins, or later, and is of 31 days at most."""

    status = 422


class TooLateToPlan(DomainError):
    """All days of the plan have passed."""

    status = 422


class ScopeUnclear(DomainError):
    """A plan is either for a municipality or for a pool: name one of both."""

    status = 422


class TooManyPlans(DomainError):
    """Enough plans are being computed at the moment. Please come again when one is ready."""

    status = 429
    headers = MappingProxyType({"Retry-After": "5"})


class VersionMissing(DomainError):
    """A change needs the header If-Match, with the ETag of the plan as you read it."""

    status = 428


class VersionOutdated(ChangedSince):
    """If-Match must hold the ETag of the plan as you read it. Its present version stands in `version`."""


class PlanNotReady(Conflict):
    """The plan is still being computed."""

    headers: ClassVar = MappingProxyType({"Retry-After": "2"})


class PlanFailed(Conflict):
    """The plan could not be computed, so there is nothing to adopt."""


class PlanIsStale(Conflict):
    """Something has changed since the plan was computed; what, stands in `changes`. Nothing of it was adopted."""

    def __init__(self, changes: Sequence[Change]) -> None:
        super().__init__()
        self.changes = tuple(changes)
        self.members = MappingProxyType(
            {
                "changes": [
                    {
                        "request_id": str(each.request_id),
                        "what": each.what,
                        "interpreter_id": str(each.interpreter_id) if each.interpreter_id else None,
                        "rules": list(each.rules),
                    }
                    for each in changes
                ]
            }
        )
