"""What participants see and decide themselves, with the token of their code. It is limited to their enquiry."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from operator import attrgetter
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from services.person import commands, export_zip, messages, second_factor, store, store_duplicates
from services.person import export as exporting
from services.person.callers import Logged
from services.person.holders import Holders
from services.person.second_factor_api import Shown, needs_second_factor
from services.person.store import Access
from services.person.texts import TEXTS
from services.person.views import AccessView, ConsentView, ErasureView, KeptElsewhere, NewConsent, ShownMessage
from shared.auth import Principal, Role, allow
from shared.contracts.vocabulary import Language
from shared.database import Connection, Database
from shared.errors import NotFound
from shared.exporting import Held
from shared.idempotency import Router, reading, transaction

router = Router(prefix="/me")

Participant = Annotated[Principal, allow(Role.PARTICIPANT)]
Transaction = Annotated[Connection, transaction()]
Reading = Annotated[Connection, reading()]


async def _kept_elsewhere(request: Request, who: Participant) -> Sequence[KeptElsewhere]:
    """By case, before a transaction begins. Raises NotFound, HolderAway."""
    database: Database = request.app.state.database
    holders: Holders = request.app.state.holders
    async with database.read() as conn:
        enquiry_ids = await exporting.enquiries_of(conn, _enquiry_of(who))
    return await holders.accesses(enquiry_ids)


@router.get("/access-log", dependencies=[needs_second_factor()])
async def access_log(  # noqa: PLR0913, PLR0917 - what a request is made of
    who: Participant,
    elsewhere: Annotated[Sequence[KeptElsewhere], Depends(_kept_elsewhere)],
    tx: Reading,
    request: Request,
    language: Language | None = None,
    fallback: Language | None = None,
) -> list[AccessView]:
    """Who read my data, the newest first, in the language asked for or else in the one that I prefer.

    Here and in my case; of all records that are mine, where some were merged. `fallback`: where there are no texts in
    that language; without it they are in German and English then. 503 where the service of cases does not answer.
    """
    person_id = await store.person_of(tx, _enquiry_of(who))
    spoken = language or await commands.preferred_language(tx, request.app.state.vault, person_id)
    if spoken not in TEXTS:
        spoken = fallback or spoken
    records = await store_duplicates.records_of(tx, person_id)
    known: list[Access | KeptElsewhere] = [*await store.accesses(tx, records), *elsewhere]
    known.sort(key=attrgetter("at", "id"), reverse=True)
    return [AccessView.of(access, spoken) for access in known]


@router.get("/messages", dependencies=[needs_second_factor()])
async def own_messages(who: Participant, tx: Reading, request: Request) -> list[ShownMessage]:
    """What I was told, the newest first: a text for as long as it helps, never a code.

    Of all records that are mine, where some were merged: which of them a message is of is told by its time alone.
    """
    records = await store_duplicates.records_of(tx, await store.person_of(tx, _enquiry_of(who)))
    return [ShownMessage.of(each) for each in await messages.of_records(tx, request.app.state.vault, records)]


async def _held(request: Request, who: Participant) -> Mapping[str, Sequence[Held]]:
    """What the other services hold, before a transaction begins. Raises NotFound, HolderAway."""
    database: Database = request.app.state.database
    holders: Holders = request.app.state.holders
    async with database.read() as conn:
        enquiry_ids = await exporting.enquiries_of(conn, _enquiry_of(who))
    return await holders.held(enquiry_ids)


@router.get(
    "/export",
    dependencies=[needs_second_factor()],
    response_class=Response,
    responses={200: {"description": "A zip: data.json and pages to read", "content": {"application/zip": {}}}},
)
async def export(
    who: Participant, held: Annotated[Mapping[str, Sequence[Held]], Depends(_held)], tx: Logged, request: Request
) -> Response:
    """Everything that KIM holds about me (Art. 15 GDPR), as one file; 503 where not every service answers."""
    made = await exporting.make(tx, request.app.state.vault, who.subject, _enquiry_of(who), held)
    headers = {"Content-Disposition": f'attachment; filename="{export_zip.NAME}"', "Cache-Control": "no-store"}
    return Response(export_zip.pack(made), media_type="application/zip", headers=headers)


@router.get("/consents")
async def consents(who: Participant, tx: Reading) -> list[ConsentView]:
    """All that I ever consented to, in order, revoked ones too."""
    return [ConsentView.of(consent) for consent in await store.consents_of(tx, _enquiry_of(who))]


@router.post("/consents", status_code=201)
async def give_consent(body: NewConsent, who: Participant, tx: Transaction) -> ConsentView:
    return ConsentView.of(await commands.give_consent(tx, _enquiry_of(who), body.wish()))


@router.delete("/consents/{consent_id}", status_code=204)
async def revoke_consent(consent_id: UUID, who: Participant, tx: Transaction) -> None:
    """Counts for everything that is published from now on."""
    await commands.revoke_consent(tx, _enquiry_of(who), consent_id)


@router.post("/erasure", status_code=202)
async def erase(who: Participant, tx: Transaction, request: Request, proof: Shown = None) -> ErasureView:
    """I want my data erased, and the second factor shows that it is I who want it: it is done now.

    That is checked within the transaction, so that a request sent again gets its first answer also where I am gone.
    """
    await second_factor.check_proof(tx, request.app.state.vault, _enquiry_of(who), proof)
    person_id = await store.person_of(tx, _enquiry_of(who))
    segment = timedelta(milliseconds=request.app.state.settings.segment_ms)
    return ErasureView(erasure_id=await commands.erase(tx, person_id, segment))


@router.post("/erasure-request", status_code=202)
async def ask_erasure(who: Participant, tx: Transaction) -> ErasureView:
    """I want my data erased. My case manager confirms that it was I who asked."""
    return ErasureView(erasure_id=await commands.ask_erasure(tx, _enquiry_of(who)))


def _enquiry_of(who: Principal) -> UUID:
    """Raises NotFound for a token that names no enquiry."""
    if who.enquiry_id is None:
        raise NotFound
    return who.enquiry_id
