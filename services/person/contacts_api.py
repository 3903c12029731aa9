"""Name and contact, for the case manager responsible: read, and put right."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from services.person import commands, corrections
from services.person.callers import CaseManager, Logged, OfVault, Transaction, Version, staff, tag
from services.person.corrections import Correction
from services.person.domain import AccessPurpose
from services.person.views import CorrectedContact, PersonView
from shared.idempotency import Router

router = Router(prefix="/persons/by-enquiry/{enquiry_id}")


@dataclass(frozen=True, slots=True)
class _Look:
    enquiry_id: UUID
    purpose: AccessPurpose


def _look(enquiry_id: UUID, purpose: AccessPurpose) -> _Look:
    return _Look(enquiry_id, purpose)


def _correction(enquiry_id: UUID, body: CorrectedContact, who: CaseManager, version: Version) -> Correction:
    return Correction(staff(who), enquiry_id, body, version)


@router.get("")
async def read_contact(
    look: Annotated[_Look, Depends(_look)], who: CaseManager, tx: Logged, vault: OfVault, response: Response
) -> PersonView:
    """Name, contact and message, for the case manager responsible; the participant sees that it was read."""
    person_id, contact, version = await commands.read_contact(tx, vault, staff(who), look.enquiry_id, look.purpose)
    tag(version, response)
    return PersonView(person_id=person_id, **contact.model_dump())


@router.put("/contact", status_code=204)
async def correct_contact(
    who: CaseManager,  # noqa: ARG001 - the guard
    correction: Annotated[Correction, Depends(_correction)],
    tx: Transaction,
    vault: OfVault,
    response: Response,
) -> None:
    """What somebody said of themselves is put right (Art. 16 GDPR), by the case manager responsible.

    The participant sees that it was, and verifies a new contact anew. 428 without If-Match, 409 `version-outdated`
    names the present `version`.
    """
    tag(await corrections.correct(tx, vault, correction), response)
