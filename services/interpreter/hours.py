"""Whether an interpreter's own hours still leave room for a talk. Pure; scheduling has the last word on who is free."""

from dataclasses import dataclass
from datetime import datetime

from services.interpreter.domain import Windows
from services.interpreter.offers import BERLIN


@dataclass(frozen=True, slots=True)
class Hours:
    windows: Windows
    has_rules: bool
    """Recurring hours, which only scheduling counts out."""

    def forbid(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether they can certainly not come: no window holds the talk, and there are no rules that could."""
        starts, ends = starts_at.astimezone(BERLIN), ends_at.astimezone(BERLIN)
        if self.has_rules or starts.date() != ends.date():
            return False
        reached = starts.time()
        for window in self.windows:  # in order: windows that touch hold a talk together
            if window.weekday == starts.weekday() and window.starts <= reached < window.ends:
                reached = window.ends
        return reached < ends.time()
