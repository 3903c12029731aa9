"""Case managers and how much room they have. The weights are assumed: no rule of Kreis Wesel on them is public."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

from shared.contracts.vocabulary import Phase, Topic

CAPACITY_PER_FTE = Decimal(40)
"""Weighted open cases of somebody who works full time."""
WEIGHTS: Mapping[Phase, Decimal] = MappingProxyType(
    {
        Phase.CLARIFICATION: Decimal("1.0"),
        Phase.ASSESSMENT: Decimal("1.5"),
        Phase.PLANNING: Decimal("1.5"),
        Phase.LINKING: Decimal("0.75"),
        Phase.CLOSED: Decimal(0),
    }
)
"""What one case in a phase counts for."""


@dataclass(frozen=True, slots=True)
class CaseManager:
    id: UUID
    fte: Decimal
    """Full-time equivalents."""
    municipalities: frozenset[str]
    languages: frozenset[str]
    topics: frozenset[Topic]
    supervisor_id: UUID | None = None
    """Who approves hand-overs to other municipalities; None: nobody has to."""
    conflict_tokens: frozenset[str] = frozenset()
    """Keyed hashes that only person can compute, of family, community and village."""
    absent_from: date | None = None
    absent_until: date | None = None
    """The last day of the absence; None with a start: until further notice."""
    open_cases: Mapping[Phase, int] = field(default_factory=dict)

    @property
    def capacity(self) -> Decimal:
        return self.fte * CAPACITY_PER_FTE

    @property
    def load(self) -> Decimal:
        return sum((WEIGHTS[phase] * many for phase, many in self.open_cases.items()), Decimal(0))

    @property
    def has_room(self) -> bool:
        """For one more case in its first phase."""
        return self.load + WEIGHTS[Phase.CLARIFICATION] <= self.capacity

    def is_absent(self, today: date) -> bool:
        if self.absent_from is None or today < self.absent_from:
            return False
        return self.absent_until is None or today <= self.absent_until
