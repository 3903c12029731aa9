"""What intake does when it hears of others."""

from services.intake import commands
from shared.consumer import Handler
from shared.contracts.base import Event
from shared.contracts.person import ConsentRevoked, CounsellingExpired, PersonRegistered
from shared.contracts.vocabulary import WithdrawalReason
from shared.database import Connection
from shared.envelope import Envelope


async def on_registered(conn: Connection, event: Envelope[PersonRegistered]) -> None:
    await commands.drop_sealed(conn, event.data.enquiry_id)


async def on_revoked(conn: Connection, event: Envelope[ConsentRevoked]) -> None:
    """What was accepted goes on as a case, which hears of it too."""
    if event.data.ends_counselling:
        await commands.withdraw_waiting(conn, event.data.enquiry_id, WithdrawalReason.BY_PARTICIPANT)


async def on_expired(conn: Connection, event: Envelope[CounsellingExpired]) -> None:
    """The same where nobody has decided before the consent was over."""
    await commands.withdraw_waiting(conn, event.data.enquiry_id, WithdrawalReason.CONSENT_EXPIRED)


REACTIONS: dict[type[Event], Handler] = {
    PersonRegistered: on_registered,
    ConsentRevoked: on_revoked,
    CounsellingExpired: on_expired,
}
