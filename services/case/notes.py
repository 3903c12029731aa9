"""Notes, encrypted with a key that person alone can derive and hands out on a staff member's own token."""

from base64 import b64decode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

import httpx
from nacl.exceptions import CryptoError
from nacl.secret import Aead

from shared.consent_rules import CounsellingNotConsented
from shared.errors import NotFound, Unavailable
from shared.http_client import http_client

KEPT = 60.0
"""Seconds for which a key may stay in memory (design: Personal data)."""


class PersonAway(Unavailable):
    """Notes cannot be opened or written now, as the service that keeps their keys does not answer. Please try again."""


class Undecipherable(Exception):
    """A note that was changed, moved to another case or written with another key."""


@dataclass(frozen=True, slots=True)
class NoteKey:
    """Never shows in a repr."""

    _secret: bytes

    def __repr__(self) -> str:
        return "NoteKey()"

    def encrypt(self, text: str, case_id: UUID, note_id: UUID) -> bytes:
        return bytes(Aead(self._secret).encrypt(text.encode(), _owner(case_id, note_id)))

    def decrypt(self, ciphertext: bytes, case_id: UUID, note_id: UUID) -> str:
        """Raises Undecipherable."""
        try:
            return bytes(Aead(self._secret).decrypt(ciphertext, _owner(case_id, note_id))).decode()
        except (CryptoError, ValueError):
            raise Undecipherable from None


class Asked(NamedTuple):
    """By whom a key was asked for, and why: nobody gets one that another was given."""

    subject: str
    enquiry_id: UUID
    purpose: str


class NoteKeys:
    """Person's key API, with a memory of a minute."""

    def __init__(self, url: str, clock: Callable[[], float] = monotonic) -> None:
        self.client = http_client(base_url=url, timeout=5)
        self._clock = clock
        self._kept: dict[Asked, tuple[float, NoteKey]] = {}

    async def key(self, asked: Asked, token: str) -> NoteKey:
        """Raises NotFound and CounsellingNotConsented where person says so, PersonAway."""
        self._drop_old()
        if asked not in self._kept:
            self.remember(asked, await self._fetch(asked, token))
        return self._kept[asked][1]

    def remember(self, asked: Asked, key: NoteKey) -> None:
        """For a minute."""
        self._kept[asked] = (self._clock() + KEPT, key)

    def forget(self, enquiry_ids: Iterable[UUID]) -> None:
        gone = set(enquiry_ids)
        self._kept = {asked: kept for asked, kept in self._kept.items() if asked.enquiry_id not in gone}

    def _drop_old(self) -> None:
        now = self._clock()
        self._kept = {asked: kept for asked, kept in self._kept.items() if now < kept[0]}

    async def _fetch(self, asked: Asked, token: str) -> NoteKey:
        try:
            answer = await self.client.post(
                f"/persons/by-enquiry/{asked.enquiry_id}/note-key",
                json={"purpose": asked.purpose},
                headers={"Authorization": f"Bearer {token}"},
            )
            if answer.status_code == HTTPStatus.NOT_FOUND:
                raise NotFound
            if answer.status_code == HTTPStatus.CONFLICT:
                raise CounsellingNotConsented
            body: Any = answer.raise_for_status().json()
            return NoteKey(b64decode(body["key"], validate=True))
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            raise PersonAway from None


def _owner(case_id: UUID, note_id: UUID) -> bytes:
    return f"note:{case_id}:{note_id}".encode()
