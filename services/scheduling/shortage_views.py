"""Why there is no slot, and what would give some: coded, and in words."""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Self

from pydantic import BaseModel

from services.scheduling.shortage import Cause, Change, Missing, Relief, Shortage
from services.scheduling.windows import BERLIN
from shared.municipalities import BY_AGS

_TEXTS = tomllib.loads(Path(__file__).with_name("shortage_texts.toml").read_text(encoding="utf-8"))
FOR_PARTICIPANTS = frozenset(
    {Change.BY_PHONE, Change.SHORTER, Change.LATER, Change.ELSEWHERE, Change.ANOTHER_CASE_MANAGER}
)
"""What they could wish for."""


class Words(BaseModel):
    de: str
    en: str

    @classmethod
    def of(cls, key: str, **values: object) -> Self:
        return cls(**{language: _TEXTS[language][key].format(**values) for language in cls.model_fields})


class ReliefView(BaseModel):
    change: Change
    slots: int
    """How many starts it would give."""
    first_starts_at: datetime
    ags: str | None
    """Of a talk elsewhere: in the offices of which municipality."""
    words: Words

    @classmethod
    def of(cls, relief: Relief) -> Self:
        place = BY_AGS[relief.ags].name if relief.ags else ""
        first = relief.first.starts
        words = Words.of(relief.change, slots=relief.slots, first=first.astimezone(BERLIN), place=place)
        return cls(change=relief.change, slots=relief.slots, first_starts_at=first, ags=relief.ags, words=words)


class ShortageView(BaseModel):
    missing: Missing | None
    """The constraint that leaves nothing; null: there are slots."""
    cause: Cause | None
    """Null also for a participant, who is not told why somebody else has no time."""
    words: Words
    reliefs: list[ReliefView]
    """What one change alone would give."""

    @classmethod
    def of(cls, told: Shortage, *, to_participant: bool = True) -> Self:
        reliefs = [each for each in told.reliefs if not to_participant or each.change in FOR_PARTICIPANTS]
        cause = None if to_participant else told.cause
        return cls(
            missing=told.missing,
            cause=cause,
            words=Words.of(_key(told.missing, cause, to_participant=to_participant)),
            reliefs=list(map(ReliefView.of, reliefs)),
        )


def _key(missing: Missing | None, cause: Cause | None, *, to_participant: bool) -> str:
    if missing is None:
        return "none"
    if missing is Missing.SUITABLE_INTERPRETER and not to_participant:
        return f"{missing}.only"
    return f"{missing}.{cause}" if cause else missing
