"""Who and what talks need."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.scheduling.rules import Rule
from services.scheduling.spans import Span
from services.scheduling.windows import Window


class Kind(StrEnum):
    CASE_MANAGER = "case_manager"
    INTERPRETER = "interpreter"
    ROOM = "room"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Resource:
    id: UUID
    kind: Kind
    ags: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    stands_in_for: tuple[str, ...] = ()
    """Of an interpreter: languages instead of which theirs may be spoken."""
    active: bool = True
    windows: tuple[Window, ...] = ()
    absences: tuple[Span, ...] = ()
    rules: tuple[Rule, ...] = ()
    """Hours beside the weekly windows."""
