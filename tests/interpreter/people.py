"""Interpreters, talks and bookings for tests."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.interpreter.domain import Credentials, Interpreter, Level, SpokenLanguage
from services.interpreter.working_days import nth_working_day
from shared.clock import BERLIN, now
from shared.contracts.scheduling import (
    BookingAttended,
    BookingConfirmed,
    BookingHeld,
    BookingMissed,
    BookingReleased,
    BookingTakenOver,
    InterpreterRequested,
    InterpreterSwapped,
    Slot,
)
from shared.contracts.vocabulary import Gender, Mode, ReleaseReason, Topic
from shared.ids import new_id

DINSLAKEN, ALPEN = "05170008", "05170004"
TODAY = now().astimezone(BERLIN).date()
IN_A_YEAR = TODAY + timedelta(days=365)
DAY_OF_TALK = nth_working_day(TODAY, 10)
STARTS_AT = datetime(DAY_OF_TALK.year, DAY_OF_TALK.month, DAY_OF_TALK.day, 9, tzinfo=UTC)
ENDS_AT = STARTS_AT + timedelta(minutes=90)


def languages(**levels: str) -> tuple[SpokenLanguage, ...]:
    return tuple(SpokenLanguage(language=tag, level=Level(level)) for tag, level in levels.items())


def credentials(until: date | None = IN_A_YEAR, sworn: date | None = None) -> Credentials:
    return Credentials(certificate_of_conduct=until, data_secrecy=until, sworn=sworn)


def interpreter(**changed: Any) -> Interpreter:
    """Speaks Tigrinya, serves Dinslaken and has what every pot requires."""
    good = {
        "id": new_id(),
        "gender": Gender.FEMALE,
        "languages": languages(ti="native", de="c1"),
        "municipalities": (DINSLAKEN,),
        "base_postcode": "46483",
        "credentials": credentials(),
        "active": True,
    }
    return Interpreter.model_validate(good | changed)


def body(**changed: Any) -> dict[str, Any]:
    """The same as the body of a PUT."""
    return interpreter(**changed).model_dump(mode="json", exclude={"id", "conflicts"})


class Booking:
    """One booking of scheduling, and what is published of it."""

    def __init__(self, case_id: UUID | None = None, ags: str = DINSLAKEN) -> None:
        self.ids = {"booking_id": new_id(), "case_id": case_id or new_id(), "enquiry_id": new_id(), "ags": ags}
        self.when = {"starts_at": STARTS_AT, "ends_at": ENDS_AT, "mode": Mode.IN_PERSON}
        self.all = {"case_manager_id": new_id(), "room_id": new_id(), "language": "ti"}

    @property
    def id(self) -> UUID:
        return UUID(str(self.ids["booking_id"]))

    def requested(self, *slots: tuple[Slot, list[UUID]], **changed: Any) -> InterpreterRequested:
        asked = {
            "languages": ["ti"],
            "topics": [Topic.HOUSING, Topic.RESIDENCE],
            "mode": Mode.IN_PERSON,
            "slots": [slot for slot, _ in slots],
            "free": {slot.slot_id: free for slot, free in slots},
            "requested_on": TODAY,
        }
        return InterpreterRequested(**(self.ids | asked | changed))

    def held(self, interpreter_id: UUID | None, **changed: Any) -> BookingHeld:
        hold = {"interpreter_id": interpreter_id, "expires_at": now() + timedelta(hours=6), "held_on": TODAY}
        return BookingHeld(**(self.ids | self.when | self.all | hold | changed))

    def swapped(self, interpreter_id: UUID) -> InterpreterSwapped:
        swap = {"interpreter_id": interpreter_id, "language": "ti", "swapped_on": TODAY}
        return InterpreterSwapped(**(self.ids | self.when | swap | {"expires_at": now() + timedelta(hours=6)}))

    def confirmed(self, interpreter_id: UUID | None, **changed: Any) -> BookingConfirmed:
        confirmation = {"interpreter_id": interpreter_id, "confirmed_on": TODAY}
        return BookingConfirmed(**(self.ids | self.when | self.all | confirmation | changed))

    def taken_over(self, case_manager_id: UUID) -> BookingTakenOver:
        return BookingTakenOver(**self.ids, **self.when, case_manager_id=case_manager_id, taken_over_on=TODAY)

    def attended(self) -> BookingAttended:
        return BookingAttended(**self.ids, attended_on=TODAY)

    def missed(self) -> BookingMissed:
        return BookingMissed(**self.ids, missed_on=TODAY)

    def released(self) -> BookingReleased:
        return BookingReleased(**self.ids, reason=ReleaseReason.CANCELLED, released_on=TODAY)


def slot(starts_at: datetime = STARTS_AT) -> Slot:
    return Slot(slot_id=new_id(), starts_at=starts_at, ends_at=starts_at + timedelta(minutes=90))
