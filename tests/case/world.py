"""Case as the tests drive it, with a clock of their own: posts, enquiries, talks, and what was told."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from services.case import commands, store
from services.case import store_managers as managers
from services.case.app import build
from services.case.case import Case, ClosingOutcome, ClosingReason, Ending
from services.case.commands import Edit
from services.case.manager import CaseManager
from services.case.talks import TalkWish
from shared import erasure
from shared.consent_rules import COUNSELLING
from shared.contracts.base import Event
from shared.contracts.intake import EnquiryAccepted, EnquiryWithdrawn
from shared.contracts.person import ConsentGiven, ConsentRevoked, CounsellingExpired, PersonErased, PersonRegistered
from shared.contracts.scheduling import (
    BookingAttended,
    BookingConfirmed,
    BookingEvent,
    BookingMissed,
    BookingReleased,
    BookingRequested,
    LanguageUnmet,
)
from shared.contracts.vocabulary import ConsentKind, Mode, Phase, Purpose, ReleaseReason, Topic, WithdrawalReason
from shared.database import Connection, Database
from shared.envelope import Envelope
from shared.ids import new_id
from shared.settings import Settings
from tests.told import told

DINSLAKEN, MOERS = "05170008", "05170024"
NOON = datetime(2026, 11, 2, 11, tzinfo=UTC)
"""12:00 in Berlin."""
TODAY = NOON.date()
REACTIONS = build(Settings()).reactions
E = TypeVar("E", bound=Event)


def accepted(**changed: Any) -> EnquiryAccepted:
    """An enquiry from Dinslaken, in Tigrinya, on housing and residence."""
    good = {
        "enquiry_id": new_id(),
        "ags": DINSLAKEN,
        "topics": [Topic.HOUSING, Topic.RESIDENCE],
        "languages": ["ti"],
        "mode": Mode.IN_PERSON,
        "accepted_on": TODAY,
    }
    return EnquiryAccepted.model_validate(good | changed)


def manager(**changed: Any) -> CaseManager:
    """Somebody who works full time in Dinslaken."""
    good: dict[str, Any] = {
        "id": new_id(),
        "fte": Decimal(1),
        "municipalities": frozenset({DINSLAKEN}),
        "languages": frozenset({"de"}),
        "topics": frozenset(Topic),
    }
    return CaseManager(**good | changed)


@dataclass
class World:
    database: Database
    now: datetime = NOON

    @property
    def today(self) -> date:
        return self.now.date()

    def pass_time(self, span: timedelta) -> None:
        self.now += span

    async def post(self, **changed: Any) -> CaseManager:
        """A case manager."""
        made = manager(**changed)
        async with self.database.transaction() as conn:
            await managers.put(conn, made)
        return made

    async def hear(self, event: Event) -> None:
        """An event as the consumer hands it over, in a transaction of its own. What concerns the erased is dropped."""
        envelope = Envelope(
            id=new_id(),
            type=event.type,
            source="/test",
            subject=event.subject_id,
            time=self.now,
            traceparent=None,
            data=event,
        )
        async with self.database.transaction() as conn:
            if isinstance(event, PersonErased) or not await _is_forgotten(conn, event):
                await REACTIONS[type(event)](conn, envelope)

    async def accept(self, **changed: Any) -> Case:
        """An accepted enquiry, and the case that it has become."""
        enquiry = accepted(**changed)
        await self.hear(enquiry)
        case = await self.of(enquiry.enquiry_id)
        assert case
        return case

    async def withdraw(self, enquiry_id: UUID) -> None:
        await self.hear(
            EnquiryWithdrawn(
                enquiry_id=enquiry_id,
                ags=DINSLAKEN,
                reason=WithdrawalReason.BY_PARTICIPANT,
                withdrawn_on=self.today,
            )
        )

    async def register(self, enquiry_id: UUID) -> UUID:
        """Returns the id of the person."""
        person = new_id()
        await self.hear(PersonRegistered(person_id=person, enquiry_id=enquiry_id))
        return person

    async def erase(self, *enquiry_ids: UUID) -> None:
        await self.hear(PersonErased(person_id=new_id(), enquiry_ids=list(enquiry_ids)))

    async def confirm(self, case: Case, booking_id: UUID, *, replaces: UUID | None = None) -> None:
        starts = self.now + timedelta(days=7)
        values = {
            "starts_at": starts,
            "ends_at": starts + timedelta(hours=1),
            "mode": case.mode,
            "case_manager_id": case.case_manager_id,
            "room_id": None,
            "interpreter_id": None,
            "language": None,
            "confirmed_on": self.today,
            "replaces": replaces,
        }
        await self._booking(BookingConfirmed, case, booking_id, values)

    async def book_of_series(self, case: Case, counselling_id: UUID, booking_id: UUID) -> None:
        """Scheduling asks for a talk of a series."""
        values = {
            "counselling_id": counselling_id,
            "series_id": new_id(),
            "duration_minutes": 60,
            "interpreter_needed": False,
            "mode": case.mode,
            "requested_on": self.today,
        }
        await self._booking(BookingRequested, case, booking_id, values)

    async def unmet(self, case: Case, booking_id: UUID) -> None:
        await self._booking(LanguageUnmet, case, booking_id, {"languages": case.languages, "unmet_on": self.today})

    async def release(
        self,
        case: Case,
        booking_id: UUID,
        reason: ReleaseReason = ReleaseReason.CANCELLED,
        *,
        replaces: UUID | None = None,
    ) -> None:
        values = {"reason": reason, "released_on": self.today, "replaces": replaces}
        await self._booking(BookingReleased, case, booking_id, values)

    async def miss(self, case: Case, booking_id: UUID) -> None:
        await self._booking(BookingMissed, case, booking_id, {"missed_on": self.today})

    async def attend(self, case: Case, booking_id: UUID) -> None:
        await self._booking(BookingAttended, case, booking_id, {"attended_on": self.today})

    async def ask_for_talk(self, case: Case, wish: TalkWish | None = None) -> UUID:
        assert case.case_manager_id
        async with self.database.transaction() as conn:
            return await commands.request_talk(conn, case.case_id, case.case_manager_id, wish or TalkWish())

    async def move(self, case: Case, phase: Phase, reason: ClosingReason | None = None) -> Case:
        assert case.case_manager_id
        async with self.database.transaction() as conn:
            edit = Edit(case.case_id, case.version)
            ending = Ending(reason, ClosingOutcome.IMPROVED) if reason else None
            return await commands.change_phase(conn, edit, case.case_manager_id, phase, ending)

    async def in_phase(self, phase: Phase, **changed: Any) -> Case:
        """A case that was led there, whose first talk is confirmed."""
        case = await self.accept(**changed)
        await self.confirm(case, new_id())
        for step in (Phase.ASSESSMENT, Phase.PLANNING, Phase.LINKING, Phase.CLOSED):
            if case.phase is phase:
                break
            if step is not Phase.CLOSED:
                case = await self.move(case, step)
        return await self.close(case) if phase is Phase.CLOSED else case

    async def consent(
        self, case: Case, recipient: str, purpose: Purpose = Purpose.REFERRAL, **changed: Any
    ) -> list[UUID]:
        """One of each kind. Returns their ids."""
        ids = []
        for kind in ConsentKind:
            good = {
                "person_id": new_id(),
                "consent_id": new_id(),
                "enquiry_id": case.enquiry_id,
                "kind": kind,
                "recipient": recipient,
                "purpose": purpose,
                "valid_until": self.today + timedelta(days=100),
                "allows_counselling": (kind, recipient, purpose) == COUNSELLING,
            }
            given = ConsentGiven.model_validate(good | changed)
            await self.hear(given)
            ids.append(given.consent_id)
        return ids

    async def revoke(self, case: Case, consent_id: UUID, *, ends_counselling: bool = False) -> None:
        await self.hear(
            ConsentRevoked(
                person_id=new_id(),
                consent_id=consent_id,
                enquiry_id=case.enquiry_id,
                revoked_on=self.today,
                ends_counselling=ends_counselling,
            )
        )

    async def expire(self, case: Case) -> None:
        """Person tells that the last consent to counselling is over by the clock."""
        await self.hear(CounsellingExpired(person_id=new_id(), enquiry_id=case.enquiry_id, expired_on=self.today))

    async def close(self, case: Case) -> Case:
        return await self.move(case, Phase.CLOSED, ClosingReason.GOALS_REACHED)

    async def assign_waiting(self) -> int:
        async with self.database.transaction() as conn:
            return await commands.assign_waiting(conn)

    async def of(self, enquiry_id: UUID) -> Case | None:
        async with self.database.transaction() as conn:
            return await store.load_of_enquiry(conn, enquiry_id)

    async def stored(self, case: Case) -> Case:
        async with self.database.read() as conn:
            return await store.look(conn, case.case_id)

    async def told(self) -> list[Event]:
        """Every event so far, in order."""
        return await told(self.database)

    async def last(self, event: type[E]) -> E:
        return [each for each in await self.told() if isinstance(each, event)][-1]

    async def names(self) -> list[str]:
        return [type(told).__name__ for told in await self.told()]

    async def _booking(self, event: type[BookingEvent], case: Case, booking_id: UUID, values: dict[str, Any]) -> None:
        ids = {"booking_id": booking_id, "case_id": case.case_id, "enquiry_id": case.enquiry_id, "ags": case.ags}
        await self.hear(event.model_validate(ids | values))


async def _is_forgotten(conn: Connection, event: Event) -> bool:
    digests = [erasure.digest(enquiry_id) for enquiry_id in event.enquiries]
    return bool(await conn.fetchval("select exists (select from forgotten where digest = any($1::bytea[]))", digests))
