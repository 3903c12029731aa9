"""The use cases of intake: load, verb, save, append. Each runs in the transaction of whoever calls it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.intake import consents, domain, store
from services.intake.access import own
from services.intake.consents import Chosen
from services.intake.domain import Asked, Change, Enquiry, Status
from services.intake.participant_code import code_hash, new_code
from services.intake.store import Sealed
from shared import outbox
from shared.auth import Principal
from shared.clock import today
from shared.contracts.vocabulary import ReferralService, WithdrawalReason
from shared.database import Connection
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class Received:
    enquiry: Enquiry
    code: str
    """The participant's; kept nowhere, so this is the one time that it can be shown."""


async def receive(  # noqa: PLR0913, PLR0917 - what an enquiry is made of
    conn: Connection,
    code_key: bytes,
    asked: Asked,
    chosen: Sequence[Chosen],
    sealed: Sealed,
    clerk_id: UUID | None = None,
) -> Received:
    """Takes an enquiry in, from the participant or from the clerk who recorded it. Raises the errors of `consents`."""
    on, code = today(), new_code()
    given = consents.given(chosen, asked.place.office, on, [new_id() for _ in chosen], clerk_id)
    enquiry, events = domain.receive(new_id(), asked, given, on)
    await store.insert(conn, enquiry, code_hash(code_key, code), sealed)
    await outbox.append(conn, *events)
    return Received(enquiry, code)


async def triage(conn: Connection, enquiry_id: UUID, who: Principal, service: ReferralService | None) -> Enquiry:
    """A clerk accepts, or redirects to the service named. Raises NotFound, AlreadyDecided."""
    enquiry = own(await store.load(conn, enquiry_id), who)
    if service is None:
        return await _save(conn, domain.accept(enquiry, today()))
    return await _save(conn, domain.redirect(enquiry, service, today()))


async def withdraw(conn: Connection, enquiry_id: UUID, who: Principal, reason: WithdrawalReason) -> Enquiry:
    """Raises NotFound, AlreadyDecided."""
    enquiry = own(await store.load(conn, enquiry_id), who)
    return await _save(conn, domain.withdraw(enquiry, reason, today()))


async def withdraw_waiting(conn: Connection, enquiry_id: UUID, reason: WithdrawalReason) -> None:
    """The consent to be counselled was taken back, or is over: nothing is left to decide. Raises NotFound."""
    enquiry = await store.load(conn, enquiry_id)
    if enquiry.status is Status.WAITING:
        await _save(conn, domain.withdraw(enquiry, reason, today()))


async def revoke_code(conn: Connection, enquiry_id: UUID, who: Principal) -> None:
    """From now on the code opens nothing; a token that it gave before still ends by itself. Raises NotFound."""
    enquiry = own(await store.load(conn, enquiry_id), who)
    await store.drop_code(conn, enquiry.id)


async def drop_sealed(conn: Connection, enquiry_id: UUID) -> None:
    """The vault has it now."""
    await store.drop_sealed(conn, enquiry_id)


async def _save(conn: Connection, change: Change) -> Enquiry:
    enquiry, events = change
    await store.save(conn, enquiry)
    await outbox.append(conn, *events)
    return enquiry
