"""What could still be tried where nobody was found for a talk."""

from collections.abc import Iterable, Sequence
from types import MappingProxyType

from services.interpreter.domain import Interpreter
from services.interpreter.ranking import OpenSlot, Refusal, Talk, refusals
from shared.contracts.vocabulary import NextOption

_LIFTED = MappingProxyType(
    {
        NextOption.OTHER_TIME: {Refusal.NOT_FREE, Refusal.LEAD_TIME},
        NextOption.PHONE_OR_VIDEO: {Refusal.NOT_FREE, Refusal.MUNICIPALITY_NOT_SERVED},
        NextOption.OTHER_GENDER: {Refusal.NOT_FREE, Refusal.OTHER_GENDER},
    }
)
"""Which rules each option would lift. Who is free at another time, or from afar, has to be asked for anew."""


def next_options(asked: Sequence[tuple[Talk, OpenSlot]], everybody: Iterable[Interpreter]) -> list[NextOption]:
    """In the order in which they are to be tried. The neighbouring counties' pools can be asked in any case."""
    people = list(everybody)
    broken = [refusals(talk, slot, who) for talk, slot in asked for who in people]
    helpful = [option for option, lifted in _LIFTED.items() if any(each <= lifted for each in broken)]
    return [*helpful, NextOption.NEIGHBOUR_COUNTY]
