"""Which language may be spoken instead of another: an explicit list, substitutes.json, and nothing else."""

from collections.abc import Collection, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from shared.contracts.vocabulary import Language


class _List(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    note: str
    substitutes: Mapping[Language, tuple[Language, ...]]


SUBSTITUTES: Mapping[str, tuple[str, ...]] = _List.model_validate_json(
    Path(__file__).with_name("substitutes.json").read_bytes()
).substitutes


def stands_in_for(spoken: Collection[str]) -> frozenset[str]:
    """Languages that are none of these, and instead of which one of these may be spoken."""
    return frozenset(
        asked for asked, instead in SUBSTITUTES.items() if asked not in spoken and not set(instead).isdisjoint(spoken)
    )
