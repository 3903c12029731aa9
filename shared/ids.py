"""Identifiers: UUID version 7 (RFC 9562), so that ids sort by the time they were made."""

from uuid import UUID

from uuid_utils import compat


def new_id() -> UUID:
    return compat.uuid7()
