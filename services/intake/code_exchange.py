"""The participant's code for a token, with failures counted against guessing and load."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import ClassVar
from uuid import UUID

from services.intake import store
from services.intake.participant_code import address_hash, code_hash
from services.intake.participant_token import Signer
from shared.clock import now
from shared.database import Connection
from shared.errors import DomainError
from shared.ids import new_id

SPAN = timedelta(minutes=5)
MOST_OF_ONE_ADDRESS = 20
"""Failures in a span; behind one address there may be a whole accommodation."""
MOST_OF_ALL = 1000
_ALL = b"all"


class CodeRefused(DomainError):
    """This code opens nothing."""

    status = 401
    headers: ClassVar[Mapping[str, str]] = MappingProxyType({"WWW-Authenticate": 'Bearer realm="kim"'})


class TooManyAttempts(DomainError):
    """Too many codes were wrong. Please wait five minutes and try again."""

    status = 429
    headers: ClassVar[Mapping[str, str]] = MappingProxyType({"Retry-After": "300"})


async def issue_token(conn: Connection, signer: Signer, code: str, address: str) -> str | None:
    """The token; None for a code that is wrong or revoked, which is counted. Raises TooManyAttempts.

    A wrong code takes the same statements and the same signature as a right one. Commit in either case.
    """
    code_key, moment = signer.keys.code, now()
    buckets = [address_hash(code_key, address), _ALL]
    await _refuse_flood(conn, buckets, moment)
    enquiry_id = await store.by_code(conn, code_hash(code_key, code))
    await store.count_failures(conn, buckets, _span(moment), int(enquiry_id is None))
    token = signer.sign(enquiry_id or UUID(int=0), new_id(), moment)
    return token if enquiry_id else None


async def forget_attempts(conn: Connection) -> int:
    """Deletes the counts of spans that are over, and with them the addresses' hashes."""
    return await store.forget_attempts(conn, _span(now()))


async def _refuse_flood(conn: Connection, buckets: list[bytes], moment: datetime) -> None:
    failures = await store.failures(conn, buckets, _span(moment))
    most = (MOST_OF_ONE_ADDRESS, MOST_OF_ALL)
    if any(failures.get(bucket, 0) >= limit for bucket, limit in zip(buckets, most, strict=True)):
        raise TooManyAttempts


def _span(moment: datetime) -> datetime:
    """The beginning of the span in which the moment lies."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return moment - (moment - epoch) % SPAN
