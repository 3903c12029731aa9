"""The HTTP interface of intake: enquiries for participants and clerks, and one door for person."""

from base64 import b64encode
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.intake import commands, store
from services.intake.access import clerk_of, named, own
from services.intake.bodies import (
    ClerkEnquiry,
    EnquiryPage,
    EnquiryView,
    NewEnquiry,
    Receipt,
    SealedView,
    Triage,
    Withdrawal,
)
from services.intake.commands import Received
from services.intake.domain import Asked, Status
from services.intake.issuer import Issuing
from shared.auth import Principal, Role, allow, public
from shared.contracts.vocabulary import Channel, WithdrawalReason
from shared.database import Connection
from shared.errors import NotFound
from shared.idempotency import Router, reading, transaction

router = Router()
Clerk = Annotated[Principal, allow(Role.CLERK)]
Owner = Annotated[Principal, allow(Role.PARTICIPANT, Role.CLERK)]
Tx = Annotated[Connection, transaction()]
Snapshot = Annotated[Connection, reading()]


@router.post("/enquiries", status_code=201, dependencies=[public()])
async def receive(body: NewEnquiry, response: Response, signer: Issuing, tx: Tx) -> Receipt:
    """An enquiry through a gateway. The code in the answer is shown this once."""
    asked = Asked(body.place, body.wishes, body.channel)
    return _receipt(await commands.receive(tx, signer.keys.code, asked, body.chosen, body.sealed_block), response)


@router.post("/clerk/enquiries", status_code=201)
async def receive_by_clerk(body: ClerkEnquiry, response: Response, who: Clerk, signer: Issuing, tx: Tx) -> Receipt:
    """An enquiry that a clerk takes in for somebody of the own municipality. Who recorded its consents is named."""
    clerk_of(body.place.ags, who)
    asked = Asked(body.place, body.wishes, Channel.CLERK)
    received = await commands.receive(tx, signer.keys.code, asked, body.chosen, body.sealed_block, named(who))
    return _receipt(received, response)


def _receipt(received: Received, response: Response) -> Receipt:
    enquiry = received.enquiry
    url = f"/enquiries/{enquiry.id}"
    response.headers["Location"] = url
    return Receipt(enquiry_id=enquiry.id, status=enquiry.status, status_url=url, code=received.code)


@router.get("/enquiries")
async def show_page(
    who: Clerk,
    tx: Snapshot,
    status: Status = Status.WAITING,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> EnquiryPage:
    """Enquiries of the clerk's municipalities, the oldest first."""
    found = await store.page(tx, who.municipalities, status, after, limit + 1)
    shown = found[:limit]
    return EnquiryPage(
        enquiries=[EnquiryView.of(enquiry) for enquiry in shown],
        next=shown[-1].id if len(found) > limit else None,
    )


@router.get("/enquiries/{enquiry_id}")
async def show(enquiry_id: UUID, who: Owner, tx: Snapshot) -> EnquiryView:
    return EnquiryView.of(own(await store.get(tx, enquiry_id), who))


@router.post("/enquiries/{enquiry_id}/triage")
async def triage(enquiry_id: UUID, body: Triage, who: Clerk, tx: Tx) -> EnquiryView:
    """A clerk decides an enquiry that waits."""
    return EnquiryView.of(await commands.triage(tx, enquiry_id, who, body.redirected_to))


@router.post("/enquiries/{enquiry_id}/withdraw")
async def withdraw(enquiry_id: UUID, body: Withdrawal, who: Owner, tx: Tx) -> EnquiryView:
    """The participant withdraws, or a clerk notes that it came to nothing."""
    own_wish = Role.PARTICIPANT in who.roles
    reason = WithdrawalReason.BY_PARTICIPANT if own_wish else body.reason
    return EnquiryView.of(await commands.withdraw(tx, enquiry_id, who, reason))


@router.delete("/enquiries/{enquiry_id}/code", status_code=204)
async def revoke_code(enquiry_id: UUID, who: Owner, tx: Tx) -> None:
    """The code was lost or seen by others: it opens nothing any more."""
    await commands.revoke_code(tx, enquiry_id, who)


@router.get("/internal/enquiries/{enquiry_id}/sealed")
async def sealed(enquiry_id: UUID, who: Annotated[Principal, allow(Role.SERVICE)], tx: Snapshot) -> SealedView:
    """The sealed block, for the person service, which alone can open it. 404 when it has been handed over."""
    if who.subject != "person":
        raise NotFound
    found = await store.sealed(tx, enquiry_id)
    return SealedView(sealed=b64encode(found.block).decode(), key_id=found.key_id)
