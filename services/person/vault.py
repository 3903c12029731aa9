"""The vault's keys in use: every one of them is wrapped by the master key, which is read once."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from services.person import crypto, master_key
from services.person.crypto import Key, MasterKey
from shared.sealing import SealedContact
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A wrapped key, and which version of the master key wrapped it."""

    secret: bytes
    master_version: int


@dataclass(frozen=True, slots=True)
class Locked:
    """A contact as it is stored: the person's own data key, wrapped, and what it encrypts."""

    data_key: Wrapped
    contact: bytes


class Vault:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _master(self) -> MasterKey:
        return master_key.read(self._settings.secrets_dir, may_make=self._settings.development)

    def open(self) -> None:
        """Reads the master key. Raises SecretUnusable."""
        self._master  # noqa: B018 - read for its effect

    def wrap(self, key: Key, owner: str) -> Wrapped:
        return Wrapped(self._master.wrap(key, owner), self._master.version)

    def unwrap(self, wrapped: Wrapped, owner: str) -> Key:
        """Raises Undecipherable for another master key, another version of it or another owner."""
        if wrapped.master_version != self._master.version:
            raise crypto.Undecipherable
        return self._master.unwrap(wrapped.secret, owner)

    def lock(self, person_id: UUID, contact: SealedContact) -> Locked:
        """Encrypts with a new data key, for this person alone."""
        key, owner = Key.new(), crypto.person_owner(person_id)
        return Locked(self.wrap(key, owner), key.encrypt(contact.model_dump_json().encode(), owner))

    def unlock(self, person_id: UUID, locked: Locked) -> SealedContact:
        """Raises Undecipherable."""
        owner = crypto.person_owner(person_id)
        key = self.unwrap(locked.data_key, owner)
        return SealedContact.model_validate_json(key.decrypt(locked.contact, owner))
