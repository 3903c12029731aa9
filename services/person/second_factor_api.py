"""The second factor over HTTP, and the dependency of the routes that need it.

@router.get("/export", dependencies=[needs_second_factor()])
async def export(who: Participant, ...): ...
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request
from pydantic import BaseModel, Field

from services.person import second_factor
from services.person.commands import Staff
from services.person.one_time_codes import DIGITS, CodePurpose, NoWayToSend
from services.person.vault import Vault
from shared.auth import Principal, Role, allow
from shared.bodies import Body
from shared.database import Connection, Database
from shared.errors import NotFound
from shared.idempotency import Router, transaction

router = Router()
Participant = Annotated[Principal, allow(Role.PARTICIPANT)]
CaseManager = Annotated[Principal, allow(Role.CASE_MANAGER)]
Transaction = Annotated[Connection, transaction()]
Shown = Annotated[
    str | None,
    Header(alias="Second-Factor", max_length=200, description="The `proof` that POST /me/codes/redeem gave."),
]


class CodeAsked(Body):
    purpose: CodePurpose


class CodeTyped(Body):
    purpose: CodePurpose
    code: Annotated[str, Field(pattern=rf"^[0-9]{{{DIGITS}}}$", repr=False)]


class RedeemedView(BaseModel):
    """`proof` goes with each request as header `Second-Factor`; None where the contact was verified."""

    proof: str | None = Field(repr=False)
    expires_at: datetime | None


class StaffCodeView(BaseModel):
    """To be told to the participant in a talk."""

    code: str = Field(repr=False)


async def _proven(request: Request, who: Participant, proof: Shown = None) -> None:
    database: Database = request.app.state.database
    async with database.read() as conn:
        await second_factor.check_proof(conn, _vault(request), enquiry_of(who), proof)


def needs_second_factor() -> Any:
    """A participant's route goes on only with a proof in header `Second-Factor`: 403 `second-factor-needed` without,
    404 for a token that names nobody. For a route's `dependencies`; the guard stands in the route as ever.
    """
    return Depends(_proven)


@router.post("/me/codes", status_code=202)
async def ask_code(body: CodeAsked, who: Participant, tx: Transaction, request: Request) -> None:
    """Sends a one-time code to my contact: to verify it, or, once it is, as second factor."""
    if not request.app.state.settings.smtp_host:
        raise NoWayToSend
    await second_factor.send_code(tx, _vault(request), enquiry_of(who), body.purpose)


async def _tried(body: CodeTyped, who: Participant, request: Request) -> UUID | None:
    """Before the request's transaction begins, so that none waits for a second connection while it holds one."""
    database: Database = request.app.state.database
    async with database.transaction() as conn:
        return await second_factor.check_code(conn, _vault(request), enquiry_of(who), body.purpose, body.code)


Tried = Annotated[UUID | None, Depends(_tried)]


@router.post("/me/codes/redeem")
async def redeem_code(
    body: CodeTyped,
    who: Participant,
    code_id: Annotated[UUID | None, Depends(_tried)],
    tx: Transaction,
    request: Request,
) -> RedeemedView:
    """The code that I got, once. A wrong one is counted, whatever else becomes of the request."""
    proof = await second_factor.redeem(tx, _vault(request), enquiry_of(who), body.purpose, code_id)
    return RedeemedView(proof=proof and proof.secret, expires_at=proof and proof.expires_at)


@router.post("/persons/by-enquiry/{enquiry_id}/second-factor")
async def confirm(enquiry_id: UUID, who: CaseManager, tx: Transaction, request: Request) -> StaffCodeView:
    """The case manager responsible confirms who it is, by a code for the participant; the access log has it."""
    staff = Staff(who.subject, Role.CASE_MANAGER)
    return StaffCodeView(code=await second_factor.confirm_by_staff(tx, _vault(request), staff, enquiry_id))


def enquiry_of(who: Principal) -> UUID:
    """Raises NotFound for a token that names no enquiry."""
    if who.enquiry_id is None:
        raise NotFound
    return who.enquiry_id


def _vault(request: Request) -> Vault:
    vault: Vault = request.app.state.vault
    return vault
