"""The hand-over of sealed blocks from intake to the vault, outside any handler.

A row says that a block is due. It is postponed before the fetch and deleted in the transaction that stores the
contact, so a crash in between costs a pause and nothing else: intake keeps its copy until it hears of that commit.
"""

from functools import partial
from typing import NamedTuple
from uuid import UUID

import structlog
from pydantic import ValidationError

from services.person import commands, crypto, domain, keys, store
from services.person.crypto import Key, Undecipherable
from services.person.domain import FetchFailure
from services.person.due import in_turn
from services.person.intake import Intake, IntakeAway, NoBlock
from services.person.store import FetchDue
from services.person.vault import Vault
from shared.clock import now
from shared.database import Database
from shared.sealing import SealedContact

log = structlog.get_logger()


class _Claim(NamedTuple):
    enquiry_id: UUID
    private_keys: list[Key]


class Handover:
    def __init__(self, vault: Vault, intake: Intake) -> None:
        self._vault = vault
        self._intake = intake

    async def run(self, database: Database) -> None:
        """Fetches what is due. Ends early where intake is away; what failed for good is marked, counted and logged."""
        await in_turn(partial(self._claim, database), partial(self._hand_over, database))

    async def _claim(self, database: Database) -> _Claim | None:
        """Takes the next one that is due, by postponing it as if it had failed."""
        async with database.transaction() as conn:
            due = await store.next_fetch(conn, now())
            if due is None:
                return None
            attempt = FetchDue(due.enquiry_id, due.attempts + 1)
            await store.postpone_fetch(conn, attempt, now() + domain.retry_after(attempt.attempts))
            return _Claim(due.enquiry_id, await keys.private_keys(conn, self._vault))

    async def _hand_over(self, database: Database, claim: _Claim) -> bool:
        """False: intake is away."""
        try:
            block = await self._intake.sealed_block(claim.enquiry_id)
            contact = SealedContact.model_validate_json(crypto.unseal(claim.private_keys, block))
        except IntakeAway:
            log.warning("handover.intake_away", enquiry_id=str(claim.enquiry_id))
            return False
        except NoBlock:
            await self._fail(database, claim.enquiry_id, FetchFailure.MISSING)
        except Undecipherable:
            await self._fail(database, claim.enquiry_id, FetchFailure.UNDECIPHERABLE)
        except ValidationError:
            await self._fail(database, claim.enquiry_id, FetchFailure.UNREADABLE)
        else:
            async with database.transaction() as conn:
                await commands.register(conn, self._vault, claim.enquiry_id, contact)
        return True

    async def _fail(self, database: Database, enquiry_id: UUID, failure: FetchFailure) -> None:
        async with database.transaction() as conn:
            await store.fail_fetch(conn, enquiry_id, failure)
        log.error("handover.failed", enquiry_id=str(enquiry_id), failure=failure)
