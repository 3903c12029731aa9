"""Whom a participant can be interpreted by, as case told it last; a request for a talk may be older."""

from dataclasses import dataclass

from services.interpreter.domain import Interpreter
from services.interpreter.ranking import OpenSlot, Refusal, Talk, refusals
from shared.contracts.scheduling import InterpreterRequested
from shared.contracts.vocabulary import Gender

_PASSING = frozenset({Refusal.NOT_FREE, Refusal.LEAD_TIME})
"""What was asked before anybody was held, and is no question any more."""


@dataclass(frozen=True, slots=True)
class Needs:
    dialect: str | None
    gender: Gender | None
    gender_binding: bool
    conflict_tokens: frozenset[str]


def with_needs(asked: InterpreterRequested, known: Needs | None) -> InterpreterRequested:
    """The request as it would be made now; a conflict that either of both names counts."""
    if known is None:
        return asked
    wishes = {"dialect": known.dialect, "gender": known.gender, "gender_binding": known.gender_binding}
    tokens = sorted(known.conflict_tokens.union(asked.conflict_tokens))
    return asked.model_copy(update={**wishes, "conflict_tokens": tokens})


def bars(talk: Talk, slot: OpenSlot, who: Interpreter) -> bool:
    """Whether a hard rule keeps out somebody who was ranked, held or engaged for that talk before."""
    return bool(refusals(talk, slot, who) - _PASSING)
