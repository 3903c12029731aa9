"""HTTP: encrypted notes. Their key comes from person before a transaction begins: person away, 503, nothing lost."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from pydantic import BaseModel

from services.case import store_posts
from services.case.callers import Manager, Reading, Transaction, open_file, subject
from services.case.notes import Asked, NoteKey, NoteKeys
from services.case.store_posts import Note
from shared.bodies import Body, Text
from shared.clock import now
from shared.database import Database
from shared.idempotency import Router
from shared.ids import new_id

router = Router()


class Purpose(StrEnum):
    """Why notes are read, as the participant will see it in the access log."""

    COUNSELLING = "counselling"
    REFERRAL = "referral"


class NoteInput(Body):
    text: Annotated[str, Text(4000, lines=True)]


class NoteWritten(BaseModel):
    note_id: UUID


class NoteView(BaseModel):
    note_id: UUID
    author_id: UUID
    written_at: datetime
    text: str


async def _key(case_id: UUID, who: Manager, request: Request, purpose: Purpose = Purpose.COUNSELLING) -> NoteKey:
    """Raises NotFound for a case of others, CounsellingNotConsented, PersonAway."""
    database: Database = request.app.state.database
    async with database.read() as db:
        case = await open_file(db, case_id, who)
    keys: NoteKeys = request.app.state.note_keys
    return await keys.key(Asked(who.subject, case.enquiry_id, purpose), who.token)


Key = Annotated[NoteKey, Depends(_key)]


@router.post("/cases/{case_id}/notes", status_code=201)
async def write(case_id: UUID, body: NoteInput, who: Manager, key: Key, tx: Transaction) -> NoteWritten:
    """503 `person-away` keeps nothing: send the text again."""
    await open_file(tx, case_id, who)
    note_id = new_id()
    ciphertext = key.encrypt(body.text, case_id, note_id)
    await store_posts.insert_note(tx, case_id, Note(note_id, subject(who), now(), ciphertext))
    return NoteWritten(note_id=note_id)


@router.get("/cases/{case_id}/notes")
async def read(
    case_id: UUID, who: Manager, key: Key, db: Reading, limit: Annotated[int, Query(ge=1, le=100)] = 50
) -> list[NoteView]:
    """The newest first. The participant sees that and why they were read."""
    await open_file(db, case_id, who)
    return [
        NoteView(
            note_id=note.note_id,
            author_id=note.author_id,
            written_at=note.written_at,
            text=key.decrypt(note.ciphertext, case_id, note.note_id),
        )
        for note in await store_posts.notes(db, case_id, limit)
    ]
