"""Every event there is, by its CloudEvents type. Schemas, AsyncAPI and dispatch are made from this table."""

from shared.contracts import case, coordination, erasure, intake, interpreter, person, scheduling
from shared.contracts.base import Event

PUBLISHERS: dict[str, tuple[type[Event], ...]] = {
    "intake": (
        intake.EnquiryReceived,
        intake.EnquiryAccepted,
        intake.EnquiryRedirected,
        intake.EnquiryWithdrawn,
        erasure.IntakeErased,
    ),
    "case": (
        case.CaseOpened,
        case.CaseAssigned,
        case.CounsellingRequested,
        case.InterpretingNeedsChanged,
        case.CasePhaseChanged,
        case.CaseUnassigned,
        case.ReferralChanged,
        case.StepReminded,
        case.FindingReported,
        erasure.CaseErased,
    ),
    "scheduling": (
        scheduling.BookingRequested,
        scheduling.InterpreterRequested,
        scheduling.BookingProposed,
        scheduling.BookingHeld,
        scheduling.InterpreterSwapped,
        scheduling.BookingConfirmed,
        scheduling.BookingAttended,
        scheduling.BookingMissed,
        scheduling.ReminderDue,
        scheduling.BookingTakenOver,
        scheduling.BookingReleased,
        scheduling.LanguageUnmet,
        erasure.SchedulingErased,
    ),
    "interpreter": (
        interpreter.InterpreterProfileChanged,
        interpreter.InterpreterAvailabilityChanged,
        interpreter.LeadTimesChanged,
        interpreter.CandidatesRanked,
        interpreter.CandidateBarred,
        interpreter.CandidatesReordered,
        interpreter.OfferMade,
        interpreter.OfferAccepted,
        interpreter.OfferDeclined,
        interpreter.OfferExpired,
        interpreter.OfferRetracted,
        interpreter.OfferWithdrawn,
        interpreter.FeedbackGiven,
        erasure.InterpreterErased,
    ),
    "person": (
        person.PersonRegistered,
        person.ConsentGiven,
        person.ConsentRevoked,
        person.CounsellingExpired,
        person.PersonMerged,
        person.PersonMergeUndone,
        person.ConflictsStated,
        person.InterpreterConflictsStated,
        person.PersonErased,
    ),
    "coordination": (coordination.MeasureProposed, coordination.MeasureDecided, erasure.CoordinationErased),
}
EVENTS: dict[str, type[Event]] = {event.type: event for events in PUBLISHERS.values() for event in events}
TOPICS: dict[str, str] = {name: f"kim.{name}.v1" for name in PUBLISHERS}
"""Publisher -> its one topic."""


def municipal_topic(ags: str) -> str:
    return f"kim.municipality.{ags}.v1"
