"""The vault's keys in use: every one of them is wrapped by a master key, and says by which version of it."""

from dataclasses import dataclass
from hashlib import sha256
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

    @property
    def version(self) -> str:
        """Another one with each contact, and the same whatever wraps the key: 32 hexadecimal digits."""
        return sha256(self.contact).hexdigest()[:32]


class Vault:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._masters: dict[int, MasterKey] = {}

    def open(self) -> None:
        """Reads the newest master key; in development the first one is made. Raises SecretUnusable."""
        settings = self._settings
        newest = master_key.read_newest(settings.secrets_dir, may_make=settings.development)
        self._masters[newest.version] = newest

    def wrap(self, key: Key, owner: str, version: int) -> Wrapped:
        """By the master key of that version (`key_store.master_version`). Raises SecretUnusable."""
        return Wrapped(self._master(version).wrap(key, owner), version)

    def unwrap(self, wrapped: Wrapped, owner: str) -> Key:
        """Raises Undecipherable for another master key or another owner, SecretUnusable where there is none."""
        return self._master(wrapped.master_version).unwrap(wrapped.secret, owner)

    def lock(self, person_id: UUID, contact: SealedContact, version: int) -> Locked:
        """Encrypts with a new data key, for this person alone. Raises SecretUnusable."""
        key, owner = Key.new(), crypto.person_owner(person_id)
        return Locked(self.wrap(key, owner, version), key.encrypt(contact.model_dump_json().encode(), owner))

    def lock_anew(self, person_id: UUID, locked: Locked, contact: SealedContact) -> Locked:
        """Another contact with the same data key, which opens their notes and messages, too. Raises Undecipherable."""
        owner = crypto.person_owner(person_id)
        key = self.unwrap(locked.data_key, owner)
        return Locked(locked.data_key, key.encrypt(contact.model_dump_json().encode(), owner))

    def unlock(self, person_id: UUID, locked: Locked) -> SealedContact:
        """Raises Undecipherable."""
        owner = crypto.person_owner(person_id)
        key = self.unwrap(locked.data_key, owner)
        return SealedContact.model_validate_json(key.decrypt(locked.contact, owner))

    def _master(self, version: int) -> MasterKey:
        """Read when it is first needed: an operator adds one while we run."""
        if not self._masters:
            self.open()
        if version not in self._masters:
            self._masters[version] = master_key.read(self._settings.secrets_dir, version)
        return self._masters[version]
