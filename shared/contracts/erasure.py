"""What every service publishes on its own topic when it has erased: facts of the erasure, nothing of the person."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from shared.contracts.base import INTERNAL, Event


class ErasureCompleted(Event):
    """This service holds nothing of the erased enquiries any more, and has replaced its events about them."""

    subject: ClassVar[str] = "erasure_id"

    erasure_id: Annotated[UUID, INTERNAL]
    """That of `person.erased.v1`: random, and known to the receipt alone."""
    redacted_events: Annotated[int, INTERNAL]
    """How many events it had published about them, and sent tombstones for."""
    completed_on: Annotated[date, INTERNAL]


class IntakeErased(ErasureCompleted):
    type: ClassVar[str] = "intake.erasure.completed.v1"
    topic: ClassVar[str] = "kim.intake.v1"


class CaseErased(ErasureCompleted):
    type: ClassVar[str] = "case.erasure.completed.v1"
    topic: ClassVar[str] = "kim.case.v1"


class SchedulingErased(ErasureCompleted):
    type: ClassVar[str] = "scheduling.erasure.completed.v1"
    topic: ClassVar[str] = "kim.scheduling.v1"


class InterpreterErased(ErasureCompleted):
    type: ClassVar[str] = "interpreter.erasure.completed.v1"
    topic: ClassVar[str] = "kim.interpreter.v1"


class CoordinationErased(ErasureCompleted):
    type: ClassVar[str] = "coordination.erasure.completed.v1"
    topic: ClassVar[str] = "kim.coordination.v1"
