"""Consents for the case manager responsible: what was given, and what the participant gives or takes back in a talk."""

from uuid import UUID

from services.person import commands
from services.person.callers import CaseManager, Transaction, staff
from services.person.domain import AccessPurpose
from services.person.views import ConsentView, RecordedConsent
from shared.idempotency import Router

router = Router(prefix="/persons/by-enquiry/{enquiry_id}/consents")


@router.get("")
async def consents(enquiry_id: UUID, purpose: AccessPurpose, who: CaseManager, tx: Transaction) -> list[ConsentView]:
    """All that were ever given, in order, revoked ones too; the participant sees that they were read."""
    return [ConsentView.of(each) for each in await commands.read_consents(tx, staff(who), enquiry_id, purpose)]


@router.post("", status_code=201)
async def record_consent(enquiry_id: UUID, body: RecordedConsent, who: CaseManager, tx: Transaction) -> ConsentView:
    """A consent that the participant gave to the case manager responsible, and how."""
    consent = await commands.record_consent(tx, staff(who), enquiry_id, body.wish(), body.given_how)
    return ConsentView.of(consent)


@router.delete("/{consent_id}", status_code=204)
async def record_revocation(enquiry_id: UUID, consent_id: UUID, who: CaseManager, tx: Transaction) -> None:
    """The participant took it back in a talk. Without consent to be counselled, counselling ends (Art. 7(3) GDPR)."""
    await commands.record_revocation(tx, staff(who), enquiry_id, consent_id)
