"""What could still be tried where nobody was found for a talk."""

from collections.abc import Iterable, Sequence
from types import MappingProxyType

from services.interpreter.domain import Interpreter
from services.interpreter.ranking import OpenSlot, Refusal, Talk, refusals
from shared.contracts.vocabulary import NextOption

_LIFTED = MappingProxyType(
    {
        NextOption.OTHER_TIME: frozenset({Refusal.NOT_FREE, Refusal.LEAD_TIME}),
        NextOption.PHONE_OR_VIDEO: frozenset({Refusal.MUNICIPALITY_NOT_SERVED}),
        NextOption.OTHER_GENDER: frozenset({Refusal.OTHER_GENDER}),
    }
)
"""Which rules each option would lift."""
_ASKED_ANEW = frozenset({Refusal.NOT_FREE})
"""May be broken besides: whoever tries an option asks for slots anew."""


def next_options(asked: Sequence[tuple[Talk, OpenSlot]], everybody: Iterable[Interpreter]) -> list[NextOption]:
    """In the order in which they are to be tried. The neighbouring counties' pools can be asked in any case.

    An option helps where it lifts a rule that keeps somebody out, and no other rule does.
    """
    people = list(everybody)
    broken = [refusals(talk, slot, who) for talk, slot in asked for who in people]
    helpful = [option for option, lifted in _LIFTED.items() if any(_helps(lifted, each) for each in broken)]
    return [*helpful, NextOption.NEIGHBOUR_COUNTY]


def _helps(lifted: frozenset[Refusal], broken: frozenset[Refusal]) -> bool:
    return bool(broken & lifted) and broken <= lifted | _ASKED_ANEW
