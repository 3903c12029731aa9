"""All SQL of the vault's own keys: the pairs for sealing and the key for conflict tokens."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.person.vault import Wrapped
from shared.database import Connection


@dataclass(frozen=True, slots=True)
class SealingKey:
    id: UUID
    public_key: bytes
    private_key: Wrapped


@dataclass(frozen=True, slots=True)
class PublicKey:
    id: UUID
    public_key: bytes
    made_at: datetime


async def master_version(conn: Connection) -> int:
    """Of the master key that wraps what is new. It stays in use until the transaction ends."""
    found: int = await conn.fetchval("select version from master_key order by version desc limit 1 for key share")
    return found


async def current(conn: Connection) -> PublicKey | None:
    """The pair with which to seal now."""
    row = await conn.fetchrow("select id, public_key, made_at from sealing_key where retired_at is null")
    return None if row is None else PublicKey(**row)


async def insert(conn: Connection, key: SealingKey, now: datetime) -> None:
    """Becomes the current pair; nothing happens where there is one (another process was faster)."""
    await conn.execute(
        """
        insert into sealing_key (id, public_key, private_key, master_version, made_at) values ($1, $2, $3, $4, $5)
        on conflict do nothing
        """,
        key.id, key.public_key, key.private_key.secret, key.private_key.master_version, now,
    )  # fmt: skip


async def retire(conn: Connection, made_before: datetime, now: datetime) -> bool:
    """Retires the current pair where it is older; False where it is not, or somebody else just did."""
    row = await conn.fetchrow(
        "update sealing_key set retired_at = $2 where retired_at is null and made_at < $1 returning id",
        made_before, now,
    )  # fmt: skip
    return row is not None


async def usable(conn: Connection) -> list[SealingKey]:
    """The pairs whose private key is not destroyed, the newest first."""
    rows = await conn.fetch(
        """
        select id, public_key, private_key, master_version from sealing_key where private_key is not null
        order by made_at desc
        """
    )
    return [
        SealingKey(row["id"], row["public_key"], Wrapped(row["private_key"], row["master_version"])) for row in rows
    ]


async def destroy(conn: Connection, grace: timedelta, now: datetime) -> int:
    """Destroys the private keys retired longer than `grace` ago. Returns their number.

    One stays while a block may still need it: a fetch is due for an enquiry that was received within the grace.
    """
    rows = await conn.fetch(
        """
        update sealing_key set private_key = null where id in (
            select id from sealing_key k
            where private_key is not null and retired_at + $1::interval <= $2 and not exists (
                select from fetch_due where failed is null and received_at < k.retired_at + $1::interval
            )
            for update skip locked
        ) returning id
        """,
        grace, now,
    )  # fmt: skip
    return len(rows)


async def insert_conflict_key(conn: Connection, secret: Wrapped) -> None:
    """Nothing happens where there is one."""
    await conn.execute(
        "insert into conflict_key (secret, master_version) values ($1, $2) on conflict do nothing",
        secret.secret, secret.master_version,
    )  # fmt: skip


async def conflict_key(conn: Connection) -> Wrapped | None:
    row = await conn.fetchrow("select secret, master_version from conflict_key")
    return None if row is None else Wrapped(row["secret"], row["master_version"])
