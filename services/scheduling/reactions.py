"""What scheduling does when it hears others. A refusal of the domain is recorded, and the next event follows."""

from services.scheduling import commands, commands_cases, store_lead_times
from services.scheduling import store_resources as resources
from services.scheduling.resources import Kind, Resource
from services.scheduling.rules import Rule
from services.scheduling.spans import Span
from services.scheduling.windows import Window
from shared.consumer import Reactions
from shared.contracts.case import CaseAssigned, CasePhaseChanged, CaseUnassigned, CounsellingRequested
from shared.contracts.intake import EnquiryWithdrawn
from shared.contracts.interpreter import (
    CandidateBarred,
    CandidatesRanked,
    CandidatesReordered,
    InterpreterAvailabilityChanged,
    InterpreterProfileChanged,
    LeadTimesChanged,
    OfferAccepted,
    OfferDeclined,
    OfferExpired,
    OfferWithdrawn,
)
from shared.contracts.person import ConsentGiven, ConsentRevoked, CounsellingExpired
from shared.contracts.recurrence import HoursRule
from shared.contracts.vocabulary import Phase
from shared.database import Connection
from shared.envelope import Envelope
from shared.rebuilding import ReadModel


async def counselling_requested(conn: Connection, event: Envelope[CounsellingRequested]) -> None:
    await commands.request(conn, event.data)


async def phase_changed(conn: Connection, event: Envelope[CasePhaseChanged]) -> None:
    if event.data.phase is Phase.CLOSED:
        await commands_cases.close_case(conn, event.data.case_id, event.data.enquiry_id)


async def case_assigned(conn: Connection, event: Envelope[CaseAssigned]) -> None:
    await commands_cases.assigned(conn, event.data)


async def case_unassigned(conn: Connection, event: Envelope[CaseUnassigned]) -> None:
    await commands_cases.unassigned(conn, event.data)


async def consent_given(conn: Connection, event: Envelope[ConsentGiven]) -> None:
    """Person decides which of them counselling stands on, and when that ends."""
    if event.data.allows_counselling:
        await commands_cases.allow_counselling(conn, event.data.enquiry_id)


async def consent_revoked(conn: Connection, event: Envelope[ConsentRevoked]) -> None:
    if event.data.ends_counselling:
        await commands_cases.end_counselling(conn, event.data.enquiry_id)


async def counselling_expired(conn: Connection, event: Envelope[CounsellingExpired]) -> None:
    await commands_cases.end_counselling(conn, event.data.enquiry_id)


async def enquiry_withdrawn(conn: Connection, event: Envelope[EnquiryWithdrawn]) -> None:
    await commands_cases.withdraw(conn, event.data.enquiry_id)


async def candidates_ranked(conn: Connection, event: Envelope[CandidatesRanked]) -> None:
    await commands.rank(conn, event.data)


async def candidates_reordered(conn: Connection, event: Envelope[CandidatesReordered]) -> None:
    await commands.reorder(conn, event.data)


async def offer_accepted(conn: Connection, event: Envelope[OfferAccepted]) -> None:
    await commands.accept(conn, event.data.booking_id, event.data.interpreter_id)


async def offer_refused(conn: Connection, event: Envelope[OfferDeclined] | Envelope[OfferExpired]) -> None:
    """Silence is never acceptance."""
    await commands.swap(conn, event.data.booking_id, event.data.interpreter_id)


async def offer_withdrawn(conn: Connection, event: Envelope[OfferWithdrawn]) -> None:
    await commands.swap(conn, event.data.booking_id, event.data.interpreter_id, had_agreed=True)


async def candidate_barred(conn: Connection, event: Envelope[CandidateBarred]) -> None:
    """Whether they were only held, or had agreed already."""
    await commands.bar(conn, event.data.booking_id, event.data.interpreter_id)


async def profile_changed(conn: Connection, event: Envelope[InterpreterProfileChanged]) -> None:
    told = event.data
    interpreter = Resource(
        id=told.interpreter_id,
        kind=Kind.INTERPRETER,
        ags=tuple(told.municipalities),
        languages=tuple(told.languages),
        active=told.active,
        stands_in_for=tuple(told.stands_in_for),
    )
    await resources.learn_profile(conn, interpreter, event.time)


async def availability_changed(conn: Connection, event: Envelope[InterpreterAvailabilityChanged]) -> None:
    """Raises WindowUpsideDown, RuleUnusable: then what was known stays."""
    windows = [Window(window.weekday, window.starts, window.ends) for window in event.data.windows]
    rules = [Rule.of(HoursRule.heard(rule)) for rule in event.data.rules]
    if await resources.learn_windows(conn, event.data.interpreter_id, windows, event.time, rules):
        away = [Span(absence.starts_at, absence.ends_at) for absence in event.data.absences]
        await resources.replace_absences(conn, event.data.interpreter_id, away)


async def lead_times_changed(conn: Connection, event: Envelope[LeadTimesChanged]) -> None:
    await store_lead_times.learn(conn, event.data.lead_times, event.time)


OF_INTERPRETERS: Reactions = {
    LeadTimesChanged: lead_times_changed,
    InterpreterProfileChanged: profile_changed,
    InterpreterAvailabilityChanged: availability_changed,
}
INTERPRETERS = ReadModel(
    "interpreters",
    ["resource", "availability_window", "availability_rule", "absence", "lead_time"],
    OF_INTERPRETERS,
    resources.take_over_rebuilt,
)

REACTIONS: Reactions = {
    CounsellingRequested: counselling_requested,
    CasePhaseChanged: phase_changed,
    CaseAssigned: case_assigned,
    CaseUnassigned: case_unassigned,
    ConsentGiven: consent_given,
    ConsentRevoked: consent_revoked,
    CounsellingExpired: counselling_expired,
    EnquiryWithdrawn: enquiry_withdrawn,
    CandidatesRanked: candidates_ranked,
    CandidatesReordered: candidates_reordered,
    OfferAccepted: offer_accepted,
    OfferDeclined: offer_refused,
    OfferExpired: offer_refused,
    OfferWithdrawn: offer_withdrawn,
    CandidateBarred: candidate_barred,
    **OF_INTERPRETERS,
}
