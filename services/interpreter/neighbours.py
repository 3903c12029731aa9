"""The neighbouring districts whose pools can be asked where nobody here speaks a language; neighbours.toml."""

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

_FILE = Path(__file__).with_name("neighbours.toml")


class Neighbour(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    ags: Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
    """Of the district (Kreisschlüssel)."""
    name: str
    takes_requests: bool
    """Whether its pool can be asked from outside."""
    assumed: tuple[str, ...]
    """Fields that no published source gives."""


NEIGHBOURS: tuple[Neighbour, ...] = tuple(
    Neighbour.model_validate(each) for each in tomllib.loads(_FILE.read_text(encoding="utf-8"))["county"]
)
