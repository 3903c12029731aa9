"""What the service and its planning process say to each other: a line of JSON each. Pure."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, TypeAdapter

from services.interpreter.plan_contents import Plan, Stage
from services.interpreter.plans import Scope

_BEGINS: Mapping[Stage, int] = MappingProxyType(
    {
        Stage.WAITING: 0,
        Stage.READING: 2,
        Stage.WEIGHING: 15,
        Stage.EXCHANGING: 30,
        Stage.SOLVING: 60,
        Stage.EXPLAINING: 95,
        Stage.DONE: 100,
    }
)
"""Percent at which each begins, roughly by the time that they take."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Errand(_Line):
    database_url: str
    """On standard input, since arguments can be seen by everybody on the machine."""
    scope: Scope
    at: datetime
    seconds: int
    """Of processor time, at most."""


class Reached(_Line):
    stage: Stage
    percent: int


class Done(_Line):
    plan: Plan


Line: TypeAlias = Reached | Done
_LINE: TypeAdapter[Line] = TypeAdapter(Line)


def read(line: bytes) -> Line:
    """Raises ValueError."""
    return _LINE.validate_json(line)


def percent(stage: Stage, share: float) -> int:
    """Of the whole, where so much of the stage is done."""
    begins, ends = _BEGINS[stage], min((at for at in _BEGINS.values() if at > _BEGINS[stage]), default=100)
    return begins + int((ends - begins) * min(max(share, 0.0), 1.0))
