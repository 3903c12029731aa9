"""What coordination publishes on `kim.coordination.v1`; for the municipal streams see `municipal`."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from shared.contracts.base import INTERNAL, OPEN, Event
from shared.contracts.vocabulary import Ags, FindingKind, Topic


class MeasureEvent(Event):
    topic: ClassVar[str] = "kim.coordination.v1"
    subject: ClassVar[str] = "measure_id"

    measure_id: Annotated[UUID, INTERNAL]
    ags: Annotated[Ags, OPEN]


class MeasureProposed(MeasureEvent):
    """An office proposes a measure against what findings show."""

    type: ClassVar[str] = "coordination.measure.proposed.v1"

    kind: Annotated[FindingKind, OPEN]
    about: Annotated[Topic, OPEN]
    proposed_on: Annotated[date, OPEN]


class MeasureDecided(MeasureEvent):
    type: ClassVar[str] = "coordination.measure.decided.v1"

    adopted: Annotated[bool, OPEN]
    decided_on: Annotated[date, OPEN]
