"""Use cases of the vault's own keys. A sealing pair is used for 30 days, opens what is under way, then goes."""

from datetime import timedelta

from services.person import crypto, key_store
from services.person.crypto import Key, Undecipherable
from services.person.key_store import PublicKey, SealingKey
from services.person.master_key import file_name
from services.person.vault import Vault, Wrapped
from shared.clock import now
from shared.database import Connection
from shared.ids import new_id
from shared.secret_file import SecretUnusable

USED_FOR = timedelta(days=30)
GRACE = timedelta(days=7)
"""How long a retired pair opens blocks at least: far longer than a gateway may keep the public key."""
PUBLIC_KEY_MAX_AGE = timedelta(minutes=5)
"""How long a gateway may keep the public key."""


async def public_key(conn: Connection, vault: Vault) -> PublicKey:
    """The pair with which to seal now; made at the first call."""
    if found := await key_store.current(conn):
        return found
    await _insert_pair(conn, vault)
    made = await key_store.current(conn)
    if made is None:
        raise LookupError("the current pair was retired while it was made")
    return made


async def private_keys(conn: Connection, vault: Vault) -> list[Key]:
    """What may open a sealed block, the newest first. Raises SecretUnusable."""
    pairs = await key_store.usable(conn)
    return [_unwrap(vault, pair.private_key, crypto.pair_owner(pair.id)) for pair in pairs]


async def rotate(conn: Connection, vault: Vault) -> int:
    """Makes the first pair, or the next one where the current has been used for long enough. Returns how many.

    Looks through all private keys first, so that a service with the wrong master key ends at its start.
    """
    known = await private_keys(conn, vault)
    if await key_store.retire(conn, now() - USED_FOR, now()) or not known:
        await _insert_pair(conn, vault)
        return 1
    return 0


async def destroy_old(conn: Connection) -> int:
    """Destroys private keys whose grace is over and that no block can need. Returns how many."""
    return await key_store.destroy(conn, GRACE, now())


async def conflict_key(conn: Connection, vault: Vault) -> Key:
    """The key of the tokens for conflict of interest; made at the first call. Raises SecretUnusable."""
    kept = await key_store.conflict_key(conn)
    if kept is None:
        version = await key_store.master_version(conn)
        await key_store.insert_conflict_key(conn, vault.wrap(Key.new(), crypto.CONFLICT_OWNER, version))
        return await conflict_key(conn, vault)
    return _unwrap(vault, kept, crypto.CONFLICT_OWNER)


async def _insert_pair(conn: Connection, vault: Vault) -> None:
    key_id = new_id()
    private, public = crypto.new_pair()
    wrapped = vault.wrap(private, crypto.pair_owner(key_id), await key_store.master_version(conn))
    await key_store.insert(conn, SealingKey(key_id, public, wrapped), now())


def _unwrap(vault: Vault, wrapped: Wrapped, owner: str) -> Key:
    try:
        return vault.unwrap(wrapped, owner)
    except Undecipherable:
        raise SecretUnusable(
            f"{file_name(wrapped.master_version)} is not the one that the database was written with: restore that one."
        ) from None
