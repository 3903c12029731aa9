"""Which language may be spoken instead of another: an explicit list, substitutes.json, and nothing else."""

from collections.abc import Mapping
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
