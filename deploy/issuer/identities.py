"""Who can sign in: people by a button, systems by a secret (users.json)."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from shared.auth import Role

_FILE = Path(__file__).with_name("users.json")


class Identity(BaseModel):
    """`name` is for typing, `label` (German) for reading, `sub` for tokens: the id that the services know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    label: str
    sub: str
    roles: tuple[Role, ...]
    municipalities: tuple[str, ...] = ()
    office: str | None = None


class Identities(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    people: tuple[Identity, ...]
    systems: tuple[Identity, ...]

    @property
    def by_name(self) -> Mapping[str, Identity]:
        return {identity.name: identity for identity in (*self.people, *self.systems)}


def identities() -> Identities:
    return Identities.model_validate_json(_FILE.read_bytes())
