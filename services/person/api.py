"""The API for staff and services. What participants do themselves stands in participant_api.py."""

from base64 import b64encode
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response

from services.person import (
    commands,
    conflicts,
    consents_api,
    contacts_api,
    crypto,
    duplicates_api,
    keys,
    note_keys,
    notices,
    participant_api,
    second_factor_api,
    store,
    store_erasures,
    store_messages,
    store_notices,
    telegram_api,
)
from services.person.callers import Administrator, CaseManager, Logged, OfVault, Reading, Transaction, staff
from services.person.views import (
    Conflicts,
    ConflictsView,
    ConflictTokensView,
    ErasureView,
    FetchesView,
    InterpreterContact,
    InterpreterContactsView,
    MessagesView,
    NewConflictTokens,
    NoteKeyInput,
    NoteKeyView,
    PublicKeyView,
    ReceiptView,
    RetriedView,
)
from shared.auth import Principal, Role, allow, public
from shared.clock import now
from shared.errors import NotFound
from shared.idempotency import Router

router = Router()
router.include_router(participant_api.router)
router.include_router(second_factor_api.router)
router.include_router(duplicates_api.router)
router.include_router(telegram_api.router)
router.include_router(consents_api.router)
router.include_router(contacts_api.router)

OwnInterpreter = Annotated[Principal, allow(Role.ADMINISTRATOR, Role.INTERPRETER)]


@router.get("/public-key", dependencies=[public()])
async def public_key(tx: Logged, vault: OfVault, response: Response) -> PublicKeyView:
    """The key with which to seal what goes to the vault."""
    key = await keys.public_key(tx, vault)
    max_age = keys.PUBLIC_KEY_MAX_AGE.total_seconds()
    response.headers["Cache-Control"] = f"public, max-age={max_age:.0f}"
    return PublicKeyView(key_id=key.id, public_key=b64encode(key.public_key).decode())


@router.post("/persons/by-enquiry/{enquiry_id}/note-key")
async def note_key(enquiry_id: UUID, body: NoteKeyInput, who: CaseManager, tx: Logged, vault: OfVault) -> NoteKeyView:
    """The key of the notes on this person, for the case manager responsible; the access log has it."""
    key = await note_keys.hand_out(tx, vault, staff(who), enquiry_id, body.purpose)
    return NoteKeyView(key=b64encode(key.secret).decode())


@router.post("/persons/{person_id}/erasure", status_code=202)
async def erase(
    person_id: UUID,
    who: Annotated[Principal, allow(Role.ADMINISTRATOR, Role.CASE_MANAGER)],
    tx: Transaction,
    request: Request,
) -> ErasureView:
    """An administrator erases; the case manager responsible confirms that the participant asked for it."""
    segment = timedelta(milliseconds=request.app.state.settings.segment_ms)
    if Role.ADMINISTRATOR in who.roles:
        return ErasureView(erasure_id=await commands.erase(tx, person_id, segment))
    return ErasureView(erasure_id=await commands.confirm_erasure(tx, staff(who), person_id, segment))


@router.get("/erasures/{erasure_id}", dependencies=[public()])
async def receipt(erasure_id: UUID, tx: Reading) -> ReceiptView:
    """How far the erasure has come, for whoever knows its number: after it nobody has a code any more."""
    return ReceiptView.of(await store_erasures.receipt(tx, erasure_id))


@router.post("/conflict-tokens")
async def conflict_tokens(
    body: NewConflictTokens,
    who: Annotated[Principal, allow(Role.SERVICE)],  # noqa: ARG001 - the guard
    tx: Logged,
    vault: OfVault,
) -> ConflictTokensView:
    """HMACs that only person can compute, so that equal values are found without being known."""
    key = await keys.conflict_key(tx, vault)
    return ConflictTokensView(tokens=[crypto.conflict_token(key, each.kind, each.value) for each in body.of])


@router.put("/persons/by-enquiry/{enquiry_id}/conflicts")
async def state_conflicts(
    enquiry_id: UUID, body: Conflicts, who: CaseManager, tx: Transaction, vault: OfVault
) -> ConflictsView:
    """To whom the participant is too close: all anew, by the case manager responsible. Kept nowhere but as tokens,
    which go to case and interpreter by themselves.
    """
    named = [(each.kind, each.value) for each in body.of]
    return ConflictsView(number=await conflicts.of_participant(tx, vault, staff(who), enquiry_id, named))


@router.put("/interpreters/{interpreter_id}/conflicts")
async def state_conflicts_of_interpreter(
    interpreter_id: UUID,
    body: Conflicts,
    who: Administrator,  # noqa: ARG001 - the guard
    tx: Transaction,
    vault: OfVault,
) -> ConflictsView:
    """The same for an interpreter."""
    named = [(each.kind, each.value) for each in body.of]
    return ConflictsView(number=await conflicts.of_interpreter(tx, vault, interpreter_id, named))


@router.get("/interpreters/contacts")
async def interpreter_contacts(who: Administrator, tx: Reading) -> InterpreterContactsView:  # noqa: ARG001 - the guard
    """Who can be told by mail that they are asked."""
    return InterpreterContactsView(interpreter_ids=await store_notices.with_contact(tx))


@router.put("/interpreters/{interpreter_id}/contact", status_code=204)
async def put_interpreter_contact(
    interpreter_id: UUID, body: InterpreterContact, who: OwnInterpreter, tx: Transaction, vault: OfVault
) -> None:
    """Where an interpreter is told that they are asked; their own only. Never shown again."""
    _require_own(who, interpreter_id)
    await notices.put_contact(tx, vault, interpreter_id, body.email, body.language)


@router.delete("/interpreters/{interpreter_id}/contact", status_code=204)
async def delete_interpreter_contact(interpreter_id: UUID, who: OwnInterpreter, tx: Transaction) -> None:
    """From now on they are told nothing by mail."""
    _require_own(who, interpreter_id)
    await store_notices.delete_contact(tx, interpreter_id)


@router.get("/fetches")
async def fetches(who: Administrator, tx: Reading) -> FetchesView:  # noqa: ARG001 - the guard
    """How the hand-over of sealed blocks stands."""
    return FetchesView(**await store.count_fetches(tx))


@router.get("/messages")
async def messages(who: Administrator, tx: Reading) -> MessagesView:  # noqa: ARG001 - the guard
    """What became of messages to participants."""
    return MessagesView(**await store_messages.count(tx))


@router.post("/fetches/retry")
async def retry_fetches(who: Administrator, tx: Transaction) -> RetriedView:  # noqa: ARG001 - the guard
    """Makes every failed fetch due again, once its cause is gone."""
    return RetriedView(retried=await store.retry_failed(tx, now()))


def _require_own(who: Principal, interpreter_id: UUID) -> None:
    """Raises NotFound."""
    if Role.ADMINISTRATOR not in who.roles and who.subject != str(interpreter_id):
        raise NotFound
