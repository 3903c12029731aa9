"""The duplicate check when somebody is registered or put right: nobody outside hears of it, nothing waits."""

from uuid import UUID

from services.person import blind_indexes, keys, store_duplicates
from services.person.duplicates import matching
from services.person.vault import Vault
from shared.clock import now
from shared.database import Connection
from shared.sealing import SealedContact


async def check(conn: Connection, vault: Vault, person_id: UUID, contact: SealedContact) -> None:
    """Keeps the blind indexes instead of earlier ones, and whoever they match as a candidate, but for whom somebody has
    told apart before. The identities are locked by now.
    """
    await store_duplicates.forget(conn, person_id)
    key = blind_indexes.key_of(await keys.conflict_key(conn, vault))
    indexes = blind_indexes.blind(key, contact)
    for other_id, theirs in (await store_duplicates.similar(conn, person_id, indexes)).items():
        if parts := matching(indexes, theirs):
            await store_duplicates.insert_candidate(conn, person_id, other_id, parts, now())
    await store_duplicates.insert_indexes(conn, person_id, indexes)
